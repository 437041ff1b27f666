/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/sequence.h"

#include "base/text.h"
#include "rules/families.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE UINT32_MAX
enum { HASH_BITS = 64 };

const char *const sequence_order_names[SEQUENCE_ORDERS + 1] = {
    [SEQUENCE_BY_NAME] = "name", [SEQUENCE_BY_MANIFEST] = "manifest", NULL};

struct image_state {
    uint64_t hash;
    uint32_t predicted;
    float score;
    uint32_t first_box;
    uint32_t place; /* in the order; NOWHERE: the image failed */
};

struct sequence {
    const struct record_set *set;
    enum sequence_order order;
    struct sequence_limits limits;
    uint32_t count, placed;
    struct image_state *images; /* count + 1: the last tells where the boxes end */
    uint32_t *order_of;         /* `placed` records, as they follow each other */
    bool *starts;               /* `placed`: a new folder begins here */
    struct sequence_box *boxes;
    uint32_t box_count, box_room;
    bool is_sorted;  /* the run is in the order wanted */
    char *last_name; /* of the image before, while shards are added */
    struct sequence_counts counts;
    const char *off;
    char past_limit[SEQUENCE_OFF_BYTES]; /* what `off` says when a limit is passed */
    struct arena *arena;                 /* names */
    struct named {
        uint32_t record;
        const char *name;
    } * names; /* by record */
    uint32_t name_count;
};

enum sequence_order sequence_order_find(const char *name)
{
    for (int i = 0; name && sequence_order_names[i]; i++)
        if (strcmp(name, sequence_order_names[i]) == 0)
            return (enum sequence_order)i;
    return SEQUENCE_BY_NAME;
}

bool sequence_new(const struct record_set *set, enum sequence_order order,
                  const struct sequence_limits *limits, struct sequence **ret, struct error *err)
{
    AUTO(sequence) sequence = calloc(1, sizeof(*sequence));
    if (!sequence)
        return error_no_memory(err);
    uint64_t count = record_set_count(set);
    if (count >= NOWHERE)
        return error_set(err, ERR_LIMIT, "a run of more than %u images has no neighbours", NOWHERE - 1);
    sequence->set = set;
    sequence->order = order;
    sequence->limits = *limits;
    sequence->count = (uint32_t)count;
    sequence->is_sorted = true;
    sequence->images = calloc(count + 1, sizeof(*sequence->images));
    sequence->order_of = calloc(count + 1, sizeof(*sequence->order_of));
    sequence->starts = calloc(count + 1, sizeof(*sequence->starts));
    if (!sequence->images || !sequence->order_of || !sequence->starts)
        return error_no_memory(err);
    *ret = TAKE(sequence);
    return true;
}

struct sequence *sequence_free(struct sequence *sequence)
{
    if (sequence) {
        free(sequence->images);
        free(sequence->order_of);
        free(sequence->starts);
        free(sequence->boxes);
        free(sequence->last_name);
        free(sequence->names);
        sequence->arena = arena_free(sequence->arena);
    }
    free(sequence);
    return NULL;
}

/* ---- the pass over the shards ---- */

static size_t folder_bytes(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) : 0;
}

static int compare_folders(const char *a, const char *b)
{
    size_t one = folder_bytes(a), other = folder_bytes(b);
    int order = memcmp(a, b, one < other ? one : other);
    return order != 0 ? order : (one > other) - (one < other);
}

static int compare_names(const char *a, const char *b)
{
    int order = compare_folders(a, b);
    return order != 0 ? order : text_natural_compare(a, b);
}

