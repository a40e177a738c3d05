-- name: add_sending
INSERT INTO sendings (answer_id, version, who, source, account, state, at)
VALUES (:answer_id, :version, :who, :source, :account, 'sending', :now)

-- name: settle_sending
UPDATE sendings SET state = :state, settled_at = :now, settled_by = :who, problem = :problem WHERE id = :id

-- name: found_sending
UPDATE sendings SET state = 'sent', settled_at = :now, settled_by = :who
WHERE answer_id = :answer_id AND state IN ('sending', 'perhaps sent')

-- name: sendings_of_case
SELECT s.*, a.case_id, a.kind, a.text FROM sendings AS s JOIN answers AS a ON a.id = s.answer_id
WHERE a.case_id = :case_id ORDER BY s.id

-- name: sendings_of_answer
SELECT s.*, a.case_id, a.kind, a.text FROM sendings AS s JOIN answers AS a ON a.id = s.answer_id
WHERE s.answer_id = :answer_id ORDER BY s.id
