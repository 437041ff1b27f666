-- SPDX-License-Identifier: Apache-2.0
-- Operations: what people changed, with what was there before and after, so that it can be undone.

CREATE TABLE operation (
    number INTEGER PRIMARY KEY, -- in the order in which they were done
    id TEXT NOT NULL UNIQUE,    -- 32 hex digits
    project_id TEXT NOT NULL REFERENCES project (id),
    dataset_id TEXT REFERENCES dataset (id) ON DELETE CASCADE, -- NULL: samples of several
    user_name TEXT,             -- NULL: whoever may run the program on the data folder
    decided_by TEXT NOT NULL,   -- human, or human/NAME
    action TEXT NOT NULL,       -- confirm | reject | mark_hard | clear_hard | exclude | include | annotate
    samples INTEGER NOT NULL,   -- how many it changed
    samples_until INTEGER NOT NULL, -- of all operations up to this one
    state TEXT NOT NULL,        -- done | undone
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL -- when it was done, undone or redone last
) STRICT;
CREATE INDEX operation_by_project ON operation (project_id, number);
CREATE INDEX operation_by_dataset ON operation (dataset_id, number);

CREATE TABLE operation_sample (
    operation_number INTEGER NOT NULL REFERENCES operation (number) ON DELETE CASCADE,
    sample_id TEXT NOT NULL REFERENCES sample (id) ON DELETE CASCADE,
    before_json TEXT NOT NULL, -- sample_image.h
    after_json TEXT NOT NULL,
    revision_before INTEGER NOT NULL,
    revision_after INTEGER NOT NULL,
    PRIMARY KEY (operation_number, sample_id)
) STRICT;
CREATE INDEX operation_sample_by_sample ON operation_sample (sample_id, operation_number);
