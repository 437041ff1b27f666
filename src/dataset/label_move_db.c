/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "dataset/label_edit.h"
#include "dataset/label_rows.h"
#include "dataset/sample_presence.h"
#include "dataset/sample_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A round is what is read and written at once. */
enum { ROUND_ARENA_BYTES = 512 * 1024 * 1024, MOVE_ARENA_BYTES = 256 * 1024 * 1024 };

struct moving {
    struct db *db;
    const struct label_move *move;
    struct arena *arena;    /* the caller's */
    struct arena *of_move;  /* ids */
    struct arena *of_round; /* samples */
    struct dataset_label label;
    struct param_list ids;
    struct label_done done;
    struct operation_record record;
    int64_t change, now_ms;
    /* what this round writes */
    struct sample_change before[DB_MANY_MAX], after[DB_MANY_MAX];
    struct sample leaving[DB_MANY_MAX];
    size_t changed, left;
};

/* ---- which ---- */

struct id_row {
    const char *id;
};

static bool refuse_count(struct moving *moving, struct error *err)
{
    const struct label_move *move = moving->move;
    int64_t samples = 0;
    if (!label_count_samples(moving->db, move->dataset->id, move->name, &samples, err))
        return false;
    return error_set(err, ERR_LIMIT,
                     "%" PRId64 " samples have label '%.100s'; at most %d are changed at once: do it with "
                     "limit %d, and again until none is left",
                     samples, move->name, LABEL_CHANGE_MAX, LABEL_CHANGE_MAX);
}

/* CROSS JOIN would put each box on a line of its own; EXISTS asks each sample of the dataset once. */
static bool find_samples(struct moving *moving, struct error *err)
{
    static const char sql[] =
        "SELECT s.id FROM sample s WHERE s.dataset_id = $1 AND EXISTS (SELECT 1 FROM annotation a WHERE "
        "a.sample_id = s.id AND a.name = $2) ORDER BY s.id LIMIT $3";
    static const struct db_column columns[] = {DB_COLUMN_TEXT(struct id_row, id), DB_COLUMN_END};
    const struct db_list form = {columns, sizeof(struct id_row), LABEL_CHANGE_MAX + 1};
    const struct label_move *move = moving->move;
    const int64_t most = move->limit ? move->limit : LABEL_CHANGE_MAX;
    struct id_row *rows = NULL;
    size_t count = 0;
    if (!db_select_list(moving->db, moving->of_move, sql,
                        DB_ARGS(db_text(move->dataset->id), db_text(move->name), db_int(most + 1)), &form,
                        &rows, &count, err))
        return false;
    if ((int64_t)count > most) {
        if (!move->limit)
            return refuse_count(moving, err);
        if (!label_count_samples(moving->db, move->dataset->id, move->name, &moving->done.left, err))
            return false;
        count = (size_t)most;
        moving->done.left -= most;
    }
    moving->ids = (struct param_list){arena_array(moving->of_move, count + 1, sizeof(char *)), count};
    for (size_t i = 0; i < count && moving->ids.items; i++)
        moving->ids.items[i] = rows[i].id;
    return moving->ids.items || error_no_memory(err);
}

/* ---- one sample ---- */

static bool is_moved(const struct moving *moving, const struct annotation *annotation)
{
    return strcmp(annotation->name, moving->move->name) == 0;
}

/* As a class; boxes of one name may be many. */
static bool has_other_class(const struct moving *moving, const struct sample *sample)
{
    for (size_t i = 0; i < sample->annotation_count && moving->move->into; i++)
        if (!sample->annotations[i].shape_json &&
            strcmp(sample->annotations[i].name, moving->move->into) == 0)
            return true;
    return false;
}

static bool has_only_it(const struct moving *moving, const struct sample *sample)
{
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!is_moved(moving, &sample->annotations[i]))
            return false;
    return true;
}

/* Only what a person has said decides that a sample goes. */
static bool is_leaving(const struct moving *moving, const struct sample *sample)
{
    return !moving->move->into && moving->move->policy != LABEL_DELETE_LABEL &&
           strcmp(sample->state, SAMPLE_LABELED) == 0 && has_only_it(moving, sample);
}

