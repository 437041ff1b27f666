/* SPDX-License-Identifier: Apache-2.0 */
/* Boxes of an import: annotation files are read, boxes that do not fit their image are clipped or dropped,
 * and everything that was changed is listed. */
#ifndef WORK_IMPORT_BOXES_H
#define WORK_IMPORT_BOXES_H

#include "dataset/dataset.h"
#include "image/image.h"
#include "work/annotation_file.h"

enum { IMPORT_NOTES_LISTED = 1000 }; /* beyond, changes are only counted */

struct import_boxes {
    const struct roots *roots; /* nothing outside is read; NULL: not confined */
    struct db *db;
    const char *project_id, *dataset_id;
    struct annotation_files files;
    struct buffer image_file;
    struct image image;
    uint64_t line; /* being imported */
    const char *path;
    int64_t clipped, dropped, repaired, emptied; /* emptied: samples of which every object was dropped */
    yyjson_mut_doc *doc;
    yyjson_mut_val *notes;
    size_t note_count;
};
/* `folder` is the manifest's. Notes become members of `report` in the end. Release also after a failure. */
MUST_CHECK bool import_boxes_open(struct import_boxes *boxes, const char *folder, yyjson_mut_doc *doc,
                                  struct error *err);
void import_boxes_release(struct import_boxes *boxes);

/* The fixed content of the line's annotation file, *ret NULL when nothing is left of it; its source is
 * absolute. Texts live in the arena. `bytes` tells how long the file was. */
MUST_CHECK bool import_boxes_read(struct import_boxes *boxes, const struct manifest_sample *line,
                                  struct arena *arena, const struct voc **ret, struct error *err);
void import_boxes_report(const struct import_boxes *boxes, yyjson_mut_val *report);

#endif
