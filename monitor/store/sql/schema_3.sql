-- Config versions with their files and reports, the re-scoring of open cases, feedback from cards, and suggestions.

ALTER TABLE config_versions ADD COLUMN action TEXT NOT NULL DEFAULT 'apply';
ALTER TABLE config_versions ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- files: {name: text} of every file; report: of the lab, as JSON
ALTER TABLE config_versions ADD COLUMN files TEXT;
ALTER TABLE config_versions ADD COLUMN report TEXT;

-- the rules that a post was last re-scored by; meanwhile its state is 'rescoring'
ALTER TABLE hits ADD COLUMN rescored TEXT;
CREATE INDEX hits_rescoring ON hits (lease_until) WHERE state = 'rescoring';
CREATE INDEX decisions_rules ON decisions (case_id, rules) WHERE case_id IS NOT NULL;

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,                         -- not-us, not-a-complaint, block-author, mute-thread
    entry TEXT,                                 -- what the config was given: a handle, a thread
    before TEXT NOT NULL,                       -- the columns of the case that it changed, as they were
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_by TEXT,
    undone_at INTEGER
) STRICT;
CREATE INDEX feedback_case ON feedback (case_id, id);

CREATE TABLE suggestions (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    brand TEXT NOT NULL,                        -- '' for all
    source TEXT NOT NULL,                       -- '' for all
    value TEXT NOT NULL,                        -- what the config would be given, as JSON
    evidence TEXT NOT NULL,                     -- counts, as JSON
    cost TEXT,                                  -- what the lab measured, as JSON; NULL where nobody has
    made_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',      -- waiting, accepted, reverted
    before TEXT,                                -- what the config had in its place, as JSON
    who TEXT,
    at INTEGER,
    UNIQUE (kind, brand, source, value)
) STRICT;
