-- SPDX-License-Identifier: Apache-2.0
-- As SQLite's, table by table and column by column.
-- What the image of a sample looks like, measured once: for those who look for duplicates.

CREATE TABLE sample_look (
    sample_id TEXT COLLATE "C" PRIMARY KEY REFERENCES sample (id) ON DELETE CASCADE,
    content_hash TEXT COLLATE "C" NOT NULL, -- of the file
    perceptual_hash BIGINT NOT NULL,        -- 64 bits, as a signed number
    appearance TEXT COLLATE "C" NOT NULL    -- 336 signed bytes in base64: the vector, its largest element ±127
);
