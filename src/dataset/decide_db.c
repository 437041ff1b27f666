/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/dataset_check.h"
#include "dataset/label_set.h"
#include "dataset/operation_record.h"
#include "dataset/sample_decision.h"
#include "dataset/sample_rows.h"

#include <string.h>

/* A round is what is read and written at once. */
enum { ROUND_ARENA_BYTES = 512 * 1024 * 1024, DATASET_ARENA_BYTES = 64 * 1024 * 1024 };

/* The dataset of the samples at hand; most calls meet one only. */
struct at_hand {
    const char *id, *project_id, *dataset_type;
    int64_t change;
    struct label_set labels;
    bool is_changed;
};

struct deciding_all {
    struct db *db;
    const struct sample_decision *decision; /* decided_by is set */
    struct sample_answer answer;
    int64_t now_ms;
    struct arena *of_round, *of_dataset;
    struct at_hand dataset;
    struct operation_record record;
    /* what this round changes, and what was there */
    struct sample_change *before, *after;
    size_t changed;
};

/* What the round has changed so far, in the dataset at hand. */
static bool write_down(struct deciding_all *all, struct error *err)
{
    const struct operation_images images = {all->dataset.project_id, all->dataset.id, all->before, all->after,
                                            all->changed};
    const struct sample_changes batch = {all->after, all->changed, all->dataset.change, all->now_ms};
    bool is_ok = operation_record(&all->record, all->db, all->of_round, &images, err) &&
                 samples_change(all->db, all->of_round, &batch, err);
    all->changed = 0;
    return is_ok;
}

static bool leave_dataset(struct deciding_all *all, struct error *err)
{
    if (!write_down(all, err))
        return false;
    return !all->dataset.is_changed || dataset_touch(all->db, all->dataset.id, all->now_ms, err);
}

