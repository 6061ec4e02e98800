-- A due is paid by one payment, of its amount, kind and organisation; no other payment paid it.
SELECT format('due %s says it was paid by payment %s, which does not say so', d.id, d.payment)
FROM dues d
LEFT JOIN payments p ON p.bucket = :bucket AND p.id = d.payment
WHERE d.bucket = :bucket
    AND (p.status, p.amount, p.kind, p.payee, p.payer, p.point) IS DISTINCT FROM (0::smallint, d.amount, d.kind, d.organisation, d.payer, d.id)
UNION ALL
SELECT format('payment %s paid due %s, which names payment %s', p.id, d.id, d.payment)
FROM payments p
JOIN dues d ON d.id = p.point AND d.kind = p.kind
WHERE p.bucket = :bucket AND p.status = 0 AND d.payment <> p.id
