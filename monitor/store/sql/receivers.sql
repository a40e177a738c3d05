-- name: receiver_took
INSERT INTO receiver_states (receiver, ok_at) VALUES (:receiver, :now)
ON CONFLICT (receiver) DO UPDATE SET ok_at = excluded.ok_at, failures = 0

-- name: receiver_failed
INSERT INTO receiver_states (receiver, failed_at, failures, reason, error)
VALUES (:receiver, :now, 1, :reason, :error)
ON CONFLICT (receiver) DO UPDATE SET
    failed_at = excluded.failed_at, failures = failures + 1, reason = excluded.reason, error = excluded.error

-- name: receiver_states
SELECT receiver, ok_at, failed_at, failures, reason, error FROM receiver_states

-- name: receiver_loads
SELECT receiver, sum(waiting) AS waiting, sum(dead) AS dead, min(oldest_at) AS oldest_at FROM (
    SELECT receiver, 1 AS waiting, 0 AS dead, opened_at AS oldest_at FROM outbox WHERE state IN ('open', 'sealed')
    UNION ALL
    SELECT receiver, 0, 1, NULL FROM outbox WHERE state = 'dead'
) GROUP BY receiver

-- name: group_of_message
SELECT group_key FROM outbox WHERE id = :id

-- name: cases_told
-- The worst first, as the message shows them.
SELECT c.id, c.incident_id, t.thread
FROM outbox_cases AS o JOIN cases AS c ON c.id = o.case_id
LEFT JOIN thread_cases AS t ON t.receiver = :receiver AND t.case_id = c.id
WHERE o.outbox_id = :id
ORDER BY CASE c.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, c.score DESC, c.id

-- name: thread_remote
SELECT remote FROM threads WHERE receiver = :receiver AND thread = :thread

-- name: keep_thread
INSERT INTO threads (receiver, thread, remote, opened_at, over_at)
VALUES (:receiver, :thread, :remote, :now, :over_at)
ON CONFLICT (receiver, thread) DO UPDATE SET
    remote = CASE WHEN excluded.remote = '' THEN remote ELSE excluded.remote END, over_at = excluded.over_at

-- name: keep_thread_case
INSERT INTO thread_cases (receiver, case_id, thread) VALUES (:receiver, :case_id, :thread)
ON CONFLICT (receiver, case_id) DO NOTHING

-- name: threads_to_end
-- What was announced as an incident or a spike ends with a message of its own.
SELECT t.receiver, t.thread FROM threads AS t
WHERE t.over_at IS NULL AND t.receiver IN (SELECT value FROM json_each(:receivers))
  AND EXISTS (SELECT 1 FROM thread_cases AS c WHERE c.receiver = t.receiver AND c.thread = t.thread)
  AND NOT EXISTS (
    SELECT 1 FROM thread_cases AS c JOIN cases AS k ON k.id = c.case_id
    WHERE c.receiver = t.receiver AND c.thread = t.thread AND k.status IN ('new', 'claimed', 'replied')
  )
  AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.receiver = t.receiver AND o.group_key = t.thread)
LIMIT :limit

-- name: cases_of_thread
SELECT case_id FROM thread_cases WHERE receiver = :receiver AND thread = :thread ORDER BY case_id

-- name: end_thread
UPDATE threads SET over_at = :now WHERE receiver = :receiver AND thread = :thread

-- name: insert_told
INSERT INTO outbox (
    receiver, group_key, event, state, urgent, opened_at, due_at, sealed_at, body, idempotency_key
) VALUES (:receiver, :group_key, :event, 'sealed', :urgent, :now, :now, :now, :body, :idempotency_key)

-- name: undelivered
-- Urgent and refused for good, or not taken for a while; also what gathers behind a message that is not taken.
-- What was told in another's place goes no further: every stand-in was told at once.
SELECT o.id, o.receiver, o.group_key, o.event, o.state, o.body, o.error, c.case_id
FROM outbox AS o LEFT JOIN outbox_cases AS c ON c.outbox_id = o.id
WHERE o.urgent = 1 AND o.state IN ('open', 'sealed', 'dead') AND o.opened_at > :since
  AND o.group_key NOT LIKE 'fallback/%' AND o.event NOT LIKE 'canary%' AND (
    o.state = 'dead' OR (o.state = 'sealed' AND o.sealed_at <= :before)
    OR (o.state = 'open' AND o.due_at <= :now AND EXISTS (
        SELECT 1 FROM outbox AS s WHERE s.receiver = o.receiver AND s.state = 'sealed' AND s.sealed_at <= :before
    ))
  ) AND NOT EXISTS (
    SELECT 1 FROM fallbacks AS f WHERE f.outbox_id = o.id AND f.case_id = coalesce(c.case_id, 0)
)
ORDER BY o.opened_at, o.id LIMIT :limit

-- name: last_fallback
SELECT max(told_at) FROM fallbacks WHERE receiver = :receiver

-- name: keep_fallback
INSERT INTO fallbacks (outbox_id, case_id, receiver, told_at) VALUES (:outbox_id, :case_id, :receiver, :now)
ON CONFLICT (outbox_id, case_id) DO NOTHING

-- name: cases_sent_to
SELECT DISTINCT c.case_id FROM outbox_cases AS c JOIN outbox AS o ON o.id = c.outbox_id
WHERE o.receiver = :receiver AND o.state = 'sent' AND c.case_id IN (SELECT value FROM json_each(:cases))

-- name: add_canary
INSERT INTO canaries (receiver, idempotency_key, token_hash, by_delivery, made_at, due_at)
VALUES (:receiver, :idempotency_key, :token_hash, :by_delivery, :now, :due_at)

-- name: last_canary
SELECT id, receiver, made_at, due_at, sent_at, acknowledged_at, told_at FROM canaries
WHERE receiver = :receiver ORDER BY id DESC LIMIT 1

-- name: canary_sent
UPDATE canaries SET
    sent_at = :now, acknowledged_at = CASE WHEN by_delivery THEN coalesce(acknowledged_at, :now) ELSE acknowledged_at END
WHERE idempotency_key = :idempotency_key

-- name: acknowledge_canary
UPDATE canaries SET acknowledged_at = :now
WHERE id = :id AND token_hash = :token_hash AND acknowledged_at IS NULL

-- name: canary_told
UPDATE canaries SET told_at = :now WHERE id = :id

-- name: forget_canaries
DELETE FROM canaries WHERE made_at < :before
