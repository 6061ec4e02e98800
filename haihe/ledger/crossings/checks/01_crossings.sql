-- Every crossing left its bucket once, whole, and then is on its way, has arrived once, or came back once; nothing else uses a bridge.
WITH own AS (
    SELECT * FROM crossings WHERE bucket = :bucket
), bridged AS (
    SELECT * FROM transfers WHERE bucket = :bucket AND 3 IN (debit, credit)
)
SELECT format('crossing %s did not leave account %s with %s', c.id, c.debit, c.amount)
FROM own c
LEFT JOIN bridged t ON t.id = c.id
WHERE (t.debit, t.credit, t.amount, t.kind) IS DISTINCT FROM (c.debit, 3::bigint, c.amount, 7::smallint)
UNION ALL
SELECT format('crossing %s arrived in bucket %s, but the ledger there says otherwise', c.id, c.target)
FROM own c
LEFT JOIN transfers t ON t.bucket = c.target AND t.id = c.id
WHERE c.state = 1 AND (t.debit, t.credit, t.amount, t.kind) IS DISTINCT FROM (3::bigint, c.credit, c.amount, 7::smallint)
UNION ALL
SELECT format('crossing %s came back, but arrived in bucket %s as well', c.id, c.target)
FROM own c
JOIN transfers t ON t.bucket = c.target AND t.id = c.id
WHERE c.state = 2
UNION ALL
SELECT format('crossing %s (state %s) does not match what came back', c.id, c.state)
FROM own c
LEFT JOIN bridged t ON t.id = c.undo
WHERE (c.state = 2) IS DISTINCT FROM (t.id IS NOT NULL)
    OR c.state = 2 AND (t.debit, t.credit, t.amount, t.kind, t.names) IS DISTINCT FROM (3::bigint, c.back, c.amount, 11::smallint, c.id)
    OR c.state = 2 AND c.back NOT IN (c.debit, 4)
UNION ALL
SELECT format('transfer %s went onto the bridge without a crossing', t.id)
FROM bridged t
LEFT JOIN own c ON c.id = t.id
WHERE t.credit = 3 AND c.id IS NULL
UNION ALL
SELECT format('transfer %s came from the bridge without a crossing', t.id)
FROM bridged t
LEFT JOIN own undone ON undone.undo = t.id
LEFT JOIN crossings c ON c.target = :bucket AND c.id = t.id AND c.credit = t.credit AND c.amount = t.amount
WHERE t.debit = 3 AND undone.id IS NULL AND c.id IS NULL
