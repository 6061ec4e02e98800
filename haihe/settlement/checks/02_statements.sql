-- A settlement is the sum of its buckets, its fee is divided over them to the fen, and its statement names the one before it.
SELECT format('the settlement of organisation %s on %s is not the sum of its buckets', n.organisation, n.day)
FROM settlements n
LEFT JOIN LATERAL (
    SELECT sum(s.gross) AS gross, sum(s.refunded) AS refunded, sum(s.fee) AS fee
    FROM settlement_shares s
    WHERE s.organisation = n.organisation AND s.day = n.day
) s ON true
WHERE (n.gross, n.refunded, n.fee) IS DISTINCT FROM (s.gross, s.refunded, s.fee) AND :bucket = 0
UNION ALL
SELECT format('the statement of organisation %s on %s does not name the one before it', n.organisation, n.day)
FROM (
    SELECT s.*, lag(s.hash, 1, decode(repeat('00', 32), 'hex')) OVER (PARTITION BY s.organisation ORDER BY s.day) AS before
    FROM settlements s
) n
WHERE n.previous_hash <> n.before AND :bucket = 0
