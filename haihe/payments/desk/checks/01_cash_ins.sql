-- Every cash-in was posted once and whole, from its counter's till to its citizen's wallet, and back where it was reversed; nothing else was.
WITH cash AS MATERIALIZED (
    SELECT * FROM transfers WHERE bucket = :bucket AND kind = 14
)
SELECT format('cash-in %s of %s for citizen %s does not match its posting', coalesce(c.id, t.id), c.amount, c.citizen)
FROM (SELECT * FROM cash_ins WHERE bucket = :bucket) c
FULL JOIN (SELECT * FROM cash WHERE names = 0) t ON t.id = c.id
WHERE (c.organisation, c.citizen, c.amount) IS DISTINCT FROM (t.debit, t.credit, t.amount)
UNION ALL
SELECT format('reversal %s of cash-in %s does not match its posting', coalesce(r.id, t.id), r.cash_in)
FROM (SELECT * FROM cash_reversals WHERE bucket = :bucket) r
LEFT JOIN cash_ins c ON c.bucket = :bucket AND c.id = r.cash_in
FULL JOIN (SELECT * FROM cash WHERE names <> 0) t ON t.id = r.id
WHERE (c.id, c.citizen, c.organisation, c.amount) IS DISTINCT FROM (t.names, t.debit, t.credit, t.amount)
UNION ALL
-- A clerk's drawer holds what the clerk took on the day and did not give back.
SELECT format('the drawer of clerk %s on %s says %s, the cash-ins %s', coalesce(d.clerk, s.clerk), coalesce(d.day, s.day), d.amount, s.amount)
FROM cash_drawers d
FULL JOIN (
    SELECT c.clerk, c.day, coalesce(sum(c.amount) FILTER (WHERE r.id IS NULL), 0)::bigint AS amount
    FROM cash_ins c
    LEFT JOIN cash_reversals r ON r.bucket = c.bucket AND r.cash_in = c.id
    GROUP BY c.clerk, c.day
) s ON (s.clerk, s.day) = (d.clerk, d.day)
WHERE :bucket = 0 AND d.amount IS DISTINCT FROM s.amount
UNION ALL
-- What a counter began with is in the ledger so.
SELECT format('counter %s was to begin with %s and did not', f.organisation, f.amount)
FROM cash_floats f
LEFT JOIN transfers t ON t.bucket = :bucket AND t.id = f.posting
WHERE f.bucket = :bucket AND (t.debit, t.credit, t.amount, t.kind) IS DISTINCT FROM (1::bigint, f.organisation, f.amount, 3::smallint)
