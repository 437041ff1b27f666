/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image: files into upright 8-bit RGB pixels, and what is measured on those pixels. Each file is decoded
 * once, into a buffer that a worker reuses from image to image. The type comes from the content, never from
 * the name. Every limit is checked on the header, before memory is spent on pixels.
 *
 * Threads: functions are safe on different images and scratch objects.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/arena.h"
#include "base/buffer.h"

enum {
    IMAGE_FILE_MAX_BYTES = 256 * 1024 * 1024,
    IMAGE_SIDE_MAX_PX = 65500,
    IMAGE_CANONICAL_LONG_SIDE_PX = 512, /* statistics are taken on this scale */
};
/* Width × height, known from the header. Pixels take 3 bytes each, decoding a progressive JPEG or a lossless
 * WebP up to 8 more. */
#define IMAGE_PIXELS_MAX 200000000ULL

/* RGB, 8 bits each, rows from the top without padding: pixels[(y * width + x) * 3 + channel]. */
struct image {
    uint8_t *pixels;
    size_t capacity_bytes; /* of pixels; grown when needed, kept for the next image */
    uint32_t width, height;
};
void image_release(struct image *image);
/* Makes room for width × height; contents undefined. ERR_LIMIT past the limits above, ERR_INVALID without
 * pixels. */
MUST_CHECK bool image_resize_buffer(struct image *image, uint32_t width, uint32_t height, struct error *err);

enum image_warning {
    IMAGE_WARNING_PARTIAL = 1 << 0,     /* pixels are missing (only with accept_partial) */
    IMAGE_WARNING_ICC_IGNORED = 1 << 1, /* a colour profile was not applied */
    IMAGE_WARNING_SCALED_16_BIT = 1 << 2,
    IMAGE_WARNING_ALPHA_BLENDED = 1 << 3, /* transparent parts were laid over the background */
    IMAGE_WARNING_FIRST_FRAME = 1 << 4,   /* an animation or several pages: only the first is used */
    IMAGE_WARNING_BAD_METADATA = 1 << 5,  /* harmless damage outside the pixels */
};

struct image_options {
    uint64_t pixels_max;   /* 0: IMAGE_PIXELS_MAX */
    bool accept_partial;   /* damaged files give what they have, with a warning; else ERR_INVALID */
    uint8_t background[3]; /* under transparent pixels; without options it is white */
    /* Not 0: a JPEG may be decoded to a half, a quarter or an eighth of its size, with quicker arithmetic, as
     * long as its long side keeps so many px: for pictures to look at, not to measure. */
    uint32_t long_side_enough_px;
};

struct image_info {
    const char *format;     /* "jpeg", "png", …: the decoder's name; static */
    uint32_t width, height; /* upright, as decoded */
    uint8_t orientation;    /* EXIF 1..8 that was applied; 1 when there was none */
    uint32_t warnings;      /* enum image_warning bits */
};

/* Decodes a whole file upright into *into, whose pixels are undefined after a failure. Without options
 * (NULL): the limits above, nothing partial, a white background. ERR_INVALID: not a supported image, or
 * damaged; the message says which and why, without the file's name (the caller knows it). ERR_LIMIT: a limit
 * above, found before memory is spent on pixels. */
MUST_CHECK bool image_decode(struct bytes file, const struct image_options *options, struct image *into,
                             struct image_info *ret, struct error *err);
/* The size of the upright image, from the header of a JPEG or PNG; other files are decoded for it. A file
 * whose pixels are damaged may still have one. Errors as of image_decode. */
MUST_CHECK bool image_read_size(struct bytes file, uint32_t *ret_width, uint32_t *ret_height,
                                struct error *err);
/* The decoder that knows this content ("jpeg", "png", …), or NULL. Looks at the first IMAGE_SNIFF_BYTES bytes
 * only. */
enum { IMAGE_SNIFF_BYTES = 64 };
const char *image_sniff(struct bytes start);
/* Names of the warning bits, for records and people: "partial", "icc-ignored", … NULL past the last. */
const char *image_warning_name(uint32_t bit_index);

/* Baseline JPEG file of the pixels, 4:2:0; quality 1 to 100 as libjpeg means it. The same pixels give the
 * same bytes. */
