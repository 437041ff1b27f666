/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_index.h"

#include "dataset/sample_match.h"
#include "dataset/sample_rows.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { DATASETS_MAX = 1000 };

/* The index of one dataset. */
struct entry {
    struct entry *next;
    char *dataset_id;
    /* under the lock of the whole index */
    size_t users, bytes;
    uint64_t used_at; /* a counter, not a time */

    pthread_mutex_t updating;       /* one thread reads the database for all */
    pthread_rwlock_t lock;          /* of what follows; held for reading while a query is answered */
    struct sample_columns *columns; /* NULL: not made yet */
    bool is_too_big;
};

struct sample_index {
    pthread_mutex_t lock;
    struct entry *entries;
    size_t bytes_max;
    uint64_t uses;
};

/* ---- entries ---- */

static void entry_free(struct entry *entry)
{
    entry->columns = sample_columns_free(entry->columns);
    (void)pthread_mutex_destroy(&entry->updating);
    (void)pthread_rwlock_destroy(&entry->lock);
    free(entry->dataset_id);
    free(entry);
}

/* Readers that keep coming must not hold up the one that brings the news. */
static struct entry *entry_new(const char *dataset_id)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    char *id = strdup(dataset_id);
    pthread_rwlockattr_t prefer_writer;
    if (!entry || !id) {
        free(entry);
        free(id);
        return NULL;
    }
    entry->dataset_id = id;
    (void)pthread_mutex_init(&entry->updating, NULL);
    (void)pthread_rwlockattr_init(&prefer_writer);
    (void)pthread_rwlockattr_setkind_np(&prefer_writer, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(&entry->lock, &prefer_writer);
    (void)pthread_rwlockattr_destroy(&prefer_writer);
    return entry;
}

struct sample_index *sample_index_new(size_t bytes_max)
{
    struct sample_index *index = calloc(1, sizeof(*index));
    if (!index)
        return NULL;
    (void)pthread_mutex_init(&index->lock, NULL);
    index->bytes_max = bytes_max;
    return index;
}

struct sample_index *sample_index_free(struct sample_index *index)
{
    if (!index)
        return NULL;
    for (struct entry *entry = index->entries, *next; entry; entry = next) {
        next = entry->next;
        entry_free(entry);
    }
    (void)pthread_mutex_destroy(&index->lock);
    free(index);
    return NULL;
}

static struct entry *entry_take(struct sample_index *index, const char *dataset_id)
{
    (void)pthread_mutex_lock(&index->lock);
    struct entry *entry = index->entries;
    while (entry && strcmp(entry->dataset_id, dataset_id) != 0)
        entry = entry->next;
    if (!entry && (entry = entry_new(dataset_id))) {
        entry->next = index->entries;
        index->entries = entry;
    }
    if (entry) {
        entry->users++;
        entry->used_at = ++index->uses;
    }
    (void)pthread_mutex_unlock(&index->lock);
    return entry;
}

/* The least recently used one that nobody uses. */
static struct entry **oldest(struct sample_index *index)
{
    struct entry **found = NULL;
    for (struct entry **at = &index->entries; *at; at = &(*at)->next)
        if ((*at)->users == 0 && (!found || (*at)->used_at < (*found)->used_at))
            found = at;
    return found;
}

static void make_room(struct sample_index *index)
{
    struct entry **found;
    for (;;) {
        size_t bytes = 0, count = 0;
        for (const struct entry *entry = index->entries; entry; entry = entry->next, count++)
            bytes += entry->bytes;
        if ((bytes <= index->bytes_max && count <= DATASETS_MAX) || !(found = oldest(index)))
            return;
        struct entry *entry = *found;
        *found = entry->next;
        entry_free(entry);
    }
}

static void entry_give(struct sample_index *index, struct entry *entry)
{
    (void)pthread_mutex_lock(&index->lock);
    entry->users--;
    make_room(index);
    (void)pthread_mutex_unlock(&index->lock);
}

