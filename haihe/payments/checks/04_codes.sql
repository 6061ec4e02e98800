-- A payment code names the payment that used it up, of its own payer.
SELECT format('a payment code names payment %s, which its citizen did not make with a code', c.payment)
FROM payment_codes c
LEFT JOIN payments p ON p.bucket = :bucket AND p.id = c.payment
WHERE c.bucket = :bucket AND c.payment <> 0 AND (p.status, p.payer, p.channel) IS DISTINCT FROM (0::smallint, c.citizen, 2::smallint)
