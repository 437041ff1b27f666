/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record_fixture.h"

#include <math.h>

static void features_have_names_of_their_own(void **state)
{
    for (int a = 0; a < FEATURE_COUNT; a++) {
        assert_non_null(record_feature_name((enum record_feature)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(record_feature_name((enum record_feature)a),
                                    record_feature_name((enum record_feature)b));
    }
}

static void all_logits_are_kept_up_to_the_limit(void **state)
{
    struct record_header header = {.type = MODEL_TYPE_CLASSIFICATION, .classes = RECORD_LOGITS_ALL_MAX};
    assert_int_equal(record_logit_columns(&header), RECORD_LOGITS_ALL_MAX);
    header.classes++;
    assert_int_equal(record_logit_columns(&header), RECORD_LOGITS_TOP);
    header.type = MODEL_TYPE_DETECTION;
    assert_int_equal(record_logit_columns(&header), 0);
}

static double sum_of(const double *values, uint32_t count)
{
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

static void scores_of_all_logits_are_softmax_or_sigmoid(void **state)
{
    static const float logits[] = {2, 0, -1000};
    struct record_header header = {.classes = 3};
    struct record record = {.logits = logits};
    double scores[3];
    record_scores(&header, &record, scores);
    assert_true(fabs(scores[0] - 1 / (1 + exp(-2))) < 1e-15);
    assert_true(fabs(sum_of(scores, 3) - 1) < 1e-15);
    assert_true(scores[2] == 0);
    header.activation = ACTIVATION_SIGMOID;
    record_scores(&header, &record, scores);
    assert_true(fabs(scores[0] - 1 / (1 + exp(-2))) < 1e-15);
    assert_true(scores[1] == 0.5);
    assert_true(scores[2] == 0);
}

/* The record that work/ would make of 1,500 logits, and the scores of those. */
struct top {
    float all[SAMPLE_CLASSES_MAX], logits[RECORD_LOGITS_TOP];
    uint32_t classes[RECORD_LOGITS_TOP];
    double exact[SAMPLE_CLASSES_MAX], scores[SAMPLE_CLASSES_MAX];
    struct record_header header;
    struct record record;
};

/* Class c has the rank c * 7 modulo 1500; logits fall by `step` from rank to rank. */
static void make_top(struct top *top, enum activation activation, double step)
{
    double sum = 0;
    for (uint32_t c = 0; c < SAMPLE_CLASSES_MAX; c++) {
        uint32_t rank = c * 7 % SAMPLE_CLASSES_MAX;
        top->all[c] = (float)(3 - rank * step);
        sum += exp((double)top->all[c]);
        if (rank >= RECORD_LOGITS_TOP)
            continue;
        top->logits[rank] = top->all[c];
        top->classes[rank] = c;
    }
    top->header = (struct record_header){.activation = activation, .classes = SAMPLE_CLASSES_MAX};
    top->record = (struct record){
        .source = "a", .logits = top->logits, .logit_classes = top->classes, .log_sum_exp = log(sum)};
    const struct prediction prediction = {
        .activation = activation, .classes = SAMPLE_CLASSES_MAX, .logits = top->all};
    prediction_scores(&prediction, top->exact);
}

static void scores_of_the_top_share_the_rest_evenly(void **state)
{
    static const double steps[] = {0, 0.001, 0.1, 10};
    struct top *top = calloc(1, sizeof(*top));
    assert_non_null(top);
    for (int i = 0; i < 8; i++) {
        bool is_softmax = i < 4;
        make_top(top, is_softmax ? ACTIVATION_SOFTMAX : ACTIVATION_SIGMOID, steps[i % 4]);
        struct error err = {0};
        assert_true(record_check(&top->header, &top->record, &err));
        record_scores(&top->header, &top->record, top->scores);
        double smallest = 1, rest = -1;
        for (uint32_t n = 0; n < RECORD_LOGITS_TOP; n++) {
            uint32_t c = top->classes[n];
            assert_true(fabs(top->scores[c] - top->exact[c]) < 1e-12);
            smallest = fmin(smallest, top->scores[c]);
        }
        for (uint32_t c = 0; c < SAMPLE_CLASSES_MAX; c++) {
            if (c * 7 % SAMPLE_CLASSES_MAX < RECORD_LOGITS_TOP)
                continue;
            rest = rest < 0 ? top->scores[c] : rest;
            assert_true(top->scores[c] == rest && rest <= smallest && rest >= 0);
        }
        if (is_softmax)
            assert_true(fabs(sum_of(top->scores, SAMPLE_CLASSES_MAX) - 1) < 1e-9);
        else if (steps[i % 4] == 0)
            assert_true(fabs(rest - top->exact[SAMPLE_CLASSES_MAX - 1]) < 1e-12);
    }
    free(top);
}

static void a_log_sum_exp_that_does_not_fit_gives_scores_all_the_same(void **state)
{
    struct top *top = calloc(1, sizeof(*top));
    assert_non_null(top);
    make_top(top, ACTIVATION_SOFTMAX, 0.01);
    static const double sums[] = {-100, 0, 100};
    for (size_t i = 0; i < 3; i++) {
        top->record.log_sum_exp = sums[i];
        record_scores(&top->header, &top->record, top->scores);
        for (uint32_t c = 0; c < SAMPLE_CLASSES_MAX; c++)
            assert_true(top->scores[c] >= 0); /* and no NaN */
    }
    free(top);
}

static void the_predicted_class_is_that_of_the_largest_score(void **state)
{
    struct top *top = calloc(1, sizeof(*top));
    assert_non_null(top);
    for (int i = 0; i < 2; i++) {
        float score = 0;
        make_top(top, i == 0 ? ACTIVATION_SOFTMAX : ACTIVATION_SIGMOID, 0.1);
        top->logits[0] = -100; /* the largest is another than the first */
        record_scores(&top->header, &top->record, top->scores);
        uint32_t predicted = record_predicted(&top->header, &top->record, &score);
        assert_int_equal(predicted, top->classes[1]);
        assert_int_equal(predicted, prediction_best(top->scores, SAMPLE_CLASSES_MAX));
        assert_true(score == (float)top->scores[predicted]);
    }
    static const float logits[] = {1, 3, 3};
    const struct record_header header = {.activation = ACTIVATION_SIGMOID, .classes = 3};
    const struct record record = {.logits = logits};
    float score = 0;
    assert_int_equal(record_predicted(&header, &record, &score), 1); /* the first of equals */
    assert_true(score == (float)(1 / (1 + exp(-3))));
    free(top);
}

static void a_detector_predicts_the_class_of_its_best_answer_or_none(void **state)
{
    const struct candidate candidates[] = {{.label = 2, .score = 0.5F}, {.label = 1, .score = 0.4F}};
    struct record_header header = {.type = MODEL_TYPE_DETECTION, .classes = 3, .score_threshold = 0.5};
    const struct record record = {.candidates = candidates, .candidate_count = 2};
    float score = 0;
    assert_int_equal(record_predicted(&header, &record, &score), 2);
    assert_true(score == 0.5F);
    header.score_threshold = 0.6;
    assert_int_equal(record_predicted(&header, &record, &score), UINT32_MAX);
    assert_true(score == 0);
}

static void expect_refused(const struct record_samples *samples, const char *names)
{
    struct error err = {0};
    assert_false(record_check(&samples->header, &samples->records[0], &err));
    assert_true(err.code == ERR_INVALID || err.code == ERR_LIMIT);
    if (!strstr(err.message, names))
        fail_msg("'%s' does not name %s", err.message, names);
}

/* Sets *place to `bad` for one check. */
static void expect_float_refused(const struct record_samples *samples, float *place, float bad,
                                 const char *names)
{
    float good = *place;
    *place = bad;
    expect_refused(samples, names);
    *place = good;
}

static void what_a_header_promises_is_demanded(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct record good = samples->records[0], *record = &samples->records[0];
    struct error err = {0};
    assert_true(record_check(&samples->header, record, &err));
    record->source = NULL;
    expect_refused(samples, "source");
    record->source = "";
    expect_refused(samples, "source");
    *record = good;
    record->appearance = NULL;
    expect_refused(samples, "appearance");
    *record = good;
    record->embedding = NULL;
    expect_refused(samples, "embedding");
    *record = good;
    record->logits = NULL;
    expect_refused(samples, "logits");
    *record = good;
    record->log_sum_exp = (double)NAN;
    expect_refused(samples, "log_sum_exp");
    *record = good;
    record->features[FEATURE_CLARITY] = (double)INFINITY;
    expect_refused(samples, "clarity");
    *record = good;
    record->truth_count = RECORD_TRUTH_MAX + 1;
    expect_refused(samples, "labels");
    *record = good;
    record->error = "failed";
    record->logits = record->embedding = record->appearance = NULL;
    assert_true(record_check(&samples->header, record, &err));
}

static void numbers_must_be_finite(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    static const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < 3; i++) {
        expect_float_refused(samples, &samples->appearance[0][SAMPLE_APPEARANCE - 1], bad[i], "appearance");
        expect_float_refused(samples, &samples->embeddings[0][0], bad[i], "embedding");
        expect_float_refused(samples, &samples->logits[0][2], bad[i], "logits");
    }
}

static void top_logits_must_be_in_order_and_of_classes_of_their_own(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_TOPK];
    struct error err = {0};
    assert_true(record_check(&samples->header, &samples->records[0], &err));
    expect_float_refused(samples, &samples->logits[0][5], 100, "largest first");
    uint32_t *class = &samples->logit_classes[0][RECORD_LOGITS_TOP - 1], good = *class;
    *class = SAMPLE_CLASSES_MAX;
    expect_refused(samples, "class 1500");
    *class = SAMPLE_CLASSES_MAX - 1;
    assert_true(record_check(&samples->header, &samples->records[0], &err));
    *class = samples->logit_classes[0][0];
    expect_refused(samples, "twice");
    *class = good;
    samples->records[0].logit_classes = NULL;
    expect_refused(samples, "logit classes");
}

static void boxes_must_be_possible(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_DETECTION];
    struct candidate *box = &samples->candidates[0][1];
    struct error err = {0};
    assert_true(record_check(&samples->header, &samples->records[0], &err));
    expect_float_refused(samples, &box->box.x_min, NAN, "candidate 1");
    expect_float_refused(samples, &box->box.y_max, INFINITY, "candidate 1");
    expect_float_refused(samples, &box->box.x_min, 1000, "candidate 1");
    expect_float_refused(samples, &box->box.y_min, 1000, "candidate 1");
    expect_float_refused(samples, &box->score, 1.001F, "candidate 1");
    expect_float_refused(samples, &box->score, -0.001F, "candidate 1");
    expect_float_refused(samples, &box->score, NAN, "candidate 1");
    expect_float_refused(samples, &samples->candidate_scores[0][3], NAN, "candidate scores");
    expect_float_refused(samples, &box->score, 0.875F, "candidate 1 is better");
    box->label = 2;
    expect_refused(samples, "candidate 1");
    box->label = 1;
    samples->records[0].candidate_count = PREDICTION_CANDIDATES_MAX + 1;
    expect_refused(samples, "limit");
    samples->records[0].candidate_count = 2;
    samples->records[0].candidate_scores = NULL;
    expect_refused(samples, "candidate scores");
    samples->records[0].candidates = NULL;
    expect_refused(samples, "candidates");
}

