-- name: open_messages_beside
SELECT id, receiver, group_key, event, urgent, subject FROM outbox
WHERE receiver = :receiver AND group_key = :group_key AND state = 'open' AND id != :id ORDER BY due_at, id

-- name: open_subject_message
SELECT id FROM outbox WHERE receiver = :receiver AND group_key = :subject AND state = 'open'

-- name: add_subject_message
INSERT INTO outbox (receiver, group_key, event, subject, urgent, opened_at, due_at)
VALUES (:receiver, :subject, :event, :subject, :urgent, :now, :due_at)

-- name: hasten_subject_message
-- what is not told yet is told as it stands when it leaves: one message, and that it is over where it is
UPDATE outbox SET
    due_at = min(due_at, :due_at), urgent = max(urgent, :urgent), held = NULL,
    event = CASE WHEN :event LIKE '%.over' THEN :event ELSE event END
WHERE id = :id

-- name: hold_message
UPDATE outbox SET due_at = :until, opened_at = :until, held = :reason WHERE id = :id AND state = 'open'

-- name: mark_held
UPDATE outbox SET opened_at = due_at, held = :reason WHERE id = :id AND state = 'open'

-- name: drop_message
DELETE FROM outbox WHERE id = :id AND state = 'open'

-- name: wake_held
UPDATE outbox SET due_at = :now, opened_at = :now, held = NULL WHERE state = 'open' AND held IS NOT NULL

-- name: move_cases
INSERT INTO outbox_cases (outbox_id, case_id, level)
SELECT :into, id, level FROM cases WHERE id IN (SELECT value FROM json_each(:cases))
ON CONFLICT (outbox_id, case_id) DO UPDATE SET level = excluded.level

-- name: keep_cases
DELETE FROM outbox_cases WHERE outbox_id = :id AND case_id NOT IN (SELECT value FROM json_each(:cases))

-- name: tellings_of
SELECT case_id, level, cause, told_at FROM tellings
WHERE receiver = :receiver AND case_id IN (SELECT value FROM json_each(:cases))

-- name: record_telling
INSERT INTO tellings (case_id, receiver, level, cause, told_at, repeat_at)
VALUES (:case_id, :receiver, :level, :cause, :now, :repeat_at)
ON CONFLICT (case_id, receiver) DO UPDATE SET
    level = excluded.level, cause = excluded.cause, told_at = excluded.told_at, repeat_at = excluded.repeat_at

-- name: repeats_due
SELECT t.case_id, t.receiver, c.status, c.snoozed_until FROM tellings AS t JOIN cases AS c ON c.id = t.case_id
WHERE t.repeat_at <= :now ORDER BY t.repeat_at LIMIT :limit

-- name: plan_repeat
UPDATE tellings SET repeat_at = :repeat_at WHERE case_id = :case_id AND receiver = :receiver

-- name: next_repeat_due
SELECT min(repeat_at) FROM tellings WHERE repeat_at IS NOT NULL

-- name: subjects_told
SELECT subject, level, told_at FROM subject_tellings
WHERE receiver = :receiver AND subject IN (SELECT value FROM json_each(:subjects))

-- name: record_subject
INSERT INTO subject_tellings (subject, receiver, level, told_at) VALUES (:subject, :receiver, :level, :now)
ON CONFLICT (subject, receiver) DO UPDATE SET level = excluded.level, told_at = excluded.told_at

-- name: last_try
SELECT max(tried_at) FROM outbox WHERE receiver = :receiver AND state = 'sealed'

-- name: delay_receiver
UPDATE outbox SET due_at = max(due_at, :due_at) WHERE receiver = :receiver AND state = 'sealed'

-- name: hasten_receiver
UPDATE outbox SET due_at = :now WHERE receiver = :receiver AND state = 'sealed' AND due_at > :now AND attempts = 0
