-- SPDX-License-Identifier: Apache-2.0
-- Operations that add and remove samples: what they did to one outlives it. Samples by their content.

CREATE TABLE operation_sample_next (
    operation_number INTEGER NOT NULL REFERENCES operation (number) ON DELETE CASCADE,
    sample_id TEXT NOT NULL, -- which may be gone
    before_json TEXT, -- dataset/sample_change.h; NULL: it was not there
    after_json TEXT,  -- NULL: it is gone
    revision_before INTEGER NOT NULL, -- 0: it was not there
    revision_after INTEGER NOT NULL,  -- 0: it is gone
    PRIMARY KEY (operation_number, sample_id)
) STRICT;
INSERT INTO operation_sample_next (operation_number, sample_id, before_json, after_json, revision_before, revision_after)
SELECT operation_number, sample_id, before_json, after_json, revision_before, revision_after FROM operation_sample;
DROP TABLE operation_sample;
ALTER TABLE operation_sample_next RENAME TO operation_sample;
CREATE INDEX operation_sample_by_sample ON operation_sample (sample_id, operation_number);

ALTER TABLE dataset ADD COLUMN removal INTEGER NOT NULL DEFAULT 0; -- dataset.changes after samples were removed last

CREATE INDEX sample_look_by_content ON sample_look (content_hash);
