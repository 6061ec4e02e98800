-- A patient's year has used what was known before and what its living bills took, and the fund never pays above the year's ceiling.
SELECT format('the year %s of patient %s says %s and %s, its bills %s and %s', y.year, y.patient, y.deductible_used, y.fund_used,
    y.deductible_before + b.deductible, y.fund_before + b.fund)
FROM health_years y
JOIN citizens c ON c.id = y.patient AND c.bucket = :bucket
LEFT JOIN LATERAL (
    SELECT coalesce(sum(b.deductible), 0)::bigint AS deductible, coalesce(sum(b.fund), 0)::bigint AS fund
    FROM health_bills b
    JOIN dues d ON d.id = b.due AND d.status < 2
    WHERE b.patient = y.patient AND b.year = y.year
) b ON true
LEFT JOIN LATERAL (SELECT max(ceiling) AS ceiling FROM health_policies WHERE valid_from < make_date(y.year + 1, 1, 1)) p ON true
WHERE (y.deductible_used, y.fund_used) IS DISTINCT FROM (y.deductible_before + b.deductible, y.fund_before + b.fund)
    OR y.fund_used > greatest(p.ceiling, y.fund_before)
