-- Batches of a bucket are numbered from 1 without a gap, and its head points at the last one and carries its seal.
SELECT format('batch %s is missing before batch %s', b.number - 1, b.number)
FROM (SELECT number, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS before FROM batches WHERE bucket = :bucket) b
WHERE b.number <> b.before + 1
UNION ALL
SELECT format('the head is at batch %s, the newest stored batch is %s', h.batch, coalesce(b.number, 0))
FROM heads h
LEFT JOIN LATERAL (SELECT max(number) AS number FROM batches WHERE bucket = :bucket) b ON true
WHERE h.bucket = :bucket AND h.batch <> coalesce(b.number, 0)
UNION ALL
SELECT format('the head names %s as the largest id seen, the batches name %s', h.id_max, b.id)
FROM heads h
JOIN LATERAL (SELECT max(last_id) AS id FROM batches WHERE bucket = :bucket) b ON b.id IS NOT NULL
WHERE h.bucket = :bucket AND h.id_max <> b.id
UNION ALL
SELECT 'the head does not carry the last seal'
FROM heads h
JOIN batches b ON b.bucket = h.bucket AND b.number = h.batch
WHERE h.bucket = :bucket AND b.hash <> h.hash
