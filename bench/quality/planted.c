/* SPDX-License-Identifier: Apache-2.0 */
/*
 * planted CASE_FOLDER REASON: how well one reason finds the fault that planted_stream planted for it, as one
 * JSON object. An image counts as found when the reason's strength reaches its speaks_from.
 */
#include "base/workers.h"
#include "quality.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLANTED_MAX_BYTES = 16 * 1024 * 1024 };

struct counts {
    uint64_t planted, found, right; /* right: planted and found */
    double auroc;
};

/* Marks the images that planted.txt names. */
static bool read_planted(const struct quality_case *opened, bool *is_planted, struct error *err)
{
    AUTO(store) folder = NULL;
    AUTO_BUFFER(text, PLANTED_MAX_BYTES);
    if (!store_open(opened->folder, false, &folder, err) || !store_get(folder, "planted.txt", &text, err))
        return false;
    for (uint32_t number = 0; number < record_set_shards(opened->records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(opened->records, number, &shard, err))
            return false;
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            char line[PATH_MAX_BYTES];
            struct record record;
            record_shard_get(shard, row, &record);
            (void)snprintf(line, sizeof(line), "%s\n", record.source);
            is_planted[record_shard_first(shard) + row] = strstr(text.data, line) != NULL;
        }
    }
    return true;
}

static bool count(const struct quality_case *opened, const struct mining_result *result, int reason,
                  struct counts *ret, struct error *err)
{
    struct ranking ranking;
    bool *is_planted = calloc(opened->images + 1, sizeof(bool));
    bool is_done = (is_planted || error_no_memory(err)) && read_planted(opened, is_planted, err) &&
                   evaluate_ranking(result->coefficients, is_planted, opened->images, &ranking, err);
    for (size_t i = 0; is_done && i < result->hard_count; i++) {
        const struct mining_hard_example *hard = &result->hard[i];
        if (hard->reason_count == 0 || hard->reasons[0].strength < all_rules[reason]->speaks_from)
            continue;
        ret->found++;
        ret->right += is_planted[hard->record];
    }
    if (is_done) {
        ret->planted = ranking.wrong;
        ret->auroc = ranking.auroc;
    }
    free(is_planted);
    return is_done;
}

static void print(int reason, const struct counts *counts)
{
    double recall = counts->planted ? (double)counts->right / (double)counts->planted : 0;
    double precision = counts->found ? (double)counts->right / (double)counts->found : 0;
    printf("{\"reason\": %d, \"name\": \"%s\", \"speaks_from\": %g, \"planted\": %llu, \"found\": %llu, "
           "\"recall\": %.4f, \"precision\": %.4f, \"auroc\": %.4f}\n",
           reason, all_rules[reason]->name, all_rules[reason]->speaks_from,
           (unsigned long long)counts->planted, (unsigned long long)counts->found, recall, precision,
           isnan(counts->auroc) ? 0 : counts->auroc);
}

static bool measure(const char *folder, int reason, struct error *err)
{
    struct quality_case opened;
    struct mining_settings settings;
    struct mining_result result;
    struct counts counts = {0};
    char methods[QUALITY_NAME_BYTES], only[8];
    bool is_done = quality_case_open(folder, false, &opened, err);
    params_defaults(mining_params, &settings);
    (void)snprintf(methods, sizeof(methods), "%.50s:1", method_row(all_rules[reason]->method)->name);
    (void)snprintf(only, sizeof(only), "%d", reason);
    settings.comprehensive_algo_config = methods;
    settings.reasons = only;
    settings.algo_hard_threshold = 0;
    const struct mining_input input = {
        .records = opened.records, .profile = opened.profile, .threads = workers_cores()};
    is_done = is_done && mining_run(&input, &settings, &result, err);
    if (is_done) {
        is_done = count(&opened, &result, reason, &counts, err);
        mining_result_release(&result);
    }
    if (is_done)
        print(reason, &counts);
    quality_case_close(&opened);
    return is_done;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    long reason = argc == 3 ? strtol(argv[2], NULL, 10) : -1;
    if (reason < 0 || reason >= REASON_COUNT) {
        fprintf(stderr, "usage: planted CASE_FOLDER REASON\n");
        return 2;
    }
    if (measure(argv[1], (int)reason, &err))
        return 0;
    fprintf(stderr, "planted: %s: %s\n", argv[1], err.message);
    return 1;
}
