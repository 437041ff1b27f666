-- SPDX-License-Identifier: Apache-2.0
-- Times are milliseconds since 1970 UTC; booleans 0 and 1; *_json columns hold one JSON value.

CREATE TABLE project (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO project (id, name, created_ms) VALUES ('0', 'default', 0);

CREATE TABLE model (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    model_type TEXT NOT NULL, -- image_classification | object_detection
    object_key TEXT NOT NULL, -- of the .onnx file in the data store
    content_hash TEXT NOT NULL,
    card_json TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (project_id, name, version)
) STRICT;

CREATE TABLE service (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    model_id TEXT NOT NULL REFERENCES model (id),
    input_url TEXT NOT NULL,
    output_url TEXT NOT NULL,
    settings_json TEXT NOT NULL, -- threads, accept_partial, …
    hard_json TEXT,              -- hard example filtering; NULL: not enabled
    status TEXT NOT NULL,
    error_message TEXT,
    run_id TEXT,                 -- the latest run
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE service_event (
    id INTEGER PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES service (id) ON DELETE CASCADE,
    event_type TEXT NOT NULL, -- normal | abnormal
    event_info TEXT NOT NULL,
    occurred_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX service_event_by_service ON service_event (service_id, id);

CREATE TABLE task (
    id TEXT PRIMARY KEY, -- 32 hex digits
    project_id TEXT NOT NULL REFERENCES project (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL, -- id of the service, dataset or model it works on
    state TEXT NOT NULL,
    stage TEXT NOT NULL,
    request_json TEXT NOT NULL,
    roots TEXT, -- folders that its paths must lie in, with ':' between them; NULL: not confined
    result_json TEXT,
    error_code TEXT,
    error_detail TEXT,
    error_message TEXT,
    items_done INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0,
    items_total INTEGER NOT NULL DEFAULT 0,
    is_stop_asked INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until_ms INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL DEFAULT 0,
    finished_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX task_by_project ON task (project_id, created_ms, id);
CREATE INDEX task_by_state ON task (state, created_ms, id);
CREATE INDEX task_by_subject ON task (subject, created_ms, id);

CREATE TABLE run (
    id TEXT PRIMARY KEY, -- the id of its task
    project_id TEXT NOT NULL REFERENCES project (id),
    service_id TEXT NOT NULL REFERENCES service (id) ON DELETE CASCADE,
    model_id TEXT NOT NULL REFERENCES model (id),
    input_url TEXT NOT NULL,
    output_url TEXT NOT NULL,
    settings_json TEXT NOT NULL, -- as the service's when the run began
    hard_json TEXT,
    records_key TEXT NOT NULL,   -- folder of its record shards in the data store
    is_complete INTEGER NOT NULL DEFAULT 0,
    images INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    finished_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX run_by_service ON run (service_id, created_ms);

CREATE TABLE dataset (
    id TEXT PRIMARY KEY, -- 19 alphanumerics
    project_id TEXT NOT NULL REFERENCES project (id),
    name TEXT NOT NULL,
    dataset_type TEXT NOT NULL, -- image_classification | object_detection
    description TEXT NOT NULL,
    current_version TEXT,
    revision INTEGER NOT NULL DEFAULT 1, -- of name, description and current version
    changes INTEGER NOT NULL DEFAULT 0, -- transactions that changed its samples
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (project_id, name)
) STRICT;

CREATE TABLE label (
    dataset_id TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,
    color TEXT,
    shortcut TEXT,
    PRIMARY KEY (dataset_id, name)
) STRICT;

CREATE TABLE sample (
    id TEXT PRIMARY KEY, -- 32 hex digits, from dataset and source
    dataset_id TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    state TEXT NOT NULL, -- unlabeled | to_be_confirmed | labeled
    usage TEXT,          -- TRAIN | EVAL | TEST | INFERENCE
    content_hash TEXT,
    width INTEGER,
    height INTEGER,
    is_hard INTEGER NOT NULL DEFAULT 0,
    hard_coefficient REAL,
    hard_reasons TEXT,   -- "1-7-20", strongest first
    evidence_json TEXT,
    origin TEXT NOT NULL, -- import | synchronize | hard_examples
    origin_task TEXT,
    metadata_json TEXT,
    is_excluded INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 1,
    change INTEGER NOT NULL, -- dataset.changes after the transaction that wrote it last
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    -- Order by coefficient; a sample without one comes last. A column, because pages seek in it by row value.
    hard_order REAL NOT NULL GENERATED ALWAYS AS (COALESCE(hard_coefficient, -1.0)) STORED,
    UNIQUE (dataset_id, source)
) STRICT;
-- One index per order of pages; it is read from either end.
CREATE INDEX sample_by_id ON sample (dataset_id, id);
CREATE INDEX sample_by_created ON sample (dataset_id, created_ms, id);
CREATE INDEX sample_by_coefficient ON sample (dataset_id, hard_order, id);
CREATE INDEX sample_by_state ON sample (dataset_id, state, hard_order, id);
-- What changed since: for those who keep something made from the samples.
CREATE INDEX sample_by_change ON sample (dataset_id, change, id);

-- What is known of a sample's content, one row per class or box.
CREATE TABLE annotation (
    sample_id TEXT NOT NULL REFERENCES sample (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    shape_json TEXT, -- boxes: {"@modelarts:shape":"bndbox","@modelarts:feature":[[xmin,ymin],[xmax,ymax]]}; NULL for a class
    is_suggested INTEGER NOT NULL, -- a machine's word that nobody confirmed
    confidence REAL,
    annotated_by TEXT NOT NULL, -- human, or modelarts/…
    property_json TEXT,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (sample_id, position)
) STRICT;

CREATE TABLE dataset_version (
    dataset_id TEXT NOT NULL REFERENCES dataset (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    manifest_key TEXT NOT NULL, -- in the data store
    manifest_hash TEXT NOT NULL,
    description TEXT NOT NULL,
    has_hard_attributes INTEGER NOT NULL,
    samples INTEGER NOT NULL,
    labeled INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (dataset_id, name)
) STRICT;

-- What an HTTP server needs: Idempotency-Keys, and a quick look at the tasks that ended last.

CREATE TABLE idempotency_key (
    project_id TEXT NOT NULL REFERENCES project (id) ON DELETE CASCADE,
    id TEXT NOT NULL, -- the key as sent
    route TEXT NOT NULL,
    fingerprint TEXT NOT NULL, -- of the whole request
    task_id TEXT NOT NULL,     -- of the task to come
    owner TEXT NOT NULL,       -- process that answers it; '' when that is not known
    status INTEGER NOT NULL,   -- of the reply; 0 until there is one
    reply_json TEXT,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (project_id, id)
) STRICT;
CREATE INDEX idempotency_key_by_created ON idempotency_key (created_ms);

CREATE INDEX task_by_finished ON task (finished_ms, id);
