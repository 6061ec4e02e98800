-- Every withdrawal left its wallet once and whole, and went to the bank or back, naming the first step; what is open stands in transit.
WITH gone AS MATERIALIZED (
    SELECT id, debit, credit, amount, names, kind
    FROM transfers
    WHERE bucket = :bucket AND (debit = 2 OR credit = 2)
)
SELECT format('withdrawal %s does not match the transfer %s out of its wallet', w.id, t.id)
FROM (SELECT * FROM withdrawals WHERE bucket = :bucket) w
FULL JOIN (SELECT * FROM gone WHERE credit = 2) t ON t.id = w.id
WHERE (w.citizen, w.amount, 13::smallint) IS DISTINCT FROM (t.debit, t.amount, t.kind)
UNION ALL
SELECT format('withdrawal %s (status %s) does not match the transfer %s that ends it', w.id, w.status, t.id)
FROM (SELECT * FROM withdrawals WHERE bucket = :bucket AND status IN (1, 2, 4)) w
FULL JOIN (SELECT * FROM gone WHERE debit = 2) t ON t.id = w.ending
WHERE (w.id, w.amount, CASE w.status WHEN 1 THEN 1 WHEN 2 THEN w.citizen WHEN 4 THEN 4 END, CASE w.status WHEN 1 THEN 13 ELSE 11 END::smallint)
    IS DISTINCT FROM (t.names, t.amount, t.credit, t.kind)
UNION ALL
SELECT format('%s fen are in transit, and open withdrawals are %s', a.balance, w.amount)
FROM (SELECT credits_posted - debits_posted AS balance FROM accounts WHERE bucket = :bucket AND id = 2) a
CROSS JOIN (SELECT coalesce(sum(amount), 0) AS amount FROM withdrawals WHERE bucket = :bucket AND status IN (0, 3)) w
WHERE a.balance <> w.amount
