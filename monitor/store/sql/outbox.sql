-- name: open_message
SELECT id FROM outbox WHERE receiver = :receiver AND group_key = :group_key AND event = :event AND state = 'open'

-- name: last_sealed
SELECT max(sealed_at) FROM outbox
WHERE receiver = :receiver AND group_key = :group_key AND sealed_at IS NOT NULL AND state != 'muted'

-- name: insert_message
INSERT INTO outbox (receiver, group_key, event, urgent, opened_at, due_at)
VALUES (:receiver, :group_key, :event, :urgent, :now, :due_at)

-- name: hasten_message
UPDATE outbox SET due_at = min(due_at, :due_at), urgent = max(urgent, :urgent), held = NULL WHERE id = :id

-- name: add_message_case
INSERT INTO outbox_cases (outbox_id, case_id, level) VALUES (:outbox_id, :case_id, :level)
ON CONFLICT (outbox_id, case_id) DO UPDATE SET level = excluded.level

-- name: insert_sealed
INSERT INTO outbox (
    receiver, group_key, event, state, urgent, opened_at, due_at, sealed_at, body, idempotency_key
) VALUES (:receiver, :group_key, :event, 'sealed', :urgent, :now, :now, :now, :body, :idempotency_key)

-- name: messages_to_seal
-- A group whose last message is not sent yet gathers on, so that a receiver that was down is told once. What is about an
-- incident comes first: cases of one that was told are left out.
SELECT id, receiver, group_key, event, urgent, subject FROM outbox AS o
WHERE state = 'open' AND due_at <= :due AND NOT EXISTS (
    SELECT 1 FROM outbox AS s WHERE s.receiver = o.receiver AND s.group_key = o.group_key AND s.state = 'sealed'
)
ORDER BY subject IS NULL, urgent DESC, due_at LIMIT :limit

-- name: cases_of_message
SELECT case_id FROM outbox_cases WHERE outbox_id = :id

-- name: seal_message
UPDATE outbox SET
    state = 'sealed', sealed_at = :now, due_at = :due_at, body = :body, idempotency_key = :idempotency_key, held = NULL
WHERE id = :id AND state = 'open'

-- name: mute_message
UPDATE outbox SET state = 'muted', sealed_at = :now, error = :reason WHERE id = :id AND state = 'open'

-- name: claim_message
UPDATE outbox SET lease_until = :lease, fence = fence + 1, attempts = attempts + 1
WHERE id = (
    SELECT id FROM outbox
    WHERE state = 'sealed' AND due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)
      AND receiver IN (SELECT value FROM json_each(:receivers))
    ORDER BY urgent DESC, opened_at, id LIMIT 1
)
RETURNING id, receiver, event, urgent, body, idempotency_key, attempts, opened_at, fence

-- name: finish_message
UPDATE outbox SET state = 'sent', sent_at = :now, lease_until = NULL, error = NULL, body = NULL
WHERE id = :id AND fence = :fence

-- name: delay_message
UPDATE outbox SET due_at = :due_at, tried_at = :now, lease_until = NULL, error = :error
WHERE id = :id AND fence = :fence

-- name: kill_message
UPDATE outbox SET state = 'dead', lease_until = NULL, error = :error WHERE id = :id AND fence = :fence

-- name: next_message_due
SELECT min(due_at) FROM outbox AS o WHERE state = 'sealed' OR (state = 'open' AND NOT EXISTS (
    SELECT 1 FROM outbox AS s WHERE s.receiver = o.receiver AND s.group_key = o.group_key AND s.state = 'sealed'
))

-- name: outbox_states
SELECT state, count(*) AS messages FROM outbox GROUP BY state

-- name: oldest_urgent_unsent
SELECT min(opened_at) FROM outbox WHERE urgent = 1 AND state IN ('open', 'sealed') AND held IS NULL

-- name: dead_messages
SELECT id, receiver, event, error FROM outbox WHERE state = 'dead' ORDER BY id

-- name: active_silences
SELECT id, matchers, author, reason, ends_at FROM silences WHERE starts_at <= :now AND ends_at > :now

-- name: add_silence
INSERT INTO silences (matchers, author, reason, starts_at, ends_at)
VALUES (:matchers, :author, :reason, :starts_at, :ends_at)

-- name: last_digest
SELECT local_date, sent_at FROM digests_sent WHERE name = :name ORDER BY sent_at DESC LIMIT 1

-- name: record_digest
INSERT INTO digests_sent (name, local_date, sent_at) VALUES (:name, :local_date, :now)

-- name: plan_follow
INSERT INTO follows (mention_id, source, step, due_at, priority)
VALUES (:mention_id, :source, 0, :due_at, :priority)
ON CONFLICT (mention_id) DO UPDATE SET priority = max(priority, excluded.priority)

-- name: claim_follows
UPDATE follows SET lease_until = :lease, fence = fence + 1
WHERE mention_id IN (
    SELECT mention_id FROM follows
    WHERE due_at <= :now AND (lease_until IS NULL OR lease_until <= :now) AND source = :source
    ORDER BY priority DESC, due_at LIMIT :limit
)
RETURNING mention_id, step, fence

-- name: followed_mentions
SELECT m.id AS mention_id, m.platform, m.native_id FROM json_each(:ids) AS k JOIN mentions AS m ON m.id = k.value

-- name: advance_follow
UPDATE follows SET step = step + 1, due_at = :due_at, lease_until = NULL
WHERE mention_id = :mention_id AND fence = :fence

-- name: end_follow
DELETE FROM follows WHERE mention_id = :mention_id AND fence = :fence

-- name: delay_follow
UPDATE follows SET due_at = :due_at, lease_until = NULL WHERE mention_id = :mention_id AND fence = :fence

-- name: sources_to_follow
SELECT DISTINCT source FROM follows WHERE due_at <= :now AND (lease_until IS NULL OR lease_until <= :now)

-- name: next_follow_due
SELECT min(due_at) FROM follows WHERE source IN (SELECT value FROM json_each(:names))

-- name: void_source_leases
UPDATE sources SET lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL

-- name: void_hit_leases
-- A post that was there each of three times that a process died is the cause of it, as far as anybody can tell: after
-- the first time it is decided alone.
UPDATE hits SET
    state = CASE WHEN attempts >= 3 THEN 'parked' ELSE 'new' END,
    error = CASE WHEN attempts >= 3 THEN 'the process died each time that it was decided' ELSE error END,
    lease_until = NULL, fence = fence + 1
WHERE state = 'doing'

-- name: void_message_leases
UPDATE outbox SET lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL

-- name: void_follow_leases
UPDATE follows SET lease_until = NULL, fence = fence + 1 WHERE lease_until IS NOT NULL

-- name: get_meta
SELECT value FROM meta WHERE key = :key

-- name: set_meta
INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: add_config
INSERT INTO config_versions (hash, text, who, at, action, note, files, report)
SELECT :hash, :text, :who, :at, :action, :note, :files, :report
WHERE :hash IS NOT (SELECT hash FROM config_versions ORDER BY id DESC LIMIT 1)

-- name: config_history
SELECT id, hash, who, at, text, action, note, files, report FROM config_versions ORDER BY id DESC

-- name: totals
SELECT (SELECT count(*) FROM mentions) AS mentions, (SELECT count(*) FROM hits) AS hits,
       (SELECT count(*) FROM decisions WHERE drop_rule IS NULL) AS kept,
       (SELECT count(*) FROM decisions WHERE drop_rule IS NOT NULL) AS dropped,
       (SELECT count(*) FROM cases) AS cases
