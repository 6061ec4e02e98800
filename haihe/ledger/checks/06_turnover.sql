-- An account's turnover is what its debits that count sum up to, without what was released: of its day by risk, of that day's year, of all; and on no day did it pass a limit of its class.
WITH counted AS MATERIALIZED (
    SELECT m.account, m.day, m.risk, sum(m.amount)::bigint AS amount
    FROM (
        SELECT t.debit AS account, b.booking_day AS day, t.risk, t.amount
        FROM transfers t
        JOIN batches b ON b.bucket = :bucket AND b.number = t.batch
        WHERE t.bucket = :bucket AND t.risk > 0 AND t.phase < 2
        UNION ALL
        -- What was released counts no more, as if it had not been held on its day.
        SELECT t.debit, h.booking_day, t.risk, -t.amount
        FROM transfers t
        JOIN holds h ON h.bucket = :bucket AND h.id = t.names
        WHERE t.bucket = :bucket AND t.risk > 0 AND t.phase = 3
    ) m
    GROUP BY m.account, m.day, m.risk
), sums AS (
    SELECT a.id,
        coalesce(sum(c.amount) FILTER (WHERE c.day = a.turnover_day AND c.risk = 1), 0)::bigint AS a,
        coalesce(sum(c.amount) FILTER (WHERE c.day = a.turnover_day AND c.risk = 2), 0)::bigint AS b,
        coalesce(sum(c.amount) FILTER (WHERE c.day = a.turnover_day AND c.risk = 3), 0)::bigint AS c,
        coalesce(sum(c.amount) FILTER (WHERE c.day = a.turnover_day AND c.risk = 4), 0)::bigint AS d,
        coalesce(sum(c.amount) FILTER (WHERE date_trunc('year', c.day) = date_trunc('year', a.turnover_day)), 0)::bigint AS year,
        coalesce(sum(c.amount), 0)::bigint AS total,
        coalesce(max(c.day) > a.turnover_day, false) AS is_late
    FROM accounts a
    LEFT JOIN counted c ON c.account = a.id
    WHERE a.bucket = :bucket
    GROUP BY a.id, a.turnover_day
), days AS (
    SELECT c.account, c.day, c.a, c.b, c.c, c.d, c.counted,
        sum(c.counted) OVER (PARTITION BY c.account, date_trunc('year', c.day) ORDER BY c.day) AS year,
        sum(c.counted) OVER (PARTITION BY c.account ORDER BY c.day) AS total
    FROM (
        SELECT account, day, sum(amount) AS counted,
            sum(amount) FILTER (WHERE risk = 1) AS a, sum(amount) FILTER (WHERE risk = 2) AS b,
            sum(amount) FILTER (WHERE risk = 3) AS c, sum(amount) FILTER (WHERE risk = 4) AS d
        FROM counted
        WHERE EXISTS (SELECT 1 FROM turnover_limits)
        GROUP BY account, day
    ) c
), suspects AS (
    SELECT d.*
    FROM days d
    CROSS JOIN (SELECT min(day_a) AS a, min(day_b) AS b, min(day_c) AS c, min(day_d) AS d, min(year) AS year, min(total) AS total FROM turnover_limits) l
    WHERE d.counted > 0 AND (d.a > l.a OR d.b > l.b OR d.c > l.c OR d.d > l.d OR d.year > l.year OR d.total > l.total)
), classes AS (
    -- Where class or limits changed on a day, either may have been in force.
    SELECT s.account, s.day, c.class
    FROM suspects s
    JOIN accounts a ON a.bucket = :bucket AND a.id = s.account
    CROSS JOIN LATERAL (
        SELECT k.before AS class
        FROM limit_class_changes k
        WHERE k.bucket = :bucket AND k.account = s.account AND (k.changed_on = s.day OR k.changed_on = (
            SELECT min(n.changed_on)
            FROM limit_class_changes n
            WHERE n.bucket = :bucket AND n.account = s.account AND n.changed_on > s.day))
        UNION
        SELECT a.limit_class
        WHERE NOT EXISTS (
            SELECT 1
            FROM limit_class_changes n
            WHERE n.bucket = :bucket AND n.account = s.account AND n.changed_on > s.day)
    ) c
), allowed AS (
    SELECT c.account, c.day,
        max(coalesce(l.day_a, 'infinity')) AS a, max(coalesce(l.day_b, 'infinity')) AS b, max(coalesce(l.day_c, 'infinity')) AS c,
        max(coalesce(l.day_d, 'infinity')) AS d, max(coalesce(l.year, 'infinity')) AS year, max(coalesce(l.total, 'infinity')) AS total
    FROM classes c
    LEFT JOIN LATERAL (
        -- The newest row in force; if it began on this day, the one before it too, or none.
        SELECT t.day_a::numeric, t.day_b::numeric, t.day_c::numeric, t.day_d::numeric, t.year::numeric, t.total::numeric
        FROM turnover_limits t
        WHERE t.limit_class = c.class AND t.since <= c.day AND NOT EXISTS (
            SELECT 1 FROM turnover_limits u WHERE u.limit_class = c.class AND u.since > t.since AND u.since < c.day)
    ) l ON true
    GROUP BY c.account, c.day
)
SELECT format('account %s shows as turnover of %s (%s, %s, %s, %s), of its year %s, of all %s; its transfers give (%s, %s, %s, %s), %s, %s',
    a.id, a.turnover_day, a.turnover_a, a.turnover_b, a.turnover_c, a.turnover_d, a.turnover_year, a.turnover_total,
    s.a, s.b, s.c, s.d, s.year, s.total)
FROM accounts a
JOIN sums s ON s.id = a.id
WHERE a.bucket = :bucket
    AND (s.is_late OR (a.turnover_a, a.turnover_b, a.turnover_c, a.turnover_d, a.turnover_year, a.turnover_total)
        IS DISTINCT FROM (s.a, s.b, s.c, s.d, s.year, s.total))
UNION ALL
SELECT format('account %s turned over (%s, %s, %s, %s) on %s, %s in its year until then, %s since opening; its limits were (%s, %s, %s, %s), %s, %s',
    s.account, coalesce(s.a, 0), coalesce(s.b, 0), coalesce(s.c, 0), coalesce(s.d, 0), s.day, s.year, s.total, w.a, w.b, w.c, w.d, w.year, w.total)
FROM suspects s
JOIN allowed w ON w.account = s.account AND w.day = s.day
WHERE s.a > w.a OR s.b > w.b OR s.c > w.c OR s.d > w.d OR s.year > w.year OR s.total > w.total
