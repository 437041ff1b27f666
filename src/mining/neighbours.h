/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Neighbours: exact nearest neighbours by cosine among the vectors of a training set. Rough products of
 * blocks of queries with blocks of the set (mining/rough.h) tell which samples may be among them; their
 * cosines are then computed in double precision in a fixed order. So results depend neither on threads, nor
 * on how queries are grouped, nor on the processor.
 *
 * Threads: a search is immutable and shared; a scratch belongs to one thread.
 */
#ifndef MINING_NEIGHBOURS_H
#define MINING_NEIGHBOURS_H

#include "rules/rule.h"

enum { NEIGHBOUR_QUERIES_MAX = 512, NEIGHBOUR_LENGTH_MAX = PREDICTION_EMBEDDING_MAX };

/* The dot product. Four running sums in a fixed order: the compiler may not reorder them, so every build
 * gives the same. */
double neighbour_dot(const float *a, const float *b, uint32_t length);
/* The vector with L2 norm 1; false, and zeros, when it has no direction. */
bool neighbour_normalise(const float *vector, uint32_t length, float *into);

struct neighbour_search;
/* `rows`: count × length, each of L2 norm 1 or 0, and `labels`: count; both borrowed until free.
 * ERR_INVALID: count 0, or length 0 or above NEIGHBOUR_LENGTH_MAX. */
MUST_CHECK bool neighbour_search_new(const float *rows, uint32_t count, uint32_t length,
                                     const uint32_t *labels, struct neighbour_search **ret,
                                     struct error *err);
/* Detection: a sample is of a class when its set has it; `sets`: count, borrowed until free. */
void neighbour_search_use_sets(struct neighbour_search *search, const struct class_set *sets);
struct neighbour_search *neighbour_search_free(struct neighbour_search *search);

struct neighbour_scratch;
struct neighbour_scratch *neighbour_scratch_new(const struct neighbour_search *search); /* NULL: no memory */
struct neighbour_scratch *neighbour_scratch_free(struct neighbour_scratch *scratch);

struct neighbour_query {
    const float *vector;  /* of any norm; zeros, or values that are not finite, have no neighbours */
    uint32_t class_index; /* what same_class and other_class refer to */
    uint32_t left_out;    /* a sample that is not its own neighbour; SAMPLE_NONE */
};
/* Room for NEIGHBOUR_QUERIES_MAX queries, more than a stack should hold. */
struct neighbour_query *neighbour_scratch_queries(struct neighbour_scratch *scratch);

/* count 1..NEIGHBOUR_QUERIES_MAX. One answer per query, in the scratch until its next run. */
MUST_CHECK bool neighbour_search_run(const struct neighbour_search *search, struct neighbour_scratch *scratch,
                                     const struct neighbour_query *queries, uint32_t count,
                                     const struct neighbours **ret, struct error *err);

DEFINE_AUTO(neighbour_search)
DEFINE_AUTO(neighbour_scratch)

#endif
