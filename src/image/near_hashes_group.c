/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Equal hashes first, so that a hash which many have costs no more than one: what is left of each, its
 * delegates, is joined list by list. Groups are a forest that all threads link in at once without locks
 * (Anderson & Woll, STOC 1991): a root is only ever linked below a smaller one, so the root of a finished
 * tree is its smallest place whatever the order.
 */
#include "image/near_hashes_index.h"

#include <stdlib.h>

enum { BLOCK_VALUES = 64 }; /* of a part, handed out together */

struct node {
    _Atomic uint32_t parent; /* itself: a root */
};
struct grouping {
    const struct near_hashes_grouping *wanted;
    struct node *nodes;        /* by place */
    struct near_entry *sorted; /* by hash, then place */
    uint32_t *delegates;       /* places */
    uint64_t *hashes;          /* of the delegates */
    uint32_t delegate_count;
    uint64_t unheld;
    struct near_hashes *index; /* of the delegates, by number */
    uint16_t masks[NEAR_MASKS_MAX];
    uint32_t mask_count, radius;
    atomic_uint next_block;
};

static bool is_stopped(const struct grouping *grouping)
{
    const struct stop_flag *stop = grouping->wanted->stop;
    return stop && atomic_load_explicit(&stop->is_set, memory_order_relaxed);
}

static bool stopped(struct error *err)
{
    return error_set(err, ERR_CANCELLED, "stopped");
}

static uint32_t root_of(struct node *nodes, uint32_t place)
{
    for (;;) {
        uint32_t parent = atomic_load_explicit(&nodes[place].parent, memory_order_relaxed);
        uint32_t above = atomic_load_explicit(&nodes[parent].parent, memory_order_relaxed);
        if (parent == above)
            return parent;
        /* The way becomes half as long for the next; when another was quicker, that is as good. */
        (void)atomic_compare_exchange_weak_explicit(&nodes[place].parent, &parent, above,
                                                    memory_order_relaxed, memory_order_relaxed);
        place = above;
    }
}

static void unite(struct node *nodes, uint32_t one, uint32_t other)
{
    for (;;) {
        one = root_of(nodes, one);
        other = root_of(nodes, other);
        if (one == other)
            return;
        uint32_t larger = one > other ? one : other, smaller = one > other ? other : one, expected = larger;
        if (atomic_compare_exchange_strong_explicit(&nodes[larger].parent, &expected, smaller,
                                                    memory_order_relaxed, memory_order_relaxed))
            return;
    }
}

static bool is_same(const struct grouping *grouping, uint32_t one, uint32_t other)
{
    const struct near_hashes_grouping *wanted = grouping->wanted;
    return !wanted->is_same || wanted->is_same(wanted->state, one, other);
}

/* ---- equal hashes ---- */

static int by_hash(const void *a, const void *b)
{
    const struct near_entry *one = a, *other = b;
    if (one->hash != other->hash)
        return one->hash < other->hash ? -1 : 1;
    return (one->place > other->place) - (one->place < other->place);
}

/* One of a run of equal hashes whose delegates so far begin at `first`. */
static void hold_against_equals(struct grouping *grouping, uint32_t first, const struct near_entry *entry)
{
    for (uint32_t i = first; i < grouping->delegate_count; i++) {
        if (!is_same(grouping, grouping->delegates[i], entry->place))
            continue;
        unite(grouping->nodes, grouping->delegates[i], entry->place);
        return;
    }
    if (grouping->delegate_count - first == NEAR_HASHES_LOOKS_OF_ONE_MAX) {
        grouping->unheld++;
        return;
    }
    grouping->hashes[grouping->delegate_count] = entry->hash;
    grouping->delegates[grouping->delegate_count++] = entry->place;
}

static bool join_equal(struct grouping *grouping, struct error *err)
{
    uint32_t count = grouping->wanted->count, first = 0;
    for (uint32_t i = 0; i < count; i++)
        grouping->sorted[i] = (struct near_entry){grouping->wanted->hashes[i], i};
    qsort(grouping->sorted, count, sizeof(*grouping->sorted), by_hash);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || grouping->sorted[i].hash != grouping->sorted[i - 1].hash)
            first = grouping->delegate_count;
        hold_against_equals(grouping, first, &grouping->sorted[i]);
        if (i % 1024 == 0 && is_stopped(grouping))
            return stopped(err);
    }
    return true;
}

/* ---- near hashes ---- */

/* Another thread or an earlier part finds this pair too: it is looked at only once. */
static bool is_found_before(const struct grouping *grouping, uint64_t differing, uint32_t part)
{
    for (uint32_t before = 0; before < part; before++)
        if (near_ones(near_part(differing, before)) <= grouping->radius)
            return true;
    return false;
}

