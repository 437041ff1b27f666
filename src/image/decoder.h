/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoder: the contract of one image format. A format joins by a file decode_<name>.c and a row in
 * decoders.c; refusals of other formats name the rows of that table, so nothing else changes.
 */
#ifndef IMAGE_DECODER_H
#define IMAGE_DECODER_H

#include "image/image.h"

/* What a decoder found beside the pixels. */
struct image_found {
    uint32_t warnings;   /* enum image_warning bits */
    uint8_t orientation; /* EXIF 1..8 still to be applied */
};

struct image_decoder {
    const char *name;  /* "jpeg": in records */
    const char *title; /* "JPEG": to people */
    /* True when content that starts like this (at most IMAGE_SNIFF_BYTES) is of this format. */
    bool (*sniff)(struct bytes start);
    /* Decodes the whole file as stored, not yet turned upright. Checks image_check_size on the header before
     * it calls image_resize_buffer. `found` comes as {0, 1}. Damage: see image_options.accept_partial. */
    bool (*decode)(struct bytes file, const struct image_options *options, struct image *into,
                   struct image_found *found, struct error *err);
};

extern const struct image_decoder image_decoder_jpeg, image_decoder_png, image_decoder_webp,
    image_decoder_gif, image_decoder_bmp, image_decoder_tiff;
/* All decoders in the order of sniffing; NULL ends. */
extern const struct image_decoder *const image_decoders[];

const struct image_decoder *image_find_decoder(struct bytes start);
/* Fills *err with what the content is instead of a supported image; returns false. */
bool image_refuse(struct bytes file, struct error *err);

/* ERR_LIMIT when an image this size is past a side or past pixels_max, ERR_INVALID when it has no pixels. */
MUST_CHECK bool image_check_size(uint64_t width, uint64_t height, uint64_t pixels_max, struct error *err);
/* Room for `bytes` of pixels whatever the size; contents undefined. */
MUST_CHECK bool image_reserve(struct image *image, size_t bytes, struct error *err);

#endif
