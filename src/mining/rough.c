/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/rough_ways.h"

#include <float.h>
#include <stdlib.h>

/* Of OpenMP, for the thread that calls: oneDNN would share out each product, which our threads have done. */
extern void omp_set_num_threads(int threads);

const struct rough_way *const rough_ways[] = {
#if ROUGH_HAS_BFLOAT16
    &rough_bfloat16,
#endif
    &rough_single,
    NULL,
};

const struct rough_way *rough_best_way(void)
{
    for (const struct rough_way *const *way = rough_ways; *way; way++)
        if ((*way)->is_there())
            return *way;
    return &rough_single;
}

bool rough_new(const struct rough_way *way, const float *rows, uint32_t count, uint32_t length,
               struct rough **ret, struct error *err)
{
    AUTO(rough) rough = calloc(1, sizeof(*rough));
    if (!rough)
        return error_no_memory(err);
    *rough = (struct rough){.way = way, .rows = rows, .count = count, .length = length};
    if (!way->pack(rough, err))
        return false;
    *ret = TAKE(rough);
    return true;
}

struct rough *rough_free(struct rough *rough)
{
    if (rough && rough->packed)
        rough->way->unpack(rough->packed);
    free(rough);
    return NULL;
}

bool rough_scratch_new(const struct rough *rough, struct rough_scratch **ret, struct error *err)
{
    AUTO(rough_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch)
        return error_no_memory(err);
    scratch->rough = rough;
    scratch->products = aligned_alloc(64, (size_t)ROUGH_QUERIES * ROUGH_ROWS * sizeof(float));
    if (!scratch->products)
        return error_no_memory(err);
    if (!rough->way->begin(scratch, err))
        return false;
    *ret = TAKE(scratch);
    return true;
}

struct rough_scratch *rough_scratch_free(struct rough_scratch *scratch)
{
    if (scratch && scratch->own)
        scratch->rough->way->end(scratch->own);
    if (scratch)
        free(scratch->products);
    free(scratch);
    return NULL;
}

void rough_ask(struct rough_scratch *scratch, const float *queries, uint32_t count)
{
    const struct rough *rough = scratch->rough;
    for (uint32_t i = 0; i < count; i++) {
        double loss = rough->way->take(scratch, i, queries + (size_t)i * rough->length);
        double summing = rough->length * (double)FLT_EPSILON;
        scratch->errors[i] = (1 + summing) * (loss + (1 + loss) * rough->loss) +
                             summing * (1 + loss) * (1 + rough->loss) + (double)FLT_EPSILON;
    }
}

bool rough_multiply(struct rough_scratch *scratch, uint32_t tile, struct error *err)
{
    omp_set_num_threads(1);
    return scratch->rough->way->multiply(scratch, tile, err);
}
