-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, table by table and column by column.
-- What is measured of the image of a sample, and of the boxes in it; NULL: it has none.

CREATE TABLE sample_feature (
    sample_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sample (id) ON DELETE CASCADE,
    boxes TEXT COLLATE "C" NOT NULL, -- hash of the boxes that were measured; '': none were
    resolution DOUBLE PRECISION,
    aspect_ratio DOUBLE PRECISION,
    brightness DOUBLE PRECISION,
    saturation DOUBLE PRECISION,
    colorfulness DOUBLE PRECISION,
    clarity DOUBLE PRECISION,
    box_count DOUBLE PRECISION,
    box_area_deviation DOUBLE PRECISION,
    box_aspect_ratio DOUBLE PRECISION,
    box_area_ratio DOUBLE PRECISION,
    box_marginalization DOUBLE PRECISION,
    box_brightness DOUBLE PRECISION,
    box_clarity DOUBLE PRECISION,
    box_overlap DOUBLE PRECISION
);
