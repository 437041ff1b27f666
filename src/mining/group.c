/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 4, PART_BITS = 16, PART_VALUES = 1 << PART_BITS };

/* An image in the list of those with one value of one part of the hash. */
struct entry {
    uint64_t hash;
    uint32_t image;
};
static const uint32_t nobody = UINT32_MAX;

struct grouping {
    const struct group_input *input;
    uint32_t *leaders; /* `nobody`: free */
    double *norms;     /* of each vector; 0: it has no direction */
    /* One list after the other, the hardest ahead in each; the lists of part p begin at p × count. A leader
     * looks only behind itself: what lies ahead is taken. */
    struct entry *entries;
    uint32_t *firsts, *ends; /* of each of PARTS × PART_VALUES lists, in the entries of its part */
    uint32_t refused;        /* by appearance, by the leader of the moment */
    uint32_t *in_turn;       /* images by record */
    uint32_t *places;        /* of each image in it */
};

static uint32_t part_of(uint64_t hash, uint32_t part)
{
    return (uint32_t)(hash >> (part * PART_BITS)) & (PART_VALUES - 1);
}

/* Written out: without the processor's own instruction the compiler calls a function for each. */
static uint32_t ones(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555ULL;
    bits = (bits & 0x3333333333333333ULL) + (bits >> 2 & 0x3333333333333333ULL);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0FULL;
    return (uint32_t)(bits * 0x0101010101010101ULL >> 56);
}

static int32_t dot(const int8_t *a, const int8_t *b, uint32_t length)
{
    int32_t sum = 0; /* at most 4096 × 127² */
    for (uint32_t i = 0; i < length; i++)
        sum += (int32_t)a[i] * (int32_t)b[i];
    return sum;
}

static const int8_t *vector_of(const struct grouping *grouping, uint32_t image)
{
    return grouping->input->vectors + (size_t)image * grouping->input->length;
}

/* NaN: at least one of them has no vector with a direction. */
static double cosine_of(const struct grouping *grouping, uint32_t one, uint32_t other)
{
    uint32_t known = grouping->input->vectors_count;
    if (one >= known || other >= known)
        return (double)NAN;
    double norms = grouping->norms[one] * grouping->norms[other];
    int32_t product = dot(vector_of(grouping, one), vector_of(grouping, other), grouping->input->length);
    return norms > 0 ? (double)product / norms : (double)NAN;
}

/* Of images with hardly any structure the hash is the same whatever they show. */
static bool is_flat(const struct group_image *image)
{
    return ones(image->hash) < GROUP_FLAT_BITS;
}

static bool is_near_duplicate(const struct grouping *grouping, uint32_t leader, uint32_t other)
{
    const struct group_image *one = &grouping->input->images[leader], *two = &grouping->input->images[other];
    uint32_t apart = ones(one->hash ^ two->hash);
    if (apart > GROUP_HASH_BITS || one->answer != two->answer)
        return false;
    double cosine = cosine_of(grouping, leader, other);
    if (isnan(cosine))
        return apart == 0 && !is_flat(one);
    return cosine >= (is_flat(one) ? GROUP_FLAT_COSINE : GROUP_COSINE);
}

static bool is_next_frame(const struct grouping *grouping, uint32_t leader, uint32_t other)
{
    const struct group_image *one = &grouping->input->images[leader], *two = &grouping->input->images[other];
    return !is_flat(one) && ones(one->hash ^ two->hash) <= GROUP_FRAME_BITS &&
           cosine_of(grouping, leader, other) >= GROUP_FRAME_COSINE; /* false for NaN */
}

/* Holds the leader against the images with one value of one part. */
static void look_through(struct grouping *grouping, uint32_t leader, uint32_t part, uint32_t value,
                         uint32_t *looks)
{
    const struct entry *entries = grouping->entries + (size_t)part * grouping->input->count;
    uint32_t *first = &grouping->firsts[part * PART_VALUES + value];
    uint32_t end = grouping->ends[part * PART_VALUES + value];
    uint64_t hash = grouping->input->images[leader].hash;
    while (*first < end && entries[*first].image <= leader)
        (*first)++;
    for (uint32_t i = *first; i < end && *looks < GROUP_LOOKS_MAX; i++, (*looks)++) {
        uint32_t image = entries[i].image;
        if (ones(hash ^ entries[i].hash) > GROUP_HASH_BITS || grouping->leaders[image] != nobody ||
            grouping->refused >= GROUP_REFUSED_MAX)
            continue;
        if (is_near_duplicate(grouping, leader, image))
            grouping->leaders[image] = leader;
        else
            grouping->refused++;
    }
}

static void take_near_duplicates(struct grouping *grouping, uint32_t leader)
{
    uint64_t hash = grouping->input->images[leader].hash;
    grouping->refused = 0;
    for (uint32_t part = 0; part < PARTS; part++) {
        uint32_t looks = 0, value = part_of(hash, part);
        look_through(grouping, leader, part, value, &looks);
        for (uint32_t bit = 0; bit < PART_BITS; bit++)
            look_through(grouping, leader, part, value ^ 1U << bit, &looks);
    }
}

