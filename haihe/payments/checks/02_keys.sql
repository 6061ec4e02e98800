-- A key stands for one payment, and every key's payment exists.
SELECT format('key %s stands for %s payments', key, count(*))
FROM payment_keys
WHERE bucket = :bucket
GROUP BY key
HAVING count(*) > 1
UNION ALL
SELECT format('key %s names payment %s, which does not exist', k.key, k.payment)
FROM payment_keys k
WHERE k.bucket = :bucket AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.bucket = :bucket AND p.id = k.payment)
