/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the baselines over a case: what they look at is gathered shard by shard. */
#include "baseline.h"
#include "mining/neighbours.h"
#include "quality.h"

#include <math.h>
#include <stdlib.h>

struct block {
    struct baseline_subject subjects[NEIGHBOUR_QUERIES_MAX];
    struct record records[NEIGHBOUR_QUERIES_MAX];
    struct neighbour_query queries[NEIGHBOUR_QUERIES_MAX];
    uint32_t rows[NEIGHBOUR_QUERIES_MAX];
};
struct gathering {
    const struct baseline *baseline;
    struct quality_case *opened;
    const struct record_header *header;
    struct neighbour_search *search; /* NULL: not needed */
    struct neighbour_scratch *scratch;
    double *scores; /* NEIGHBOUR_QUERIES_MAX × classes */
    double *hardness;
    struct block *block;
};

static bool is_needed(const struct gathering *gathering, const struct augment_op *op)
{
    struct augment_settings three;
    struct error err = {0};
    if (gathering->baseline->needs & BASELINE_ALL_VIEWS)
        return true;
    if (!(gathering->baseline->needs & BASELINE_THREE_VIEWS) ||
        !augment_settings_read(MINING_DEFAULT_AUG_OP_CONFIG, &three, &err))
        return false;
    for (uint32_t i = 0; i < three.count; i++)
        if (three.ops[i].op == op)
            return true;
    return false;
}

/* AUGMENT_OPS for each record of the shard. */
static bool read_views(const struct gathering *gathering, const struct record_shard *shard, uint32_t number,
                       struct view *ret, struct error *err)
{
    uint32_t count = record_shard_count(shard);
    struct view *column = calloc((size_t)count + 1, sizeof(*column));
    bool is_done = column || error_no_memory(err);
    for (int op = 0; is_done && op < AUGMENT_OPS; op++) {
        const struct augment_setting *setting = &gathering->opened->all_ops.ops[op];
        const struct mining_view_query query = {.setting = setting, .records = shard, .shard = number};
        bool is_seen = is_needed(gathering, setting->op);
        if (is_seen)
            is_done = gathering->opened->views.views.read(gathering->opened->views.views.state, &query,
                                                          column, err);
        for (uint32_t row = 0; is_done && row < count; row++)
            ret[(size_t)row * AUGMENT_OPS + (size_t)op] = is_seen ? column[row] : view_missing();
    }
    free(column);
    return is_done;
}

static void fill_subject(const struct gathering *gathering, const struct record *record, double *scores,
                         struct baseline_subject *ret)
{
    *ret = (struct baseline_subject){
        .header = gathering->header, .record = record, .scores = scores, .predicted = CLASS_NONE};
    if (gathering->header->type == MODEL_TYPE_CLASSIFICATION) {
        record_scores(gathering->header, record, scores);
        ret->predicted = prediction_best(scores, gathering->header->classes);
    } else {
        ret->answers = record_answers(gathering->header, record->candidates, record->candidate_count);
    }
}

/* Up to NEIGHBOUR_QUERIES_MAX records from `first` on. */
static bool measure_block(struct gathering *gathering, const struct record_shard *shard,
                          const struct view *views, uint32_t first, struct error *err)
{
    struct block *block = gathering->block;
    uint32_t count = 0, end = record_shard_count(shard);
    bool by_embedding = gathering->baseline->needs & BASELINE_EMBEDDING;
    for (uint32_t row = first; row < end && row < first + NEIGHBOUR_QUERIES_MAX; row++) {
        struct record *record = &block->records[count];
        struct baseline_subject *subject = &block->subjects[count];
        record_shard_get(shard, row, record);
        if (record->error)
            continue;
        fill_subject(gathering, record, gathering->scores + (size_t)count * gathering->header->classes,
                     subject);
        subject->views = views + (size_t)row * AUGMENT_OPS;
        block->queries[count] = (struct neighbour_query){
            by_embedding ? record->embedding : record->appearance, subject->predicted, SAMPLE_NONE};
        block->rows[count++] = row;
    }
    const struct neighbours *found = NULL;
    if (gathering->search && count > 0 &&
        !neighbour_search_run(gathering->search, gathering->scratch, block->queries, count, &found, err))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (found)
            block->subjects[i].neighbours = found[i];
        gathering->hardness[record_shard_first(shard) + block->rows[i]] =
            gathering->baseline->hardness(&block->subjects[i]);
    }
    return true;
}

