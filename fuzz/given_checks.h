/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every prediction that a reader hands on, whatever the bytes were. */
#ifndef FUZZ_GIVEN_CHECKS_H
#define FUZZ_GIVEN_CHECKS_H

#include "given/given_reader.h"

/* Gives pieces of changing small sizes, so that everything lies across them. */
struct given_stream {
    const uint8_t *bytes;
    size_t left;
};
bool given_feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err);

struct given_checks {
    struct given_labels *labels;
    struct given_sink sink;
    struct buffer rows; /* of the spool */
    struct arena *arena;
};
/* False: no memory. */
bool given_checks_start(struct given_checks *checks);
/* Reads back what was spooled, once labels are settled. */
void given_checks_end(struct given_checks *checks);
/* A failed read has words. */
void given_checks_error(bool is_done, const struct error *err);

#endif
