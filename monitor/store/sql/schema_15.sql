-- What reports measure: the first times of each case, posts by quarter of an hour, posts returned by day, fixes of causes.
-- Triggers keep them, so that no step and no move can forget to; none of them holds words of a post.
-- A trigger ends on the line of its last statement: `;` at the end of a line ends a statement of the migration.

CREATE TABLE case_times (                       -- first times: neither a rise, nor a reopening, nor a further word moves them
    case_id INTEGER PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
    brand TEXT NOT NULL,
    platform TEXT NOT NULL,                     -- of the first post, as its language and its times
    lang TEXT,
    mention_id INTEGER NOT NULL,
    backfilled INTEGER NOT NULL,                -- also: wanted by a watch of later, and found in what was stored
    level TEXT NOT NULL,                        -- that it opened with: what was promised
    posted_at INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    notified_at INTEGER,                        -- the first message about it, or its incident, that was sent
    claimed_at INTEGER,
    replied_at INTEGER,
    replied_by TEXT,
    sight TEXT,                                 -- where the first reply was known from: here, platform
    again_at INTEGER,                           -- the first reply more than 15 minutes after the first one
    negative_at INTEGER,                        -- the customer's first negative word after the first reply
    words INTEGER NOT NULL DEFAULT 0,           -- the customer's posts after a reply
    resolved_at INTEGER,
    reopened INTEGER NOT NULL DEFAULT 0,        -- how often it came back after a reply or a resolution
    held_since INTEGER,                         -- since when somebody has it; NULL once it was answered or closed
    handled_ms INTEGER NOT NULL DEFAULT 0       -- how long somebody had it until then
) STRICT;

