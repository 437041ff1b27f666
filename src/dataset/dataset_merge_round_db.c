/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/dataset_merge_round.h"

#include "dataset/sample_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- which ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_content(const void *a, const void *b)
{
    const struct merge_candidate *one = a, *other = b;
    int order = strcmp(one->content ? one->content : "", other->content ? other->content : "");
    return order ? order : strcmp(one->source, other->source);
}

static bool refuse_count(int64_t count, struct error *err)
{
    return error_set(err, ERR_LIMIT,
                     "%" PRId64 " samples would be merged; at most %d are merged at once: choose some by a "
                     "filter, and the others after them",
                     count, DATASET_MERGE_MAX);
}

static struct sample_filter filter_of(const struct dataset_merge *merge)
{
    struct sample_filter filter;
    sample_filter_init(&filter);
    filter.state = SAMPLE_LABELED;
    filter.only_hard = merge->only_hard;
    filter.where = merge->where;
    filter.sort = "id";
    filter.limit = DATASET_MERGE_MAX;
    return filter;
}

bool merge_candidates_count(struct db *db, const struct dataset_merge *merge, struct error *err)
{
    const struct sample_filter filter = filter_of(merge);
    int64_t total = (int64_t)merge->ids.count;
    if (total == 0 && !samples_count(db, merge->from->id, &filter, &total, err))
        return false;
    return total <= DATASET_MERGE_MAX || refuse_count(total, err);
}

static bool filtered_ids(struct db *db, struct arena *arena, const struct dataset_merge *merge,
                         struct param_list *ret, struct error *err)
{
    const struct sample_filter filter = filter_of(merge);
    struct sample_ids found;
    if (!samples_page_ids(db, arena, merge->from->id, &filter, &found, err))
        return false;
    *ret = found.ids;
    return !found.cursor || merge_candidates_count(db, merge, err);
}

/* Each once, sorted. */
static bool unique_ids(struct arena *arena, struct param_list ids, struct param_list *ret, struct error *err)
{
    const char **sorted = arena_array(arena, ids.count + 1, sizeof(*sorted));
    size_t kept = 0;
    if (!sorted)
        return error_no_memory(err);
    for (size_t i = 0; i < ids.count; i++)
        sorted[i] = ids.items[i];
    qsort(sorted, ids.count, sizeof(*sorted), by_text);
    for (size_t i = 0; i < ids.count; i++)
        if (i == 0 || strcmp(sorted[i], sorted[i - 1]) != 0)
            sorted[kept++] = sorted[i];
    *ret = (struct param_list){sorted, kept};
    return true;
}

struct content_row {
    struct merge_candidate candidate;
    const char *dataset_id;
};

/* Of a round of ids those that are labeled samples of the dataset. They are found by id alone: with the
 * dataset SQLite would go through all of it. */
static bool read_contents(struct db *db, struct arena *arena, const char *dataset_id, struct param_list ids,
                          struct merge_candidates *into, struct error *err)
{
    static const struct db_many form = {
        "SELECT s.id, l.content_hash, s.source, s.dataset_id FROM sample s LEFT JOIN sample_look l ON "
        "l.sample_id = s.id WHERE s.state = '" SAMPLE_LABELED "' AND s.is_excluded = 0 AND s.id IN (",
        "$1", ")", 1};
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct content_row, candidate.id),
                                               DB_COLUMN_TEXT(struct content_row, candidate.content),
                                               DB_COLUMN_TEXT(struct content_row, candidate.source),
                                               DB_COLUMN_TEXT(struct content_row, dataset_id), DB_COLUMN_END};
    AUTO(db_rows) rows = NULL;
    struct db_value values[DB_MANY_MAX];
    struct content_row row;
    for (size_t i = 0; i < ids.count; i++)
        values[i] = db_text(ids.items[i]);
    if (!db_select_many(db, arena, &form, values, ids.count, &rows, err))
        return false;
    while (db_next(rows, columns, &row))
        if (strcmp(row.dataset_id, dataset_id) == 0)
            into->items[into->count++] = row.candidate;
    return db_rows_ok(rows, err);
}

