/* SPDX-License-Identifier: Apache-2.0 */
#include "image/near_hashes_index.h"

#include <stdlib.h>

uint32_t near_hashes_apart(uint64_t one, uint64_t other)
{
    return near_ones(one ^ other);
}

static uint32_t *starts_of(const struct near_hashes *index, uint32_t part)
{
    return index->starts + (size_t)part * (NEAR_VALUES + 1);
}

/* Sorts by each part. */
static void fill(struct near_hashes *index, const uint64_t *hashes)
{
    for (uint32_t part = 0; part < NEAR_PARTS; part++) {
        uint32_t *starts = starts_of(index, part);
        struct near_entry *entries = index->entries + (size_t)part * index->count;
        for (uint32_t i = 0; i < index->count; i++)
            starts[near_part(hashes[i], part) + 1]++;
        for (uint32_t value = 0; value < NEAR_VALUES; value++)
            starts[value + 1] += starts[value];
        /* Each start moves to the end of its list, which is where the next begins: one back afterwards. */
        for (uint32_t i = 0; i < index->count; i++)
            entries[starts[near_part(hashes[i], part)]++] = (struct near_entry){hashes[i], i};
        for (uint32_t value = NEAR_VALUES; value > 0; value--)
            starts[value] = starts[value - 1];
        starts[0] = 0;
    }
}

bool near_hashes_new(const uint64_t *hashes, uint32_t count, struct near_hashes **ret, struct error *err)
{
    if (count > NEAR_HASHES_MAX)
        return error_set(err, ERR_LIMIT, "at most %d hashes are compared, not %u", NEAR_HASHES_MAX, count);
    AUTO(near_hashes) index = calloc(1, sizeof(*index));
    if (!index)
        return error_no_memory(err);
    index->count = count;
    index->entries = calloc((size_t)count * NEAR_PARTS + 1, sizeof(*index->entries));
    index->starts = calloc((size_t)NEAR_PARTS * (NEAR_VALUES + 1), sizeof(*index->starts));
    if (!index->entries || !index->starts)
        return error_no_memory(err);
    fill(index, hashes);
    *ret = TAKE(index);
    return true;
}

struct near_hashes *near_hashes_free(struct near_hashes *index)
{
    if (!index)
        return NULL;
    free(index->entries);
    free(index->starts);
    free(index);
    return NULL;
}

struct near_list near_hashes_list(const struct near_hashes *index, uint32_t part, uint32_t value)
{
    const uint32_t *starts = starts_of(index, part);
    return (struct near_list){index->entries + (size_t)part * index->count + starts[value],
                              starts[value + 1] - starts[value]};
}

uint32_t near_hashes_masks(uint32_t distance, uint16_t masks[NEAR_MASKS_MAX])
{
    uint32_t radius = distance / NEAR_PARTS, count = 0;
    masks[count++] = 0;
    for (uint32_t one = 0; one < NEAR_PART_BITS && radius >= 1; one++)
        masks[count++] = (uint16_t)(1U << one);
    for (uint32_t one = 0; one < NEAR_PART_BITS && radius >= 2; one++)
        for (uint32_t other = one + 1; other < NEAR_PART_BITS; other++)
            masks[count++] = (uint16_t)(1U << one | 1U << other);
    return count;
}

/* How many of the list lie before the place. */
static uint32_t count_before(struct near_list list, uint32_t place)
{
    uint32_t low = 0, high = list.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list.entries[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void near_hashes_find(const struct near_hashes *index, const struct near_hashes_query *query)
{
    uint16_t masks[NEAR_MASKS_MAX];
    uint32_t mask_count = near_hashes_masks(query->distance, masks);
    for (uint32_t part = 0; part < NEAR_PARTS; part++) {
        uint32_t looks = 0, value = near_part(query->hash, part);
        for (uint32_t m = 0; m < mask_count && looks < query->looks_max; m++) {
            struct near_list list = near_hashes_list(index, part, value ^ masks[m]);
            uint32_t i = count_before(list, query->from);
            for (; i < list.count && looks < query->looks_max; i++, looks++)
                if (near_ones(query->hash ^ list.entries[i].hash) <= query->distance)
                    query->take(query->state, list.entries[i].place);
        }
    }
}
