-- What independent sources said of a citizen's identity. No personal data: who is asked about stands only in citizens.

CREATE TABLE identity_checks (
    citizen     bigint      NOT NULL REFERENCES citizens,
    checked_at  timestamptz NOT NULL,
    channel     smallint    NOT NULL CHECK (channel BETWEEN 1 AND 7),   -- people/checks/model.py Channel
    answer      smallint    NOT NULL CHECK (answer IN (0, 1)),          -- 1 match, 0 mismatch
    origin      smallint    NOT NULL CHECK (origin IN (0, 1)),          -- 0 asked by this city, 1 known from before its founding
    source      text        NOT NULL CHECK (source ~ '^[a-z0-9-]{1,40}$'),
    PRIMARY KEY (citizen, source)                                       -- each source counts once
);

-- Who was there already was checked elsewhere as often as the class needs.
INSERT INTO identity_checks (citizen, checked_at, channel, answer, origin, source)
SELECT c.id, c.registered_at, s.channel, 1, 1, s.source
FROM citizens c
JOIN (VALUES (1, 'registry'), (2, 'operator'), (3, 'social'), (4, 'education'), (5, 'housing')) s(channel, source)
    ON s.channel <= CASE c.class WHEN 1 THEN 1 WHEN 2 THEN 3 ELSE 5 END;

GRANT SELECT, INSERT, UPDATE ON identity_checks TO haihe_app;
