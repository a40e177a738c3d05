-- name: report_cases
SELECT t.case_id, t.brand, t.platform, m.author, c.kind, c.status, t.level, t.backfilled, t.posted_at, t.fetched_at,
       t.decided_at, t.due_at, t.notified_at, t.claimed_at, t.replied_at, t.again_at, t.negative_at, t.words, c.mood,
       t.resolved_at, t.reopened, t.handled_ms, c.cause, instr(c.severity, '"churn"') > 0 AS churn, c.incident_id
FROM case_times AS t INDEXED BY case_times_posted
CROSS JOIN cases AS c ON c.id = t.case_id
CROSS JOIN mentions AS m ON m.id = t.mention_id
WHERE t.posted_at >= :since AND t.posted_at < :until AND (:brand IS NULL OR t.brand = :brand)

-- name: report_complaints
SELECT t.case_id, t.brand, t.platform, m.author, t.posted_at
FROM case_times AS t INDEXED BY case_times_posted
CROSS JOIN cases AS c ON c.id = t.case_id
CROSS JOIN mentions AS m ON m.id = t.mention_id
WHERE t.posted_at >= :since AND t.posted_at < :until AND (:brand IS NULL OR t.brand = :brand)
  AND c.kind = 'complaint' AND c.status != 'dismissed' AND m.author != ''

-- name: report_posts
SELECT brand, platform, lang, sum(posts), sum(complaints) FROM post_counts
WHERE quarter >= :first AND quarter < :last AND (:brand IS NULL OR brand = :brand)
GROUP BY brand, platform, lang

-- name: report_incident_posts
SELECT h.brand, m.platform, coalesce(lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), ''), count(*),
       sum(coalesce(d.drop_rule IS NULL AND d.kind = 'complaint', 0))
FROM incident_cases AS i
CROSS JOIN case_posts AS p ON p.case_id = i.case_id
CROSS JOIN hits AS h ON h.id = p.hit_id
CROSS JOIN mentions AS m ON m.id = h.mention_id
CROSS JOIN decisions AS d ON d.hit_id = h.id
WHERE i.incident_id IS NOT NULL AND m.posted_at >= :since AND m.posted_at < :until
  AND (:brand IS NULL OR h.brand = :brand) AND (d.drop_rule IS NULL OR d.drop_rule = 'not-a-complaint')
GROUP BY 1, 2, 3

-- name: report_undecided
-- Posts that were never decided; each state has an index of its own, so that decided ones are not read.
SELECT h.brand, m.platform, coalesce(lower(substr(m.lang, 1, instr(m.lang || '-', '-') - 1)), ''), count(*)
FROM (SELECT id FROM hits WHERE state = 'new' UNION ALL SELECT id FROM hits WHERE state = 'doing'
      UNION ALL SELECT id FROM hits WHERE state = 'parked') AS w
CROSS JOIN hits AS h ON h.id = w.id
CROSS JOIN mentions AS m ON m.id = h.mention_id
WHERE m.posted_at >= :since AND m.posted_at < :until AND (:brand IS NULL OR h.brand = :brand)
  AND NOT EXISTS (SELECT 1 FROM decisions AS d WHERE d.hit_id = h.id)
GROUP BY 1, 2, 3

-- name: report_causes
SELECT t.posted_at / 900000, t.brand, c.cause, count(*)
FROM case_times AS t INDEXED BY case_times_posted CROSS JOIN cases AS c ON c.id = t.case_id
WHERE t.posted_at >= :since AND t.posted_at < :until AND (:brand IS NULL OR t.brand = :brand)
  AND c.kind = 'complaint' AND c.status != 'dismissed' AND c.cause IN (SELECT value FROM json_each(:causes))
  AND (:incidents OR c.incident_id IS NULL)
GROUP BY 1, 2, 3

-- name: report_sample
SELECT s.stratum, s.probability, s.answer FROM recall_sample AS s JOIN recall_draws AS r ON r.id = s.draw_id
WHERE r.until > :since AND r.until <= :until AND (:brand IS NULL OR s.brand = :brand) ORDER BY s.id

-- name: report_frame
SELECT f.stratum, sum(f.drops) FROM recall_frame AS f JOIN recall_draws AS r ON r.id = f.draw_id
WHERE r.until > :since AND r.until <= :until AND (:brand IS NULL OR f.brand = :brand) GROUP BY f.stratum

-- name: report_returned
SELECT source, sum(posts) FROM source_days WHERE day >= :first AND day < :last GROUP BY source

-- name: cause_fixes
SELECT brand, cause, fixed_on, note, who, at FROM cause_fixes WHERE :brand IS NULL OR brand = :brand
ORDER BY fixed_on DESC, brand, cause

-- name: add_cause_fix
INSERT INTO cause_fixes (brand, cause, fixed_on, note, who, at) VALUES (:brand, :cause, :fixed_on, :note, :who, :at)
ON CONFLICT DO NOTHING

-- name: drop_cause_fix
DELETE FROM cause_fixes WHERE brand = :brand AND cause = :cause AND fixed_on = :fixed_on

-- name: forget_post_counts
DELETE FROM post_counts WHERE quarter < :before

-- name: forget_source_days
DELETE FROM source_days WHERE day < :before
