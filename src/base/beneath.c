/* SPDX-License-Identifier: Apache-2.0 */
#include "base/beneath.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 40, OPENAT2_TRIES = 64 };

static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {.flags = (uint64_t)(unsigned)flags,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long file = -1;
    /* EAGAIN: something was renamed on the way and the kernel cannot tell whether ".." of a link stays
     * inside. */
    for (int tries = 0; file < 0 && tries < OPENAT2_TRIES; tries++) {
        file = syscall(SYS_openat2, root, path, &how, sizeof(how));
        if (file < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return (int)file;
}

bool beneath_has_openat2(int root)
{
    int probe = open_beneath(root, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (probe >= 0)
        (void)close(probe);
    return probe >= 0;
}

static void close_keeping_errno(int file)
{
    int saved = errno;
    (void)close(file);
    errno = saved;
}

/* ---- the same in user space: part by part, following links by rewriting the path ---- */

struct walk {
    char path[PATH_MAX_BYTES]; /* what is left of it is rewritten at each link and each ".." */
    int links;
};

/* Puts the target of the link at path[start..start+bytes) in its place. After a failure the path is of no
 * use. */
static bool replace_link(struct walk *walk, size_t start, size_t bytes, int link)
{
    size_t rest_bytes = strlen(walk->path + start + bytes) + 1,
           capacity = sizeof(walk->path) - start - rest_bytes;
    char *target = walk->path + start, *parked = target + capacity;
    memmove(parked, target + bytes, rest_bytes);
    ssize_t length = readlinkat(link, "", target, capacity);
    if (length < 0)
        return false;
    if (length == 0 || target[0] == '/')
        errno = length == 0 ? ENOENT : EXDEV;
    else if ((size_t)length == capacity)
        errno = ENAMETOOLONG;
    else if (++walk->links > LINKS_MAX)
        errno = ELOOP;
    else {
        memmove(target + length, parked, rest_bytes);
        return true;
    }
    return false;
}

static void remove_part(struct walk *walk, size_t start, size_t end)
{
    const char *rest = walk->path + end;
    rest += *rest == '/';
    memmove(walk->path + start, rest, strlen(rest) + 1);
}

/* Removes ".." at `start` with the part before it, which is known not to be a link. */
static bool remove_parent(struct walk *walk, size_t start)
{
    if (start == 0) {
        errno = EXDEV;
        return false;
    }
    size_t before = start - 1;
    while (before > 0 && walk->path[before - 1] != '/')
        before--;
    remove_part(walk, before, start + 2);
    return true;
}

enum step { STEP_FAILED, STEP_DOWN, STEP_AGAIN, STEP_END };

/* Opens the last part. A link put there since it was looked at is not followed: that fails like a loop. */
static enum step open_last(const char *name, int *at, int flags)
{
    int file = openat(*at, name, flags | O_NOFOLLOW);
    if (file < 0)
        return STEP_FAILED;
    (void)close(*at);
    *at = file;
    return STEP_END;
}

/* Handles the part of the path at *start, in the open folder *at. */
static enum step walk_part(struct walk *walk, size_t *start, int *at, int flags)
{
    char name[NAME_MAX + 1];
    struct stat stat;
    const char *part = walk->path + *start;
    size_t bytes = strcspn(part, "/");
    bool is_last = part[bytes] == '\0', is_here = bytes == 0 || (bytes == 1 && part[0] == '.');
    if (bytes > NAME_MAX) {
        errno = ENAMETOOLONG;
        return STEP_FAILED;
    }
    (void)snprintf(name, sizeof(name), "%.*s", is_here ? 1 : (int)bytes, is_here ? "." : part);
    if (is_here && !is_last) {
        remove_part(walk, *start, *start + bytes);
        return STEP_AGAIN;
    }
    if (strcmp(name, "..") == 0)
        return remove_parent(walk, *start) ? STEP_AGAIN : STEP_FAILED;

    int file = openat(*at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return STEP_FAILED;
    bool is_seen = fstat(file, &stat) == 0, is_link = is_seen && S_ISLNK(stat.st_mode);
    if (is_seen && !is_link && !is_last) {
        (void)close(*at);
        *at = file;
        *start += bytes + 1;
        return STEP_DOWN;
    }
    enum step step = STEP_FAILED;
    if (is_link)
        step = replace_link(walk, *start, bytes, file) ? STEP_AGAIN : STEP_FAILED;
    else if (is_seen)
        step = open_last(name, at, flags);
    close_keeping_errno(file);
    return step;
}

static int walk_beneath(int root, const char *path, int flags)
{
    struct walk walk = {.links = 0};
    if (snprintf(walk.path, sizeof(walk.path), "%s", path) >= (int)sizeof(walk.path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    enum step step = STEP_AGAIN;
    while (step == STEP_AGAIN) {
        size_t start = 0;
        int at = fcntl(root, F_DUPFD_CLOEXEC, 0);
        if (at < 0)
            return -1;
        do
            step = walk_part(&walk, &start, &at, flags);
        while (step == STEP_DOWN);
        if (step == STEP_END)
            return at;
        close_keeping_errno(at);
    }
    return -1;
}

int beneath_open(int root, const char *path, int flags, bool has_openat2)
{
    const char *inside = path[0] ? path : ".";
    flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY); /* openat2 refuses flags that have no meaning */
    return has_openat2 ? open_beneath(root, inside, flags) : walk_beneath(root, inside, flags);
}