static void entry_weigh(struct sample_index *index, struct entry *entry)
{
    size_t bytes = entry->columns ? sample_columns_bytes(entry->columns) : 0;
    (void)pthread_mutex_lock(&index->lock);
    entry->bytes = bytes;
    (void)pthread_mutex_unlock(&index->lock);
}

/* ---- bringing up to date; the caller holds entry->updating ---- */

static void entry_set(struct entry *entry, struct sample_columns *columns, bool is_too_big)
{
    (void)pthread_rwlock_wrlock(&entry->lock);
    struct sample_columns *old = entry->columns;
    entry->columns = columns;
    entry->is_too_big = is_too_big;
    (void)pthread_rwlock_unlock(&entry->lock);
    (void)sample_columns_free(old);
}

/* Nobody waits for it but those who have nothing older to be answered from. */
static bool entry_build(struct sample_index *index, struct entry *entry, struct db *db, struct error *err)
{
    struct sample_columns *columns = NULL;
    if (sample_columns_load(db, entry->dataset_id, index->bytes_max, &columns, err)) {
        entry_set(entry, columns, false);
        return true;
    }
    if (err->code != ERR_LIMIT)
        return false;
    entry_set(entry, NULL, true);
    return true;
}

/* The database was read already: the lock is held for the memory only. */
static bool put_changed(void *state, const struct sample *samples, size_t count, struct error *err)
{
    struct entry *entry = state;
    bool is_ok = true;
    (void)pthread_rwlock_wrlock(&entry->lock);
    for (size_t i = 0; i < count && is_ok; i++)
        is_ok = sample_columns_put(entry->columns, &samples[i], err);
    is_ok = is_ok && sample_columns_settle(entry->columns, err);
    if (!is_ok)
        entry->columns = sample_columns_free(entry->columns);
    (void)pthread_rwlock_unlock(&entry->lock);
    return is_ok;
}

static bool entry_catch_up(struct entry *entry, struct db *db, int64_t change, struct error *err)
{
    if (!sample_changes_visit(db, entry->dataset_id, entry->columns->change, put_changed, entry, err))
        return false;
    (void)pthread_rwlock_wrlock(&entry->lock);
    entry->columns->change = change;
    (void)pthread_rwlock_unlock(&entry->lock);
    return true;
}

static bool is_current(const struct entry *entry, int64_t change)
{
    return entry->is_too_big || (entry->columns && entry->columns->change >= change);
}

/* Only the thread that holds `updating` changes the columns, so it may look at them without the lock. What
 * was built begins with the change noted before, and may have to catch up. */
static bool entry_update(struct sample_index *index, struct entry *entry, struct db *db,
                         const struct sample_changes_seen *seen, struct error *err)
{
    if (is_current(entry, seen->changes))
        return true;
    bool is_usable = entry->columns && entry->columns->change >= seen->removal;
    if (!is_usable && !entry_build(index, entry, db, err))
        return false;
    bool is_ok = is_current(entry, seen->changes) || entry_catch_up(entry, db, seen->changes, err);
    if (is_ok && entry->columns && sample_columns_bytes(entry->columns) > index->bytes_max)
        entry_set(entry, NULL, true);
    entry_weigh(index, entry);
    return is_ok;
}

/* Takes the entry with all that was committed before this call; its lock is held for reading then. NULL when
 * the dataset is too big. */
