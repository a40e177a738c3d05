-- People, their roles, sessions and tokens. Of every secret only a digest is kept.

CREATE TABLE users (
    name TEXT PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE,                -- as names are compared: two that look alike are one
    password_hash TEXT,                         -- argon2id; NULL where nobody has chosen one
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    disabled_at INTEGER
) STRICT;

CREATE TABLE user_roles (
    user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    brand TEXT NOT NULL,                        -- *: every brand
    role TEXT NOT NULL,
    PRIMARY KEY (user, brand)
) STRICT;

CREATE TABLE sessions (
    digest TEXT PRIMARY KEY,                    -- SHA-256 of what the cookie holds
    user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    address TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    title TEXT NOT NULL,                        -- what it is for
    deeds TEXT NOT NULL,
    brands TEXT NOT NULL,                       -- empty: all that the person may
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    used_at INTEGER,
    ended_at INTEGER
) STRICT;

CREATE TABLE setup_links (                      -- good once, to choose a password
    digest TEXT PRIMARY KEY,
    user TEXT REFERENCES users (name) ON DELETE CASCADE,    -- NULL: makes the first admin
    made_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE TABLE login_tries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,                          -- digest of a name, or an address
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_tries_key ON login_tries (key, at);

CREATE TABLE access_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX access_log_at ON access_log (at);
