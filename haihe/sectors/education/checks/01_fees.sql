-- A school fee is owed by a pupil of the school that issued its notice, as much as the notice says; a notice is to a class of its school.
SELECT format('fee %s of pupil %s does not belong to a notice of its school', d.id, d.subject)
FROM dues d
LEFT JOIN pupils p ON p.id = d.subject
LEFT JOIN fee_notices n ON n.id::text = d.period AND n.school = d.organisation
WHERE :bucket = 0 AND d.kind = 6 AND (p.school, n.amount, n.due_on) IS DISTINCT FROM (d.organisation, d.amount, d.due_on)
UNION ALL
SELECT format('notice %s went to class %s, which is another school''s', n.id, n.class)
FROM fee_notices n
JOIN school_classes c ON c.id = n.class
WHERE :bucket = 0 AND c.school <> n.school
UNION ALL
SELECT format('pupil %s is in class %s, which is another school''s', p.id, p.class)
FROM pupils p
JOIN school_classes c ON c.id = p.class
WHERE :bucket = 0 AND c.school <> p.school
