/* SPDX-License-Identifier: Apache-2.0 */
/*
 * View: how a model's answer for an augmented copy of an image differs from its answer for the image. One row
 * of 7 numbers for each image and operation; docs/record-format.md. Kept beside the records, in
 * FOLDER/views/OPERATION/NNNNNN.npy with a row for each image of shard NNNNNN, so that filtering again needs
 * no model. Whatever is missing or damaged there is measured anew.
 *
 * Threads: everything works on its arguments only; different files may be written at once.
 */
#ifndef RECORD_VIEW_H
#define RECORD_VIEW_H

#include "image/augment/augment.h"
#include "record/record.h"

enum {
    VIEW_BOXES_MAX = 300,
    VIEW_COLUMNS = 7,
    VIEW_VERSION = 1,
    VIEW_KEY_BYTES = RECORD_FOLDER_MAX_BYTES + 100
};

/* Kept as float32, so that rows are the same on disk and in memory. */
struct view {
    float changed; /* 0 (the same answer) to 1; NaN: not measured */
    /* Classification: score of the image's class in the copy, the copy's class and its score. */
    float kept, label, score;
    /* Detection: number of boxes of the copy's answer, sums of the scores that boxes lost and gained. The
     * others are 0. */
    float boxes, lost, gained;
};
_Static_assert(sizeof(struct view) == VIEW_COLUMNS * sizeof(float), "one row of the array");
static inline bool view_is_measured(const struct view *view)
{
    return view->changed >= 0;
}
struct view view_missing(void);

/* The probabilities of an image and of its copy. `changed` is the Jensen-Shannon divergence in bits (Lin
 * 1991); of a sigmoid model the largest of its classes. */
struct view view_of_scores(enum activation activation, uint32_t classes, const double *image,
                           const double *copy);

/* A detector's candidates for the copy, in px of the picture that the draw was made for. Its boxes are mapped
 * back and matched, the best score first, with the image's of the same class from an intersection over union
 * of 0.5 on; what the operation moved out of sight does not count. Over all boxes that reach the threshold in
 * either, changed = 1 - sum(IoU x smaller score) / sum(larger score). */
struct view_boxes {
    const struct record_header *header;
    const struct record *record; /* of the image */
    const struct augment_draw *draw;
    const struct prediction *copy;
};
MUST_CHECK bool view_of_boxes(const struct view_boxes *boxes, struct view *ret, struct error *err);

/* Key of a shard's file. */
void view_key(const char *folder, const struct augment_setting *setting, uint32_t shard,
              char ret_key[VIEW_KEY_BYTES]);
/* Fills `count` rows, with view_missing where nothing is known, or numbers that no view has stand. Only a
 * failing store is an error. */
MUST_CHECK bool view_read(struct store *store, const char *key, uint32_t count, struct view *ret,
                          struct error *err);
/* Safe from the death of this process (store_put_fast). */
MUST_CHECK bool view_write(struct store *store, const char *key, uint32_t count, const struct view *rows,
                           struct error *err);

#endif
