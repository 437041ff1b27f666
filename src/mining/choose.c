/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/choose.h"

#include "mining/group.h"
#include "mining/neighbours.h"
#include "mining/select.h"
#include "mining/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A record and its place in a list: of the hard images (its rank), of the pool, or of choice.named. */
struct placed {
    uint64_t record;
    uint32_t place;
};

struct choosing {
    const struct choose_input *input;
    const struct record_header *header;
    struct choice *choice;
    uint64_t *order; /* hard records, hardest first */
    size_t count;

    /* Of each hard image by rank; groups hold the hardest `group.count` of them. */
    struct group_image *images;
    uint32_t *classes; /* predicted; header->classes: none */
    uint32_t *leaders;
    bool *is_listed;
    int8_t *vectors;
    struct group_input group;

    uint64_t *rooms; /* of each class and of none: places left */
    uint64_t places;

    /* The pool that the budget is spread over. */
    uint32_t *pool; /* ranks, hardest first */
    uint32_t pool_count;
    float *rows;
    uint32_t row_length;

    /* What workers read, by record, and what they do with each. */
    struct placed *in_turn;
    size_t in_turn_count;
    atomic_uint next_shard;
    void (*read)(struct choosing *choosing, const struct record *record, uint32_t place);
};

bool choose_needs_records(const struct mining_plan *plan)
{
    bool has_budget = plan->top_count > 0 || plan->top_percent > 0;
    return plan->groups || plan->per_class > 0 || (has_budget && plan->diversity > 0);
}

uint64_t choose_reach(const struct mining_plan *plan, uint64_t analysed)
{
    uint64_t cap = mining_plan_cap(plan, analysed);
    if (cap == UINT64_MAX || plan->groups || plan->per_class > 0)
        return UINT64_MAX;
    return plan->diversity > 0 ? cap * CHOOSE_POOL_FACTOR : cap;
}

/* ---- reading records ---- */

static int by_record(const void *a, const void *b)
{
    const struct placed *one = a, *other = b;
    return one->record < other->record ? -1 : one->record > other->record;
}

