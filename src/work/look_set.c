/* SPDX-License-Identifier: Apache-2.0 */
#include "work/look_set.h"

#include "image/near_hashes.h"
#include "mining/group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)LOOK_SET_MAX <= (int)NEAR_HASHES_MAX, "all can be grouped");

enum { FIRST_CAPACITY = 1024 };

void look_set_release(struct look_set *set)
{
    free(set->looks);
    free(set->heads);
    free(set->members);
    *set = (struct look_set){0};
}

/* ---- loading ---- */

struct loading {
    struct look_set *set;
    bool is_other;
};

static enum look_usage usage_of(const char *usage)
{
    if (!usage)
        return LOOK_USAGE_NONE;
    if (strcmp(usage, "TRAIN") == 0)
        return LOOK_USAGE_TRAIN;
    return strcmp(usage, "EVAL") == 0 || strcmp(usage, "TEST") == 0 ? LOOK_USAGE_HELD_OUT : LOOK_USAGE_NONE;
}

static bool read_id(const char *hex, unsigned char id[LOOK_ID_BYTES], const char *what, struct error *err)
{
    size_t bytes = 0;
    if (sodium_hex2bin(id, LOOK_ID_BYTES, hex, strlen(hex), NULL, &bytes, NULL) == 0 &&
        bytes == LOOK_ID_BYTES)
        return true;
    return error_set(err, ERR_INVALID, "%s '%.60s' is not 32 hex digits", what, hex);
}

static bool make_room(struct look_set *set, struct error *err)
{
    if (set->count < set->capacity)
        return true;
    if (set->count >= LOOK_SET_MAX)
        return error_set(err, ERR_LIMIT, "duplicates are looked for among at most %d samples at once",
                         LOOK_SET_MAX);
    size_t wanted = set->capacity == 0 ? FIRST_CAPACITY : (size_t)set->capacity * 3 / 2;
    wanted = wanted < LOOK_SET_MAX ? wanted : LOOK_SET_MAX;
    struct look *grown = realloc(set->looks, wanted * sizeof(*grown));
    if (!grown)
        return error_no_memory(err);
    set->looks = grown;
    set->capacity = (uint32_t)wanted;
    return true;
}

static bool take(void *state, const struct sample_seen *seen, struct error *err)
{
    struct loading *loading = state;
    struct look_set *set = loading->set;
    if (!seen->look.content_hash)
        return true;
    if (!make_room(set, err))
        return false;
    struct look *look = &set->looks[set->count];
    look->hash = seen->look.perceptual_hash;
    look->usage = (uint8_t)usage_of(seen->usage);
    look->is_labeled = seen->is_labeled;
    look->is_of_other = loading->is_other;
    memcpy(look->appearance, seen->look.appearance, sizeof(look->appearance));
    if (!read_id(seen->id, look->id, "id", err) ||
        !read_id(seen->look.content_hash, look->content, "content hash", err) ||
        !read_id(seen->labels, look->labels, "hash of labels", err))
        return false;
    set->count++;
    return true;
}

bool look_set_load(struct look_set *set, struct db *db, const char *dataset_id, bool is_other,
                   struct error *err)
{
    struct loading loading = {set, is_other};
    return sample_looks_visit(db, dataset_id, take, &loading, err);
}

/* ---- grouping ---- */

struct unlike {
    const struct look *looks;
    uint32_t *places; /* of those with different bytes, the first of each, in their order */
    uint64_t *hashes;
    uint32_t *heads;
    uint32_t count;
};

static bool look_same(const void *state, uint32_t one, uint32_t other)
{
    const struct unlike *unlike = state;
    const struct look *a = &unlike->looks[unlike->places[one]], *b = &unlike->looks[unlike->places[other]];
    /* Flat is who has fewer ones: whichever is asked about the other, the answer is the same. */
    bool is_first = near_hashes_apart(a->hash, 0) <= near_hashes_apart(b->hash, 0);
    return group_looks_same(is_first ? a->hash : b->hash, near_hashes_apart(a->hash, b->hash),
                            group_cosine(a->appearance, b->appearance, SAMPLE_LOOK_LENGTH));
}

struct keyed {
    unsigned char key[LOOK_ID_BYTES];
    uint32_t place;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *one = a, *other = b;
    int order = memcmp(one->key, other->key, sizeof(one->key));
    return order ? order : (one->place > other->place) - (one->place < other->place);
}

