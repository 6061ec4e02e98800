-- Nobody's class is above what the checks of identity allow (1, 3 and 5 independent sources, or class II face to face), and the wallet obeys the limits of the class.
WITH known AS (
    SELECT c.id, c.class,
        count(i.source) FILTER (WHERE i.answer = 1 AND i.channel <> 7) AS sources,
        coalesce(bool_or(i.channel = 7 AND i.answer = 1), false) AS is_seen
    FROM citizens c
    LEFT JOIN identity_checks i ON i.citizen = c.id
    WHERE c.bucket = :bucket
    GROUP BY c.id
)
SELECT format('citizen %s has class %s by %s sources%s', id, class, sources, CASE WHEN is_seen THEN ' and face to face' ELSE '' END)
FROM known
WHERE class > greatest(CASE WHEN sources >= 5 THEN 3 WHEN sources >= 3 THEN 2 WHEN sources >= 1 THEN 1 ELSE 0 END, CASE WHEN is_seen THEN 2 ELSE 0 END)
UNION ALL
SELECT format('the wallet of citizen %s obeys the limits of class %s, not %s', c.id, a.limit_class, c.class)
FROM citizens c
JOIN accounts a ON a.bucket = c.bucket AND a.id = c.id
WHERE c.bucket = :bucket AND a.limit_class <> c.class
