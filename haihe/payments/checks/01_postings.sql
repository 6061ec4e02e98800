-- Every paid payment was posted, payer to payee, whole, in as many legs as it has shares; every posting of a payment has its row.
-- A refused payment moved nothing. A share comes from the payer's wallet, from a purse of the payer's or from a fund, once from each.
SELECT format('payment %s (status %s) does not match its posting', coalesce(p.id, t.payment), p.status)
FROM (SELECT * FROM payments WHERE bucket = :bucket) p
FULL JOIN (
    SELECT payment, sum(amount) AS amount, min(credit) AS credit, max(credit) AS credit_max, min(batch) AS batch,
        count(*) AS legs, count(DISTINCT debit) AS accounts, min(debit) AS debit, min(effective) AS effective
    FROM transfers
    WHERE bucket = :bucket AND payment <> 0 AND kind NOT IN (5, 6)
    GROUP BY payment
) t ON t.payment = p.id
WHERE (p.status = 0) IS DISTINCT FROM (t.payment IS NOT NULL)
    OR p.status = 0 AND ((t.amount, t.credit, t.credit_max, t.batch, t.effective, t.legs, t.accounts)
            IS DISTINCT FROM (p.amount, p.payee, p.payee, p.batch, p.paid_at, greatest(p.shares, 1), greatest(p.shares, 1))
        OR p.shares = 0 AND t.debit <> p.payer)
    OR p.status NOT IN (0, 11) AND p.shares <> 0
UNION ALL
SELECT format('payment %s took a share from account %s, which is not the payer''s and no fund', p.id, t.debit)
FROM payments p
JOIN transfers t ON t.bucket = :bucket AND t.id BETWEEN p.id AND p.id + 15
LEFT JOIN accounts a ON a.bucket = :bucket AND a.id = t.debit
WHERE p.bucket = :bucket AND p.shares > 0 AND p.status = 0
    AND NOT (a.kind IN (1, 2) AND a.owner = p.payer OR a.kind = 15 AND a.id IN (SELECT id FROM funds)) IS TRUE
