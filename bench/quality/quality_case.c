/* SPDX-License-Identifier: Apache-2.0 */
#include "quality.h"

#include "base/path.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COST_MAX_BYTES = 64, COST_MAX_SECONDS = 3600 };
#define COST_FILE "seconds_per_copy"

static bool open_profile(struct quality_case *opened, struct error *err)
{
    const char *manifest = path_join(opened->finished.arena, opened->folder, "train.manifest");
    if (!manifest)
        return error_no_memory(err);
    return access(manifest, R_OK) != 0 ||
           finished_run_profile(&opened->finished, manifest, &opened->profile, err);
}

/* What a copy cost is kept beside the case for the next time, when all copies are there already. */
static bool keep_cost(struct quality_case *opened, struct error *err)
{
    AUTO(store) folder = NULL;
    AUTO_BUFFER(text, COST_MAX_BYTES);
    bool is_there = false;
    if (!store_open(opened->folder, false, &folder, err))
        return false;
    if (!isnan(opened->seconds_per_copy))
        return buffer_printf(&text, "%.9f", opened->seconds_per_copy) &&
               store_put(folder, COST_FILE, (struct bytes){text.data, text.size}, err);
    if (!store_exists(folder, COST_FILE, &is_there, err))
        return false;
    return !is_there ||
           (store_get(folder, COST_FILE, &text, err) &&
            text_to_double(text.data, COST_FILE, 0, COST_MAX_SECONDS, &opened->seconds_per_copy, err));
}

/* Asks the model about all eleven copies of all images at once, so that rows can be compared: none pays for
 * copies that another one already had. */
static bool measure_views(struct quality_case *opened, struct error *err)
{
    struct mine_views *views = &opened->views;
    *views = finished_run_views(&opened->finished, true);
    uint16_t *wanted = calloc(opened->images + 1, sizeof(*wanted));
    if (!wanted)
        return error_no_memory(err);
    for (uint64_t i = 0; i < opened->images; i++)
        wanted[i] = (uint16_t)((1U << AUGMENT_OPS) - 1);
    bool is_done = augment_settings_read("all", &opened->all_ops, err) && mine_views_start(views, err);
    double start = clock_steady_seconds();
    is_done = is_done && views->views.measure(views->views.state, false, &opened->all_ops, wanted, err);
    if (views->inferred > 0)
        opened->seconds_per_copy = (clock_steady_seconds() - start) / (double)views->inferred;
    free(wanted);
    return is_done && keep_cost(opened, err);
}

bool quality_case_open(const char *folder, bool with_views, struct quality_case *ret, struct error *err)
{
    char data[PATH_MAX_BYTES];
    *ret = (struct quality_case){.folder = folder, .seconds_per_copy = (double)NAN};
    if (snprintf(data, sizeof(data), "%s/data", folder) >= (int)sizeof(data))
        return error_set(err, ERR_LIMIT, "%s: the path is too long", folder);
    if (!finished_run_open(data, QUALITY_SERVICE, &ret->finished, err) || !open_profile(ret, err))
        return false;
    ret->images = record_set_count(ret->finished.records);
    ret->is_known = calloc(ret->images + 1, sizeof(bool));
    ret->is_wrong = calloc(ret->images + 1, sizeof(bool));
    ret->hashes = calloc(ret->images + 1, sizeof(*ret->hashes));
    if (!ret->is_known || !ret->is_wrong || !ret->hashes)
        return error_no_memory(err);
    return quality_read_truth(ret, err) && (!with_views || measure_views(ret, err));
}

void quality_case_close(struct quality_case *opened)
{
    mine_features_release(&opened->features);
    mine_views_release(&opened->views);
    profile_free(opened->profile);
    finished_run_close(&opened->finished);
    free(opened->is_known);
    free(opened->is_wrong);
    free(opened->hashes);
    *opened = (struct quality_case){0};
}
