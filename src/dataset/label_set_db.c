/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_set.h"

#include "base/clock.h"

#include <string.h>

void label_set_init(struct label_set *set, struct db *db, const char *dataset_id, struct arena *arena)
{
    *set = (struct label_set){.db = db, .dataset_id = dataset_id, .arena = arena, .total = -1};
}

/* Index of the first name not before `name`. */
static size_t place_of(const struct label_set *set, const char *name, bool *ret_is_there)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(set->names[middle], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_is_there = low < set->count && strcmp(set->names[low], name) == 0;
    return low;
}

static bool remember(struct label_set *set, size_t place, const char *name, struct error *err)
{
    if (set->count == set->capacity) {
        size_t capacity = set->capacity == 0 ? 64 : 2 * set->capacity;
        const char **grown = arena_array(set->arena, capacity, sizeof(*grown));
        if (!grown)
            return error_no_memory(err);
        for (size_t i = 0; i < set->count; i++)
            grown[i] = set->names[i];
        set->names = grown;
        set->capacity = capacity;
    }
    const char *copy = arena_text(set->arena, name);
    if (!copy)
        return error_no_memory(err);
    memmove(&set->names[place + 1], &set->names[place], (set->count - place) * sizeof(*set->names));
    set->names[place] = copy;
    set->count++;
    return true;
}

struct numbers {
    int64_t first, second;
};

static const struct db_column one_number[] = {DB_COLUMN_INT(struct numbers, first), DB_COLUMN_END};
static const struct db_column two_numbers[] = {DB_COLUMN_INT(struct numbers, first),
                                               DB_COLUMN_INT(struct numbers, second), DB_COLUMN_END};

bool label_set_has(struct label_set *set, const char *name, bool *ret, struct error *err)
{
    bool is_there = false;
    struct numbers position = {0};
    size_t place = place_of(set, name, &is_there);
    if (!is_there) {
        if (!db_select_one(
                set->db, set->arena, "SELECT position FROM label WHERE dataset_id = $1 AND name = $2",
                DB_ARGS(db_text(set->dataset_id), db_text(name)), one_number, &position, &is_there, err))
            return false;
        if (is_there && !remember(set, place, name, err))
            return false;
    }
    *ret = is_there;
    return true;
}

static bool count_stored(struct label_set *set, struct error *err)
{
    struct numbers numbers = {0};
    bool is_found = false;
    if (set->total >= 0)
        return true;
    if (!db_select_one(set->db, set->arena,
                       "SELECT COUNT(*), COALESCE(MAX(position) + 1, 0) FROM label WHERE dataset_id = $1",
                       DB_ARGS(db_text(set->dataset_id)), two_numbers, &numbers, &is_found, err))
        return false;
    set->total = numbers.first;
    set->next_position = numbers.second;
    return true;
}

bool label_set_need(struct label_set *set, const char *name, struct error *err)
{
    bool is_there = false;
    if (!label_set_has(set, name, &is_there, err))
        return false;
    if (is_there)
        return true;
    if (!count_stored(set, err))
        return false;
    if (set->total >= DATASET_LABELS_MAX)
        return error_set(err, ERR_LIMIT,
                         "the dataset has %d labels, which is the limit; '%.100s' is too much",
                         DATASET_LABELS_MAX, name);
    if (!db_exec(set->db,
                 "INSERT INTO label (dataset_id, name, position, created_ms) VALUES ($1, $2, $3, $4)",
                 DB_ARGS(db_text(set->dataset_id), db_text(name), db_int(set->next_position),
                         db_int(clock_now_ms())),
                 NULL, err))
        return false;
    set->total++;
    set->next_position++;
    return remember(set, place_of(set, name, &is_there), name, err);
}
