/* SPDX-License-Identifier: Apache-2.0 */
#include "quality.h"

#include "account/account.h"
#include "base/path.h"
#include "base/workers.h"
#include "record/mistake.h"
#include "work/manifest_file.h"
#include "work/truth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 1024 * 1024 * 1024 };

static const char *path_of(const struct quality_case *opened, const char *name)
{
    return arena_printf(opened->arena, "%s/%s", opened->folder, name);
}

static bool open_run(struct quality_case *opened, struct error *err)
{
    struct arena *arena = opened->arena;
    const char *database = arena_printf(arena, "sqlite:%s/data/trommel.db", opened->folder);
    const char *store = path_of(opened, "data/store");
    if (!database || !store)
        return error_no_memory(err);
    return db_open(database, &opened->db, err) && store_open(store, false, &opened->work.data, err) &&
           service_find(opened->db, ACCOUNT_DEFAULT_PROJECT, arena, QUALITY_SERVICE, &opened->service, err) &&
           run_latest(opened->db, arena, &opened->service, &opened->run, err) &&
           model_find(opened->db, ACCOUNT_DEFAULT_PROJECT, arena, opened->run.model_id, &opened->model,
                      err) &&
           record_set_open(opened->work.data, opened->run.records_key, &opened->records, err);
}

static bool open_profile(struct quality_case *opened, struct error *err)
{
    const struct profile_manifest manifest = {.path = path_of(opened, "train.manifest")};
    const struct profile_build build = {
        .work = &opened->work, .model = &opened->model, .manifest = &manifest, .progress = &opened->progress};
    if (!manifest.path)
        return error_no_memory(err);
    if (access(manifest.path, R_OK) != 0)
        return true;
    return profile_build(&build, opened->training, &opened->profile, err);
}

/* Asks the model about all eleven copies of all images at once, so that rows can be compared: none pays for
 * copies that another one already had. */
static bool measure_views(struct quality_case *opened, struct error *err)
{
    struct mine_views *views = &opened->views;
    *views = (struct mine_views){.data = opened->work.data,
                                 .model = &opened->model,
                                 .records = opened->records,
                                 .run_records = opened->run.records_key,
                                 .training_records = opened->training,
                                 .progress = &opened->progress};
    uint16_t *wanted = calloc(opened->images + 1, sizeof(*wanted));
    if (!wanted)
        return error_no_memory(err);
    for (uint64_t i = 0; i < opened->images; i++)
        wanted[i] = (uint16_t)((1U << AUGMENT_OPS) - 1);
    bool is_done = augment_settings_read("all", &opened->all_ops, err) && mine_views_start(views, err);
    double start = clock_steady_seconds();
    is_done = is_done && views->views.measure(views, false, &opened->all_ops, wanted, err);
    if (views->inferred > 0)
        opened->seconds_per_copy = (clock_steady_seconds() - start) / (double)views->inferred;
    free(wanted);
    return is_done;
}

bool quality_case_open(const char *folder, struct quality_case *ret, struct error *err)
{
    *ret = (struct quality_case){
        .folder = folder, .arena = arena_new(ARENA_BYTES), .seconds_per_copy = (double)NAN};
    if (!ret->arena)
        return error_no_memory(err);
    if (!open_run(ret, err) || !open_profile(ret, err))
        return false;
    ret->images = record_set_count(ret->records);
    ret->is_known = calloc(ret->images + 1, sizeof(bool));
    ret->is_wrong = calloc(ret->images + 1, sizeof(bool));
    ret->hashes = calloc(ret->images + 1, sizeof(*ret->hashes));
    if (!ret->is_known || !ret->is_wrong || !ret->hashes)
        return error_no_memory(err);
    return quality_read_truth(ret, err) && measure_views(ret, err);
}

void quality_case_close(struct quality_case *opened)
{
    mine_views_release(&opened->views);
    profile_free(opened->profile);
    record_set_free(opened->records);
    store_free(opened->work.data);
    db_free(opened->db);
    arena_free(opened->arena);
    free(opened->is_known);
    free(opened->is_wrong);
    free(opened->hashes);
    *opened = (struct quality_case){0};
}

