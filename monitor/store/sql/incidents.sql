-- name: keep_meaning
INSERT INTO case_meanings (case_id, hit_id, model, vector) VALUES (:case_id, :hit_id, :model, :vector)
ON CONFLICT (case_id) DO UPDATE SET hit_id = excluded.hit_id, model = excluded.model, vector = excluded.vector

-- name: meaning_of_case
SELECT model, vector FROM case_meanings WHERE case_id = :case_id
