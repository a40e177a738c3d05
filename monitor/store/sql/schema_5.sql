-- Spikes: posts and complaints by minute of their posting, what is usual for each brand, and rises beyond that.

CREATE TABLE tallies (                          -- counted with each decision; kept some weeks, and without any words
    brand TEXT NOT NULL,
    minute INTEGER NOT NULL,                    -- since 1970, of posted_at
    source TEXT NOT NULL,
    posts INTEGER NOT NULL,                     -- cases, and drops that are no complaint; noise does not count
    complaints INTEGER NOT NULL,
    PRIMARY KEY (brand, minute, source)
) STRICT, WITHOUT ROWID;

INSERT INTO tallies (brand, minute, source, posts, complaints)
SELECT h.brand, m.posted_at / 60000, h.source, count(*), coalesce(sum(d.drop_rule IS NULL AND d.kind = 'complaint'), 0)
FROM decisions AS d
JOIN hits AS h ON h.id = d.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE d.drop_rule IS NULL OR d.drop_rule = 'not-a-complaint'
GROUP BY 1, 2, 3;

CREATE TABLE usuals (                           -- what is usual for a brand, learnt anew each hour
    brand TEXT PRIMARY KEY,
    learnt_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE spikes (
    id INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',         -- open, over
    level TEXT NOT NULL,
    series TEXT NOT NULL,                       -- count, share: what rose
    minutes INTEGER NOT NULL,                   -- the window that it was found in
    since INTEGER NOT NULL,                     -- when it is likely to have begun
    opened_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER,
    seen INTEGER NOT NULL,                      -- complaints since it began
    expected REAL NOT NULL,                     -- complaints that were usual in that time
    per_hour REAL NOT NULL,                     -- complaints an hour at present
    peak REAL NOT NULL,                         -- the most of them
    event TEXT,                                 -- the planned event that it fell into
    told_per_hour REAL NOT NULL,
    told_at INTEGER NOT NULL,
    words TEXT NOT NULL DEFAULT '[]',           -- single words with their counts, as JSON
    platforms TEXT NOT NULL DEFAULT '{}',       -- shares, as JSON
    causes TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE UNIQUE INDEX spikes_open ON spikes (brand) WHERE state = 'open';
CREATE INDEX spikes_time ON spikes (opened_at);

CREATE TABLE spike_posts (                      -- the posts that explain it, the best first
    spike_id INTEGER NOT NULL REFERENCES spikes (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    hit_id INTEGER NOT NULL REFERENCES hits (id) ON DELETE CASCADE,
    PRIMARY KEY (spike_id, place)
) STRICT;
CREATE INDEX spike_posts_hit ON spike_posts (hit_id);
