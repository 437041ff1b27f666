-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, column by column.
-- Label sets: what annotators fill in beside a label, when it came, and no key twice; what an operation did to the set.

ALTER TABLE label ADD COLUMN attributes_json TEXT COLLATE "C"; -- dataset/label_edit.h; NULL: none
ALTER TABLE label ADD COLUMN created_ms BIGINT NOT NULL DEFAULT 0; -- 0: not known
CREATE UNIQUE INDEX label_by_shortcut ON label (dataset_id, shortcut);
ALTER TABLE operation ADD COLUMN labels_json TEXT COLLATE "C"; -- dataset/label_turn.h; NULL: nothing
