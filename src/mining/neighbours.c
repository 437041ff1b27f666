/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/neighbours.h"

#include "mining/rough.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GLANCE = 16, CLASS_LIST = 1 };

struct neighbour_search {
    const float *rows;
    uint32_t count, length;
    const uint32_t *labels;
    const struct class_set *sets; /* NULL: labels count */
    struct rough *rough;
};

/* Samples by descending cosine; of equals the earlier one stays ahead. */
struct nearest {
    uint32_t count, capacity;
    uint32_t samples[NEIGHBOURS];
    double cosines[NEIGHBOURS];
};
struct query_lists {
    struct nearest all, same, other;
};

struct neighbour_scratch {
    struct neighbour_query *asked;
    struct rough_scratch *rough;
    float *queries; /* ROUGH_QUERIES × length, norm 1 or 0 */
    struct query_lists *lists;
    struct neighbours *answers;
};

bool neighbour_search_new(const float *rows, uint32_t count, uint32_t length, const uint32_t *labels,
                          struct neighbour_search **ret, struct error *err)
{
    if (count == 0)
        return error_set(err, ERR_INVALID, "there are no training samples to search");
    if (length == 0 || length > NEIGHBOUR_LENGTH_MAX)
        return error_set(err, ERR_INVALID, "vectors must have 1 to %d elements, not %u", NEIGHBOUR_LENGTH_MAX,
                         length);
    AUTO(neighbour_search) search = calloc(1, sizeof(*search));
    if (!search)
        return error_no_memory(err);
    *search = (struct neighbour_search){.rows = rows, .count = count, .length = length, .labels = labels};
    if (!rough_new(rough_best_way(), rows, count, length, &search->rough, err))
        return false;
    *ret = TAKE(search);
    return true;
}

void neighbour_search_use_sets(struct neighbour_search *search, const struct class_set *sets)
{
    search->sets = sets;
}

struct neighbour_search *neighbour_search_free(struct neighbour_search *search)
{
    if (search)
        rough_free(search->rough);
    free(search);
    return NULL;
}

struct neighbour_scratch *neighbour_scratch_new(const struct neighbour_search *search)
{
    struct error ignored;
    AUTO(neighbour_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch)
        return NULL;
    scratch->asked = calloc(NEIGHBOUR_QUERIES_MAX, sizeof(*scratch->asked));
    scratch->queries = calloc((size_t)ROUGH_QUERIES * search->length, sizeof(float));
    scratch->lists = calloc(ROUGH_QUERIES, sizeof(*scratch->lists));
    scratch->answers = calloc(NEIGHBOUR_QUERIES_MAX, sizeof(*scratch->answers));
    if (!scratch->asked || !scratch->queries || !scratch->lists || !scratch->answers ||
        !rough_scratch_new(search->rough, &scratch->rough, &ignored))
        return NULL;
    return TAKE(scratch);
}

struct neighbour_scratch *neighbour_scratch_free(struct neighbour_scratch *scratch)
{
    if (scratch) {
        free(scratch->asked);
        free(scratch->queries);
        rough_scratch_free(scratch->rough);
        free(scratch->lists);
        free(scratch->answers);
    }
    free(scratch);
    return NULL;
}

struct neighbour_query *neighbour_scratch_queries(struct neighbour_scratch *scratch)
{
    return scratch->asked;
}

