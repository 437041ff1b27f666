/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/dataset_merge.h"

#include "base/clock.h"
#include "dataset/dataset_merge_round.h"
#include "dataset/label_agreement.h"
#include "dataset/label_set.h"
#include "dataset/operation_record.h"
#include "dataset/sample_look.h"
#include "dataset/sample_presence.h"
#include "dataset/sample_rows.h"

#include <stdlib.h>
#include <string.h>

enum { ROUND_ARENA_BYTES = 512 * 1024 * 1024, MERGE_ARENA_BYTES = 1024 * 1024 * 1024 };

struct merging {
    struct db *db;
    const struct dataset_merge *merge;
    struct arena *arena, *of_round;
    struct dataset_merged merged;
    struct operation_record record;
    struct label_set labels;
    int64_t change, now_ms;
    bool is_changed;
    struct merge_round round;
    /* what this round writes */
    struct sample added[DB_MANY_MAX];
    struct sample_look_copy looks[DB_MANY_MAX];
    struct sample_change before[DB_MANY_MAX], after[DB_MANY_MAX];
    size_t added_count, filled_count;
};

const char *merge_kind_name(enum merge_kind kind)
{
    static const char *const names[] = {
        [MERGE_ADDED] = "added",         [MERGE_FILLED] = "filled",
        [MERGE_DUPLICATE] = "duplicate", [MERGE_CONTRADICTION] = "contradiction",
        [MERGE_EXCLUDED] = "excluded",   [MERGE_UNREADABLE] = "unreadable"};
    _Static_assert(sizeof(names) / sizeof(names[0]) == MERGE_KIND_COUNT, "one name per kind");
    return names[kind];
}

static bool tell(struct merging *merging, enum merge_kind kind, const struct sample *sample,
                 const struct sample *other, struct error *err)
{
    const struct merge_told told = {kind, sample, other};
    merging->merged.selected++;
    merging->merged.counts[kind]++;
    if (merging->merge->done)
        atomic_fetch_add(merging->merge->done, 1);
    return merging->merge->tell(merging->merge->state, &told, err);
}

static bool tell_group(struct merging *merging, const struct merge_group *group, enum merge_kind first,
                       enum merge_kind others, const struct sample *other, struct error *err)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct sample *member = &merging->round.members[group->first + i];
        const struct sample *beside = other ? other : &merging->round.members[group->first];
        if (!tell(merging, i == 0 ? first : others, member, beside == member ? NULL : beside, err))
            return false;
    }
    return true;
}

/* ---- one image ---- */

static bool need_labels(struct merging *merging, const struct sample *sample, struct error *err)
{
    for (size_t i = 0; i < sample->annotation_count; i++) {
        bool is_there = false;
        if (!label_set_has(&merging->labels, sample->annotations[i].name, &is_there, err) ||
            !label_set_need(&merging->labels, sample->annotations[i].name, err))
            return false;
        merging->merged.labels_added += !is_there;
    }
    return true;
}

static bool add_sample(struct merging *merging, const struct merge_group *group, const struct sample *head,
                       struct error *err)
{
    char *id = arena_alloc(merging->of_round, HASH_HEX_BYTES);
    struct sample *added = &merging->added[merging->added_count];
    if (!id)
        return error_no_memory(err);
    sample_id_of(merging->merge->into->id, head->source, id);
    *added = *head;
    added->id = id;
    added->dataset_id = merging->merge->into->id;
    added->created_ms = merging->now_ms;
    if (!added->content_hash)
        added->content_hash = group->content;
    merging->looks[merging->added_count++] = (struct sample_look_copy){head->id, id};
    return need_labels(merging, head, err) &&
           tell_group(merging, group, MERGE_ADDED, MERGE_DUPLICATE, NULL, err);
}

/* It is as it will be at once, for the images to come. */
static bool fill_sample(struct merging *merging, const struct merge_group *group, const struct sample *head,
                        struct sample *there, struct error *err)
{
    merging->before[merging->filled_count] = sample_change_of(there);
    there->state = SAMPLE_LABELED;
    there->annotations = head->annotations;
    there->annotation_count = head->annotation_count;
    merging->after[merging->filled_count] = sample_change_of(there);
    merging->after[merging->filled_count++].has_new_annotations = true;
    return need_labels(merging, head, err) &&
           tell_group(merging, group, MERGE_FILLED, MERGE_DUPLICATE, there, err);
}

