-- Neither the time of a bucket's batches nor their booking day ever goes back, and its head is at the last of both.
SELECT format('batch %s was posted at %s on booking day %s, the one before it at %s on %s', b.number, b.posted, b.booking_day, b.posted_before, b.day_before)
FROM (
    SELECT number, posted, booking_day, lag(posted) OVER w AS posted_before, lag(booking_day) OVER w AS day_before
    FROM batches
    WHERE bucket = :bucket
    WINDOW w AS (ORDER BY number)
) b
WHERE b.posted < b.posted_before OR b.booking_day < b.day_before
UNION ALL
SELECT format('the head is at %s on booking day %s, the newest batch at %s on %s', h.posted, h.booking_day, b.posted, b.booking_day)
FROM heads h
JOIN batches b ON b.bucket = h.bucket AND b.number = h.batch
WHERE h.bucket = :bucket AND (h.posted < b.posted OR h.booking_day < b.booking_day)
