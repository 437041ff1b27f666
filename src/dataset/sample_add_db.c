/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/dataset_check.h"
#include "dataset/label_set.h"
#include "dataset/sample_merge.h"
#include "dataset/sample_rows.h"

#include <string.h>

/* The samples of one round, and those stored under their ids, with their annotations, several times over. */
enum { ROUND_ARENA_BYTES = 512 * 1024 * 1024, LABELS_ARENA_BYTES = 64 * 1024 * 1024 };
enum {
    ADDED_MAX = 64000, /* new samples that are written together */
    ADDED_ARENA_BYTES = 64 * 1024 * 1024,
    INSERT_WIDTH = 18,
    UPDATE_WIDTH = 16,
    SHORT_SOURCE_BYTES = 2000, /* a longer one may be more than an index takes: it is written by itself */
};

/* One sample of a round. */
struct incoming {
    char id[HASH_HEX_BYTES];
    struct sample_new sample;
};

struct round_stored {
    bool is_there[DB_MANY_MAX];
    struct sample *samples[DB_MANY_MAX]; /* NULL also when they are to be kept as they are */
};

/* New samples of all rounds so far: written together in the order of their ids, so that each page of the
 * indexes, in which ids lie at random, is touched once. */
struct added {
    struct arena *arena; /* ids, and what is sorted */
    struct new_sample *samples;
    size_t count, most;
    const char **places; /* ids by their hash, for finding one that comes again; NULL: nothing */
    size_t place_count;  /* a power of two, at least twice as many */
};
struct new_sample {
    const char *id;
    const struct sample_new *content; /* with its usage in capitals */
};

struct adding {
    struct db *db;
    const char *dataset_id, *dataset_type;
    enum sample_merge merge;
    int64_t now_ms, change;
    struct arena *of_round;
    struct label_set labels;
    struct sample_add_counts counts;
    /* what this round writes */
    struct db_value *updates;
    size_t update_count;
    struct sample_annotations *other_sets; /* in place of those of stored ones */
    size_t other_count;
    struct added added;
};

void sample_id_of(const char *dataset_id, const char *source, char ret_hex[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    hash_add_text(&hash, dataset_id);
    hash_add_text(&hash, source);
    hash_finish(&hash, ret_hex);
}

static struct db_value positive_or_null(int64_t value)
{
    return value > 0 ? db_int(value) : db_null();
}

static bool added_init(struct added *added, size_t most)
{
    arena_reset(added->arena);
    added->most = most;
    added->place_count = 2;
    while (added->place_count < 2 * most)
        added->place_count *= 2;
    added->samples = arena_array(added->arena, most + 1, sizeof(*added->samples));
    added->places = arena_array(added->arena, added->place_count, sizeof(*added->places));
    if (added->places)
        memset(added->places, 0, added->place_count * sizeof(*added->places));
    added->count = 0;
    return added->samples && added->places;
}

/* Where the id is, or would be. */
static const char **added_find(const struct added *added, const char *id)
{
    uint64_t start = 0;
    memcpy(&start, id, sizeof(start));
    start = start * 0x9E3779B97F4A7C15ULL >> 20;
    size_t at = (size_t)start & (added->place_count - 1);
    while (added->places[at] && strcmp(added->places[at], id) != 0)
        at = (at + 1) & (added->place_count - 1);
    return &added->places[at];
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct new_sample *)a)->id, ((const struct new_sample *)b)->id);
}

static bool queue_insert(struct adding *adding, const char *id, const struct sample_new *sample,
                         struct error *err)
{
    struct added *added = &adding->added;
    struct sample_new *content = arena_alloc(added->arena, sizeof(*content));
    char *copy = arena_text(added->arena, id);
    if (!copy || !content)
        return error_no_memory(err);
    *content = *sample;
    *added_find(added, copy) = copy;
    added->samples[added->count++] = (struct new_sample){copy, content};
    adding->counts.added++;
    return true;
}

