/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the programs that compute independently what ours must agree with. Include after model_fixture.h. */
#ifndef TESTS_REFERENCE_RUN_H
#define TESTS_REFERENCE_RUN_H

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROGRAM_IS_MISSING = 77 }; /* what they exit with when something they need is not installed */

/* Runs a program, its output into a file. Skips the test when it says that something is missing. */
FIXTURE void run_program(const char *const *arguments, const char *output)
{
    pid_t child = 0;
    int status = 0;
    posix_spawn_file_actions_t actions;
    char *argv[8] = {NULL};
    for (size_t i = 0; arguments[i]; i++)
        assert_non_null(argv[i] = strdup(arguments[i]));
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0600), 0);
    int problem = argv[0] ? posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) : 1;
    (void)posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    if (problem == 0)
        assert_int_equal(waitpid(child, &status, 0), child);
    bool is_missing = problem != 0 || (WIFEXITED(status) && WEXITSTATUS(status) == PROGRAM_IS_MISSING);
    if (is_missing) {
        print_message("# skipped: %s cannot run here\n", arguments[0]);
        skip();
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s %s failed", arguments[0], arguments[1]);
}

FIXTURE const char *in_folder(struct fixture *fixture, const char *name)
{
    return arena_printf(fixture->arena, "%s/%s", fixture->folder, name);
}

#endif
