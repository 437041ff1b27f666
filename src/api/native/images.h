/* SPDX-License-Identifier: Apache-2.0 */
/* Images: what the routes that give images share. */
#ifndef API_NATIVE_IMAGES_H
#define API_NATIVE_IMAGES_H

#include "api/native/native.h"
#include "picture/picture.h"

/* An image file that a sample or a record names. */
struct image_source {
    const char *source;       /* as the input named it: a path, or file:// and a path */
    const char *content_hash; /* NULL: not known */
    int64_t revision;         /* what `rev` may say beside the content hash; 0: nothing */
    const char *what;         /* "sample 5f0c…", for messages */
};
struct image_wish {
    const char *size; /* thumb | mid | orig */
    const char *rev;  /* NULL: not given */
    const struct image_box *part;
    const struct augment_setting *augment; /* NULL: the image itself */
    uint32_t augment_side_px;
    uint32_t long_side_px;          /* 0: that of `size` */
    struct picture_cache *pictures; /* NULL: the api's */
};
extern const char *const image_sizes[];      /* thumb, mid, orig */
extern const char *const image_crop_sizes[]; /* thumb, mid */
/* Rows of params. */
#define IMAGE_SIZE_PARAM(request, usual)                                                                     \
    PARAM(request, size, .type = PARAM_CHOICE, .choices = image_sizes, .fallback_text = (usual),             \
          .help = "thumb: JPEG with a long side of 256 px; mid: 1280 px; orig: the file")
#define IMAGE_CROP_SIZE_PARAM(request)                                                                       \
    PARAM(request, size, .type = PARAM_CHOICE, .choices = image_crop_sizes, .fallback_text = "thumb",        \
          .help = "long side at most: thumb 256 px, mid 1280 px")

/* That of a sample. */
MUST_CHECK bool image_of_sample(struct api_call *call, const struct sample *sample, struct image_source *ret,
                                struct error *err);
/* The path of this machine that the source is, clean and in the call's roots. DETAIL_IMAGE_MISSING when it is
 * elsewhere. */
MUST_CHECK bool image_path(const struct api_call *call, const struct image_source *source, const char **ret,
                           struct error *err);
/* Fills call->file. */
MUST_CHECK bool reply_image(struct api_call *call, const struct image_source *source,
                            const struct image_wish *wish, struct error *err);
/* The same of a small picture, as the picture: the caller closes it. */
MUST_CHECK bool image_small(struct api_call *call, const struct image_source *source,
                            const struct image_wish *wish, struct picture *ret, struct error *err);
/* "XMIN,YMIN,XMAX,YMAX" in px; or the number of one of the boxes, from 0, for which `box_of` is asked. */
typedef bool image_box_of(const void *state, uint64_t number, struct image_box *ret);
MUST_CHECK bool image_read_box(const char *text, image_box_of *box_of, const void *state,
                               struct image_box *ret, struct error *err);

#endif
