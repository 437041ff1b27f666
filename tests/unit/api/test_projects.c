/* SPDX-License-Identifier: Apache-2.0 */
/* Every finder of every module: what is of another project is as if it did not exist. And projects
 * themselves. */
#include "test.h"

#include "account/project.h"
#include "dataset/dataset.h"
#include "model/model.h"
#include "service/service.h"
#include "tasks/task.h"
#include "test_database.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };
#define THING "aaaabbbbccccddddaaaabbbbccccdddd" /* id of what has an id that a test may choose */

struct fixture {
    struct db *db;
    struct arena *arena;
    struct error err;
    struct project ours, theirs;
    char dataset[64], service[64], sample[33]; /* theirs */
};

/* ---- one row a finder ---- */

static bool find_model(struct fixture *f, const char *project, const char *reference,
                       const char **ret_project)
{
    struct model model;
    bool is_found = model_find(f->db, project, f->arena, reference, &model, &f->err);
    *ret_project = is_found ? model.project_id : NULL;
    return is_found;
}

static bool find_dataset(struct fixture *f, const char *project, const char *reference,
                         const char **ret_project)
{
    struct dataset dataset;
    bool is_found = dataset_find(f->db, project, f->arena, reference, &dataset, &f->err);
    *ret_project = is_found ? dataset.project_id : NULL;
    return is_found;
}

static bool find_dataset_name(struct fixture *f, const char *project, const char *reference,
                              const char **ret_project)
{
    struct dataset dataset;
    bool is_found = dataset_find_name(f->db, project, f->arena, reference, &dataset, &f->err);
    *ret_project = is_found ? dataset.project_id : NULL;
    return is_found;
}

static bool find_service(struct fixture *f, const char *project, const char *reference,
                         const char **ret_project)
{
    struct service service;
    bool is_found = service_find(f->db, project, f->arena, reference, &service, &f->err);
    *ret_project = is_found ? service.project_id : NULL;
    return is_found;
}

static bool find_run(struct fixture *f, const char *project, const char *reference, const char **ret_project)
{
    struct run run;
    bool is_found = run_get(f->db, project, f->arena, reference, &run, &f->err);
    *ret_project = is_found ? run.project_id : NULL;
    return is_found;
}

static bool find_task(struct fixture *f, const char *project, const char *reference, const char **ret_project)
{
    struct task task;
    bool is_found = task_get(f->db, project, f->arena, reference, &task, &f->err);
    *ret_project = is_found ? task.project_id : NULL;
    return is_found;
}

static bool find_sample(struct fixture *f, const char *project, const char *reference,
                        const char **ret_project)
{
    struct sample sample;
    struct dataset dataset;
    bool is_found = sample_find(f->db, project, f->arena, reference, &sample, &f->err) &&
                    dataset_find(f->db, project, f->arena, sample.dataset_id, &dataset, &f->err);
    *ret_project = is_found ? dataset.project_id : NULL;
    return is_found;
}

/* ---- the two projects ---- */

#define MUST(call)                                                                                           \
    do {                                                                                                     \
        if (!(call))                                                                                         \
            fail_msg("%s", f->err.message);                                                                  \
    } while (0)

static void insert_model(struct fixture *f, const char *id, const char *project)
{
    MUST(db_exec(f->db,
                 "INSERT INTO model (id, project_id, name, version, model_type, object_key, content_hash, "
                 "card_json, created_ms) VALUES ($1, $2, 'net', '0.0.1', 'image_classification', 'k', 'h', "
                 "'{}', 0)",
                 DB_ARGS(db_text(id), db_text(project)), NULL, &f->err));
}

