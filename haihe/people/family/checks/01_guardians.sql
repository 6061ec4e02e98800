-- Every child in care has a guardian, and never more than two; nobody else has one.
SELECT format('child %s has %s guardians', c.child, count(t.id))
FROM children c
JOIN citizens z ON z.id = c.child AND z.bucket = :bucket
LEFT JOIN family_ties t ON t.owner = c.child AND t.role = 1 AND t.state = 1
GROUP BY c.child, c.ended_at
HAVING c.ended_at IS NULL AND count(t.id) NOT BETWEEN 1 AND 2 OR c.ended_at IS NOT NULL AND count(t.id) > 0
UNION ALL
SELECT format('citizen %s has guardian %s and is no child', t.owner, t.member)
FROM family_ties t
JOIN citizens z ON z.id = t.owner AND z.bucket = :bucket
WHERE t.role = 1 AND t.state = 1 AND NOT EXISTS (SELECT 1 FROM children c WHERE c.child = t.owner AND c.ended_at IS NULL)
