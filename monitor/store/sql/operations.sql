-- name: end_silence
UPDATE silences SET ends_at = :now WHERE id = :id AND ends_at > :now

-- name: replay_dead_message
UPDATE outbox SET state = 'sealed', due_at = :now, attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'dead' AND (:id IS NULL OR id = :id)

-- name: replay_parked_hits
UPDATE hits SET state = 'new', attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'parked'

-- name: forget_mentions_of
SELECT platform, native_id FROM mentions
WHERE deleted_at IS NULL AND author = :author AND (:platform IS NULL OR platform = :platform)

-- name: count_cases
SELECT count(*) FROM cases