static bool enter_dataset(struct deciding_all *all, const char *id, struct error *err)
{
    static const struct db_column columns[] = {
        DB_COLUMN_TEXT(struct at_hand, id), DB_COLUMN_TEXT(struct at_hand, project_id),
        DB_COLUMN_TEXT(struct at_hand, dataset_type), DB_COLUMN_INT(struct at_hand, change), DB_COLUMN_END};
    bool is_found = false;
    if (all->dataset.id && strcmp(all->dataset.id, id) == 0)
        return true;
    if (!leave_dataset(all, err))
        return false;
    arena_reset(all->of_dataset);
    all->dataset = (struct at_hand){0};
    if (!db_select_one(all->db, all->of_dataset,
                       "SELECT id, project_id, dataset_type, " DATASET_NEXT_CHANGE
                       " FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(id)), columns, &all->dataset, &is_found, err))
        return false;
    if (!is_found)
        return error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", id);
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

/* Their times are set here, so that the operation keeps what is written. */
static bool stamp(struct deciding_all *all, const struct sample_decided *decided, struct sample *sample,
                  struct error *err)
{
    struct annotation *stamped = arena_array(all->of_round, decided->annotation_count + 1, sizeof(*stamped));
    if (!stamped)
        return error_no_memory(err);
    for (size_t i = 0; i < decided->annotation_count; i++) {
        stamped[i] = decided->annotations[i];
        if (stamped[i].created_ms <= 0)
            stamped[i].created_ms = all->now_ms;
        if (!label_set_need(&all->dataset.labels, stamped[i].name, err))
            return false;
    }
    sample->annotations = stamped;
    sample->annotation_count = decided->annotation_count;
    return true;
}

/* The place of a sample among what is to be written; a new one for a sample that is not among it. */
static struct sample_change *place_for(struct deciding_all *all, const struct sample *sample)
{
    for (size_t i = 0; i < all->changed; i++)
        if (strcmp(all->after[i].id, sample->id) == 0)
            return &all->after[i];
    all->before[all->changed] = all->after[all->changed] = sample_change_of(sample);
    return &all->after[all->changed++];
}

/* The sample becomes what it will be when all is written, for the next one of the round with its id. */
static bool queue_change(struct deciding_all *all, struct sample *sample,
                         const struct sample_decided *decided, struct error *err)
{
    struct sample_change *place = place_for(all, sample);
    int64_t revision = place->revision; /* as stored: written once, however often it is decided */
    bool has_new_annotations = place->has_new_annotations || decided->has_new_annotations;
    sample->state = decided->state;
    sample->is_hard = decided->is_hard;
    sample->is_excluded = decided->is_excluded;
    if (decided->has_new_annotations && !stamp(all, decided, sample, err))
        return false;
    *place = sample_change_of(sample);
    place->revision = revision;
    place->has_new_annotations = has_new_annotations;
    sample->revision = revision + 1;
    all->dataset.is_changed = true;
    return true;
}

static bool is_of_other_project(const struct deciding_all *all)
{
    const char *wanted = all->decision->project_id;
    return !wanted || strcmp(wanted, all->dataset.project_id) != 0;
}

static bool is_of_other_dataset(const struct deciding_all *all)
{
    const char *wanted = all->decision->dataset_id;
    return wanted && strcmp(wanted, all->dataset.id) != 0;
}

/* False when the call as a whole fails; a refusal for this sample is left in *ret_refusal. `sample` is NULL
 * when there is none. */
static bool decide_one(struct deciding_all *all, const char *id, struct sample *sample,
                       struct error *ret_refusal, struct error *err)
{
    struct sample_decided decided;
    if (sample && !enter_dataset(all, sample->dataset_id, err))
        return false;
    if (!sample || is_of_other_project(all) || is_of_other_dataset(all)) {
        (void)error_set_detail(ret_refusal, DETAIL_SAMPLE_NOT_FOUND, "there is no sample '%.60s'", id);
        return true;
    }
    if (all->decision->expected_revision != 0 && all->decision->expected_revision != sample->revision) {
        (void)error_set(ret_refusal, ERR_CONFLICT, "sample '%s' was changed meanwhile; look again", id);
        return true;
    }
    if (!check_labels(all, ret_refusal, err))
        return false;
    const struct sample_deciding deciding = {all->decision, &all->answer, is_detection(all)};
    if (ret_refusal->code != ERR_NONE ||
        !sample_decide(sample, &deciding, all->of_round, &decided, ret_refusal))
        return true;
    return !decided.is_changed || queue_change(all, sample, &decided, err);
}

static bool round_begin(struct deciding_all *all, struct error *err)
{
    arena_reset(all->of_round);
    all->before = arena_array(all->of_round, DB_MANY_MAX, sizeof(*all->before));
    all->after = arena_array(all->of_round, DB_MANY_MAX, sizeof(*all->after));
    return (all->before && all->after) || error_no_memory(err);
}

static bool decide_round(struct deciding_all *all, struct arena *arena, struct sample_outcome *outcomes,
                         size_t count, struct error *err)
{
    const char *ids[DB_MANY_MAX];
    struct sample *samples[DB_MANY_MAX];
    for (size_t i = 0; i < count; i++)
        ids[i] = outcomes[i].id;
    if (!round_begin(all, err) || !samples_stored(all->db, all->of_round, ids, count, samples, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct error refusal = {0};
        if (!decide_one(all, ids[i], samples[i], &refusal, err))
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
    return write_down(all, err);
}

static bool decide_all(struct deciding_all *all, struct arena *arena, struct sample_outcome *outcomes,
                       size_t count, struct error *err)
{
    struct samples_decided decided = {NULL, outcomes, count};
    for (size_t done = 0, taken = 0; done < count; done += taken) {
        taken = count - done < DB_MANY_MAX ? count - done : DB_MANY_MAX;
        if (!decide_round(all, arena, &outcomes[done], taken, err))
            return false;
    }
    return leave_dataset(all, err) &&
           operation_record_end(&all->record, all->db, &decided.operation_id, err) &&
           (!all->decision->finish || all->decision->finish(all->decision->finish_state, &decided, err));
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
    AUTO(arena) of_round = arena_new(ROUND_ARENA_BYTES);
    AUTO(arena) of_dataset = arena_new(DATASET_ARENA_BYTES);
    struct sample_decision named = *decision;
    struct sample_outcome *outcomes = NULL;
    if (!of_round || !of_dataset)
        return error_no_memory(err);
    if (!named.decided_by)
        named.decided_by = "human";
    if (ids.count > DATASET_DECIDE_MAX)
        return error_set(err, ERR_LIMIT, "%zu samples at once; %d is the limit", ids.count,
                         DATASET_DECIDE_MAX);
    struct deciding_all all = {.db = db,
                               .decision = &named,
                               .now_ms = clock_now_ms(),
                               .of_round = of_round,
                               .of_dataset = of_dataset};
    all.record.arena = arena;
    all.record.operation = (struct operation){
        .user = named.user, .decided_by = named.decided_by, .action = sample_action_name(named.action)};
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
