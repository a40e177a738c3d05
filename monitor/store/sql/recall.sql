-- name: last_draw
SELECT id, local_date, since, until, drawn_at FROM recall_draws ORDER BY until DESC LIMIT 1

-- name: oldest_undecided
SELECT min(h.seen_at) FROM hits AS h
WHERE h.state IN ('new', 'doing') AND NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.hit_id = h.id)

-- name: drops_to_draw
SELECT h.id, h.brand, h.source, d.drop_rule, d.complaint
FROM decisions AS d JOIN hits AS h ON h.id = d.hit_id JOIN mentions AS m ON m.id = h.mention_id
WHERE d.decided_at >= :since AND d.drop_rule IS NOT NULL AND d.case_id IS NULL
  AND h.seen_at >= :since AND h.seen_at < :until AND m.deleted_at IS NULL

-- name: add_draw
INSERT INTO recall_draws (local_date, since, until, drawn_at) VALUES (:local_date, :since, :until, :drawn_at)
ON CONFLICT (local_date) DO NOTHING

-- name: add_recall_frame
INSERT INTO recall_frame (draw_id, brand, stratum, drops) VALUES (:draw_id, :brand, :stratum, :drops)

-- name: add_sampled
INSERT INTO recall_sample (draw_id, hit_id, brand, source, drop_rule, stratum, complaint, probability)
VALUES (:draw_id, :hit_id, :brand, :source, :drop_rule, :stratum, :complaint, :probability)

-- name: sampled_columns
SELECT s.id, r.local_date AS drawn_on, s.brand, s.source, s.drop_rule AS rule, s.stratum, s.complaint, s.probability,
       s.answer, s.answered_by, s.answered_at, s.case_id, s.hit_id, m.platform, m.native_id, m.permalink,
       m.author_handle AS author, m.text, m.posted_at, d.body ->> '$.evidence' AS evidence
FROM recall_sample AS s
JOIN recall_draws AS r ON r.id = s.draw_id
LEFT JOIN hits AS h ON h.id = s.hit_id
LEFT JOIN mentions AS m ON m.id = h.mention_id AND m.deleted_at IS NULL
LEFT JOIN decisions AS d ON d.hit_id = h.id

-- name: count_waiting_samples
SELECT count(*) FROM recall_sample AS s
JOIN recall_draws AS r ON r.id = s.draw_id
JOIN hits AS h ON h.id = s.hit_id
JOIN mentions AS m ON m.id = h.mention_id
JOIN decisions AS d ON d.hit_id = h.id
WHERE s.answer IS NULL AND r.drawn_at > :since AND m.deleted_at IS NULL AND d.drop_rule IS NOT NULL
  AND (:brands = '[]' OR s.brand IN (SELECT value FROM json_each(:brands)))

-- name: answer_sample
UPDATE recall_sample SET answer = :answer, answered_by = :who, answered_at = :now, case_id = coalesce(:case_id, case_id)
WHERE id = :id

-- name: recall_answers
SELECT s.hit_id, s.brand, s.source, s.drop_rule, s.stratum, s.complaint, s.probability, s.answer = 'yes' AS missed,
       s.answered_at
FROM recall_sample AS s JOIN recall_draws AS r ON r.id = s.draw_id
WHERE r.drawn_at > :since AND s.answer IN ('yes', 'no')
  AND (:brands = '[]' OR s.brand IN (SELECT value FROM json_each(:brands)))
ORDER BY s.id

-- name: recall_frame
SELECT f.stratum, sum(f.drops) AS drops FROM recall_frame AS f JOIN recall_draws AS r ON r.id = f.draw_id
WHERE r.drawn_at > :since AND (:brands = '[]' OR f.brand IN (SELECT value FROM json_each(:brands)))
GROUP BY f.stratum

-- name: is_found_miss
SELECT 1 FROM recall_sample WHERE hit_id = :hit_id AND answer = 'yes' LIMIT 1

-- name: claim_this_hit
UPDATE hits SET state = 'doing', lease_until = :lease, fence = fence + 1, error = NULL WHERE id = :id

-- name: renew_this_hit
UPDATE hits SET state = 'new', attempts = 0, error = NULL, lease_until = NULL, fence = fence + 1 WHERE id = :id

-- name: forget_draws
DELETE FROM recall_draws WHERE drawn_at < :before