bool merge_candidates_find(struct db *db, struct arena *arena, const struct dataset_merge *merge,
                           struct merge_candidates *ret, struct error *err)
{
    struct merge_candidates found = {0};
    struct param_list ids;
    if (!(merge->ids.count > 0 ? unique_ids(arena, merge->ids, &ids, err)
                               : filtered_ids(db, arena, merge, &ids, err)))
        return false;
    found.items = arena_array(arena, ids.count + 1, sizeof(*found.items));
    if (!found.items)
        return error_no_memory(err);
    for (size_t first = 0, taken = 0; first < ids.count; first += taken) {
        taken = ids.count - first < DB_MANY_MAX ? ids.count - first : DB_MANY_MAX;
        const struct param_list some = {&ids.items[first], taken};
        if (!read_contents(db, arena, merge->from->id, some, &found, err))
            return false;
    }
    qsort(found.items, found.count, sizeof(*found.items), by_content);
    found.left_out = (int64_t)(ids.count - found.count);
    *ret = found;
    return true;
}

/* ---- a round ---- */

static bool is_same_group(const struct merge_candidate *one, const struct merge_candidate *other)
{
    return one->content && other->content && strcmp(one->content, other->content) == 0;
}

/* Where the group that begins at `first` ends. */
static size_t group_end(const struct merge_candidates *candidates, size_t first)
{
    size_t end = first + 1;
    while (end < candidates->count && is_same_group(&candidates->items[first], &candidates->items[end]))
        end++;
    return end;
}

static void take_groups(struct merge_candidates *candidates, struct merge_round *round)
{
    size_t begin = candidates->next;
    round->group_count = round->member_count = round->there_count = 0;
    while (candidates->next < candidates->count) {
        size_t first = candidates->next, end = group_end(candidates, first);
        if (round->group_count > 0 && end - begin > DB_MANY_MAX)
            break;
        round->groups[round->group_count++] = (struct merge_group){
            .content = candidates->items[first].content, first - begin, end - first, 0, 0};
        round->member_count = end - begin;
        candidates->next = end;
    }
}

static bool load_members(const struct merge_where *where, const struct merge_candidate *candidates,
                         struct merge_round *round, struct error *err)
{
    const char **ids = arena_array(where->of_round, round->member_count, sizeof(*ids));
    size_t count = 0;
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < round->member_count; i++)
        ids[i] = candidates[i].id;
    return samples_load(where->db, where->of_round, (struct param_list){ids, round->member_count},
                        &round->members, &count, err) &&
           (count == round->member_count ||
            error_set(err, ERR_CONFLICT, "samples were deleted meanwhile; try again"));
}

/* Grows by doubling. */
static bool note_there(struct merge_round *round, size_t group, const char *id, struct arena *arena,
                       struct error *err)
{
    size_t count = round->there_count;
    if ((count & (count - 1)) == 0) {
        struct merge_there *grown = arena_array(arena, count == 0 ? 1 : 2 * count, sizeof(*grown));
        if (!grown)
            return error_no_memory(err);
        if (count > 0)
            memcpy(grown, round->there, count * sizeof(*grown));
        round->there = grown;
    }
    round->there[round->there_count++] = (struct merge_there){group, id, NULL};
    return true;
}

static size_t group_of(const struct merge_round *round, const char *content)
{
    size_t at = 0;
    while (at < round->group_count &&
           (!round->groups[at].content || strcmp(round->groups[at].content, content) != 0))
        at++;
    return at;
}

struct match_row {
    const char *content, *id;
};