static void insert_values(const struct adding *adding, const struct new_sample *one,
                          struct db_value into[INSERT_WIDTH])
{
    const struct sample_new *sample = one->content;
    const struct db_value values[INSERT_WIDTH] = {db_text(one->id),
                                                  db_text(adding->dataset_id),
                                                  db_text(sample->source),
                                                  db_text(sample->state),
                                                  db_text(sample->usage),
                                                  db_text(sample->content_hash),
                                                  positive_or_null(sample->width),
                                                  positive_or_null(sample->height),
                                                  db_int(sample->is_hard),
                                                  db_real(sample->hard_coefficient),
                                                  db_text(sample->hard_reasons),
                                                  db_text(sample->evidence_json),
                                                  db_text(sample->origin),
                                                  db_text(sample->origin_task),
                                                  db_text(sample->metadata_json),
                                                  db_int(adding->now_ms),
                                                  db_int(adding->now_ms),
                                                  db_int(adding->change)};
    memcpy(into, values, sizeof(values));
}

static bool insert_some(struct adding *adding, const struct new_sample *samples, size_t count,
                        struct error *err)
{
    static const struct db_many form = {
        "INSERT INTO sample (id, dataset_id, source, state, usage, content_hash, width, height, is_hard, "
        "hard_coefficient, hard_reasons, evidence_json, origin, origin_task, metadata_json, created_ms, "
        "updated_ms, change) VALUES ",
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)", "",
        INSERT_WIDTH};
    struct arena *arena = adding->of_round;
    arena_reset(arena);
    struct db_value *values = arena_array(arena, count * INSERT_WIDTH, sizeof(*values));
    struct sample_annotations *sets = arena_array(arena, count, sizeof(*sets));
    if (!values || !sets)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct sample_new *content = samples[i].content;
        insert_values(adding, &samples[i], &values[i * INSERT_WIDTH]);
        sets[i] = (struct sample_annotations){samples[i].id, content->annotations, content->annotation_count};
    }
    if (!db_exec_many(adding->db, &form, values, count, NULL, err))
        return count == 1 ? error_wrap(err, "sample '%.150s'", samples[0].content->source) : false;
    return annotations_insert(adding->db, arena, sets, count, adding->now_ms, err);
}

static bool is_long(const struct new_sample *one)
{
    return strlen(one->content->source) > SHORT_SOURCE_BYTES;
}

/* Between rounds: what a round has in its arena goes. */
static bool write_added(struct adding *adding, struct error *err)
{
    struct added *added = &adding->added;
    size_t count = added->count;
    if (count == 0)
        return true;
    qsort(added->samples, count, sizeof(*added->samples), by_id);
    for (size_t i = 0, some = 0; i < count; i += some) {
        some = 1;
        while (!is_long(&added->samples[i]) && some < DB_MANY_MAX && i + some < count &&
               !is_long(&added->samples[i + some]))
            some++;
        if (!insert_some(adding, &added->samples[i], some, err))
            return false;
    }
    return added_init(added, added->most) || error_no_memory(err);
}

static void queue_update(struct adding *adding, const struct sample *stored, const struct sample_new *content)
{
    const struct db_value values[UPDATE_WIDTH] = {db_text(stored->id),
                                                  db_int(stored->revision),
                                                  db_text(content->state),
                                                  db_text(content->usage),
                                                  db_text(content->content_hash),
                                                  positive_or_null(content->width),
                                                  positive_or_null(content->height),
                                                  db_int(content->is_hard),
                                                  db_real(content->hard_coefficient),
                                                  db_text(content->hard_reasons),
                                                  db_text(content->evidence_json),
                                                  db_text(content->origin),
                                                  db_text(content->origin_task),
                                                  db_text(content->metadata_json),
                                                  db_int(adding->now_ms),
                                                  db_int(adding->change)};
    memcpy(&adding->updates[adding->update_count++ * UPDATE_WIDTH], values, sizeof(values));
    adding->counts.updated++;
}

/* The revision keeps a writer of another server from being overwritten where transactions see each other's
 * commits. */
