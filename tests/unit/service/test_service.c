/* SPDX-License-Identifier: Apache-2.0 */
/* Services and their runs as rows. */
#include "test.h"

#include "service_fixture.h"

static void a_service_is_kept_as_it_was_asked_for(void **state)
{
    struct fixture *fixture = *state;
    struct service wanted = service_named("a b/c"), made = {0};
    assert_false(create(fixture, &wanted, &made)); /* a slash is for name/version of models */
    wanted.name = "Straße 7, \xf0\x9f\x91\x97";
    wanted.description = "each night";
    wanted.hard_json = "{\"top\":\"10%\"}";
    assert_true(create(fixture, &wanted, &made));
    struct service found = find(fixture, made.id);
    assert_int_equal(strlen(found.id), 36);
    assert_string_equal(found.name, wanted.name);
    assert_string_equal(found.description, wanted.description);
    assert_string_equal(found.model_id, "m");
    assert_string_equal(found.input_url, "/in");
    assert_string_equal(found.output_url, "/out");
    assert_string_equal(found.settings_json, wanted.settings_json);
    assert_string_equal(found.hard_json, wanted.hard_json);
    assert_string_equal(found.status, "deploying");
    assert_null(found.run_id);
    assert_null(found.error_message);
    assert_true(found.created_ms > 0);
}

static void names_and_descriptions_have_limits_and_forbidden_characters(void **state)
{
    struct fixture *fixture = *state;
    struct service wanted = service_named(""), made;
    char name[SERVICE_NAME_MAX_CHARACTERS * 2 + 3] = "", text[SERVICE_DESCRIPTION_MAX_CHARACTERS + 2] = "";
    static const char *const bad[] = {"", "a<b", "a>b", "a=b", "a&b", "a\"b", "a'b", "a/b", "a\nb", "\xff"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        wanted.name = bad[i];
        assert_false(create(fixture, &wanted, &made));
        assert_string_equal(fixture->err.pointer, "/name");
    }
    for (size_t i = 0; i < SERVICE_NAME_MAX_CHARACTERS; i++)
        (void)strcat(name, "\xc3\xa4"); /* characters, not bytes */
    wanted.name = name;
    assert_true(create(fixture, &wanted, &made));
    (void)strcat(name, "x");
    assert_false(create(fixture, &wanted, &made));
    assert_string_equal(fixture->err.pointer, "/name");
    wanted.name = "s";
    memset(text, 'd', SERVICE_DESCRIPTION_MAX_CHARACTERS);
    wanted.description = text;
    assert_true(create(fixture, &wanted, &made));
    wanted.name = "t";
    text[SERVICE_DESCRIPTION_MAX_CHARACTERS] = 'd';
    assert_false(create(fixture, &wanted, &made));
    assert_string_equal(fixture->err.pointer, "/description");
}

static void a_name_is_taken_once(void **state)
{
    struct fixture *fixture = *state;
    struct service wanted = service_named("s"), made;
    (void)make_service(fixture, "s");
    assert_false(create(fixture, &wanted, &made));
    assert_int_equal(fixture->err.detail, DETAIL_SERVICE_EXISTS);
    assert_string_equal(fixture->err.pointer, "/name");
    wanted.name = "S";
    assert_true(create(fixture, &wanted, &made));
}

static void services_are_found_by_name_id_and_the_start_of_an_id(void **state)
{
    struct fixture *fixture = *state;
    struct service first = make_service(fixture, "first"), other = {0};
    char start[9] = "";
    memcpy(start, first.id, 8);
    assert_string_equal(find(fixture, start).name, "first");
    assert_string_equal(find(fixture, first.id).name, "first");
    assert_string_equal(find(fixture, "first").id, first.id);
    /* a name wins over the start of another's id */
    other = make_service(fixture, start);
    assert_string_equal(find(fixture, start).id, other.id);
    static const char *const missing[] = {"firs", "", "%", "FIRST", "first "};
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        assert_false(service_find(fixture->db, "0", fixture->arena, missing[i], &other, &fixture->err));
        assert_int_equal(fixture->err.detail, DETAIL_SERVICE_NOT_FOUND);
    }
    start[3] = '\0'; /* too short for a beginning */
    assert_false(service_find(fixture->db, "0", fixture->arena, start, &other, &fixture->err));
}

static void a_beginning_that_fits_several_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct service found;
    (void)make_service(fixture, "a");
    (void)make_service(fixture, "b");
    assert_true(
        db_exec(fixture->db, "UPDATE service SET id = 'abcd' || name", DB_NO_ARGS, NULL, &fixture->err));
    assert_false(service_find(fixture->db, "0", fixture->arena, "abcd", &found, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_INVALID);
    assert_string_equal(find(fixture, "abcdb").name, "b");
}