/* CROSS JOIN: SQLite takes them in this order, by the index of contents. */
static bool find_by_content(const struct merge_where *where, struct merge_round *round, struct error *err)
{
    static const struct db_many form = {
        "SELECT DISTINCT l.content_hash, s.id FROM (VALUES ", "(CAST($1 AS TEXT), CAST($2 AS TEXT))",
        ") AS v CROSS JOIN sample_look l CROSS JOIN sample s WHERE l.content_hash = v.column1 AND "
        "s.id = l.sample_id AND s.dataset_id = v.column2",
        2};
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct match_row, content),
                                               DB_COLUMN_TEXT(struct match_row, id), DB_COLUMN_END};
    AUTO(db_rows) rows = NULL;
    struct db_value values[2 * DB_MANY_MAX];
    struct match_row row;
    size_t count = 0;
    for (size_t i = 0; i < round->group_count; i++) {
        if (!round->groups[i].content)
            continue;
        values[2 * count] = db_text(round->groups[i].content);
        values[2 * count++ + 1] = db_text(where->into_id);
    }
    if (count == 0)
        return true;
    if (!db_select_many(where->db, where->of_round, &form, values, count, &rows, err))
        return false;
    while (db_next(rows, columns, &row))
        if (!note_there(round, group_of(round, row.content), row.id, where->of_round, err))
            return false;
    return db_rows_ok(rows, err);
}

static bool find_by_source(const struct merge_where *where, struct merge_round *round, struct error *err)
{
    for (size_t group = 0; group < round->group_count; group++)
        for (size_t i = 0; i < round->groups[group].count; i++) {
            char *id = arena_alloc(where->of_round, HASH_HEX_BYTES);
            if (!id)
                return error_no_memory(err);
            sample_id_of(where->into_id, round->members[round->groups[group].first + i].source, id);
            if (!note_there(round, group, id, where->of_round, err))
                return false;
        }
    return true;
}

static int by_group(const void *a, const void *b)
{
    const struct merge_there *one = a, *other = b;
    if (one->group != other->group)
        return one->group < other->group ? -1 : 1;
    return strcmp(one->id, other->id);
}

static int sample_by_id(const void *a, const void *b)
{
    return strcmp(((const struct sample *)a)->id, ((const struct sample *)b)->id);
}

/* Each of them is one struct, whatever groups it is of. */
static bool load_there(const struct merge_where *where, struct merge_round *round, struct error *err)
{
    const char **ids = arena_array(where->of_round, round->there_count + 1, sizeof(*ids));
    struct sample *samples = NULL;
    struct param_list once;
    size_t count = 0;
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < round->there_count; i++)
        ids[i] = round->there[i].id;
    if (!unique_ids(where->of_round, (struct param_list){ids, round->there_count}, &once, err) ||
        !samples_load(where->db, where->of_round, once, &samples, &count, err))
        return false;
    for (size_t i = 0; i < round->there_count; i++) {
        const struct sample wanted = {.id = round->there[i].id};
        round->there[i].sample = bsearch(&wanted, samples, count, sizeof(*samples), sample_by_id);
    }
    return true;
}

/* Those that are there, each once in a group. */
static void tidy_there(struct merge_round *round)
{
    size_t kept = 0;
    qsort(round->there, round->there_count, sizeof(*round->there), by_group);
    for (size_t i = 0; i < round->there_count; i++) {
        const struct merge_there item = round->there[i];
        if (!item.sample || (kept > 0 && by_group(&round->there[kept - 1], &item) == 0))
            continue;
        struct merge_group *group = &round->groups[item.group];
        if (group->there_count++ == 0)
            group->there = kept;
        round->there[kept++] = item;
    }
    round->there_count = kept;
}

bool merge_round_load(const struct merge_where *where, struct merge_candidates *candidates,
                      struct merge_round *ret, struct error *err)
{
    const struct merge_candidate *first = &candidates->items[candidates->next];
    take_groups(candidates, ret);
    if (!load_members(where, first, ret, err) || !find_by_content(where, ret, err) ||
        !find_by_source(where, ret, err) || !load_there(where, ret, err))
        return false;
    tidy_there(ret);
    return true;
}
