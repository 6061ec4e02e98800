-- Of an erased person nothing personal is left, and nothing can move: the wallet is empty and closed, no card, passkey, notice or family link lives.
SELECT format('erased citizen %s has a wallet with %s fen and flags %s', c.id, a.credits_posted - a.debits_posted, a.flags)
FROM citizens c
JOIN accounts a ON a.bucket = c.bucket AND a.id = c.id
WHERE c.bucket = :bucket AND c.erased_at IS NOT NULL AND (a.credits_posted <> a.debits_posted OR a.flags & 4 = 0)
UNION ALL
SELECT format('erased citizen %s still has %s', c.id, left_over.what)
FROM citizens c
CROSS JOIN LATERAL (
    SELECT 'a bank card' AS what FROM bank_cards WHERE citizen = c.id
    UNION ALL
    SELECT 'a passkey' FROM passkeys WHERE citizen = c.id
    UNION ALL
    SELECT 'a session' FROM sign_ins WHERE citizen = c.id
    UNION ALL
    SELECT 'a notice' FROM notices WHERE citizen = c.id
    UNION ALL
    SELECT 'a living paper card' FROM paper_cards WHERE citizen = c.id AND revoked_at IS NULL
    UNION ALL
    SELECT 'a living family link' FROM family_ties WHERE (owner = c.id OR member = c.id) AND state < 2
) AS left_over
WHERE c.bucket = :bucket AND c.erased_at IS NOT NULL
