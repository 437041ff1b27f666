/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/examine.h"

#include "record/box_features.h"
#include "rules/families.h"

#include <stdlib.h>

struct examiner {
    const struct mining_reference *reference;
    const struct examine_rules *rules;
    struct neighbour_scratch *embedding, *appearance; /* NULL: the space is not available */
    double *scores;                                   /* of one image */
    struct record *records;                           /* of one block, as are the subjects */
    struct rule_subject *subjects;
    struct sequence_frames *frames; /* of one block; NULL: the order of the run is not looked at */
    struct arena *sets;             /* the classes found in a block's images */
};

/* All boxes of a block's images, each of another class. */
#define SETS_MAX_BYTES ((size_t)2 * EXAMINE_IMAGES_MAX * PREDICTION_CANDIDATES_MAX * sizeof(uint32_t))

struct examine_rules examine_choose_rules(const struct mining_plan *plan,
                                          const struct mining_reference *reference)
{
    struct examine_rules chosen = {0};
    for (int i = 0; i < REASON_COUNT; i++) {
        const struct rule *rule = all_rules[i];
        chosen.off[i] = rule_off_reason(rule, &reference->rules);
        bool is_possible = !chosen.off[i];
        if (!chosen.off[i] && !plan->may_speak[i])
            chosen.off[i] = "switched off by the setting reasons";
        if (!chosen.off[i] && !(plan->weights[rule->method] > 0))
            chosen.off[i] = "its method has no weight in comprehensive_algo_config";
        chosen.is_cut_by_settings |= is_possible && chosen.off[i];
    }
    return chosen;
}

static bool asks_neighbours(const struct examine_rules *rules)
{
    for (int i = 0; i < REASON_COUNT; i++)
        if (!rules->off[i] && (all_rules[i]->needs & (NEEDS_EMBEDDING | NEEDS_APPEARANCE)))
            return true;
    return false;
}

struct examiner *examiner_new(const struct mining_reference *reference, const struct examine_rules *rules)
{
    AUTO(examiner) examiner = calloc(1, sizeof(*examiner));
    if (!examiner)
        return NULL;
    examiner->reference = reference;
    examiner->rules = rules;
    examiner->scores = calloc((size_t)reference->rules.header->classes + 1, sizeof(double));
    examiner->records = calloc(EXAMINE_IMAGES_MAX, sizeof(*examiner->records));
    examiner->subjects = calloc(EXAMINE_IMAGES_MAX, sizeof(*examiner->subjects));
    examiner->sets = arena_new(SETS_MAX_BYTES);
    if (!examiner->scores || !examiner->records || !examiner->subjects || !examiner->sets)
        return NULL;
    if (reference->sequence && !rules->off[SEQUENCE_REASON] &&
        !(examiner->frames = calloc(EXAMINE_IMAGES_MAX, sizeof(*examiner->frames))))
        return NULL;
    bool is_asked = asks_neighbours(rules);
    if (is_asked && reference->embedding &&
        !(examiner->embedding = neighbour_scratch_new(reference->embedding)))
        return NULL;
    if (is_asked && reference->appearance &&
        !(examiner->appearance = neighbour_scratch_new(reference->appearance)))
        return NULL;
    return TAKE(examiner);
}

struct examiner *examiner_free(struct examiner *examiner)
{
    if (examiner) {
        examiner->embedding = neighbour_scratch_free(examiner->embedding);
        examiner->appearance = neighbour_scratch_free(examiner->appearance);
        free(examiner->scores);
        free(examiner->records);
        free(examiner->subjects);
        free(examiner->frames);
        examiner->sets = arena_free(examiner->sets);
    }
    free(examiner);
    return NULL;
}

static int compare_classes(const void *a, const void *b)
{
    uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
    return (first > second) - (first < second);
}

/* The answer of a detector: boxes, their classes, and the class of the best. */
static bool take_answers(struct examiner *examiner, struct rule_subject *subject, struct error *err)
{
    const struct record_header *header = examiner->reference->rules.header;
    const struct record *record = subject->record;
    uint32_t distinct = 0, count = record_answers(header, record->candidates, record->candidate_count);
    if (header->type != MODEL_TYPE_DETECTION || count == 0)
        return true;
    uint32_t *classes = arena_array(examiner->sets, count, sizeof(*classes));
    if (!classes)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        classes[i] = record->candidates[i].label;
    qsort(classes, count, sizeof(*classes), compare_classes);
    for (uint32_t i = 0; i < count; i++)
        if (distinct == 0 || classes[distinct - 1] != classes[i])
            classes[distinct++] = classes[i];
    subject->box_count = count;
    subject->predicted = record->candidates[0].label;
    subject->found = (struct class_set){.classes = classes, .count = distinct};
    return true;
}

