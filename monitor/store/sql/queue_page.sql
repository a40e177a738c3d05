-- name: queue_rank
(CASE WHEN c.status = 'replied' OR coalesce(c.snoozed_until, 0) > :now THEN 16 ELSE 0 END
 + CASE WHEN c.level = 'critical' THEN 0 WHEN c.due_at < :now THEN 4
        WHEN c.due_at - :now < (c.due_at - c.clock_at) / 2 THEN 8 ELSE 12 END
 + CASE c.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END)

-- name: alive_incidents
SELECT id FROM incidents WHERE state IN ('open', 'fixed')

-- name: queue_rows
SELECT c.id, c.kind, c.status, c.level, c.score, c.reasons, c.severity, c.brand, m.platform, m.permalink,
       m.author_handle AS author, m.author_name, m.author_followers AS followers, substr(m.text, 1, :excerpt) AS excerpt,
       length(m.text) > :excerpt AS cut, m.deleted_at IS NOT NULL AS deleted, m.posted_at, c.due_at, c.clock_at,
       c.claimed_by, c.claimed_at, c.snoozed_until, c.replied_by, c.incident_id, c.posts, c.copies, c.lane, c.lang,
       c.review, c.cause, c.version
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE c.id IN (SELECT value FROM json_each(:ids))

-- name: queue_incidents
SELECT id, state, size, owner, words, version FROM incidents WHERE id IN (SELECT value FROM json_each(:ids))

-- name: queue_choices
SELECT 'platform' AS what, platform AS value FROM cases INDEXED BY cases_queue
WHERE status IN ('new', 'claimed', 'replied') AND brand IN (SELECT value FROM json_each(:brands)) GROUP BY platform
UNION ALL SELECT 'cause', cause FROM cases INDEXED BY cases_queue
WHERE status IN ('new', 'claimed', 'replied') AND brand IN (SELECT value FROM json_each(:brands)) GROUP BY cause
UNION ALL SELECT 'language', coalesce(lane, :sole, lang) FROM cases INDEXED BY cases_queue
WHERE status IN ('new', 'claimed', 'replied') AND brand IN (SELECT value FROM json_each(:brands)) GROUP BY 2

-- name: queue_mark
SELECT (SELECT max(id) FROM cases) AS cases, (SELECT max(id) FROM audit) AS moves,
       (SELECT max(hit_id) FROM case_posts) AS posts, (SELECT max(id) FROM incident_audit) AS deeds,
       (SELECT total(version) FROM incidents WHERE state IN ('gathering', 'open', 'fixed')) AS incidents

-- name: open_cases_of_incident
SELECT c.id, c.status, c.brand, c.claimed_by, c.version FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id
WHERE i.incident_id = :id AND c.status IN ('new', 'claimed', 'replied') ORDER BY i.at, c.id
