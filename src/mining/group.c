/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/group.h"

#include "image/near_hashes.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)GROUP_IMAGES_MAX <= (int)NEAR_HASHES_MAX, "all images of a group are in one index");

static const uint32_t nobody = UINT32_MAX;

struct grouping {
    const struct group_input *input;
    uint32_t *leaders; /* `nobody`: free */
    double *norms;     /* of each vector; 0: it has no direction */
    struct near_hashes *index;
    uint32_t leader;   /* of the moment */
    uint32_t refused;  /* by it, by appearance */
    uint32_t *in_turn; /* images by record */
    uint32_t *places;  /* of each image in it */
};

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

double group_cosine(const int8_t *one, const int8_t *other, uint32_t length)
{
    double norms = sqrt((double)dot(one, one, length)) * sqrt((double)dot(other, other, length));
    return norms > 0 ? (double)dot(one, other, length) / norms : (double)NAN;
}

/* Of images with hardly any structure the hash is the same whatever they show. */
static bool is_flat(uint64_t hash)
{
    return near_hashes_apart(hash, 0) < GROUP_FLAT_BITS;
}

bool group_looks_same(uint64_t hash, uint32_t apart, double cosine)
{
    if (isnan(cosine))
        return apart == 0 && !is_flat(hash);
    return cosine >= (is_flat(hash) ? GROUP_FLAT_COSINE : GROUP_COSINE);
}

static bool is_near_duplicate(const struct grouping *grouping, uint32_t leader, uint32_t other)
{
    const struct group_image *one = &grouping->input->images[leader], *two = &grouping->input->images[other];
    uint32_t apart = near_hashes_apart(one->hash, two->hash);
    if (apart > GROUP_HASH_BITS || one->answer != two->answer)
        return false;
    return group_looks_same(one->hash, apart, cosine_of(grouping, leader, other));
}

static bool is_next_frame(const struct grouping *grouping, uint32_t leader, uint32_t other)
{
    const struct group_image *one = &grouping->input->images[leader], *two = &grouping->input->images[other];
    return !is_flat(one->hash) && near_hashes_apart(one->hash, two->hash) <= GROUP_FRAME_BITS &&
           cosine_of(grouping, leader, other) >= GROUP_FRAME_COSINE; /* false for NaN */
}

/* One with a near hash; also one that another part of the hash has found already. */
static void take_near(void *state, uint32_t image)
{
    struct grouping *grouping = state;
    if (grouping->leaders[image] != nobody || grouping->refused >= GROUP_REFUSED_MAX)
        return;
    if (is_near_duplicate(grouping, grouping->leader, image))
        grouping->leaders[image] = grouping->leader;
    else
        grouping->refused++;
}

/* A leader looks only behind itself: what lies ahead is taken. */
static void take_near_duplicates(struct grouping *grouping, uint32_t leader)
{
    const struct near_hashes_query query = {.hash = grouping->input->images[leader].hash,
                                            .from = leader + 1,
                                            .distance = GROUP_HASH_BITS,
                                            .looks_max = GROUP_LOOKS_MAX,
                                            .take = take_near,
                                            .state = grouping};
    grouping->leader = leader;
    grouping->refused = 0;
    near_hashes_find(grouping->index, &query);
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

static bool make_index(struct grouping *grouping, struct error *err)
{
    const struct group_input *input = grouping->input;
    uint64_t *hashes = calloc((size_t)input->count + 1, sizeof(*hashes));
    if (!hashes)
        return error_no_memory(err);
    for (uint32_t i = 0; i < input->count; i++)
        hashes[i] = input->images[i].hash;
    bool is_done = near_hashes_new(hashes, input->count, &grouping->index, err);
    free(hashes);
    return is_done;
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
    grouping->in_turn = calloc(count, sizeof(*grouping->in_turn));
    grouping->places = calloc(count, sizeof(*grouping->places));
    if (!grouping->norms || !grouping->in_turn || !grouping->places)
        return error_no_memory(err);
    if (!put_in_turn(grouping, err) || !make_index(grouping, err))
        return false;
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
    near_hashes_free(grouping.index);
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
