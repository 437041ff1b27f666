/* SPDX-License-Identifier: Apache-2.0 */
/* Result files: the JSON to the letter, names that cannot clash, the same bytes again. */
#include "test.h"

#include "work/results.h"
#include "work_fixture.h"

#include <math.h>

enum { JSON_MAX_BYTES = 64 * 1024, PICTURES = 6, SHARD_IMAGES = 4, THREADS = 3 };
#define TASK "0123456789abcdef0123456789abcdef"

static void assert_json(const struct record_header *header, const struct record *record, const char *expected)
{
    struct error err = {0};
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    assert_true(results_prediction_json(header, record, &text, &err));
    assert_string_equal(text.data, expected);
}

static void a_classification_gives_the_five_best_with_scores_as_text(void **state)
{
    static const char *labels[] = {"a", "b\"", "c", "d", "e", "f"};
    static const float logits[] = {0, 1, 2, 2, -40, 3};
    const struct record_header header = {
        .type = MODEL_TYPE_CLASSIFICATION, .activation = ACTIVATION_SOFTMAX, .classes = 6, .labels = labels};
    double sum = 0;
    for (size_t i = 0; i < 6; i++)
        sum += exp((double)logits[i]);
    const struct record record = {.logits = logits, .log_sum_exp = log(sum)};
    assert_json(&header, &record,
                "{\"predicted_label\":\"f\",\"scores\":[[\"f\",\"0.520594\"],[\"c\",\"0.191516\"],[\"d\",\"0."
                "191516\"],[\"b\\\"\",\"0.070455\"],[\"a\",\"0.025919\"]]}");
}

static void few_classes_give_few_scores(void **state)
{
    static const char *labels[] = {"no", "yes"};
    static const float logits[] = {0, 0};
    const struct record_header header = {
        .type = MODEL_TYPE_CLASSIFICATION, .activation = ACTIVATION_SOFTMAX, .classes = 2, .labels = labels};
    const struct record record = {.logits = logits, .log_sum_exp = log(2)};
    assert_json(&header, &record,
                "{\"predicted_label\":\"no\",\"scores\":[[\"no\",\"0.500000\"],[\"yes\",\"0.500000\"]]}");
}

static void a_detection_gives_classes_boxes_and_scores_from_the_threshold_on(void **state)
{
    static const char *labels[] = {"cat", "dog"};
    static const struct candidate boxes[] = {
        {.box = {.x_min = 1, .y_min = 2, .x_max = 3.5F, .y_max = 4}, .score = 0.875F, .label = 1},
        {.box = {.x_min = 0, .y_min = 0, .x_max = 1, .y_max = 1}, .score = 0.25F, .label = 0},
    };
    struct record_header header = {
        .type = MODEL_TYPE_DETECTION, .classes = 2, .labels = labels, .score_threshold = 0.5};
    struct record record = {.candidates = boxes, .candidate_count = 2};
    assert_json(
        &header, &record,
        "{\"detection_classes\":[\"dog\"],\"detection_boxes\":[[2.0,1.0,4.0,3.5]],\"detection_scores\":[0."
        "875]}");
    header.score_threshold = 0.25;
    assert_json(
        &header, &record,
        "{\"detection_classes\":[\"dog\",\"cat\"],\"detection_boxes\":[[2.0,1.0,4.0,3.5],[0.0,0.0,1.0,1."
        "0]],\"detection_scores\":[0.875,0.25]}");
    record.candidate_count = 0;
    assert_json(&header, &record,
                "{\"detection_classes\":[],\"detection_boxes\":[],\"detection_scores\":[]}");
}

/* ---- whole runs ---- */

struct run {
    struct inputs inputs;
    struct store *output;
};

static struct run run_over_pictures(struct fixture *fixture)
{
    struct run run = {0};
    uint64_t scanned = 0;
    const struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    AUTO(model_runner) runner = open_small_runner(fixture);
    run.inputs = make_inputs(fixture, &request);
    const struct scan_request scan = scan_of(fixture, "run", &run.inputs, runner, THREADS);
    assert_true(scan_run(&scan, &scanned, &fixture->err));
    const char *folder = arena_printf(fixture->arena, "%s/out", fixture->folder);
    assert_true(store_open(folder, true, &run.output, &fixture->err));
    return run;
}

static struct results_request results_of(struct fixture *fixture, const struct run *run, uint32_t threads)
{
    return (struct results_request){.data = fixture->store,
                                    .output = run->output,
                                    .folder = "run",
                                    .task_id = TASK,
                                    .inputs = &run->inputs,
                                    .threads = threads};
}

