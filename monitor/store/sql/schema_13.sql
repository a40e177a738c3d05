-- What happened next: first due times, answers seen on the platform, what the customer said then, threads, impostors.

-- the promise that reports measure: neither a rise nor a further complaint moves it
ALTER TABLE cases ADD COLUMN first_due_at INTEGER;
ALTER TABLE cases ADD COLUMN first_clock_at INTEGER;
-- when we answered last; replied_at is the first time
ALTER TABLE cases ADD COLUMN answered_at INTEGER;
-- the native id of our last answer that was seen on the platform; NULL where a person recorded it
ALTER TABLE cases ADD COLUMN answer_seen TEXT;
-- how the customer's words after an answer compare with those before: calmer, same, angrier
ALTER TABLE cases ADD COLUMN mood TEXT;
-- one sentence in words of ours, which outlives the post
ALTER TABLE cases ADD COLUMN summary TEXT;
UPDATE cases SET first_due_at = due_at, first_clock_at = clock_at, answered_at = replied_at;

-- when a later reading last found the post live
ALTER TABLE mentions ADD COLUMN checked_at INTEGER;

CREATE TABLE watched_places (                   -- threads of cases, and per source the own timeline
    source TEXT NOT NULL,
    place TEXT NOT NULL,                        -- the thread's id; '' is the own timeline
    read_at INTEGER NOT NULL,                   -- what was written before it is read
    due_at INTEGER NOT NULL,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX watched_places_due ON watched_places (due_at);

CREATE TABLE impostors (                        -- accounts that posed as ours in the thread of a case
    key TEXT NOT NULL,                          -- digest of brand, platform and handle: what is left after a deletion
    case_id INTEGER NOT NULL REFERENCES cases (id),
    brand TEXT NOT NULL,
    platform TEXT NOT NULL,
    handle TEXT,                                -- NULL once its post was deleted
    mention_id INTEGER,
    seen_at INTEGER NOT NULL,
    cleared_by TEXT,                            -- who said that it is none
    cleared_at INTEGER,
    PRIMARY KEY (key, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX impostors_mention ON impostors (mention_id);

-- posts of cases are looked at again as long as their words are kept; those of before within the next 20 hours
INSERT OR IGNORE INTO follows (mention_id, source, step, due_at, priority)
SELECT m.id, m.source, 4, strftime('%s', 'now') * 1000 + abs(random() % 72000000), c.score
FROM cases AS c JOIN case_posts AS p ON p.case_id = c.id JOIN hits AS h ON h.id = p.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE m.deleted_at IS NULL;