/* The first place in in_turn of a record at or behind this one. */
static size_t place_of(const struct choosing *choosing, uint64_t record)
{
    size_t low = 0, high = choosing->in_turn_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (choosing->in_turn[middle].record < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool read_shard(struct choosing *choosing, uint32_t number, struct error *err)
{
    const struct record_set *set = choosing->input->records;
    size_t at = place_of(choosing, record_set_shard_first(set, number));
    size_t end = place_of(choosing, record_set_shard_end(set, number));
    struct record_shard *opened = NULL;
    if (at == end)
        return true;
    if (!record_shard_open(set, number, &opened, err))
        return false;
    AUTO(record_shard) shard = opened;
    for (; at < end; at++) {
        struct record record;
        uint64_t row = choosing->in_turn[at].record - record_shard_first(shard);
        record_shard_get(shard, (uint32_t)row, &record);
        choosing->read(choosing, &record, choosing->in_turn[at].place);
    }
    return true;
}

static bool worker(void *state, uint32_t index, struct error *err)
{
    struct choosing *choosing = state;
    (void)index;
    for (;;) {
        uint32_t number = atomic_fetch_add(&choosing->next_shard, 1);
        if (number >= record_set_shards(choosing->input->records))
            return true;
        if (choosing->input->stop && atomic_load(&choosing->input->stop->is_set))
            return error_set(err, ERR_CANCELLED, "mining was stopped");
        if (!read_shard(choosing, number, err))
            return false;
    }
}

/* Reads `count` hard images, those of these ranks, or NULL: the hardest. Tells `read` their places in
 * `ranks`.
 */
static bool read_records(struct choosing *choosing, const uint32_t *ranks, size_t count, struct error *err)
{
    choosing->in_turn_count = count;
    for (size_t i = 0; i < count; i++)
        choosing->in_turn[i] = (struct placed){choosing->order[ranks ? ranks[i] : i], (uint32_t)i};
    qsort(choosing->in_turn, count, sizeof(*choosing->in_turn), by_record);
    atomic_store(&choosing->next_shard, 0);
    return workers_run(choosing->input->threads, worker, choosing, err);
}

/* Of a detector: which boxes of which classes, whatever their order. */
static uint32_t answer_of(const struct record_header *header, const struct record *record)
{
    uint64_t answer = 0;
    uint32_t count = record_answers(header, record->candidates, record->candidate_count);
    for (uint32_t i = 0; i < count; i++)
        answer += (record->candidates[i].label + 1) * 0x9E3779B97F4A7C15ULL;
    return (uint32_t)(answer >> 32) ^ (uint32_t)answer;
}

static void read_image(struct choosing *choosing, const struct record *record, uint32_t rank)
{
    const struct record_header *header = choosing->header;
    bool is_detection = header->type == MODEL_TYPE_DETECTION;
    float score = 0;
    uint32_t class_index = record_predicted(header, record, &score);
    choosing->classes[rank] = class_index < header->classes ? class_index : header->classes;
    choosing->images[rank] =
        (struct group_image){.record = choosing->order[rank],
                             .hash = record->perceptual_hash,
                             .answer = is_detection ? answer_of(header, record) : choosing->classes[rank]};
    if (rank < choosing->group.vectors_count && record->appearance)
        group_vector(record->appearance, header->appearance_length,
                     choosing->vectors + (size_t)rank * header->appearance_length);
}

/* ---- groups ---- */

static bool take_images(struct choosing *choosing, struct error *err)
{
    size_t count = choosing->count;
    uint32_t length = choosing->header->appearance_length;
    uint64_t most_bytes = choosing->input->vectors_max_bytes;
    uint64_t fitting = length > 0 && length <= GROUP_VECTOR_MAX ? most_bytes / length : 0;
    bool groups = choosing->input->plan->groups;
    struct group_input *group = &choosing->group;
    group->count = (uint32_t)(count < GROUP_IMAGES_MAX ? count : GROUP_IMAGES_MAX);
    group->vectors_count = groups ? (uint32_t)(group->count < fitting ? group->count : fitting) : 0;
    group->length = group->vectors_count > 0 ? length : 0;
    choosing->images = calloc(count + 1, sizeof(*choosing->images));
    choosing->classes = calloc(count + 1, sizeof(*choosing->classes));
    choosing->leaders = calloc(count + 1, sizeof(*choosing->leaders));
    choosing->is_listed = calloc(count + 1, sizeof(*choosing->is_listed));
    choosing->in_turn = calloc(count + 1, sizeof(*choosing->in_turn));
    choosing->vectors = calloc((size_t)group->vectors_count * length + 1, sizeof(*choosing->vectors));
    if (!choosing->images || !choosing->classes || !choosing->leaders || !choosing->is_listed ||
        !choosing->in_turn || !choosing->vectors)
        return error_no_memory(err);
    group->images = choosing->images;
    group->vectors = choosing->vectors;
    choosing->read = read_image;
    return !choose_needs_records(choosing->input->plan) || read_records(choosing, NULL, count, err);
}

static bool gather(struct choosing *choosing, struct error *err)
{
    struct choice *choice = choosing->choice;
    for (size_t i = 0; i < choosing->count; i++)
        choosing->leaders[i] = (uint32_t)i;
    if (!choosing->input->plan->groups)
        return true;
    if (!group_images(&choosing->group, choosing->leaders, err))
        return false;
    choice->by_hash = choosing->count - choosing->group.vectors_count;
    for (size_t i = 0; i < choosing->count; i++)
        choice->represented += choosing->leaders[i] != i;
    return true;
}

/* ---- the budget ---- */

static bool is_leader(const struct choosing *choosing, size_t rank)
{
    return choosing->leaders[rank] == rank;
}

/* What each class may still have, and how many places there are: what the cap, classes and images allow. */
static bool count_places(struct choosing *choosing, struct error *err)
{
    const struct mining_plan *plan = choosing->input->plan;
    size_t classes = (size_t)choosing->header->classes + 1;
    uint64_t analysed = 0, allowed = 0, images = record_set_count(choosing->input->records);
    choosing->rooms = calloc(classes, sizeof(*choosing->rooms));
    if (!choosing->rooms)
        return error_no_memory(err);
    for (uint64_t i = 0; i < images; i++)
        analysed += choosing->input->coefficients[i] >= 0;
    for (size_t i = 0; i < choosing->count; i++) {
        uint64_t *in_class = &choosing->rooms[choosing->classes[i]];
        bool has_room = is_leader(choosing, i) && (plan->per_class == 0 || *in_class < plan->per_class);
        *in_class += has_room;
        allowed += has_room;
    }
    for (size_t c = 0; c < classes; c++)
        choosing->rooms[c] = plan->per_class > 0 ? plan->per_class : UINT64_MAX;
    uint64_t cap = mining_plan_cap(plan, analysed);
    choosing->places = cap < allowed ? cap : allowed;
    return true;
}

/* Lists an image when there is a place for it. */
static bool list_image(struct choosing *choosing, uint32_t rank)
{
    uint64_t *room = &choosing->rooms[choosing->classes[rank]];
    if (choosing->places == 0 || *room == 0 || choosing->is_listed[rank])
        return false;
    choosing->places--;
    (*room)--;
    choosing->is_listed[rank] = true;
    return true;
}

static void list_hardest(struct choosing *choosing)
{
    for (size_t i = 0; i < choosing->count && choosing->places > 0; i++)
        if (is_leader(choosing, i))
            (void)list_image(choosing, (uint32_t)i);
}

/* ---- likeness ---- */

static void read_vectors(struct choosing *choosing, const struct record *record, uint32_t place)
{
    uint32_t length = choosing->header->appearance_length;
    float *row = choosing->rows + (size_t)place * choosing->row_length;
    /* Both of norm 1: they weigh the same. */
    if (record->appearance)
        (void)neighbour_normalise(record->appearance, length, row);
    if (record->embedding)
        (void)neighbour_normalise(record->embedding, choosing->header->embedding_length, row + length);
}

/* The hardest, but of one class no more than the factor times what may be listed. */
static bool take_pool(struct choosing *choosing, struct error *err)
{
    const struct record_header *header = choosing->header;
    choosing->row_length = header->appearance_length + header->embedding_length;
    if (choosing->row_length == 0 || choosing->row_length > SPREAD_LENGTH_MAX)
        return true;
    uint64_t fitting = choosing->input->pool_max_bytes / (choosing->row_length * sizeof(float));
    uint64_t wanted = choosing->places < fitting ? choosing->places * CHOOSE_POOL_FACTOR : fitting;
    uint64_t per_class = choosing->input->plan->per_class;
    uint64_t most = per_class > 0 ? per_class * CHOOSE_POOL_FACTOR : UINT64_MAX;
    wanted = wanted < fitting ? wanted : fitting;
    wanted = wanted < choosing->count ? wanted : choosing->count;
    choosing->pool = calloc(wanted + 1, sizeof(*choosing->pool));
    uint64_t *in_class = calloc((size_t)header->classes + 1, sizeof(*in_class));
    for (size_t i = 0; choosing->pool && in_class && i < choosing->count && choosing->pool_count < wanted;
         i++)
        if (is_leader(choosing, i) && in_class[choosing->classes[i]]++ < most)
            choosing->pool[choosing->pool_count++] = (uint32_t)i;
    bool is_done = choosing->pool && in_class;
    free(in_class);
    if (!is_done)
        return error_no_memory(err);
    choosing->rows = calloc((size_t)choosing->pool_count * choosing->row_length + 1, sizeof(*choosing->rows));
    choosing->read = read_vectors;
    return choosing->rows ? read_records(choosing, choosing->pool, choosing->pool_count, err)
                          : error_no_memory(err);
}

/* The hardest image of all; of each cluster the image in its middle, or when that has no place, the hardest
 * that has one. Hardest first: per_class leaves places to few. */
static void list_of_clusters(struct choosing *choosing, const struct spread_output *spread, bool *is_met)
{
    uint32_t count = choosing->pool_count;
    is_met[spread->clusters[0]] = list_image(choosing, choosing->pool[0]);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t cluster = spread->clusters[i];
        if (spread->middles[cluster] == i && !is_met[cluster])
            is_met[cluster] = list_image(choosing, choosing->pool[i]);
    }
    for (uint32_t i = 0; i < count; i++)
        if (!is_met[spread->clusters[i]])
            is_met[spread->clusters[i]] = list_image(choosing, choosing->pool[i]);
}

static bool list_by_likeness(struct choosing *choosing, uint64_t places, struct error *err)
{
    uint32_t count = choosing->pool_count;
    double *weights = calloc((size_t)count + 1, sizeof(*weights));
    bool *is_met = calloc((size_t)places + 1, sizeof(*is_met));
    struct spread_output spread = {.clusters = calloc((size_t)count + 1, sizeof(*spread.clusters)),
                                   .middles = calloc((size_t)places + 1, sizeof(*spread.middles))};
    bool is_done = (weights && is_met && spread.clusters && spread.middles) || error_no_memory(err);
    for (uint32_t i = 0; is_done && i < count; i++)
        weights[i] = choosing->input->coefficients[choosing->order[choosing->pool[i]]];
    const struct spread_input input = {.rows = choosing->rows,
                                       .weights = weights,
                                       .count = count,
                                       .length = choosing->row_length,
                                       .clusters = (uint32_t)places};
    is_done = is_done && spread_images(&input, &spread, err);
    if (is_done)
        list_of_clusters(choosing, &spread, is_met);
    choosing->choice->clusters = spread.found;
    free(weights);
    free(is_met);
    free(spread.clusters);
    free(spread.middles);
    return is_done;
}

static bool list_all(struct choosing *choosing, struct error *err)
{
    uint64_t leaders = choosing->count - choosing->choice->represented;
    double share = floor((double)choosing->places * choosing->input->plan->diversity);
    uint64_t spread = (uint64_t)share < SPREAD_CLUSTERS_MAX ? (uint64_t)share : SPREAD_CLUSTERS_MAX;
    if (spread > 0 && choosing->places < leaders) {
        if (!take_pool(choosing, err) ||
            (choosing->pool_count > spread && !list_by_likeness(choosing, spread, err)))
            return false;
    }
    list_hardest(choosing);
    return true;
}

/* ---- the answer ---- */

/* next[rank] is the next less hard of its group. */
static void name_group(const struct choosing *choosing, const uint32_t *next, uint32_t leader,
                       struct chosen *ret, size_t *named)
{
    struct choice *choice = choosing->choice;
    *ret = (struct chosen){.record = choosing->order[leader], .first_named = (uint32_t)*named};
    for (uint32_t i = next[leader]; i != UINT32_MAX; i = next[i], ret->others++)
        if (ret->others < CHOOSE_NAMED_MAX) {
            choice->named[(*named)++] = choosing->order[i];
            ret->named++;
        }
}

static bool write_choice(struct choosing *choosing, struct error *err)
{
    struct choice *choice = choosing->choice;
    size_t count = choosing->count, listed = 0, named = 0;
    uint32_t *next = malloc((count + 1) * sizeof(*next));
    for (size_t i = 0; i < count; i++)
        listed += choosing->is_listed[i];
    choice->images = calloc(listed + 1, sizeof(*choice->images));
    choice->named = calloc(choice->represented + 1, sizeof(*choice->named));
    if (!next || !choice->images || !choice->named) {
        free(next);
        return error_no_memory(err);
    }
    memset(next, 0xFF, (count + 1) * sizeof(*next));
    for (size_t i = count; i-- > 0;) { /* from behind: each goes right behind its leader */
        uint32_t leader = choosing->leaders[i];
        if (leader != i) {
            next[i] = next[leader];
            next[leader] = (uint32_t)i;
        }
    }
    for (size_t i = 0; i < count; i++)
        if (choosing->is_listed[i])
            name_group(choosing, next, (uint32_t)i, &choice->images[choice->count++], &named);
    free(next);
    return true;
}

static void release(struct choosing *choosing)
{
    free(choosing->order);
    free(choosing->in_turn);
    free(choosing->images);
    free(choosing->classes);
    free(choosing->leaders);
    free(choosing->is_listed);
    free(choosing->vectors);
    free(choosing->rooms);
    free(choosing->pool);
    free(choosing->rows);
}

bool choose_hard(const struct choose_input *input, struct choice *ret, struct error *err)
{
    struct choice choice = {0};
    struct choosing choosing = {
        .input = input, .header = record_set_header(input->records), .choice = &choice};
    struct mining_plan uncapped = *input->plan;
    uncapped.top_count = 0;
    uncapped.top_percent = 0;
    bool is_done = select_hard(input->coefficients, record_set_count(input->records), &uncapped,
                               &choosing.order, &choosing.count, err);
    if (is_done && choosing.count >= UINT32_MAX)
        is_done = error_set(err, ERR_LIMIT, "more than %u images are hard: raise algo_hard_threshold",
                            UINT32_MAX - 1);
    choice.hard = choosing.count;
    is_done = is_done && take_images(&choosing, err) && gather(&choosing, err) &&
              count_places(&choosing, err) && list_all(&choosing, err) && write_choice(&choosing, err);
    release(&choosing);
    if (is_done)
        *ret = choice;
    else
        choice_release(&choice);
    return is_done;
}

void choice_release(struct choice *choice)
{
    free(choice->images);
    free(choice->named);
    *choice = (struct choice){0};
}

/* ---- sources of those that are named ---- */

static bool read_sources(const struct record_shard *shard, const struct placed *named, size_t count,
                         struct arena *arena, const char **ret, struct error *err)
{
    struct record record;
    for (size_t i = 0; i < count; i++) {
        record_shard_get(shard, (uint32_t)(named[i].record - record_shard_first(shard)), &record);
        ret[named[i].place] = arena_text(arena, record.source);
        if (!ret[named[i].place])
            return error_set(err, ERR_LIMIT,
                             "the groups of the hard examples take too much memory; set top, or raise "
                             "algo_hard_threshold");
    }
    return true;
}

bool choose_sources(const struct record_set *records, const struct choice *choice, struct arena *arena,
                    const char **ret, struct error *err)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < choice->count; i++)
        count += choice->images[i].named;
    struct placed *named = calloc(count + 1, sizeof(*named));
    if (!named)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        named[i] = (struct placed){choice->named[i], (uint32_t)i};
    qsort(named, count, sizeof(*named), by_record);
    bool is_done = true;
    for (uint32_t s = 0; is_done && s < record_set_shards(records) && at < count; s++) {
        struct record_shard *shard = NULL;
        size_t first = at;
        while (at < count && named[at].record < record_set_shard_end(records, s))
            at++;
        if (at == first)
            continue;
        is_done = record_shard_open(records, s, &shard, err) &&
                  read_sources(shard, named + first, at - first, arena, ret, err);
        shard = record_shard_free(shard);
    }
    free(named);
    return is_done;
}
