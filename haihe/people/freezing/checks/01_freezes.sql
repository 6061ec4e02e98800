-- Whoever's wallet is written down as frozen has a wallet that the ledger has frozen.
SELECT format('wallet %s is written down as frozen and the ledger lets it pay', f.citizen)
FROM freezes f
JOIN citizens c ON c.id = f.citizen
JOIN accounts a ON a.bucket = c.bucket AND a.id = c.id
WHERE c.bucket = :bucket AND a.flags & 2 = 0
