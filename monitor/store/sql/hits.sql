-- name: add_hit
INSERT INTO hits (brand, mention_id, watches, source, seen_at, backfilled)
VALUES (:brand, :mention_id, :watches, :source, :seen_at, :backfilled)
ON CONFLICT (brand, mention_id) DO UPDATE SET watches = (
    SELECT json_group_array(value) FROM (
        SELECT value FROM json_each(hits.watches) UNION SELECT value FROM json_each(excluded.watches)
    )
)

-- name: renew_hits
UPDATE hits SET state = 'new', attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1
WHERE mention_id = :mention_id

-- name: claim_interrupted
UPDATE hits SET state = 'doing', lease_until = :lease, fence = fence + 1, attempts = attempts + 1
WHERE id = (SELECT id FROM hits WHERE state = 'new' AND attempts > 0 AND error IS NULL ORDER BY id LIMIT 1)
RETURNING id

-- name: claim_retry
UPDATE hits SET state = 'doing', lease_until = :lease, fence = fence + 1, attempts = attempts + 1
WHERE id = (
    SELECT id FROM (
        SELECT id FROM hits WHERE state = 'new' AND attempts > 0
        UNION ALL
        SELECT id FROM hits WHERE state = 'doing' AND lease_until <= :now
    ) ORDER BY id LIMIT 1
)
RETURNING id, attempts

-- name: claim_hits
UPDATE hits SET state = 'doing', lease_until = :lease, fence = fence + 1, attempts = attempts + 1
WHERE id IN (SELECT id FROM hits WHERE state = 'new' AND attempts = 0 ORDER BY id LIMIT :limit)
RETURNING id

-- name: claimed_hits
SELECT h.id, h.brand, h.watches, h.source, h.seen_at, h.backfilled, h.attempts, h.fence,
       m.id AS mention_id, m.platform, m.native_id, m.author_handle, m.author_name, m.author_followers, m.text,
       m.version, m.posted_at, m.permalink, m.lang, m.parent_id, m.thread_id, m.likes, m.replies, m.reposts, m.views,
       m.repost_of, m.rating,
       CASE WHEN d.mention_version = m.version THEN d.verdict END AS verdict, d.model AS verdict_model
FROM json_each(:ids) AS k
JOIN hits AS h ON h.id = k.value
JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN decisions AS d ON d.hit_id = h.id
ORDER BY h.id

-- name: finish_hit
UPDATE hits SET state = 'decided', lease_until = NULL, error = NULL
WHERE id = :id AND fence = :fence AND state IN ('doing', 'rescoring')

-- name: fail_hit
UPDATE hits SET
    state = CASE WHEN attempts >= :most THEN 'parked' ELSE 'new' END, error = :error, lease_until = NULL
WHERE id = :id AND fence = :fence AND state = 'doing'

-- name: unclaim_hit
UPDATE hits SET state = 'new', lease_until = NULL, attempts = max(0, attempts - 1)
WHERE id = :id AND fence = :fence AND state = 'doing'

-- name: waiting_hits
SELECT count(*) FROM hits WHERE state IN ('new', 'doing')

-- name: parked_hits
SELECT count(*) FROM hits WHERE state = 'parked'

-- name: oldest_waiting_hit
SELECT min(seen_at) FROM hits WHERE state IN ('new', 'doing')

-- name: save_decision
INSERT OR REPLACE INTO decisions (
    hit_id, case_id, drop_rule, kind, level, score, complaint, body, verdict, history, model, rules, mention_version,
    outage_at, decided_at
) VALUES (
    :hit_id, (SELECT case_id FROM case_posts WHERE hit_id = :hit_id), :drop_rule, :kind, :level, :score, :complaint, :body, :verdict, :history, :model, :rules,
    :mention_version, :outage_at, :decided_at
)

-- name: complaints_of_author
SELECT count(*) FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN decisions AS d ON d.hit_id = h.id
WHERE m.platform = :platform AND m.author = :author AND m.posted_at > :since AND m.id != :mention_id
  AND h.brand = :brand AND d.kind = 'complaint' AND d.drop_rule IS NULL

-- name: copies_of_text
SELECT count(*) AS copies, min(h.id) AS first_hit FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN decisions AS d ON d.hit_id = h.id
WHERE m.copy_key = :copy_key AND h.brand = :brand AND m.id != :mention_id AND d.decided_at > :since

-- name: copied_case
SELECT c.id FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id
JOIN cases AS c ON c.id = p.case_id
WHERE m.copy_key = :copy_key AND h.brand = :brand AND m.id != :mention_id AND c.status IN ('new', 'claimed', 'replied')
ORDER BY h.id LIMIT 1

-- name: copy_key_of
SELECT copy_key FROM mentions WHERE id = :mention_id

-- name: reposted_case
SELECT c.id FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id
JOIN cases AS c ON c.id = p.case_id
WHERE m.platform = :platform AND m.native_id = :native_id AND h.brand = :brand
  AND c.status IN ('new', 'claimed', 'replied')
LIMIT 1

-- name: readings_of
SELECT at, engagement FROM readings WHERE mention_id = :mention_id ORDER BY at

-- name: own_reply_in_thread
SELECT 1 FROM mentions WHERE platform = :platform AND thread_id = :thread_id
  AND author IN (SELECT value FROM json_each(:own)) LIMIT 1

-- name: explained_by_mention
SELECT h.brand, h.source, m.platform, m.native_id, m.permalink, m.author_handle AS author, m.text, m.posted_at,
       m.seen_at, d.decided_at, p.case_id, d.body AS decision, d.verdict, d.history, d.model, d.rules,
       CASE WHEN h.state = 'parked' THEN h.error END AS parked
FROM mentions AS m
LEFT JOIN hits AS h ON h.mention_id = m.id
LEFT JOIN decisions AS d ON d.hit_id = h.id
LEFT JOIN case_posts AS p ON p.hit_id = h.id
WHERE m.id = :mention_id ORDER BY h.brand

-- name: find_mention
SELECT id FROM mentions WHERE permalink = :key OR native_id = :key OR platform || ':' || native_id = :key
ORDER BY id DESC LIMIT 1

-- name: mention_of_case
SELECT h.mention_id FROM cases AS c JOIN hits AS h ON h.id = c.hit_id WHERE c.id = :id

-- name: drops_by_rule
SELECT d.drop_rule, count(*) AS drops FROM decisions AS d JOIN hits AS h ON h.id = d.hit_id
WHERE d.drop_rule IS NOT NULL AND d.decided_at >= :since AND (:brands = '[]' OR h.brand IN (SELECT value FROM json_each(:brands)))
GROUP BY d.drop_rule ORDER BY drops DESC

-- name: outages_before
SELECT count(*) FROM (
    SELECT 1 FROM decisions AS d INDEXED BY decisions_outage  -- CROSS JOIN keeps this order: few of many
    CROSS JOIN hits AS h ON h.id = d.hit_id
    CROSS JOIN mentions AS m ON m.id = h.mention_id
    WHERE d.outage_at IS NOT NULL AND d.outage_at > :since AND d.outage_at <= :until AND h.brand = :brand AND m.author != :author LIMIT 50
)
