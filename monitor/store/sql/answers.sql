-- name: answer_columns
SELECT a.id, a.case_id, c.brand, a.kind, a.state, a.text, a.template, a.author, a.written_at, a.version, a.asked_by,
       a.asked_at, a.approved_by, a.approved_at, a.rejected_by, a.reason, a.opened_by, a.opened_at, a.sent_by,
       a.sent_at, a.permalink, a.unapproved, a.step, a.step_at
FROM answers AS a JOIN cases AS c ON c.id = a.case_id

-- name: add_answer
INSERT INTO answers (case_id, kind, state, text, template, author, written_at, approved_by, approved_at)
VALUES (:case_id, :kind, :state, :text, :template, :author, :now, :approved_by, :approved_at)

-- name: next_answer_step
SELECT min(step_at) FROM answers WHERE step_at IS NOT NULL

-- name: sent_texts
SELECT a.text FROM answers AS a JOIN cases AS c ON c.id = a.case_id
WHERE a.state = 'sent' AND a.kind = 'answer' AND a.sent_at >= :since AND a.text != '' AND c.brand = :brand
  AND a.case_id != :case_id
ORDER BY a.sent_at DESC LIMIT :limit
