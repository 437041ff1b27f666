/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look: what the image of a sample looks like, measured once and kept: hashes of its bytes and of its
 * picture, and its appearance. Who measures is work/measure_looks.h. Excluded samples are left out
 * unless it is said otherwise. A file that is replaced under the same name keeps the look that it had.
 */
#ifndef DATASET_SAMPLE_LOOK_H
#define DATASET_SAMPLE_LOOK_H

#include "dataset/sample_feature.h"

enum {
    SAMPLE_LOOKS_PAGE = 500,
    SAMPLE_LOOK_LENGTH = 336, /* of the appearance, bytes */
};

/* ---- those that have none ---- */

struct sample_unseen {
    const char *id, *source;
};
struct sample_looks_of {
    const char *dataset_id;
    bool with_excluded; /* excluded samples too */
    const char *after;  /* sample_looks_missing: the last id of the page before; NULL: the first page */
};
MUST_CHECK bool sample_looks_count_missing(struct db *db, const struct sample_looks_of *of, int64_t *ret,
                                           struct error *err);
/* The next SAMPLE_LOOKS_PAGE at most, by id. */
MUST_CHECK bool sample_looks_missing(struct db *db, struct arena *arena, const struct sample_looks_of *of,
                                     struct sample_unseen **ret, size_t *ret_count, struct error *err);

struct sample_look {
    const char *sample_id;
    const char *content_hash; /* 32 hex digits */
    uint64_t perceptual_hash;
    const int8_t *appearance;               /* SAMPLE_LOOK_LENGTH */
    const struct sample_features *features; /* measured with it; NULL: none were. Not read back with it */
};
/* In one transaction; a sample that was deleted meanwhile is passed over, one that has a look already keeps
 * it and gets the features. */
MUST_CHECK bool sample_looks_keep(struct db *db, struct arena *arena, const struct sample_look *looks,
                                  size_t count, struct error *err);

/* One sample has the content of another: its look is that one's, where there is one. Inside the caller's
 * transaction; at most DB_MANY_MAX. */
struct sample_look_copy {
    const char *from_id, *to_id;
};
MUST_CHECK bool sample_looks_copy(struct db *db, struct arena *arena, const struct sample_look_copy *copies,
                                  size_t count, struct error *err);

/* ---- reading them ---- */

struct sample_seen {
    const char *id, *usage;      /* usage NULL: none */
    struct sample_look look;     /* content_hash NULL: it was not measured */
    bool is_labeled;             /* by a person or an import, not suggested */
    char labels[HASH_HEX_BYTES]; /* hash of the confirmed classes, each once, in order; of none too */
};
/* Gives all of a dataset to `take`, by id, page by page; texts until it returns. */
typedef bool sample_looks_taker(void *state, const struct sample_seen *seen, struct error *err);
MUST_CHECK bool sample_looks_visit(struct db *db, const char *dataset_id, sample_looks_taker *take,
                                   void *state, struct error *err);

#endif
