-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, column by column.
-- How a published version was split into training and evaluation; NULL: it was not.

ALTER TABLE dataset_version ADD COLUMN train_ratio DOUBLE PRECISION;
ALTER TABLE dataset_version ADD COLUMN split_seed BIGINT;
