/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for duplicates: images are measured once, also by a task that was stopped in between. */
#include "test.h"

#include "dataset/dataset.h"
#include "work/measure_looks.h"
#include "work/work.h"
#include "work_fixture.h"

#include <math.h>

#define TASK "0123456789abcdef0123456789abcdef"

static struct dataset make_dataset(struct fixture *fixture, const char *name)
{
    struct dataset dataset;
    const struct dataset_new wanted = {
        .project_id = "0", .name = name, .dataset_type = "image_classification"};
    if (!dataset_create(fixture->db, fixture->arena, &wanted, &dataset, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return dataset;
}

static void add(struct fixture *fixture, const struct dataset *dataset, const char *source, const char *usage)
{
    struct sample_add_counts counts = {0};
    const struct sample_new sample = {.source = source,
                                      .state = SAMPLE_UNLABELED,
                                      .usage = usage,
                                      .hard_coefficient = (double)NAN,
                                      .origin = "import"};
    const struct sample_batch batch = {&sample, 1, SAMPLE_MERGE_IMPORT};
    if (!samples_add(fixture->db, dataset->id, &batch, &counts, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

/* What the task tells; NULL with the error in the fixture. */
static yyjson_mut_val *find(struct fixture *fixture, yyjson_mut_doc *result, const char *request_json,
                            bool is_stopped)
{
    struct work work = {.data = fixture->store};
    struct stop_flag stop = {is_stopped};
    struct task_progress progress = {0};
    const struct task task = {.id = TASK, .project_id = "0", .attempts = 1};
    AUTO_JSON request = NULL;
    assert_true(
        json_parse((struct bytes){request_json, strlen(request_json)}, "request", &request, &fixture->err));
    struct task_context context = {.task = &task,
                                   .db = fixture->db,
                                   .app = &work,
                                   .request = yyjson_doc_get_root(request),
                                   .stop = &stop,
                                   .progress = &progress,
                                   .result = result};
    return task_find_duplicates.run(&context, &fixture->err) ? yyjson_mut_doc_get_root(result) : NULL;
}

static int64_t count_of(yyjson_mut_val *result, const char *name)
{
    yyjson_mut_val *value = yyjson_mut_obj_get(result, name);
    assert_true(yyjson_mut_is_int(value));
    return yyjson_mut_get_sint(value);
}

static int64_t missing_of(struct fixture *fixture, const struct dataset *dataset)
{
    int64_t missing = 0;
    assert_true(sample_looks_count_missing(fixture->db, &(struct sample_looks_of){.dataset_id = dataset->id},
                                           &missing, &fixture->err));
    return missing;
}

static void copies_of_training_images_held_out_are_a_leak(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset = make_dataset(fixture, "d");
    AUTO_MUT_JSON result = yyjson_mut_doc_new(NULL);
    add(fixture, &dataset, write_picture(fixture, "a.png", 1), "TRAIN");
    add(fixture, &dataset, write_picture(fixture, "copy.png", 1), "EVAL");
    add(fixture, &dataset, write_picture(fixture, "b.png", 2), "TRAIN");
    add(fixture, &dataset, "/nowhere/c.png", "TRAIN");
    yyjson_mut_val *told = find(fixture, result, "{\"dataset\":\"d\"}", false);
    assert_non_null(told);
    assert_int_equal(count_of(told, "compared"), 3);
    assert_int_equal(count_of(told, "unreadable"), 1);
    assert_int_equal(count_of(told, "exact"), 1);
    assert_int_equal(count_of(told, "leaks"), 1);
    assert_int_equal(count_of(told, "contradictions"), 0);
    assert_int_equal(missing_of(fixture, &dataset), 1);
}

static void what_was_measured_is_not_read_again(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset = make_dataset(fixture, "d");
    AUTO_MUT_JSON first = yyjson_mut_doc_new(NULL);
    AUTO_MUT_JSON second = yyjson_mut_doc_new(NULL);
    const char *paths[2];
    for (size_t i = 0; i < 2; i++) {
        paths[i] = write_picture(fixture, i ? "b.png" : "a.png", 1);
        add(fixture, &dataset, paths[i], NULL);
    }
    assert_non_null(find(fixture, first, "{\"dataset\":\"d\"}", false));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(unlink(paths[i]), 0);
    yyjson_mut_val *told = find(fixture, second, "{\"dataset\":\"d\"}", false);
    assert_non_null(told);
    assert_int_equal(count_of(told, "compared"), 2);
    assert_int_equal(count_of(told, "exact"), 1);
}

static void a_stopped_search_goes_on_where_it_ended(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset = make_dataset(fixture, "d");
    AUTO_MUT_JSON first = yyjson_mut_doc_new(NULL);
    AUTO_MUT_JSON second = yyjson_mut_doc_new(NULL);
    add(fixture, &dataset, write_picture(fixture, "a.png", 1), NULL);
    assert_null(find(fixture, first, "{\"dataset\":\"d\"}", true));
    assert_int_equal(fixture->err.code, ERR_CANCELLED);
    assert_int_equal(missing_of(fixture, &dataset), 1);
    assert_non_null(find(fixture, second, "{\"dataset\":\"d\"}", false));
    assert_int_equal(missing_of(fixture, &dataset), 0);
}

static void across_two_datasets_only_groups_of_both_count(void **state)
{
    struct fixture *fixture = *state;
    struct dataset one = make_dataset(fixture, "one"), other = make_dataset(fixture, "other");
    AUTO_MUT_JSON within = yyjson_mut_doc_new(NULL);
    AUTO_MUT_JSON across = yyjson_mut_doc_new(NULL);
    AUTO_MUT_JSON itself = yyjson_mut_doc_new(NULL);
    add(fixture, &one, write_picture(fixture, "a.png", 1), NULL);
    add(fixture, &one, write_picture(fixture, "b.png", 2), NULL);
    add(fixture, &one, write_picture(fixture, "c.png", 2), NULL);
    add(fixture, &other, write_picture(fixture, "d.png", 1), NULL);
    assert_int_equal(count_of(find(fixture, within, "{\"dataset\":\"one\"}", false), "groups"), 1);
    yyjson_mut_val *told = find(fixture, across, "{\"dataset\":\"one\",\"against\":\"other\"}", false);
    assert_int_equal(count_of(told, "groups"), 1);
    assert_int_equal(count_of(told, "compared"), 4);
    assert_null(find(fixture, itself, "{\"dataset\":\"one\",\"against\":\"one\"}", false));
    assert_int_equal(fixture->err.detail, DETAIL_INVALID_ARGUMENT);
}

static void a_key_that_does_not_fit_is_told(void **state)
{
    char key[sizeof("tasks/" TASK "/duplicates.jsonl")];
    assert_true(duplicates_list_key(TASK, key, sizeof(key)));
    assert_string_equal(key, "tasks/" TASK "/duplicates.jsonl");
    assert_false(duplicates_list_key(TASK, key, sizeof(key) - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(copies_of_training_images_held_out_are_a_leak),
        TEST_CASE(what_was_measured_is_not_read_again),
        TEST_CASE(a_stopped_search_goes_on_where_it_ended),
        TEST_CASE(across_two_datasets_only_groups_of_both_count),
        cmocka_unit_test(a_key_that_does_not_fit_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
