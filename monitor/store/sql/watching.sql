-- name: plan_watch
INSERT INTO watched_places (source, place, read_at, due_at) VALUES (:source, :place, :read_at, :due_at)
ON CONFLICT (source, place) DO UPDATE SET due_at = min(due_at, excluded.due_at)

-- name: sources_to_watch
SELECT DISTINCT source FROM watched_places WHERE due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)

-- name: claim_watches
UPDATE watched_places SET lease_until = :lease, fence = fence + 1
WHERE source = :source AND place IN (
    SELECT place FROM watched_places
    WHERE source = :source AND due_at <= :now AND (lease_until IS NULL OR lease_until <= :now) AND (place = '') = :own
    ORDER BY due_at, place LIMIT :limit
)
RETURNING source, place, read_at, fence

-- name: advance_watch
UPDATE watched_places SET due_at = :due_at, read_at = :read_at, lease_until = NULL
WHERE source = :source AND place = :place AND fence = :fence

-- name: delay_watch
UPDATE watched_places SET due_at = :due_at, lease_until = NULL
WHERE source = :source AND place = :place AND fence = :fence

-- name: end_watch
DELETE FROM watched_places WHERE source = :source AND place = :place AND fence = :fence

-- name: void_watch_leases
UPDATE watched_places SET lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL

-- name: next_watch_due
SELECT min(due_at) FROM watched_places WHERE source IN (SELECT value FROM json_each(:names))

-- name: watched_cases
SELECT c.id, c.brand, c.status, c.clock_at, c.closed_at, json_group_array(DISTINCT m.author) AS customers
FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id
JOIN cases AS c ON c.id = p.case_id
WHERE m.platform = :platform AND m.thread_id = :thread_id AND p.role NOT IN ('copy', 'impostor')
  AND (c.status IN ('new', 'claimed', 'replied') OR (c.status = 'resolved' AND c.closed_at > :closed_after))
GROUP BY c.id ORDER BY c.status = 'resolved', c.id DESC

-- name: cases_of_customer
SELECT DISTINCT c.id FROM mentions AS m INDEXED BY mentions_author
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id
JOIN cases AS c ON c.id = p.case_id
WHERE m.platform = :platform AND m.author = :author AND m.thread_id = :thread_id AND c.brand = :brand
  AND p.role NOT IN ('copy', 'impostor') AND c.status IN ('new', 'claimed', 'replied') AND h.id != :except_hit

-- name: is_guarded
SELECT 1 FROM mentions AS m
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id
JOIN cases AS c ON c.id = p.case_id
WHERE m.platform = :platform AND m.thread_id = :thread_id AND m.author != :author AND h.brand = :brand
  AND p.role NOT IN ('copy', 'impostor') AND h.brand = c.brand
  AND (c.status IN ('new', 'claimed', 'replied') OR (c.status = 'resolved' AND c.closed_at > :closed_after))
LIMIT 1

-- name: awaits_answers
SELECT 1 FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE c.status IN ('new', 'claimed', 'replied') AND m.platform = :platform LIMIT 1

-- name: posts_of_thread
SELECT m.native_id, m.author, m.author_handle, m.posted_at, m.parent_id, m.deleted_at IS NOT NULL AS gone,
       coalesce(p.case_id = :case_id AND p.role NOT IN ('copy', 'impostor'), 0) AS in_case, coalesce(d.kind = 'complaint' AND d.drop_rule IS NULL, 0) AS complains
FROM mentions AS m
LEFT JOIN hits AS h ON h.mention_id = m.id AND h.brand = :brand
LEFT JOIN case_posts AS p ON p.hit_id = h.id
LEFT JOIN decisions AS d ON d.hit_id = h.id
WHERE m.platform = :platform AND m.thread_id = :thread_id
ORDER BY m.posted_at DESC LIMIT 1000

-- name: customer_verdict
SELECT d.verdict FROM case_posts AS p
JOIN hits AS h ON h.id = p.hit_id
JOIN mentions AS m ON m.id = h.mention_id
JOIN decisions AS d ON d.hit_id = h.id
WHERE p.case_id = :case_id AND p.role NOT IN ('copy', 'impostor') AND m.author = :author AND m.posted_at <= :until AND h.id != :hit_id
  AND d.verdict IS NOT NULL
ORDER BY m.posted_at DESC LIMIT 1

-- name: spend_posts
UPDATE sources SET
    returned = returned + :posts, returned_today = CASE WHEN day = :day THEN returned_today ELSE 0 END + :posts,
    day = :day
WHERE name = :source

-- name: spent_posts
SELECT returned_today FROM sources WHERE name = :source AND day = :day

