-- Everything sent left the sender's wallet whole and goes to the recipient; what was refused moved nothing; who received it has it in the wallet.
SELECT format('sending %s of citizen %s (result %s) does not match its posting', s.id, s.sender, s.result)
FROM sendings s
LEFT JOIN transfers t ON t.bucket = :bucket AND t.id = s.id
LEFT JOIN crossings c ON c.bucket = :bucket AND c.id = s.id
WHERE s.bucket = :bucket
    AND ((s.result = 0) IS DISTINCT FROM (t.id IS NOT NULL)
        OR s.result = 0 AND (t.debit, t.amount) IS DISTINCT FROM (s.sender, s.amount)
        OR s.result = 0 AND coalesce(c.credit, t.credit) IS DISTINCT FROM s.recipient)
UNION ALL
SELECT format('arrival %s of citizen %s does not match its posting', a.id, a.recipient)
FROM arrivals a
LEFT JOIN transfers t ON t.bucket = :bucket AND t.id = a.id
WHERE a.bucket = :bucket AND (t.credit, t.amount, t.kind) IS DISTINCT FROM (a.recipient, a.amount, 7::smallint)
UNION ALL
SELECT format('sending %s brought money to citizen %s, who was not told', s.id, s.recipient)
FROM sendings s
LEFT JOIN crossings c ON c.bucket = :bucket AND c.id = s.id
JOIN transfers t ON t.bucket = coalesce(c.target, :bucket) AND t.id = s.id AND t.credit = s.recipient
LEFT JOIN arrivals a ON a.bucket = coalesce(c.target, :bucket) AND a.id = s.id
WHERE s.bucket = :bucket AND s.result = 0
    AND (a.recipient, a.sender, a.amount) IS DISTINCT FROM (s.recipient, s.sender, s.amount)
