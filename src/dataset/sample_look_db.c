/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_look.h"

#include <string.h>

enum {
    PAGE_ARENA_BYTES = 64 * 1024 * 1024,
    LABELS_OF_PAGE_MAX = SAMPLE_LOOKS_PAGE * SAMPLE_CLASSES_MAX,
    BASE64_BYTES = sodium_base64_ENCODED_LEN(SAMPLE_LOOK_LENGTH, sodium_base64_VARIANT_ORIGINAL),
    LOOK_WIDTH = 4,
};

#define MISSING_FROM                                                                                         \
    "FROM sample s WHERE s.dataset_id = $1 AND (s.is_excluded = 0 OR CAST($2 AS BIGINT) <> 0) AND NOT "      \
    "EXISTS (SELECT 1 FROM "                                                                                 \
    "sample_look l WHERE l.sample_id = s.id)"

bool sample_looks_count_missing(struct db *db, const struct sample_looks_of *of, int64_t *ret,
                                struct error *err)
{
    return db_select_number(db, "SELECT COUNT(*) " MISSING_FROM,
                            DB_ARGS(db_text(of->dataset_id), db_int(of->with_excluded)), ret, err);
}

bool sample_looks_missing(struct db *db, struct arena *arena, const struct sample_looks_of *of,
                          struct sample_unseen **ret, size_t *ret_count, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct sample_unseen, id),
                                               DB_COLUMN_TEXT(struct sample_unseen, source), DB_COLUMN_END};
    static const struct db_list form = {columns, sizeof(struct sample_unseen), SAMPLE_LOOKS_PAGE};
    return db_select_list(db, arena,
                          "SELECT s.id, s.source " MISSING_FROM " AND s.id > $3 ORDER BY s.id LIMIT $4",
                          DB_ARGS(db_text(of->dataset_id), db_int(of->with_excluded),
                                  db_text(of->after ? of->after : ""), db_int(SAMPLE_LOOKS_PAGE)),
                          &form, ret, ret_count, err);
}

/* ---- keeping ---- */

static bool insert(struct db *db, struct arena *arena, const struct sample_look *looks, size_t count,
                   struct error *err)
{
    /* SELECT, not VALUES alone: a sample may be gone by now. */
    static const struct db_many form = {
        "INSERT INTO sample_look (sample_id, content_hash, perceptual_hash, appearance) "
        "SELECT v.column1, v.column2, v.column3, v.column4 FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS TEXT))",
        ") AS v JOIN sample s ON s.id = v.column1 WHERE true ON CONFLICT (sample_id) DO NOTHING", LOOK_WIDTH};
    struct db_value *values = arena_array(arena, count * LOOK_WIDTH, sizeof(*values)), *at = values;
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        char *appearance = arena_alloc(arena, BASE64_BYTES);
        if (!appearance)
            return error_no_memory(err);
        (void)sodium_bin2base64(appearance, BASE64_BYTES, (const unsigned char *)looks[i].appearance,
                                SAMPLE_LOOK_LENGTH, sodium_base64_VARIANT_ORIGINAL);
        *at++ = db_text(looks[i].sample_id);
        *at++ = db_text(looks[i].content_hash);
        *at++ = db_int((int64_t)looks[i].perceptual_hash);
        *at++ = db_text(appearance);
    }
    return db_exec_many(db, &form, values, count, NULL, err);
}

static bool insert_features(struct db *db, struct arena *arena, const struct sample_look *looks, size_t count,
                            struct error *err)
{
    struct sample_features *features = arena_array(arena, count, sizeof(*features));
    size_t measured = 0;
    if (!features)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (looks[i].features)
            features[measured++] = *looks[i].features;
    return sample_features_keep(db, arena, features, measured, err);
}

bool sample_looks_keep(struct db *db, struct arena *arena, const struct sample_look *looks, size_t count,
                       struct error *err)
{
    if (count == 0)
        return true;
    if (!db_begin(db, err))
        return false;
    if (insert(db, arena, looks, count, err) && insert_features(db, arena, looks, count, err) &&
        db_commit(db, err))
        return true;
    db_rollback(db);
    return false;
}

bool sample_looks_copy(struct db *db, struct arena *arena, const struct sample_look_copy *copies,
                       size_t count, struct error *err)
{
    static const struct db_many form = {
        "INSERT INTO sample_look (sample_id, content_hash, perceptual_hash, appearance) SELECT v.column2, "
        "l.content_hash, l.perceptual_hash, l.appearance FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS TEXT))",
        ") AS v JOIN sample_look l ON l.sample_id = v.column1 WHERE true ON CONFLICT (sample_id) DO NOTHING",
        2};
    struct db_value *values = arena_array(arena, 2 * count + 1, sizeof(*values));
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        values[2 * i] = db_text(copies[i].from_id);
        values[2 * i + 1] = db_text(copies[i].to_id);
    }
    return db_exec_many(db, &form, values, count, NULL, err);
}

