/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of an import: annotation files are read, boxes that do not fit their image are clipped or dropped,
 * and everything that was changed is listed. */
#ifndef WORK_IMPORT_BOXES_H
#define WORK_IMPORT_BOXES_H

#include "dataset/dataset.h"
#include "formats/format.h"

enum { IMPORT_NOTES_LISTED = 1000 }; /* beyond, changes are only counted */

struct import_boxes {
    const struct roots *roots; /* nothing outside is read; NULL: not confined */
    struct db *db;
    const char *project_id, *dataset_id;
    struct store *root;                          /* of everything: images are looked at by path */
    uint64_t line;                               /* being imported */
    const char *path;                            /* of the file with the boxes */
    int64_t clipped, dropped, repaired, emptied; /* emptied: samples of which every object was dropped */
    yyjson_mut_doc *doc;
    yyjson_mut_val *notes;
    size_t note_count;
};
/* Notes become members of `report` in the end. Release also after a failure. */
MUST_CHECK bool import_boxes_open(struct import_boxes *boxes, yyjson_mut_doc *doc, struct error *err);
void import_boxes_release(struct import_boxes *boxes);

/* The fixed boxes of an item, *ret NULL when nothing is left of them. Texts live in the arena. */
MUST_CHECK bool import_boxes_fix(struct import_boxes *boxes, const struct format_item *item,
                                 struct arena *arena, const struct voc **ret, struct error *err);
void import_boxes_report(const struct import_boxes *boxes, yyjson_mut_val *report);

#endif
