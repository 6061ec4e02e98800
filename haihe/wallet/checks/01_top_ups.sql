-- Every top-up that the bank has done was posted once and whole (to the wallet, or held in suspense); nothing else was.
SELECT format('top-up %s (status %s) does not match its posting', coalesce(u.id, t.id), u.status)
FROM (SELECT * FROM top_ups WHERE bucket = :bucket) u
FULL JOIN (SELECT * FROM transfers WHERE bucket = :bucket AND kind = 2) t ON t.id = u.id
WHERE (coalesce(u.status, 0) IN (1, 4)) IS DISTINCT FROM (t.id IS NOT NULL)
    OR t.id IS NOT NULL AND (t.debit, t.amount) IS DISTINCT FROM (1, u.amount)
    OR u.status = 1 AND t.credit IS DISTINCT FROM u.citizen
    OR u.status = 4 AND t.credit IS DISTINCT FROM 4
