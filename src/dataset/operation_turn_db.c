/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/label_set.h"
#include "dataset/label_turn.h"
#include "dataset/operation.h"
#include "dataset/sample_change.h"
#include "dataset/sample_presence.h"
#include "dataset/sample_rows.h"

#include <string.h>

/* A round is what is read and written at once. */
enum { ROUND_ARENA_BYTES = 512 * 1024 * 1024, DATASET_ARENA_BYTES = 64 * 1024 * 1024 };

struct turning {
    struct db *db;
    struct arena *arena, *of_round, *of_dataset;
    const struct operation_turn *turn;
    struct operation_undone undone;
    int64_t now_ms;
    const char *dataset_id; /* of the samples at hand; NULL at the beginning */
    int64_t change;
    struct label_set labels;
    bool is_changed, is_removed; /* a sample; some are gone */
    /* what this round writes, in the dataset at hand */
    struct sample_change *changes;
    struct sample *arriving;
    const char **leaving;
    size_t changed, arrived, left;
};

struct change_row {
    int64_t change;
};

static bool write_down(struct turning *turning, struct error *err)
{
    const struct sample_changes batch = {turning->changes, turning->changed, turning->change,
                                         turning->now_ms};
    const struct samples_arriving arriving = {turning->dataset_id, turning->arriving, turning->arrived,
                                              turning->change, turning->now_ms};
    const size_t left = turning->left;
    turning->is_changed |= turning->changed + turning->arrived + left > 0;
    turning->is_removed |= left > 0;
    turning->changed = turning->arrived = turning->left = 0;
    return samples_change(turning->db, turning->of_round, &batch, err) &&
           samples_insert(turning->db, turning->of_round, &arriving, err) &&
           samples_remove(turning->db, turning->leaving, left, err);
}

static bool leave_dataset(struct turning *turning, struct error *err)
{
    if (!write_down(turning, err))
        return false;
    if (turning->is_removed)
        return dataset_touch_removed(turning->db, turning->dataset_id, turning->now_ms, err);
    return !turning->is_changed || dataset_touch(turning->db, turning->dataset_id, turning->now_ms, err);
}

static bool enter_dataset(struct turning *turning, const char *id, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct change_row, change), DB_COLUMN_END};
    struct change_row row = {0};
    bool is_found = false;
    if (turning->dataset_id && strcmp(turning->dataset_id, id) == 0)
        return true;
    if (!leave_dataset(turning, err))
        return false;
    arena_reset(turning->of_dataset);
    turning->is_changed = turning->is_removed = false;
    turning->dataset_id = arena_text(turning->of_dataset, id);
    if (!turning->dataset_id)
        return error_no_memory(err);
    if (!db_select_one(turning->db, turning->of_dataset,
                       "SELECT " DATASET_NEXT_CHANGE " FROM dataset WHERE id = $1", DB_ARGS(db_text(id)),
                       columns, &row, &is_found, err))
        return false;
    turning->change = row.change;
    label_set_init(&turning->labels, turning->db, turning->dataset_id, turning->of_dataset);
    return is_found || error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", id);
}

static bool tell_conflict(struct turning *turning, const char *sample_id, struct error *err)
{
    struct operation_undone *undone = &turning->undone;
    undone->conflicts++;
    if (undone->told == OPERATION_CONFLICTS_TOLD)
        return true;
    undone->conflict_ids[undone->told] = arena_text(turning->arena, sample_id);
    return undone->conflict_ids[undone->told++] || error_no_memory(err);
}

static bool need_labels(struct turning *turning, const struct annotation *annotations, size_t count,
                        struct error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!label_set_need(&turning->labels, annotations[i].name, err))
            return false;
    return true;
}

static bool turn_content(struct turning *turning, const struct sample *sample, const char *to,
                         struct error *err)
{
    struct sample_change *change = &turning->changes[turning->changed];
    if (!sample_image_read(to, turning->of_round, change, err) ||
        !need_labels(turning, change->annotations, change->annotation_count, err))
        return false;
    change->id = sample->id;
    change->revision = sample->revision;
    turning->changed++;
    return true;
}

static bool bring(struct turning *turning, const char *id, const struct sample *whole, struct error *err)
{
    if (!need_labels(turning, whole->annotations, whole->annotation_count, err))
        return false;
    turning->arriving[turning->arrived] = *whole;
    turning->arriving[turning->arrived++].id = id;
    return true;
}

/* What is stored of it now, in the form in which the operation keeps it; NULL: it is not there. */
static bool image_now(struct turning *turning, const struct sample *sample, bool is_whole, const char **ret,
                      struct error *err)
{
    *ret = NULL;
    if (!sample)
        return true;
    const struct sample_change now = sample_change_of(sample);
    return is_whole ? sample_whole_write(sample, turning->of_round, ret, err)
                    : sample_image_write(&now, turning->of_round, ret, err);
}

/* A sample whose content is what the operation left, or found when it is redone, is turned; what came in
 * between and was taken back does not matter. */
static bool turn_sample(struct turning *turning, const struct sample *sample,
                        const struct operation_sample *item, struct error *err)
{
    const char *image = NULL, *from = turning->turn->is_redo ? item->before_json : item->after_json,
               *to = turning->turn->is_redo ? item->after_json : item->before_json;
    struct sample whole = {0};
    if (!image_now(turning, sample, !from || !to, &image, err) ||
        (!from && !sample_whole_read(to, turning->of_round, &whole, err)))
        return false;
    if (!image != !from || (image && strcmp(image, from) != 0))
        return tell_conflict(turning, item->sample_id, err);
    if (!enter_dataset(turning, sample ? sample->dataset_id : whole.dataset_id, err))
        return false;
    turning->undone.done++;
    if (!from)
        return bring(turning, item->sample_id, &whole, err);
    if (to)
        return turn_content(turning, sample, to, err);
    turning->leaving[turning->left++] = sample->id;
    return true;
}