WITH told AS MATERIALIZED (
    SELECT subject, sent_at FROM outbox WHERE state = 'sent' AND subject LIKE 'incident:%'
), events AS MATERIALIZED (
    SELECT a.id, a.case_id, a.at, a.action, lead(a.at) OVER (PARTITION BY a.case_id ORDER BY a.id) AS until
    FROM audit AS a
    WHERE a.action IN ('claim', 'assign', 'release', 'claim-released', 'reply', 'hold', 'answer-seen', 'resolve',
                       'dismiss', 'presumed-resolved')
), settled AS MATERIALIZED (
    SELECT c.id AS case_id, min(coalesce(c.replied_at, 1 << 60), coalesce((
        SELECT min(e.at) FROM events AS e
        WHERE e.case_id = c.id AND e.action IN ('resolve', 'dismiss', 'presumed-resolved')), 1 << 60)) AS at
    FROM cases AS c
), held AS MATERIALIZED (
    SELECT e.case_id, sum(min(coalesce(e.until, s.at), s.at) - e.at) AS spent
    FROM events AS e JOIN settled AS s ON s.case_id = e.case_id
    WHERE e.action IN ('claim', 'assign') AND e.at < s.at AND (e.until IS NOT NULL OR s.at < 1 << 60)
    GROUP BY e.case_id
), answers_told AS MATERIALIZED (
    SELECT a.case_id, a.action, a.id, CASE WHEN a.action = 'answer-seen' AND a.detail ->> '$.posted_at' IS NOT NULL
        THEN min(a.at, CAST(strftime('%s', a.detail ->> '$.posted_at') AS INTEGER) * 1000
                       + CAST(substr(strftime('%f', a.detail ->> '$.posted_at'), 4) AS INTEGER))
        ELSE a.at END AS at
    FROM audit AS a WHERE a.action IN ('reply', 'hold', 'answer-seen')
)
INSERT INTO case_times (
    case_id, brand, platform, lang, mention_id, backfilled, level, posted_at, fetched_at, decided_at, due_at, notified_at,
    claimed_at, replied_at, replied_by, sight, again_at, negative_at, words, resolved_at, reopened, held_since, handled_ms
)
SELECT c.id, c.brand, m.platform, lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), m.id,
    h.backfilled OR h.seen_at > m.seen_at + 3600000,
    coalesce((SELECT a.detail ->> '$.level' FROM audit AS a WHERE a.case_id = c.id AND a.action = 'opened'
              ORDER BY a.id LIMIT 1), c.level),
    m.posted_at, m.seen_at, c.opened_at, coalesce(c.first_due_at, c.due_at),
    (SELECT min(t.sent_at) FROM (
        SELECT o.sent_at FROM outbox_cases AS k JOIN outbox AS o ON o.id = k.outbox_id
        WHERE k.case_id = c.id AND o.state = 'sent'
        UNION ALL
        SELECT sent_at FROM told WHERE subject = 'incident:' || c.incident_id AND sent_at >= c.opened_at) AS t),
    (SELECT min(e.at) FROM events AS e WHERE e.case_id = c.id AND e.action IN ('claim', 'assign')),
    c.replied_at, c.replied_by,
    CASE WHEN c.replied_at IS NULL THEN NULL ELSE coalesce((
        SELECT CASE t.action WHEN 'answer-seen' THEN 'platform' ELSE 'here' END FROM answers_told AS t
        WHERE t.case_id = c.id ORDER BY t.id LIMIT 1), 'here') END,
    (SELECT min(t.at) FROM answers_told AS t WHERE t.case_id = c.id AND t.at > c.replied_at + 900000),
    (SELECT min(a.at) FROM audit AS a WHERE a.case_id = c.id AND a.at > c.replied_at AND (
        (a.action = 'reopened' AND NOT EXISTS (
            SELECT 1 FROM audit AS i WHERE i.case_id = a.case_id AND i.action = 'impostor'
            AND i.detail ->> '$.post' = a.detail ->> '$.post'))
        OR (a.action = 'customer-answered' AND (a.detail ->> '$.mood' = 'angrier' OR a.detail ->> '$.after' >= 0.5)))),
    (SELECT count(*) FROM audit AS a WHERE a.case_id = c.id AND a.action = 'customer-answered'),
    (SELECT min(e.at) FROM events AS e WHERE e.case_id = c.id AND e.action IN ('resolve', 'presumed-resolved')),
    (SELECT count(*) FROM audit AS a WHERE a.case_id = c.id AND a.action IN ('reopened', 'reopen') AND (
        a.at >= c.replied_at OR EXISTS (
            SELECT 1 FROM events AS e WHERE e.case_id = a.case_id AND e.id < a.id
            AND e.action IN ('resolve', 'presumed-resolved')))),
    CASE WHEN c.status = 'claimed' AND s.at = 1 << 60 THEN (
        SELECT max(e.at) FROM events AS e WHERE e.case_id = c.id AND e.action IN ('claim', 'assign')
        AND e.until IS NULL) END,
    coalesce(d.spent, 0)
FROM cases AS c
JOIN hits AS h ON h.id = coalesce((SELECT p.hit_id FROM case_posts AS p WHERE p.case_id = c.id AND p.role = 'first'
                                   LIMIT 1), c.hit_id)
JOIN mentions AS m ON m.id = h.mention_id
JOIN settled AS s ON s.case_id = c.id
LEFT JOIN held AS d ON d.case_id = c.id;

CREATE INDEX case_times_posted ON case_times (posted_at);

CREATE TRIGGER case_times_begin AFTER INSERT ON cases BEGIN
    INSERT INTO case_times (
        case_id, brand, platform, lang, mention_id, backfilled, level, posted_at, fetched_at, decided_at, due_at,
        replied_at, replied_by, sight, resolved_at)
    SELECT NEW.id, NEW.brand, m.platform, lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), m.id,
        h.backfilled OR h.seen_at > m.seen_at + 3600000,
        NEW.level, m.posted_at, m.seen_at, NEW.opened_at, coalesce(NEW.first_due_at, NEW.due_at), NEW.replied_at,
        NEW.replied_by, CASE WHEN NEW.replied_at IS NOT NULL THEN 'here' END,
        CASE WHEN NEW.status = 'resolved' THEN NEW.closed_at END
    FROM hits AS h JOIN mentions AS m ON m.id = h.mention_id WHERE h.id = NEW.hit_id; END;

