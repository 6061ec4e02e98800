-- The insurance fund paid of every paid clinic bill what the bill said, no more and no less.
SELECT format('payment %s of clinic bill %s took %s from the fund, not %s', p.id, p.point, coalesce(t.amount, 0), b.fund)
FROM payments p
LEFT JOIN health_bills b ON b.due = p.point
LEFT JOIN LATERAL (
    SELECT sum(t.amount)::bigint AS amount
    FROM transfers t
    JOIN funds f ON f.id = t.debit AND f.key = 'medical-insurance'
    WHERE t.bucket = :bucket AND t.id BETWEEN p.id AND p.id + 15 AND p.shares > 0
) t ON true
WHERE p.bucket = :bucket AND p.kind = 5 AND p.status = 0 AND p.channel <> 9 AND b.fund IS DISTINCT FROM coalesce(t.amount, 0)
