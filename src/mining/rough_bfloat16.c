/* SPDX-License-Identifier: Apache-2.0 */
/* In bfloat16, where the processor multiplies it: twice as fast, and a few thousandths are lost. oneDNN 3
 * describes products with other calls; there single precision serves. */
#include "mining/rough_ways.h"

#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

#if ROUGH_HAS_BFLOAT16

enum { ALIGNMENT = 64 };

struct packed {
    dnnl_engine_t engine;
    dnnl_primitive_desc_t plan;
    dnnl_primitive_t product;
    dnnl_memory_desc_t queries, rows, products, scratchpad;
    uint16_t *rounded; /* count × length, and zeros up to a full tile */
};
struct own {
    dnnl_stream_t stream;
    dnnl_memory_t queries, rows, products, scratchpad; /* windows: `rows` is moved from tile to tile */
    uint16_t *rounded;                                 /* ROUGH_QUERIES × length */
    void *room;                                        /* of the scratchpad */
};

static bool is_there(void)
{
    const unsigned wanted = dnnl_cpu_isa_avx512_core_bf16;
    return ((unsigned)dnnl_get_effective_cpu_isa() & wanted) == wanted;
}

static bool is_done(dnnl_status_t status, struct error *err)
{
    if (status == dnnl_out_of_memory)
        return error_no_memory(err);
    return status == dnnl_success ||
           error_set(err, ERR_FAILED, "a product by oneDNN failed: status %d", (int)status);
}

static uint16_t *room_for(size_t rows, size_t length)
{
    size_t bytes = rows * length * sizeof(uint16_t);
    uint16_t *room = aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
    if (room)
        memset(room, 0, bytes);
    return room;
}

/* To the nearest, of two the even one. Returns the norm of what was lost. */
static double round_row(const float *values, uint32_t length, uint16_t *into)
{
    double squares = 0;
    for (uint32_t i = 0; i < length; i++) {
        uint32_t bits;
        float rounded;
        memcpy(&bits, &values[i], sizeof(bits));
        bits = (bits + 0x7FFFU + (bits >> 16 & 1)) & 0xFFFF0000U;
        memcpy(&rounded, &bits, sizeof(rounded));
        into[i] = (uint16_t)(bits >> 16);
        double lost = (double)values[i] - (double)rounded;
        squares += lost * lost;
    }
    return sqrt(squares);
}

/* ---- rows ---- */

static void unpack(void *state)
{
    struct packed *packed = state;
    (void)dnnl_primitive_destroy(packed->product);
    (void)dnnl_primitive_desc_destroy(packed->plan);
    (void)dnnl_engine_destroy(packed->engine);
    free(packed->rounded);
    free(packed);
}

static dnnl_status_t describe(dnnl_memory_desc_t *ret, dnnl_dim_t rows, dnnl_dim_t columns,
                              dnnl_data_type_t type, dnnl_format_tag_t layout)
{
    const dnnl_dims_t sides = {rows, columns};
    return dnnl_memory_desc_init_by_tag(ret, 2, sides, type, layout);
}

static dnnl_status_t plan_product(struct packed *packed, dnnl_primitive_attr_t attributes, dnnl_dim_t length)
{
    dnnl_matmul_desc_t product;
    dnnl_status_t status = describe(&packed->queries, ROUGH_QUERIES, length, dnnl_bf16, dnnl_ab);
    if (!status)
        status = describe(&packed->rows, length, ROUGH_ROWS, dnnl_bf16, dnnl_ba);
    if (!status)
        status = describe(&packed->products, ROUGH_QUERIES, ROUGH_ROWS, dnnl_f32, dnnl_ab);
    if (!status)
        status = dnnl_matmul_desc_init(&product, &packed->queries, &packed->rows, NULL, &packed->products);
    if (!status)
        status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (!status)
        status = dnnl_primitive_desc_create(&packed->plan, &product, attributes, packed->engine, NULL);
    if (!status)
        status = dnnl_primitive_create(&packed->product, packed->plan);
    return status;
}

