/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_match.h"

#include <stdlib.h>
#include <string.h>

struct gathering {
    const struct sample_columns *columns;
    struct sample_source *items;
    size_t count;
};

static int most_first(const void *a, const void *b)
{
    const struct sample_source *one = a, *other = b;
    int order = (one->samples < other->samples) - (one->samples > other->samples);
    order = order ? order : strcmp(one->origin, other->origin);
    return order ? order : strcmp(one->task ? one->task : "", other->task ? other->task : "");
}

static int64_t in_state(const struct sample_columns *columns, const roaring_bitmap_t *rows, const char *state)
{
    uint32_t number = value_set_find(&columns->fields[FIELD_STATE], state);
    const struct value *values = columns->fields[FIELD_STATE].values;
    return number == VALUE_NONE ? 0 : (int64_t)roaring_bitmap_and_cardinality(rows, values[number].rows[0]);
}

/* Of one way of coming: what the task brought; without a task `rows` are those that no task is known of. */
static bool add_source(struct gathering *gathering, const struct value *origin, const char *task,
                       const roaring_bitmap_t *rows, struct error *err)
{
    const struct sample_columns *columns = gathering->columns;
    if (!roaring_bitmap_intersect(origin->rows[0], rows))
        return true;
    roaring_bitmap_t *both = roaring_bitmap_and(origin->rows[0], rows);
    if (!both)
        return error_no_memory(err);
    roaring_bitmap_andnot_inplace(both, columns->excluded);
    const struct sample_source source = {.origin = origin->name,
                                         .task = task,
                                         .samples = (int64_t)roaring_bitmap_get_cardinality(both),
                                         .unlabeled = in_state(columns, both, SAMPLE_UNLABELED),
                                         .to_be_confirmed = in_state(columns, both, SAMPLE_TO_BE_CONFIRMED),
                                         .labeled = in_state(columns, both, SAMPLE_LABELED),
                                         .hard =
                                             (int64_t)roaring_bitmap_and_cardinality(both, columns->hard)};
    roaring_bitmap_free(both);
    if (source.samples > 0)
        gathering->items[gathering->count++] = source;
    return true;
}

static bool gather(struct gathering *gathering, roaring_bitmap_t *without, struct error *err)
{
    const struct value_set *origins = &gathering->columns->fields[FIELD_ORIGIN];
    const struct value_set *tasks = &gathering->columns->fields[FIELD_ORIGIN_TASK];
    for (uint32_t i = 0; i < tasks->count; i++)
        roaring_bitmap_andnot_inplace(without, tasks->values[i].rows[0]);
    for (uint32_t origin = 0; origin < origins->count; origin++) {
        if (!add_source(gathering, &origins->values[origin], NULL, without, err))
            return false;
        for (uint32_t i = 0; i < tasks->count; i++)
            if (!add_source(gathering, &origins->values[origin], tasks->values[i].name,
                            tasks->values[i].rows[0], err))
                return false;
    }
    return true;
}

/* Names belong to the columns, which do not outlast the answer. */
static bool copy_first(const struct gathering *gathering, size_t limit, struct arena *arena,
                       struct sample_sources *ret, struct error *err)
{
    size_t count = gathering->count < limit ? gathering->count : limit;
    struct sample_source *items = arena_array(arena, count + 1, sizeof(*items));
    if (!items)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        items[i] = gathering->items[i];
        items[i].origin = arena_text(arena, items[i].origin);
        items[i].task = items[i].task ? arena_text(arena, items[i].task) : NULL;
        if (!items[i].origin || (gathering->items[i].task && !items[i].task))
            return error_no_memory(err);
    }
    *ret = (struct sample_sources){items, count, (int64_t)gathering->count};
    return true;
}

bool sample_match_sources(const struct sample_columns *columns, size_t limit, struct arena *arena,
                          struct sample_sources *ret, struct error *err)
{
    size_t most =
        (size_t)columns->fields[FIELD_ORIGIN].count * (columns->fields[FIELD_ORIGIN_TASK].count + 1);
    struct gathering gathering = {.columns = columns,
                                  .items = reallocarray(NULL, most + 1, sizeof(struct sample_source))};
    roaring_bitmap_t *without = roaring_bitmap_copy(columns->all);
    bool is_ok = gathering.items && without ? gather(&gathering, without, err) : error_no_memory(err);
    if (is_ok && gathering.count > 0)
        qsort(gathering.items, gathering.count, sizeof(*gathering.items), most_first);
    is_ok = is_ok && copy_first(&gathering, limit, arena, ret, err);
    if (without)
        roaring_bitmap_free(without);
    free(gathering.items);
    return is_ok;
}
