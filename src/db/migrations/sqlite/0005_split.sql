-- SPDX-License-Identifier: Apache-2.0
-- How a published version was split into training and evaluation; NULL: it was not.

ALTER TABLE dataset_version ADD COLUMN train_ratio REAL;
ALTER TABLE dataset_version ADD COLUMN split_seed INTEGER;
