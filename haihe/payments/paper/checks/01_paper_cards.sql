-- A payment by paper card was made by a card that its payer had in that batch: issued before it, not revoked before it.
WITH paid AS MATERIALIZED (
    SELECT * FROM payments WHERE bucket = :bucket AND channel = 4 AND status = 0
)
SELECT format('payment %s of citizen %s in batch %s was made by a paper card, and there was none then', p.id, p.payer, p.batch)
FROM paid p
WHERE NOT EXISTS (
    SELECT 1
    FROM paper_cards c
    WHERE c.citizen = p.payer AND p.batch > c.issued_after AND p.batch <= coalesce(c.revoked_after, p.batch)
)
UNION ALL
-- What the card's day has spent of its cap is what the day's payments by paper took from the wallet.
SELECT format('citizen %s: of the paper card''s day %s, %s are counted, the payments took %s', k.citizen, k.spent_from, k.spent, coalesce(t.amount, 0))
FROM caps k
LEFT JOIN (
    SELECT p.payer, (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(x.amount)::bigint AS amount
    FROM paid p
    JOIN transfers x ON x.bucket = :bucket AND x.id BETWEEN p.id AND p.id + 15 AND x.kind = 1 AND x.debit = p.payer
    GROUP BY 1, 2
) t ON t.payer = k.citizen AND t.day = k.spent_from
WHERE k.bucket = :bucket AND k.scope = 1 AND k.period = 1 AND k.spent > 0 AND k.spent IS DISTINCT FROM t.amount
