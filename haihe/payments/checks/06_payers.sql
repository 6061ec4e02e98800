-- Up to the batch of its cursor, everybody who paid for a kind in a year is a payer of it once, since the first day of it; days count them.
WITH seen AS MATERIALIZED (
    SELECT p.kind, p.payer, extract(year FROM p.paid_at AT TIME ZONE 'Asia/Shanghai')::smallint AS year,
        min((p.paid_at AT TIME ZONE 'Asia/Shanghai')::date) AS day
    FROM tally_cursors c
    JOIN payments p ON p.bucket = :bucket AND p.batch <= c.batch AND p.status = 0
    WHERE c.bucket = :bucket
    GROUP BY 1, 2, 3
)
SELECT format('citizen %s, kind %s, year %s: a payer since %s, the payments begin on %s',
    coalesce(k.citizen, s.payer), coalesce(k.kind, s.kind), coalesce(k.year, s.year), k.first_day, s.day)
FROM (SELECT * FROM payers WHERE bucket = :bucket) k
FULL JOIN seen s ON (s.kind, s.year, s.payer) = (k.kind, k.year, k.citizen)
WHERE k.first_day IS DISTINCT FROM s.day
UNION ALL
SELECT format('%s, kind %s: %s newcomers are counted, there are %s', coalesce(d.day, k.day), coalesce(d.kind, k.kind), d.newcomers, k.newcomers)
FROM (SELECT day, kind, newcomers FROM kind_days WHERE bucket = :bucket AND newcomers > 0) d
FULL JOIN (
    SELECT first_day AS day, kind, count(*) AS newcomers FROM payers WHERE bucket = :bucket GROUP BY first_day, kind
) k ON (k.day, k.kind) = (d.day, d.kind)
WHERE d.newcomers IS DISTINCT FROM k.newcomers
UNION ALL
SELECT format('the tallies are at batch %s, the newest one is %s', c.batch, h.batch)
FROM tally_cursors c
JOIN heads h ON h.bucket = c.bucket
WHERE c.bucket = :bucket AND c.batch > h.batch