static void join_pair(struct grouping *grouping, const struct near_entry *one, const struct near_entry *other,
                      uint32_t part)
{
    uint64_t differing = one->hash ^ other->hash;
    uint32_t place = grouping->delegates[one->place], with = grouping->delegates[other->place];
    if (differing == 0 || is_found_before(grouping, differing, part))
        return;
    if (root_of(grouping->nodes, place) != root_of(grouping->nodes, with) && is_same(grouping, place, with))
        unite(grouping->nodes, place, with);
}

static void join_lists(struct grouping *grouping, uint32_t part, uint32_t value, uint32_t other_value)
{
    struct near_list list = near_hashes_list(grouping->index, part, value);
    struct near_list other = near_hashes_list(grouping->index, part, other_value);
    uint32_t distance = grouping->wanted->distance;
    for (uint32_t i = 0; i < list.count; i++) {
        uint64_t hash = list.entries[i].hash;
        for (uint32_t j = value == other_value ? i + 1 : 0; j < other.count; j++)
            if (near_ones(hash ^ other.entries[j].hash) <= distance)
                join_pair(grouping, &list.entries[i], &other.entries[j], part);
        if (i % 64 == 63 && is_stopped(grouping))
            return;
    }
}

static bool join_blocks(void *state, uint32_t index, struct error *err)
{
    struct grouping *grouping = state;
    enum { BLOCKS_OF_PART = NEAR_VALUES / BLOCK_VALUES };
    (void)index;
    for (uint32_t block;
         (block = atomic_fetch_add(&grouping->next_block, 1)) < NEAR_PARTS * BLOCKS_OF_PART;) {
        uint32_t part = block / BLOCKS_OF_PART, first = block % BLOCKS_OF_PART * BLOCK_VALUES;
        for (uint32_t value = first; value < first + BLOCK_VALUES; value++) {
            if (is_stopped(grouping))
                return stopped(err);
            /* A pair of lists once: from the smaller value. */
            for (uint32_t m = 0; m < grouping->mask_count; m++)
                if ((value ^ grouping->masks[m]) >= value)
                    join_lists(grouping, part, value, value ^ grouping->masks[m]);
        }
    }
    return !is_stopped(grouping) || stopped(err);
}

static bool make_room(struct grouping *grouping, struct error *err)
{
    size_t count = (size_t)grouping->wanted->count + 1;
    grouping->nodes = calloc(count, sizeof(*grouping->nodes));
    grouping->sorted = calloc(count, sizeof(*grouping->sorted));
    grouping->delegates = calloc(count, sizeof(*grouping->delegates));
    grouping->hashes = calloc(count, sizeof(*grouping->hashes));
    if (!grouping->nodes || !grouping->sorted || !grouping->delegates || !grouping->hashes)
        return error_no_memory(err);
    for (uint32_t i = 0; i < grouping->wanted->count; i++)
        atomic_init(&grouping->nodes[i].parent, i);
    return true;
}

static bool group(struct grouping *grouping, uint32_t *ret_heads, struct error *err)
{
    const struct near_hashes_grouping *wanted = grouping->wanted;
    if (!make_room(grouping, err) || !join_equal(grouping, err))
        return false;
    free(grouping->sorted);
    grouping->sorted = NULL;
    grouping->radius = wanted->distance / NEAR_PARTS;
    grouping->mask_count = near_hashes_masks(wanted->distance, grouping->masks);
    if (!near_hashes_new(grouping->hashes, grouping->delegate_count, &grouping->index, err) ||
        !workers_run(wanted->threads, join_blocks, grouping, err))
        return false;
    for (uint32_t i = 0; i < wanted->count; i++)
        ret_heads[i] = root_of(grouping->nodes, i);
    return true;
}

bool near_hashes_group(const struct near_hashes_grouping *wanted, uint32_t *ret_heads, uint64_t *ret_unheld,
                       struct error *err)
{
    struct grouping grouping = {.wanted = wanted};
    if (wanted->count > NEAR_HASHES_MAX)
        return error_set(err, ERR_LIMIT, "at most %d hashes are compared, not %u", NEAR_HASHES_MAX,
                         wanted->count);
    if (wanted->distance > NEAR_HASHES_DISTANCE_MAX)
        return error_set(err, ERR_LIMIT, "hashes are near up to %d bits, not %u", NEAR_HASHES_DISTANCE_MAX,
                         wanted->distance);
    bool is_done = group(&grouping, ret_heads, err);
    if (is_done)
        *ret_unheld = grouping.unheld;
    free(grouping.nodes);
    free(grouping.sorted);
    free(grouping.delegates);
    free(grouping.hashes);
    near_hashes_free(grouping.index);
    return is_done;
}
