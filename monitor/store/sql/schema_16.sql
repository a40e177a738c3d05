-- Answers sent from here: one row an attempt, written before the platform hears of it.

CREATE TABLE sendings (
    id INTEGER PRIMARY KEY,
    answer_id INTEGER NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,                   -- of the answer: the very words that the person saw
    who TEXT NOT NULL,
    source TEXT NOT NULL,
    account TEXT NOT NULL,
    state TEXT NOT NULL,                        -- sending, sent, perhaps sent, not sent
    at INTEGER NOT NULL,
    settled_at INTEGER,
    settled_by TEXT,
    problem TEXT
) STRICT;
-- an answer goes out once: only an attempt that certainly failed makes room for another
CREATE UNIQUE INDEX sendings_once ON sendings (answer_id) WHERE state != 'not sent';
CREATE INDEX sendings_answer ON sendings (answer_id);