static bool take_out(struct moving *moving, const struct sample *sample, struct error *err)
{
    struct label_done *done = &moving->done;
    moving->leaving[moving->left++] = *sample;
    done->annotations += (int64_t)sample->annotation_count;
    done->removed++;
    if (moving->move->policy != LABEL_DELETE_FILES)
        return true;
    done->sources[done->source_count] = arena_text(moving->arena, sample->source);
    return done->sources[done->source_count++] || error_no_memory(err);
}

static bool change_sample(struct moving *moving, struct sample *sample, struct error *err)
{
    struct annotation *kept = arena_array(moving->of_round, sample->annotation_count + 1, sizeof(*kept));
    bool drops = !moving->move->into, has_other = has_other_class(moving, sample);
    size_t count = 0;
    if (!kept)
        return error_no_memory(err);
    moving->before[moving->changed] = sample_change_of(sample);
    for (size_t i = 0; i < sample->annotation_count; i++) {
        const struct annotation *annotation = &sample->annotations[i];
        bool is_its = is_moved(moving, annotation);
        bool is_duplicate = is_its && has_other && !annotation->shape_json;
        moving->done.annotations += is_its;
        moving->done.duplicates += is_duplicate;
        if (is_its && (drops || is_duplicate))
            continue;
        kept[count] = *annotation;
        if (is_its)
            kept[count].name = moving->move->into;
        count++;
    }
    sample->annotations = kept;
    sample->annotation_count = count;
    if (count == 0) {
        sample->state = SAMPLE_UNLABELED;
        moving->done.unlabeled++;
    }
    moving->after[moving->changed] = sample_change_of(sample);
    moving->after[moving->changed++].has_new_annotations = true;
    return true;
}

/* ---- all ---- */

static bool write_down(struct moving *moving, struct error *err)
{
    const struct dataset *dataset = moving->move->dataset;
    const char *leaving[DB_MANY_MAX];
    const struct operation_images images = {dataset->project_id, dataset->id, moving->before, moving->after,
                                            moving->changed};
    const struct operation_presence presence = {dataset->project_id, dataset->id, moving->leaving,
                                                moving->left, true};
    const struct sample_changes changes = {moving->after, moving->changed, moving->change, moving->now_ms};
    for (size_t i = 0; i < moving->left; i++)
        leaving[i] = moving->leaving[i].id;
    return operation_record(&moving->record, moving->db, moving->of_round, &images, err) &&
           operation_record_presence(&moving->record, moving->db, moving->of_round, &presence, err) &&
           samples_change(moving->db, moving->of_round, &changes, err) &&
           samples_remove(moving->db, leaving, moving->left, err);
}

static bool move_round(struct moving *moving, size_t first, size_t count, struct error *err)
{
    struct sample *samples[DB_MANY_MAX];
    arena_reset(moving->of_round);
    moving->changed = moving->left = 0;
    if (!samples_stored(moving->db, moving->of_round, &moving->ids.items[first], count, samples, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!samples[i]) /* a preview holds nobody up */
            continue;
        moving->done.samples++;
        if (!(is_leaving(moving, samples[i]) ? take_out(moving, samples[i], err)
                                             : change_sample(moving, samples[i], err)))
            return false;
    }
    return moving->move->is_preview || write_down(moving, err);
}

static bool move_samples(struct moving *moving, struct error *err)
{
    if (moving->move->policy == LABEL_DELETE_FILES) {
        moving->done.sources = arena_array(moving->arena, moving->ids.count + 1, sizeof(char *));
        if (!moving->done.sources)
            return error_no_memory(err);
    }
    for (size_t first = 0, taken = 0; first < moving->ids.count; first += taken) {
        taken = moving->ids.count - first < DB_MANY_MAX ? moving->ids.count - first : DB_MANY_MAX;
        if (!move_round(moving, first, taken, err))
            return false;
    }
    return true;
}

struct change_row {
    int64_t change;
};