static bool write_updates(struct adding *adding, struct error *err)
{
    static const struct db_many form = {
        "UPDATE sample SET state = v.column3, usage = v.column4, content_hash = v.column5, "
        "width = v.column6, height = v.column7, is_hard = v.column8, hard_coefficient = v.column9, "
        "hard_reasons = v.column10, evidence_json = v.column11, origin = v.column12, "
        "origin_task = v.column13, metadata_json = v.column14, updated_ms = v.column15, change = v.column16, "
        "revision = revision + 1 FROM (VALUES ",
        "(CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), "
        "CAST($6 AS BIGINT), CAST($7 AS BIGINT), CAST($8 AS SMALLINT), CAST($9 AS DOUBLE PRECISION), "
        "CAST($10 AS TEXT), CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS TEXT), CAST($14 AS TEXT), "
        "CAST($15 AS BIGINT), CAST($16 AS BIGINT))",
        ") AS v WHERE sample.id = v.column1 AND sample.revision = v.column2", UPDATE_WIDTH};
    int64_t changed = 0, wanted = (int64_t)adding->update_count;
    if (!db_exec_many(adding->db, &form, adding->updates, adding->update_count, &changed, err))
        return false;
    adding->update_count = 0;
    return changed == wanted || error_set(err, ERR_CONFLICT, "samples were changed meanwhile; try again");
}

static bool need_labels(struct adding *adding, const struct sample_new *sample, struct error *err)
{
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!label_set_need(&adding->labels, sample->annotations[i].name, err))
            return error_wrap(err, "sample '%.150s'", sample->source);
    return true;
}

static bool merge_stored(struct adding *adding, const struct sample *stored, const struct sample_new *sample,
                         struct error *err)
{
    struct sample_merged merged;
    sample_merge(stored, sample, adding->merge, &merged);
    if (!merged.is_changed) {
        adding->counts.unchanged++;
        return true;
    }
    queue_update(adding, stored, &merged.content);
    if (!merged.has_new_annotations)
        return true;
    adding->other_sets[adding->other_count++] =
        (struct sample_annotations){stored->id, merged.content.annotations, merged.content.annotation_count};
    return need_labels(adding, &merged.content, err);
}

/* The stored samples among a round's, where it matters what they are. */
static bool find_stored(struct adding *adding, const char *const *ids, size_t count, struct round_stored *ret,
                        struct error *err)
{
    bool has_any = false;
    *ret = (struct round_stored){0};
    if (!samples_exist(adding->db, adding->of_round, ids, count, ret->is_there, err))
        return false;
    for (size_t i = 0; i < count; i++)
        has_any |= ret->is_there[i];
    return !has_any || adding->merge == SAMPLE_MERGE_KEEP ||
           samples_stored(adding->db, adding->of_round, ids, count, ret->samples, err);
}

static bool add_incoming(struct adding *adding, const struct incoming *incoming,
                         const struct round_stored *all_stored, size_t index, struct error *err)
{
    const struct sample *stored = all_stored->samples[index];
    const struct sample_new *sample = &incoming->sample;
    if (stored)
        return merge_stored(adding, stored, sample, err);
    if (all_stored->is_there[index]) {
        adding->counts.unchanged++;
        return true;
    }
    return need_labels(adding, sample, err) && queue_insert(adding, incoming->id, sample, err);
}

static bool round_begin(struct adding *adding, struct error *err)
{
    struct arena *arena = adding->of_round;
    arena_reset(arena);
    adding->updates = arena_array(arena, (size_t)DB_MANY_MAX * UPDATE_WIDTH, sizeof(struct db_value));
    adding->other_sets = arena_array(arena, DB_MANY_MAX, sizeof(struct sample_annotations));
    adding->update_count = adding->other_count = 0;
    return (adding->updates && adding->other_sets) || error_no_memory(err);
}

static bool round_write(struct adding *adding, struct error *err)
{
    return write_updates(adding, err) && annotations_replace(adding->db, adding->of_round, adding->other_sets,
                                                             adding->other_count, adding->now_ms, err);
}

static bool is_in_round(const struct incoming *round, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(round[i].id, id) == 0)
            return true;
    return false;
}

/* Takes as many of the samples as one round holds; one that comes again waits for the next, and until what is
 * new was written: none is taken then. */
