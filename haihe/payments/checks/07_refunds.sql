-- A refund gives back a paid payment, each part its share, never more than was paid, and the ledger shows what is left to give back.
WITH refunded AS MATERIALIZED (
    SELECT * FROM payments WHERE bucket = :bucket AND status = 11
), legs AS MATERIALIZED (
    SELECT t.*, t.id / 16 * 16 AS posting
    FROM transfers t
    WHERE t.bucket = :bucket AND t.kind IN (5, 6)
)
SELECT format('refund %s of payment %s does not match what it names', r.id, r.names)
FROM refunded r
LEFT JOIN payments p ON p.bucket = :bucket AND p.id = r.names
WHERE (p.status, p.payer, p.payee, p.kind, p.point, p.service) IS DISTINCT FROM (0::smallint, r.payer, r.payee, r.kind, r.point, r.service)
    OR NOT EXISTS (SELECT 1 FROM refunds n WHERE n.bucket = :bucket AND n.id = r.id)
UNION ALL
-- The posting of a refund: its amount out of the payee's till, the same amount off what may be given back, nothing else.
SELECT format('refund %s does not match its posting', coalesce(r.id, l.posting))
FROM refunded r
FULL JOIN (
    SELECT posting, min(payment) AS payment, min(batch) AS batch,
        sum(amount) FILTER (WHERE kind = 5) AS amount, min(debit) FILTER (WHERE kind = 5) AS till, max(debit) FILTER (WHERE kind = 5) AS till_max,
        sum(amount) FILTER (WHERE kind = 6) AS rest, min(debit) FILTER (WHERE kind = 6) AS account, count(*) FILTER (WHERE kind = 6) AS rests
    FROM legs
    WHERE payment <> 0 AND debit <> 7
    GROUP BY posting
) l ON l.posting = r.id
WHERE (l.payment, l.batch, l.amount, l.till, l.till_max, l.rest, l.account, l.rests)
    IS DISTINCT FROM (r.id, r.batch, r.amount::numeric, r.payee, r.payee, r.amount::numeric, r.names + 8, 1)
UNION ALL
-- Each part names a share of its payment, and a share gives back at most what it was.
SELECT format('payment %s: of share %s of %s, %s were given back', r.names, l.names, coalesce(s.amount, 0), sum(l.amount))
FROM refunded r
JOIN legs l ON l.posting = r.id AND l.kind = 5
LEFT JOIN transfers s ON s.bucket = :bucket AND s.id = l.names AND s.kind = 1 AND s.id BETWEEN r.names AND r.names + 15
GROUP BY r.names, l.names, s.amount
HAVING sum(l.amount) > coalesce(s.amount, 0)
UNION ALL
-- A part reaches the account of its share, or the fund behind a closed purse, or waits in flight and is written down.
SELECT format('transfer %s of refund %s reached account %s, where its share did not come from', l.id, r.id, l.credit)
FROM refunded r
JOIN legs l ON l.posting = r.id AND l.kind = 5
JOIN transfers s ON s.bucket = :bucket AND s.id = l.names
WHERE l.credit <> s.debit
    AND NOT EXISTS (
        SELECT 1
        FROM purses u
        JOIN schemes c ON c.id = u.scheme
        JOIN accounts a ON a.bucket = :bucket AND a.id = u.account AND a.flags & 4 <> 0
        WHERE u.bucket = :bucket AND u.account = s.debit AND c.fund = l.credit
    )
    AND NOT (l.credit = 7 AND EXISTS (
        SELECT 1 FROM refunds_held h WHERE h.bucket = :bucket AND h.transfer = l.id AND h.account = s.debit
    ))
UNION ALL
SELECT format('refundable account of payment %s: filled with %s of %s, %s left after refunds of %s',
    a.id - 8, a.credits_posted, p.amount, a.credits_posted - a.debits_posted, coalesce(r.amount, 0))
FROM accounts a
LEFT JOIN payments p ON p.bucket = :bucket AND p.id = a.id - 8 AND p.status = 0
LEFT JOIN (SELECT names, sum(amount) AS amount FROM refunded GROUP BY names) r ON r.names = a.id - 8
WHERE a.bucket = :bucket AND a.kind = 20
    AND (a.credits_posted, a.debits_posted::numeric, a.flags) IS DISTINCT FROM (p.amount, coalesce(r.amount, 0), 9)
UNION ALL
SELECT format('payment %s was given back without a refundable account', r.names)
FROM refunded r
WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.bucket = :bucket AND a.id = r.names + 8 AND a.kind = 20)
UNION ALL
-- What is in flight is what waits; what went on names what was held, with its amount.
SELECT format('%s fen are in flight, %s wait', a.in_flight, h.waiting)
FROM (SELECT coalesce(sum(credits_posted - debits_posted), 0) AS in_flight FROM accounts WHERE bucket = :bucket AND id = 7) a,
    (
        SELECT coalesce(sum(t.amount), 0) AS waiting
        FROM refunds_held h
        JOIN transfers t ON t.bucket = :bucket AND t.id = h.transfer
        WHERE h.bucket = :bucket AND h.posting = 0
    ) h
WHERE a.in_flight <> h.waiting
UNION ALL
SELECT format('transfer %s was held for account %s and did not go on as %s says', h.transfer, h.account, h.posting)
FROM refunds_held h
JOIN transfers t ON t.bucket = :bucket AND t.id = h.transfer
LEFT JOIN transfers o ON o.bucket = :bucket AND o.id = h.posting
WHERE h.bucket = :bucket AND h.posting <> 0
    AND (o.names, o.debit, o.credit, o.amount, o.kind) IS DISTINCT FROM (h.transfer, 7, h.account, t.amount, 5::smallint)