static bool find_label(struct moving *moving, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct change_row, change), DB_COLUMN_END};
    const struct label_move *move = moving->move;
    struct dataset_label into;
    struct change_row row = {0};
    bool is_found = false;
    if (!label_find(moving->db, moving->of_move, move->dataset->id, move->name, &moving->label, err))
        return error_point(err, "/label");
    if (move->into && strcmp(move->into, move->name) == 0) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a label cannot be merged into itself");
        return error_point(err, "/into");
    }
    if (move->into && !label_find(moving->db, moving->of_move, move->dataset->id, move->into, &into, err))
        return error_point(err, "/into");
    if (!db_select_one(moving->db, moving->of_move,
                       "SELECT " DATASET_NEXT_CHANGE " FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(move->dataset->id)), columns, &row, &is_found, err))
        return false;
    moving->change = row.change;
    return is_found ||
           error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'", move->dataset->id);
}

/* The label leaves the set when no sample has it any more. */
static bool settle_label(struct moving *moving, struct error *err)
{
    const struct label_move *move = moving->move;
    const struct operation_images of = {.project_id = move->dataset->project_id,
                                        .dataset_id = move->dataset->id};
    const struct label_deed deed = {move->name, move->into, moving->done.left == 0, moving->label};
    const char *text = NULL;
    arena_reset(moving->of_round);
    if (!label_deed_write(&deed, moving->of_round, &text, err) ||
        !operation_record_labels(&moving->record, moving->db, moving->of_round, &of, text, err) ||
        (deed.has_gone && !label_row_delete(moving->db, move->dataset->id, move->name, err)))
        return false;
    return moving->done.removed > 0
               ? dataset_touch_removed(moving->db, move->dataset->id, moving->now_ms, err)
               : dataset_touch(moving->db, move->dataset->id, moving->now_ms, err);
}

static bool move_all(struct moving *moving, struct error *err)
{
    const struct label_author *author = &moving->move->author;
    if (!find_label(moving, err) || !find_samples(moving, err) || !move_samples(moving, err))
        return false;
    if (!moving->move->is_preview &&
        (!settle_label(moving, err) ||
         !operation_record_end(&moving->record, moving->db, &moving->done.operation_id, err)))
        return false;
    return !author->finish || author->finish(author->state, &moving->done, err);
}

static bool move_in_transaction(struct moving *moving, struct error *err)
{
    if (!db_begin(moving->db, err))
        return false;
    if (move_all(moving, err) && db_commit(moving->db, err))
        return true;
    db_rollback(moving->db);
    return false;
}

static bool check_limit(const struct label_move *move, struct error *err)
{
    if (move->limit >= 0 && move->limit <= LABEL_CHANGE_MAX)
        return true;
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "limit is 1 to %d samples, not %" PRId64,
                           LABEL_CHANGE_MAX, move->limit);
    return error_point(err, "/limit");
}

bool label_move(struct db *db, struct arena *arena, const struct label_move *move, struct label_done *ret,
                struct error *err)
{
    AUTO(arena) of_move = arena_new(MOVE_ARENA_BYTES);
    AUTO(arena) of_round = arena_new(ROUND_ARENA_BYTES);
    struct moving *moving = calloc(1, sizeof(*moving));
    if (!of_move || !of_round || !moving) {
        free(moving);
        return error_no_memory(err);
    }
    *moving = (struct moving){.db = db,
                              .move = move,
                              .arena = arena,
                              .of_move = of_move,
                              .of_round = of_round,
                              .now_ms = clock_now_ms()};
    moving->record.arena = arena;
    moving->record.operation =
        (struct operation){.user = move->author.user,
                           .decided_by = move->author.decided_by,
                           .action = move->into ? LABEL_ACTION_MERGE : LABEL_ACTION_DELETE};
    bool is_done = check_limit(move, err) &&
                   (move->is_preview ? move_all(moving, err) : move_in_transaction(moving, err));
    if (is_done)
        *ret = moving->done;
    if (is_done && ret->operation_id)
        ret->operation_id = arena_text(arena, ret->operation_id);
    is_done = is_done && (!moving->done.operation_id || ret->operation_id || error_no_memory(err));
    free(moving);
    return is_done;
}