static bool gather(struct adding *adding, const struct sample_new *samples, size_t count,
                   struct incoming *round, size_t *ret_count, struct error *err)
{
    size_t taken = 0;
    for (; taken < count && taken < DB_MANY_MAX; taken++) {
        struct incoming *incoming = &round[taken];
        incoming->sample = samples[taken];
        if (!sample_check(&samples[taken], adding->dataset_type, err) ||
            !sample_check_usage(samples[taken].usage, &incoming->sample.usage, err))
            return false;
        sample_id_of(adding->dataset_id, samples[taken].source, incoming->id);
        if (is_in_round(round, taken, incoming->id) || *added_find(&adding->added, incoming->id))
            break;
    }
    *ret_count = taken;
    return true;
}

static bool add_round(struct adding *adding, const struct sample_new *samples, size_t count, size_t *ret_done,
                      struct error *err)
{
    struct round_stored stored;
    const char *ids[DB_MANY_MAX];
    if (!round_begin(adding, err))
        return false;
    struct incoming *round = arena_array(adding->of_round, DB_MANY_MAX, sizeof(*round));
    if (!round)
        return error_no_memory(err);
    if (!gather(adding, samples, count, round, ret_done, err))
        return false;
    if (*ret_done == 0)
        return true;
    for (size_t i = 0; i < *ret_done; i++)
        ids[i] = round[i].id;
    if (!find_stored(adding, ids, *ret_done, &stored, err))
        return false;
    for (size_t i = 0; i < *ret_done; i++)
        if (!add_incoming(adding, &round[i], &stored, i, err))
            return false;
    return round_write(adding, err);
}

static bool find_type(struct adding *adding, struct arena *arena, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct adding, dataset_type),
                                               DB_COLUMN_INT(struct adding, change), DB_COLUMN_END};
    bool is_found = false;
    if (!db_select_one(adding->db, arena,
                       "SELECT dataset_type, " DATASET_NEXT_CHANGE " FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(adding->dataset_id)), columns, adding, &is_found, err))
        return false;
    return is_found ||
           error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", adding->dataset_id);
}

static bool add_all(struct adding *adding, struct arena *arena, const struct sample_batch *batch,
                    struct error *err)
{
    if (!find_type(adding, arena, err))
        return false;
    label_set_init(&adding->labels, adding->db, adding->dataset_id, arena);
    if (!added_init(&adding->added, batch->count < ADDED_MAX ? batch->count : ADDED_MAX))
        return error_no_memory(err);
    for (size_t done = 0, taken = 0; done < batch->count; done += taken) {
        const struct added *added = &adding->added;
        size_t room = added->most - added->count, left = batch->count - done;
        if (!add_round(adding, &batch->samples[done], left < room ? left : room, &taken, err) ||
            ((taken == 0 || added->count == added->most) && !write_added(adding, err)))
            return false;
    }
    if (!write_added(adding, err))
        return false;
    bool is_changed = adding->counts.added + adding->counts.updated > 0;
    return !is_changed || dataset_touch(adding->db, adding->dataset_id, adding->now_ms, err);
}

bool samples_add(struct db *db, const char *dataset_id, const struct sample_batch *batch,
                 struct sample_add_counts *counts, struct error *err)
{
    AUTO(arena) arena = arena_new(LABELS_ARENA_BYTES);
    AUTO(arena) of_round = arena_new(ROUND_ARENA_BYTES);
    AUTO(arena) of_added = arena_new(ADDED_ARENA_BYTES);
    if (!arena || !of_round || !of_added)
        return error_no_memory(err);
    struct adding adding = {.db = db,
                            .dataset_id = dataset_id,
                            .merge = batch->merge,
                            .now_ms = clock_now_ms(),
                            .of_round = of_round,
                            .added = {.arena = of_added}};
    if (!db_begin(db, err))
        return false;
    if (!add_all(&adding, arena, batch, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    counts->added += adding.counts.added;
    counts->updated += adding.counts.updated;
    counts->unchanged += adding.counts.unchanged;
    return true;
}