/* heads[i]: the first with the same bytes. */
static bool join_equal_bytes(struct look_set *set, struct error *err)
{
    struct keyed *sorted = calloc((size_t)set->count + 1, sizeof(*sorted));
    if (!sorted)
        return error_no_memory(err);
    for (uint32_t i = 0; i < set->count; i++) {
        memcpy(sorted[i].key, set->looks[i].content, sizeof(sorted[i].key));
        sorted[i].place = i;
    }
    qsort(sorted, set->count, sizeof(*sorted), by_key);
    for (uint32_t i = 0, head = 0; i < set->count; i++) {
        if (i == 0 || memcmp(sorted[i].key, sorted[i - 1].key, sizeof(sorted[i].key)) != 0)
            head = sorted[i].place;
        set->heads[sorted[i].place] = head;
    }
    free(sorted);
    return true;
}

static bool join_near(struct look_set *set, const struct look_grouping *how, struct unlike *unlike,
                      struct error *err)
{
    size_t room = (size_t)set->count + 1;
    unlike->places = calloc(room, sizeof(*unlike->places));
    unlike->hashes = calloc(room, sizeof(*unlike->hashes));
    unlike->heads = calloc(room, sizeof(*unlike->heads));
    uint32_t *numbers =
        set->members; /* of the first with some bytes, among the unlike; not used otherwise yet */
    if (!unlike->places || !unlike->hashes || !unlike->heads)
        return error_no_memory(err);
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->heads[i] != i)
            continue;
        numbers[i] = unlike->count;
        unlike->places[unlike->count] = i;
        unlike->hashes[unlike->count++] = set->looks[i].hash;
    }
    const struct near_hashes_grouping grouping = {.hashes = unlike->hashes,
                                                  .count = unlike->count,
                                                  .distance = how->distance,
                                                  .is_same = look_same,
                                                  .state = unlike,
                                                  .threads = how->threads,
                                                  .stop = how->stop};
    if (!near_hashes_group(&grouping, unlike->heads, &set->unheld, err))
        return false;
    for (uint32_t i = 0; i < set->count; i++)
        set->heads[i] = unlike->places[unlike->heads[numbers[set->heads[i]]]];
    return true;
}

/* By counting: those before the first of a head are those of the heads before it. */
static bool list_members(struct look_set *set, struct error *err)
{
    uint32_t *ends = calloc((size_t)set->count + 1, sizeof(*ends));
    if (!ends)
        return error_no_memory(err);
    for (uint32_t i = 0; i < set->count; i++)
        ends[set->heads[i] + 1]++;
    for (uint32_t i = 0; i < set->count; i++)
        ends[i + 1] += ends[i];
    for (uint32_t i = 0; i < set->count; i++)
        set->members[ends[set->heads[i]]++] = i;
    free(ends);
    return true;
}

bool look_set_group(struct look_set *set, const struct look_grouping *how, struct error *err)
{
    struct unlike unlike = {.looks = set->looks};
    set->heads = calloc((size_t)set->count + 1, sizeof(*set->heads));
    set->members = calloc((size_t)set->count + 1, sizeof(*set->members));
    if (!set->heads || !set->members)
        return error_no_memory(err);
    bool is_done = join_equal_bytes(set, err) && join_near(set, how, &unlike, err) && list_members(set, err);
    free(unlike.places);
    free(unlike.hashes);
    free(unlike.heads);
    return is_done;
}

/* ---- groups ---- */

static void add_member(struct look_group *group, const struct look *head, const struct look *labeled,
                       const struct look *look)
{
    group->is_exact = group->is_exact && memcmp(look->content, head->content, LOOK_ID_BYTES) == 0;
    group->is_across = group->is_across || look->is_of_other != head->is_of_other;
    if (labeled && look->is_labeled && memcmp(look->labels, labeled->labels, LOOK_ID_BYTES) != 0)
        group->is_contradiction = true;
}

bool look_set_next(const struct look_set *set, uint32_t *at, struct look_group *ret)
{
    while (*at < set->count) {
        uint32_t first = *at, end = first, usages = 0, head = set->heads[set->members[first]];
        struct look_group group = {.first = first, .is_exact = true};
        const struct look *labeled = NULL;
        for (; end < set->count && set->heads[set->members[end]] == head; end++) {
            const struct look *look = &set->looks[set->members[end]];
            usages |= 1U << look->usage;
            add_member(&group, &set->looks[head], labeled, look);
            if (look->is_labeled && !labeled)
                labeled = look;
        }
        *at = end;
        group.count = end - first;
        group.is_leak = (usages & 1U << LOOK_USAGE_TRAIN) && (usages & 1U << LOOK_USAGE_HELD_OUT);
        if (group.count < 2)
            continue;
        *ret = group;
        return true;
    }
    return false;
}

void look_set_id(const struct look *look, char ret_hex[HASH_HEX_BYTES])
{
    (void)sodium_bin2hex(ret_hex, HASH_HEX_BYTES, look->id, LOOK_ID_BYTES);
}
