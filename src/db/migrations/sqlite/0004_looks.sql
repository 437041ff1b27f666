-- SPDX-License-Identifier: Apache-2.0
-- What the image of a sample looks like, measured once: for those who look for duplicates.

CREATE TABLE sample_look (
    sample_id TEXT PRIMARY KEY REFERENCES sample (id) ON DELETE CASCADE,
    content_hash TEXT NOT NULL,       -- of the file
    perceptual_hash INTEGER NOT NULL, -- 64 bits, as a signed number
    appearance TEXT NOT NULL          -- 336 signed bytes in base64: the vector, its largest element ±127
) STRICT;
