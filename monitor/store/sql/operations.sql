-- name: cases_by_cause
SELECT cause, count(*) AS cases FROM cases
WHERE opened_at >= :since AND brand = :brand AND kind = 'complaint' AND cause IS NOT NULL GROUP BY cause

-- name: end_silence
UPDATE silences SET ends_at = :now WHERE id = :id AND ends_at > :now

-- name: silence_matchers
SELECT matchers FROM silences WHERE id = :id

-- name: replay_dead_message
UPDATE outbox SET state = 'sealed', due_at = :now, attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'dead' AND (:id IS NULL OR id = :id)

-- name: replay_parked_hits
UPDATE hits SET state = 'new', attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'parked'

-- name: forget_mentions_of
SELECT id, platform, native_id FROM mentions
WHERE deleted_at IS NULL AND author = :author AND (:platform IS NULL OR platform = :platform)

-- name: forget_messages
UPDATE outbox SET state = 'muted', body = NULL, error = 'erased on request', lease_until = NULL, fence = fence + 1
WHERE state IN ('sealed', 'dead') AND id IN (
    SELECT o.outbox_id FROM outbox_cases AS o
    JOIN case_posts AS p ON p.case_id = o.case_id
    JOIN hits AS h ON h.id = p.hit_id
    WHERE h.mention_id = :mention_id
)

-- name: count_cases
SELECT count(*) FROM cases
