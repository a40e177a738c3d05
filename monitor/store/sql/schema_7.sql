-- Receivers: how each is doing, what it calls what it was told of, and who was told in its place. No words of a post.

CREATE TABLE receiver_states (
    receiver TEXT PRIMARY KEY,
    ok_at INTEGER,                              -- when it last took a message
    failed_at INTEGER,                          -- when it last did not
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    reason TEXT,                                -- of the last failure, in one word
    error TEXT                                  -- and in a sentence
) STRICT;

CREATE TABLE threads (                          -- what a receiver was told of, as one conversation, alert or ticket
    receiver TEXT NOT NULL,
    thread TEXT NOT NULL,                       -- case:12, incident:3, spike:5
    remote TEXT NOT NULL DEFAULT '',            -- what the receiver calls it, such as a ticket's number
    opened_at INTEGER NOT NULL,
    over_at INTEGER,
    PRIMARY KEY (receiver, thread)
) STRICT;
CREATE INDEX threads_open ON threads (receiver) WHERE over_at IS NULL;

CREATE TABLE thread_cases (
    receiver TEXT NOT NULL,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    thread TEXT NOT NULL,
    PRIMARY KEY (receiver, case_id)
) STRICT;
CREATE INDEX thread_cases_thread ON thread_cases (receiver, thread);

CREATE TABLE fallbacks (                        -- cases that the fallback was told of in a receiver's place
    outbox_id INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    case_id INTEGER NOT NULL,                   -- 0: the message as a whole
    receiver TEXT NOT NULL,                     -- the one that could not be told
    told_at INTEGER NOT NULL,
    PRIMARY KEY (outbox_id, case_id)
) STRICT;
CREATE INDEX fallbacks_receiver ON fallbacks (receiver, told_at);

-- what a few seconds' look asks for: it must not grow with what was sent long ago
CREATE INDEX outbox_untaken ON outbox (opened_at) WHERE urgent = 1 AND state IN ('open', 'sealed', 'dead');
CREATE INDEX outbox_dead ON outbox (receiver) WHERE state = 'dead';
CREATE INDEX outbox_cases_case ON outbox_cases (case_id);

CREATE TABLE canaries (                         -- test alerts that must be acknowledged
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL,                   -- SHA-256 of what whoever acknowledges must know
    by_delivery INTEGER NOT NULL,               -- whether the receiver's yes is enough
    made_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,                    -- until when it must be acknowledged
    sent_at INTEGER,
    acknowledged_at INTEGER,
    told_at INTEGER                             -- when the fallback was told that nobody did
) STRICT;
