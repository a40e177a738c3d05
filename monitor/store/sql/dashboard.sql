-- name: standing_by_level
SELECT level, count(*) AS open, sum(status = 'new') AS unclaimed,
       sum(status IN ('new', 'claimed') AND due_at < :now) AS late,
       sum(status IN ('new', 'claimed') AND due_at >= :now AND due_at - :now < (due_at - clock_at) / 2) AS at_risk
FROM cases INDEXED BY cases_queue
WHERE status IN ('new', 'claimed', 'replied') AND brand IN (SELECT value FROM json_each(:brands))
GROUP BY level

-- name: post_windows
-- Posts and complaints of windows of quarters of an hour, as reports count them; each is one walk along the key.
SELECT w.key AS place, total(p.posts) AS posts, total(p.complaints) AS complaints
FROM json_each(:windows) AS w
CROSS JOIN post_counts AS p ON p.quarter >= json_extract(w.value, '$[0]') AND p.quarter < json_extract(w.value, '$[1]')
WHERE p.brand IN (SELECT value FROM json_each(:brands))
GROUP BY w.key

-- name: post_quarters
SELECT p.quarter, total(p.posts) AS posts, total(p.complaints) AS complaints
FROM json_each(:windows) AS w
CROSS JOIN post_counts AS p ON p.quarter >= json_extract(w.value, '$[0]') AND p.quarter < json_extract(w.value, '$[1]')
WHERE p.brand IN (SELECT value FROM json_each(:brands))
GROUP BY p.quarter

-- name: first_replies
SELECT replied_at - coalesce(first_clock_at, clock_at) AS wait, replied_at <= coalesce(first_due_at, due_at) AS in_time
FROM cases INDEXED BY cases_replied
WHERE replied_at >= :since AND replied_at < :until AND brand IN (SELECT value FROM json_each(:brands))

-- name: first_heard
-- When the first post was seen that the store still knows, and when the first case opened.
SELECT min((SELECT min(seen_at) FROM mentions), coalesce((SELECT min(opened_at) FROM cases), 9e15)) AS at

-- name: first_written
-- The first quarter of an hour with a post that reports count; of all brands, for it only bounds a list of months.
SELECT min(quarter) * 900000 AS at FROM post_counts WHERE posts > 0
