/* SPDX-License-Identifier: Apache-2.0 */
/* The table of what may happen to a service, and that service_change is that table. */
#include "test.h"

#include "service_fixture.h"

static const struct service_transition *row_of(enum service_status from, enum service_event event)
{
    size_t count = 0;
    const struct service_transition *rows = service_transitions(&count);
    for (size_t i = 0; i < count; i++)
        if (rows[i].from == from && rows[i].event == event)
            return &rows[i];
    return NULL;
}

static void every_status_is_reachable_from_deploying(void **state)
{
    size_t count = 0;
    const struct service_transition *rows = service_transitions(&count);
    bool is_reached[SERVICE_STATUS_COUNT] = {[SERVICE_DEPLOYING] = true};
    for (size_t round = 0; round < count; round++)
        for (size_t i = 0; i < count; i++)
            is_reached[rows[i].to] |= is_reached[rows[i].from];
    for (int i = 0; i < SERVICE_STATUS_COUNT; i++)
        if (!is_reached[i])
            fail_msg("%s cannot be reached", service_status_name((enum service_status)i));
}

static void an_event_leads_to_one_status_and_says_why(void **state)
{
    size_t count = 0;
    const struct service_transition *rows = service_transitions(&count);
    bool is_used[SERVICE_EVENT_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        is_used[rows[i].event] = true;
        assert_true(strlen(rows[i].why) > 10);
        assert_ptr_equal(row_of(rows[i].from, rows[i].event), &rows[i]);
    }
    for (int event = 0; event < SERVICE_EVENT_COUNT; event++)
        assert_true(is_used[event]);
}

static void whatever_the_status_a_service_can_be_started_again_and_a_run_can_begin(void **state)
{
    for (int status = 0; status < SERVICE_STATUS_COUNT; status++) {
        assert_non_null(row_of((enum service_status)status, SERVICE_EVENT_STARTED_AGAIN));
        assert_non_null(row_of((enum service_status)status, SERVICE_EVENT_RUN_BEGAN));
    }
}

static void a_run_ends_only_where_one_goes_on(void **state)
{
    static const enum service_event ends[] = {SERVICE_EVENT_RUN_FINISHED, SERVICE_EVENT_RUN_FAILED,
                                              SERVICE_EVENT_RUN_STOPPED};
    static const enum service_status over[] = {SERVICE_STOPPED, SERVICE_FAILED, SERVICE_FINISHED};
    for (size_t e = 0; e < 3; e++) {
        assert_non_null(row_of(SERVICE_RUNNING, ends[e]));
        for (size_t s = 0; s < 3; s++)
            assert_null(row_of(over[s], ends[e]));
    }
    assert_null(row_of(SERVICE_DEPLOYING, SERVICE_EVENT_RUN_FINISHED));
}

static void names_and_statuses_find_each_other(void **state)
{
    for (int status = 0; status < SERVICE_STATUS_COUNT; status++)
        assert_int_equal(service_status_find(service_status_name((enum service_status)status)), status);
    assert_int_equal(service_status_find("concerning"), SERVICE_STATUS_COUNT);
    assert_int_equal(service_status_find(""), SERVICE_STATUS_COUNT);
}

/* Puts a service into a status by the shortest way through the table. */
static void bring_to(struct fixture *fixture, const char *id, enum service_status status)
{
    static const enum service_event ways[SERVICE_STATUS_COUNT] = {
        [SERVICE_STOPPED] = SERVICE_EVENT_RUN_STOPPED,
        [SERVICE_FAILED] = SERVICE_EVENT_RUN_FAILED,
        [SERVICE_FINISHED] = SERVICE_EVENT_RUN_FINISHED,
    };
    if (status == SERVICE_DEPLOYING)
        return;
    change(fixture, id, SERVICE_EVENT_RUN_BEGAN);
    if (status != SERVICE_RUNNING)
        change(fixture, id, ways[status]);
    assert_string_equal(find(fixture, id).status, service_status_name(status));
}

