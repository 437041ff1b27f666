/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/process.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void this_process_lives_under_its_name(void **state)
{
    char name[PROCESS_NAME_BYTES], again[PROCESS_NAME_BYTES], number[32];
    assert_ptr_equal(process_name(name), name);
    assert_string_equal(process_name(again), name);
    assert_int_equal(process_look(name), PROCESS_ALIVE);
    (void)snprintf(number, sizeof(number), ":%ld:", (long)getpid());
    assert_non_null(strstr(name, number));
    assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:"),
                     strlen(name));
}

static void a_process_with_the_same_number_and_another_start_is_dead(void **state)
{
    char name[PROCESS_NAME_BYTES], other[PROCESS_NAME_BYTES + 2];
    (void)snprintf(other, sizeof(other), "%s0", process_name(name));
    assert_int_equal(process_look(other), PROCESS_DEAD);
}

/* The name of a child that says its name and waits. */
static pid_t start_child(char ret_name[PROCESS_NAME_BYTES])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        char name[PROCESS_NAME_BYTES] = "";
        (void)!write(ends[1], process_name(name), sizeof(name));
        for (;;)
            (void)pause();
    }
    assert_int_equal(read(ends[0], ret_name, PROCESS_NAME_BYTES), PROCESS_NAME_BYTES);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return child;
}

static void a_killed_process_is_dead_before_and_after_it_is_waited_for(void **state)
{
    char name[PROCESS_NAME_BYTES], own[PROCESS_NAME_BYTES];
    siginfo_t info;
    pid_t child = start_child(name);
    assert_string_not_equal(name, process_name(own));
    assert_int_equal(process_look(name), PROCESS_ALIVE);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(process_look(name), PROCESS_DEAD);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(process_look(name), PROCESS_DEAD);
}

static void of_other_names_nothing_can_be_said(void **state)
{
    char name[PROCESS_NAME_BYTES], changed[PROCESS_NAME_BYTES + 64];
    static const char *const names[] = {"", ":", "elsewhere:1:1", "elsewhere.00000000:1:1", "host", "host:"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(process_look(names[i]), PROCESS_ELSEWHERE);
    (void)process_name(name);
    char *rest = strchr(name, ':');
    static const char *const ends[] = {"",     ":",    ":1",  ":x:1",           ":-1:1",
                                       ":0:1", ":1:x", ":1:", ":99999999999:1", ":1:1:1"};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)snprintf(changed, sizeof(changed), "%.*s%s", (int)(rest - name), name, ends[i]);
        assert_int_equal(process_look(changed), PROCESS_ELSEWHERE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_process_lives_under_its_name),
        cmocka_unit_test(a_process_with_the_same_number_and_another_start_is_dead),
        cmocka_unit_test(a_killed_process_is_dead_before_and_after_it_is_waited_for),
        cmocka_unit_test(of_other_names_nothing_can_be_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