static void make_theirs(struct fixture *f)
{
    const char *project = f->theirs.id;
    struct dataset dataset;
    struct service service;
    struct sample_add_counts counts = {0};
    char id[33];
    const struct dataset_new new_dataset = {project, "birds", DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    const struct service new_service = {.project_id = project,
                                        .name = "nightly",
                                        .description = "",
                                        .model_id = THING,
                                        .input_url = "/in",
                                        .output_url = "/out",
                                        .settings_json = "{}"};
    const struct sample_new sample = {
        .source = "/a.png", .state = SAMPLE_UNLABELED, .hard_coefficient = (double)NAN, .origin = "import"};
    const struct task_new task = {.project_id = project, .id = THING, .kind = "x"};
    insert_model(f, THING, project);
    MUST(dataset_create(f->db, f->arena, &new_dataset, &dataset, &f->err));
    MUST(samples_add(f->db, dataset.id, &(struct sample_batch){&sample, 1, SAMPLE_MERGE_KEEP}, &counts,
                     &f->err));
    MUST(service_create(f->db, f->arena, &new_service, &service, &f->err));
    MUST(task_create(f->db, &task, id, &f->err));
    MUST(run_create(f->db, THING, &service, &f->err));
    (void)snprintf(f->dataset, sizeof(f->dataset), "%s", dataset.id);
    (void)snprintf(f->service, sizeof(f->service), "%s", service.id);
    sample_id_of(dataset.id, "/a.png", f->sample);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_non_null(f->arena = arena_new(ARENA_BYTES));
    MUST(test_database_open(&f->db, &f->err));
    MUST(db_migrate(f->db, &f->err));
    MUST(project_create(f->db, f->arena, "ours", &f->ours, &f->err));
    MUST(project_create(f->db, f->arena, "theirs", &f->theirs, &f->err));
    make_theirs(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    (void)db_free(f->db);
    (void)arena_free(f->arena);
    free(f);
    return 0;
}

/* ---- tests ---- */

static void what_is_of_another_project_is_as_if_it_did_not_exist(void **state)
{
    struct fixture *f = *state;
    const struct {
        bool (*find)(struct fixture *f, const char *project, const char *reference, const char **ret_project);
        const char *references[3];
    } finders[] = {
        {find_model, {THING, "net", "net/0.0.1"}},
        {find_model, {"aaaabbbb"}},
        {find_dataset, {f->dataset, "birds", arena_text_n(f->arena, f->dataset, 8)}},
        {find_dataset_name, {"birds"}},
        {find_service, {f->service, "nightly", arena_text_n(f->arena, f->service, 8)}},
        {find_run, {THING}},
        {find_task, {THING, "aaaabbbb"}},
        {find_sample, {f->sample, arena_text_n(f->arena, f->sample, 8)}},
    };
    for (size_t i = 0; i < sizeof(finders) / sizeof(finders[0]); i++)
        for (size_t j = 0; j < 3 && finders[i].references[j]; j++) {
            const char *reference = finders[i].references[j], *project = NULL;
            assert_true(finders[i].find(f, f->theirs.id, reference, &project));
            assert_string_equal(project, f->theirs.id);
            assert_false(finders[i].find(f, NULL, reference, &project));
            assert_false(finders[i].find(f, f->ours.id, reference, &project));
            const struct error refused = f->err;
            assert_false(finders[i].find(f, f->ours.id, "ffffffffffffffffffffffffffffffff", &project));
            assert_int_equal(refused.code, f->err.code);
            assert_int_equal(refused.detail, f->err.detail);
        }
}

static void lists_show_one_project(void **state)
{
    struct fixture *f = *state;
    const char *const projects[] = {f->theirs.id, f->ours.id};
    for (size_t i = 0; i < 2; i++) {
        struct model *models = NULL;
        struct dataset *datasets = NULL;
        struct service *services = NULL;
        struct task *tasks = NULL;
        size_t counts[4] = {9, 9, 9, 9};
        const struct task_filter filter = {.project_id = projects[i]};
        MUST(model_list(f->db, projects[i], f->arena, &models, &counts[0], &f->err));
        MUST(dataset_list(f->db, projects[i], f->arena, &datasets, &counts[1], &f->err));
        MUST(service_list(f->db, projects[i], f->arena, &services, &counts[2], &f->err));
        MUST(task_list(f->db, f->arena, &filter, &tasks, &counts[3], &f->err));
        for (size_t j = 0; j < 4; j++)
            assert_int_equal(counts[j], i == 0 ? 1 : 0);
    }
}

static void names_and_beginnings_of_ids_of_another_project_are_in_nobodys_way(void **state)
{
    struct fixture *f = *state;
    static const char other[] = "aaaabbbbccccdddd0000000000000000";
    const char *project = NULL;
    struct dataset dataset;
    const struct dataset_new wanted = {f->ours.id, "birds", DATASET_TYPE_CLASSIFICATION, {NULL, 0}};
    const struct task_new task = {.project_id = f->ours.id, .id = other, .kind = "x"};
    char id[33];
    MUST(dataset_create(f->db, f->arena, &wanted, &dataset, &f->err));
    MUST(find_dataset(f, f->ours.id, "birds", &project));
    assert_string_equal(project, f->ours.id);
    MUST(task_create(f->db, &task, id, &f->err));
    insert_model(f, other, f->ours.id);
    MUST(find_task(f, f->ours.id, "aaaa", &project));
    assert_string_equal(project, f->ours.id);
    MUST(find_model(f, f->ours.id, "aaaa", &project));
    assert_string_equal(project, f->ours.id);
}

static void samples_of_another_project_are_not_decided(void **state)
{
    struct fixture *f = *state;
    struct sample_outcome *outcomes = NULL;
    const char *ids[] = {f->sample};
    struct sample_decision decision = {
        .project_id = f->ours.id, .action = SAMPLE_EXCLUDE, .expected_revision = 7};
    MUST(samples_decide(f->db, f->arena, (struct param_list){ids, 1}, &decision, &outcomes, &f->err));
    assert_false(outcomes[0].is_done);
    assert_int_equal(outcomes[0].err->detail, DETAIL_SAMPLE_NOT_FOUND);
    decision.project_id = f->theirs.id;
    decision.expected_revision = 1;
    MUST(samples_decide(f->db, f->arena, (struct param_list){ids, 1}, &decision, &outcomes, &f->err));
    assert_true(outcomes[0].is_done);
}

static void a_project_has_a_name_of_its_own(void **state)
{
    struct fixture *f = *state;
    struct project project, *projects = NULL;
    size_t count = 0;
    assert_false(project_create(f->db, f->arena, "ours", &project, &f->err));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_string_equal(f->err.pointer, "/name");
    assert_false(project_create(f->db, f->arena, "", &project, &f->err));
    assert_int_equal(f->err.code, ERR_INVALID);
    MUST(project_find(f->db, f->arena, "ours", &project, &f->err));
    assert_string_equal(project.id, f->ours.id);
    MUST(project_find(f->db, f->arena, "default", &project, &f->err));
    assert_string_equal(project.id, ACCOUNT_DEFAULT_PROJECT);
    assert_false(project_find(f->db, f->arena, "our", &project, &f->err));
    assert_int_equal(f->err.code, ERR_NOT_FOUND);
    MUST(project_list(f->db, f->arena, &projects, &count, &f->err));
    assert_int_equal(count, 3);
}

static void only_an_empty_project_is_deleted_and_the_default_one_never(void **state)
{
    struct fixture *f = *state;
    const struct project usual = {ACCOUNT_DEFAULT_PROJECT, "default", 0};
    struct project gone;
    assert_false(project_delete(f->db, &usual, &f->err));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_false(project_delete(f->db, &f->theirs, &f->err));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_non_null(strstr(f->err.message, "services (1)"));
    MUST(db_exec(f->db, "DELETE FROM service", DB_NO_ARGS, NULL, &f->err));
    MUST(db_exec(f->db, "DELETE FROM dataset", DB_NO_ARGS, NULL, &f->err));
    MUST(db_exec(f->db, "DELETE FROM model", DB_NO_ARGS, NULL, &f->err));
    assert_false(project_delete(f->db, &f->theirs, &f->err));
    assert_non_null(strstr(f->err.message, "tasks that go on"));
    MUST(task_ask_stop(f->db, THING, &f->err));
    MUST(project_delete(f->db, &f->theirs, &f->err));
    assert_false(project_find(f->db, f->arena, "theirs", &gone, &f->err));
    MUST(project_delete(f->db, &f->ours, &f->err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_of_another_project_is_as_if_it_did_not_exist, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(lists_show_one_project, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_and_beginnings_of_ids_of_another_project_are_in_nobodys_way,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(samples_of_another_project_are_not_decided, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_project_has_a_name_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_an_empty_project_is_deleted_and_the_default_one_never, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
