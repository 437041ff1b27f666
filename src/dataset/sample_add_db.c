/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/dataset_check.h"
#include "dataset/label_set.h"
#include "dataset/sample_merge.h"
#include "dataset/sample_rows.h"

#include <string.h>

/* A stored sample with its annotations, several times over. */
enum { STORED_ARENA_BYTES = 64 * 1024 * 1024, LABELS_ARENA_BYTES = 64 * 1024 * 1024 };

struct adding {
    struct db *db;
    const char *dataset_id, *dataset_type;
    enum sample_merge merge;
    int64_t now_ms, change;
    struct arena *stored; /* of one sample */
    struct label_set labels;
    struct sample_add_counts counts;
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

static bool insert_sample(struct adding *adding, const char *id, const struct sample_new *sample,
                          bool *ret_is_new, struct error *err)
{
    static const char sql[] =
        "INSERT INTO sample (id, dataset_id, source, state, usage, content_hash, width, height, is_hard, "
        "hard_coefficient, hard_reasons, evidence_json, origin, origin_task, metadata_json, created_ms, "
        "updated_ms, change) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
        "$16, $17) "
        "ON CONFLICT (dataset_id, source) DO NOTHING";
    int64_t changed = 0;
    if (!db_exec(adding->db, sql,
                 DB_ARGS(db_text(id), db_text(adding->dataset_id), db_text(sample->source),
                         db_text(sample->state), db_text(sample->usage), db_text(sample->content_hash),
                         positive_or_null(sample->width), positive_or_null(sample->height),
                         db_int(sample->is_hard), db_real(sample->hard_coefficient),
                         db_text(sample->hard_reasons), db_text(sample->evidence_json),
                         db_text(sample->origin), db_text(sample->origin_task),
                         db_text(sample->metadata_json), db_int(adding->now_ms), db_int(adding->change)),
                 &changed, err))
        return false;
    *ret_is_new = changed > 0;
    return true;
}

/* The revision keeps a writer of another server from being overwritten where transactions see each other's
 * commits. */
static bool update_sample(struct adding *adding, const struct sample *stored,
                          const struct sample_new *content, struct error *err)
{
    static const char sql[] =
        "UPDATE sample SET state = $3, usage = $4, content_hash = $5, width = $6, height = $7, is_hard = $8, "
        "hard_coefficient = $9, hard_reasons = $10, evidence_json = $11, origin = $12, origin_task = $13, "
        "metadata_json = $14, updated_ms = $15, change = $16, revision = revision + 1 WHERE id = $1 AND "
        "revision = $2";
    int64_t changed = 0;
    if (!db_exec(adding->db, sql,
                 DB_ARGS(db_text(stored->id), db_int(stored->revision), db_text(content->state),
                         db_text(content->usage), db_text(content->content_hash),
                         positive_or_null(content->width), positive_or_null(content->height),
                         db_int(content->is_hard), db_real(content->hard_coefficient),
                         db_text(content->hard_reasons), db_text(content->evidence_json),
                         db_text(content->origin), db_text(content->origin_task),
                         db_text(content->metadata_json), db_int(adding->now_ms), db_int(adding->change)),
                 &changed, err))
        return false;
    return changed > 0 ||
           error_set(err, ERR_CONFLICT, "sample '%.150s' was changed meanwhile; try again", content->source);
}

static bool need_labels(struct adding *adding, const struct sample_new *sample, struct error *err)
{
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!label_set_need(&adding->labels, sample->annotations[i].name, err))
            return error_wrap(err, "sample '%.150s'", sample->source);
    return true;
}

static bool merge_sample(struct adding *adding, const char *id, const struct sample_new *sample,
                         struct error *err)
{
    struct sample stored;
    struct sample_merged merged;
    bool is_found = false;
    arena_reset(adding->stored);
    if (!sample_load(adding->db, adding->stored, id, &stored, &is_found, err))
        return false;
    if (!is_found)
        return error_set(err, ERR_CONFLICT, "sample '%.150s' was deleted meanwhile; try again",
                         sample->source);
    sample_merge(&stored, sample, adding->merge, &merged);
    if (!merged.is_changed) {
        adding->counts.unchanged++;
        return true;
    }
    adding->counts.updated++;
    if (!update_sample(adding, &stored, &merged.content, err))
        return false;
    if (!merged.has_new_annotations)
        return true;
    return need_labels(adding, &merged.content, err) &&
           annotations_replace(adding->db, id, merged.content.annotations, merged.content.annotation_count,
                               adding->now_ms, err);
}

static bool add_sample(struct adding *adding, const struct sample_new *given, struct error *err)
{
    char id[HASH_HEX_BYTES];
    bool is_new = false;
    struct sample_new sample = *given;
    if (!sample_check(given, adding->dataset_type, err) ||
        !sample_check_usage(given->usage, &sample.usage, err))
        return false;
    sample_id_of(adding->dataset_id, sample.source, id);
    if (!insert_sample(adding, id, &sample, &is_new, err))
        return error_wrap(err, "sample '%.150s'", sample.source);
    if (!is_new && adding->merge == SAMPLE_MERGE_KEEP) {
        adding->counts.unchanged++;
        return true;
    }
    if (!is_new)
        return merge_sample(adding, id, &sample, err);
    adding->counts.added++;
    return need_labels(adding, &sample, err) &&
           annotations_insert(adding->db, id, sample.annotations, sample.annotation_count, adding->now_ms,
                              err);
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
    for (size_t i = 0; i < batch->count; i++)
        if (!add_sample(adding, &batch->samples[i], err))
            return false;
    bool is_changed = adding->counts.added + adding->counts.updated > 0;
    return !is_changed || dataset_touch(adding->db, adding->dataset_id, adding->now_ms, err);
}

bool samples_add(struct db *db, const char *dataset_id, const struct sample_batch *batch,
                 struct sample_add_counts *counts, struct error *err)
{
    AUTO(arena) arena = arena_new(LABELS_ARENA_BYTES);
    AUTO(arena) stored = arena_new(STORED_ARENA_BYTES);
    if (!arena || !stored)
        return error_no_memory(err);
    struct adding adding = {.db = db,
                            .dataset_id = dataset_id,
                            .merge = batch->merge,
                            .now_ms = clock_now_ms(),
                            .stored = stored};
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
