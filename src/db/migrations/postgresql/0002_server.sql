-- SPDX-License-Identifier: Apache-2.0
-- What an HTTP server needs: Idempotency-Keys, and a quick look at the tasks that ended last.

CREATE TABLE idempotency_key (
    id TEXT COLLATE "C" PRIMARY KEY, -- the key as sent
    route TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL, -- of the whole request
    task_id TEXT COLLATE "C" NOT NULL,     -- of the task to come
    owner TEXT COLLATE "C" NOT NULL,       -- process that answers it; '' when that is not known
    status BIGINT NOT NULL,    -- of the reply; 0 until there is one
    reply_json TEXT COLLATE "C",
    created_ms BIGINT NOT NULL
);
CREATE INDEX idempotency_key_by_created ON idempotency_key (created_ms);

CREATE INDEX task_by_finished ON task (finished_ms, id);
