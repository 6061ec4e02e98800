-- Of no coach more seats are sold or held than it has, and every seat lies in it; whichever bucket is asked, all coaches are.
SELECT format('run %s of departure %s has %s seats, and %s tickets up to seat %s', r.id, r.departure, r.seats, count(*), max(t.seat))
FROM coach_runs r
JOIN coach_tickets t ON t.run = r.id AND NOT t.released
WHERE :bucket >= 0
GROUP BY r.id
HAVING count(*) > r.seats OR max(t.seat) > r.seats OR count(*) <> count(DISTINCT t.seat)
