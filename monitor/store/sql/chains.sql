-- name: chain
SELECT c.run, c.level, c.state, c.step, c.left_ms, c.raised_at,
       (SELECT due_at FROM chain_steps WHERE case_id = c.case_id AND run = c.run AND kind = 'step' AND step = c.step
           AND state = 'waiting') AS due_at,
       (SELECT due_at FROM chain_steps WHERE case_id = c.case_id AND run = c.run AND kind = 'warning'
           AND state = 'waiting') AS warn_at
FROM chains AS c WHERE c.case_id = :case_id

-- name: put_chain
INSERT INTO chains (case_id, run, level, state, step, left_ms, raised_at)
VALUES (:case_id, :run, :level, :state, :step, :left_ms, :raised_at)
ON CONFLICT (case_id) DO UPDATE SET run = excluded.run, level = excluded.level, state = excluded.state,
    step = excluded.step, left_ms = excluded.left_ms, raised_at = excluded.raised_at

-- name: end_chain_steps
-- What waits of earlier runs, and of this one where it is no longer what comes next.
UPDATE chain_steps SET state = 'ended'
WHERE case_id = :case_id AND state IN ('waiting', 'paused')
  AND (run != :run OR (kind = 'step' AND (step != :step OR :state NOT IN ('running', 'paused')))
       OR (kind = 'warning' AND :warn_at IS NULL))

-- name: plan_chain_step
INSERT INTO chain_steps (case_id, run, level, kind, step, state, due_at)
VALUES (:case_id, :run, :level, :kind, :step, :state, :due_at)
ON CONFLICT (case_id, run, kind, step) DO UPDATE SET state = excluded.state, due_at = excluded.due_at
WHERE chain_steps.state IN ('waiting', 'paused')

-- name: chain_steps_of_case
SELECT id, case_id, run, level, kind, step, state, due_at, done_at, told, turn FROM chain_steps
WHERE case_id = :case_id ORDER BY id

-- name: due_chain_steps
SELECT id, case_id, run, level, kind, step, state, due_at, done_at, told, turn FROM chain_steps
WHERE state = 'waiting' AND due_at <= :now ORDER BY due_at, id LIMIT :limit

-- name: finish_chain_step
UPDATE chain_steps SET state = 'done', done_at = :now, told = :told, turn = :turn WHERE id = :id AND state = 'waiting'

-- name: next_chain_due
SELECT min(due_at) FROM chain_steps WHERE state = 'waiting'

-- name: last_turns
SELECT turn, max(done_at) AS done_at FROM chain_steps WHERE turn IS NOT NULL GROUP BY turn

-- name: cases_without_chain
SELECT c.id FROM cases AS c
WHERE c.status = 'new' AND c.told_level IS NOT NULL
  AND c.level IN (SELECT value FROM json_each(:levels))
  AND NOT EXISTS (SELECT 1 FROM chains WHERE case_id = c.id AND state != 'ended')
ORDER BY c.id LIMIT :limit

-- name: lost_chains
SELECT c.id AS case_id, c.level, s.due_at, h.raised_at
FROM cases AS c
LEFT JOIN chains AS h ON h.case_id = c.id
LEFT JOIN chain_steps AS s
    ON s.case_id = c.id AND s.run = h.run AND s.kind = 'step' AND s.step = h.step AND s.state = 'waiting'
WHERE c.status = 'new' AND c.level IN ('critical', 'high') AND c.told_level IS NOT NULL
  AND c.level IN (SELECT value FROM json_each(:levels))
  AND (h.case_id IS NULL OR h.raised_at IS NOT NULL OR h.state IN ('paused', 'ended')
       OR (h.state = 'running' AND (s.id IS NULL OR s.due_at < :late)))
ORDER BY c.id LIMIT 100

-- name: hasten_message_with
-- A list of what a changed config made urgent waits for the last of its cases.
UPDATE outbox AS o SET due_at = min(due_at, max(:due_at, coalesce((
    SELECT max(s.sealed_at) + :apart FROM outbox AS s
    WHERE s.receiver = o.receiver AND s.group_key = o.group_key AND s.sealed_at IS NOT NULL AND s.state != 'muted'
), :due_at)))
WHERE receiver = :receiver AND state = 'open' AND event != 'case.rescored'
  AND id IN (SELECT outbox_id FROM outbox_cases WHERE case_id = :case_id)

-- name: add_shift_change
INSERT INTO shift_changes (kind, who, instead_of, starts_at, ends_at, reason, author)
VALUES (:kind, :who, :instead_of, :starts_at, :ends_at, :reason, :author)

-- name: end_shift_change
UPDATE shift_changes SET ends_at = max(:now, starts_at) WHERE id = :id AND ends_at > :now

-- name: shift_changes
SELECT id, kind, who, instead_of, starts_at, ends_at, reason, author FROM shift_changes
WHERE ends_at > :since ORDER BY starts_at, id
