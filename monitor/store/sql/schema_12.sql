-- Answers to customers: the words, who wrote them, who was asked, who approved, opened and sent them.

CREATE TABLE answers (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                         -- answer, holding
    state TEXT NOT NULL,                        -- draft, waiting, approved, rejected, opened, sent, withdrawn
    text TEXT NOT NULL,
    template TEXT NOT NULL DEFAULT '',          -- what it was begun from
    author TEXT NOT NULL,                       -- who wrote these words
    written_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    asked_by TEXT,
    asked_at INTEGER,
    approved_by TEXT,                           -- of exactly these words
    approved_at INTEGER,
    rejected_by TEXT,
    reason TEXT,
    opened_by TEXT,
    opened_at INTEGER,
    sent_by TEXT,
    sent_at INTEGER,
    permalink TEXT,
    unapproved INTEGER NOT NULL DEFAULT 0,      -- sent although its case asked for a second person
    step INTEGER NOT NULL DEFAULT 0,            -- the next step of asking for an approval
    step_at INTEGER                             -- when it comes; NULL: none is to come
) STRICT;
CREATE UNIQUE INDEX answers_live ON answers (case_id, kind) WHERE state NOT IN ('sent', 'withdrawn');
CREATE INDEX answers_case ON answers (case_id);
CREATE INDEX answers_waiting ON answers (asked_at) WHERE state = 'waiting';
CREATE INDEX answers_step ON answers (step_at) WHERE step_at IS NOT NULL;
CREATE INDEX answers_sent ON answers (sent_at) WHERE state = 'sent';