/* The first of the group that disagrees with `one`; NULL: none. */
static bool find_rebel(struct merging *merging, const struct merge_group *group, const struct sample *one,
                       const struct sample **ret, struct error *err)
{
    bool agrees = true;
    *ret = NULL;
    for (size_t i = 0; i < group->count && agrees; i++) {
        const struct sample *member = &merging->round.members[group->first + i];
        if (!labels_agree(one, member, merging->of_round, &agrees, err))
            return false;
        *ret = agrees ? NULL : member;
    }
    return true;
}

/* Its members say one thing about an image that the target does not know by their names alone. */
static bool merge_agreed(struct merging *merging, const struct merge_group *group, struct error *err)
{
    const struct sample *head = &merging->round.members[group->first];
    struct sample *twin = NULL, *waiting = NULL;
    for (size_t i = 0; i < group->there_count; i++) {
        struct sample *there = merging->round.there[group->there + i].sample;
        bool agrees = false;
        if (there->is_excluded)
            return tell_group(merging, group, MERGE_EXCLUDED, MERGE_EXCLUDED, there, err);
        if (strcmp(there->state, SAMPLE_LABELED) != 0) {
            bool is_namesake = strcmp(there->source, head->source) == 0;
            waiting = waiting && !is_namesake ? waiting : there;
            continue;
        }
        if (!labels_agree(head, there, merging->of_round, &agrees, err))
            return false;
        if (!agrees)
            return tell_group(merging, group, MERGE_CONTRADICTION, MERGE_CONTRADICTION, there, err);
        twin = twin ? twin : there;
    }
    if (twin)
        return tell_group(merging, group, MERGE_DUPLICATE, MERGE_DUPLICATE, twin, err);
    return waiting ? fill_sample(merging, group, head, waiting, err) : add_sample(merging, group, head, err);
}

static bool merge_group(struct merging *merging, const struct merge_group *group, struct error *err)
{
    const struct sample *head = &merging->round.members[group->first], *rebel = NULL;
    if (!group->content)
        return tell_group(merging, group, MERGE_UNREADABLE, MERGE_UNREADABLE, NULL, err);
    if (!find_rebel(merging, group, head, &rebel, err))
        return false;
    if (!rebel)
        return merge_agreed(merging, group, err);
    for (size_t i = 0; i < group->count; i++) {
        const struct sample *member = &merging->round.members[group->first + i];
        if (!tell(merging, MERGE_CONTRADICTION, member, member == head ? rebel : head, err))
            return false;
    }
    return true;
}

/* ---- all ---- */

static bool write_down(struct merging *merging, struct error *err)
{
    const struct dataset *into = merging->merge->into;
    const struct operation_presence presence = {.project_id = into->project_id,
                                                .dataset_id = into->id,
                                                .samples = merging->added,
                                                .count = merging->added_count};
    const struct operation_images images = {into->project_id, into->id, merging->before, merging->after,
                                            merging->filled_count};
    const struct samples_arriving arriving = {into->id, merging->added, merging->added_count, merging->change,
                                              merging->now_ms};
    const struct sample_changes changes = {merging->after, merging->filled_count, merging->change,
                                           merging->now_ms};
    const size_t added = merging->added_count;
    merging->is_changed |= added + merging->filled_count > 0;
    merging->added_count = merging->filled_count = 0;
    return operation_record_presence(&merging->record, merging->db, merging->of_round, &presence, err) &&
           operation_record(&merging->record, merging->db, merging->of_round, &images, err) &&
           samples_insert(merging->db, merging->of_round, &arriving, err) &&
           sample_looks_copy(merging->db, merging->of_round, merging->looks, added, err) &&
           samples_change(merging->db, merging->of_round, &changes, err);
}

