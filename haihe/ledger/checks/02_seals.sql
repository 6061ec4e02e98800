-- Every batch hashes to its seal: no stored transfer was changed, removed, inserted or put elsewhere.
SELECT format('batch %s does not match its seal', s.number)
FROM (
    SELECT b.number, b.hash, b.transfers, count(t.id) AS stored,
        count(DISTINCT t.place) AS places, coalesce(max(t.place), 0) AS last_place, bool_and(t.posted = b.posted) AS same_time,
        ledger_seal(b.previous, :bucket, b.number, b.posted, b.booking_day, b.first_id, b.last_id,
            coalesce(array_agg(t.id ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.debit ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.credit ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.amount ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.payment ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.names ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.effective ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.previous_debit ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.previous_credit ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.kind ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.currency ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.phase ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}'),
            coalesce(array_agg(t.risk ORDER BY t.place) FILTER (WHERE t.id IS NOT NULL), '{}')) AS computed
    FROM (
        SELECT *, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY number) AS previous
        FROM batches
        WHERE bucket = :bucket
    ) b
    LEFT JOIN transfers t ON t.bucket = :bucket AND t.batch = b.number
    GROUP BY b.number, b.hash, b.transfers, b.previous, b.posted, b.booking_day, b.first_id, b.last_id
) s
WHERE s.hash <> s.computed OR s.transfers <> s.stored OR s.places <> s.stored OR s.last_place <> s.stored OR NOT s.same_time
UNION ALL
SELECT format('transfer %s stands in batch %s, which was never sealed', t.id, t.batch)
FROM transfers t
WHERE t.bucket = :bucket AND NOT EXISTS (SELECT 1 FROM batches b WHERE b.bucket = :bucket AND b.number = t.batch)
UNION ALL
SELECT 'the head does not carry the last seal'
FROM heads h
JOIN batches b ON b.bucket = h.bucket AND b.number = h.batch
WHERE h.bucket = :bucket AND b.hash <> h.hash
