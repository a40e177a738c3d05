-- name: add_feedback
INSERT INTO feedback (case_id, kind, entry, before, who, at) VALUES (:case_id, :kind, :entry, :before, :who, :now)

-- name: last_feedback
SELECT id, case_id, kind, entry, before, who, at FROM feedback
WHERE case_id = :case_id AND undone_at IS NULL ORDER BY id DESC LIMIT 1

-- name: undo_feedback
UPDATE feedback SET undone_by = :who, undone_at = :now WHERE id = :id AND undone_at IS NULL

-- name: author_and_thread
SELECT m.author, coalesce(m.thread_id, m.native_id) AS thread
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id WHERE c.id = :id

-- name: judged_posts
SELECT h.id AS hit_id, c.brand, h.source, m.author, m.text, m.lang, d.complaint, c.status, c.kind,
       c.dismissed_reason AS reason
FROM cases AS c
JOIN hits AS h ON h.id = c.hit_id
JOIN mentions AS m ON m.id = h.mention_id
JOIN decisions AS d ON d.hit_id = h.id
WHERE c.status IN ('dismissed', 'replied', 'resolved') AND coalesce(c.closed_at, c.replied_at) >= :since
  AND m.deleted_at IS NULL AND h.source IN (SELECT value FROM json_each(:sources))
ORDER BY h.id

-- name: add_suggestion
INSERT INTO suggestions (kind, brand, source, value, evidence, cost, made_at)
VALUES (:kind, :brand, :source, :value, :evidence, :cost, :now)
ON CONFLICT (kind, brand, source, value) DO UPDATE SET
    evidence = excluded.evidence, cost = excluded.cost, made_at = excluded.made_at
WHERE suggestions.state != 'accepted'

-- name: drop_stale_suggestions
DELETE FROM suggestions WHERE state = 'waiting' AND made_at < :now

-- name: suggestion_columns
SELECT id, kind, brand, source, value, evidence, cost, made_at, state, before, who, at FROM suggestions

-- name: settle_suggestion
UPDATE suggestions SET state = :state, before = :before, who = :who, at = :now WHERE id = :id
