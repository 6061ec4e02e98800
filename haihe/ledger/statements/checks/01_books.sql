-- Up to the batch of its cursor, every book holds exactly the transfers that moved money on its account, in order, and each leaf says their sums and what it brings forward.
WITH lines AS MATERIALIZED (
    SELECT x.book, x.id, x.kind, sum(x.debit)::bigint AS debit, sum(x.credit)::bigint AS credit, x.batch, x.place,
        row_number() OVER (PARTITION BY x.book ORDER BY x.batch, x.place) AS number
    FROM book_cursors k
    JOIN transfers t ON t.bucket = :bucket AND t.batch <= k.batch AND t.phase IN (0, 2)
    CROSS JOIN LATERAL (VALUES (t.debit, t.amount, 0), (t.credit, 0, t.amount)) AS s(account, debit, credit)
    JOIN accounts a ON a.bucket = :bucket AND a.id = s.account
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.flags & 8 = 0 AND a.kind <> 20 THEN a.id ELSE -a.kind::bigint END AS book, a.kind, t.id, s.debit, s.credit, t.batch, t.place
    ) x
    WHERE k.bucket = :bucket
    GROUP BY x.book, x.kind, x.id, x.batch, x.place
), held AS MATERIALIZED (
    SELECT l.account, l.lines_forward, n.id, l.lines_forward + n.number AS number
    FROM book_leaves l
    CROSS JOIN LATERAL unnest(l.ids) WITH ORDINALITY AS n(id, number)
    WHERE l.bucket = :bucket
), summed AS (
    SELECT h.account, h.lines_forward, sum(l.debit)::bigint AS debits, sum(l.credit)::bigint AS credits,
        min(l.batch) AS first_batch, max(l.batch) AS last_batch
    FROM held h
    JOIN lines l ON l.book = h.account AND l.number = h.number
    GROUP BY h.account, h.lines_forward
)
SELECT format('line %s of book %s is transfer %s instead of %s', coalesce(l.number, h.number), coalesce(l.book, h.account),
    coalesce(h.id::text, 'none'), coalesce(l.id::text, 'none'))
FROM lines l
FULL JOIN held h ON h.account = l.book AND h.number = l.number
WHERE h.id IS DISTINCT FROM l.id
UNION ALL
SELECT format('book %s from line %s on says debits %s and credits %s, its transfers give %s and %s',
    b.account, b.lines_forward + 1, b.debits, b.credits, s.debits, s.credits)
FROM book_leaves b
LEFT JOIN summed s ON s.account = b.account AND s.lines_forward = b.lines_forward
WHERE b.bucket = :bucket
    AND (b.debits, b.credits, b.first_batch, b.last_batch) IS DISTINCT FROM (s.debits, s.credits, s.first_batch, s.last_batch)
UNION ALL
SELECT format('book %s brings forward %s lines, debits %s and credits %s instead of %s, %s and %s',
    k.account, k.lines_forward, k.debits_forward, k.credits_forward, k.lines, k.debits, k.credits)
FROM (
    SELECT account, lines_forward, debits_forward, credits_forward, coalesce(sum(cardinality(ids)) OVER before, 0) AS lines,
        coalesce(sum(debits) OVER before, 0) AS debits, coalesce(sum(credits) OVER before, 0) AS credits
    FROM book_leaves
    WHERE bucket = :bucket
    WINDOW before AS (PARTITION BY account ORDER BY first_posted, first_batch, first_place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
) k
WHERE (k.lines_forward, k.debits_forward, k.credits_forward) IS DISTINCT FROM (k.lines, k.debits, k.credits)
UNION ALL
SELECT format('book %s is not listed as kind %s', l.book, l.kind)
FROM (SELECT DISTINCT book, kind FROM lines) l
LEFT JOIN books b ON b.bucket = :bucket AND b.account = l.book AND b.kind = l.kind
WHERE b.account IS NULL
