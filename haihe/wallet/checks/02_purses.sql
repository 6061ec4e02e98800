-- Every purse is an account of its citizen that cannot be overdrawn; money enters it as a grant or refund only, a grant from its scheme's fund.
SELECT format('purse %s of citizen %s has no such account', p.account, p.citizen)
FROM purses p
LEFT JOIN accounts a ON a.bucket = :bucket AND a.id = p.account
WHERE p.bucket = :bucket AND ((a.kind, a.owner) IS DISTINCT FROM (2::smallint, p.citizen) OR a.flags & 1 = 0)
UNION ALL
SELECT format('transfer %s put money into purse %s that its fund did not give', t.id, p.account)
FROM purses p
JOIN schemes s ON s.id = p.scheme
JOIN transfers t ON t.bucket = :bucket AND t.credit = p.account
WHERE p.bucket = :bucket AND t.kind <> 5 AND (t.kind <> 4 OR t.debit <> coalesce(nullif(s.fund, 0), 1))
