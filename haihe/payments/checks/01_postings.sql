-- Every paid payment was posted, payer to payee, whole; every posting of a payment has its row; a refused one moved nothing.
SELECT format('payment %s (status %s) does not match its posting', coalesce(p.id, t.payment), p.status)
FROM (SELECT * FROM payments WHERE bucket = :bucket) p
FULL JOIN (
    SELECT payment, sum(amount) AS amount, min(debit) AS debit, min(credit) AS credit, min(batch) AS batch
    FROM transfers
    WHERE bucket = :bucket AND payment <> 0
    GROUP BY payment
) t ON t.payment = p.id
WHERE (p.status = 0) IS DISTINCT FROM (t.payment IS NOT NULL)
    OR p.status = 0 AND (t.amount, t.debit, t.credit, t.batch) IS DISTINCT FROM (p.amount, p.payer, p.payee, p.batch)
