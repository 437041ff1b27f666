/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/dataset_check.h"
#include "dataset/label_set.h"
#include "dataset/sample_decision.h"
#include "dataset/sample_rows.h"

#include <string.h>

enum { SAMPLE_ARENA_BYTES = 64 * 1024 * 1024, DATASET_ARENA_BYTES = 64 * 1024 * 1024 };

/* The dataset of the samples at hand; most calls meet one only. */
struct at_hand {
    const char *id, *dataset_type;
    int64_t change;
    struct label_set labels;
    bool is_changed;
};

struct deciding_all {
    struct db *db;
    const struct sample_decision *decision; /* decided_by is set */
    struct sample_answer answer;
    int64_t now_ms;
    struct arena *of_sample, *of_dataset;
    struct at_hand dataset;
};

static bool leave_dataset(struct deciding_all *all, struct error *err)
{
    return !all->dataset.is_changed || dataset_touch(all->db, all->dataset.id, all->now_ms, err);
}

/* *ret_found false: it belongs to another project. */
static bool enter_dataset(struct deciding_all *all, const char *id, bool *ret_found, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct at_hand, id),
                                               DB_COLUMN_TEXT(struct at_hand, dataset_type),
                                               DB_COLUMN_INT(struct at_hand, change), DB_COLUMN_END};
    *ret_found = true;
    if (all->dataset.id && strcmp(all->dataset.id, id) == 0)
        return true;
    if (!leave_dataset(all, err))
        return false;
    arena_reset(all->of_dataset);
    all->dataset = (struct at_hand){0};
    if (!db_select_one(all->db, all->of_dataset,
                       "SELECT id, dataset_type, " DATASET_NEXT_CHANGE
                       " FROM dataset WHERE id = $1 AND project_id = $2",
                       DB_ARGS(db_text(id), db_text(all->decision->project_id)), columns, &all->dataset,
                       ret_found, err))
        return false;
    label_set_init(&all->dataset.labels, all->db, all->dataset.id, all->of_dataset);
    return true;
}

static bool is_detection(const struct deciding_all *all)
{
    return strcmp(all->dataset.dataset_type, DATASET_TYPE_DETECTION) == 0;
}

/* Leaves ERR_NONE in *ret_refusal when the labels may be given to samples of this dataset. */
static bool check_labels(struct deciding_all *all, struct error *ret_refusal, struct error *err)
{
    struct param_list labels = all->decision->labels;
    bool is_checked = all->decision->only_known_labels && !is_detection(all);
    for (size_t i = 0; i < labels.count && is_checked; i++) {
        bool is_known = false;
        if (!label_set_has(&all->dataset.labels, labels.items[i], &is_known, err))
            return false;
        if (!is_known) {
            (void)error_set_detail(ret_refusal, DETAIL_LABEL_NOT_FOUND, "the dataset has no label '%.100s'",
                                   labels.items[i]);
            return true;
        }
    }
    return true;
}

static bool write_down(struct deciding_all *all, const struct sample *sample,
                       const struct sample_decided *decided, struct error *ret_refusal, struct error *err)
{
    static const char sql[] =
        "UPDATE sample SET state = $3, is_hard = $4, is_excluded = $5, updated_ms = $6, "
        "change = $7, revision = revision + 1 WHERE id = $1 AND revision = $2";
    int64_t changed = 0;
    for (size_t i = 0; i < decided->annotation_count; i++)
        if (!label_set_need(&all->dataset.labels, decided->annotations[i].name, err))
            return false;
    if (!db_exec(all->db, sql,
                 DB_ARGS(db_text(sample->id), db_int(sample->revision), db_text(decided->state),
                         db_int(decided->is_hard), db_int(decided->is_excluded), db_int(all->now_ms),
                         db_int(all->dataset.change)),
                 &changed, err))
        return false;
    if (changed == 0) {
        (void)error_set(ret_refusal, ERR_CONFLICT, "sample '%s' was changed meanwhile; look again",
                        sample->id);
        return true;
    }
    all->dataset.is_changed = true;
    return !decided->has_new_annotations || annotations_replace(all->db, sample->id, decided->annotations,
                                                                decided->annotation_count, all->now_ms, err);
}

