-- name: case_changes
SELECT id, case_id, brand, before, after, at, who, move FROM case_changes ORDER BY id LIMIT :limit

-- name: forget_case_changes
DELETE FROM case_changes WHERE id <= :upto
