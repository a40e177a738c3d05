-- name: users
SELECT u.*, (SELECT json_group_object(r.brand, r.role) FROM user_roles AS r WHERE r.user = u.name) AS roles
FROM users AS u ORDER BY u.folded

-- name: user_by_folded
SELECT u.*, (SELECT json_group_object(r.brand, r.role) FROM user_roles AS r WHERE r.user = u.name) AS roles
FROM users AS u WHERE u.folded = :folded

-- name: has_users
SELECT EXISTS (SELECT 1 FROM users)

-- name: add_user
INSERT INTO users (name, folded, password_hash, made_at, made_by) VALUES (:name, :folded, :password_hash, :at, :by)

-- name: set_user_password
UPDATE users SET password_hash = :password_hash WHERE name = :name

-- name: set_user_disabled
UPDATE users SET disabled_at = :at WHERE name = :name

-- name: clear_user_roles
DELETE FROM user_roles WHERE user = :name

-- name: add_user_role
INSERT INTO user_roles (user, brand, role) VALUES (:name, :brand, :role)

-- name: add_session
INSERT INTO sessions (digest, user, address, made_at, seen_at) VALUES (:digest, :user, :address, :at, :at)

-- name: session
SELECT * FROM sessions WHERE digest = :digest

-- name: touch_session
UPDATE sessions SET seen_at = :at WHERE digest = :digest

-- name: end_session
DELETE FROM sessions WHERE digest = :digest

-- name: end_sessions_of
DELETE FROM sessions WHERE user = :user AND digest IS NOT :kept

-- name: forget_sessions
DELETE FROM sessions WHERE made_at < :before

-- name: add_token
INSERT INTO tokens (digest, user, title, deeds, brands, made_at, made_by)
VALUES (:digest, :user, :title, :deeds, :brands, :at, :by)

-- name: token_by_digest
SELECT * FROM tokens WHERE digest = :digest AND ended_at IS NULL

-- name: tokens
SELECT * FROM tokens WHERE ended_at IS NULL ORDER BY user, id

-- name: touch_token
UPDATE tokens SET used_at = :at WHERE id = :id

-- name: end_token
UPDATE tokens SET ended_at = :at WHERE id = :id AND ended_at IS NULL

-- name: add_setup_link
INSERT INTO setup_links (digest, user, made_at, until) VALUES (:digest, :user, :at, :until)

-- name: setup_link
SELECT * FROM setup_links WHERE digest = :digest AND used_at IS NULL AND until > :at

-- name: use_setup_link
UPDATE setup_links SET used_at = :at WHERE digest = :digest AND used_at IS NULL AND until > :at

-- name: void_setup_links
DELETE FROM setup_links WHERE user IS :user AND used_at IS NULL

-- name: forget_setup_links
DELETE FROM setup_links WHERE until < :before

-- name: add_login_try
INSERT INTO login_tries (key, at) VALUES (:key, :at)

-- name: login_tries
SELECT at FROM login_tries WHERE key = :key AND at > :since ORDER BY at

-- name: forget_tries_of
DELETE FROM login_tries WHERE key = :key

-- name: forget_last_try
DELETE FROM login_tries WHERE id = (SELECT max(id) FROM login_tries WHERE key = :key)

-- name: forget_login_tries
DELETE FROM login_tries WHERE at < :before

-- name: add_access_event
INSERT INTO access_log (at, who, action, subject, address, detail)
VALUES (:at, :who, :action, :subject, :address, :detail)

-- name: access_events
SELECT * FROM access_log ORDER BY id DESC LIMIT :limit

-- name: forget_access_events
DELETE FROM access_log WHERE at < :before
