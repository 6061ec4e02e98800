-- Every paid fare has one ride that says the same, and every ride has its paid fare.
SELECT format('ride %s does not match its payment', coalesce(p.id, r.payment))
FROM (SELECT * FROM payments WHERE bucket = :bucket AND kind = 1 AND status = 0 AND channel <> 9) p
FULL JOIN (SELECT * FROM rides WHERE bucket = :bucket) r ON r.payment = p.id
WHERE (p.id, p.point, p.service, p.amount) IS DISTINCT FROM (r.payment, r.vehicle, r.line, r.fare)