-- what a native reply tells of may lie before the claim; whoever answered unasked had never claimed the case
CREATE TRIGGER case_times_moved AFTER UPDATE OF status, claimed_at, answered_at, replied_at, closed_at ON cases
WHEN NEW.status IS NOT OLD.status OR NEW.claimed_at IS NOT OLD.claimed_at OR NEW.answered_at IS NOT OLD.answered_at
    OR NEW.replied_at IS NOT OLD.replied_at
BEGIN
    UPDATE case_times SET
        claimed_at = CASE WHEN NEW.status = 'claimed' AND NEW.claimed_at IS NOT OLD.claimed_at
                               AND NEW.answered_at IS OLD.answered_at
                          THEN coalesce(claimed_at, NEW.claimed_at) ELSE claimed_at END,
        held_since = CASE WHEN NEW.replied_at IS NOT NULL OR resolved_at IS NOT NULL
                               OR NEW.status IN ('resolved', 'dismissed') THEN NULL
                          WHEN NEW.status = 'claimed' THEN coalesce(held_since, NEW.claimed_at) ELSE held_since END,
        handled_ms = handled_ms + CASE WHEN held_since IS NOT NULL AND (NEW.replied_at IS NOT NULL
                               OR NEW.status IN ('resolved', 'dismissed'))
                          THEN max(0, coalesce(NEW.replied_at, NEW.closed_at, held_since) - held_since) ELSE 0 END,
        replied_at = coalesce(replied_at, NEW.replied_at),
        replied_by = coalesce(replied_by, NEW.replied_by),
        sight = CASE WHEN NEW.replied_at IS NULL THEN NULL
                     ELSE coalesce(sight, CASE WHEN NEW.answer_seen IS NULL THEN 'here' ELSE 'platform' END) END,
        again_at = coalesce(again_at, CASE WHEN NEW.answered_at IS NOT OLD.answered_at
                               AND NEW.answered_at > replied_at + 900000 THEN NEW.answered_at END),
        resolved_at = coalesce(resolved_at, CASE WHEN NEW.status = 'resolved' THEN NEW.closed_at END)
    WHERE case_id = NEW.id; END;

CREATE TRIGGER case_times_released AFTER INSERT ON audit WHEN NEW.action IN ('release', 'claim-released') BEGIN
    UPDATE case_times SET handled_ms = handled_ms + max(0, NEW.at - held_since), held_since = NULL
    WHERE case_id = NEW.case_id AND held_since IS NOT NULL; END;

CREATE TRIGGER case_times_reopened AFTER INSERT ON audit WHEN NEW.action IN ('reopened', 'reopen') BEGIN
    UPDATE case_times SET reopened = reopened + 1
    WHERE case_id = NEW.case_id AND (replied_at IS NOT NULL OR resolved_at IS NOT NULL); END;

CREATE TRIGGER case_times_negative AFTER INSERT ON audit WHEN NEW.action = 'reopened' OR (
    NEW.action = 'customer-answered'
    AND (NEW.detail ->> '$.mood' = 'angrier' OR NEW.detail ->> '$.after' >= 0.5))
BEGIN
    UPDATE case_times SET negative_at = NEW.at
    WHERE case_id = NEW.case_id AND negative_at IS NULL AND NEW.at > replied_at AND (
        NEW.action != 'reopened' OR NOT EXISTS (
            SELECT 1 FROM audit AS i WHERE i.case_id = NEW.case_id AND i.action = 'impostor'
            AND i.detail ->> '$.post' = NEW.detail ->> '$.post')); END;

CREATE TRIGGER case_times_words AFTER INSERT ON audit WHEN NEW.action = 'customer-answered' BEGIN
    UPDATE case_times SET words = words + 1 WHERE case_id = NEW.case_id; END;

