-- A bill's lines make up its amount, it is about an account of its company, and comes of at most one reading; meters never run backwards.
SELECT format('bill %s: its lines do not make up its amount', d.id)
FROM dues d
WHERE :bucket = 0 AND d.kind = 4
    AND d.amount IS DISTINCT FROM (SELECT sum((i ->> 'amount')::bigint) FROM jsonb_array_elements(d.body -> 'items') i)
UNION ALL
SELECT format('bill %s is about no account of its company', d.id)
FROM dues d
LEFT JOIN utility_accounts a ON a.id = d.subject AND a.organisation = d.organisation AND a.service = d.service
WHERE :bucket = 0 AND d.kind = 4 AND a.id IS NULL
UNION ALL
SELECT format('reading %s names bill %s, which does not come of it', r.id, r.due)
FROM utility_readings r
LEFT JOIN dues d ON d.id = r.due AND d.kind = 4 AND d.subject = r.account
WHERE :bucket = 0 AND r.due <> 0
    AND (d.id IS NULL OR (d.body ->> 'read_to')::date <> r.read_on OR (d.body ->> 'value_to')::bigint <> r.value_milli)
UNION ALL
SELECT format('bill %s comes of a meter and of no reading', d.id)
FROM dues d
LEFT JOIN utility_readings r ON r.due = d.id
WHERE :bucket = 0 AND d.kind = 4 AND d.body ->> 'read_to' IS NOT NULL AND r.id IS NULL
UNION ALL
SELECT format('bill %s: its lines are not what was used between its readings', d.id)
FROM dues d
WHERE :bucket = 0 AND d.kind = 4 AND d.body ->> 'read_to' IS NOT NULL
    AND (d.body ->> 'value_to')::bigint - (d.body ->> 'value_from')::bigint IS DISTINCT FROM
        (SELECT sum((i ->> 'quantity_milli')::bigint) FROM jsonb_array_elements(d.body -> 'items') i)
UNION ALL
SELECT format('reading %s is lower than the one before it', h.id)
FROM (
    SELECT r.id, r.value_milli, lag(r.value_milli) OVER (PARTITION BY r.account ORDER BY r.read_on) AS before
    FROM utility_readings r
    WHERE NOT EXISTS (SELECT FROM utility_withdrawals w WHERE w.reading = r.id)
) h
WHERE :bucket = 0 AND h.value_milli < h.before
UNION ALL
SELECT format('withdrawn bill %s: nobody said why', d.id)
FROM dues d
LEFT JOIN utility_withdrawals w ON w.due = d.id
WHERE :bucket = 0 AND d.kind = 4 AND (d.status = 2) <> (w.id IS NOT NULL)
