-- name: lab_count
SELECT count(*) FROM mentions WHERE seen_at >= :since AND seen_at < :until

-- name: lab_first
SELECT min(id) FROM mentions WHERE seen_at >= :since

-- name: lab_newest
SELECT min(id) FROM (
    SELECT id FROM mentions WHERE id >= (SELECT min(id) FROM mentions WHERE seen_at >= :since)
    ORDER BY id DESC LIMIT :newest)

-- name: lab_mentions
SELECT id, platform, native_id, source, author, author_handle, author_name, author_followers, text, version, copy_key,
       posted_at, seen_at, permalink, lang, parent_id, thread_id, likes, replies, reposts, views, repost_of, rating,
       deleted_at
FROM mentions WHERE id > :after AND seen_at >= :since AND seen_at < :until AND (
    :brands IS NULL OR NOT EXISTS (SELECT 1 FROM hits AS h WHERE h.mention_id = mentions.id) OR EXISTS (
        SELECT 1 FROM hits AS h WHERE h.mention_id = mentions.id AND h.brand IN (SELECT value FROM json_each(:brands))))
ORDER BY id LIMIT :limit

-- name: lab_hits
SELECT h.mention_id, h.id, h.brand, h.source, h.backfilled, d.drop_rule, p.case_id, d.body, d.history, d.model,
       CASE WHEN h.state = 'decided' THEN d.rules END AS rules,
       CASE WHEN d.mention_version = m.version THEN d.verdict END AS verdict
FROM hits AS h
JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN decisions AS d ON d.hit_id = h.id
LEFT JOIN case_posts AS p ON p.hit_id = h.id
WHERE h.mention_id BETWEEN :first AND :last ORDER BY h.mention_id, h.id

-- name: lab_readings
SELECT mention_id, at, engagement FROM readings WHERE mention_id BETWEEN :first AND :last ORDER BY mention_id, at

-- name: lab_cases
SELECT id, brand, join_key, kind, status, level, opened_at, closed_at FROM cases WHERE opened_at < :until

-- name: lab_complaints_before
SELECT h.brand, m.platform, m.author, m.posted_at FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN decisions AS d ON d.hit_id = h.id
WHERE m.posted_at > :after AND m.seen_at < :since AND d.kind = 'complaint' AND d.drop_rule IS NULL

-- name: lab_copies_before
SELECT h.brand, m.copy_key, d.decided_at, p.case_id FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN decisions AS d ON d.hit_id = h.id
LEFT JOIN case_posts AS p ON p.hit_id = h.id
WHERE m.seen_at < :since AND m.copy_key IS NOT NULL AND d.decided_at > :after ORDER BY h.id

-- name: lab_posts_of_open_cases
SELECT h.brand, m.platform, m.native_id, m.copy_key, p.case_id FROM cases AS c
JOIN case_posts AS p ON p.case_id = c.id
JOIN hits AS h ON h.id = p.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE c.opened_at < :since AND (c.closed_at IS NULL OR c.closed_at > :since) AND m.seen_at < :since

-- name: lab_outages_before
SELECT h.brand, m.author, d.outage_at FROM decisions AS d
JOIN hits AS h ON h.id = d.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE d.outage_at > :after AND m.seen_at < :since

-- name: lab_own_replies_before
SELECT DISTINCT platform, thread_id, author FROM mentions
WHERE seen_at < :since AND thread_id IS NOT NULL AND author IN (SELECT value FROM json_each(:own))

-- name: lab_readable
SELECT source, count(*) AS posts, sum(deleted_at IS NOT NULL) AS erased,
       min(CASE WHEN deleted_at IS NULL THEN seen_at END) AS readable_since,
       min(CASE WHEN deleted_at IS NULL AND matched = 0 THEN seen_at END) AS unmatched_since
FROM mentions WHERE seen_at >= :since AND seen_at < :until GROUP BY source ORDER BY source

-- name: lab_watches
-- Of the newest hits alone, which are a short walk along the key however many there are.
SELECT h.brand, w.value AS watch, count(*) AS posts, count(CASE WHEN d.kind = 'complaint' THEN 1 END) AS complaints
FROM (SELECT id, brand, watches, seen_at FROM hits ORDER BY id DESC LIMIT :newest) AS h
CROSS JOIN json_each(h.watches) AS w
LEFT JOIN decisions AS d ON d.hit_id = h.id AND d.drop_rule IS NULL
WHERE h.seen_at >= :since GROUP BY h.brand, w.value ORDER BY h.brand, w.value