/* Fills examiner->scores; CLASS_NONE and no scores for detection. */
static uint32_t score(struct examiner *examiner, const struct record *record)
{
    const struct record_header *header = examiner->reference->rules.header;
    if (header->type != MODEL_TYPE_CLASSIFICATION || header->classes == 0)
        return CLASS_NONE;
    record_scores(header, record, examiner->scores);
    return prediction_best(examiner->scores, header->classes);
}

static const float *vector_of(const struct examiner *examiner, bool is_embedding,
                              const struct examine_rows *rows, uint32_t place)
{
    const struct record *record = &examiner->records[place];
    uint32_t length = examiner->reference->features_length;
    if (is_embedding)
        return record->embedding;
    return rows->features ? rows->features + (size_t)rows->rows[place] * length : record->appearance;
}

static bool ask_space(struct examiner *examiner, bool is_embedding, const struct examine_rows *rows,
                      uint64_t first, struct error *err)
{
    struct neighbour_scratch *scratch = is_embedding ? examiner->embedding : examiner->appearance;
    if (!scratch)
        return true;
    struct neighbour_query *queries = neighbour_scratch_queries(scratch);
    uint32_t places[EXAMINE_IMAGES_MAX], asked = 0;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct record *record = &examiner->records[i];
        const float *vector = vector_of(examiner, is_embedding, rows, i);
        if (record->error || !vector)
            continue;
        places[asked] = i;
        uint32_t left_out = rows->is_training
                                ? rows->samples[i]
                                : batch_sample_find(&examiner->reference->sample, first + rows->rows[i]);
        queries[asked++] = (struct neighbour_query){
            .vector = vector, .class_index = examiner->subjects[i].predicted, .left_out = left_out};
    }
    if (asked == 0)
        return true;
    const struct neighbour_search *search =
        is_embedding ? examiner->reference->embedding : examiner->reference->appearance;
    const struct neighbours *found = NULL;
    if (!neighbour_search_run(search, scratch, queries, asked, &found, err))
        return false;
    for (uint32_t i = 0; i < asked; i++) {
        struct rule_subject *subject = &examiner->subjects[places[i]];
        *(is_embedding ? &subject->embedding : &subject->appearance) = found[i];
    }
    return true;
}

/* What a training profile measured are the boxes that a person drew; here the model's answer is judged. */
static bool measure_answer(const struct rule_subject *subject, struct record *record, struct error *err)
{
    const struct image_boxes answer = {.boxes = record->candidates,
                                       .count = subject->box_count,
                                       .width = record->width,
                                       .height = record->height};
    return subject->reference->header->type != MODEL_TYPE_DETECTION ||
           record_box_features(&answer, record->features, err);
}

static bool read_rows(struct examiner *examiner, const struct record_shard *shard,
                      const struct examine_rows *rows, struct error *err)
{
    arena_reset(examiner->sets);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct record *record = &examiner->records[i];
        record_shard_get(shard, rows->rows[i], record);
        examiner->subjects[i] = (struct rule_subject){
            .reference = &examiner->reference->rules,
            .record = record,
            .predicted = CLASS_NONE,
            .views = rows->views ? rows->views + (size_t)rows->rows[i] * AUGMENT_OPS : NULL};
        if (record->error)
            continue;
        if (examiner->frames && !rows->is_training) {
            uint64_t number = record_shard_first(shard) + rows->rows[i];
            sequence_frames_of(examiner->reference->sequence, number, &examiner->frames[i]);
            examiner->subjects[i].sequence = &examiner->frames[i];
        }
        examiner->subjects[i].predicted = score(examiner, record);
        if (!take_answers(examiner, &examiner->subjects[i], err) ||
            (rows->is_training && !measure_answer(&examiner->subjects[i], record, err)))
            return false;
    }
    return true;
}

static void measure(struct examiner *examiner, struct rule_subject *subject, double ret[REASON_COUNT])
{
    /* Scored again rather than kept: a block of scores would be large with many classes. */
    bool is_scored = score(examiner, subject->record) != CLASS_NONE;
    subject->scores = is_scored ? examiner->scores : NULL;
    for (int i = 0; i < REASON_COUNT; i++)
        ret[i] = examiner->rules->off[i] ? 0 : all_rules[i]->strength(all_rules[i], subject);
}

bool examine_block(struct examiner *examiner, const struct record_shard *shard,
                   const struct examine_rows *rows, examine_visitor *visit, void *state, struct error *err)
{
    double strengths[REASON_COUNT];
    if (!read_rows(examiner, shard, rows, err))
        return false;
    if (!ask_space(examiner, true, rows, record_shard_first(shard), err) ||
        !ask_space(examiner, false, rows, record_shard_first(shard), err))
        return false;
    for (uint32_t i = 0; i < rows->count; i++) {
        struct rule_subject *subject = &examiner->subjects[i];
        if (subject->record->error)
            continue;
        measure(examiner, subject, strengths);
        if (!visit(state, i, subject, strengths, err))
            return false;
    }
    return true;
}
