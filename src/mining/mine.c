/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/choose.h"
#include "mining/combine.h"
#include "mining/examine.h"
#include "mining/learn.h"
#include "mining/report.h"
#include "mining/views.h"
#include "rules/evidence.h"
#include "rules/families.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVIDENCE_MAX_BYTES = 4 * 1024 * 1024 };

/* A hard example whose evidence is still to be written; in pass two by ascending record. */
struct wanted {
    uint64_t record;
    struct mining_hard_example *example;
};
/* What a worker found out about one of them. */
struct finding {
    struct mining_reason reasons[REASON_COUNT];
    char *evidence;
};

struct mining_job {
    const struct mining_input *input;
    struct mining_plan plan;
    struct mining_reference reference;
    struct examine_rules rules;
    struct mining_view_work view_work;
    struct signals *signals; /* of all records */
    struct learned learned;
    struct choice choice;
    struct mining_result *result;

    atomic_uint next_shard;      /* that a worker takes */
    const struct wanted *wanted; /* pass two: all hard examples; NULL in pass one */
    pthread_mutex_t lock;        /* of the readers of features and views, and of the result's arena */
};

/* What a worker examines: a shard, or those of its images that are to be explained. */
struct shard_job {
    struct mining_job *job;
    const struct record_shard *shard;
    uint32_t number;
    uint32_t count;              /* images to examine in it */
    const struct wanted *wanted; /* pass two: which, `count` of them; NULL in pass one: all */
    struct finding *findings;    /* pass two: one for each */
    float *features;             /* of the shard's records; NULL: the appearance serves */
    struct view *views;          /* pass two: AUGMENT_OPS for each record of the shard; NULL: none */
};

/* Where a visitor's images belong. */
struct block {
    struct shard_job *of;
    uint32_t first;
};

static bool keep_coefficient(void *state, uint32_t place, const struct rule_subject *subject,
                             const double strengths[REASON_COUNT], struct error *err)
{
    (void)err;
    const struct block *block = state;
    const struct mining_job *job = block->of->job;
    struct mining_result *result = job->result;
    uint64_t at = record_shard_first(block->of->shard) + block->first + place;
    result->coefficients[at] = combine_coefficient(job->plan.weights, strengths);
    job->signals[at] = signals_of(subject, strengths);
    if (subject->scores)
        result->scores[at] = subject->scores[subject->predicted];
    else if (subject->box_count > 0)
        result->scores[at] = (double)subject->record->candidates[0].score;
    for (int i = 0; result->strengths && i < REASON_COUNT; i++)
        result->strengths[at * STRENGTHS_COLUMNS + (uint64_t)i] = strengths[i];
    return true;
}

static double *nowhere(uint64_t count)
{
    double *values = calloc(count + 1, sizeof(*values));
    for (uint64_t i = 0; values && i < count; i++)
        values[i] = (double)NAN;
    return values;
}

static void write_group(const struct mining_group *group, yyjson_mut_doc *doc, yyjson_mut_val *root)
{
    if (group->count == 0)
        return;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, root, "group");
    (void)yyjson_mut_obj_add_uint(doc, object, "count", group->count);
    yyjson_mut_val *images = yyjson_mut_obj_add_arr(doc, object, "images");
    for (uint32_t i = 0; i < group->named; i++) {
        yyjson_mut_val *image = yyjson_mut_arr_add_obj(doc, images);
        (void)yyjson_mut_obj_add_str(doc, image, "source", group->sources[i]);
        (void)yyjson_mut_obj_add_uint(doc, image, "record", group->records[i]);
    }
}

static bool write_evidence(const struct mining_job *job, const struct rule_subject *subject,
                           const struct mining_hard_example *example, const struct mining_reason *reasons,
                           char **ret, struct error *err)
{
    uint32_t count = example->reason_count;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    if (!doc)
        return error_no_memory(err);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    for (uint32_t i = 0; i < count; i++) {
        const struct rule *rule = all_rules[reasons[i].id];
        yyjson_mut_val *evidence = yyjson_mut_obj(doc);
        char id[8];
        (void)snprintf(id, sizeof(id), "%u", rule->id);
        (void)yyjson_mut_obj_add(root, yyjson_mut_strcpy(doc, id), evidence);
        (void)yyjson_mut_obj_add_str(doc, evidence, "code", rule->code);
        evidence_number(doc, evidence, "strength", reasons[i].strength);
        rule->explain(rule, subject, doc, evidence);
        if (rule->method == METHOD_AUG_CONSISTENT && subject->views)
            evidence_number(
                doc, evidence, "method_strength",
                views_strength(&job->view_work, &job->reference, subject->record, subject->views));
    }
    write_group(&example->group, doc, root);
    AUTO_BUFFER(text, EVIDENCE_MAX_BYTES);
    if (!json_write(doc, false, &text, err))
        return error_wrap(err, "evidence of '%.200s'", subject->record->source);
    *ret = strdup(text.data);
    return *ret || error_no_memory(err);
}

