/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence: which images of a run stand beside each other, for reason 4. Made in one pass over the shards; in
 * memory are 29 bytes an image and 24 a box. Names are read a second time only when the run is not in the
 * order wanted already.
 *
 * An order that means nothing must not speak. Images that follow each other are held against images far apart
 * (half a folder; in folders below SEQUENCE_FOLDER_MIN half a run): the order counts when the odds of being
 * alike (SEQUENCE_BITS_MAX) are SEQUENCE_ODDS_MIN times as large beside each other as apart, or where nearly
 * all images are alike anyway.
 *
 * Threads: sequence_add and sequence_finish by one, in the order of shards; afterwards immutable, but for
 * sequence_load_names.
 */
#ifndef MINING_SEQUENCE_H
#define MINING_SEQUENCE_H

#include "record/record.h"
#include "rules/rule.h"

enum {
    SEQUENCE_BOXES_MAX = 8 * 1000 * 1000, /* of all images, those of the answers */
    SEQUENCE_NAMES_MAX_BYTES = 512 * 1024 * 1024,
    SEQUENCE_FOLDER_MIN = 20,
    SEQUENCE_OFF_BYTES = 120,
};
/* What it may hold in memory. Past either it says nothing of the run. */
struct sequence_limits {
    uint32_t boxes;     /* SEQUENCE_BOXES_MAX, or fewer */
    size_t names_bytes; /* SEQUENCE_NAMES_MAX_BYTES, or fewer */
};
#define SEQUENCE_ODDS_MIN 3.0
#define SEQUENCE_ALIKE_ANYWAY 0.98

enum sequence_order {
    SEQUENCE_BY_NAME,     /* names as people sort them, within a folder */
    SEQUENCE_BY_MANIFEST, /* as the input lists them */
    SEQUENCE_ORDERS
};
extern const char *const sequence_order_names[SEQUENCE_ORDERS + 1]; /* NULL-ended */
enum sequence_order sequence_order_find(const char *name);          /* NULL: by name */

/* Pairs of images that follow each other and of images far apart, and how many of both are alike. */
struct sequence_counts {
    uint64_t near, near_alike, far, far_alike;
};

struct sequence;
/* Borrows the set. */
MUST_CHECK bool sequence_new(const struct record_set *set, enum sequence_order order,
                             const struct sequence_limits *limits, struct sequence **ret, struct error *err);
struct sequence *sequence_free(struct sequence *sequence);
MUST_CHECK bool sequence_add(struct sequence *sequence, const struct record_shard *shard, struct error *err);
MUST_CHECK bool sequence_finish(struct sequence *sequence, struct error *err);
/* Why it says nothing; NULL: it does. */
const char *sequence_off(const struct sequence *sequence);
struct sequence_counts sequence_counts_of(const struct sequence *sequence);
/* The images beside one; none of a failed image. Boxes are the sequence's; names are NULL but after
 * sequence_load_names with this image. */
void sequence_frames_of(const struct sequence *sequence, uint64_t record, struct sequence_frames *ret);
/* Reads the names of what stands beside these records, which are ascending. ERR_LIMIT when they take more
 * than may be held. */
MUST_CHECK bool sequence_load_names(struct sequence *sequence, const uint64_t *records, size_t count,
                                    struct error *err);

DEFINE_AUTO(sequence)

#endif
