-- A payment by card was paid from money that its own pull brought, never more than that, once, and nothing where the bank sent nothing.
SELECT format('payment by card %s (status %s) does not agree with its pull (status %s)', c.id, c.status, u.status)
FROM card_payments c
LEFT JOIN top_ups u ON u.bucket = :bucket AND u.id = c.id
WHERE c.bucket = :bucket
    AND ((u.citizen, u.amount, u.origin) IS DISTINCT FROM (c.citizen, c.amount, 2::smallint)
        OR c.status = 1 AND u.status <> 1
        OR c.status = 2 AND u.status <> 2
        OR c.status = 3 AND u.status NOT IN (1, 4))
UNION ALL
SELECT format('payment by card %s (status %s) does not agree with payment %s', c.id, c.status, c.payment)
FROM card_payments c
LEFT JOIN payments p ON p.bucket = :bucket AND p.id = c.payment
LEFT JOIN (
    SELECT id / 16 * 16 AS payment, debit, sum(amount) AS amount
    FROM transfers
    WHERE bucket = :bucket AND payment IN (SELECT payment FROM card_payments WHERE bucket = :bucket AND payment <> 0) AND kind = 1
    GROUP BY 1, 2
) t ON t.payment = c.payment AND t.debit = c.citizen
WHERE c.bucket = :bucket
    AND ((c.status = 1) <> (c.payment <> 0)
        OR c.status = 1 AND ((p.payer, p.status) IS DISTINCT FROM (c.citizen, 0::smallint) OR coalesce(t.amount, 0) > c.amount))
UNION ALL
SELECT format('payment %s is named by %s payments by card', c.payment, count(*))
FROM card_payments c
WHERE c.bucket = :bucket AND c.payment <> 0
GROUP BY c.payment
HAVING count(*) > 1
UNION ALL
SELECT format('top-up %s was pulled for a payment by card that is not there', u.id)
FROM top_ups u
WHERE u.bucket = :bucket AND u.origin = 2 AND NOT EXISTS (SELECT 1 FROM card_payments c WHERE c.bucket = :bucket AND c.id = u.id)