CREATE TRIGGER case_times_told AFTER UPDATE OF state ON outbox WHEN NEW.state = 'sent' AND OLD.state != 'sent' BEGIN
    UPDATE case_times SET notified_at = NEW.sent_at
    WHERE notified_at IS NULL AND case_id IN (
        SELECT k.case_id FROM outbox_cases AS k WHERE k.outbox_id = NEW.id
        UNION ALL
        SELECT i.case_id FROM incident_cases AS i
        JOIN case_times AS t ON t.case_id = i.case_id
        WHERE NEW.subject LIKE 'incident:%' AND i.incident_id = CAST(substr(NEW.subject, 10) AS INTEGER)
            AND t.decided_at <= NEW.sent_at); END;

CREATE TABLE post_counts (                      -- posts about a brand by when they were written; no noise
    quarter INTEGER NOT NULL,                   -- of an hour since 1970
    brand TEXT NOT NULL,
    platform TEXT NOT NULL,
    lang TEXT NOT NULL,                         -- '': unknown
    posts INTEGER NOT NULL,
    complaints INTEGER NOT NULL,
    PRIMARY KEY (quarter, brand, platform, lang)
) STRICT, WITHOUT ROWID;

INSERT INTO post_counts (quarter, brand, platform, lang, posts, complaints)
SELECT m.posted_at / 900000, h.brand, m.platform, coalesce(lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), ''),
    count(*), coalesce(sum(d.drop_rule IS NULL AND d.kind = 'complaint'), 0)
FROM decisions AS d JOIN hits AS h ON h.id = d.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE d.drop_rule IS NULL OR d.drop_rule = 'not-a-complaint'
GROUP BY 1, 2, 3, 4;

-- before the decision is written, so that the one in whose place it comes is still there
CREATE TRIGGER post_counted BEFORE INSERT ON decisions BEGIN
    INSERT INTO post_counts (quarter, brand, platform, lang, posts, complaints)
    SELECT m.posted_at / 900000, h.brand, m.platform,
        coalesce(lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), ''),
        (NEW.drop_rule IS NULL OR NEW.drop_rule = 'not-a-complaint')
            - (d.hit_id IS NOT NULL AND (d.drop_rule IS NULL OR d.drop_rule = 'not-a-complaint')),
        coalesce(NEW.drop_rule IS NULL AND NEW.kind = 'complaint', 0)
            - coalesce(d.drop_rule IS NULL AND d.kind = 'complaint', 0)
    FROM hits AS h JOIN mentions AS m ON m.id = h.mention_id LEFT JOIN decisions AS d ON d.hit_id = h.id
    WHERE h.id = NEW.hit_id
    ON CONFLICT (quarter, brand, platform, lang) DO UPDATE SET
        posts = posts + excluded.posts, complaints = complaints + excluded.complaints; END;

CREATE INDEX hits_parked ON hits (id) WHERE state = 'parked';

CREATE TABLE source_days (                      -- what each source returned on a day in UTC: what platforms bill
    source TEXT NOT NULL,
    day TEXT NOT NULL,
    posts INTEGER NOT NULL,
    PRIMARY KEY (source, day)
) STRICT, WITHOUT ROWID;

INSERT INTO source_days (source, day, posts) SELECT name, day, returned_today FROM sources WHERE day IS NOT NULL;

CREATE TRIGGER source_day_counted AFTER UPDATE OF returned ON sources
WHEN NEW.returned > OLD.returned AND NEW.day IS NOT NULL BEGIN
    INSERT INTO source_days (source, day, posts) VALUES (NEW.name, NEW.day, NEW.returned - OLD.returned)
    ON CONFLICT (source, day) DO UPDATE SET posts = posts + excluded.posts; END;

CREATE TABLE cause_fixes (                      -- what was mended, so that reports can tell whether it holds
    brand TEXT NOT NULL,
    cause TEXT NOT NULL,
    fixed_on TEXT NOT NULL,                     -- a date of the brand
    note TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (brand, cause, fixed_on)
) STRICT, WITHOUT ROWID;
