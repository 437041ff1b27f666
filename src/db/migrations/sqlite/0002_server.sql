-- SPDX-License-Identifier: Apache-2.0
-- What an HTTP server needs: Idempotency-Keys, and a quick look at the tasks that ended last.

CREATE TABLE idempotency_key (
    id TEXT PRIMARY KEY, -- the key as sent
    route TEXT NOT NULL,
    fingerprint TEXT NOT NULL, -- of the whole request
    task_id TEXT NOT NULL,     -- of the task to come
    owner TEXT NOT NULL,       -- process that answers it; '' when that is not known
    status INTEGER NOT NULL,   -- of the reply; 0 until there is one
    reply_json TEXT,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX idempotency_key_by_created ON idempotency_key (created_ms);

CREATE INDEX task_by_finished ON task (finished_ms, id);
