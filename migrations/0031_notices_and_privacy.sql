-- Notices: news as messages to a person; and persons who had themselves erased.

-- What a person was told. Kind and body as published, no text: it is said in the reader's language when it is read (notices/kinds.py).
-- One row for one piece of news, however often the reader comes by.
CREATE TABLE notices (
    number    bigint      NOT NULL,           -- the news' place in its bucket's outbox
    id        bigint      NOT NULL,
    citizen   bigint      NOT NULL REFERENCES citizens,
    at        timestamptz NOT NULL,           -- when it happened
    read_at   timestamptz,                    -- NULL not yet
    bucket    smallint    NOT NULL,
    kind      text        NOT NULL,
    body      jsonb       NOT NULL,
    PRIMARY KEY (bucket, number)
);
CREATE UNIQUE INDEX notices_of_citizen ON notices (citizen, id);
CREATE INDEX notices_unread ON notices (citizen) WHERE read_at IS NULL;
CREATE INDEX notices_by_id ON notices (id);

-- Up to which news of its bucket everything was told. Its row's lock lets one process at a time tell.
CREATE TABLE notice_cursors (
    bucket  smallint PRIMARY KEY,
    number  bigint   NOT NULL
) WITH (fillfactor = 20);

-- Short messages that are to be sent; the phone number is looked up when it is sent, and stands nowhere.
CREATE TABLE notice_texts (
    number       bigint      NOT NULL,
    next_try_at  timestamptz NOT NULL,
    sent_at      timestamptz,
    bucket       smallint    NOT NULL,
    tries        smallint    NOT NULL DEFAULT 0,
    state        smallint    NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),   -- 0 waiting, 1 sent, 2 given up
    PRIMARY KEY (bucket, number),
    FOREIGN KEY (bucket, number) REFERENCES notices (bucket, number) ON DELETE CASCADE,
    CONSTRAINT sent_at_a_time CHECK ((state = 1) = (sent_at IS NOT NULL))
);
CREATE INDEX notice_texts_waiting ON notice_texts (next_try_at) WHERE state = 0;

-- How a person wants to be told of a group of things besides the inbox; no row: as everybody at first.
CREATE TABLE notice_choices (
    citizen     bigint   NOT NULL REFERENCES citizens,
    kind_group  smallint NOT NULL,            -- notices/model.py Group
    live        boolean  NOT NULL,
    sms         boolean  NOT NULL,
    PRIMARY KEY (citizen, kind_group)
);

GRANT SELECT, INSERT, DELETE ON notices TO haihe_app;
GRANT UPDATE (read_at) ON notices TO haihe_app;
GRANT SELECT, INSERT, UPDATE ON notice_cursors, notice_texts TO haihe_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_choices TO haihe_app;

-- News that were told are forgotten with the notices that came of them; what an erased person's news said goes at once.
GRANT DELETE ON outbox TO haihe_app;
GRANT UPDATE (body) ON outbox TO haihe_app;
CREATE INDEX outbox_by_time ON outbox (at);

-- An erased person: the key is destroyed, and so is all that was sealed with it. The row stays because money was moved under its id. The hashes are random then, so that nobody is found by them and the person may register again.
ALTER TABLE citizens ADD COLUMN erased_at timestamptz;
ALTER TABLE citizens ADD CONSTRAINT erased_is_empty CHECK (
    (erased_at IS NULL) = (data_key <> '')
    AND (erased_at IS NULL OR (name = '' AND id_number = '' AND phone = '' AND passcode = ''))
);

-- What somebody asks to be given out, or to be destroyed, is found by whom it is about.
CREATE INDEX arrivals_by_recipient ON arrivals (bucket, recipient);
CREATE INDEX clinic_looks_by_patient ON clinic_looks (patient, id);
CREATE INDEX cash_ins_by_citizen ON cash_ins (bucket, citizen);
CREATE INDEX desk_visits_by_citizen ON desk_visits (citizen, id);

GRANT DELETE ON campaign_members, insured, guardians, social_standings TO haihe_app;