MUST_CHECK bool image_encode_jpeg(const struct image *image, int quality, struct buffer *into,
                                  struct error *err);
/* PNG file of the pixels (lossless, no time stamp: same pixels, same bytes). */
MUST_CHECK bool image_encode_png(const struct image *image, struct buffer *into, struct error *err);

/*
 * Resizes as Pillow's Image.resize does, bit for bit: separable filter widened by the scale, 8-bit result of
 * the horizontal pass, fixed-point weights of 22 bits. BILINEAR is Pillow's BILINEAR (a triangle), AREA its
 * BOX.
 */
enum image_filter { IMAGE_FILTER_BILINEAR, IMAGE_FILTER_AREA };
struct image_box {
    double x0, y0, x1, y1; /* px, may be fractional */
};
struct image_resizing {
    uint32_t width, height; /* to */
    enum image_filter filter;
    struct image_box part; /* of the source, within it; all zero: the whole */
};
struct image_scratch; /* reusable memory of one worker: weights and intermediate rows */
struct image_scratch *image_scratch_new(void);
struct image_scratch *image_scratch_free(struct image_scratch *scratch);
/* ERR_INVALID: no such part, or no size. `from` and `into` differ. */
MUST_CHECK bool image_resize(const struct image *from, const struct image_resizing *how,
                             struct image_scratch *scratch, struct image *into, struct error *err);

/*
 * The six image statistics (docs/rules.md; reasons 5 to 10). Resolution and aspect ratio are of the original,
 * the rest is measured in one pass over the canonical scale: the image area-resampled to a long side of at
 * most 512 px; smaller images are taken as they are. R, G, B and luma are levels 0..255; luma is
 * (77 R + 150 G + 29 B + 128) ÷ 256, rounded down.
 */
struct image_statistics {
    double resolution;   /* width × height, px */
    double aspect_ratio; /* height ÷ width */
    double brightness;   /* mean perceived brightness, 0..255: sqrt(0.241 R² + 0.691 G² + 0.068 B²) */
    double saturation;   /* mean of HSV saturation, 0..1: (max − min) ÷ max, 0 where black */
    /* Hasler & Süsstrunk 2003, from 0 (gray): sqrt(σ_rg² + σ_yb²) + 0.3 sqrt(μ_rg² + μ_yb²) */
    double colorfulness;
    double clarity; /* variance of the 4-neighbour Laplacian of luma, edges left out; 0 below 3 px */
};

/*
 * Appearance: what the picture looks like, independent of any model. Vectors are compared by cosine.
 * [0..287]: gradients of root luma, 6 × 6 cells (rows first) × 8 directions, weight 1.
 * [288..335]: mean colours, 4 × 4 cells × R, G, B, weight 0.6. All are >= 0.
 */
enum { IMAGE_APPEARANCE_LENGTH = 336 };
#define IMAGE_APPEARANCE_NAME "grid-hog-1"

struct image_measures {
    struct image_statistics statistics;
    /* Bit i: is the i-th lowest frequency of 32 × 32 luma (without the mean) above their median? Near
     * pictures differ in few bits, others in about 32; a flat image has 0. */
    uint64_t perceptual_hash;
    float appearance[IMAGE_APPEARANCE_LENGTH]; /* L2 norm 1 */
};
/* Measures an upright image. The canonical scale is made once inside and used for all. The same pixels give
 * the same bits, whatever the processor's vector width. ERR_INVALID: no pixels. */
MUST_CHECK bool image_measure(const struct image *image, struct image_scratch *scratch,
                              struct image_measures *ret, struct error *err);

/* Brightness and clarity inside boxes, as image_statistics has them for the whole, on the same canonical
 * scale: `scratch` must be as image_measure left it for this image. Boxes are in px of the image; what lies
 * outside is cut off. A box that covers no pixel of the canonical scale is taken as the pixel it lies in; its
 * clarity is 0 below 3 px. */
struct image_box_measures {
    double brightness, clarity;
};
void image_measure_boxes(const struct image *image, const struct image_box *boxes, size_t count,
                         struct image_scratch *scratch, struct image_box_measures *ret);

DEFINE_AUTO(image_scratch)

#endif