static void write_results(struct fixture *fixture, const struct results_request *request,
                          struct results_counts *ret)
{
    if (!results_write(request, ret, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static void assert_result_exists(struct fixture *fixture, const struct run *run, const char *name)
{
    bool exists = false;
    const char *key = arena_printf(fixture->arena, "infer-result-" TASK "/%s", name);
    assert_true(store_exists(run->output, key, &exists, &fixture->err));
    if (!exists)
        fail_msg("there is no %s", key);
}

static void every_image_has_a_line_and_every_readable_one_a_file(void **state)
{
    struct fixture *fixture = *state;
    struct results_counts counts;
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    write_pictures(fixture, PICTURES);
    (void)write_input(fixture, "bad.png", (struct bytes){"bad", 3});
    struct run run = run_over_pictures(fixture);
    const struct results_request request = results_of(fixture, &run, THREADS);
    write_results(fixture, &request, &counts);
    assert_int_equal(counts.images, PICTURES + 1);
    assert_int_equal(counts.failed, 1);
    assert_true(store_get(run.output, "infer-result-" TASK ".manifest", &text, &fixture->err));
    uint32_t lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    assert_int_equal(lines, PICTURES + 1);
    assert_non_null(strstr(text.data, "/in/bad.png\",\"result\":\"FAILED\",\"error_message\":"));
    assert_result_exists(fixture, &run, "sub/003.png_result.txt");
    (void)store_free(run.output);
}

static void writing_again_gives_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct results_counts counts, again;
    AUTO_BUFFER(first, JSON_MAX_BYTES);
    AUTO_BUFFER(second, JSON_MAX_BYTES);
    write_pictures(fixture, PICTURES);
    struct run run = run_over_pictures(fixture);
    struct results_request request = results_of(fixture, &run, 1);
    write_results(fixture, &request, &counts);
    assert_true(store_get(run.output, "infer-result-" TASK ".manifest", &first, &fixture->err));
    request.threads = THREADS;
    write_results(fixture, &request, &again);
    assert_true(store_get(run.output, "infer-result-" TASK ".manifest", &second, &fixture->err));
    assert_string_equal(first.data, second.data);
    assert_int_equal(counts.images, again.images);
    (void)store_free(run.output);
}

static void names_too_long_for_a_suffix_are_shortened_and_stay_apart(void **state)
{
    struct fixture *fixture = *state;
    struct results_counts counts;
    char fits[246] = "", longer[247] = "", twin[247] = "";
    memset(fits, 'f', 240);
    memset(longer, 'l', 241);
    memset(twin, 'l', 241);
    twin[240] = 'm';
    (void)write_picture(fixture, strcat(fits, ".png"), 1);
    (void)write_picture(fixture, strcat(longer, ".png"), 2);
    (void)write_picture(fixture, strcat(twin, ".png"), 3);
    struct run run = run_over_pictures(fixture);
    const struct results_request request = results_of(fixture, &run, THREADS);
    write_results(fixture, &request, &counts);
    assert_result_exists(fixture, &run, arena_printf(fixture->arena, "%s_result.txt", fits));
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    assert_true(store_get(run.output, "infer-result-" TASK ".manifest", &text, &fixture->err));
    uint64_t files = 0;
    for (const char *at = text.data; (at = strstr(at, "\"inference-loc\":\"")); files++) {
        at += strlen("\"inference-loc\":\"");
        char *path = arena_text_n(fixture->arena, at, strcspn(at, "\""));
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        (void)fclose(file);
    }
    assert_int_equal(files, 3);
    (void)store_free(run.output);
}

static void a_wish_to_stop_ends_the_writing(void **state)
{
    struct fixture *fixture = *state;
    struct results_counts counts;
    struct stop_flag stop = {true};
    bool exists = true;
    write_pictures(fixture, PICTURES);
    struct run run = run_over_pictures(fixture);
    struct results_request request = results_of(fixture, &run, THREADS);
    request.stop = &stop;
    assert_false(results_write(&request, &counts, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    assert_true(store_exists(run.output, "infer-result-" TASK ".manifest", &exists, &fixture->err));
    assert_false(exists);
    (void)store_free(run.output);
}

static void only_results_of_ours_may_lie_in_an_output_folder(void **state)
{
    struct fixture *fixture = *state;
    assert_true(results_check_output(fixture->store, &fixture->err));
    assert_true(
        store_put(fixture->store, "infer-result-x/a/b_result.txt", (struct bytes){"", 0}, &fixture->err));
    assert_true(store_put(fixture->store, "infer-result-x.manifest", (struct bytes){"", 0}, &fixture->err));
    assert_true(results_check_output(fixture->store, &fixture->err));
    assert_true(store_put(fixture->store, "sub/infer-result-x", (struct bytes){"", 0}, &fixture->err));
    assert_false(results_check_output(fixture->store, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_OUTPUT_NOT_EMPTY);
    assert_says(&fixture->err, "sub/infer-result-x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_classification_gives_the_five_best_with_scores_as_text),
        cmocka_unit_test(few_classes_give_few_scores),
        cmocka_unit_test(a_detection_gives_classes_boxes_and_scores_from_the_threshold_on),
        cmocka_unit_test_setup_teardown(every_image_has_a_line_and_every_readable_one_a_file, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(writing_again_gives_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_too_long_for_a_suffix_are_shortened_and_stay_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_wish_to_stop_ends_the_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_results_of_ours_may_lie_in_an_output_folder, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