/* False when the call as a whole fails; a refusal for this sample is left in *ret_refusal. */
static bool decide_one(struct deciding_all *all, const char *id, struct error *ret_refusal, struct error *err)
{
    struct sample sample;
    struct sample_decided decided;
    bool is_found = false;
    arena_reset(all->of_sample);
    if (!sample_load(all->db, all->of_sample, id, &sample, &is_found, err) ||
        (is_found && !enter_dataset(all, sample.dataset_id, &is_found, err)))
        return false;
    if (!is_found) {
        (void)error_set_detail(ret_refusal, DETAIL_SAMPLE_NOT_FOUND, "there is no sample '%.60s'", id);
        return true;
    }
    if (all->decision->expected_revision != 0 && all->decision->expected_revision != sample.revision) {
        (void)error_set(ret_refusal, ERR_CONFLICT, "sample '%s' was changed meanwhile; look again", id);
        return true;
    }
    if (!check_labels(all, ret_refusal, err))
        return false;
    const struct sample_deciding deciding = {all->decision, &all->answer, is_detection(all)};
    if (ret_refusal->code != ERR_NONE ||
        !sample_decide(&sample, &deciding, all->of_sample, &decided, ret_refusal))
        return true;
    return !decided.is_changed || write_down(all, &sample, &decided, ret_refusal, err);
}

static bool decide_all(struct deciding_all *all, struct arena *arena, struct sample_outcome *outcomes,
                       size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct error refusal = {0};
        if (!decide_one(all, outcomes[i].id, &refusal, err))
            return false;
        outcomes[i].is_done = refusal.code == ERR_NONE;
        if (outcomes[i].is_done)
            continue;
        struct error *kept = arena_alloc(arena, sizeof(*kept));
        if (!kept)
            return error_set(err, ERR_LIMIT, "too many samples were refused to list them; decide fewer");
        *kept = refusal;
        outcomes[i].err = kept;
    }
    return leave_dataset(all, err);
}

static bool outcomes_new(struct param_list ids, struct arena *arena, struct sample_outcome **ret,
                         struct error *err)
{
    struct sample_outcome *outcomes = arena_array(arena, ids.count + 1, sizeof(*outcomes));
    if (!outcomes)
        return error_no_memory(err);
    for (size_t i = 0; i < ids.count; i++)
        outcomes[i].id = ids.items[i];
    *ret = outcomes;
    return true;
}

bool samples_decide(struct db *db, struct arena *arena, struct param_list ids,
                    const struct sample_decision *decision, struct sample_outcome **ret, struct error *err)
{
    AUTO(arena) of_sample = arena_new(SAMPLE_ARENA_BYTES);
    AUTO(arena) of_dataset = arena_new(DATASET_ARENA_BYTES);
    struct sample_decision named = *decision;
    struct sample_outcome *outcomes = NULL;
    if (!of_sample || !of_dataset)
        return error_no_memory(err);
    if (!named.decided_by)
        named.decided_by = "human";
    if (ids.count > DATASET_DECIDE_MAX)
        return error_set(err, ERR_LIMIT, "%zu samples at once; %d is the limit", ids.count,
                         DATASET_DECIDE_MAX);
    struct deciding_all all = {.db = db,
                               .decision = &named,
                               .now_ms = clock_now_ms(),
                               .of_sample = of_sample,
                               .of_dataset = of_dataset};
    if (!sample_check_author(named.decided_by, err) || !sample_answer_of(&named, arena, &all.answer, err) ||
        !outcomes_new(ids, arena, &outcomes, err) || !db_begin(db, err))
        return false;
    if (!decide_all(&all, arena, outcomes, ids.count, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    *ret = outcomes;
    return true;
}