static bool keep_finding(void *state, uint32_t place, const struct rule_subject *subject,
                         const double strengths[REASON_COUNT], struct error *err)
{
    const struct block *block = state;
    const struct mining_job *job = block->of->job;
    struct finding *finding = &block->of->findings[block->first + place];
    struct mining_hard_example *example = block->of->wanted[block->first + place].example;
    double speaks_from[REASON_COUNT];
    rule_speaks_from(subject->reference, speaks_from);
    example->reason_count = combine_reasons(speaks_from, job->plan.weights, strengths, finding->reasons);
    example->predicted_class = subject->predicted;
    example->predicted_score = subject->scores ? subject->scores[subject->predicted] : (double)NAN;
    example->box_count = subject->box_count;
    if (subject->box_count > 0)
        example->predicted_score = (double)subject->record->candidates[0].score;
    return write_evidence(job, subject, example, finding->reasons, &finding->evidence, err);
}

static bool examine_some(struct shard_job *of, struct examiner *examiner, uint32_t first, struct error *err)
{
    uint32_t left = of->count - first;
    struct examine_rows rows = {.count = left < EXAMINE_IMAGES_MAX ? left : EXAMINE_IMAGES_MAX,
                                .features = of->features,
                                .views = of->views};
    for (uint32_t i = 0; i < rows.count; i++)
        rows.rows[i] =
            of->wanted ? (uint32_t)(of->wanted[first + i].record - record_shard_first(of->shard)) : first + i;
    struct block block = {.of = of, .first = first};
    if (!examine_block(examiner, of->shard, &rows, of->wanted ? keep_finding : keep_coefficient, &block, err))
        return false;
    if (!of->wanted && of->job->input->done)
        atomic_fetch_add(of->job->input->done, rows.count);
    return true;
}

static bool examine_all(struct shard_job *of, struct examiner *examiner, struct error *err)
{
    for (uint32_t first = 0; first < of->count; first += EXAMINE_IMAGES_MAX) {
        if (mining_is_stopped(of->job->input))
            return error_set(err, ERR_CANCELLED, "mining was stopped");
        if (!examine_some(of, examiner, first, err))
            return false;
    }
    return true;
}

static bool read_features(struct shard_job *of, struct error *err)
{
    struct mining_job *job = of->job;
    (void)pthread_mutex_lock(&job->lock);
    bool is_done = mining_shard_features(job->input, false, of->number, record_shard_count(of->shard),
                                         &of->features, err);
    (void)pthread_mutex_unlock(&job->lock);
    return is_done;
}

static bool move_finding(const struct shard_job *of, const struct wanted *wanted,
                         const struct finding *finding, struct error *err)
{
    struct mining_job *job = of->job;
    struct arena *arena = job->result->arena;
    struct mining_hard_example *example = wanted->example;
    struct record record;
    record_shard_get(of->shard, (uint32_t)(wanted->record - record_shard_first(of->shard)), &record);
    struct mining_reason *reasons = arena_array(arena, example->reason_count + 1, sizeof(*reasons));
    if (reasons)
        memcpy(reasons, finding->reasons, example->reason_count * sizeof(*reasons));
    example->reasons = reasons;
    example->evidence_json = arena_text(arena, finding->evidence);
    example->source = arena_text(arena, record.source);
    example->content_hash = arena_text(arena, record.content_hash);
    example->width = record.width;
    example->height = record.height;
    struct candidate *boxes = arena_array(arena, (size_t)example->box_count + 1, sizeof(*boxes));
    if (boxes && example->box_count > 0)
        memcpy(boxes, record.candidates, example->box_count * sizeof(*boxes));
    example->boxes = boxes;
    bool has_hash = example->content_hash || !record.content_hash;
    if (!reasons || !boxes || !example->evidence_json || !example->source || !has_hash)
        return error_set(err, ERR_LIMIT,
                         "the hard examples and their evidence take more than %llu GiB; set top, or raise "
                         "algo_hard_threshold",
                         MINING_RESULT_MAX_BYTES >> 30);
    for (uint32_t i = 0; i < example->reason_count; i++)
        job->result->reason_counts[reasons[i].id]++;
    return true;
}

static bool move_findings(const struct shard_job *of, struct error *err)
{
    bool is_done = true;
    (void)pthread_mutex_lock(&of->job->lock);
    for (uint32_t i = 0; is_done && i < of->count; i++)
        is_done = move_finding(of, &of->wanted[i], &of->findings[i], err);
    (void)pthread_mutex_unlock(&of->job->lock);
    return is_done;
}