/* ---- reading ---- */

struct look_row {
    const char *id, *usage, *state, *content_hash, *appearance;
    int64_t perceptual_hash;
};
static const struct db_column look_columns[] = {
    DB_COLUMN_TEXT(struct look_row, id),
    DB_COLUMN_TEXT(struct look_row, usage),
    DB_COLUMN_TEXT(struct look_row, state),
    DB_COLUMN_TEXT(struct look_row, content_hash),
    DB_COLUMN_TEXT(struct look_row, appearance),
    DB_COLUMN_INT(struct look_row, perceptual_hash),
    DB_COLUMN_END,
};
static const struct db_list look_form = {look_columns, sizeof(struct look_row), SAMPLE_LOOKS_PAGE};

struct label_row {
    const char *id, *name;
};
static const struct db_column label_columns[] = {DB_COLUMN_TEXT(struct label_row, id),
                                                 DB_COLUMN_TEXT(struct label_row, name), DB_COLUMN_END};
static const struct db_list label_form = {label_columns, sizeof(struct label_row), LABELS_OF_PAGE_MAX};

/* A page of samples, and the classes of those that are labeled, in the same order. */
struct page {
    struct look_row *rows;
    struct label_row *labels;
    size_t count, label_count;
};

static bool read_page(struct db *db, struct arena *arena, const char *dataset_id, const char *after,
                      struct page *ret, struct error *err)
{
    static const char rows[] =
        "SELECT s.id, s.usage, s.state, l.content_hash, l.appearance, l.perceptual_hash FROM sample s LEFT "
        "JOIN sample_look l ON l.sample_id = s.id WHERE s.dataset_id = $1 AND s.is_excluded = 0 AND s.id > "
        "$2 "
        "ORDER BY s.id LIMIT $3";
    static const char labels[] =
        "SELECT DISTINCT s.id, a.name FROM sample s JOIN annotation a ON a.sample_id = s.id WHERE "
        "s.dataset_id = $1 AND s.is_excluded = 0 AND s.id > $2 AND s.id <= $3 AND a.is_suggested = 0 ORDER "
        "BY "
        "s.id, a.name";
    if (!db_select_list(db, arena, rows,
                        DB_ARGS(db_text(dataset_id), db_text(after), db_int(SAMPLE_LOOKS_PAGE)), &look_form,
                        &ret->rows, &ret->count, err))
        return false;
    if (ret->count == 0)
        return true;
    return db_select_list(db, arena, labels,
                          DB_ARGS(db_text(dataset_id), db_text(after), db_text(ret->rows[ret->count - 1].id)),
                          &label_form, &ret->labels, &ret->label_count, err);
}

/* False when the text is not what was kept: as if it had not been measured. */
static bool read_appearance(const char *text, int8_t *into)
{
    size_t bytes = 0;
    return text &&
           sodium_base642bin((unsigned char *)into, SAMPLE_LOOK_LENGTH, text, strlen(text), NULL, &bytes,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           bytes == SAMPLE_LOOK_LENGTH;
}

static bool give_page(const struct page *page, sample_looks_taker *take, void *state, struct error *err)
{
    size_t label = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct look_row *row = &page->rows[i];
        int8_t appearance[SAMPLE_LOOK_LENGTH];
        struct sample_seen seen = {.id = row->id, .usage = row->usage};
        struct hash hash;
        hash_start(&hash);
        for (; label < page->label_count && strcmp(page->labels[label].id, row->id) <= 0; label++)
            if (strcmp(page->labels[label].id, row->id) == 0)
                hash_add_text(&hash, page->labels[label].name);
        hash_finish(&hash, seen.labels);
        seen.is_labeled = strcmp(row->state, SAMPLE_LABELED) == 0;
        seen.look.sample_id = row->id;
        seen.look.perceptual_hash = (uint64_t)row->perceptual_hash;
        seen.look.appearance = appearance;
        if (read_appearance(row->appearance, appearance))
            seen.look.content_hash = row->content_hash;
        if (!take(state, &seen, err))
            return false;
    }
    return true;
}

bool sample_looks_visit(struct db *db, const char *dataset_id, sample_looks_taker *take, void *state,
                        struct error *err)
{
    char after[HASH_HEX_BYTES] = "";
    AUTO(arena) arena = arena_new(PAGE_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    for (;;) {
        struct page page = {0};
        arena_reset(arena);
        if (!read_page(db, arena, dataset_id, after, &page, err) || !give_page(&page, take, state, err))
            return false;
        if (page.count < SAMPLE_LOOKS_PAGE)
            return true;
        memcpy(after, page.rows[page.count - 1].id, sizeof(after));
    }
}
