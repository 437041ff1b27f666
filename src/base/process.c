/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process.h"

#include "base/hash.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_TEXT_BYTES = 1024, HOST_NAME_CHARACTERS = 64, HOST_HASH_DIGITS = 8, START_TIME_FIELD = 22 };

/* The beginning of a file of /proc; "" when it cannot be read. */
static void read_text(const char *path, char ret[FILE_TEXT_BYTES])
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t bytes = file < 0 ? 0 : read(file, ret, FILE_TEXT_BYTES - 1);
    ret[bytes > 0 ? bytes : 0] = '\0';
    if (file >= 0)
        (void)close(file);
}

/* "name.hash": the hash is over what makes a process number unique, the boot and the namespace of process
 * numbers. */
static void host_name(char ret[PROCESS_NAME_BYTES])
{
    char name[HOST_NAME_CHARACTERS + 1] = "", boot[FILE_TEXT_BYTES], space[64] = "", digits[HASH_HEX_BYTES];
    struct hash hash;
    (void)gethostname(name, sizeof(name) - 1);
    for (char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && *at != '.' && *at != '_')
            *at = '-';
    read_text("/proc/sys/kernel/random/boot_id", boot);
    (void)!readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
    hash_start(&hash);
    hash_add_text(&hash, boot);
    hash_add_text(&hash, space);
    hash_finish(&hash, digits);
    (void)snprintf(ret, PROCESS_NAME_BYTES, "%s.%.*s", name, HOST_HASH_DIGITS, digits);
}

/* False when there is no such process, or only its exit code is left of it. Without /proc *ret_start is 0. */
static bool look_up(long pid, unsigned long long *ret_start)
{
    char path[32], text[FILE_TEXT_BYTES];
    *ret_start = 0;
    (void)snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    read_text(path, text);
    const char *at = strrchr(text, ')'); /* the command before it may hold anything */
    if (!at)
        return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
    int state = at[1] ? at[2] : 0;
    for (int field = 2; field < START_TIME_FIELD && at; field++)
        at = strchr(at + 1, ' ');
    if (at)
        *ret_start = strtoull(at, NULL, 10);
    return state != 'Z' && state != 'X';
}

const char *process_name(char ret[PROCESS_NAME_BYTES])
{
    unsigned long long start = 0;
    long pid = (long)getpid();
    host_name(ret);
    (void)look_up(pid, &start);
    size_t used = strlen(ret);
    (void)snprintf(ret + used, PROCESS_NAME_BYTES - used, ":%ld:%llu", pid, start);
    return ret;
}

enum process_state process_look(const char *name)
{
    char host[PROCESS_NAME_BYTES], rest[64];
    struct error ignored;
    uint64_t pid = 0, start = 0;
    unsigned long long real_start = 0;
    host_name(host);
    size_t host_bytes = strlen(host);
    if (strncmp(name, host, host_bytes) != 0 || name[host_bytes] != ':' ||
        !text_copy(rest, sizeof(rest), name + host_bytes + 1))
        return PROCESS_ELSEWHERE;
    char *colon = strchr(rest, ':');
    if (!colon)
        return PROCESS_ELSEWHERE;
    *colon = '\0';
    if (!text_to_count(rest, "process number", 1, INT32_MAX, &pid, &ignored) ||
        !text_to_count(colon + 1, "start time", 0, UINT64_MAX, &start, &ignored))
        return PROCESS_ELSEWHERE;
    if (!look_up((long)pid, &real_start))
        return PROCESS_DEAD;
    return start == 0 || real_start == 0 || start == real_start ? PROCESS_ALIVE : PROCESS_DEAD;
}
