/* SPDX-License-Identifier: Apache-2.0 */
#include "image/scratch.h"

#include <stdlib.h>

void *scratch_block_reserve(struct scratch_block *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    if (bytes > block->capacity_bytes) {
        free(block->data);
        block->data = malloc(bytes);
        block->capacity_bytes = block->data ? bytes : 0;
    }
    return block->data;
}

struct image_scratch *image_scratch_new(void)
{
    struct image_scratch *scratch = calloc(1, sizeof(*scratch));
    if (!scratch)
        return NULL;
    scratch->kernels = image_kernels_choose();
    for (uint64_t i = 1; i < 256; i++)
        scratch->saturation_units[i] = ((1ULL << SATURATION_BITS) + i / 2) / i;
    return scratch;
}

static void release_axis(struct resize_axis *axis)
{
    free(axis->tap_block.data);
    free(axis->weight_block.data);
    free(axis->exact_block.data);
}

struct image_scratch *image_scratch_free(struct image_scratch *scratch)
{
    if (!scratch)
        return NULL;
    release_axis(&scratch->horizontal);
    release_axis(&scratch->vertical);
    free(scratch->ring.data);
    free(scratch->row_pointers.data);
    free(scratch->strip.data);
    free(scratch->resized_strip.data);
    image_release(&scratch->canonical);
    image_release(&scratch->thumbnail);
    image_release(&scratch->small);
    free(scratch);
    return NULL;
}
