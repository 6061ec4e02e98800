-- Every payment at the pool has one visit of its payer at its place, and every visit has its payment.
SELECT format('visit of payment %s does not match it', coalesce(p.id, v.payment))
FROM (SELECT * FROM payments WHERE bucket = :bucket AND kind = 40 AND status = 0 AND channel <> 9) p
FULL JOIN (SELECT * FROM pool_visits WHERE bucket = :bucket) v ON v.payment = p.id
WHERE (p.point, p.payer) IS DISTINCT FROM (v.place, v.visitor)
