-- All bridges of the city together hold what is on its way: what has left one bucket and is neither in the other nor back; asked once, with bucket 0.
SELECT format('the bridges hold %s, on its way is %s', b.held, w.amount)
FROM (SELECT coalesce(sum(credits_posted - debits_posted), 0) AS held FROM accounts WHERE id = 3) b
CROSS JOIN (
    SELECT coalesce(sum(c.amount), 0) AS amount
    FROM crossings c
    WHERE c.state = 0 AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.bucket = c.target AND t.id = c.id)
) w
WHERE :bucket = 0 AND b.held <> w.amount
