-- name: face_of_case
SELECT m.platform, m.native_id, m.permalink, m.author_handle AS author, m.author_name, m.author_followers AS followers,
       m.text, m.version AS edition, m.posted_at, h.seen_at, m.lang, m.parent_id, m.thread_id, m.likes, m.replies,
       m.reposts, m.views, m.rating, m.deleted_at, m.checked_at, h.source, d.decided_at, d.complaint, d.model,
       (SELECT min(t.told_at) FROM tellings AS t WHERE t.case_id = c.id) AS told_at,
       (SELECT json_group_array(t.receiver) FROM tellings AS t WHERE t.case_id = c.id) AS told
FROM cases AS c JOIN hits AS h ON h.id = c.hit_id JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN decisions AS d ON d.hit_id = h.id
WHERE c.id = :id

-- name: thread_of_case
SELECT m.native_id, m.permalink, m.author_handle AS author, substr(m.text, 1, :letters) AS text,
       length(m.text) > :letters AS cut, m.posted_at, m.parent_id, m.deleted_at IS NOT NULL AS gone, p.role
FROM (SELECT id FROM mentions WHERE platform = :platform AND thread_id = :thread_id ORDER BY posted_at DESC LIMIT :limit)
     AS w
JOIN mentions AS m ON m.id = w.id
LEFT JOIN hits AS h ON h.mention_id = m.id AND h.brand = :brand
LEFT JOIN case_posts AS p ON p.hit_id = h.id AND p.case_id = :case_id
ORDER BY m.posted_at, m.id

-- name: cases_of_author
SELECT c.id, c.kind, c.status, c.level, c.cause, c.summary, c.opened_at, c.closed_at, c.dismissed_reason,
       substr(m.text, 1, :letters) AS text,
       (SELECT a.text FROM answers AS a WHERE a.case_id = c.id AND a.state = 'sent'
        ORDER BY a.kind = 'holding', a.sent_at DESC LIMIT 1) AS reply,
       (SELECT substr(o.text, 1, :letters) FROM mentions AS o
        WHERE o.platform = m.platform AND o.native_id = c.answer_seen) AS seen_reply
FROM (SELECT id FROM mentions WHERE platform = :platform AND author = :author ORDER BY posted_at DESC LIMIT 200) AS w
JOIN mentions AS m ON m.id = w.id
JOIN hits AS h ON h.mention_id = m.id
JOIN case_posts AS p ON p.hit_id = h.id AND p.role NOT IN ('copy', 'impostor')
JOIN cases AS c ON c.id = p.case_id
WHERE c.brand = :brand AND c.id != :case_id
GROUP BY c.id ORDER BY c.opened_at DESC LIMIT :limit

-- name: resolved_with_reply
SELECT c.id, c.cause, c.severity, c.summary, c.closed_at, substr(m.text, 1, :letters) AS text, v.model, v.vector,
       a.text AS reply, a.sent_by
FROM (SELECT id FROM cases WHERE status = 'resolved' ORDER BY due_at DESC LIMIT 2000) AS w
JOIN cases AS c ON c.id = w.id
JOIN answers AS a ON a.id = (SELECT id FROM answers WHERE case_id = c.id AND state = 'sent' AND kind = 'answer'
                             ORDER BY sent_at DESC LIMIT 1)
JOIN hits AS h ON h.id = c.hit_id
JOIN mentions AS m ON m.id = h.mention_id
LEFT JOIN case_meanings AS v ON v.case_id = c.id
WHERE c.brand = :brand AND c.kind = :kind AND c.id != :case_id
ORDER BY c.cause IS :cause DESC, c.due_at DESC LIMIT :limit
