/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What augmented copies cost and what they are worth.
 *
 *   augment operations                       ms of each operation on images of several sizes
 *   augment list DEMO_FOLDER cls|det         the demo's list of hard examples with and without copies: how
 * well it finds wrong predictions, and how many copies were inferred
 */
#include "finished_run.h"

#include "base/clock.h"
#include "demo/demo_kind.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 20 };
#define CONTENT_HASH "00112233445566778899aabbccddeeff"

static int fail(const struct error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* ---- operations ---- */

static bool paint(struct image *image, uint32_t width, uint32_t height, struct error *err)
{
    uint32_t noise = 1;
    if (!image_resize_buffer(image, width, height, err))
        return false;
    for (size_t i = 0; i < (size_t)width * height * 3; i++) {
        noise = noise * 1664525U + 1013904223U;
        image->pixels[i] = (uint8_t)(i / 3 % width * 200 / width + (noise >> 27));
    }
    return true;
}

static bool time_operation(const struct augment_op *op, const struct image *image,
                           struct augment_scratch *scratch, struct image *copy, struct error *err)
{
    const struct augment_setting setting = {op, 1, op->parameter.usual};
    struct augment_draw draw;
    double best = (double)INFINITY;
    augment_plan(&setting, CONTENT_HASH, 0, image, &draw);
    for (int i = 0; i < ROUNDS; i++) {
        double start = clock_steady_seconds();
        if (!augment_apply(&draw, image, scratch, copy, err))
            return false;
        best = fmin(best, clock_steady_seconds() - start);
    }
    printf(" %8.3f", best * 1e3);
    return true;
}

static int time_operations(void)
{
    static const uint32_t sizes[][2] = {{28, 28}, {224, 224}, {448, 448}, {640, 480}, {640, 640}};
    struct image image = {0}, copy = {0};
    struct error err = {0};
    AUTO(augment_scratch) scratch = augment_scratch_new();
    printf("ms, best of %d\n%-14s", ROUNDS, "");
    for (size_t s = 0; s < 5; s++)
        printf(" %4ux%-3u", sizes[s][0], sizes[s][1]);
    for (int i = 0; i < AUGMENT_OPS && err.code == ERR_NONE && scratch; i++) {
        printf("\n%-14s", all_augment_ops[i]->name);
        for (size_t s = 0; s < 5 && err.code == ERR_NONE; s++)
            if (paint(&image, sizes[s][0], sizes[s][1], &err))
                (void)!time_operation(all_augment_ops[i], &image, scratch, &copy, &err);
    }
    printf("\n");
    image_release(&image);
    image_release(&copy);
    return err.code == ERR_NONE && scratch ? 0 : fail(&err);
}

/* ---- the demo's list ---- */

struct listing {
    const struct demo_kind *kind;
    struct demo_data data;
    struct finished_run finished;
    bool *is_wrong;
};

static bool read_truth(struct listing *listing, struct error *err)
{
    listing->is_wrong = calloc(record_set_count(listing->finished.records) + 1, sizeof(bool));
    if (!listing->is_wrong)
        return error_no_memory(err);
    for (uint32_t number = 0; number < record_set_shards(listing->finished.records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(listing->finished.records, number, &shard, err))
            return false;
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            if (!listing->kind->is_wrong(&listing->data, record_set_header(listing->finished.records),
                                         &record, &listing->is_wrong[record_shard_first(shard) + row], err))
                return false;
        }
    }
    return true;
}

static bool open_listing(struct listing *listing, const char *folder, struct error *err)
{
    if (!finished_run_open(folder, listing->kind->service, &listing->finished, err))
        return false;
    const struct record_header *header = record_set_header(listing->finished.records);
    listing->data =
        (struct demo_data){.folder = folder,
                           .labels = header->labels,
                           .stream_images = (uint32_t)record_set_count(listing->finished.records)};
    return listing->kind->make(&listing->data, err) && read_truth(listing, err);
}

struct row {
    const char *title, *methods, *operations;
    double budget;
    bool has_training;
};

static bool open_profile(struct listing *listing, struct profile **ret, struct error *err)
{
    char manifest[PATH_MAX_BYTES];
    (void)snprintf(manifest, sizeof(manifest), "%s/%s/train.manifest", listing->data.folder,
                   listing->kind->images);
    return finished_run_profile(&listing->finished, manifest, ret, err);
}