/* The compiler may not reorder the four sums. */
double neighbour_dot(const float *a, const float *b, uint32_t length)
{
    double sums[4] = {0, 0, 0, 0};
    uint32_t i = 0;
    for (; i + 4 <= length; i += 4)
        for (uint32_t k = 0; k < 4; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < length; i++)
        sums[0] += (double)a[i] * (double)b[i];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

bool neighbour_normalise(const float *vector, uint32_t length, float *into)
{
    double squares = neighbour_dot(vector, vector, length);
    if (!isfinite(squares) || !(squares > 0)) {
        memset(into, 0, length * sizeof(*into));
        return false;
    }
    double norm = sqrt(squares);
    for (uint32_t i = 0; i < length; i++)
        into[i] = (float)((double)vector[i] / norm);
    return true;
}

static void insert(struct nearest *list, uint32_t sample, double cosine)
{
    uint32_t place = list->count;
    while (place > 0 && (list->cosines[place - 1] < cosine ||
                         (!(list->cosines[place - 1] > cosine) && list->samples[place - 1] > sample)))
        place--;
    if (place == list->capacity)
        return;
    uint32_t last = list->count < list->capacity ? list->count++ : list->count - 1;
    for (uint32_t i = last; i > place; i--) {
        list->samples[i] = list->samples[i - 1];
        list->cosines[i] = list->cosines[i - 1];
    }
    list->samples[place] = sample;
    list->cosines[place] = cosine;
}

static double floor_of(const struct nearest *list)
{
    return list->count < list->capacity ? (double)-INFINITY : list->cosines[list->count - 1];
}

static bool is_of_class(const struct neighbour_search *search, uint32_t sample, uint32_t class_index)
{
    return search->sets ? class_set_has(&search->sets[sample], class_index)
                        : search->labels[sample] == class_index;
}

/* A product below it is of no use, whatever its error. */
static float floor_of_products(const struct query_lists *lists, double error)
{
    double lowest = fmin(floor_of(&lists->all), fmin(floor_of(&lists->same), floor_of(&lists->other)));
    return (float)(lowest - error);
}

/* A sum, which compilers make of vectors. */
static bool is_any_above(const float products[GLANCE], float floor)
{
    uint32_t above = 0;
    for (uint32_t i = 0; i < GLANCE; i++)
        above += products[i] >= floor;
    return above > 0;
}

/* What a query is looked for with. */
struct looking {
    const struct neighbour_search *search;
    const struct neighbour_query *query;
    const float *vector; /* norm 1 */
    double error;        /* of its products */
    struct query_lists *lists;
};

static void look_at(const struct looking *looking, float product, uint32_t sample)
{
    const struct neighbour_search *search = looking->search;
    struct query_lists *lists = looking->lists;
    bool is_same = is_of_class(search, sample, looking->query->class_index);
    struct nearest *of_class = is_same ? &lists->same : &lists->other;
    double at_most = (double)product + looking->error;
    if ((at_most < floor_of(&lists->all) && at_most < floor_of(of_class)) ||
        sample == looking->query->left_out)
        return;
    double cosine =
        neighbour_dot(looking->vector, search->rows + (size_t)sample * search->length, search->length);
    cosine = cosine > 1 ? 1 : cosine < -1 ? -1 : cosine;
    insert(&lists->all, sample, cosine);
    insert(of_class, sample, cosine);
}

static void look_through(const struct looking *looking, const float *products, uint32_t first)
{
    uint32_t rest = looking->search->count - first, samples = rest < ROUGH_ROWS ? rest : ROUGH_ROWS;
    float floor = floor_of_products(looking->lists, looking->error);
    for (uint32_t glance = 0; glance < samples; glance += GLANCE) {
        if (!is_any_above(products + glance, floor))
            continue;
        for (uint32_t i = glance; i < glance + GLANCE && i < samples; i++)
            if (products[i] >= floor)
                look_at(looking, products[i], first + i);
        floor = floor_of_products(looking->lists, looking->error);
    }
}

static void answer(const struct query_lists *lists, struct neighbours *ret)
{
    ret->count = lists->all.count;
    for (uint32_t i = 0; i < ret->count; i++) {
        ret->samples[i] = lists->all.samples[i];
        ret->cosines[i] = (float)lists->all.cosines[i];
    }
    if (lists->same.count) {
        ret->same_class_sample = lists->same.samples[0];
        ret->same_class_cosine = (float)lists->same.cosines[0];
    }
    if (lists->other.count) {
        ret->other_class_sample = lists->other.samples[0];
        ret->other_class_cosine = (float)lists->other.cosines[0];
    }
}

/* At most ROUGH_QUERIES. */
static bool run_group(const struct neighbour_search *search, struct neighbour_scratch *scratch,
                      const struct neighbour_query *queries, uint32_t count, struct neighbours *answers,
                      struct error *err)
{
    uint32_t length = search->length, with_direction = 0;
    bool has_direction[ROUGH_QUERIES];
    for (uint32_t q = 0; q < count; q++) {
        has_direction[q] =
            neighbour_normalise(queries[q].vector, length, scratch->queries + (size_t)q * length);
        with_direction += has_direction[q];
        scratch->lists[q] = (struct query_lists){
            .all.capacity = NEIGHBOURS, .same.capacity = CLASS_LIST, .other.capacity = CLASS_LIST};
        answers[q] = (struct neighbours){.same_class_cosine = -1,
                                         .other_class_cosine = -1,
                                         .same_class_sample = SAMPLE_NONE,
                                         .other_class_sample = SAMPLE_NONE};
    }
    rough_ask(scratch->rough, scratch->queries, count);
    for (uint32_t first = 0; with_direction && first < search->count; first += ROUGH_ROWS) {
        if (!rough_multiply(scratch->rough, first / ROUGH_ROWS, err))
            return false;
        for (uint32_t q = 0; q < count; q++) {
            const struct looking looking = {search, &queries[q], scratch->queries + (size_t)q * length,
                                            scratch->rough->errors[q], &scratch->lists[q]};
            if (has_direction[q])
                look_through(&looking, scratch->rough->products + (size_t)q * ROUGH_ROWS, first);
        }
    }
    for (uint32_t q = 0; q < count; q++)
        if (has_direction[q])
            answer(&scratch->lists[q], &answers[q]);
    return true;
}

bool neighbour_search_run(const struct neighbour_search *search, struct neighbour_scratch *scratch,
                          const struct neighbour_query *queries, uint32_t count,
                          const struct neighbours **ret, struct error *err)
{
    for (uint32_t first = 0; first < count; first += ROUGH_QUERIES) {
        uint32_t group = count - first < ROUGH_QUERIES ? count - first : ROUGH_QUERIES;
        if (!run_group(search, scratch, queries + first, group, scratch->answers + first, err))
            return false;
    }
    *ret = scratch->answers;
    return true;
}