static bool make_room(struct sequence *sequence, uint32_t more, struct error *err)
{
    if (sequence->box_count + more <= sequence->box_room)
        return true;
    uint32_t room = sequence->box_room * 2 + more + 1024;
    struct sequence_box *boxes = realloc(sequence->boxes, room * sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    sequence->boxes = boxes;
    sequence->box_room = room;
    return true;
}

static bool take_boxes(struct sequence *sequence, const struct record_header *header,
                       const struct record *record, struct error *err)
{
    uint32_t count = record_answers(header, record->candidates, record->candidate_count);
    if (count > SEQUENCE_BOXES_OF_IMAGE)
        count = SEQUENCE_BOXES_OF_IMAGE;
    if (count == 0)
        return true;
    if (count > sequence->limits.boxes - sequence->box_count) {
        (void)snprintf(sequence->past_limit, sizeof(sequence->past_limit), "the run has more than %u boxes",
                       sequence->limits.boxes);
        sequence->off = sequence->past_limit;
        return true;
    }
    if (!make_room(sequence, count, err))
        return false;
    for (uint32_t i = 0; i < count; i++)
        sequence->boxes[sequence->box_count++] = (struct sequence_box){
            record->candidates[i].box, record->candidates[i].score, record->candidates[i].label};
    return true;
}

/* The order of records as they come, as long as that is the order wanted. */
static bool take_place(struct sequence *sequence, const char *name, uint32_t record, struct error *err)
{
    uint32_t place = sequence->placed++;
    sequence->order_of[place] = record;
    if (sequence->order == SEQUENCE_BY_MANIFEST || !sequence->is_sorted)
        return true;
    const char *last = sequence->last_name;
    sequence->starts[place] = !last || compare_folders(last, name) != 0;
    sequence->is_sorted = !last || compare_names(last, name) <= 0;
    free(sequence->last_name);
    sequence->last_name = strdup(name);
    return sequence->last_name || error_no_memory(err);
}

bool sequence_add(struct sequence *sequence, const struct record_shard *shard, struct error *err)
{
    const struct record_header *header = record_set_header(sequence->set);
    for (uint32_t row = 0; row < record_shard_count(shard) && !sequence->off; row++) {
        struct record record;
        uint32_t number = (uint32_t)record_shard_first(shard) + row;
        struct image_state *state = &sequence->images[number];
        record_shard_get(shard, row, &record);
        *state = (struct image_state){.hash = record.perceptual_hash,
                                      .predicted = CLASS_NONE,
                                      .first_box = sequence->box_count,
                                      .place = NOWHERE};
        if (record.error)
            continue;
        state->predicted = record_predicted(header, &record, &state->score);
        if (!take_boxes(sequence, header, &record, err) || !take_place(sequence, record.source, number, err))
            return false;
    }
    return true;
}

/* ---- the order ---- */

static int by_name(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    int order = compare_names(one->name, other->name);
    return order != 0 ? order : one->record < other->record ? -1 : one->record > other->record;
}

static int by_record(const void *a, const void *b)
{
    const struct named *one = a, *other = b;
    return one->record < other->record ? -1 : one->record > other->record;
}

/* Fills names[0 ..] for the records that `wanted` asks for, in their order; NULL: for all that did not fail.
 */
static bool read_names(struct sequence *sequence, const bool *wanted, struct named *names, struct error *err)
{
    uint32_t count = 0;
    sequence->arena = arena_new(sequence->limits.names_bytes);
    if (!sequence->arena)
        return error_no_memory(err);
    for (uint32_t number = 0; number < record_set_shards(sequence->set); number++) {
        uint64_t first = record_set_shard_first(sequence->set, number);
        uint64_t end = record_set_shard_end(sequence->set, number);
        bool is_asked = !wanted || memchr(wanted + first, 1, end - first);
        AUTO(record_shard) shard = NULL;
        if (is_asked && !record_shard_open(sequence->set, number, &shard, err))
            return false;
        for (uint64_t record = first; is_asked && record < end; record++) {
            struct record got;
            if (sequence->images[record].place == NOWHERE || (wanted && !wanted[record]))
                continue;
            record_shard_get(shard, (uint32_t)(record - first), &got);
            names[count] = (struct named){(uint32_t)record, arena_text(sequence->arena, got.source)};
            if (!names[count++].name)
                return error_set(err, ERR_LIMIT,
                                 "the names of the images beside the hard ones take more than %zu bytes; set "
                                 "top, or leave reason %d out",
                                 sequence->limits.names_bytes, SEQUENCE_REASON);
        }
    }
    return true;
}

static void use_names(struct sequence *sequence, const struct named *names)
{
    for (uint32_t i = 0; i < sequence->placed; i++) {
        sequence->order_of[i] = names[i].record;
        sequence->starts[i] = i == 0 || compare_folders(names[i - 1].name, names[i].name) != 0;
    }
}

static bool sort_by_name(struct sequence *sequence, struct error *err)
{
    struct named *names = calloc((size_t)sequence->placed + 1, sizeof(*names));
    struct error failure = {0};
    if (!names)
        return error_no_memory(err);
    for (uint32_t i = 0; i < sequence->placed; i++)
        sequence->images[sequence->order_of[i]].place = i;
    bool is_read = read_names(sequence, NULL, names, &failure);
    if (is_read) {
        qsort(names, sequence->placed, sizeof(*names), by_name);
        use_names(sequence, names);
    }
    free(names);
    sequence->arena = arena_free(sequence->arena);
    if (is_read)
        return true;
    if (failure.code == ERR_LIMIT) {
        (void)snprintf(sequence->past_limit, sizeof(sequence->past_limit),
                       "the names of the images take more than %zu bytes", sequence->limits.names_bytes);
        sequence->off = sequence->past_limit;
        return true;
    }
    *err = failure;
    return false;
}

/* A picture without any structure has the hash 0, which says nothing. */
static uint32_t bits_between(const struct sequence *sequence, uint32_t place, uint32_t other)
{
    uint64_t one = sequence->images[sequence->order_of[place]].hash;
    uint64_t two = sequence->images[sequence->order_of[other]].hash;
    return one == 0 || two == 0 ? HASH_BITS : (uint32_t)__builtin_popcountll(one ^ two);
}

static void count_folder(struct sequence *sequence, uint32_t first, uint32_t end)
{
    struct sequence_counts *counts = &sequence->counts;
    uint32_t images = end - first;
    for (uint32_t i = first; i < end; i++) {
        uint32_t apart = images >= SEQUENCE_FOLDER_MIN ? first + (i - first + images / 2) % images
                                                       : (i + sequence->placed / 2) % sequence->placed;
        if (i + 1 < end) {
            counts->near++;
            counts->near_alike += bits_between(sequence, i, i + 1) <= SEQUENCE_BITS_MAX;
        }
        if (apart != i) {
            counts->far++;
            counts->far_alike += bits_between(sequence, i, apart) <= SEQUENCE_BITS_MAX;
        }
    }
}

static const char *judge(const struct sequence_counts *counts)
{
    double near = (double)counts->near_alike, near_not = (double)(counts->near - counts->near_alike);
    double far = (double)counts->far_alike, far_not = (double)(counts->far - counts->far_alike);
    if (counts->near_alike == 0)
        return "no image looks like the one before it";
    if (far >= SEQUENCE_ALIKE_ANYWAY * (double)counts->far)
        return NULL;
    if ((near + 0.5) * (far_not + 0.5) >= SEQUENCE_ODDS_MIN * (near_not + 0.5) * (far + 0.5))
        return NULL;
    return "images that follow each other are hardly more alike than any two: their order says nothing";
}

bool sequence_finish(struct sequence *sequence, struct error *err)
{
    sequence->images[sequence->count].first_box = sequence->box_count;
    free(sequence->last_name);
    sequence->last_name = NULL;
    if (sequence->placed > 0)
        sequence->starts[0] = true;
    if (!sequence->off && !sequence->is_sorted && !sort_by_name(sequence, err))
        return false;
    if (sequence->off)
        return true;
    for (uint32_t i = 0, first = 0; i < sequence->placed; i++) {
        sequence->images[sequence->order_of[i]].place = i;
        if (i + 1 < sequence->placed && !sequence->starts[i + 1])
            continue;
        count_folder(sequence, first, i + 1);
        first = i + 1;
    }
    sequence->off = judge(&sequence->counts);
    return true;
}

const char *sequence_off(const struct sequence *sequence)
{
    return sequence->off;
}

struct sequence_counts sequence_counts_of(const struct sequence *sequence)
{
    return sequence->counts;
}

/* ---- what stands beside an image ---- */

static const char *name_of(const struct sequence *sequence, uint32_t record)
{
    const struct named wanted = {.record = record};
    const struct named *found = sequence->names ? bsearch(&wanted, sequence->names, sequence->name_count,
                                                          sizeof(*sequence->names), by_record)
                                                : NULL;
    return found ? found->name : NULL;
}

static void add_frame(const struct sequence *sequence, uint32_t own, uint32_t place,
                      struct sequence_frames *ret)
{
    uint32_t record = sequence->order_of[place], bits = bits_between(sequence, own, place);
    const struct image_state *state = &sequence->images[record];
    if (bits > SEQUENCE_BITS_MAX)
        return;
    ret->frames[ret->count++] =
        (struct sequence_frame){.record = record,
                                .place = (int32_t)place - (int32_t)own,
                                .bits = bits,
                                .predicted = state->predicted,
                                .score = state->score,
                                .boxes = sequence->boxes ? sequence->boxes + state->first_box : NULL,
                                .box_count = state[1].first_box - state->first_box,
                                .source = name_of(sequence, record)};
}

void sequence_frames_of(const struct sequence *sequence, uint64_t record, struct sequence_frames *ret)
{
    uint32_t own = sequence->images[record].place;
    *ret = (struct sequence_frames){0};
    if (sequence->off || own == NOWHERE)
        return;
    uint32_t first = own, last = own;
    while (own - first < SEQUENCE_WINDOW && !sequence->starts[first])
        first--;
    while (last - own < SEQUENCE_WINDOW && last + 1 < sequence->placed && !sequence->starts[last + 1])
        last++;
    for (uint32_t place = first; place <= last; place++)
        if (place != own)
            add_frame(sequence, own, place, ret);
}

bool sequence_load_names(struct sequence *sequence, const uint64_t *records, size_t count, struct error *err)
{
    uint32_t wanted_count = 0;
    bool *wanted = calloc((size_t)sequence->count + 1, sizeof(*wanted));
    if (!wanted)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct sequence_frames frames;
        sequence_frames_of(sequence, records[i], &frames);
        for (uint32_t k = 0; k < frames.count; k++)
            wanted[frames.frames[k].record] = true;
    }
    for (uint32_t i = 0; i < sequence->count; i++)
        wanted_count += wanted[i];
    free(sequence->names);
    sequence->arena = arena_free(sequence->arena);
    sequence->name_count = wanted_count;
    sequence->names = calloc((size_t)wanted_count + 1, sizeof(*sequence->names));
    bool is_read = sequence->names ? wanted_count == 0 || read_names(sequence, wanted, sequence->names, err)
                                   : error_no_memory(err);
    free(wanted);
    return is_read;
}
