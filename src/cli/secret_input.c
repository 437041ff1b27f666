/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/secret_input.h"

#include <errno.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool read_line(FILE *file, const char *where, char line[SECRET_INPUT_MAX_BYTES], struct error *err)
{
    errno = 0;
    if (!fgets(line, SECRET_INPUT_MAX_BYTES, file))
        line[0] = '\0';
    if (!line[0] && errno == EINTR)
        return error_set(err, ERR_CANCELLED, "interrupted");
    line[strcspn(line, "\r\n")] = '\0';
    return line[0] || error_set(err, ERR_INVALID, "%s: the first line is empty", where);
}

bool secret_input_read(const char *path, struct arena *arena, char **ret, struct error *err)
{
    char line[SECRET_INPUT_MAX_BYTES];
    bool is_standard = strcmp(path, "-") == 0;
    FILE *file = is_standard ? stdin : fopen(path, "re");
    if (!file)
        return error_set_errno(err, errno, "open %s", path);
    bool is_done = read_line(file, is_standard ? "standard input" : path, line, err);
    if (!is_standard)
        (void)fclose(file);
    char *copy = is_done ? arena_text(arena, line) : NULL;
    sodium_memzero(line, sizeof(line));
    if (is_done && !copy)
        return error_no_memory(err);
    *ret = copy;
    return is_done;
}

static bool ask_once(const char *prompt, const char *what, char line[SECRET_INPUT_MAX_BYTES],
                     struct error *err)
{
    struct termios shown, hidden;
    struct sigaction kept, ours;
    (void)fprintf(stderr, "%s%s: ", prompt, what);
    bool can_hide = tcgetattr(STDIN_FILENO, &shown) == 0;
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (!can_hide || tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
        return error_set_errno(err, errno, "hide what is typed");
    /* Ctrl-C ends the reading, so that what is typed is shown again afterwards. */
    (void)sigaction(SIGINT, NULL, &kept);
    ours = kept;
    ours.sa_flags &= ~SA_RESTART;
    (void)sigaction(SIGINT, &ours, NULL);
    bool is_done = read_line(stdin, "the terminal", line, err);
    (void)sigaction(SIGINT, &kept, NULL);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    (void)fprintf(stderr, "\n");
    return is_done;
}

static bool check_terminal(const struct param_spec *spec, struct error *err)
{
    return (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) ||
           error_set(err, ERR_INVALID,
                     "the %s is missing and there is no terminal to ask on: give --%s-file FILE, or "
                     "--%s-file - for standard input",
                     spec->name, spec->name, spec->name);
}

bool secret_input_ask_known(const struct param_spec *spec, struct arena *arena, char **ret, struct error *err)
{
    char line[SECRET_INPUT_MAX_BYTES];
    bool is_done = check_terminal(spec, err) && ask_once("", spec->name, line, err);
    char *copy = is_done ? arena_text(arena, line) : NULL;
    sodium_memzero(line, sizeof(line));
    if (is_done && !copy)
        return error_no_memory(err);
    *ret = copy;
    return is_done;
}

bool secret_input_ask(const struct param_spec *spec, struct arena *arena, char **ret, struct error *err)
{
    char first[SECRET_INPUT_MAX_BYTES], second[SECRET_INPUT_MAX_BYTES];
    if (!check_terminal(spec, err))
        return false;
    bool is_done = ask_once("", spec->name, first, err) && ask_once("again the ", spec->name, second, err);
    bool is_same = is_done && strcmp(first, second) == 0;
    char *copy = is_same ? arena_text(arena, first) : NULL;
    sodium_memzero(first, sizeof(first));
    sodium_memzero(second, sizeof(second));
    if (is_done && !is_same)
        return error_set(err, ERR_INVALID, "the two were not the same");
    if (is_same && !copy)
        return error_no_memory(err);
    *ret = copy;
    return is_done;
}
