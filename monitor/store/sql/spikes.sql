-- name: count_post
-- What a decision changes in the counts of its minute; before the decision itself is written.
INSERT INTO tallies (brand, minute, source, posts, complaints)
SELECT h.brand, m.posted_at / 60000, h.source,
       :counts - (d.hit_id IS NOT NULL AND (d.drop_rule IS NULL OR d.drop_rule = 'not-a-complaint')),
       :complains - coalesce(d.drop_rule IS NULL AND d.kind = 'complaint', 0)
FROM hits AS h
JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN decisions AS d ON d.hit_id = h.id
WHERE h.id = :hit_id
ON CONFLICT (brand, minute, source) DO UPDATE SET
    posts = posts + excluded.posts, complaints = complaints + excluded.complaints

-- name: tallies
SELECT minute, sum(posts) AS posts, sum(complaints) AS complaints FROM tallies
WHERE brand = :brand AND minute >= :since AND minute < :until
  AND source IN (SELECT value FROM json_each(:sources))
GROUP BY minute

-- name: tally_tens
SELECT minute / 10 AS ten, sum(posts) AS posts, sum(complaints) AS complaints FROM tallies
WHERE brand = :brand AND minute >= :since AND minute < :until
  AND source IN (SELECT value FROM json_each(:sources))
GROUP BY minute / 10

-- name: tally_hours
SELECT minute / 60 AS hour, sum(posts) AS posts,
       sum(CASE WHEN minute / 10 % 6 = 0 THEN complaints ELSE 0 END) AS ten_0,
       sum(CASE WHEN minute / 10 % 6 = 1 THEN complaints ELSE 0 END) AS ten_1,
       sum(CASE WHEN minute / 10 % 6 = 2 THEN complaints ELSE 0 END) AS ten_2,
       sum(CASE WHEN minute / 10 % 6 = 3 THEN complaints ELSE 0 END) AS ten_3,
       sum(CASE WHEN minute / 10 % 6 = 4 THEN complaints ELSE 0 END) AS ten_4,
       sum(CASE WHEN minute / 10 % 6 = 5 THEN complaints ELSE 0 END) AS ten_5
FROM tallies
WHERE brand = :brand AND minute >= :since AND minute < :until
  AND source IN (SELECT value FROM json_each(:sources))
GROUP BY minute / 60

-- name: forget_tallies
DELETE FROM tallies WHERE brand = :brand AND minute < :before

-- name: forget_spikes
DELETE FROM spikes WHERE ended_at < :before

-- name: tallied_brands
SELECT brand FROM usuals

-- name: usual
SELECT learnt_at, body FROM usuals WHERE brand = :brand

-- name: keep_usual
INSERT INTO usuals (brand, learnt_at, body) VALUES (:brand, :now, :body)
ON CONFLICT (brand) DO UPDATE SET learnt_at = excluded.learnt_at, body = excluded.body

-- name: open_spike
INSERT INTO spikes (
    brand, level, series, minutes, since, opened_at, updated_at, seen, expected, per_hour, peak, event, told_per_hour,
    told_at
) VALUES (
    :brand, :level, :series, :minutes, :since, :now, :now, :seen, :expected, :per_hour, :per_hour, :event, :per_hour,
    :now
)
ON CONFLICT (brand) WHERE state = 'open' DO NOTHING
RETURNING id

-- name: update_spike
UPDATE spikes SET
    level = :level, seen = :seen, expected = :expected, per_hour = :per_hour, peak = max(peak, :per_hour),
    updated_at = :now
WHERE id = :id AND state = 'open'

-- name: end_spike
UPDATE spikes SET state = 'over', ended_at = :now, updated_at = :now WHERE id = :id AND state = 'open'

-- name: note_spike_told
UPDATE spikes SET told_per_hour = per_hour, told_at = :now WHERE id = :id

-- name: explain_spike
UPDATE spikes SET words = :words, platforms = :platforms, causes = :causes WHERE id = :id

-- name: clear_spike_posts
DELETE FROM spike_posts WHERE spike_id = :id

-- name: add_spike_post
INSERT INTO spike_posts (spike_id, place, hit_id) VALUES (:spike_id, :place, :hit_id)

-- name: spike_columns
SELECT id, brand, state, level, series, minutes, since, opened_at, updated_at, ended_at, seen, expected, per_hour, peak,
       event, told_per_hour, told_at, words, platforms, causes
FROM spikes

-- name: posts_of_spike
SELECT h.id AS hit_id, p.case_id, m.platform, m.author_handle AS author, m.author_followers AS followers, m.text,
       m.permalink, m.posted_at, c.cause, c.level
FROM spike_posts AS s
JOIN hits AS h ON h.id = s.hit_id
JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN case_posts AS p ON p.hit_id = h.id
LEFT JOIN cases AS c ON c.id = p.case_id
WHERE s.spike_id = :id AND m.deleted_at IS NULL
ORDER BY s.place

-- name: complaints_decided
-- What complaints of a brand say that were posted and decided since a time, the newest first.
SELECT h.id AS hit_id, d.case_id, m.platform, m.author_handle AS author, m.author_followers AS followers, m.text,
       m.permalink, m.posted_at, c.cause, c.level
FROM decisions AS d INDEXED BY decisions_time
CROSS JOIN hits AS h ON h.id = d.hit_id
CROSS JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN cases AS c ON c.id = d.case_id
WHERE d.decided_at >= :since AND d.drop_rule IS NULL AND d.kind = 'complaint' AND h.brand = :brand
  AND m.posted_at >= :since AND m.deleted_at IS NULL
ORDER BY d.decided_at DESC LIMIT :limit

-- name: complaints_before
-- What complaints of a brand said before a time: the first posts of its cases, the newest first.
SELECT h.id AS hit_id, c.id AS case_id, m.platform, m.author_handle AS author, m.author_followers AS followers, m.text,
       m.permalink, m.posted_at, c.cause, c.level
FROM cases AS c INDEXED BY cases_opened
CROSS JOIN hits AS h ON h.id = c.hit_id
CROSS JOIN mentions AS m ON m.id = h.mention_id
WHERE c.opened_at < :until AND c.opened_at >= :since AND c.brand = :brand AND c.kind = 'complaint'
  AND m.deleted_at IS NULL
ORDER BY c.opened_at DESC LIMIT :limit

-- name: reopen_spike_messages
-- What is not sent yet and may quote a post that is deleted now is rendered anew.
UPDATE OR IGNORE outbox SET
    state = 'open', body = NULL, idempotency_key = NULL, sealed_at = NULL, lease_until = NULL, fence = fence + 1
WHERE state = 'sealed' AND subject IN (
    SELECT 'spike:' || s.spike_id FROM spike_posts AS s JOIN hits AS h ON h.id = s.hit_id WHERE h.mention_id = :id
)
