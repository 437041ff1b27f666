/* SPDX-License-Identifier: Apache-2.0 */
/* In single precision: on every processor, and nothing is lost by rounding. */
#include "mining/rough_ways.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

static bool is_there(void)
{
    return true;
}

/* Packed: the last tile's rows and zeros up to a full tile. */
static bool pack(struct rough *rough, struct error *err)
{
    uint32_t rest = rough->count % ROUGH_ROWS;
    size_t length = rough->length;
    float *tail = calloc((size_t)ROUGH_ROWS * length, sizeof(float));
    if (!tail)
        return error_no_memory(err);
    memcpy(tail, rough->rows + (rough->count - rest) * length, rest * length * sizeof(float));
    rough->packed = tail;
    return true;
}

static bool begin(struct rough_scratch *scratch, struct error *err)
{
    scratch->own = calloc((size_t)ROUGH_QUERIES * scratch->rough->length, sizeof(float));
    return scratch->own || error_no_memory(err);
}

static double take(struct rough_scratch *scratch, uint32_t place, const float *query)
{
    size_t length = scratch->rough->length;
    memcpy((float *)scratch->own + place * length, query, length * sizeof(float));
    return 0;
}

static bool multiply(struct rough_scratch *scratch, uint32_t tile, struct error *err)
{
    const struct rough *rough = scratch->rough;
    size_t first = (size_t)tile * ROUGH_ROWS;
    bool is_tail = rough->count - first < ROUGH_ROWS;
    const float *rows = is_tail ? rough->packed : rough->rows + first * rough->length;
    dnnl_dim_t length = rough->length;
    return dnnl_sgemm('N', 'T', ROUGH_QUERIES, ROUGH_ROWS, length, 1.0F, scratch->own, length, rows, length,
                      0.0F, scratch->products, ROUGH_ROWS) == dnnl_success ||
           error_no_memory(err);
}

const struct rough_way rough_single = {
    .name = "single",
    .is_there = is_there,
    .pack = pack,
    .unpack = free,
    .begin = begin,
    .end = free,
    .take = take,
    .multiply = multiply,
};