static void every_pair_of_status_and_event_does_what_the_table_says(void **state)
{
    struct fixture *fixture = *state;
    for (int status = 0; status < SERVICE_STATUS_COUNT; status++) {
        for (int event = 0; event < SERVICE_EVENT_COUNT; event++) {
            const char *name = arena_printf(fixture->arena, "s-%d-%d", status, event);
            struct service service = make_service(fixture, name);
            bring_to(fixture, service.id, (enum service_status)status);
            const struct service_transition *row =
                row_of((enum service_status)status, (enum service_event)event);
            bool is_done =
                service_change(fixture->db, service.id, (enum service_event)event, NULL, &fixture->err);
            assert_int_equal(is_done, row != NULL);
            enum service_status after = row ? row->to : (enum service_status)status;
            assert_string_equal(find(fixture, service.id).status, service_status_name(after));
            if (!is_done)
                assert_int_equal(fixture->err.detail, DETAIL_SERVICE_STATE);
        }
    }
}

static void a_change_writes_an_event_and_a_failure_its_message(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    struct service_happening *events = NULL;
    size_t count = 0;
    change(fixture, service.id, SERVICE_EVENT_RUN_BEGAN);
    assert_true(service_change(fixture->db, service.id, SERVICE_EVENT_RUN_FAILED, "no disk", &fixture->err));
    assert_string_equal(find(fixture, "s").error_message, "no disk");
    change(fixture, service.id, SERVICE_EVENT_STARTED_AGAIN);
    assert_null(find(fixture, "s").error_message);
    assert_true(service_events(fixture->db, fixture->arena, service.id, &events, &count, &fixture->err));
    assert_int_equal(count, 3);
    assert_string_equal(events[0].event_info, "the run began");
    assert_string_equal(events[1].event_type, "abnormal");
    assert_string_equal(events[1].event_info, "no disk");
    assert_string_equal(events[2].event_type, "normal");
    assert_true(events[0].occurred_ms > 0);
}

static void a_change_within_a_transaction_goes_with_it(void **state)
{
    struct fixture *fixture = *state;
    struct service service = make_service(fixture, "s");
    struct service_happening *events = NULL;
    size_t count = 1;
    assert_true(db_begin(fixture->db, &fixture->err));
    assert_true(service_change_within(fixture->db, service.id, SERVICE_EVENT_RUN_BEGAN, NULL, &fixture->err));
    db_rollback(fixture->db);
    assert_string_equal(find(fixture, "s").status, "deploying");
    assert_true(service_events(fixture->db, fixture->arena, service.id, &events, &count, &fixture->err));
    assert_int_equal(count, 0);
}

static void the_diagram_draws_every_row(void **state)
{
    size_t count = 0, lines = 0;
    struct error err = {0};
    AUTO_BUFFER(text, 64 * 1024);
    AUTO_BUFFER(small, 100);
    (void)service_transitions(&count);
    assert_true(service_states_markdown(&text, &err));
    for (const char *at = text.data; (at = strstr(at, " --> ")); at++)
        lines++;
    assert_true(lines >= count + 1);
    assert_false(service_states_markdown(&small, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_is_reachable_from_deploying),
        cmocka_unit_test(an_event_leads_to_one_status_and_says_why),
        cmocka_unit_test(whatever_the_status_a_service_can_be_started_again_and_a_run_can_begin),
        cmocka_unit_test(a_run_ends_only_where_one_goes_on),
        cmocka_unit_test(names_and_statuses_find_each_other),
        cmocka_unit_test_setup_teardown(every_pair_of_status_and_event_does_what_the_table_says, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_change_writes_an_event_and_a_failure_its_message, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_change_within_a_transaction_goes_with_it, set_up, tear_down),
        cmocka_unit_test(the_diagram_draws_every_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
