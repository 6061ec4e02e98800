-- Every paid payment of a shop or on a campus (kinds 2 and 3) has one sale with the same content, and no other payment has one.
SELECT format('sale of payment %s at point %s does not match its payment', coalesce(s.payment, p.id), s.point)
FROM (SELECT * FROM sales WHERE bucket = :bucket) s
FULL JOIN (SELECT * FROM payments WHERE bucket = :bucket AND status = 0 AND kind IN (2, 3) AND channel <> 9) p ON p.id = s.payment
WHERE (s.point, s.payer, s.amount, s.batch, s.channel) IS DISTINCT FROM (p.point, p.payer, p.amount, p.batch, p.channel)