static void filtering_is_enabled_and_disabled(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    assert_null(service.hard_json);
    assert_true(service_set_hard(fixture->db, service.id, "{}", &fixture->err));
    assert_string_equal(find(fixture, "s").hard_json, "{}");
    assert_true(service_set_hard(fixture->db, service.id, NULL, &fixture->err));
    assert_null(find(fixture, "s").hard_json);
}

static bool delete (struct fixture *fixture, const struct service *service)
{
    return service_delete(fixture->db, fixture->data, fixture->arena, service->id, &fixture->err);
}

static bool is_there(struct fixture *fixture, const char *key)
{
    bool found = false;
    assert_true(store_exists(fixture->data, key, &found, &fixture->err));
    return found;
}

static void a_service_goes_with_its_runs_records_and_events_but_not_while_it_runs(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    struct run run;
    assert_false(delete (fixture, &service));
    assert_int_equal(fixture->err.detail, DETAIL_SERVICE_STATE);
    assert_true(run_create(fixture->db, "r", &service, &fixture->err));
    change(fixture, service.id, SERVICE_EVENT_RUN_BEGAN);
    assert_true(store_put(fixture->data, "runs/r/inputs.json", (struct bytes){"{}", 2}, &fixture->err));
    assert_true(store_put(fixture->data, "runs/other/inputs.json", (struct bytes){"{}", 2}, &fixture->err));
    assert_false(delete (fixture, &service));
    change(fixture, service.id, SERVICE_EVENT_RUN_FINISHED);
    assert_true(is_there(fixture, "runs/r/inputs.json"));
    assert_true(delete (fixture, &service));
    assert_false(is_there(fixture, "runs/r/inputs.json"));
    assert_true(is_there(fixture, "runs/other/inputs.json"));
    assert_false(run_get(fixture->db, "0", fixture->arena, "r", &run, &fixture->err));
    struct service_happening *events = NULL;
    size_t count = 1;
    assert_true(service_events(fixture->db, fixture->arena, service.id, &events, &count, &fixture->err));
    assert_int_equal(count, 0);
}

/* ---- runs ---- */

static void a_run_keeps_the_settings_it_began_with(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    struct run run;
    assert_true(service_set_hard(fixture->db, service.id, "{\"top\":\"1\"}", &fixture->err));
    service = find(fixture, "s");
    assert_true(run_create(fixture->db, "r1", &service, &fixture->err));
    assert_true(service_set_hard(fixture->db, service.id, NULL, &fixture->err));
    assert_true(run_get(fixture->db, "0", fixture->arena, "r1", &run, &fixture->err));
    assert_string_equal(run.hard_json, "{\"top\":\"1\"}");
    assert_string_equal(run.settings_json, service.settings_json);
    assert_string_equal(run.records_key, "runs/r1/records");
    assert_string_equal(run.service_id, service.id);
    assert_false(run.is_complete);
    assert_string_equal(find(fixture, "s").run_id, "r1");
    assert_false(run_create(fixture->db, "r1", &service, &fixture->err)); /* an id is taken once */
    assert_string_equal(find(fixture, "s").run_id, "r1");
}

