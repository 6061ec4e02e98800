-- Every account's sums, posted and held, are the sums of its transfers, nothing is posted to an account that does not exist, the bucket sums to zero.
WITH sides AS (
    SELECT debit, credit,
        sum(CASE WHEN phase IN (0, 2) THEN amount ELSE 0 END) AS posted,
        sum(CASE phase WHEN 0 THEN 0 WHEN 1 THEN amount ELSE -amount END) AS held
    FROM transfers
    WHERE bucket = :bucket
    GROUP BY GROUPING SETS ((debit), (credit))
), sums AS (
    SELECT coalesce(debit, credit) AS account,
        coalesce(sum(posted) FILTER (WHERE debit IS NOT NULL), 0)::bigint AS debits,
        coalesce(sum(posted) FILTER (WHERE debit IS NULL), 0)::bigint AS credits,
        coalesce(sum(held) FILTER (WHERE debit IS NOT NULL), 0)::bigint AS held_debits,
        coalesce(sum(held) FILTER (WHERE debit IS NULL), 0)::bigint AS held_credits
    FROM sides
    GROUP BY coalesce(debit, credit)
)
SELECT format('account %s shows debits %s and credits %s, held %s and %s; its transfers give %s and %s, held %s and %s',
    coalesce(a.id, s.account), a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending,
    coalesce(s.debits, 0), coalesce(s.credits, 0), coalesce(s.held_debits, 0), coalesce(s.held_credits, 0))
FROM (SELECT * FROM accounts WHERE bucket = :bucket) a
FULL JOIN sums s ON s.account = a.id
WHERE a.id IS NULL
    OR a.debits_posted <> coalesce(s.debits, 0) OR a.credits_posted <> coalesce(s.credits, 0)
    OR a.debits_pending <> coalesce(s.held_debits, 0) OR a.credits_pending <> coalesce(s.held_credits, 0)
UNION ALL
SELECT format('the accounts sum to %s instead of zero', sum(credits_posted - debits_posted))
FROM accounts
WHERE bucket = :bucket
HAVING sum(credits_posted - debits_posted) <> 0
UNION ALL
SELECT format('account %s is overdrawn', id)
FROM accounts
WHERE bucket = :bucket AND flags & 1 <> 0 AND credits_posted - debits_posted - debits_pending < 0
