/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/neighbours.h"

#include <math.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

/* 512 × 256 products of one tile are 512 KB: they stay in the second-level cache while they are looked
 * through, a glance at a time. */
enum { TILE_QUERIES = NEIGHBOUR_QUERIES_MAX, TILE_SAMPLES = 256, GLANCE = 16 };
/* Of OpenMP, for the thread that calls: oneDNN would share out each product, which our threads have done. */
extern void omp_set_num_threads(int threads);
/* Kept by single-precision cosine, for the double-precision one to choose from. */
enum { SHORT_LIST = NEIGHBOURS + 6, CLASS_SHORT_LIST = 4 };

struct neighbour_search {
    const float *rows;
    uint32_t count, length;
    const uint32_t *labels;
    const struct class_set *sets; /* NULL: labels count */
    float *tail; /* the last tile's rows and zeros up to a full tile; NULL when count fills its tiles */
};

/* Samples by descending cosine; of equals the earlier one stays ahead. */
struct short_list {
    uint32_t count, capacity;
    uint32_t samples[SHORT_LIST];
    double cosines[SHORT_LIST];
};
struct query_lists {
    struct short_list all, same, other;
};

struct neighbour_scratch {
    struct neighbour_query *asked;
    float *queries;  /* TILE_QUERIES × length, norm 1, zero-padded */
    float *products; /* TILE_QUERIES × TILE_SAMPLES */
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
    uint32_t rest = count % TILE_SAMPLES;
    if (rest) {
        search->tail = calloc((size_t)TILE_SAMPLES * length, sizeof(float));
        if (!search->tail)
            return error_no_memory(err);
        memcpy(search->tail, rows + (size_t)(count - rest) * length, (size_t)rest * length * sizeof(float));
    }
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
        free(search->tail);
    free(search);
    return NULL;
}

struct neighbour_scratch *neighbour_scratch_new(const struct neighbour_search *search)
{
    AUTO(neighbour_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch)
        return NULL;
    scratch->asked = calloc(TILE_QUERIES, sizeof(*scratch->asked));
    scratch->queries = calloc((size_t)TILE_QUERIES * search->length, sizeof(float));
    scratch->products = calloc((size_t)TILE_QUERIES * TILE_SAMPLES, sizeof(float));
    scratch->lists = calloc(TILE_QUERIES, sizeof(*scratch->lists));
    scratch->answers = calloc(TILE_QUERIES, sizeof(*scratch->answers));
    if (!scratch->asked || !scratch->queries || !scratch->products || !scratch->lists || !scratch->answers)
        return NULL;
    return TAKE(scratch);
}