static bool plan(struct packed *packed, uint32_t length, struct error *err)
{
    dnnl_primitive_attr_t attributes = NULL;
    if (!is_done(dnnl_engine_create(&packed->engine, dnnl_cpu, 0), err) ||
        !is_done(dnnl_primitive_attr_create(&attributes), err))
        return false;
    dnnl_status_t status = plan_product(packed, attributes, length);
    (void)dnnl_primitive_attr_destroy(attributes);
    if (!status)
        packed->scratchpad = *dnnl_primitive_desc_query_md(packed->plan, dnnl_query_scratchpad_md, 0);
    return is_done(status, err);
}

static bool pack(struct rough *rough, struct error *err)
{
    size_t tiles = ((size_t)rough->count + ROUGH_ROWS - 1) / ROUGH_ROWS, length = rough->length;
    struct packed *packed = calloc(1, sizeof(*packed));
    if (!packed)
        return error_no_memory(err);
    rough->packed = packed;
    packed->rounded = room_for(tiles * ROUGH_ROWS, length);
    if (!packed->rounded)
        return error_no_memory(err);
    for (size_t i = 0; i < rough->count; i++)
        rough->loss = fmax(rough->loss,
                           round_row(rough->rows + i * length, rough->length, packed->rounded + i * length));
    return plan(packed, rough->length, err);
}

/* ---- queries ---- */

static void end(void *state)
{
    struct own *own = state;
    (void)dnnl_memory_destroy(own->queries);
    (void)dnnl_memory_destroy(own->rows);
    (void)dnnl_memory_destroy(own->products);
    (void)dnnl_memory_destroy(own->scratchpad);
    (void)dnnl_stream_destroy(own->stream);
    free(own->rounded);
    free(own->room);
    free(own);
}

static dnnl_status_t open_windows(const struct packed *packed, struct own *own, float *products)
{
    dnnl_status_t status = dnnl_stream_create(&own->stream, packed->engine, dnnl_stream_default_flags);
    if (!status)
        status = dnnl_memory_create(&own->queries, &packed->queries, packed->engine, own->rounded);
    if (!status)
        status = dnnl_memory_create(&own->rows, &packed->rows, packed->engine, packed->rounded);
    if (!status)
        status = dnnl_memory_create(&own->products, &packed->products, packed->engine, products);
    if (!status)
        status = dnnl_memory_create(&own->scratchpad, &packed->scratchpad, packed->engine, own->room);
    return status;
}

static bool begin(struct rough_scratch *scratch, struct error *err)
{
    const struct packed *packed = scratch->rough->packed;
    size_t bytes = dnnl_memory_desc_get_size(&packed->scratchpad);
    struct own *own = calloc(1, sizeof(*own));
    if (!own)
        return error_no_memory(err);
    scratch->own = own;
    own->rounded = room_for(ROUGH_QUERIES, scratch->rough->length);
    own->room = aligned_alloc(ALIGNMENT, (bytes / ALIGNMENT + 1) * ALIGNMENT);
    if (!own->rounded || !own->room)
        return error_no_memory(err);
    return is_done(open_windows(packed, own, scratch->products), err);
}

static double take(struct rough_scratch *scratch, uint32_t place, const float *query)
{
    struct own *own = scratch->own;
    uint32_t length = scratch->rough->length;
    return round_row(query, length, own->rounded + (size_t)place * length);
}

static bool multiply(struct rough_scratch *scratch, uint32_t tile, struct error *err)
{
    const struct packed *packed = scratch->rough->packed;
    const struct own *own = scratch->own;
    size_t first = (size_t)tile * ROUGH_ROWS * scratch->rough->length;
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, own->queries},
                                         {DNNL_ARG_WEIGHTS, own->rows},
                                         {DNNL_ARG_DST, own->products},
                                         {DNNL_ARG_SCRATCHPAD, own->scratchpad}};
    dnnl_status_t status = dnnl_memory_set_data_handle(own->rows, packed->rounded + first);
    if (!status)
        status = dnnl_primitive_execute(packed->product, own->stream, 4, arguments);
    if (!status)
        status = dnnl_stream_wait(own->stream);
    return is_done(status, err);
}

const struct rough_way rough_bfloat16 = {
    .name = "bfloat16",
    .is_there = is_there,
    .pack = pack,
    .unpack = unpack,
    .begin = begin,
    .end = end,
    .take = take,
    .multiply = multiply,
};

#endif
