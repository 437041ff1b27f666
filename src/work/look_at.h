/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look at: reads and decodes images, each once, on several threads, and measures all that is kept of them:
 * their look (dataset/sample_look.h), and the features of the image and of the boxes that people drew in it
 * (dataset/sample_feature.h).
 *
 * Threads: a crew works for one caller at a time.
 */
#ifndef WORK_LOOK_AT_H
#define WORK_LOOK_AT_H

#include "base/roots.h"
#include "dataset/sample_look.h"
#include "record/record.h"

/* An image, and the boxes in it. */
struct look_wish {
    const char *id, *source;
    bool has_boxes; /* it is known what people drew, be it nothing; else its boxes have no features */
    const struct box *boxes;
    uint32_t box_count;
    char boxes_hash[HASH_HEX_BYTES]; /* look_hash_boxes */
};
/* "" without boxes that are known; the hash of no box at all is another. */
void look_hash_boxes(struct look_wish *wish);

struct look_seen {
    bool is_measured;
    struct error why; /* it is not */
    char content_hash[HASH_HEX_BYTES];
    uint64_t perceptual_hash;
    int8_t appearance[SAMPLE_LOOK_LENGTH];
    struct sample_features features; /* its texts are borrowed from the wish */
};

struct look_crew;
struct look_crew *look_crew_new(uint32_t threads); /* 1..WORKERS_MAX; NULL: memory is out */
struct look_crew *look_crew_free(struct look_crew *crew);

struct look_request {
    const struct roots *roots; /* no image outside is read; NULL: not confined */
    struct stop_flag *stop;
    atomic_int_fast64_t *done; /* images, those that cannot be read too */
    const struct look_wish *wishes;
    size_t count;
};
/* ret[i] is what was seen of wishes[i]. ERR_CANCELLED. */
MUST_CHECK bool look_at(struct look_crew *crew, const struct look_request *request, struct look_seen *ret,
                        struct error *err);
/* Keeps what was measured, in one transaction, of those that are samples. */
MUST_CHECK bool look_keep(struct db *db, struct arena *arena, const struct look_wish *wishes,
                          const struct look_seen *seen, size_t count, struct error *err);

DEFINE_AUTO(look_crew)

#endif
