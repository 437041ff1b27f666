-- SPDX-License-Identifier: Apache-2.0
-- People: who may do what, how they show who they are, and what was done.

CREATE TABLE account_user (
    id TEXT PRIMARY KEY, -- 32 hex digits
    project_id TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,          -- read | label | admin
    password_hash TEXT NOT NULL, -- Argon2id, as libsodium writes it
    is_disabled INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX account_user_by_project ON account_user (project_id, name);

CREATE TABLE account_token (
    id TEXT PRIMARY KEY, -- 32 hex digits
    user_id TEXT NOT NULL REFERENCES account_user (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    role TEXT NOT NULL,               -- at most the user's
    secret_hash TEXT NOT NULL UNIQUE, -- BLAKE2b; the secret itself is nowhere
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL DEFAULT 0, -- about when, to the minute
    UNIQUE (user_id, name)
) STRICT;

CREATE TABLE account_session (
    id TEXT PRIMARY KEY, -- BLAKE2b of what the cookie holds
    user_id TEXT NOT NULL REFERENCES account_user (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX account_session_by_user ON account_session (user_id, created_ms);

-- Failed sign-ins in a row, of a name (whether there is such a user or not) or of an address.
CREATE TABLE account_lock (
    id TEXT PRIMARY KEY, -- user:NAME or address:ADDRESS
    failures INTEGER NOT NULL,
    locked_until_ms INTEGER NOT NULL,
    failed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX account_lock_by_failed ON account_lock (failed_ms);

-- The one-time token of a server without users: one row, or none.
CREATE TABLE account_first (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    occurred_ms INTEGER NOT NULL,
    user_name TEXT NOT NULL,  -- '' nobody
    project_id TEXT NOT NULL, -- '' of no project
    route TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    outcome TEXT NOT NULL,    -- done, or the kind of error
    request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_project ON audit (project_id, id);
CREATE INDEX audit_by_occurred ON audit (occurred_ms);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit is never changed');
END;
