-- Roots follow one another with the batches they are over, none is missing before the newest, and every span belongs to a checkpoint.
SELECT format('the root of batch %s is missing before that of batch %s', r.number - 1, r.number)
FROM (SELECT number, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS before FROM batch_roots WHERE bucket = :bucket) r
WHERE r.number <> r.before + 1
UNION ALL
SELECT format('there is a root of batch %s, and no such batch', r.number)
FROM batch_roots r
WHERE r.bucket = :bucket AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.bucket = :bucket AND b.number = r.number)
UNION ALL
SELECT format('batch %s is covered by checkpoint %s, which does not exist', s.last_batch, s.checkpoint)
FROM checkpoint_spans s
WHERE s.bucket = :bucket AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.number = s.checkpoint)
UNION ALL
SELECT format('batch %s is covered by checkpoint %s, an earlier one by checkpoint %s', s.last_batch, s.checkpoint, s.before)
FROM (SELECT last_batch, checkpoint, lag(checkpoint) OVER (ORDER BY last_batch) AS before FROM checkpoint_spans WHERE bucket = :bucket) s
WHERE s.checkpoint <= s.before