static void the_latest_finished_run_is_found(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    struct run run, *runs = NULL;
    size_t count = 0;
    assert_false(run_latest(fixture->db, fixture->arena, &service, &run, &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_NO_SAMPLES);
    assert_non_null(strstr(fixture->err.message, "'s'"));
    static const char *const ids[] = {"r1", "r2", "r3"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(run_create(fixture->db, ids[i], &service, &fixture->err));
        assert_true(db_exec(fixture->db, "UPDATE run SET created_ms = $1 WHERE id = $2",
                            DB_ARGS(db_int((int64_t)i + 1), db_text(ids[i])), NULL, &fixture->err));
    }
    assert_false(run_latest(fixture->db, fixture->arena, &service, &run, &fixture->err));
    assert_true(run_finish(fixture->db, "r1", 5, 1, 2, &fixture->err));
    assert_true(run_finish(fixture->db, "r2", 6, 0, 0, &fixture->err));
    assert_true(run_latest(fixture->db, fixture->arena, &service, &run, &fixture->err));
    assert_string_equal(run.id, "r2");
    assert_true(run_get(fixture->db, "0", fixture->arena, "r1", &run, &fixture->err));
    assert_int_equal(run.images, 5);
    assert_int_equal(run.failed, 1);
    assert_int_equal(run.skipped, 2);
    assert_true(run.is_complete && run.finished_ms > 0);
    assert_true(run_list(fixture->db, fixture->arena, service.id, &runs, &count, &fixture->err));
    assert_int_equal(count, 3);
    assert_string_equal(runs[0].id, "r3");
    assert_string_equal(runs[2].id, "r1");
}

static void settings_have_defaults_and_limits(void **state)
{
    static const struct {
        const char *json;
        bool is_taken;
    } rows[] = {
        {"{}", true},
        {"{\"threads\":256}", true},
        {"{\"threads\":257}", false},
        {"{\"shard_images\":1}", true},
        {"{\"shard_images\":0}", false},
        {"{\"shard_images\":8192}", true},
        {"{\"shard_images\":8193}", false},
        {"{\"thread\":1}", false},
    };
    struct fixture *fixture = *state;
    struct service_settings settings;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_JSON doc = NULL;
        const struct bytes text = {rows[i].json, strlen(rows[i].json)};
        assert_true(json_parse(text, "settings", &doc, &fixture->err));
        assert_int_equal(params_read_json(service_settings_params, &settings, yyjson_doc_get_root(doc),
                                          fixture->arena, &fixture->err),
                         rows[i].is_taken);
    }
    params_defaults(service_settings_params, &settings);
    assert_int_equal(settings.threads, 0);
    assert_int_equal(settings.shard_images, SERVICE_SHARD_IMAGES);
    assert_false(settings.accept_partial || settings.allow_foreign_output);
}

static void news_are_the_events_of_all_services_after_one(void **state)
{
    struct fixture *fixture = *state;
    struct service_news *news = NULL;
    size_t count = 9;
    assert_true(service_news_after(fixture->db, fixture->arena, -1, &news, &count, &fixture->err));
    assert_int_equal(count, 0);
    struct service a = make_service(fixture, "a"), b = make_service(fixture, "b");
    assert_true(service_note(fixture->db, a.id, "normal", "one", &fixture->err));
    assert_true(service_news_after(fixture->db, fixture->arena, -1, &news, &count, &fixture->err));
    assert_int_equal(count, 1);
    assert_string_equal(news[0].event_info, "one");
    int64_t after = news[0].id;
    assert_true(service_note(fixture->db, b.id, "abnormal", "two", &fixture->err));
    assert_true(service_note(fixture->db, a.id, "normal", "three", &fixture->err));
    assert_true(service_news_after(fixture->db, fixture->arena, after, &news, &count, &fixture->err));
    assert_int_equal(count, 2);
    assert_string_equal(news[0].event_info, "two");
    assert_string_equal(news[0].event_type, "abnormal");
    assert_string_equal(news[0].service_id, b.id);
    assert_true(news[1].id > news[0].id && news[1].occurred_ms > 0);
}

static void an_edit_changes_what_is_given_unless_somebody_was_faster(void **state)
{
    struct fixture *fixture = *state;
    const struct service seen = make_service(fixture, "nightly");
    assert_true(service_edit(fixture->db, &seen, "every night", NULL, &fixture->err));
    assert_string_equal(find(fixture, "nightly").settings_json, seen.settings_json);
    assert_true(service_edit(fixture->db, &seen, NULL, "{\"threads\":4}", &fixture->err));
    assert_string_equal(find(fixture, "nightly").description, "every night");
    assert_string_equal(find(fixture, "nightly").settings_json, "{\"threads\":4}");
    assert_false(service_edit(fixture->db, &seen, NULL, "{\"threads\":8}", &fixture->err));
    assert_int_equal(fixture->err.detail, DETAIL_SERVICE_STATE);
    assert_false(service_edit(fixture->db, &seen, "a<b", NULL, &fixture->err));
    assert_string_equal(fixture->err.pointer, "/description");
    assert_string_equal(find(fixture, "nightly").settings_json, "{\"threads\":4}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_service_is_kept_as_it_was_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_and_descriptions_have_limits_and_forbidden_characters, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_edit_changes_what_is_given_unless_somebody_was_faster, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_name_is_taken_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(services_are_found_by_name_id_and_the_start_of_an_id, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_beginning_that_fits_several_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(filtering_is_enabled_and_disabled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_service_goes_with_its_runs_records_and_events_but_not_while_it_runs,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_run_keeps_the_settings_it_began_with, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_latest_finished_run_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(settings_have_defaults_and_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(news_are_the_events_of_all_services_after_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
