-- The recall sample: a few drops a day that a person looks at. No words of a post are kept here.

CREATE TABLE recall_draws (
    id INTEGER PRIMARY KEY,
    local_date TEXT NOT NULL UNIQUE,
    since INTEGER NOT NULL,                     -- what was first seen in [since, until) was drawn from
    until INTEGER NOT NULL,
    drawn_at INTEGER NOT NULL
) STRICT;

CREATE TABLE recall_frame (                     -- how many drops each draw was made from; they outlive the drops
    draw_id INTEGER NOT NULL REFERENCES recall_draws (id) ON DELETE CASCADE,
    brand TEXT NOT NULL,
    stratum TEXT NOT NULL,
    drops INTEGER NOT NULL,
    PRIMARY KEY (draw_id, brand, stratum)
) STRICT;

CREATE TABLE recall_sample (
    id INTEGER PRIMARY KEY,
    draw_id INTEGER NOT NULL REFERENCES recall_draws (id) ON DELETE CASCADE,
    hit_id INTEGER REFERENCES hits (id) ON DELETE SET NULL,     -- NULL once the drop is kept no longer
    brand TEXT NOT NULL,
    source TEXT NOT NULL,
    drop_rule TEXT NOT NULL,
    stratum TEXT NOT NULL,
    complaint REAL,
    probability REAL NOT NULL,                  -- of being drawn
    answer TEXT,                                -- yes (a missed complaint), no, skip; NULL waits
    answered_by TEXT,
    answered_at INTEGER,
    case_id INTEGER REFERENCES cases (id)
) STRICT;
CREATE INDEX recall_sample_hit ON recall_sample (hit_id) WHERE hit_id IS NOT NULL;
CREATE INDEX recall_sample_draw ON recall_sample (draw_id);
