-- Walking back from a chained account's newest transfer meets all its transfers, in the order in which they were posted.
WITH steps AS (
    SELECT m.account, m.id, m.before,
        lag(m.id, 1, 0::bigint) OVER (PARTITION BY m.account ORDER BY m.batch, m.place) AS expected,
        lead(m.id) OVER (PARTITION BY m.account ORDER BY m.batch, m.place) IS NULL AS newest
    FROM (
        SELECT debit AS account, id, previous_debit AS before, batch, place FROM transfers WHERE bucket = :bucket
        UNION ALL
        SELECT credit, id, previous_credit, batch, place FROM transfers WHERE bucket = :bucket
    ) m
    JOIN accounts a ON a.bucket = :bucket AND a.id = m.account AND a.flags & 8 <> 0
)
SELECT format('transfer %s of account %s names %s as the one before it instead of %s', s.id, s.account, s.before, s.expected)
FROM steps s
WHERE s.before <> s.expected
UNION ALL
SELECT format('account %s names %s as its newest transfer instead of %s', a.id, a.last_transfer, coalesce(s.id, 0))
FROM accounts a
LEFT JOIN steps s ON s.account = a.id AND s.newest
WHERE a.bucket = :bucket AND a.flags & 8 <> 0 AND a.last_transfer <> coalesce(s.id, 0)
