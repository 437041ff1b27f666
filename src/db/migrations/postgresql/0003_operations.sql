-- SPDX-License-Identifier: Apache-2.0
-- Operations: what people changed, with what was there before and after, so that it can be undone.
-- As SQLite's, column by column.

CREATE TABLE operation (
    number BIGINT PRIMARY KEY, -- in the order in which they were done
    id TEXT COLLATE "C" NOT NULL UNIQUE,    -- 32 hex digits
    project_id TEXT COLLATE "C" NOT NULL REFERENCES project (id),
    dataset_id TEXT COLLATE "C" REFERENCES dataset (id) ON DELETE CASCADE, -- NULL: samples of several
    user_name TEXT COLLATE "C",             -- NULL: whoever may run the program on the data folder
    decided_by TEXT COLLATE "C" NOT NULL,   -- human, or human/NAME
    action TEXT COLLATE "C" NOT NULL,       -- confirm | reject | mark_hard | clear_hard | exclude | include | annotate
    samples BIGINT NOT NULL,   -- how many it changed
    samples_until BIGINT NOT NULL, -- of all operations up to this one
    state TEXT COLLATE "C" NOT NULL,        -- done | undone
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL -- when it was done, undone or redone last
);
CREATE INDEX operation_by_project ON operation (project_id, number);
CREATE INDEX operation_by_dataset ON operation (dataset_id, number);

CREATE TABLE operation_sample (
    operation_number BIGINT NOT NULL REFERENCES operation (number) ON DELETE CASCADE,
    sample_id TEXT COLLATE "C" NOT NULL REFERENCES sample (id) ON DELETE CASCADE,
    before_json TEXT COLLATE "C" NOT NULL, -- sample_image.h
    after_json TEXT COLLATE "C" NOT NULL,
    revision_before BIGINT NOT NULL,
    revision_after BIGINT NOT NULL,
    PRIMARY KEY (operation_number, sample_id)
);
CREATE INDEX operation_sample_by_sample ON operation_sample (sample_id, operation_number);
