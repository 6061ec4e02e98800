-- Meal money pays at canteens of the university that gave it, and nowhere else.
SELECT format('payment %s spent %s fen of purse %s (scheme %s) at point %s, which is no canteen of its university',
    p.id, t.amount, t.debit, s.key, p.point)
FROM payments p
JOIN transfers t ON t.bucket = :bucket AND t.id BETWEEN p.id AND p.id + 15
JOIN purses u ON u.bucket = :bucket AND u.account = t.debit
JOIN schemes s ON s.id = u.scheme
LEFT JOIN funds f ON f.id = s.fund
LEFT JOIN organisations o ON o.id = f.organisation
LEFT JOIN campus_points c ON c.id = p.point
WHERE p.bucket = :bucket AND p.shares > 0 AND p.channel <> 9
    AND (p.kind = 3 OR o.kind = 'university')
    AND (p.kind, c.kind, c.organisation) IS DISTINCT FROM (3::smallint, 'canteen', f.organisation)
