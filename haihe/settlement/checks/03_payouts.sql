-- Every fee and every part of a payout was posted once and whole: out of its till, then to the bank or back; nothing else was.
WITH gone AS MATERIALIZED (
    SELECT id, debit, credit, amount, names, kind
    FROM transfers
    WHERE bucket = :bucket AND kind IN (9, 10, 11)
)
SELECT format('the fee %s of organisation %s on %s does not match its posting', coalesce(s.fee_posting, t.id), s.organisation, s.day)
FROM (SELECT * FROM settlement_shares WHERE bucket = :bucket AND fee_posted) s
FULL JOIN (SELECT * FROM gone WHERE kind = 9) t ON t.id = s.fee_posting
WHERE (s.organisation, 5::bigint, s.fee) IS DISTINCT FROM (t.debit, t.credit, t.amount)
UNION ALL
SELECT format('payout %s does not match the transfer %s out of its till', p.payout, coalesce(p.posting, t.id))
FROM (SELECT * FROM payout_portions WHERE bucket = :bucket AND is_moved AND amount > 0) p
FULL JOIN (SELECT * FROM gone WHERE credit = 8) t ON t.id = p.posting
WHERE (p.organisation, p.amount) IS DISTINCT FROM (t.debit, t.amount)
UNION ALL
SELECT format('payout %s, of status %s, does not match the transfer %s that ends it', p.payout, p.status, coalesce(p.ending, t.id))
FROM (
    SELECT r.*, o.status
    FROM payout_portions r
    JOIN payouts o ON o.id = r.payout
    WHERE r.bucket = :bucket AND r.is_ended AND r.amount > 0
) p
FULL JOIN (SELECT * FROM gone WHERE debit = 8) t ON t.id = p.ending
WHERE (p.posting, p.amount, CASE p.status WHEN 2 THEN 1 WHEN 3 THEN p.organisation END) IS DISTINCT FROM (t.names, t.amount, t.credit)
UNION ALL
SELECT format('payout %s is %s fen, its parts %s', o.id, o.amount, p.amount)
FROM payouts o
JOIN (SELECT payout, sum(amount) AS amount FROM payout_portions GROUP BY payout) p ON p.payout = o.id
WHERE o.amount <> p.amount AND o.status <> 0 AND :bucket = 0
UNION ALL
SELECT format('organisation %s was paid %s fen more than its closed days brought', w.organisation, -w.owed)
FROM (
    SELECT m.organisation, sum(m.amount) AS owed, bool_or(m.is_minus) AS has_minus
    FROM (
        SELECT s.organisation, s.gross - s.refunded - s.fee AS amount, s.gross < s.refunded AS is_minus FROM settlement_shares s
        UNION ALL
        SELECT p.organisation, -p.amount, false FROM payout_portions p JOIN payouts o ON o.id = p.payout WHERE o.status <> 3 AND p.is_moved
    ) m
    GROUP BY m.organisation
) w
WHERE w.owed < 0 AND NOT w.has_minus AND :bucket = 0
