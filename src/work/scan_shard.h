/* SPDX-License-Identifier: Apache-2.0 */
/* One shard being filled: its inputs, and room for the records of all its images. */
#ifndef WORK_SCAN_SHARD_H
#define WORK_SCAN_SHARD_H

#include "work/inputs.h"
#include "work/scan_image.h"

#include <stdatomic.h>

struct scan_row {
    char content_hash[HASH_HEX_BYTES];
    char error[ERROR_MESSAGE_BYTES];
    struct candidate *candidates; /* of the row, and behind them their class vectors */
};
struct scan_shard {
    uint32_t shard, count;
    atomic_uint left; /* rows not yet filled */
    struct arena *arena;
    struct input_item *items;
    struct record *records;
    struct scan_row *rows;
    float *appearance, *embeddings, *logits;
    uint32_t *logit_classes;
};

MUST_CHECK bool scan_shard_open(struct store *data, const char *folder, uint32_t number,
                                const struct record_header *header, struct scan_shard *ret,
                                struct error *err);
void scan_shard_release(struct scan_shard *shard);
/* Keeps what was seen of image `row`, or why it failed. Rows may be filled by different threads at once. */
MUST_CHECK bool scan_shard_keep(struct scan_shard *shard, uint32_t row, const struct record_header *header,
                                const struct scan_seen *seen, const struct error *failure, struct error *err);

/* What a record keeps of a classification: all logits (borrowed), or the largest with their classes, written
 * to the two arrays of record_logit_columns elements. */
void scan_record_logits(const struct record_header *header, const struct prediction *prediction,
                        float *logits, uint32_t *classes, struct record *ret);

#endif