/* ---- truth ---- */

struct truth_entry {
    const char *source;
    struct truth truth;
};
struct truths {
    struct truth_entry *entries; /* by source */
    size_t count;
    double *scores; /* of one image */
};

static int by_source(const void *a, const void *b)
{
    const struct truth_entry *one = a, *other = b;
    return strcmp(one->source, other->source);
}

static bool read_lines(struct quality_case *opened, struct manifest_file *file,
                       struct annotation_files *files, struct truths *truths, struct error *err)
{
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        struct manifest_sample sample;
        if (!manifest_lines_next(file->lines, &line, &number, err))
            return false;
        if (!line.data)
            return true;
        struct truth_entry entry = {0};
        if (truths->count >= opened->images)
            return error_set(err, ERR_INVALID, "truth.manifest has more lines than the run has images");
        if (!manifest_line_read(line, opened->arena, &sample, err) ||
            !truth_read(&sample, record_set_header(opened->records)->type, files, opened->arena, &entry.truth,
                        err))
            return false;
        entry.source = sample.source;
        if (entry.truth.labels)
            truths->entries[truths->count++] = entry;
    }
}

static bool read_manifest(struct quality_case *opened, struct truths *truths, struct error *err)
{
    struct manifest_file file = {0};
    struct annotation_files files = {0};
    const char *path = path_of(opened, "truth.manifest");
    truths->entries = calloc(opened->images + 1, sizeof(*truths->entries));
    if (!path || !truths->entries)
        return error_no_memory(err);
    bool is_done = manifest_file_open(NULL, path, &file, err) &&
                   annotation_files_open(NULL, file.folder, &files, err) &&
                   read_lines(opened, &file, &files, truths, err);
    annotation_files_release(&files);
    manifest_file_release(&file);
    qsort(truths->entries, truths->count, sizeof(*truths->entries), by_source);
    return is_done;
}

static void judge(struct quality_case *opened, const struct truths *truths, struct record record,
                  uint64_t index)
{
    const struct truth_entry wanted = {.source = record.source};
    opened->hashes[index] = record.perceptual_hash;
    const struct truth_entry *entry =
        bsearch(&wanted, truths->entries, truths->count, sizeof(wanted), by_source);
    if (!entry)
        return;
    record.truth_labels = entry->truth.labels;
    record.truth_boxes = entry->truth.boxes;
    record.truth_count = entry->truth.count;
    enum record_verdict verdict = record_verdict(record_set_header(opened->records), &record, truths->scores);
    opened->is_known[index] = verdict != VERDICT_UNKNOWN;
    opened->is_wrong[index] = verdict == VERDICT_WRONG;
}

static bool judge_all(struct quality_case *opened, const struct truths *truths, struct error *err)
{
    uint64_t known = 0;
    for (uint32_t number = 0; number < record_set_shards(opened->records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(opened->records, number, &shard, err))
            return false;
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            judge(opened, truths, record, record_shard_first(shard) + row);
            known += opened->is_known[record_shard_first(shard) + row];
        }
    }
    return known > 0 || truths->count == 0 ||
           error_set(err, ERR_INVALID,
                     "no line of truth.manifest names an image of the run: sources must be "
                     "absolute paths");
}

bool quality_read_truth(struct quality_case *opened, struct error *err)
{
    const char *path = path_of(opened, "truth.manifest");
    struct truths truths = {.scores =
                                calloc(record_set_header(opened->records)->classes + 1U, sizeof(double))};
    if (!truths.scores)
        return error_no_memory(err);
    bool is_there = path && access(path, R_OK) == 0;
    bool is_done = (!is_there || read_manifest(opened, &truths, err)) && judge_all(opened, &truths, err);
    free(truths.entries);
    free(truths.scores);
    return is_done;
}
