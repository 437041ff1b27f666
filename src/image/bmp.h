/* SPDX-License-Identifier: Apache-2.0 */
/* BMP: what its header says, and the two ways of storing pixels. */
#ifndef IMAGE_BMP_H
#define IMAGE_BMP_H

#include "image/decoder.h"

enum bmp_compression {
    BMP_PLAIN = 0,
    BMP_RLE8 = 1,
    BMP_RLE4 = 2,
    BMP_BITFIELDS = 3,
    BMP_ALPHA_BITFIELDS = 6,
};

/* A sample is (pixel >> shift) & most; most is 2^n − 1, or 0 for a channel that is not there. */
struct bmp_channel {
    uint32_t shift, most;
};

enum { BMP_COLOURS_MAX = 256 };

struct bmp {
    struct bytes file;
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    uint32_t header_bytes, pixels_at, compression, depth;
    uint32_t width, height; /* within the limits */
    bool is_top_down;
    struct bmp_channel channels[4]; /* R, G, B, alpha, for depths 16 and 32 */
    uint32_t colours;               /* in the palette; indices past it are black */
    uint8_t palette[BMP_COLOURS_MAX][3];
};

/* Room for the pixels is made after what the file must hold has been checked. */
MUST_CHECK bool bmp_read_rows(struct bmp *bmp, struct error *err); /* pixels as they are */
MUST_CHECK bool bmp_read_runs(struct bmp *bmp, struct error *err); /* RLE4, RLE8 */

/* The picture ends after `rows` rows: an error, or a note when that is accepted. */
MUST_CHECK bool bmp_lose_rows(const struct bmp *bmp, uint64_t rows, const char *why, struct error *err);
/* Row `row` in the order of the file. */
uint8_t *bmp_row(const struct bmp *bmp, uint32_t row);
/* What the file does not give from this row on, in its order, shows the background. */
void bmp_fill_missing(const struct bmp *bmp, uint32_t rows_done);

#endif