static void each_true_label_of_a_detection_has_a_possible_box(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_DETECTION];
    struct record *record = &samples->records[0], good = *record;
    struct box boxes[2] = {good.truth_boxes[0], good.truth_boxes[1]};
    struct error err = {0};
    record->truth_boxes = boxes;
    assert_true(record_check(&samples->header, record, &err));
    boxes[1].x_min = 100;
    expect_refused(samples, "true box 1");
    boxes[1].x_min = NAN;
    expect_refused(samples, "true box 1");
    record->truth_boxes = NULL;
    expect_refused(samples, "true boxes are missing");
    record->truth_labels = NULL;
    expect_refused(samples, "true labels are missing");
    record->truth_count = 0;
    assert_true(record_check(&samples->header, record, &err));
    *record = good;
    record->error = "the file is cut off"; /* what a person said holds all the same */
    record->truth_boxes = boxes;
    expect_refused(samples, "true box 1");
}

static void answers_are_the_candidates_from_the_threshold_on(void **state)
{
    struct record_header header = {.type = MODEL_TYPE_DETECTION, .score_threshold = 0.3};
    const struct candidate candidates[] = {
        {.score = 1}, {.score = 0.3F}, {.score = 0.29999F}, {.score = 0.1F}};
    assert_int_equal(record_answers(&header, candidates, 4), 2);
    assert_int_equal(record_answers(&header, candidates, 1), 1);
    assert_int_equal(record_answers(&header, NULL, 0), 0);
    header.score_threshold = 0;
    assert_int_equal(record_answers(&header, candidates, 4), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_have_names_of_their_own),
        cmocka_unit_test(all_logits_are_kept_up_to_the_limit),
        cmocka_unit_test(scores_of_all_logits_are_softmax_or_sigmoid),
        cmocka_unit_test(scores_of_the_top_share_the_rest_evenly),
        cmocka_unit_test(a_log_sum_exp_that_does_not_fit_gives_scores_all_the_same),
        cmocka_unit_test(the_predicted_class_is_that_of_the_largest_score),
        cmocka_unit_test(a_detector_predicts_the_class_of_its_best_answer_or_none),
        CASE(what_a_header_promises_is_demanded),
        CASE(numbers_must_be_finite),
        CASE(top_logits_must_be_in_order_and_of_classes_of_their_own),
        CASE(boxes_must_be_possible),
        CASE(each_true_label_of_a_detection_has_a_possible_box),
        cmocka_unit_test(answers_are_the_candidates_from_the_threshold_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
