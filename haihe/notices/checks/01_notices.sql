-- Nobody is told before it happened: the reader stands at no news that is not there, and a notice is what its news says, to whom it is about.
SELECT format('notices are told up to %s, but the outbox ends at %s', c.number, h.number)
FROM notice_cursors c
JOIN outbox_heads h ON h.bucket = c.bucket
WHERE c.bucket = :bucket AND c.number > h.number
UNION ALL
SELECT format('notice %s of citizen %s is not what news %s says', n.id, n.citizen, n.number)
FROM notices n
JOIN outbox o ON o.bucket = n.bucket AND o.number = n.number
WHERE n.bucket = :bucket AND (o.subject <> n.citizen OR o.kind <> n.kind OR o.body <> n.body OR o.at <> n.at)
UNION ALL
SELECT format('notice %s stands behind the reader, which is at %s', n.id, c.number)
FROM notices n
JOIN notice_cursors c ON c.bucket = n.bucket
WHERE n.bucket = :bucket AND n.number > c.number