static void print_row(const struct listing *listing, const struct row *row,
                      const struct mining_result *result, double seconds)
{
    struct ranking score = {0};
    struct error err = {0};
    yyjson_mut_val *views = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result->report), "views");
    if (!evaluate_ranking(result->coefficients, listing->is_wrong,
                          record_set_count(listing->finished.records), &score, &err))
        return;
    printf("%-44s %8.4f %8.3f %8.3f %9.2f %8.1f\n", row->title, score.auroc, score.first_5, score.first_20,
           yyjson_mut_get_num(yyjson_mut_obj_get(views, "inferences_per_image")), seconds);
}

static bool mine_row(struct listing *listing, const struct row *row, struct mine_views *views,
                     const struct profile *profile, struct error *err)
{
    struct mining_settings settings;
    struct mining_result result;
    params_defaults(mining_params, &settings);
    settings.aug_budget = row->budget;
    if (row->methods)
        settings.comprehensive_algo_config = row->methods;
    if (row->operations)
        settings.aug_op_config = row->operations;
    const struct mining_input input = {.records = listing->finished.records,
                                       .profile = profile,
                                       .views = &views->views,
                                       .threads = workers_cores()};
    double start = clock_steady_seconds();
    if (!mining_run(&input, &settings, &result, err))
        return false;
    print_row(listing, row, &result, clock_steady_seconds() - start);
    mining_result_release(&result);
    return true;
}

static bool do_row(struct listing *listing, const struct row *row, struct error *err)
{
    struct profile *built = NULL;
    char key[PROFILE_FOLDER_BYTES + 8];
    if (row->has_training && !open_profile(listing, &built, err))
        return false;
    AUTO(profile) profile = built;
    struct mine_views views = finished_run_views(&listing->finished, row->has_training);
    /* Nothing from the row before: seconds are those of a first filtering. */
    bool is_done = mine_views_start(&views, err);
    (void)snprintf(key, sizeof(key), "%s/views", views.run_folder);
    is_done = is_done && store_delete_below(listing->finished.work.data, key, err);
    (void)snprintf(key, sizeof(key), "%s/views", views.training_folder);
    is_done = is_done && (!row->has_training || store_delete_below(listing->finished.work.data, key, err)) &&
              mine_row(listing, row, &views, profile, err);
    mine_views_release(&views);
    return is_done;
}

static int compare_lists(const char *folder, const char *type)
{
    static const char alone[] = "aug_consistent_mining:1";
    static const struct row rows[] = {
        {"no copies", NULL, NULL, 0, true},
        {"as it comes", NULL, NULL, MINING_DEFAULT_AUG_BUDGET, true},
        {"as it comes, of all images", NULL, NULL, AUGMENT_OPS, true},
        {"all eleven", NULL, "all", MINING_DEFAULT_AUG_BUDGET, true},
        {"all eleven, of all images", NULL, "all", AUGMENT_OPS, true},
        {"the method alone, of all images", alone, NULL, AUGMENT_OPS, true},
        {"the method alone, all eleven, of all images", alone, "all", AUGMENT_OPS, true},
        {"no training manifest, no copies", NULL, NULL, 0, false},
        {"no training manifest, as it comes", NULL, NULL, MINING_DEFAULT_AUG_BUDGET, false},
        {"no training manifest, of all images", NULL, NULL, AUGMENT_OPS, false},
    };
    struct listing listing = {0};
    struct error err = {0};
    for (size_t i = 0; demo_kinds[i]; i++)
        if (strcmp(demo_kinds[i]->type, type) == 0)
            listing.kind = demo_kinds[i];
    if (!listing.kind) {
        fprintf(stderr, "cls or det, not '%s'\n", type);
        return 2;
    }
    bool is_ok = open_listing(&listing, folder, &err);
    if (is_ok)
        printf("%-44s %8s %8s %8s %9s %8s\n", "", "AUROC", "first5%", "first20%", "copies/im", "seconds");
    for (size_t i = 0; is_ok && i < sizeof(rows) / sizeof(rows[0]); i++)
        is_ok = do_row(&listing, &rows[i], &err);
    finished_run_close(&listing.finished);
    free(listing.is_wrong);
    free(listing.data.truth);
    return is_ok ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "operations") == 0)
        return time_operations();
    if (argc == 4 && strcmp(argv[1], "list") == 0)
        return compare_lists(argv[2], argv[3]);
    fprintf(stderr, "usage: augment operations | augment list DEMO_FOLDER cls|det\n");
    return 2;
}
