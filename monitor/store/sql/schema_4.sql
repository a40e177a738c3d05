-- Causes of complaints, what their posts mean, and incidents: many cases about one fault.

ALTER TABLE cases ADD COLUMN cause TEXT;
-- who gave the cause: 'monitor', or a person
ALTER TABLE cases ADD COLUMN cause_by TEXT;
-- the phrase or the example that it rests on
ALTER TABLE cases ADD COLUMN cause_why TEXT;

CREATE TABLE case_meanings (
    case_id INTEGER PRIMARY KEY REFERENCES cases (id),
    hit_id INTEGER NOT NULL,                    -- the post that it is the meaning of
    model TEXT NOT NULL,                        -- vectors of two models do not compare
    vector BLOB NOT NULL                        -- of length 1, 16-bit floats
) STRICT;
CREATE INDEX case_meanings_hit ON case_meanings (hit_id);

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'gathering',    -- gathering (too few to tell of), open, fixed, over, merged
    size INTEGER NOT NULL DEFAULT 0,            -- cases that are in it
    total BLOB NOT NULL,                        -- the sum of the vectors of its cases, 32-bit floats
    words TEXT NOT NULL DEFAULT '{}',           -- telling words of its cases with their numbers, as JSON
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    opened_at INTEGER,                          -- when it was told of first
    told_size INTEGER,
    told_level TEXT,
    told_at INTEGER,
    owner TEXT,
    fixed_at INTEGER,
    over_at INTEGER,
    answer TEXT,                                -- the answer that was agreed on
    answer_by TEXT,
    merged_into INTEGER REFERENCES incidents (id),
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX incidents_alive ON incidents (brand, last_at) WHERE state IN ('gathering', 'open', 'fixed');
CREATE INDEX incidents_opened ON incidents (opened_at) WHERE opened_at IS NOT NULL;

CREATE TABLE incident_cases (
    case_id INTEGER PRIMARY KEY REFERENCES cases (id),
    incident_id INTEGER REFERENCES incidents (id),  -- NULL: a person took it out, and it stays alone
    words TEXT NOT NULL DEFAULT '[]',
    at INTEGER NOT NULL,                        -- when its first post was written
    who TEXT NOT NULL
) STRICT;
CREATE INDEX incident_cases_incident ON incident_cases (incident_id, at) WHERE incident_id IS NOT NULL;

CREATE TABLE incident_audit (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX incident_audit_incident ON incident_audit (incident_id, id);
CREATE INDEX cases_unplaced ON cases (brand, id) WHERE kind = 'complaint' AND status IN ('new', 'claimed', 'replied');
