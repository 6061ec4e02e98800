-- Every grant was posted once, out of its scheme's fund into its citizen's purse, and nothing else fills a purse but what refunds bring back.
SELECT format('grant %s of %s for citizen %s was written down and not posted so', g.posting, g.amount, g.citizen)
FROM grants g
LEFT JOIN purses p ON p.bucket = :bucket AND p.scheme = g.scheme AND p.citizen = g.citizen
LEFT JOIN schemes s ON s.id = g.scheme
LEFT JOIN transfers t ON t.bucket = :bucket AND t.id = g.posting
WHERE g.bucket = :bucket
    AND (t.debit, t.credit, t.amount, t.kind) IS DISTINCT FROM (coalesce(nullif(s.fund, 0), 1), p.account, g.amount, 4::smallint)
UNION ALL
SELECT format('transfer %s puts %s into purse %s and is no grant', t.id, t.amount, p.account)
FROM purses p
JOIN transfers t ON t.bucket = :bucket AND t.credit = p.account
WHERE p.bucket = :bucket AND t.kind = 4 AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.bucket = :bucket AND g.posting = t.id)
UNION ALL
-- What lapsed of a grant went back to the fund of its scheme, after its time was over, never more than was granted; the transfers name it.
SELECT format('grant %s: %s went back as lapsed, its transfers say %s', coalesce(g.posting, l.names), coalesce(g.returned, 0), coalesce(l.amount, 0))
FROM (
    SELECT g.posting, g.returned, g.lapses_at, p.account, s.fund
    FROM grants g
    JOIN purses p ON p.bucket = :bucket AND p.scheme = g.scheme AND p.citizen = g.citizen
    JOIN schemes s ON s.id = g.scheme
    WHERE g.bucket = :bucket
) g
FULL JOIN (
    SELECT names, sum(amount) AS amount, min(effective) AS first, min(debit) AS debit, max(debit) AS debit_max, min(credit) AS credit, max(credit) AS credit_max
    FROM transfers
    WHERE bucket = :bucket AND kind = 8
    GROUP BY names
) l ON l.names = g.posting
WHERE coalesce(g.returned, 0) <> coalesce(l.amount, 0)
    OR l.names IS NOT NULL AND (g.account, g.account, g.fund, g.fund, true)
        IS DISTINCT FROM (l.debit, l.debit_max, l.credit, l.credit_max, l.first >= g.lapses_at)
UNION ALL
-- What a sponsor paid in is in the ledger so.
SELECT format('pay-in %s of %s into fund %s was written down and not posted so', i.posting, i.amount, i.fund)
FROM pay_ins i
LEFT JOIN transfers t ON t.bucket = :bucket AND t.id = i.posting
WHERE i.bucket = :bucket AND (t.debit, t.credit, t.amount) IS DISTINCT FROM (1::bigint, i.fund, i.amount)
UNION ALL
-- No fund is below zero, and none could be.
SELECT format('fund %s has %s', f.id, a.credits_posted - a.debits_posted - a.debits_pending)
FROM funds f
JOIN accounts a ON a.bucket = :bucket AND a.id = f.id
WHERE a.flags & 1 = 0 OR a.credits_posted - a.debits_posted - a.debits_pending < 0
