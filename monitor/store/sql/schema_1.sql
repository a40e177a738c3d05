-- The first schema. Times are milliseconds since 1970 in UTC; lists and small values are JSON; unknown is NULL.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE sources (
    name TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',      -- waiting, ok, failing, stopped
    reason TEXT,
    cursor TEXT NOT NULL DEFAULT '{}',
    due_at INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    first_poll_at INTEGER,
    polled_at INTEGER,
    ok_at INTEGER,
    returned INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    day TEXT,
    returned_today INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE coverage (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    state TEXT NOT NULL,                        -- covered, gap, blind
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT
) STRICT;
CREATE INDEX coverage_source ON coverage (source, until);

CREATE TABLE mentions (
    id INTEGER PRIMARY KEY,
    platform TEXT NOT NULL,
    native_id TEXT NOT NULL,
    source TEXT NOT NULL,
    author TEXT NOT NULL,                       -- handle, case-folded: the author's key
    author_handle TEXT NOT NULL,
    author_name TEXT,
    author_followers INTEGER,
    text TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    copy_key TEXT,                              -- digest of the folded text; NULL where it is too short to compare
    posted_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    permalink TEXT,
    lang TEXT,
    parent_id TEXT,
    thread_id TEXT,
    likes INTEGER,
    replies INTEGER,
    reposts INTEGER,
    views INTEGER,
    repost_of TEXT,
    rating REAL,
    matched INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER,
    UNIQUE (platform, native_id)
) STRICT;
CREATE INDEX mentions_native ON mentions (native_id);
CREATE INDEX mentions_author ON mentions (platform, author, posted_at);
CREATE INDEX mentions_copy ON mentions (copy_key, id) WHERE copy_key IS NOT NULL;
CREATE INDEX mentions_unmatched ON mentions (seen_at) WHERE matched = 0;
CREATE INDEX mentions_thread ON mentions (platform, thread_id) WHERE thread_id IS NOT NULL;

CREATE TABLE mention_versions (
    mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    text TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (mention_id, version)
) STRICT;

CREATE TABLE readings (                         -- engagement over time, for velocity
    mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    engagement INTEGER NOT NULL,
    PRIMARY KEY (mention_id, at)
) STRICT;

CREATE TABLE hits (
    id INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
    watches TEXT NOT NULL,
    source TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    backfilled INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'new',          -- new, doing, decided, parked
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    UNIQUE (brand, mention_id)
) STRICT;
CREATE INDEX hits_new ON hits (id) WHERE state = 'new';
CREATE INDEX hits_again ON hits (id) WHERE state = 'new' AND attempts > 0;
CREATE INDEX hits_doing ON hits (lease_until) WHERE state = 'doing';
CREATE INDEX hits_mention ON hits (mention_id);

CREATE TABLE decisions (
    hit_id INTEGER PRIMARY KEY REFERENCES hits (id) ON DELETE CASCADE,
    case_id INTEGER REFERENCES cases (id),
    drop_rule TEXT,
    kind TEXT,
    level TEXT,
    score REAL NOT NULL,
    complaint REAL,
    body TEXT NOT NULL,                         -- the decision, whole
    verdict TEXT,
    history TEXT NOT NULL,
    model TEXT,
    rules TEXT NOT NULL,
    mention_version INTEGER NOT NULL,
    outage_at INTEGER,                          -- when it was posted, where it speaks of an outage
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_outage ON decisions (outage_at) WHERE outage_at IS NOT NULL;
CREATE INDEX decisions_case ON decisions (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX decisions_time ON decisions (decided_at);

CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    brand TEXT NOT NULL,
    join_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    level TEXT NOT NULL,
    score REAL NOT NULL,
    reasons TEXT NOT NULL,
    severity TEXT NOT NULL,
    lane TEXT,
    review INTEGER NOT NULL DEFAULT 0,
    hit_id INTEGER NOT NULL REFERENCES hits (id),   -- the worst post, shown first
    posts INTEGER NOT NULL DEFAULT 1,
    copies INTEGER NOT NULL DEFAULT 0,
    opened_at INTEGER NOT NULL,
    clock_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    told_level TEXT,
    told_at INTEGER,
    claimed_by TEXT,
    claimed_at INTEGER,
    ping_at INTEGER,
    release_at INTEGER,
    snoozed_until INTEGER,
    escalation_step INTEGER NOT NULL DEFAULT 0,
    escalate_at INTEGER,
    replied_at INTEGER,
    replied_by TEXT,
    closed_at INTEGER,
    dismissed_reason TEXT,
    incident_id INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX cases_open ON cases (join_key) WHERE status IN ('new', 'claimed', 'replied');
CREATE INDEX cases_status ON cases (status, due_at);
CREATE INDEX cases_opened ON cases (opened_at);
CREATE INDEX cases_escalate ON cases (escalate_at) WHERE escalate_at IS NOT NULL;

CREATE TABLE case_posts (
    hit_id INTEGER PRIMARY KEY REFERENCES hits (id) ON DELETE CASCADE,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    role TEXT NOT NULL                          -- first, further, copy
) STRICT;
CREATE INDEX case_posts_case ON case_posts (case_id);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_case ON audit (case_id, id);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL,
    group_key TEXT NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open',         -- open, sealed, sent, dead, muted
    urgent INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    sealed_at INTEGER,
    body TEXT,
    idempotency_key TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    sent_at INTEGER
) STRICT;
CREATE UNIQUE INDEX outbox_open ON outbox (receiver, group_key, event) WHERE state = 'open';
CREATE INDEX outbox_due ON outbox (due_at) WHERE state IN ('open', 'sealed');
CREATE INDEX outbox_group ON outbox (receiver, group_key, sealed_at);

CREATE TABLE outbox_cases (
    outbox_id INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    case_id INTEGER NOT NULL REFERENCES cases (id),
    level TEXT NOT NULL,
    PRIMARY KEY (outbox_id, case_id)
) STRICT;

CREATE TABLE follows (
    mention_id INTEGER PRIMARY KEY REFERENCES mentions (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    step INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    priority REAL NOT NULL,
    lease_until INTEGER,
    fence INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX follows_due ON follows (due_at);

CREATE TABLE silences (
    id INTEGER PRIMARY KEY,
    matchers TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE digests_sent (
    name TEXT NOT NULL,
    local_date TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (name, local_date)
) STRICT;

CREATE TABLE config_versions (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
