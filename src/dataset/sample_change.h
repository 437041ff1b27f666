/* SPDX-License-Identifier: Apache-2.0 */
/* Change: what people may change of a sample, its writing for many samples at once, and its image: a text
 * that is the same when the content is, from which the content can be restored. */
#ifndef DATASET_SAMPLE_CHANGE_H
#define DATASET_SAMPLE_CHANGE_H

#include "dataset/dataset.h"

enum { SAMPLE_IMAGE_MAX_BYTES = 8 * SAMPLE_MAX_BYTES };

struct sample_change {
    const char *id;
    int64_t revision; /* the one that is changed; the new one is the next */
    const char *state;
    bool is_hard, is_excluded;
    bool has_new_annotations; /* those below replace the stored ones */
    const struct annotation *annotations;
    size_t annotation_count;
};
/* As the sample is. */
struct sample_change sample_change_of(const struct sample *sample);

/* Writes changes of at most DB_MANY_MAX samples, none twice, inside the caller's transaction. ERR_CONFLICT
 * when one has another revision by now. Annotations without a time get `now_ms`. */
struct sample_changes {
    const struct sample_change *items;
    size_t count;
    int64_t change, now_ms; /* DATASET_NEXT_CHANGE of their one dataset */
};
MUST_CHECK bool samples_change(struct db *db, struct arena *arena, const struct sample_changes *changes,
                               struct error *err);

/* Of state, marks and annotations; in the arena. */
MUST_CHECK bool sample_image_write(const struct sample_change *change, struct arena *arena, const char **ret,
                                   struct error *err);
/* Fills all but id and revision; has_new_annotations is true. */
MUST_CHECK bool sample_image_read(const char *image, struct arena *arena, struct sample_change *ret,
                                  struct error *err);

#endif