static bool read_views(struct shard_job *of, struct error *err)
{
    struct mining_job *job = of->job;
    if (!job->view_work.is_on)
        return true;
    of->views = calloc((size_t)record_shard_count(of->shard) * AUGMENT_OPS + 1, sizeof(*of->views));
    if (!of->views)
        return error_no_memory(err);
    const struct views_wanted wanted_views = {false, job->view_work.wanted, of->shard, of->number};
    (void)pthread_mutex_lock(&job->lock);
    bool is_done = views_read(&job->view_work, &wanted_views, of->views, err);
    (void)pthread_mutex_unlock(&job->lock);
    return is_done;
}

static bool explain(struct shard_job *of, struct examiner *examiner, struct error *err)
{
    of->findings = calloc(of->count, sizeof(*of->findings));
    if (!of->findings)
        return error_no_memory(err);
    bool is_done = read_views(of, err) && examine_all(of, examiner, err) && move_findings(of, err);
    for (uint32_t i = 0; i < of->count; i++)
        free(of->findings[i].evidence);
    free(of->findings);
    free(of->views);
    return is_done;
}

/* The first hard example at or behind a record. */
static size_t place_of(const struct mining_job *job, uint64_t record)
{
    size_t low = 0, high = job->result->hard_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (job->wanted[middle].record < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool work_on_shard(struct mining_job *job, struct examiner *examiner, uint32_t number,
                          struct error *err)
{
    const struct record_set *records = job->input->records;
    AUTO(record_shard) shard = NULL;
    struct shard_job of = {.job = job, .number = number};
    if (job->wanted) {
        size_t first = place_of(job, record_set_shard_first(records, number));
        of.wanted = job->wanted + first;
        of.count = (uint32_t)(place_of(job, record_set_shard_end(records, number)) - first);
        if (of.count == 0)
            return true;
    }
    if (!record_shard_open(records, number, &shard, err))
        return false;
    of.shard = shard;
    if (!of.wanted)
        of.count = record_shard_count(shard);
    bool is_done = read_features(&of, err) &&
                   (of.wanted ? explain(&of, examiner, err) : examine_all(&of, examiner, err));
    free(of.features);
    return is_done;
}

static bool worker(void *state, uint32_t index, struct error *err)
{
    (void)index;
    struct mining_job *job = state;
    AUTO(examiner) examiner = examiner_new(&job->reference, &job->rules);
    if (!examiner)
        return error_no_memory(err);
    for (;;) {
        uint32_t number = atomic_fetch_add(&job->next_shard, 1);
        if (number >= record_set_shards(job->input->records))
            return true;
        if (!work_on_shard(job, examiner, number, err))
            return false;
    }
}

static bool run_workers(struct mining_job *job, struct error *err)
{
    atomic_store(&job->next_shard, 0);
    return workers_run(job->input->threads, worker, job, err);
}

/* Pass one: the coefficient of every image. */
static bool measure_all(struct mining_job *job, struct error *err)
{
    uint64_t images = record_set_count(job->input->records);
    struct mining_result *result = job->result;
    result->coefficients = nowhere(images);
    result->scores = nowhere(images);
    if (job->input->keeps_strengths)
        result->strengths = nowhere(images * STRENGTHS_COLUMNS);
    job->signals = calloc(images + 1, sizeof(*job->signals));
    if (!result->coefficients || !result->scores || !job->signals ||
        (job->input->keeps_strengths && !result->strengths))
        return error_no_memory(err);
    if (!run_workers(job, err))
        return false;
    for (uint64_t i = 0; i < images; i++)
        result->failed += isnan(result->coefficients[i]) ? 1 : 0;
    result->analysed = images - result->failed;
    job->view_work.signals = job->signals;
    const struct learn_task task = {.input = job->input,
                                    .plan = &job->plan,
                                    .reference = &job->reference,
                                    .rules = &job->rules,
                                    .view_work = &job->view_work,
                                    .signals = job->signals};
    if (!views_apply(&job->view_work, &job->reference, result->coefficients, NULL, err) ||
        !learn_apply(&task, result->coefficients, &job->learned, err))
        return false;
    for (uint64_t i = 0; result->strengths && job->learned.is_used && i < images; i++)
        result->strengths[i * STRENGTHS_COLUMNS + STRENGTHS_LEARNED] = result->coefficients[i];
    return true;
}

static int by_record(const void *a, const void *b)
{
    const struct wanted *one = a, *other = b;
    return one->record < other->record ? -1 : one->record > other->record;
}

/* The images of the list with what they stand for. */
static bool fill_list(struct mining_job *job, struct wanted *wanted, struct error *err)
{
    struct mining_result *result = job->result;
    const struct choice *choice = &job->choice;
    size_t named = 0;
    for (size_t i = 0; i < choice->count; i++)
        named += choice->images[i].named;
    const char **sources = arena_array(result->arena, named + 1, sizeof(*sources));
    uint64_t *records = arena_array(result->arena, named + 1, sizeof(*records));
    result->hard = arena_array(result->arena, choice->count + 1, sizeof(*result->hard));
    if (!sources || !records || !result->hard)
        return error_no_memory(err);
    if (!choose_sources(job->input->records, choice, result->arena, sources, err))
        return false;
    memcpy(records, choice->named, named * sizeof(*records));
    for (size_t i = 0; i < choice->count; i++) {
        const struct chosen *chosen = &choice->images[i];
        result->hard[i] =
            (struct mining_hard_example){.record = chosen->record,
                                         .hard_coefficient = result->coefficients[chosen->record],
                                         .group = {.count = chosen->others,
                                                   .records = records + chosen->first_named,
                                                   .sources = sources + chosen->first_named,
                                                   .named = chosen->named}};
        wanted[i] = (struct wanted){.record = chosen->record, .example = &result->hard[i]};
    }
    return true;
}

/* The hard examples with record and coefficient, and the order in which pass two meets them. */
static bool choose(struct mining_job *job, struct wanted **ret_wanted, struct error *err)
{
    const struct choose_input input = {.records = job->input->records,
                                       .coefficients = job->result->coefficients,
                                       .plan = &job->plan,
                                       .threads = job->input->threads,
                                       .vectors_max_bytes = CHOOSE_VECTORS_MAX_BYTES,
                                       .pool_max_bytes = CHOOSE_POOL_MAX_BYTES,
                                       .stop = job->input->stop};
    if (!choose_hard(&input, &job->choice, err))
        return false;
    job->result->hard_count = job->choice.count;
    job->result->represented = job->choice.represented;
    struct wanted *wanted = calloc(job->choice.count + 1, sizeof(*wanted));
    if (!wanted || !fill_list(job, wanted, err)) {
        free(wanted);
        return wanted ? false : error_no_memory(err);
    }
    qsort(wanted, job->choice.count, sizeof(*wanted), by_record);
    *ret_wanted = wanted;
    return true;
}

/* Evidence names the images beside a hard example, which may lie in any shard. */
static bool name_neighbours(struct mining_job *job, const struct wanted *wanted, struct error *err)
{
    size_t count = job->result->hard_count;
    if (!job->reference.sequence || job->rules.off[SEQUENCE_REASON])
        return true;
    uint64_t *records = calloc(count + 1, sizeof(*records));
    if (!records)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        records[i] = wanted[i].record;
    bool is_done = sequence_load_names(job->reference.sequence, records, count, err);
    free(records);
    return is_done;
}

/* Pass two: reasons and evidence of the hard examples only. */
static bool explain_all(struct mining_job *job, const struct wanted *wanted, struct error *err)
{
    if (!name_neighbours(job, wanted, err))
        return false;
    job->wanted = wanted;
    return run_workers(job, err);
}

static bool mine(struct mining_job *job, const struct mining_settings *settings, struct error *err)
{
    struct mining_result *result = job->result;
    struct wanted *wanted = NULL;
    result->arena = arena_new(MINING_RESULT_MAX_BYTES);
    if (!result->arena)
        return error_no_memory(err);
    if (!mining_reference_build(job->input, &job->plan, &job->reference, err) ||
        !views_try(job->input, &job->plan, &job->reference, &job->view_work, err))
        return false;
    job->rules = examine_choose_rules(&job->plan, &job->reference);
    result->has_all_reasons = !job->rules.is_cut_by_settings;
    bool is_done =
        measure_all(job, err) && choose(job, &wanted, err) && explain_all(job, wanted, err) &&
        report_write(settings, &job->plan, &job->reference, &job->rules, result, err) &&
        report_add_views(&job->view_work, result, err) && report_add_learned(&job->learned, result, err) &&
        report_add_feature(job->input, result, err) && report_add_list(&job->choice, &job->plan, result, err);
    free(wanted);
    return is_done;
}

bool mining_run(const struct mining_input *input, const struct mining_settings *settings,
                struct mining_result *ret, struct error *err)
{
    struct mining_result result = {0};
    struct mining_job job = {.input = input, .result = &result, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (!mining_plan_make(settings, &job.plan, err))
        return false;
    bool is_done = mine(&job, settings, err);
    mining_reference_release(&job.reference);
    views_release(&job.view_work);
    learned_release(&job.learned);
    choice_release(&job.choice);
    free(job.signals);
    if (is_done)
        *ret = result;
    else
        mining_result_release(&result);
    return is_done;
}

void mining_result_release(struct mining_result *result)
{
    free(result->coefficients);
    free(result->scores);
    free(result->strengths);
    yyjson_mut_doc_free(result->report);
    result->arena = arena_free(result->arena);
    *result = (struct mining_result){0};
}
