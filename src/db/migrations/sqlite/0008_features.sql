-- SPDX-License-Identifier: Apache-2.0
-- What is measured of the image of a sample, and of the boxes in it; NULL: it has none.

CREATE TABLE sample_feature (
    sample_id TEXT PRIMARY KEY REFERENCES sample (id) ON DELETE CASCADE,
    boxes TEXT NOT NULL, -- hash of the boxes that were measured; '': none were
    resolution REAL,
    aspect_ratio REAL,
    brightness REAL,
    saturation REAL,
    colorfulness REAL,
    clarity REAL,
    box_count REAL,
    box_area_deviation REAL,
    box_aspect_ratio REAL,
    box_area_ratio REAL,
    box_marginalization REAL,
    box_brightness REAL,
    box_clarity REAL,
    box_overlap REAL
) STRICT;
