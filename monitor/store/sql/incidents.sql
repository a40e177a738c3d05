-- name: keep_meaning
INSERT INTO case_meanings (case_id, hit_id, model, vector) VALUES (:case_id, :hit_id, :model, :vector)
ON CONFLICT (case_id) DO UPDATE SET hit_id = excluded.hit_id, model = excluded.model, vector = excluded.vector

-- name: meaning_of_case
SELECT model, vector FROM case_meanings WHERE case_id = :case_id

-- name: brands_unplaced
SELECT DISTINCT c.brand FROM cases AS c
WHERE c.kind = 'complaint' AND c.status IN ('new', 'claimed', 'replied')
  AND NOT EXISTS (SELECT 1 FROM incident_cases AS i WHERE i.case_id = c.id)

-- name: gathered_columns
SELECT c.id AS case_id, c.hit_id, min(c.clock_at, m.posted_at) AS at, c.cause, c.lane, m.text, n.model, n.vector, g.words
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN case_meanings AS n ON n.case_id = c.id LEFT JOIN incident_cases AS g ON g.case_id = c.id

-- name: place_case
INSERT INTO incident_cases (case_id, incident_id, words, at, who) VALUES (:case_id, :incident_id, :words, :at, :who)
ON CONFLICT (case_id) DO UPDATE SET
    incident_id = excluded.incident_id, words = excluded.words, who = excluded.who

-- name: mark_incident
UPDATE cases SET incident_id = :incident_id WHERE id = :case_id

-- name: alive_clusters
SELECT id, size, total, words, first_at, last_at FROM incidents
WHERE brand = :brand AND model = :model AND state IN ('open', 'fixed') AND last_at >= :since ORDER BY id

-- name: insert_incident
INSERT INTO incidents (brand, model, state, size, total, words, first_at, last_at, opened_at)
VALUES (:brand, :model, 'open', :size, :total, :words, :first_at, :last_at, :now)

-- name: grow_incident
UPDATE incidents SET
    size = :size, total = :total, words = :words, first_at = min(first_at, :first_at),
    last_at = max(last_at, :last_at), version = version + 1
WHERE id = :id

-- name: incident_columns
SELECT id, brand, state, size, first_at, last_at, opened_at, told_size, told_level, told_at, owner, fixed_at, over_at,
       answer, answer_by, merged_into, version
FROM incidents

-- name: members_of_incident
SELECT i.case_id, i.words, i.at, n.model, n.vector FROM incident_cases AS i
LEFT JOIN case_meanings AS n ON n.case_id = i.case_id WHERE i.incident_id = :id ORDER BY i.at, i.case_id

-- name: member_of_incident
SELECT i.incident_id, i.words, i.at, i.who FROM incident_cases AS i WHERE i.case_id = :case_id

-- name: incident_facts
SELECT i.case_id, i.at, c.status, c.level, c.score, c.cause, c.told_level, m.platform, m.author, m.author_followers,
       m.text, m.deleted_at
FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id JOIN hits AS h ON h.id = c.hit_id
JOIN mentions AS m ON m.id = h.mention_id
WHERE i.incident_id = :id ORDER BY i.at, i.case_id

-- name: worst_of_incident
SELECT i.case_id FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id WHERE i.incident_id = :id
ORDER BY c.status NOT IN ('new', 'claimed', 'replied'),
         CASE c.level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END, i.at, i.case_id
LIMIT :limit

-- name: other_texts
SELECT m.text FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE c.brand = :brand AND c.kind = 'complaint' AND c.incident_id IS NOT :id AND c.opened_at >= :since AND m.text != ''
ORDER BY c.id DESC LIMIT 300

-- name: audit_incident
INSERT INTO incident_audit (incident_id, at, who, action, detail) VALUES (:incident_id, :at, :who, :action, :detail)

-- name: trail_of_incident
SELECT at, who, action, detail FROM incident_audit WHERE incident_id = :id ORDER BY id

-- name: quiet_incidents
SELECT id FROM incidents WHERE state IN ('open', 'fixed') AND last_at < :before AND opened_at < :before ORDER BY id

-- name: next_quiet
SELECT min(max(last_at, opened_at)) FROM incidents WHERE state IN ('open', 'fixed')

-- name: meanings_of_mention
SELECT n.case_id, n.model, n.vector, i.incident_id, i.words FROM case_meanings AS n
JOIN hits AS h ON h.id = n.hit_id LEFT JOIN incident_cases AS i ON i.case_id = n.case_id
WHERE h.mention_id = :mention_id

-- name: unplaced_meanings
SELECT i.case_id, i.incident_id, i.words FROM incident_cases AS i JOIN cases AS c ON c.id = i.case_id
JOIN hits AS h ON h.id = c.hit_id
WHERE h.mention_id = :mention_id AND NOT EXISTS (SELECT 1 FROM case_meanings AS n WHERE n.case_id = i.case_id)

-- name: drop_meaning
DELETE FROM case_meanings WHERE case_id = :case_id

-- name: drop_words
UPDATE incident_cases SET words = '[]' WHERE case_id = :case_id

-- name: cluster
SELECT size, total, words, model FROM incidents WHERE id = :id

-- name: set_cluster
UPDATE incidents SET total = :total, words = :words WHERE id = :id
