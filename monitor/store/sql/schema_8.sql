-- Who was told of what, what is held back, and when a receiver was last tried.

CREATE TABLE tellings (                         -- what a receiver was last told of a case
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    receiver TEXT NOT NULL,
    level TEXT NOT NULL,
    cause TEXT,
    told_at INTEGER NOT NULL,
    repeat_at INTEGER,                          -- when it is told again, where nobody has taken the case
    PRIMARY KEY (case_id, receiver)
) STRICT;
CREATE INDEX tellings_repeat ON tellings (repeat_at) WHERE repeat_at IS NOT NULL;

CREATE TABLE subject_tellings (                 -- the same of an incident or a spike
    subject TEXT NOT NULL,                      -- incident:7
    receiver TEXT NOT NULL,
    level TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (subject, receiver)
) STRICT;

-- what a message is about, where that is no list of cases: incident:7, spike:3
ALTER TABLE outbox ADD COLUMN subject TEXT;
-- why an open message is held back; NULL where it only gathers
ALTER TABLE outbox ADD COLUMN held TEXT;
ALTER TABLE outbox ADD COLUMN tried_at INTEGER;
CREATE INDEX outbox_held ON outbox (due_at) WHERE state = 'open' AND held IS NOT NULL;
CREATE INDEX outbox_unsent ON outbox (receiver, group_key) WHERE state = 'sealed';