static bool entry_open(struct sample_index *index, struct db *db, const char *dataset_id, struct entry **ret,
                       struct error *err)
{
    struct sample_changes_seen seen = {0};
    if (!sample_changes_latest(db, dataset_id, &seen, err))
        return false;
    struct entry *entry = entry_take(index, dataset_id);
    if (!entry)
        return error_no_memory(err);
    (void)pthread_rwlock_rdlock(&entry->lock);
    while (!is_current(entry, seen.changes)) {
        (void)pthread_rwlock_unlock(&entry->lock);
        (void)pthread_mutex_lock(&entry->updating);
        bool is_ok = entry_update(index, entry, db, &seen, err);
        (void)pthread_mutex_unlock(&entry->updating);
        if (!is_ok) {
            entry_give(index, entry);
            return false;
        }
        (void)pthread_rwlock_rdlock(&entry->lock);
    }
    if (entry->is_too_big) {
        (void)pthread_rwlock_unlock(&entry->lock);
        entry_give(index, entry);
        entry = NULL;
    }
    *ret = entry;
    return true;
}

static void entry_close(struct sample_index *index, struct entry *entry)
{
    (void)pthread_rwlock_unlock(&entry->lock);
    entry_give(index, entry);
}

struct sample_index_figures sample_index_figures(struct sample_index *index)
{
    struct sample_index_figures figures = {0};
    (void)pthread_mutex_lock(&index->lock);
    for (struct entry *entry = index->entries; entry; entry = entry->next) {
        figures.datasets++;
        figures.bytes += entry->bytes;
        (void)pthread_rwlock_rdlock(&entry->lock);
        figures.samples += entry->columns ? entry->columns->count : 0;
        (void)pthread_rwlock_unlock(&entry->lock);
    }
    (void)pthread_mutex_unlock(&index->lock);
    return figures;
}

/* ---- answers ---- */

static bool ids_of_rows(const struct sample_columns *columns, const uint32_t *rows, size_t count,
                        struct arena *arena, struct param_list *ret, struct error *err)
{
    const char **ids = arena_array(arena, count + 1, sizeof(*ids));
    char(*texts)[HASH_HEX_BYTES] = arena_array(arena, count + 1, sizeof(*texts));
    if (!ids || !texts)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        sample_columns_id(columns, rows[i], texts[i]);
        ids[i] = texts[i];
    }
    *ret = (struct param_list){ids, count};
    return true;
}

static bool find_ids(const struct sample_columns *columns, struct arena *arena,
                     const struct sample_filter *filter, struct sample_ids *ret, struct error *err)
{
    struct sample_rows_wish wish = {
        .cursor = filter->cursor, .offset = (size_t)filter->offset, .limit = (size_t)filter->limit};
    struct sample_term all;
    roaring_bitmap_t *hits = NULL;
    struct sample_rows page = {0};
    if (!sample_order_find(filter->sort, &wish.order, err) || !sample_filter_term(filter, arena, &all, err) ||
        !sample_match(columns, &all, columns->all, &hits, err))
        return false;
    ret->total = (int64_t)roaring_bitmap_get_cardinality(hits);
    bool is_ok = sample_match_page(columns, hits, &wish, arena, &page, err) &&
                 ids_of_rows(columns, page.rows, page.count, arena, &ret->ids, err);
    ret->cursor = page.cursor;
    roaring_bitmap_free(hits);
    return is_ok;
}

static bool check_limit(int64_t limit, int64_t max, struct error *err)
{
    return (limit >= 1 && limit <= max) ||
           error_set(err, ERR_INVALID, "1 to %lld can be asked for at once, not %lld", (long long)max,
                     (long long)limit);
}

bool samples_search_ids(const struct sample_scope *scope, struct arena *arena,
                        const struct sample_filter *filter, struct sample_ids *ret, struct error *err)
{
    struct entry *entry = NULL;
    struct sample_ids found = {0};
    if (!check_limit(filter->limit, DATASET_DECIDE_MAX, err) ||
        (scope->index && !entry_open(scope->index, scope->db, scope->dataset_id, &entry, err)))
        return false;
    bool is_ok = entry ? find_ids(entry->columns, arena, filter, &found, err)
                       : samples_page_ids(scope->db, arena, scope->dataset_id, filter, &found, err) &&
                             samples_count(scope->db, scope->dataset_id, filter, &found.total, err);
    if (entry)
        entry_close(scope->index, entry);
    if (is_ok)
        *ret = found;
    return is_ok;
}

