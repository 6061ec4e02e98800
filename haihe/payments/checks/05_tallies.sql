-- Up to the batch of its cursor, the tallies are the sums of payments and refunds by day, hour, payee and kind, and of the ledger's tills.
WITH seen AS MATERIALIZED (
    SELECT p.payee, p.kind, p.amount, (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        extract(hour FROM p.paid_at AT TIME ZONE 'Asia/Shanghai')::smallint AS hour
    FROM tally_cursors c
    JOIN payments p ON p.bucket = :bucket AND p.batch <= c.batch AND p.status = 0
    WHERE c.bucket = :bucket
)
SELECT format('%s %s h, organisation %s, kind %s: the tallies say %s payments of %s, the payments %s of %s',
    coalesce(t.day, s.day), coalesce(t.hour, s.hour), coalesce(t.payee, s.payee), coalesce(t.kind, s.kind),
    coalesce(t.payments, 0), coalesce(t.amount, 0), coalesce(s.payments, 0), coalesce(s.amount, 0))
FROM (SELECT * FROM tallies WHERE bucket = :bucket) t
FULL JOIN (
    SELECT day, hour, payee, kind, count(*) AS payments, sum(amount)::bigint AS amount FROM seen GROUP BY day, hour, payee, kind
) s ON (s.day, s.hour, s.payee, s.kind) = (t.day, t.hour, t.payee, t.kind)
WHERE (t.payments, t.amount) IS DISTINCT FROM (s.payments, s.amount)
UNION ALL
SELECT format('organisation %s: the tallies say %s, the ledger credited its till with %s',
    coalesce(t.payee, l.payee), coalesce(t.amount, 0), coalesce(l.amount, 0))
FROM (SELECT payee, sum(amount) AS amount FROM tallies WHERE bucket = :bucket GROUP BY payee) t
FULL JOIN (
    SELECT x.credit AS payee, sum(x.amount) AS amount
    FROM tally_cursors c
    JOIN transfers x ON x.bucket = :bucket AND x.batch <= c.batch AND x.kind = 1
    WHERE c.bucket = :bucket
    GROUP BY x.credit
) l ON l.payee = t.payee
WHERE t.amount IS DISTINCT FROM l.amount
UNION ALL
SELECT format('%s, kind %s: the days say %s payments of %s, the hours %s of %s',
    coalesce(d.day, h.day), coalesce(d.kind, h.kind), coalesce(d.payments, 0), coalesce(d.amount, 0), coalesce(h.payments, 0), coalesce(h.amount, 0))
FROM (SELECT * FROM kind_days WHERE bucket = :bucket) d
FULL JOIN (
    SELECT day, kind, sum(payments) AS payments, sum(amount) AS amount FROM tallies WHERE bucket = :bucket GROUP BY day, kind
) h ON (h.day, h.kind) = (d.day, d.kind)
WHERE (d.payments, d.amount) IS DISTINCT FROM (h.payments, h.amount)
UNION ALL
SELECT format('%s, organisation %s, kind %s: the tallies say %s refunds of %s, the refunds %s of %s',
    coalesce(d.day, r.day), coalesce(d.payee, r.payee), coalesce(d.kind, r.kind),
    coalesce(d.refunds, 0), coalesce(d.amount, 0), coalesce(r.refunds, 0), coalesce(r.amount, 0))
FROM (SELECT * FROM refund_days WHERE bucket = :bucket) d
FULL JOIN (
    SELECT (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day, p.payee, p.kind, count(*) AS refunds, sum(p.amount)::bigint AS amount
    FROM tally_cursors c
    JOIN payments p ON p.bucket = :bucket AND p.batch <= c.batch AND p.status = 11
    WHERE c.bucket = :bucket
    GROUP BY 1, 2, 3
) r ON (r.day, r.payee, r.kind) = (d.day, d.payee, d.kind)
WHERE (d.refunds, d.amount) IS DISTINCT FROM (r.refunds, r.amount)
UNION ALL
SELECT format('organisation %s: the tallies say %s refunded, the ledger took %s out of its till for refunds',
    coalesce(d.payee, l.payee), coalesce(d.amount, 0), coalesce(l.amount, 0))
FROM (SELECT payee, sum(amount) AS amount FROM refund_days WHERE bucket = :bucket GROUP BY payee) d
FULL JOIN (
    SELECT x.debit AS payee, sum(x.amount) AS amount
    FROM tally_cursors c
    JOIN transfers x ON x.bucket = :bucket AND x.batch <= c.batch AND x.kind = 5 AND x.debit <> 7
    WHERE c.bucket = :bucket
    GROUP BY x.debit
) l ON l.payee = d.payee
WHERE d.amount IS DISTINCT FROM l.amount
