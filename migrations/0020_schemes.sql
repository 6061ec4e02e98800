-- Schemes and campaigns as dated data, grants that lapse, and how often and how much each citizen used.

-- A way of paying that a sponsor makes popular: its budget is a fund of its own, whose id is the campaign's.
CREATE TABLE campaigns (
    id   bigint PRIMARY KEY REFERENCES funds,
    key  text   NOT NULL UNIQUE
);

-- The terms of a scheme (its number) or a campaign (its id) from a moment on, until the next ones begin. Only ever added to.
CREATE TABLE programme_terms (
    programme  bigint      NOT NULL,
    since      timestamptz NOT NULL,
    body       jsonb       NOT NULL,
    PRIMARY KEY (programme, since)
);

-- Whom a campaign is for, where it is not for everybody.
CREATE TABLE campaign_members (
    campaign  bigint   NOT NULL REFERENCES campaigns,
    citizen   bigint   NOT NULL REFERENCES citizens,
    bucket    smallint NOT NULL,
    PRIMARY KEY (campaign, citizen)
);

-- What was put into whose purse, once for each period, and what of it went back to the sponsor because its time was over.
CREATE TABLE grants (
    posting    bigint      NOT NULL,
    citizen    bigint      NOT NULL,
    amount     bigint      NOT NULL CHECK (amount > 0),       -- fen
    returned   bigint      NOT NULL DEFAULT 0,                -- fen
    lapses_at  timestamptz,                                   -- from then on it cannot be spent; NULL never
    bucket     smallint    NOT NULL,                          -- the citizen's
    scheme     smallint    NOT NULL REFERENCES schemes,
    swept      boolean     NOT NULL DEFAULT false,            -- the job looked at it after it had lapsed
    period     text        NOT NULL,                          -- what it is for: 2026-11; what is given once has its own word
    PRIMARY KEY (bucket, scheme, citizen, period),
    UNIQUE (bucket, posting),
    CONSTRAINT nothing_lapses_twice CHECK (returned BETWEEN 0 AND amount)
);
CREATE INDEX grants_lapsing ON grants (bucket, lapses_at) WHERE NOT swept AND lapses_at IS NOT NULL;

-- What a sponsor paid into a fund, bucket by bucket, once for each period.
CREATE TABLE pay_ins (
    posting  bigint   NOT NULL,
    fund     bigint   NOT NULL REFERENCES funds,
    amount   bigint   NOT NULL CHECK (amount > 0),
    bucket   smallint NOT NULL,
    period   text     NOT NULL,
    PRIMARY KEY (bucket, fund, period)
);

-- How often, and for how many fen, a citizen used a scheme or a campaign on a day: written with the payment, under the bucket's lock.
CREATE TABLE uses (
    citizen    bigint   NOT NULL,
    programme  bigint   NOT NULL,
    amount     bigint   NOT NULL CHECK (amount > 0),
    day        date     NOT NULL,
    uses       integer  NOT NULL CHECK (uses > 0),
    bucket     smallint NOT NULL,
    PRIMARY KEY (bucket, citizen, programme, day)
);

GRANT SELECT, INSERT ON campaigns, programme_terms, campaign_members, pay_ins TO haihe_app;
GRANT SELECT, INSERT, UPDATE ON grants, uses TO haihe_app;

-- What was given before: it has no end.
INSERT INTO grants (posting, citizen, amount, bucket, scheme, period)
SELECT t.id, p.citizen, t.amount, p.bucket, p.scheme,
    coalesce(to_char(m.month, 'YYYY-MM'), CASE WHEN t.id = p.account THEN 'founding' ELSE t.id::text END)
FROM purses p
JOIN transfers t ON t.bucket = p.bucket AND t.credit = p.account AND t.kind = 4
LEFT JOIN campus_meal_money m ON m.bucket = t.bucket AND m.posting = t.id;

INSERT INTO pay_ins (posting, fund, amount, bucket, period)
SELECT t.id, f.id, t.amount, t.bucket, CASE WHEN t.id = f.id OR n.place = 1 THEN 'founding' ELSE t.id::text END
FROM funds f
JOIN transfers t ON t.credit = f.id AND t.debit = 1 AND t.kind = 3
CROSS JOIN LATERAL (SELECT count(*) AS place FROM transfers o
    WHERE o.bucket = t.bucket AND o.credit = f.id AND o.debit = 1 AND o.kind = 3 AND o.id <= t.id) n;

INSERT INTO uses (citizen, programme, amount, day, uses, bucket)
SELECT p.citizen, p.scheme, sum(t.amount), (t.effective AT TIME ZONE 'Asia/Shanghai')::date, count(*), p.bucket
FROM purses p
JOIN transfers t ON t.bucket = p.bucket AND t.debit = p.account AND t.kind = 1
GROUP BY p.citizen, p.scheme, p.bucket, (t.effective AT TIME ZONE 'Asia/Shanghai')::date;

-- Where purses are taken is said by their schemes; what meal money was given stands among the grants.
ALTER TABLE service_terms DROP COLUMN purses;
DROP TABLE campus_meal_money;
