-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, column by column.
-- Operations that add and remove samples: what they did to one outlives it. Samples by their content.

ALTER TABLE operation_sample DROP CONSTRAINT operation_sample_sample_id_fkey;
ALTER TABLE operation_sample ALTER COLUMN before_json DROP NOT NULL;
ALTER TABLE operation_sample ALTER COLUMN after_json DROP NOT NULL;

ALTER TABLE dataset ADD COLUMN removal BIGINT NOT NULL DEFAULT 0; -- dataset.changes after samples were removed last

CREATE INDEX sample_look_by_content ON sample_look (content_hash);
