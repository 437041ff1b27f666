/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rough cosines: products of unit vectors in whatever arithmetic the processor does fastest, each with a
 * bound of its error, so that who looks for the nearest computes only the few that may be among them exactly,
 * and finds the same on every processor.
 *
 * The bound: for the rounded q' and r' of unit vectors q and r, |q·r - q'·r'| <= |q - q'| |r| + |q'| |r - r'|
 * (Cauchy-Schwarz), and a sum of n single-precision products is off by less than n 2^-24 |q'| |r'| (Higham,
 * Accuracy and Stability of Numerical Algorithms, 3.1), taken twice here for the norms, which are not
 * quite 1.
 *
 * Threads: rows are immutable and shared; a scratch belongs to one thread.
 */
#ifndef MINING_ROUGH_H
#define MINING_ROUGH_H

#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

/* A tile's products, 128 KB, and its rows stay in the second-level cache. */
enum { ROUGH_QUERIES = 128, ROUGH_ROWS = 256 };

struct rough {
    const struct rough_way *way;
    const float *rows; /* count × length, each of L2 norm 1 or 0; borrowed */
    uint32_t count, length;
    double loss;  /* at most what rounding took from a row: a norm */
    void *packed; /* the way's own */
};
struct rough_scratch {
    const struct rough *rough;
    float *products;              /* ROUGH_QUERIES × ROUGH_ROWS, of the last tile */
    double errors[ROUGH_QUERIES]; /* of each query: how far its products may be off */
    void *own;                    /* the way's own */
};

/* An arithmetic. */
struct rough_way {
    const char *name;
    bool (*is_there)(void); /* this processor and this library can do it */
    bool (*pack)(struct rough *rough, struct error *err);
    void (*unpack)(void *packed);
    bool (*begin)(struct rough_scratch *scratch, struct error *err);
    void (*end)(void *own);
    /* The query at `place`; returns what rounding took from it: a norm. */
    double (*take)(struct rough_scratch *scratch, uint32_t place, const float *query);
    bool (*multiply)(struct rough_scratch *scratch, uint32_t tile, struct error *err);
};
extern const struct rough_way *const rough_ways[]; /* best first, the last is always there; ends with NULL */
const struct rough_way *rough_best_way(void);

/* count and length above 0. */
MUST_CHECK bool rough_new(const struct rough_way *way, const float *rows, uint32_t count, uint32_t length,
                          struct rough **ret, struct error *err);
struct rough *rough_free(struct rough *rough);
MUST_CHECK bool rough_scratch_new(const struct rough *rough, struct rough_scratch **ret, struct error *err);
struct rough_scratch *rough_scratch_free(struct rough_scratch *scratch);

/* At most ROUGH_QUERIES unit vectors of `length`, one after the other. */
void rough_ask(struct rough_scratch *scratch, const float *queries, uint32_t count);
/* The products of what was asked with rows tile × ROUGH_ROWS and on, in scratch->products; those past the
 * last query or row mean nothing. */
MUST_CHECK bool rough_multiply(struct rough_scratch *scratch, uint32_t tile, struct error *err);

DEFINE_AUTO(rough)
DEFINE_AUTO(rough_scratch)

#endif
