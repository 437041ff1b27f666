/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing killed at its end publishes nothing twice. */
#include "test.h"

#include "dataset/dataset.h"
#include "work/work.h"
#include "work_fixture.h"

#include <math.h>

#define TASK "0123456789abcdef0123456789abcdef"

static struct dataset labeled_dataset(struct fixture *fixture, const char *source)
{
    struct dataset dataset;
    struct error missing;
    struct sample_add_counts counts = {0};
    const struct dataset_new wanted = {
        .project_id = "0", .name = "d", .dataset_type = "image_classification"};
    const struct annotation label = {.name = "cat", .annotated_by = "human", .confidence = (double)NAN};
    const struct sample_new sample = {.source = source,
                                      .state = SAMPLE_LABELED,
                                      .hard_coefficient = (double)NAN,
                                      .origin = "import",
                                      .origin_task = TASK,
                                      .annotations = &label,
                                      .annotation_count = 1};
    const struct sample_batch batch = {&sample, 1, SAMPLE_MERGE_IMPORT};
    if (!dataset_find(fixture->db, "0", fixture->arena, "d", &dataset, &missing) &&
        !dataset_create(fixture->db, fixture->arena, &wanted, &dataset, &fixture->err))
        fail_msg("%s", fixture->err.message);
    if (!samples_add(fixture->db, dataset.id, &batch, &counts, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return dataset;
}

/* The version that the task tells, or NULL with the error in the fixture. */
static const char *publish(struct fixture *fixture, const char *request_json, int64_t attempt)
{
    struct work work = {.data = fixture->store};
    struct stop_flag stop = {false};
    struct task_progress progress = {0};
    const struct task task = {.id = TASK, .project_id = "0", .attempts = attempt};
    AUTO_JSON request = NULL;
    AUTO_MUT_JSON result = yyjson_mut_doc_new(NULL);
    assert_true(
        json_parse((struct bytes){request_json, strlen(request_json)}, "request", &request, &fixture->err));
    struct task_context context = {.task = &task,
                                   .db = fixture->db,
                                   .app = &work,
                                   .request = yyjson_doc_get_root(request),
                                   .stop = &stop,
                                   .progress = &progress,
                                   .result = result};
    if (!task_publish_version.run(&context, &fixture->err))
        return NULL;
    yyjson_mut_val *name = yyjson_mut_obj_get(yyjson_mut_doc_get_root(result), "version");
    return arena_text(fixture->arena, yyjson_mut_get_str(name));
}

static size_t versions_of(struct fixture *fixture, const char *dataset_id)
{
    struct dataset_version *versions = NULL;
    size_t count = 0;
    assert_true(dataset_versions(fixture->db, fixture->arena, dataset_id, &versions, &count, &fixture->err));
    return count;
}

static void publishing_again_after_a_kill_tells_the_version_that_is_there(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset = labeled_dataset(fixture, "/a.png");
    assert_string_equal(publish(fixture, "{\"dataset\":\"d\"}", 1), "V001");
    (void)labeled_dataset(fixture, "/b.png");
    assert_string_equal(publish(fixture, "{\"dataset\":\"d\"}", 2), "V001");
    assert_string_equal(publish(fixture, "{\"dataset\":\"d\"}", 3), "V001");
    assert_int_equal(versions_of(fixture, dataset.id), 1);
    assert_string_equal(publish(fixture, "{\"dataset\":\"d\"}", 1), "V002"); /* a new task */
    assert_int_equal(versions_of(fixture, dataset.id), 2);
}

static void a_name_that_was_given_is_published_once_too(void **state)
{
    struct fixture *fixture = *state;
    const char *request = "{\"dataset\":\"d\",\"name\":\"spring\"}";
    struct dataset dataset = labeled_dataset(fixture, "/a.png");
    assert_string_equal(publish(fixture, request, 1), "spring");
    assert_string_equal(publish(fixture, request, 2), "spring");
    assert_int_equal(versions_of(fixture, dataset.id), 1);
    assert_null(publish(fixture, request, 1)); /* another task cannot have the name */
    assert_int_equal(fixture->err.detail, DETAIL_VERSION_EXISTS);
    assert_null(publish(fixture, request, 2)); /* nor by trying again */
    assert_int_equal(fixture->err.detail, DETAIL_VERSION_EXISTS);
}

static void killed_before_its_end_publishing_begins_anew(void **state)
{
    struct fixture *fixture = *state;
    struct dataset dataset = labeled_dataset(fixture, "/a.png");
    assert_string_equal(publish(fixture, "{\"dataset\":\"d\"}", 2), "V001");
    assert_int_equal(versions_of(fixture, dataset.id), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(publishing_again_after_a_kill_tells_the_version_that_is_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_that_was_given_is_published_once_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(killed_before_its_end_publishing_begins_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
