-- Every paid contribution has its payment of the same due and amount, and every payment of one has covered a person; receipts fit.
SELECT format('contribution %s does not match payment %s', c.id, coalesce(p.id, c.payment))
FROM (SELECT * FROM payments WHERE bucket = :bucket AND kind = 7 AND status = 0 AND channel <> 9) p
FULL JOIN (SELECT * FROM contributions WHERE bucket = :bucket) c ON c.payment = p.id
WHERE (p.point, p.amount, p.payee, p.payer) IS DISTINCT FROM (c.id, c.amount, c.organisation, c.payer)
UNION ALL
SELECT format('contribution %s is for another person, year or payment than its due', c.id)
FROM contributions c
LEFT JOIN dues d ON d.id = c.id AND d.kind = 7
WHERE c.bucket = :bucket AND (d.subject, d.period, d.payment) IS DISTINCT FROM (c.person, c.year::text, c.payment)
UNION ALL
-- what was covered without a payment belongs to no bucket: it is looked at once, with the first
SELECT format('contribution %s has receipt %s, which is not its own', c.id, c.receipt)
FROM contributions c
WHERE (c.bucket = :bucket OR c.bucket < 0 AND :bucket = 0)
    AND (c.receipt::numeric % 97 <> 1 OR left(c.receipt, 22) <> lpad(c.year::text, 4, '0') || lpad((c.id >> 4)::text, 18, '0'))
