/* SPDX-License-Identifier: Apache-2.0 */
/* A hand-built subject: change what a test is about, then ask a rule. */
#ifndef TESTS_SUBJECT_H
#define TESTS_SUBJECT_H

#include "rules/rule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* cmocka 1.1 compares floats only in single precision. */
#define assert_near(value, expected, tolerance) assert_true(fabs((value) - (expected)) <= (tolerance))

enum { BENCH_CLASSES_MAX = 2000, BENCH_LABELS = 64, BENCH_VALUES = 1000, BENCH_CANDIDATES = 64 };

struct bench {
    struct record_header header;
    struct record record;
    struct rule_reference reference;
    struct rule_subject subject;
    const char *labels[BENCH_CLASSES_MAX];
    double scores[BENCH_CLASSES_MAX];
    float logits[BENCH_CLASSES_MAX];
    uint32_t sample_labels[BENCH_LABELS];
    double values[BENCH_VALUES];
    struct candidate candidates[BENCH_CANDIDATES]; /* the next are for detection */
    struct class_set sets[BENCH_LABELS];
    uint32_t set_classes[BENCH_LABELS][2];
};

/* A softmax subject of `classes` equal logits, without neighbours, features or training set. */
__attribute__((unused)) static struct bench *bench_new(uint32_t classes)
{
    struct bench *bench = calloc(1, sizeof(*bench));
    for (uint32_t i = 0; i < classes; i++)
        bench->labels[i] = i == 0 ? "cat" : i == 1 ? "dog" : "other";
    bench->header = (struct record_header){
        .type = MODEL_TYPE_CLASSIFICATION, .classes = classes, .labels = bench->labels, .model_hash = "m"};
    bench->reference.header = &bench->header;
    for (int i = 0; i < FEATURE_COUNT; i++)
        bench->record.features[i] = (double)NAN;
    bench->subject = (struct rule_subject){
        .reference = &bench->reference, .record = &bench->record, .scores = bench->scores};
    return bench;
}

/* A detector of cats, dogs and others with the threshold 0.5, and an image of 100 × 100 px without boxes. */
__attribute__((unused)) static struct bench *bench_new_detector(void)
{
    struct bench *bench = bench_new(3);
    bench->header.type = MODEL_TYPE_DETECTION;
    bench->header.activation = ACTIVATION_SIGMOID;
    bench->header.score_threshold = 0.5;
    bench->header.candidate_floor = 0.05;
    bench->reference.missed_share = RULE_MISSED_SHARE_UNKNOWN;
    bench->record.width = bench->record.height = 100;
    bench->record.candidates = bench->candidates;
    bench->subject.scores = NULL;
    bench->subject.predicted = CLASS_NONE;
    return bench;
}

/* Adds a candidate of 10 × 10 px, apart from all others; the best must come first. */
__attribute__((unused)) static struct candidate *bench_see(struct bench *bench, float score, uint32_t label)
{
    uint32_t at = bench->record.candidate_count++;
    float left = (float)(at % 10) * 10, top = (float)(at / 10) * 10;
    bench->candidates[at] =
        (struct candidate){.box = {left, top, left + 10, top + 10}, .score = score, .label = label};
    if ((double)score >= bench->header.score_threshold)
        bench->subject.box_count++;
    if (bench->subject.box_count > 0)
        bench->subject.predicted = bench->candidates[0].label;
    return &bench->candidates[at];
}

/* Softmax or sigmoid of the logits, as record_scores gives them, and the class predicted. */
__attribute__((unused)) static void bench_score(struct bench *bench)
{
    uint32_t classes = bench->header.classes;
    double most = -(double)INFINITY, sum = 0;
    for (uint32_t i = 0; i < classes; i++)
        most = fmax(most, (double)bench->logits[i]);
    for (uint32_t i = 0; i < classes; i++)
        sum += exp((double)bench->logits[i] - most);
    for (uint32_t i = 0; i < classes; i++)
        bench->scores[i] = bench->header.activation == ACTIVATION_SIGMOID
                               ? 1 / (1 + exp(-(double)bench->logits[i]))
                               : exp((double)bench->logits[i] - most) / sum;
    bench->subject.predicted = 0;
    for (uint32_t i = 1; i < classes; i++)
        if (bench->scores[i] > bench->scores[bench->subject.predicted])
            bench->subject.predicted = i;
}

/* A training set of which the first half is class 0 and the second class 1, both spaces fully trusted. */
__attribute__((unused)) static void bench_train(struct bench *bench)
{
    for (uint32_t i = 0; i < BENCH_LABELS; i++)
        bench->sample_labels[i] = i < BENCH_LABELS / 2 ? 0 : 1;
    bench->reference.labels = bench->sample_labels;
    bench->reference.embedding_worth = bench->reference.appearance_worth = 1;
}

/* The same for a detector: images of the first half show class 0, of the second 1 and 2. */
__attribute__((unused)) static void bench_train_detector(struct bench *bench)
{
    bench_train(bench);
    for (uint32_t i = 0; i < BENCH_LABELS; i++) {
        bool is_first = i < BENCH_LABELS / 2;
        bench->set_classes[i][0] = is_first ? 0 : 1;
        bench->set_classes[i][1] = 2;
        bench->sets[i] = (struct class_set){bench->set_classes[i], is_first ? 1 : 2};
    }
    bench->reference.class_sets = bench->sets;
}

/* Ten neighbours at one cosine, the first `of_class_0` of them of class 0. */
__attribute__((unused)) static struct neighbours bench_neighbours(uint32_t of_class_0)
{
    struct neighbours found = {.count = NEIGHBOURS,
                               .same_class_cosine = 0.9F,
                               .other_class_cosine = 0.7F,
                               .same_class_sample = 0,
                               .other_class_sample = BENCH_LABELS - 1};
    for (uint32_t i = 0; i < NEIGHBOURS; i++) {
        found.samples[i] = i < of_class_0 ? i : BENCH_LABELS / 2 + i;
        found.cosines[i] = 0.9F;
    }
    return found;
}

__attribute__((unused)) static double bench_strength(const struct bench *bench, int reason)
{
    return all_rules[reason]->strength(all_rules[reason], &bench->subject);
}

/* What `said` says, its values in their places, is the sentence. */
static void check_said(yyjson_val *evidence)
{
    yyjson_val *said = yyjson_obj_get(evidence, "said");
    AUTO_BUFFER(text, 1 << 20);
    for (const char *at = json_text(said, "message", ""); *at;) {
        if (*at != '{') {
            assert_true(buffer_add(&text, at++, 1));
            continue;
        }
        char *end = NULL;
        size_t place = strtoul(at + 1, &end, 10);
        const char *value = yyjson_get_str(yyjson_arr_get(yyjson_obj_get(said, "values"), place));
        assert_non_null(value);
        assert_true(buffer_add_text(&text, value));
        at = end + 1;
    }
    assert_string_equal(text.size > 0 ? text.data : "", json_text(evidence, "sentence", ""));
}

/* The evidence object of a reason, read back; the caller frees the document. */
__attribute__((unused)) static yyjson_doc *bench_evidence(const struct bench *bench, int reason)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *evidence = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, evidence);
    all_rules[reason]->explain(all_rules[reason], &bench->subject, doc, evidence);
    AUTO_BUFFER(text, 1 << 20);
    struct error err;
    yyjson_doc *read = NULL;
    if (!json_write(doc, false, &text, &err) ||
        !json_parse((struct bytes){text.data, text.size}, "evidence", &read, &err))
        return NULL;
    check_said(yyjson_doc_get_root(read));
    return read;
}

#endif