/* Goes on after the sample `last`, and leaves there the last one of the round. */
static bool turn_round(struct turning *turning, char last[HASH_HEX_BYTES], bool *ret_is_last,
                       struct error *err)
{
    struct operation_sample_page page = {.after = last, .limit = DB_MANY_MAX};
    struct sample *samples[DB_MANY_MAX];
    const char *ids[DB_MANY_MAX];
    arena_reset(turning->of_round);
    turning->changes = arena_array(turning->of_round, DB_MANY_MAX, sizeof(*turning->changes));
    turning->arriving = arena_array(turning->of_round, DB_MANY_MAX, sizeof(*turning->arriving));
    turning->leaving = arena_array(turning->of_round, DB_MANY_MAX, sizeof(*turning->leaving));
    if (!turning->changes || !turning->arriving || !turning->leaving)
        return error_no_memory(err);
    if (!operation_samples(turning->db, turning->of_round, turning->undone.operation.number, &page, err))
        return false;
    *ret_is_last = page.count < DB_MANY_MAX;
    for (size_t i = 0; i < page.count; i++)
        ids[i] = page.items[i].sample_id;
    if (page.count > 0 && !samples_stored(turning->db, turning->of_round, ids, page.count, samples, err))
        return false;
    for (size_t i = 0; i < page.count; i++)
        if (!turn_sample(turning, samples[i], &page.items[i], err))
            return false;
    if (page.count > 0)
        memcpy(last, page.items[page.count - 1].sample_id, strlen(page.items[page.count - 1].sample_id) + 1);
    return write_down(turning, err);
}

/* The state is asked here, where nobody else can write. */
static bool mark(struct turning *turning, struct error *err)
{
    struct operation *operation = &turning->undone.operation;
    const char *from = turning->turn->is_redo ? OPERATION_UNDONE : OPERATION_DONE;
    int64_t changed = 0;
    operation->state = turning->turn->is_redo ? OPERATION_DONE : OPERATION_UNDONE;
    operation->changed_ms = turning->now_ms;
    if (!db_exec(turning->db,
                 "UPDATE operation SET state = $3, changed_ms = $4 WHERE number = $1 AND state = $2",
                 DB_ARGS(db_int(operation->number), db_text(from), db_text(operation->state),
                         db_int(turning->now_ms)),
                 &changed, err))
        return false;
    return changed > 0 ||
           error_set(err, ERR_CONFLICT, "operation '%s' is %s already", operation->id, operation->state);
}

/* The dataset is entered, and touched when it is left. */
static bool begin_labels(struct turning *turning, struct label_turn *ret, struct error *err)
{
    const struct operation *operation = &turning->undone.operation;
    if (!enter_dataset(turning, operation->dataset_id, err))
        return false;
    turning->is_changed = true;
    *ret = (struct label_turn){turning->db,     turning->of_dataset, operation, turning->turn->is_redo,
                               turning->change, turning->now_ms};
    return label_turn_begin(ret, &turning->undone.done, err);
}

static bool turn_all(struct turning *turning, struct error *err)
{
    char last[HASH_HEX_BYTES] = "";
    bool is_last = false;
    struct label_turn labels;
    bool has_labels = turning->undone.operation.labels_json && turning->undone.operation.dataset_id;
    if (!mark(turning, err) || (has_labels && !begin_labels(turning, &labels, err)))
        return false;
    while (!is_last)
        if (!turn_round(turning, last, &is_last, err))
            return false;
    if (has_labels && !label_turn_end(&labels, err))
        return false;
    if (turning->undone.done == 0 && (!has_labels || turning->undone.conflicts > 0))
        return error_set(err, ERR_CONFLICT,
                         "operation '%s' cannot be %s: what it changed was changed since; undo that first",
                         turning->undone.operation.id, turning->turn->is_redo ? "redone" : "undone");
    return leave_dataset(turning, err) &&
           (!turning->turn->finish ||
            turning->turn->finish(turning->turn->finish_state, &turning->undone, err));
}

bool operation_turn(struct db *db, struct arena *arena, const struct operation *operation,
                    const struct operation_turn *turn, struct operation_undone *ret, struct error *err)
{
    AUTO(arena) of_round = arena_new(ROUND_ARENA_BYTES);
    AUTO(arena) of_dataset = arena_new(DATASET_ARENA_BYTES);
    struct turning turning = {.db = db,
                              .arena = arena,
                              .of_round = of_round,
                              .of_dataset = of_dataset,
                              .turn = turn,
                              .undone = {.operation = *operation},
                              .now_ms = clock_now_ms()};
    turning.undone.conflict_ids =
        arena_array(arena, OPERATION_CONFLICTS_TOLD, sizeof(*turning.undone.conflict_ids));
    if (!of_round || !of_dataset || !turning.undone.conflict_ids)
        return error_no_memory(err);
    if (!db_begin(db, err))
        return false;
    if (!turn_all(&turning, err) || !db_commit(db, err)) {
        db_rollback(db);
        return false;
    }
    *ret = turning.undone;
    return true;
}