-- name: add_impostor
INSERT OR IGNORE INTO impostors (key, case_id, brand, platform, handle, mention_id, seen_at)
VALUES (:key, :case_id, :brand, :platform, :handle, :mention_id, :now)

-- name: known_impostor
SELECT 1 FROM impostors WHERE key = :key AND cleared_at IS NULL LIMIT 1

-- name: cleared_impostor
SELECT 1 FROM impostors WHERE key = :key AND cleared_at IS NOT NULL LIMIT 1

-- name: clear_impostor
UPDATE impostors SET cleared_by = :who, cleared_at = :now WHERE key = :key AND cleared_at IS NULL

-- name: all_impostors
SELECT case_id, brand, platform, handle, seen_at, cleared_by, cleared_at FROM impostors ORDER BY seen_at DESC LIMIT 1000

-- name: impostors_of_case
SELECT handle, platform, seen_at FROM impostors WHERE case_id = :case_id AND cleared_at IS NULL ORDER BY seen_at

-- name: forget_impostor_handle
UPDATE impostors SET handle = NULL WHERE mention_id = :id

-- name: mark_live
UPDATE mentions SET checked_at = :now WHERE id = :id

-- name: keep_following
UPDATE follows SET step = step + 1, due_at = :due_at, lease_until = NULL
WHERE mention_id = :mention_id AND fence = :fence AND (:all OR EXISTS (
    SELECT 1 FROM hits AS h JOIN case_posts AS p ON p.hit_id = h.id WHERE h.mention_id = :mention_id
))

-- name: purge_errors
UPDATE hits SET error = 'its post was deleted' WHERE mention_id = :id AND error IS NOT NULL

-- name: trail_of_mention
SELECT a.id, a.detail, c.hit_id IN (SELECT id FROM hits WHERE mention_id = :id) AS face
FROM audit AS a JOIN cases AS c ON c.id = a.case_id
WHERE a.case_id IN (SELECT p.case_id FROM case_posts AS p JOIN hits AS h ON h.id = p.hit_id WHERE h.mention_id = :id)

-- name: rewrite_trail
UPDATE audit SET detail = :detail WHERE id = :id

-- name: purge_feedback
UPDATE feedback SET entry = NULL WHERE kind = 'block-author' AND case_id IN (
    SELECT p.case_id FROM case_posts AS p JOIN hits AS h ON h.id = p.hit_id WHERE h.mention_id = :id
)

-- name: words_of_mention
SELECT author, author_handle, author_name, text, permalink FROM mentions WHERE id = :id

-- name: old_words_of_mention
SELECT text FROM mention_versions WHERE mention_id = :id

-- name: answers_of_mention
SELECT a.id, a.text, a.reason, c.hit_id IN (SELECT id FROM hits WHERE mention_id = :id) AS face
FROM answers AS a JOIN cases AS c ON c.id = a.case_id
WHERE a.case_id IN (SELECT p.case_id FROM case_posts AS p JOIN hits AS h ON h.id = p.hit_id WHERE h.mention_id = :id)

-- name: erase_answer
UPDATE answers SET
    text = :erased, reason = CASE WHEN reason IS NULL THEN NULL ELSE :erased END, permalink = NULL, step_at = NULL,
    version = version + 1, state = CASE WHEN state = 'sent' THEN 'sent' ELSE 'withdrawn' END
WHERE id = :id

-- name: waiting_bodies
SELECT id, body, subject FROM outbox WHERE state IN ('sealed', 'dead') AND body IS NOT NULL

-- name: reopen_subject_message
UPDATE OR IGNORE outbox SET
    state = 'open', body = NULL, idempotency_key = NULL, sealed_at = NULL, lease_until = NULL, fence = fence + 1
WHERE id = :id AND state = 'sealed'

-- name: empty_message
UPDATE outbox SET body = NULL, state = 'muted', error = 'a post in it was deleted', lease_until = NULL, fence = fence + 1
WHERE id = :id AND body IS NOT NULL

-- name: kept_reports
SELECT id, report FROM config_versions WHERE report IS NOT NULL

-- name: rewrite_report
UPDATE config_versions SET report = :report WHERE id = :id

-- name: waiting_suggestions
SELECT id, value, evidence, cost, before FROM suggestions

-- name: drop_suggestion
DELETE FROM suggestions WHERE id = :id AND state = 'waiting'

-- name: told_words
SELECT id, words FROM spikes WHERE id IN (
    SELECT s.spike_id FROM spike_posts AS s JOIN hits AS h ON h.id = s.hit_id WHERE h.mention_id = :id
)

-- name: rewrite_spike_words
UPDATE spikes SET words = :words WHERE id = :id
