/* SPDX-License-Identifier: Apache-2.0 */
/* What near_hashes.c and near_hashes_group.c share. */
#ifndef IMAGE_NEAR_HASHES_INDEX_H
#define IMAGE_NEAR_HASHES_INDEX_H

#include "image/near_hashes.h"

enum {
    NEAR_PARTS = 4,
    NEAR_PART_BITS = NEAR_HASHES_BITS / NEAR_PARTS,
    NEAR_VALUES = 1 << NEAR_PART_BITS,
    NEAR_MASKS_MAX = 1 + NEAR_PART_BITS + NEAR_PART_BITS * (NEAR_PART_BITS - 1) / 2,
};

struct near_entry {
    uint64_t hash;
    uint32_t place;
};
struct near_hashes {
    uint32_t count;
    /* One list after the other, by place in each; those of part p begin at p × count. */
    struct near_entry *entries;
    /* Of part p and value v the list begins at starts[p * (NEAR_VALUES + 1) + v], and the next one after. */
    uint32_t *starts;
};
struct near_list {
    const struct near_entry *entries;
    uint32_t count;
};
struct near_list near_hashes_list(const struct near_hashes *index, uint32_t part, uint32_t value);

/* Values of a part that may be looked for: which bits to turn; 0 first. Returns how many. */
uint32_t near_hashes_masks(uint32_t distance, uint16_t masks[NEAR_MASKS_MAX]);

static inline uint32_t near_part(uint64_t hash, uint32_t part)
{
    return (uint32_t)(hash >> (part * NEAR_PART_BITS)) & (NEAR_VALUES - 1);
}

/* Written out: without the processor's own instruction the compiler calls a function for each. */
static inline uint32_t near_ones(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555ULL;
    bits = (bits & 0x3333333333333333ULL) + (bits >> 2 & 0x3333333333333333ULL);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
    return (uint32_t)(bits * 0x0101010101010101ULL >> 56);
}

#endif
