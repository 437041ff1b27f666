/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures: small JPEG copies of image files and of parts of them, for people to look at. Upright,
 * transparent parts over white, never larger than the source. They are kept on disk under what was in the
 * file when they were made, up to a limit; those not asked for longest go first. Several processes may share
 * the folder, and any of them may be killed at any time.
 *
 * Threads: a cache is shared by threads. The same picture is made once however many ask at the same time, and
 * no more than so many are made at once.
 */
#ifndef PICTURE_PICTURE_H
#define PICTURE_PICTURE_H

#include "base/hash.h"
#include "base/roots.h"
#include "image/augment/augment.h"

enum {
    PICTURE_THUMB_PX = 256, /* long sides */
    PICTURE_MID_PX = 1280,
    PICTURE_THUMB_QUALITY = 80, /* as libjpeg means it */
    PICTURE_MID_QUALITY = 85,
    PICTURE_CROP_MARGIN_PERCENT = 15, /* around a box, of its longer side */
    PICTURE_DECODES_MAX = 4,          /* at once */
    PICTURE_FILE_MAX_BYTES = 32 * 1024 * 1024,
};
/* Width × height of a source: larger ones are refused, IMAGE_PIXELS_MAX for JPEG, which is decoded smaller.
 */
#define PICTURE_PIXELS_MAX 100000000ULL
/* Of all pictures on disk; looked after whenever a sixteenth of it has been written. */
#define PICTURE_CACHE_MAX_BYTES (4ULL << 30)

struct picture_cache;
/* `folder` is made when missing. */
MUST_CHECK bool picture_cache_open(const char *folder, uint64_t limit_bytes, struct picture_cache **ret,
                                   struct error *err);
struct picture_cache *picture_cache_free(struct picture_cache *cache);

struct picture_wish {
    const struct roots *roots; /* what the file must lie in; NULL: not confined */
    const char *path;          /* of the image file, absolute and clean */
    const char *content_hash;  /* of the content that was seen last; NULL: not known */
    uint32_t long_side_px;
    int quality;
    bool has_part; /* only this part, with the margin, cut off at the image's edges */
    struct image_box part;
    /* The augmented copy that a model with an input of this longer side was asked about; NULL: the image. Not
     * together with a part. */
    const struct augment_setting *augment;
    uint32_t augment_side_px;
};
struct picture {
    int fd; /* at its start; the caller closes it */
    uint64_t bytes;
    char etag[HASH_HEX_BYTES]; /* of content, size, quality, part and operation */
    bool is_of_content;        /* it shows the content that `content_hash` names */
};
/* A picture that was made from the named content is given even when the file has changed or is gone since.
 * DETAIL_IMAGE_MISSING, DETAIL_IMAGE_DAMAGED (also when the file is no image), DETAIL_IMAGE_TOO_LARGE;
 * ERR_INVALID when the part lies outside the image. */
MUST_CHECK bool picture_get(struct picture_cache *cache, const struct picture_wish *wish, struct picture *ret,
                            struct error *err);

/* How many pictures this process has made, for tests and figures. */
uint64_t picture_cache_made(struct picture_cache *cache);

DEFINE_AUTO(picture_cache)

#endif
