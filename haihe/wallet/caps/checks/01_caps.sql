-- What a cap says was spent in its period is what left the wallet then: by payments and to other citizens; by paper card never more than that.
SELECT format('cap of citizen %s (scope %s, period %s) counts %s since %s, the ledger says %s', c.citizen, c.scope, c.period, c.spent, c.spent_from, l.amount)
FROM caps c
CROSS JOIN LATERAL (
    SELECT coalesce(sum(t.amount), 0) AS amount
    FROM transfers t
    WHERE t.bucket = :bucket AND t.debit = c.citizen
        AND t.effective >= c.spent_from::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND t.effective < (c.spent_from + CASE c.period WHEN 1 THEN interval '1 day' ELSE interval '1 month' END) AT TIME ZONE 'Asia/Shanghai'
        AND CASE c.scope
            WHEN 0 THEN t.kind IN (1, 7)
            ELSE t.kind = 1 AND EXISTS (SELECT 1 FROM payments p WHERE p.bucket = :bucket AND p.id = t.payment AND p.channel = 4)
        END
) l
WHERE c.bucket = :bucket AND (c.scope = 0 AND c.spent <> l.amount OR c.spent > l.amount)
