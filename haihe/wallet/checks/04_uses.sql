-- What was used of schemes and campaigns is what the payments of each citizen and day took from purses and campaigns.
WITH took AS (
    SELECT p.payer AS citizen, coalesce(u.scheme, t.debit) AS programme, (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        count(*) AS uses, sum(t.amount)::bigint AS amount
    FROM payments p
    JOIN transfers t ON t.bucket = :bucket AND t.id BETWEEN p.id AND p.id + 15 AND t.kind = 1
    LEFT JOIN purses u ON u.bucket = :bucket AND u.account = t.debit
    LEFT JOIN campaigns c ON c.id = t.debit
    WHERE p.bucket = :bucket AND p.status = 0 AND p.shares > 0 AND coalesce(u.scheme, c.id) IS NOT NULL
    GROUP BY 1, 2, 3
)
SELECT format('citizen %s, scheme or campaign %s, %s: %s uses of %s are counted, the payments took %s of %s',
    coalesce(n.citizen, t.citizen), coalesce(n.programme, t.programme), coalesce(n.day, t.day),
    coalesce(n.uses, 0), coalesce(n.amount, 0), coalesce(t.uses, 0), coalesce(t.amount, 0))
FROM (SELECT * FROM uses WHERE bucket = :bucket) n
FULL JOIN took t ON (t.citizen, t.programme, t.day) = (n.citizen, n.programme, n.day)
WHERE (n.uses, n.amount) IS DISTINCT FROM (t.uses, t.amount)
UNION ALL
-- Nobody used more than the caps of the loosest terms that held in the year.
SELECT format('citizen %s used scheme or campaign %s above its caps: %s uses of %s in the %s of %s', s.citizen, s.programme, s.uses, s.amount, s.span, s.day)
FROM (
    SELECT 'day' AS span, citizen, programme, day, sum(uses) AS uses, sum(amount) AS amount FROM uses WHERE bucket = :bucket GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'month', citizen, programme, date_trunc('month', day)::date, sum(uses), sum(amount) FROM uses WHERE bucket = :bucket GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'year', citizen, programme, date_trunc('year', day)::date, sum(uses), sum(amount) FROM uses WHERE bucket = :bucket GROUP BY 2, 3, 4
) s
JOIN LATERAL (
    SELECT CASE WHEN bool_or(v.uses IS NULL) THEN NULL ELSE max(v.uses) END AS uses, CASE WHEN bool_or(v.fen IS NULL) THEN NULL ELSE max(v.fen) END AS fen
    FROM (
        SELECT (body -> 'caps' ->> ('uses_' || s.span))::bigint AS uses, (body -> 'caps' ->> ('fen_' || s.span))::bigint AS fen,
            lead(since) OVER (ORDER BY since) AS until
        FROM programme_terms
        WHERE programme = s.programme
    ) v
    WHERE v.until IS NULL OR v.until >= date_trunc('year', s.day) AT TIME ZONE 'Asia/Shanghai'
) c ON true
WHERE s.uses > c.uses OR s.amount > c.fen