static bool search_by_sql(const struct sample_scope *scope, struct arena *arena,
                          const struct sample_filter *filter, struct sample_found *ret, struct error *err)
{
    struct sample_page page;
    int64_t total = 0;
    if (!samples_page(scope->db, arena, scope->dataset_id, filter, &page, err) ||
        !samples_count(scope->db, scope->dataset_id, filter, &total, err))
        return false;
    *ret = (struct sample_found){page.samples, page.count, page.cursor, total};
    return true;
}

bool samples_search(const struct sample_scope *scope, struct arena *arena, const struct sample_filter *filter,
                    struct sample_found *ret, struct error *err)
{
    struct entry *entry = NULL;
    struct sample_ids found = {0};
    struct sample *samples = NULL;
    size_t count = 0;
    if (!check_limit(filter->limit, DATASET_PAGE_MAX, err) ||
        (scope->index && !entry_open(scope->index, scope->db, scope->dataset_id, &entry, err)))
        return false;
    if (!entry)
        return search_by_sql(scope, arena, filter, ret, err);
    bool is_ok = find_ids(entry->columns, arena, filter, &found, err);
    entry_close(scope->index, entry);
    if (!is_ok || !samples_load(scope->db, arena, found.ids, &samples, &count, err))
        return false;
    *ret = (struct sample_found){samples, count, found.cursor, found.total};
    return true;
}

/* The columns of a dataset while something is read from them: the index's, or made for the call. */
struct reading {
    struct entry *entry;
    struct sample_columns *own;
};

static bool reading_begin(const struct sample_scope *scope, struct reading *ret, struct error *err)
{
    *ret = (struct reading){0};
    if (scope->index && !entry_open(scope->index, scope->db, scope->dataset_id, &ret->entry, err))
        return false;
    return ret->entry ||
           sample_columns_load(scope->db, scope->dataset_id, SAMPLE_INDEX_MAX_BYTES, &ret->own, err);
}

static const struct sample_columns *reading_columns(const struct reading *reading)
{
    return reading->entry ? reading->entry->columns : reading->own;
}

static void reading_end(const struct sample_scope *scope, struct reading *reading)
{
    if (reading->entry)
        entry_close(scope->index, reading->entry);
    (void)sample_columns_free(reading->own);
}

static bool facets_of(const struct sample_columns *columns, struct arena *arena,
                      const struct sample_filter *filter, size_t labels_max, struct sample_facets *ret,
                      struct error *err)
{
    struct sample_term all;
    return sample_filter_term(filter, arena, &all, err) &&
           sample_match_facets(columns, &all, labels_max, arena, ret, err);
}

bool samples_facets(const struct sample_scope *scope, struct arena *arena, const struct sample_filter *filter,
                    size_t labels_max, struct sample_facets *ret, struct error *err)
{
    struct reading reading;
    if (labels_max > SAMPLE_FACET_LABELS_MAX)
        return error_set(err, ERR_INVALID, "at most %d labels are counted one by one",
                         SAMPLE_FACET_LABELS_MAX);
    if (!reading_begin(scope, &reading, err))
        return false;
    bool is_ok = facets_of(reading_columns(&reading), arena, filter, labels_max, ret, err);
    reading_end(scope, &reading);
    return is_ok;
}

bool samples_sources(const struct sample_scope *scope, struct arena *arena, size_t limit,
                     struct sample_sources *ret, struct error *err)
{
    struct reading reading;
    if (!check_limit((int64_t)limit, SAMPLE_SOURCES_MAX, err) || !reading_begin(scope, &reading, err))
        return false;
    bool is_ok = sample_match_sources(reading_columns(&reading), limit, arena, ret, err);
    reading_end(scope, &reading);
    return is_ok;
}
