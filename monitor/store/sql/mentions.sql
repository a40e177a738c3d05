-- name: known_mentions
SELECT m.id, m.platform, m.native_id, m.text, m.version, m.likes, m.replies, m.reposts, m.views, m.deleted_at, m.matched
FROM json_each(:keys) AS k
JOIN mentions AS m ON m.platform = k.value ->> 0 AND m.native_id = k.value ->> 1

-- name: insert_mention
INSERT INTO mentions (
    platform, native_id, source, author, author_handle, author_name, author_followers, text, copy_key, posted_at,
    seen_at, permalink, lang, parent_id, thread_id, likes, replies, reposts, views, repost_of, rating, matched
) VALUES (
    :platform, :native_id, :source, :author, :author_handle, :author_name, :author_followers, :text, :copy_key,
    :posted_at, :seen_at, :permalink, :lang, :parent_id, :thread_id, :likes, :replies, :reposts, :views, :repost_of,
    :rating, :matched
)

-- name: keep_version
INSERT OR IGNORE INTO mention_versions (mention_id, version, text, seen_at)
SELECT id, version, text, :now FROM mentions WHERE id = :id

-- name: edit_mention
UPDATE mentions SET text = :text, copy_key = :copy_key, version = version + 1 WHERE id = :id

-- name: update_metrics
UPDATE mentions SET
    likes = coalesce(:likes, likes), replies = coalesce(:replies, replies), reposts = coalesce(:reposts, reposts),
    views = coalesce(:views, views), author_followers = coalesce(:author_followers, author_followers)
WHERE id = :id

-- name: mark_matched
UPDATE mentions SET matched = 1 WHERE id = :id AND matched = 0

-- name: add_reading
INSERT OR REPLACE INTO readings (mention_id, at, engagement) VALUES (:mention_id, :at, :engagement)

-- name: deleted_mentions
SELECT m.id, m.platform, m.native_id FROM json_each(:ids) AS k
JOIN mentions AS m ON m.native_id = k.value AND (m.platform = :platform OR m.source = :source)
WHERE m.deleted_at IS NULL

-- name: purge_mention
UPDATE mentions SET
    deleted_at = :now, text = '', author = '', author_handle = '', author_name = NULL, author_followers = NULL,
    copy_key = NULL, permalink = NULL
WHERE id = :id

-- name: purge_versions
DELETE FROM mention_versions WHERE mention_id = :id

-- name: purge_evidence
UPDATE decisions SET
    body = json_set(body, '$.evidence', '', '$.advice', '',
                    '$.reasons', (SELECT json_group_array(json_set(r.value, '$.evidence', 'deleted'))
                                  FROM json_each(body, '$.reasons') AS r))
WHERE hit_id IN (SELECT id FROM hits WHERE mention_id = :id)

-- name: purge_case_evidence
UPDATE cases SET
    join_key = 'deleted:' || id,
    reasons = (SELECT json_group_array(json_set(r.value, '$.evidence', 'deleted'))
               FROM json_each(cases.reasons) AS r)
WHERE hit_id IN (SELECT id FROM hits WHERE mention_id = :id)

-- name: cases_of_mention
SELECT DISTINCT p.case_id FROM case_posts AS p JOIN hits AS h ON h.id = p.hit_id WHERE h.mention_id = :id

-- name: drop_follow
DELETE FROM follows WHERE mention_id = :id

-- name: forget_unmatched
DELETE FROM mentions WHERE matched = 0 AND seen_at < :before

-- name: forget_drops
DELETE FROM mentions WHERE id IN (
    SELECT h.mention_id FROM decisions AS d JOIN hits AS h ON h.id = d.hit_id
    WHERE d.decided_at < :before AND d.case_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM hits AS o JOIN case_posts AS p ON p.hit_id = o.id WHERE o.mention_id = h.mention_id)
    LIMIT 1000
)

-- name: export_mentions
SELECT * FROM mentions WHERE id > :after ORDER BY id LIMIT 500

-- name: unmatched_mentions
SELECT id AS mention_id, source, platform, native_id, author_handle, author_name, author_followers, text, posted_at,
       permalink, lang, parent_id, thread_id, likes, replies, reposts, views, repost_of, rating
FROM mentions WHERE matched = 0 AND deleted_at IS NULL AND id > :after ORDER BY id LIMIT :limit

-- name: reopen_messages
UPDATE OR IGNORE outbox SET
    state = 'open', body = NULL, idempotency_key = NULL, sealed_at = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'sealed' AND id IN (
    SELECT o.outbox_id FROM outbox_cases AS o
    JOIN case_posts AS p ON p.case_id = o.case_id
    JOIN hits AS h ON h.id = p.hit_id
    WHERE h.mention_id = :id
)

-- name: empty_dead_messages
UPDATE outbox SET body = NULL, state = 'muted', error = 'a post in it was deleted'
WHERE state = 'dead' AND id IN (
    SELECT o.outbox_id FROM outbox_cases AS o
    JOIN case_posts AS p ON p.case_id = o.case_id
    JOIN hits AS h ON h.id = p.hit_id
    WHERE h.mention_id = :id
)

-- name: texts_of_closed_cases
SELECT DISTINCT m.source, m.platform, m.native_id FROM cases AS c
JOIN case_posts AS p ON p.case_id = c.id
JOIN hits AS h ON h.id = p.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE c.closed_at < :before AND m.deleted_at IS NULL LIMIT 500

-- name: texts_past_their_time
SELECT m.source, m.platform, m.native_id FROM mentions AS m
WHERE m.source = :source AND m.seen_at < :before AND m.deleted_at IS NULL
  AND (coalesce(m.checked_at, m.seen_at) < :before OR NOT EXISTS (
    SELECT 1 FROM hits AS h
    JOIN case_posts AS p ON p.hit_id = h.id
    JOIN cases AS c ON c.id = p.case_id
    WHERE h.mention_id = m.id AND c.status IN ('new', 'claimed', 'replied')
)) LIMIT 500
