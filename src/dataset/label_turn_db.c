/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_turn.h"

#include <string.h>

static bool is_there(const struct label_turn *turn, const char *name, bool *ret, struct error *err)
{
    struct dataset_label label;
    return label_row_find(turn->db, turn->arena, turn->operation->dataset_id, name, &label, ret, err);
}

static bool turn_rename(const struct label_turn *turn, const struct label_deed *deed, int64_t *ret_samples,
                        struct error *err)
{
    const struct label_rename rename = {turn->operation->dataset_id, turn->is_redo ? deed->from : deed->to,
                                        turn->is_redo ? deed->to : deed->from, turn->change, turn->now_ms};
    struct label_renamed renamed = {0};
    bool has_from = false, has_to = false;
    if (!is_there(turn, rename.from, &has_from, err) || !is_there(turn, rename.to, &has_to, err))
        return false;
    if (!has_from)
        return error_set(err, ERR_CONFLICT,
                         "the dataset has no label '%.100s' any more; take back first what was done to it",
                         rename.from);
    if (has_to)
        return error_set(err, ERR_CONFLICT,
                         "the dataset has a label '%.100s' again; rename that, or merge the two", rename.to);
    if (!label_rename_rows(turn->db, &rename, &renamed, err))
        return false;
    *ret_samples = renamed.samples;
    return true;
}

static bool bring_back(const struct label_turn *turn, const struct label_deed *deed, struct error *err)
{
    bool has_it = false;
    return is_there(turn, deed->gone.name, &has_it, err) &&
           (has_it || label_row_insert(turn->db, turn->operation->dataset_id, &deed->gone, err));
}

static bool is_rename(const struct operation *operation)
{
    return strcmp(operation->action, LABEL_ACTION_RENAME) == 0;
}

bool label_turn_begin(const struct label_turn *turn, int64_t *ret_samples, struct error *err)
{
    struct label_deed deed;
    *ret_samples = 0;
    if (!label_deed_read(turn->operation->labels_json, turn->arena, &deed, err))
        return false;
    if (is_rename(turn->operation))
        return turn_rename(turn, &deed, ret_samples, err);
    return turn->is_redo || !deed.has_gone || bring_back(turn, &deed, err);
}

bool label_turn_end(const struct label_turn *turn, struct error *err)
{
    struct label_deed deed;
    int64_t samples = 0;
    if (!label_deed_read(turn->operation->labels_json, turn->arena, &deed, err))
        return false;
    if (is_rename(turn->operation) || !turn->is_redo || !deed.has_gone)
        return true;
    return label_count_samples(turn->db, turn->operation->dataset_id, deed.gone.name, &samples, err) &&
           (samples > 0 || label_row_delete(turn->db, turn->operation->dataset_id, deed.gone.name, err));
}