static bool merge_rounds(struct merging *merging, struct merge_candidates *candidates, struct error *err)
{
    const struct merge_where where = {merging->db, merging->of_round, merging->merge->into->id};
    while (candidates->next < candidates->count) {
        if (merging->merge->stop && atomic_load(&merging->merge->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        arena_reset(merging->of_round);
        if (!merge_round_load(&where, candidates, &merging->round, err))
            return false;
        for (size_t i = 0; i < merging->round.group_count; i++)
            if (!merge_group(merging, &merging->round.groups[i], err))
                return false;
        if (!write_down(merging, err))
            return false;
    }
    return true;
}

struct change_row {
    int64_t change;
};

static bool find_change(struct merging *merging, struct error *err)
{
    static const struct db_column columns[] = {DB_COLUMN_INT(struct change_row, change), DB_COLUMN_END};
    struct change_row row = {0};
    bool is_found = false;
    if (!db_select_one(merging->db, merging->arena,
                       "SELECT " DATASET_NEXT_CHANGE " FROM dataset WHERE id = $1",
                       DB_ARGS(db_text(merging->merge->into->id)), columns, &row, &is_found, err))
        return false;
    merging->change = row.change;
    return is_found || error_set_detail(err, DETAIL_DATASET_NOT_FOUND, "there is no dataset '%.60s'",
                                        merging->merge->into->id);
}

static bool merge_all(struct merging *merging, struct error *err)
{
    const struct dataset_merge *merge = merging->merge;
    struct merge_candidates candidates = {0};
    const char *operation_id = NULL;
    if (!find_change(merging, err) ||
        !merge_candidates_find(merging->db, merging->arena, merge, &candidates, err))
        return false;
    merging->merged.left_out = candidates.left_out;
    label_set_init(&merging->labels, merging->db, merge->into->id, merging->arena);
    if (!merge_rounds(merging, &candidates, err) ||
        (merging->is_changed && !dataset_touch(merging->db, merge->into->id, merging->now_ms, err)) ||
        !operation_record_end(&merging->record, merging->db, &operation_id, err))
        return false;
    if (operation_id && !merge->is_dry) {
        merging->merged.operation_id = arena_text(merging->record.arena, operation_id);
        if (!merging->merged.operation_id)
            return error_no_memory(err);
    }
    return !merge->finish || merge->finish(merge->state, &merging->merged, err);
}

bool dataset_merge_check(struct db *db, const struct dataset_merge *merge, struct error *err)
{
    if (strcmp(merge->from->id, merge->into->id) == 0)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "dataset '%s' cannot be merged into itself",
                                merge->from->name);
    if (strcmp(merge->from->dataset_type, merge->into->dataset_type) != 0)
        return error_set_detail(err, DETAIL_DATASET_TYPE_MISMATCH, "dataset '%s' is %s, '%s' is %s",
                                merge->from->name, merge->from->dataset_type, merge->into->name,
                                merge->into->dataset_type);
    if (merge->ids.count > 0 && (merge->only_hard || merge->where))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "name samples by their ids or by a filter, not by both");
    return merge_candidates_count(db, merge, err);
}

/* A dry run is done and taken back. */
static bool merge_in_transaction(struct merging *merging, struct error *err)
{
    if (!db_begin(merging->db, err))
        return false;
    if (!merge_all(merging, err) || (!merging->merge->is_dry && !db_commit(merging->db, err))) {
        db_rollback(merging->db);
        return false;
    }
    if (merging->merge->is_dry)
        db_rollback(merging->db);
    return true;
}

bool dataset_merge(struct db *db, struct arena *arena, const struct dataset_merge *merge,
                   struct dataset_merged *ret, struct error *err)
{
    AUTO(arena) of_round = arena_new(ROUND_ARENA_BYTES);
    AUTO(arena) of_merge = arena_new(MERGE_ARENA_BYTES);
    struct merging *merging = calloc(1, sizeof(*merging));
    if (!of_round || !of_merge || !merging) {
        free(merging);
        return error_no_memory(err);
    }
    *merging = (struct merging){
        .db = db, .merge = merge, .arena = of_merge, .of_round = of_round, .now_ms = clock_now_ms()};
    merging->record.arena = arena;
    merging->record.operation = (struct operation){
        .id = merge->operation_id, .user = merge->user, .decided_by = merge->decided_by, .action = "merge"};
    bool is_done = dataset_merge_check(db, merge, err) && merge_in_transaction(merging, err);
    if (is_done)
        *ret = merging->merged;
    free(merging);
    return is_done;
}
