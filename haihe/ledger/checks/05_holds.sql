-- A hold is what its transfer says, ends once, and its rest is its amount without what was captured and released; open rests are what accounts show as held.
WITH ended AS (
    SELECT names, sum(amount)::bigint AS amount, count(*) FILTER (WHERE phase = 3) AS releases
    FROM transfers
    WHERE bucket = :bucket AND phase > 1
    GROUP BY names
), held AS (
    SELECT m.account, sum(m.debit)::bigint AS debits, sum(m.credit)::bigint AS credits
    FROM (
        SELECT debit AS account, rest AS debit, 0 AS credit FROM holds WHERE bucket = :bucket AND rest > 0
        UNION ALL
        SELECT credit, 0, rest FROM holds WHERE bucket = :bucket AND rest > 0
    ) m
    GROUP BY m.account
)
SELECT format('hold %s has a rest of %s, its %s without %s is something else', h.id, h.rest, h.amount, coalesce(e.amount, 0))
FROM holds h
LEFT JOIN ended e ON e.names = h.id
WHERE h.bucket = :bucket AND (h.rest <> h.amount - coalesce(e.amount, 0) OR e.releases > 1 OR e.releases = 1 AND h.rest <> 0)
UNION ALL
SELECT format('hold %s is not what transfer %s says', coalesce(h.id, t.id), coalesce(t.id, h.id))
FROM (SELECT * FROM holds WHERE bucket = :bucket) h
FULL JOIN (
    SELECT t.id, t.debit, t.credit, t.amount, t.risk, b.booking_day
    FROM transfers t
    JOIN batches b ON b.bucket = t.bucket AND b.number = t.batch
    WHERE t.bucket = :bucket AND t.phase = 1
) t ON t.id = h.id
WHERE (h.id, h.debit, h.credit, h.amount, h.risk, h.booking_day) IS DISTINCT FROM (t.id, t.debit, t.credit, t.amount, t.risk, t.booking_day)
UNION ALL
SELECT format('transfer %s captures or releases %s between other accounts than that was held', t.id, t.names)
FROM transfers t
LEFT JOIN holds h ON h.bucket = t.bucket AND h.id = t.names
WHERE t.bucket = :bucket AND t.phase > 1 AND (h.debit, h.credit) IS DISTINCT FROM (t.debit, t.credit)
UNION ALL
SELECT format('account %s shows %s and %s as held, its open holds are %s and %s', coalesce(a.id, s.account), a.debits_pending, a.credits_pending, coalesce(s.debits, 0), coalesce(s.credits, 0))
FROM (SELECT id, debits_pending, credits_pending FROM accounts WHERE bucket = :bucket AND (debits_pending <> 0 OR credits_pending <> 0)) a
FULL JOIN held s ON s.account = a.id
WHERE a.id IS NULL OR a.debits_pending <> coalesce(s.debits, 0) OR a.credits_pending <> coalesce(s.credits, 0)
