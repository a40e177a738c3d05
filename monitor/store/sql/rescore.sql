-- name: claim_rescore
-- What was never tried by these rules comes first, in order; a post that was tried before comes alone.
UPDATE hits SET
    state = 'rescoring', lease_until = :lease, fence = fence + 1,
    attempts = CASE WHEN rescored IS :rules THEN attempts + 1 ELSE 1 END, rescored = :rules
WHERE id IN (
    SELECT h.id FROM cases AS c
    JOIN decisions AS d ON d.case_id = c.id AND d.rules != :rules
    JOIN case_posts AS p ON p.hit_id = d.hit_id AND p.role != 'copy'
    JOIN hits AS h ON h.id = d.hit_id
    WHERE c.status IN ('new', 'claimed', 'replied')
      AND (h.state = 'decided' OR (h.state = 'rescoring' AND h.lease_until <= :now))
      AND h.rescored IS NOT :rules
    ORDER BY h.id LIMIT :limit
)
RETURNING id

-- name: claim_rescore_again
UPDATE hits SET state = 'rescoring', lease_until = :lease, fence = fence + 1, attempts = attempts + 1
WHERE id IN (
    SELECT h.id FROM cases AS c
    JOIN decisions AS d ON d.case_id = c.id AND d.rules != :rules
    JOIN case_posts AS p ON p.hit_id = d.hit_id AND p.role != 'copy'
    JOIN hits AS h ON h.id = d.hit_id
    WHERE c.status IN ('new', 'claimed', 'replied')
      AND (h.state = 'decided' OR (h.state = 'rescoring' AND h.lease_until <= :now))
      AND h.rescored IS :rules AND h.attempts < :tries
    ORDER BY h.id LIMIT 1
)
RETURNING id

-- name: fail_rescore
UPDATE hits SET state = 'decided', lease_until = NULL WHERE id = :id AND fence = :fence AND state = 'rescoring'

-- name: unclaim_rescore
UPDATE hits SET state = 'decided', lease_until = NULL, attempts = max(0, attempts - 1),
    rescored = CASE WHEN attempts > 1 THEN rescored END
WHERE id = :id AND fence = :fence AND state = 'rescoring'

-- name: void_rescore_leases
UPDATE hits SET state = 'decided', lease_until = NULL, fence = fence + 1 WHERE state = 'rescoring'

-- name: waiting_rescores
SELECT count(*) FROM cases AS c
JOIN decisions AS d ON d.case_id = c.id AND d.rules != :rules
JOIN case_posts AS p ON p.hit_id = d.hit_id AND p.role != 'copy'
JOIN hits AS h ON h.id = d.hit_id
WHERE c.status IN ('new', 'claimed', 'replied') AND h.state IN ('decided', 'rescoring')
  AND (h.rescored IS NOT :rules OR h.attempts < :tries)

-- name: hasten_messages
UPDATE outbox SET due_at = :due_at WHERE state = 'open' AND event = :event AND due_at > :due_at
