-- name: open_case
INSERT INTO cases (
    brand, join_key, kind, status, level, score, reasons, severity, lane, review, hit_id, opened_at, clock_at, due_at,
    escalate_at, cause, cause_by, cause_why, first_due_at, first_clock_at, summary
) VALUES (
    :brand, :join_key, :kind, 'new', :level, :score, :reasons, :severity, :lane, :review, :hit_id, :opened_at,
    :clock_at, :due_at, :due_at, :cause, :cause_by, :cause_why, :due_at, :clock_at, :summary
)

-- name: case_columns
SELECT id, brand, join_key, kind, status, level, score, hit_id, opened_at, clock_at, due_at, told_level, claimed_by,
       claimed_at, ping_at, release_at, snoozed_until, escalation_step, escalate_at, replied_at, replied_by, closed_at,
       dismissed_reason, incident_id, version, first_due_at, answered_at, answer_seen
FROM cases

-- name: add_case_post
INSERT INTO case_posts (hit_id, case_id, role) VALUES (:hit_id, :case_id, :role)
ON CONFLICT (hit_id) DO UPDATE SET case_id = excluded.case_id, role = excluded.role

-- name: case_of_hit
SELECT case_id FROM case_posts WHERE hit_id = :hit_id

-- name: count_posts
UPDATE cases SET
    posts = (SELECT count(*) FROM case_posts WHERE case_id = :id AND role != 'copy'),
    copies = (SELECT count(*) FROM case_posts WHERE case_id = :id AND role = 'copy')
WHERE id = :id

-- name: case_views
SELECT c.id, c.kind, c.status, c.level, c.score, c.reasons, c.severity, c.brand, m.platform, m.native_id, m.permalink,
       m.author_handle AS author, m.author_followers AS followers, m.text, m.posted_at, c.due_at, c.opened_at,
       c.claimed_by, c.snoozed_until, c.incident_id, c.posts, c.copies, c.lane, c.review, c.cause, c.cause_by,
       c.cause_why, c.first_due_at, c.replied_at, c.replied_by, c.answer_seen, c.mood, c.summary
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id

-- name: posts_of_case
SELECT p.role, m.platform, m.native_id, m.permalink, m.author_handle AS author, m.text, m.posted_at, m.deleted_at
FROM case_posts AS p JOIN hits AS h ON h.id = p.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE p.case_id = :id ORDER BY m.posted_at, m.id

-- name: add_audit
INSERT INTO audit (case_id, at, who, action, detail) VALUES (:case_id, :at, :who, :action, :detail)

-- name: audit_of_case
SELECT at, who, action, detail FROM audit WHERE case_id = :id ORDER BY id

-- name: due_steps
SELECT id FROM cases
WHERE status IN ('new', 'claimed', 'replied') AND escalate_at IS NOT NULL AND escalate_at <= :now
ORDER BY escalate_at LIMIT :limit

-- name: next_step_due
SELECT min(escalate_at) FROM cases WHERE escalate_at IS NOT NULL

-- name: open_by_level
SELECT level, count(*) AS cases FROM cases
WHERE status IN ('new', 'claimed', 'replied') AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
GROUP BY level

-- name: open_by_lane
SELECT lane, count(*) AS cases, sum(status IN ('new', 'claimed') AND due_at < :now) AS late FROM cases
WHERE status IN ('new', 'claimed', 'replied') AND (:brand IS NULL OR brand = :brand)
GROUP BY lane ORDER BY cases DESC, lane

-- name: late_by_level
SELECT level, count(*) AS cases FROM cases
WHERE status IN ('new', 'claimed') AND due_at < :now AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
GROUP BY level

-- name: at_risk
SELECT count(*) FROM cases
WHERE status IN ('new', 'claimed') AND due_at >= :now AND due_at - :now < (due_at - clock_at) / 2
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))

-- name: opened_between
SELECT kind, count(*) AS cases FROM cases
WHERE opened_at >= :since AND opened_at < :until AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
GROUP BY kind

-- name: mentions_between
SELECT count(*) FROM mentions AS m
WHERE m.seen_at >= :since AND m.seen_at < :until AND (:brands = '[]' OR EXISTS (
    SELECT 1 FROM hits AS h WHERE h.mention_id = m.id AND h.brand IN (SELECT value FROM json_each(:brands))))

-- name: texts_of_complaints
SELECT m.text FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE c.kind = 'complaint' AND c.opened_at >= :since AND c.opened_at < :until AND (:brands = '[]' OR c.brand IN (SELECT value FROM json_each(:brands)))
ORDER BY c.score DESC LIMIT 500

-- name: export_cases
SELECT id FROM cases WHERE id > :after ORDER BY id LIMIT 500

-- name: open_case_of_key
SELECT id, level, kind FROM cases WHERE join_key = :join_key AND status IN ('new', 'claimed', 'replied')

-- name: link_decision
UPDATE decisions SET case_id = :case_id WHERE hit_id = :hit_id
