/* SPDX-License-Identifier: Apache-2.0 */
/* COCO: what its file says, gathered until it is whole. For formats/ only. */
#ifndef FORMATS_COCO_PARTS_H
#define FORMATS_COCO_PARTS_H

#include "formats/format_parts.h"

/* Annotations come in any order, so all of one file are in memory: 56 bytes each, and 32 of an image and its
 * name. */
enum {
    COCO_IMAGES_MAX = 4 * 1000 * 1000,
    COCO_BOXES_MAX = 20 * 1000 * 1000,
    COCO_TEXTS_MAX_BYTES = 1024 * 1024 * 1024,
};

/* One file's items. `names->images` NULL: `find` says where an image's name begins. */
struct coco_files {
    const struct format_reading *reading;
    const char *file, *usage; /* usage NULL: none */
    void *state;
    /* The folder in which the first image's name begins. */
    MUST_CHECK bool (*find)(void *state, const char *name, const char **ret_folder, struct error *err);
};
MUST_CHECK bool format_coco_read(manifest_feed *feed, void *state, const struct coco_files *files,
                                 struct format_sink *sink, struct error *err);

MUST_CHECK bool coco_begin(const struct format_writing *writing, void **ret, struct error *err);
MUST_CHECK bool coco_add(void *state, const struct format_item *item, struct arena *arena, struct error *err);
MUST_CHECK bool coco_finish(void *state, struct error *err);
void coco_free(void *state);

#endif
