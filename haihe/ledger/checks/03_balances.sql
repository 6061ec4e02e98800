-- Every account's sums are the sums of its transfers, nothing is posted to an account that does not exist, and the bucket sums to zero.
WITH sums AS (
    SELECT m.account, sum(m.debit)::bigint AS debits, sum(m.credit)::bigint AS credits
    FROM (
        SELECT debit AS account, amount AS debit, 0 AS credit FROM transfers WHERE bucket = :bucket
        UNION ALL
        SELECT credit, 0, amount FROM transfers WHERE bucket = :bucket
    ) m
    GROUP BY m.account
)
SELECT format('account %s shows debits %s and credits %s, its transfers give %s and %s',
    coalesce(a.id, s.account), a.debits_posted, a.credits_posted, coalesce(s.debits, 0), coalesce(s.credits, 0))
FROM (SELECT * FROM accounts WHERE bucket = :bucket) a
FULL JOIN sums s ON s.account = a.id
WHERE a.id IS NULL OR a.debits_posted <> coalesce(s.debits, 0) OR a.credits_posted <> coalesce(s.credits, 0)
UNION ALL
SELECT format('the accounts sum to %s instead of zero', sum(credits_posted - debits_posted))
FROM accounts
WHERE bucket = :bucket
HAVING sum(credits_posted - debits_posted) <> 0
UNION ALL
SELECT format('account %s is overdrawn', id)
FROM accounts
WHERE bucket = :bucket AND flags & 1 <> 0 AND credits_posted - debits_posted - debits_pending < 0