static void take_frames(struct grouping *grouping, uint32_t leader)
{
    const struct group_image *images = grouping->input->images;
    uint32_t count = grouping->input->count, place = grouping->places[leader];
    uint32_t first = place > GROUP_FRAMES_APART ? place - GROUP_FRAMES_APART : 0;
    for (uint32_t i = first; i < count && i <= place + GROUP_FRAMES_APART; i++) {
        uint32_t image = grouping->in_turn[i];
        uint64_t one = images[leader].record, other = images[image].record;
        uint64_t apart = one > other ? one - other : other - one;
        if (grouping->leaders[image] == nobody && apart <= GROUP_FRAMES_APART &&
            is_next_frame(grouping, leader, image))
            grouping->leaders[image] = leader;
    }
}

struct turn {
    uint64_t record;
    uint32_t image;
};

static int by_record(const void *a, const void *b)
{
    const struct turn *one = a, *other = b;
    return one->record < other->record ? -1 : one->record > other->record;
}

static bool put_in_turn(struct grouping *grouping, struct error *err)
{
    uint32_t count = grouping->input->count;
    struct turn *turns = calloc((size_t)count + 1, sizeof(*turns));
    if (!turns)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        turns[i] = (struct turn){grouping->input->images[i].record, i};
    qsort(turns, count, sizeof(*turns), by_record);
    for (uint32_t i = 0; i < count; i++) {
        grouping->in_turn[i] = turns[i].image;
        grouping->places[turns[i].image] = i;
    }
    free(turns);
    return true;
}

/* Sorts the images by each part. */
static void fill_lists(struct grouping *grouping)
{
    const struct group_input *input = grouping->input;
    for (uint32_t part = 0; part < PARTS; part++) {
        uint32_t *firsts = grouping->firsts + (size_t)part * PART_VALUES;
        uint32_t *ends = grouping->ends + (size_t)part * PART_VALUES, sum = 0;
        struct entry *entries = grouping->entries + (size_t)part * input->count;
        for (uint32_t i = 0; i < input->count; i++)
            ends[part_of(input->images[i].hash, part)]++;
        for (uint32_t value = 0; value < PART_VALUES; value++) {
            firsts[value] = sum;
            sum += ends[value];
            ends[value] = firsts[value];
        }
        for (uint32_t i = 0; i < input->count; i++) {
            uint64_t hash = input->images[i].hash;
            entries[ends[part_of(hash, part)]++] = (struct entry){hash, i};
        }
    }
}

static void take_norms(struct grouping *grouping)
{
    const struct group_input *input = grouping->input;
    for (uint32_t i = 0; i < input->vectors_count; i++) {
        const int8_t *vector = vector_of(grouping, i);
        grouping->norms[i] = sqrt((double)dot(vector, vector, input->length));
    }
}

static bool group_all(struct grouping *grouping, struct error *err)
{
    const struct group_input *input = grouping->input;
    size_t count = (size_t)input->count + 1;
    grouping->norms = calloc((size_t)input->vectors_count + 1, sizeof(*grouping->norms));
    grouping->entries = calloc(count * PARTS, sizeof(*grouping->entries));
    grouping->firsts = calloc((size_t)PARTS * PART_VALUES, sizeof(*grouping->firsts));
    grouping->ends = calloc((size_t)PARTS * PART_VALUES, sizeof(*grouping->ends));
    grouping->in_turn = calloc(count, sizeof(*grouping->in_turn));
    grouping->places = calloc(count, sizeof(*grouping->places));
    if (!grouping->norms || !grouping->entries || !grouping->firsts || !grouping->ends ||
        !grouping->in_turn || !grouping->places)
        return error_no_memory(err);
    if (!put_in_turn(grouping, err))
        return false;
    fill_lists(grouping);
    take_norms(grouping);
    memset(grouping->leaders, 0xFF, sizeof(*grouping->leaders) * input->count);
    for (uint32_t i = 0; i < input->count; i++) {
        if (grouping->leaders[i] != nobody)
            continue;
        grouping->leaders[i] = i;
        take_near_duplicates(grouping, i);
        take_frames(grouping, i);
    }
    return true;
}

bool group_images(const struct group_input *input, uint32_t *ret_leaders, struct error *err)
{
    struct grouping grouping = {.input = input};
    grouping.leaders = ret_leaders;
    if (input->count > GROUP_IMAGES_MAX || input->length > GROUP_VECTOR_MAX ||
        input->vectors_count > input->count)
        return error_set(err, ERR_LIMIT, "at most %d images are grouped, not %u", GROUP_IMAGES_MAX,
                         input->count);
    bool is_done = group_all(&grouping, err);
    free(grouping.norms);
    free(grouping.entries);
    free(grouping.firsts);
    free(grouping.ends);
    free(grouping.in_turn);
    free(grouping.places);
    return is_done;
}

void group_vector(const float *vector, uint32_t length, int8_t *ret)
{
    float most = 0;
    for (uint32_t i = 0; i < length; i++)
        most = fmaxf(most, fabsf(vector[i]));
    memset(ret, 0, length);
    for (uint32_t i = 0; i < length && most > 0; i++)
        ret[i] = (int8_t)lrintf(vector[i] / most * 127.0F);
}
