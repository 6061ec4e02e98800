-- What was paid by a tie was paid by whom it allows, of a bill of its owner's, while it held; no month passes its mandate.
SELECT format('payment %s of tie %s is not what the tie allows', p.payment, p.tie)
FROM tie_payments p
JOIN family_ties t ON t.id = p.tie
LEFT JOIN payments y ON y.bucket = :bucket AND y.id = p.payment
WHERE p.bucket = :bucket
    AND ((y.status, y.amount, y.payer) IS DISTINCT FROM (0::smallint, p.amount, CASE t.role WHEN 2 THEN t.member ELSE t.owner END)
        OR t.role NOT IN (2, 3)
        OR t.role = 2 AND y.kind <> ALL (t.kinds)
        OR t.role = 3 AND t.rights & 1 = 0
        OR p.paid_on > t.until
        OR t.linked_at IS NULL OR y.paid_at < t.linked_at OR y.paid_at > coalesce(t.ended_at, 'infinity') + interval '1 minute')
UNION ALL
SELECT format('mandate %s allows %s a month, %s were paid in %s', t.id, t.month_max, sum(p.amount), to_char(p.paid_on, 'YYYY-MM'))
FROM tie_payments p
JOIN family_ties t ON t.id = p.tie AND t.role = 3
WHERE p.bucket = :bucket
GROUP BY t.id, t.month_max, to_char(p.paid_on, 'YYYY-MM')
HAVING sum(p.amount) > t.month_max
