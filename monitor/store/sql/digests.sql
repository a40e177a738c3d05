-- name: cases_to_act_on
-- Critical cases and late ones that nobody has replied to, the worst level first, then the longest overdue.
SELECT id FROM cases
WHERE status IN ('new', 'claimed') AND (level = 'critical' OR due_at < :now)
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
ORDER BY CASE level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, due_at, id LIMIT :limit

-- name: count_to_act_on
SELECT count(*) FROM cases
WHERE status IN ('new', 'claimed') AND (level = 'critical' OR due_at < :now)
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))

-- name: cases_at_risk
-- Cases without a reply that have used up more than half of their time, the next due first.
SELECT id FROM cases
WHERE status IN ('new', 'claimed') AND due_at >= :now AND due_at - :now < (due_at - clock_at) / 2
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
ORDER BY due_at, id LIMIT :limit

-- name: complaints_by_quarter
SELECT minute / 15 AS quarter, sum(complaints) AS complaints FROM tallies
WHERE minute >= :since AND minute < :until AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
GROUP BY minute / 15 HAVING sum(complaints) > 0

-- name: causes_between
SELECT cause, count(*) AS cases FROM cases
WHERE kind = 'complaint' AND opened_at >= :since AND opened_at < :until
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
GROUP BY cause

-- name: replies_by_level
SELECT level, replied_at - coalesce(first_clock_at, clock_at) AS wait,
       replied_at <= coalesce(first_due_at, due_at) AS in_time
FROM cases
WHERE replied_at >= :since AND replied_at < :until
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))

-- name: praise_in_cases
SELECT c.id AS case_id, c.brand, m.platform, m.author_handle AS author, m.author_followers AS followers, m.text,
       m.permalink, m.posted_at
FROM cases AS c INDEXED BY cases_opened
CROSS JOIN hits AS h ON h.id = c.hit_id
CROSS JOIN mentions AS m ON m.id = h.mention_id
WHERE c.opened_at >= :since AND c.opened_at < :until AND c.kind = 'praise' AND m.deleted_at IS NULL AND m.text != ''
  AND (:brands = '[]' OR c.brand IN (SELECT value FROM json_each(:brands)))
ORDER BY m.author_followers DESC, m.id DESC LIMIT :limit

-- name: praise_in_drops
-- Posts that needed nobody, and that the model reads as plainly positive.
SELECT NULL AS case_id, h.brand, m.platform, m.author_handle AS author, m.author_followers AS followers, m.text,
       m.permalink, m.posted_at
FROM decisions AS d INDEXED BY decisions_time
CROSS JOIN hits AS h ON h.id = d.hit_id
CROSS JOIN mentions AS m ON m.id = h.mention_id
WHERE d.decided_at >= :since AND d.decided_at < :until AND d.drop_rule = 'not-a-complaint'
  AND json_extract(d.verdict, '$.sentiment.positive') >= :positive AND m.deleted_at IS NULL AND m.text != ''
  AND (:brands = '[]' OR h.brand IN (SELECT value FROM json_each(:brands)))
ORDER BY m.author_followers DESC, m.id DESC LIMIT :limit

-- name: incidents_to_tell
-- Incidents that were told of and go on, or that ended since a time; the largest first.
SELECT id, brand, state, size, words, first_at, owner,
       (SELECT count(*) FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id
        WHERE i.incident_id = incidents.id AND c.status IN ('new', 'claimed')) AS waiting,
       (SELECT i.case_id FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id
        WHERE i.incident_id = incidents.id ORDER BY c.score DESC, c.id LIMIT 1) AS example,
       (SELECT c.cause FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id
        WHERE i.incident_id = incidents.id AND c.cause IS NOT NULL GROUP BY c.cause ORDER BY count(*) DESC LIMIT 1)
           AS cause
FROM incidents
WHERE opened_at IS NOT NULL AND (state IN ('open', 'fixed') OR (state = 'over' AND over_at >= :since))
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
ORDER BY state = 'over', size DESC, id DESC LIMIT :limit

-- name: worst_urgent
-- Urgent open cases in the order of the queue.
SELECT id FROM cases
WHERE status IN ('new', 'claimed', 'replied') AND level IN ('critical', 'high')
  AND (:brands = '[]' OR brand IN (SELECT value FROM json_each(:brands)))
ORDER BY status = 'replied' OR coalesce(snoozed_until, 0) > :now, level = 'high', due_at, score DESC, id LIMIT :limit
