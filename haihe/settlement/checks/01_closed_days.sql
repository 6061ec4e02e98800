-- A closed day never changes: no batch after its last one is booked on it or before, and its figures are those of its transfers.
SELECT format('batch %s is booked on %s, which was closed with batch %s', b.number, b.booking_day, c.last_batch)
FROM (SELECT * FROM closed_days WHERE bucket = :bucket ORDER BY day DESC LIMIT 1) c
JOIN batches b ON b.bucket = :bucket AND b.number > c.last_batch AND b.booking_day <= c.day
UNION ALL
SELECT format('%s begins with batch %s and ends with %s, the day before ended with %s', n.day, n.first_batch, n.last_batch, n.before)
FROM (
    SELECT c.*, lag(c.last_batch, 1, 0::bigint) OVER (ORDER BY c.day) AS before
    FROM closed_days c
    WHERE c.bucket = :bucket
) n
WHERE n.first_batch <> n.before + 1 OR n.last_batch < n.before
UNION ALL
SELECT format('organisation %s on %s: written down are %s moves, %s in and %s back, the transfers say %s moves, %s and %s',
    coalesce(s.organisation, m.till), coalesce(s.day, m.day), coalesce(s.moves, 0), coalesce(s.gross, 0), coalesce(s.refunded, 0),
    coalesce(m.moves, 0), coalesce(m.gross, 0), coalesce(m.refunded, 0))
FROM (SELECT * FROM settlement_shares WHERE bucket = :bucket) s
FULL JOIN (
    SELECT d.day, t.till, count(*) AS moves, sum(t.gross) AS gross, sum(t.refunded) AS refunded
    FROM settled_days d
    CROSS JOIN LATERAL settlement_moves(:bucket, d.day) t
    GROUP BY d.day, t.till
) m ON m.till = s.organisation AND m.day = s.day
WHERE (s.moves, s.gross, s.refunded) IS DISTINCT FROM (m.moves, m.gross, m.refunded)
