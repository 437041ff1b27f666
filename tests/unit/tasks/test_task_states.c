/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "tasks/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_state_is_reachable_from_queued(void **state)
{
    size_t count = 0;
    const struct task_transition *transitions = task_transitions(&count);
    bool is_reached[TASK_STATE_COUNT] = {[TASK_QUEUED] = true};
    for (size_t round = 0; round < count; round++)
        for (size_t i = 0; i < count; i++)
            is_reached[transitions[i].to] |= is_reached[transitions[i].from];
    for (int i = 0; i < TASK_STATE_COUNT; i++)
        if (!is_reached[i])
            fail_msg("%s cannot be reached", task_state_name((enum task_state)i));
}

static void nothing_leads_out_of_succeeded(void **state)
{
    size_t count = 0;
    const struct task_transition *transitions = task_transitions(&count);
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(transitions[i].from, TASK_SUCCEEDED);
}

static void an_event_leads_to_one_state_and_says_why(void **state)
{
    size_t count = 0;
    const struct task_transition *transitions = task_transitions(&count);
    bool is_used[TASK_EVENT_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        is_used[transitions[i].event] = true;
        assert_true(strlen(transitions[i].why) > 10);
        for (size_t j = i + 1; j < count; j++)
            assert_false(transitions[i].from == transitions[j].from &&
                         transitions[i].event == transitions[j].event);
    }
    for (int event = 0; event < TASK_EVENT_COUNT; event++)
        assert_true(is_used[event]);
}

static void only_what_nobody_works_on_is_ended(void **state)
{
    assert_true(task_is_ended("succeeded") && task_is_ended("failed") && task_is_ended("stopped"));
    assert_false(task_is_ended("queued") || task_is_ended("running") || task_is_ended("stopping"));
    assert_false(task_is_ended("no such state"));
}

static void the_documentation_is_the_table(void **state)
{
    char path[1024], text[6000];
    struct error err = {0};
    AUTO_BUFFER(table, sizeof(text) - 1);
    assert_true(task_states_markdown(&table, &err));
    const char *source = getenv("TROMMEL_SOURCE");
    if (!source) {
        print_message("TROMMEL_SOURCE is not set: run this test with meson test\n");
        skip();
    }
    (void)snprintf(path, sizeof(path), "%s/docs/task-states.md", source);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing", path);
    size_t bytes = fread(text, 1, sizeof(text) - 1, file);
    text[bytes] = '\0';
    (void)fclose(file);
    assert_string_equal(text, table.data);
}

static void a_buffer_too_small_for_the_table_is_a_limit(void **state)
{
    struct error err = {0};
    AUTO_BUFFER(table, 100);
    assert_false(task_states_markdown(&table, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state_is_reachable_from_queued),
        cmocka_unit_test(nothing_leads_out_of_succeeded),
        cmocka_unit_test(an_event_leads_to_one_state_and_says_why),
        cmocka_unit_test(only_what_nobody_works_on_is_ended),
        cmocka_unit_test(the_documentation_is_the_table),
        cmocka_unit_test(a_buffer_too_small_for_the_table_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
