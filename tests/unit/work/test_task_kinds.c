/* SPDX-License-Identifier: Apache-2.0 */
/* The table of task kinds, and what their requests take. */
#include "test.h"

#include "work/run_batch.h"
#include "work_fixture.h"

#include "dataset/dataset.h"
#include "work/work.h"

static void the_table_is_sorted_and_says_what_each_kind_does(void **state)
{
    for (size_t i = 0; all_task_kinds[i]; i++) {
        const struct task_kind *kind = all_task_kinds[i];
        assert_non_null(kind->run);
        assert_true(strlen(kind->summary) > 20);
        assert_int_equal(kind->summary[strlen(kind->summary) - 1], '.');
        if (all_task_kinds[i + 1])
            assert_true(strcmp(kind->name, all_task_kinds[i + 1]->name) < 0);
    }
}

static const struct param_spec *const requests[] = {
    run_batch_params,       mine_hard_params,     sync_dataset_params,    import_manifest_params,
    publish_version_params, hard_settings_params, find_duplicates_params, merge_dataset_params};

static void every_member_of_a_request_is_explained_and_named_once(void **state)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        struct param_position at = {0};
        const struct param_spec *spec;
        while ((spec = params_next(requests[i], &at))) {
            assert_true(strlen(spec->help) > 5);
            assert_ptr_equal(params_find(requests[i], spec->name), spec);
        }
    }
}

static void a_request_that_does_not_fit_names_task_and_member(void **state)
{
    struct fixture *fixture = *state;
    struct run_batch_request request;
    const struct task task = {.id = "abc"};
    AUTO_JSON doc = NULL;
    assert_true(json_parse((struct bytes){"{\"servant\":\"x\"}", 15}, "test", &doc, &fixture->err));
    const struct task_context context = {.task = &task, .request = yyjson_doc_get_root(doc)};
    assert_false(work_request(&context, run_batch_params, &request, fixture->arena, &fixture->err));
    assert_says(&fixture->err, "the request of task abc");
    assert_string_equal(fixture->err.pointer, "/servant");
}

static void the_filtering_of_a_run_has_one_id(void **state)
{
    char first[HASH_HEX_BYTES], again[HASH_HEX_BYTES], other[HASH_HEX_BYTES];
    run_batch_mining_id("0123456789abcdef0123456789abcdef", first);
    run_batch_mining_id("0123456789abcdef0123456789abcdef", again);
    run_batch_mining_id("0123456789abcdef0123456789abcdee", other);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    assert_int_equal(strlen(first), 32);
}

/* ---- the output dataset of a task ---- */

static bool output_of(struct fixture *fixture, const char *dataset, const char *create, struct dataset *ret)
{
    static const char *labels[] = {"cat", "dog"};
    const struct work_output output = {.project_id = "0",
                                       .dataset = dataset,
                                       .create = create,
                                       .model_type = "image_classification",
                                       .labels = {labels, 2}};
    return work_output_dataset(fixture->db, fixture->arena, &output, ret, &fixture->err);
}

static void a_dataset_to_be_created_is_created_once(void **state)
{
    struct fixture *fixture = *state;
    struct dataset first, again, named;
    struct dataset_label *labels = NULL;
    size_t count = 0;
    assert_true(output_of(fixture, NULL, "hard", &first));
    assert_true(output_of(fixture, NULL, "hard", &again));
    assert_true(output_of(fixture, "hard", NULL, &named));
    assert_string_equal(first.id, again.id);
    assert_string_equal(first.id, named.id);
    assert_true(dataset_labels(fixture->db, fixture->arena, first.id, &labels, &count, &fixture->err));
    assert_int_equal(count, 2);
}

static void an_output_that_does_not_fit_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset;
    assert_false(output_of(fixture, NULL, NULL, &dataset));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(output_of(fixture, "a", "b", &dataset));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_false(output_of(fixture, "nobody", NULL, &dataset));
    assert_int_equal(fixture->err.detail, DETAIL_DATASET_NOT_FOUND);
    const struct dataset_new boxes = {.project_id = "0", .name = "boxes", .dataset_type = "object_detection"};
    assert_true(dataset_create(fixture->db, fixture->arena, &boxes, &dataset, &fixture->err));
    assert_false(output_of(fixture, "boxes", NULL, &dataset));
    assert_int_equal(fixture->err.detail, DETAIL_DATASET_TYPE_MISMATCH);
    assert_false(output_of(fixture, NULL, "boxes", &dataset));
    assert_int_equal(fixture->err.detail, DETAIL_DATASET_TYPE_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sorted_and_says_what_each_kind_does),
        cmocka_unit_test(every_member_of_a_request_is_explained_and_named_once),
        cmocka_unit_test_setup_teardown(a_request_that_does_not_fit_names_task_and_member, set_up, tear_down),
        cmocka_unit_test(the_filtering_of_a_run_has_one_id),
        cmocka_unit_test_setup_teardown(a_dataset_to_be_created_is_created_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_output_that_does_not_fit_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
