-- SPDX-License-Identifier: Apache-2.0
-- Projects apart from each other, and tasks confined to the folders that their request may name.

ALTER TABLE task ADD COLUMN roots TEXT COLLATE "C"; -- folders with ':' between them; NULL: not confined
CREATE INDEX task_by_project ON task (project_id, created_ms, id);
CREATE UNIQUE INDEX project_by_name ON project (name);

-- Keys live for a day: those of before are forgotten.
DROP TABLE idempotency_key;
CREATE TABLE idempotency_key (
    project_id TEXT COLLATE "C" NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL, -- the key as sent
    route TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL, -- of the whole request
    task_id TEXT COLLATE "C" NOT NULL,     -- of the task to come
    owner TEXT COLLATE "C" NOT NULL,       -- process that answers it; '' when that is not known
    status BIGINT NOT NULL,   -- of the reply; 0 until there is one
    reply_json TEXT COLLATE "C",
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX idempotency_key_by_created ON idempotency_key (created_ms);
