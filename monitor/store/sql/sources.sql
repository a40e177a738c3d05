-- name: register_source
INSERT INTO sources (name, kind) VALUES (:name, :kind)
ON CONFLICT (name) DO UPDATE SET kind = excluded.kind

-- name: revive_source
UPDATE sources SET state = 'waiting', reason = NULL, failures = 0, due_at = 0
WHERE name = :name AND state = 'stopped'

-- name: stop_source
UPDATE sources SET state = 'stopped', reason = :reason, polled_at = :now, failures = failures + 1 WHERE name = :name

-- name: claim_source
UPDATE sources SET lease_until = :lease, fence = fence + 1
WHERE name = (
    SELECT name FROM sources
    WHERE state != 'stopped' AND due_at <= :due AND (lease_until IS NULL OR lease_until <= :now)
      AND name IN (SELECT value FROM json_each(:names))
    ORDER BY due_at LIMIT 1
)
RETURNING name, fence, cursor, failures, first_poll_at,
          CASE WHEN day = :day THEN returned_today ELSE 0 END AS returned_today

-- name: save_cursor
UPDATE sources SET
    cursor = :cursor, first_poll_at = coalesce(first_poll_at, :now),
    returned = returned + :returned, skipped = skipped + :skipped,
    returned_today = CASE WHEN day = :day THEN returned_today ELSE 0 END + :returned, day = :day
WHERE name = :name AND fence = :fence

-- name: finish_poll
UPDATE sources SET
    state = 'ok', reason = NULL, failures = 0, due_at = :due_at, polled_at = :now, ok_at = :now,
    first_poll_at = coalesce(first_poll_at, :now), lease_until = NULL
WHERE name = :name AND fence = :fence

-- name: fail_poll
UPDATE sources SET
    state = :state, reason = :reason, failures = failures + 1, due_at = :due_at, polled_at = :now, lease_until = NULL
WHERE name = :name AND fence = :fence

-- name: source_held_back
SELECT 1 FROM sources WHERE name = :name AND state = 'failing' AND due_at > :now

-- name: next_source_due
SELECT min(due_at) FROM sources WHERE state != 'stopped' AND name IN (SELECT value FROM json_each(:names))

-- name: all_sources
SELECT name, kind, state, reason, due_at, polled_at, ok_at, failures, returned, skipped, first_poll_at,
       CASE WHEN day = :day THEN returned_today ELSE 0 END AS returned_today
FROM sources ORDER BY name

-- name: add_coverage
INSERT INTO coverage (source, state, since, until, reason) VALUES (:source, :state, :since, :until, :reason)

-- name: extend_coverage
UPDATE coverage SET until = :until
WHERE id = (SELECT id FROM coverage WHERE source = :source ORDER BY id DESC LIMIT 1)
  AND state = :state AND reason IS :reason AND until >= :since

-- name: blind_windows
SELECT source, state, since, until, reason FROM coverage
WHERE state != 'covered' AND until > :since ORDER BY since

-- name: posts_of_source
SELECT count(*) AS fetched, coalesce(sum(matched), 0) AS kept FROM mentions
WHERE source = :source AND posted_at >= :since AND posted_at < :until
