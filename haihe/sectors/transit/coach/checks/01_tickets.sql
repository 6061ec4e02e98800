-- Every paid coach due has one sold ticket of its price, and every sold ticket its paid due; nobody was checked without having paid.
SELECT format('coach ticket %s (payment %s) does not match due %s', t.id, coalesce(t.payment, d.payment), coalesce(d.id, t.due))
FROM (SELECT * FROM dues WHERE bucket = :bucket AND kind = 8 AND status = 1) d
FULL JOIN (SELECT * FROM coach_tickets WHERE bucket = :bucket) t ON t.due = d.id
WHERE (d.id, d.payment, d.subject, d.amount, d.payer, false)
    IS DISTINCT FROM (t.due, t.payment, t.id, t.by_distance + t.surcharge, t.citizen, t.released)
UNION ALL
SELECT format('payment %s bought no coach ticket', p.id)
FROM payments p
WHERE p.bucket = :bucket AND p.kind = 8 AND p.status = 0 AND p.channel <> 9
    AND NOT EXISTS (SELECT FROM coach_tickets t WHERE t.payment = p.id AND t.bucket = p.bucket)
UNION ALL
SELECT format('coach ticket %s is sold in no bucket', id)
FROM coach_tickets
WHERE bucket = -1 AND (payment <> 0 OR checked_at IS NOT NULL)