static bool measure_shards(struct gathering *gathering, struct error *err)
{
    for (uint32_t number = 0; number < record_set_shards(gathering->opened->finished.records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(gathering->opened->finished.records, number, &shard, err))
            return false;
        struct view *views = calloc((size_t)record_shard_count(shard) * AUGMENT_OPS + 1, sizeof(*views));
        bool is_done = views ? read_views(gathering, shard, number, views, err) : error_no_memory(err);
        for (uint32_t first = 0; is_done && first < record_shard_count(shard); first += NEIGHBOUR_QUERIES_MAX)
            is_done = measure_block(gathering, shard, views, first, err);
        free(views);
        if (!is_done)
            return false;
    }
    return true;
}

static bool start_search(struct gathering *gathering, struct error *err)
{
    const struct profile *profile = gathering->opened->profile;
    bool by_embedding = gathering->baseline->needs & BASELINE_EMBEDDING;
    if (!(gathering->baseline->needs & (BASELINE_EMBEDDING | BASELINE_APPEARANCE)))
        return true;
    if (!neighbour_search_new(
            by_embedding ? profile_embeddings(profile) : profile_appearance(profile), profile_count(profile),
            by_embedding ? gathering->header->embedding_length : gathering->header->appearance_length,
            profile_labels(profile), &gathering->search, err))
        return false;
    gathering->scratch = neighbour_scratch_new(gathering->search);
    return gathering->scratch || error_no_memory(err);
}

static bool can_run(const struct baseline *baseline, const struct quality_case *opened)
{
    const struct record_header *header = record_set_header(opened->finished.records);
    if (baseline->type != header->type)
        return false;
    if (baseline->needs & BASELINE_EMBEDDING)
        return opened->profile && header->embedding_length > 0;
    return !(baseline->needs & BASELINE_APPEARANCE) || opened->profile;
}

static double copies_of(uint32_t needs)
{
    const double three = 3;
    return needs & BASELINE_ALL_VIEWS ? AUGMENT_OPS : needs & BASELINE_THREE_VIEWS ? three : 0;
}

static bool measure(struct quality_table *table, const struct baseline *baseline, struct quality_case *opened,
                    struct error *err)
{
    uint64_t images = opened->images;
    const struct record_header *header = record_set_header(opened->finished.records);
    struct gathering gathering = {
        .baseline = baseline,
        .opened = opened,
        .header = header,
        .scores = calloc((size_t)NEIGHBOUR_QUERIES_MAX * header->classes + 1, sizeof(double)),
        .hardness = calloc(images + 1, sizeof(double)),
        .block = calloc(1, sizeof(struct block))};
    struct quality_list list = {.hardness = gathering.hardness,
                                .order = calloc(images + 1, sizeof(*list.order)),
                                .ordered = images,
                                .inferences = 1 + copies_of(baseline->needs)};
    bool is_done =
        (gathering.scores && gathering.hardness && gathering.block && list.order) || error_no_memory(err);
    double start = clock_steady_seconds();
    for (uint64_t i = 0; is_done && i < images; i++)
        gathering.hardness[i] = (double)NAN;
    is_done = is_done && start_search(&gathering, err) && measure_shards(&gathering, err);
    list.seconds = clock_steady_seconds() - start;
    is_done = is_done && evaluate_order(list.hardness, images, list.order, err) &&
              quality_add(table, GROUP_BASELINES, baseline->name, opened, &list, err);
    neighbour_scratch_free(gathering.scratch);
    neighbour_search_free(gathering.search);
    free(gathering.scores);
    free(gathering.block);
    free(gathering.hardness);
    free(list.order);
    return is_done;
}

bool quality_measure_baselines(struct quality_table *table, struct quality_case *opened, struct error *err)
{
    for (const struct baseline *baseline = all_baselines; baseline->name; baseline++)
        if (quality_wants(table, GROUP_BASELINES, baseline->name) && can_run(baseline, opened) &&
            !measure(table, baseline, opened, err))
            return false;
    return true;
}