struct neighbour_scratch *neighbour_scratch_free(struct neighbour_scratch *scratch)
{
    if (scratch) {
        free(scratch->asked);
        free(scratch->queries);
        free(scratch->products);
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

static void insert(struct short_list *list, uint32_t sample, double cosine)
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

static float floor_of(const struct short_list *list)
{
    return list->count < list->capacity ? -INFINITY : (float)list->cosines[list->count - 1];
}

static bool is_of_class(const struct neighbour_search *search, uint32_t sample, uint32_t class_index)
{
    return search->sets ? class_set_has(&search->sets[sample], class_index)
                        : search->labels[sample] == class_index;
}

static float min_floor_of(const struct query_lists *lists)
{
    float all = floor_of(&lists->all), same = floor_of(&lists->same), other = floor_of(&lists->other);
    float lower = same < other ? same : other;
    return all < lower ? all : lower;
}

/* A sum, which compilers make of vectors. */
static bool is_any_above(const float products[GLANCE], float floor)
{
    uint32_t above = 0;
    for (uint32_t i = 0; i < GLANCE; i++)
        above += products[i] > floor;
    return above > 0;
}

static void look_at(const struct neighbour_search *search, const struct neighbour_query *query, float cosine,
                    uint32_t sample, struct query_lists *lists)
{
    bool is_same = is_of_class(search, sample, query->class_index);
    struct short_list *of_class = is_same ? &lists->same : &lists->other;
    if ((cosine <= floor_of(&lists->all) && cosine <= floor_of(of_class)) || sample == query->left_out)
        return;
    insert(&lists->all, sample, (double)cosine);
    insert(of_class, sample, (double)cosine);
}

static void look_through(const struct neighbour_search *search, const struct neighbour_query *query,
                         const float *products, uint32_t first, struct query_lists *lists)
{
    uint32_t samples = search->count - first < TILE_SAMPLES ? search->count - first : TILE_SAMPLES;
    float floor = min_floor_of(lists);
    for (uint32_t glance = 0; glance < samples; glance += GLANCE) {
        if (!is_any_above(products + glance, floor))
            continue;
        for (uint32_t i = glance; i < glance + GLANCE && i < samples; i++)
            if (products[i] > floor)
                look_at(search, query, products[i], first + i, lists);
        floor = min_floor_of(lists);
    }
}

static bool multiply_tile(const struct neighbour_search *search, const float *queries, uint32_t first,
                          float *products, struct error *err)
{
    bool is_tail = search->count - first < TILE_SAMPLES;
    const float *samples = is_tail ? search->tail : search->rows + (size_t)first * search->length;
    dnnl_dim_t length = search->length;
    return dnnl_sgemm('N', 'T', TILE_QUERIES, TILE_SAMPLES, length, 1.0F, queries, length, samples, length,
                      0.0F, products, TILE_SAMPLES) == dnnl_success ||
           error_no_memory(err);
}

/* Puts a list in the order of its double-precision cosines. */
static void settle(const struct neighbour_search *search, const float *query, struct short_list *list)
{
    struct short_list settled = {.capacity = list->capacity};
    for (uint32_t i = 0; i < list->count; i++) {
        const float *row = search->rows + (size_t)list->samples[i] * search->length;
        double cosine = neighbour_dot(query, row, search->length);
        insert(&settled, list->samples[i], cosine > 1 ? 1 : cosine < -1 ? -1 : cosine);
    }
    *list = settled;
}

static void answer(const struct neighbour_search *search, const float *query, struct query_lists *lists,
                   struct neighbours *ret)
{
    settle(search, query, &lists->all);
    settle(search, query, &lists->same);
    settle(search, query, &lists->other);
    ret->count = lists->all.count < NEIGHBOURS ? lists->all.count : NEIGHBOURS;
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

bool neighbour_search_run(const struct neighbour_search *search, struct neighbour_scratch *scratch,
                          const struct neighbour_query *queries, uint32_t count,
                          const struct neighbours **ret, struct error *err)
{
    struct neighbours *answers = scratch->answers;
    uint32_t length = search->length, with_direction = 0;
    bool has_direction[TILE_QUERIES];
    memset(scratch->queries, 0, (size_t)TILE_QUERIES * length * sizeof(float));
    for (uint32_t q = 0; q < count; q++) {
        has_direction[q] =
            neighbour_normalise(queries[q].vector, length, scratch->queries + (size_t)q * length);
        with_direction += has_direction[q];
        scratch->lists[q] = (struct query_lists){.all.capacity = SHORT_LIST,
                                                 .same.capacity = CLASS_SHORT_LIST,
                                                 .other.capacity = CLASS_SHORT_LIST};
        answers[q] = (struct neighbours){.same_class_cosine = -1,
                                         .other_class_cosine = -1,
                                         .same_class_sample = SAMPLE_NONE,
                                         .other_class_sample = SAMPLE_NONE};
    }
    omp_set_num_threads(1);
    for (uint32_t first = 0; with_direction && first < search->count; first += TILE_SAMPLES) {
        if (!multiply_tile(search, scratch->queries, first, scratch->products, err))
            return false;
        for (uint32_t q = 0; q < count; q++)
            if (has_direction[q])
                look_through(search, &queries[q], scratch->products + (size_t)q * TILE_SAMPLES, first,
                             &scratch->lists[q]);
    }
    for (uint32_t q = 0; q < count; q++)
        if (has_direction[q])
            answer(search, scratch->queries + (size_t)q * length, &scratch->lists[q], &answers[q]);
    *ret = answers;
    return true;
}
