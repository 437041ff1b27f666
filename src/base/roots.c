/* SPDX-License-Identifier: Apache-2.0 */
#include "base/roots.h"

#include "base/beneath.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Where the folder really is; as it is written when it is not there yet. */
static bool real_path(const char *folder, struct arena *arena, const char **ret, struct error *err)
{
    char path[PATH_MAX_BYTES], link[64];
    char *clean = NULL;
    if (!path_absolute(arena, folder, &clean, err))
        return false;
    int file = open(clean, O_PATH | O_CLOEXEC);
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    ssize_t bytes = file < 0 ? -1 : readlink(link, path, sizeof(path) - 1);
    if (file >= 0)
        (void)close(file);
    *ret = bytes > 0 ? arena_text_n(arena, path, (size_t)bytes) : clean;
    return *ret || error_no_memory(err);
}

static bool add_folder(const char *text, size_t bytes, struct arena *arena, const char **ret,
                       struct error *err)
{
    char *clean = NULL;
    const char *folder = arena_text_n(arena, text, bytes);
    if (!folder)
        return error_no_memory(err);
    if (folder[0] != '/')
        return error_set(err, ERR_INVALID, "the root '%.200s' is not an absolute path", folder);
    if (!path_absolute(arena, folder, &clean, err))
        return error_wrap(err, "the root '%.200s'", folder);
    *ret = clean;
    return true;
}

/* The roots that lie in the hole. */
static bool find_in_hole(struct roots *roots, struct arena *arena, struct error *err)
{
    const char **in_hole = arena_array(arena, ROOTS_MAX, sizeof(*in_hole));
    if (!in_hole)
        return error_no_memory(err);
    roots->in_hole = in_hole;
    for (size_t i = 0; i < roots->count; i++) {
        const char *real = NULL;
        if (!real_path(roots->folders[i], arena, &real, err))
            return false;
        if (path_is_below(real, roots->hole) && strcmp(real, roots->hole) != 0)
            in_hole[roots->in_hole_count++] = real;
    }
    return true;
}

bool roots_parse(const char *text, const char *hole, struct arena *arena, struct roots *ret,
                 struct error *err)
{
    const char **folders = arena_array(arena, ROOTS_MAX, sizeof(*folders));
    struct roots roots = {.text = arena_text(arena, text), .folders = folders};
    if (strlen(text) > ROOTS_TEXT_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "the list of roots is longer than %d bytes", ROOTS_TEXT_MAX_BYTES);
    if (!folders || !roots.text)
        return error_no_memory(err);
    for (const char *at = text; *at;) {
        size_t bytes = strcspn(at, ":");
        if (roots.count == ROOTS_MAX)
            return error_set(err, ERR_LIMIT, "more than %d roots", ROOTS_MAX);
        if (bytes > 0 && !add_folder(at, bytes, arena, &folders[roots.count++], err))
            return false;
        at += bytes + (at[bytes] == ':');
    }
    if (hole && (!real_path(hole, arena, &roots.hole, err) || !find_in_hole(&roots, arena, err)))
        return false;
    *ret = roots;
    return true;
}

bool roots_with_own(const struct roots *roots, const char *own, struct arena *arena, const struct roots **ret,
                    struct error *err)
{
    struct roots *wider = arena_alloc(arena, sizeof(*wider));
    if (!wider)
        return error_no_memory(err);
    const char **in_hole = arena_array(arena, roots->in_hole_count + 1, sizeof(*in_hole));
    *wider = *roots;
    wider->own = arena_text(arena, own);
    if (!in_hole || !wider->own)
        return error_no_memory(err);
    for (size_t i = 0; i < roots->in_hole_count; i++)
        in_hole[i] = roots->in_hole[i];
    wider->in_hole = in_hole;
    *ret = wider;
    return real_path(own, arena, &in_hole[wider->in_hole_count++], err);
}

/* The outermost root that the path is in, as it is written. */
static const char *root_of(const struct roots *roots, const char *path)
{
    const char *found = NULL;
    if (roots->own && path_is_below(path, roots->own))
        return roots->own;
    for (size_t i = 0; i < roots->count; i++) {
        const char *folder = roots->folders[i];
        if (path_is_below(path, folder) && (!found || strlen(folder) < strlen(found)))
            found = folder;
    }
    return found;
}

static bool is_in_hole(const struct roots *roots, const char *real)
{
    if (!roots->hole || !path_is_below(real, roots->hole))
        return false;
    for (size_t i = 0; i < roots->in_hole_count; i++)
        if (path_is_below(real, roots->in_hole[i]))
            return false;
    return true;
}

bool roots_check(const struct roots *roots, const char *path, struct error *err)
{
    if (!roots)
        return true;
    bool is_own = roots->own && path_is_below(path, roots->own);
    if (root_of(roots, path) && (is_own || !is_in_hole(roots, path)))
        return true;
    if (roots->count == 0)
        return error_set(
            err, ERR_DENIED,
            "%.150s may not be used: no roots are set, the folders that paths may lie in; whoever "
            "runs the server sets them: trommel serve --roots DIR",
            path);
    return error_set(err, ERR_DENIED, "%.150s lies in none of the folders that may be used (roots): %.150s%s",
                     path, roots->text, roots->hole ? "; or it lies in the data folder" : "");
}

bool roots_hold_below(const struct roots *roots, const char *path)
{
    if (root_of(roots, path))
        return false;
    if (roots->own && path_is_below(roots->own, path))
        return true;
    for (size_t i = 0; i < roots->count; i++)
        if (path_is_below(roots->folders[i], path))
            return true;
    return strcmp(path, "/") == 0;
}

bool roots_admit(const struct roots *roots, int file)
{
    char path[PATH_MAX_BYTES], link[64];
    if (!roots || !roots->hole)
        return true;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    ssize_t bytes = readlink(link, path, sizeof(path) - 1);
    if (bytes <= 0)
        return false;
    path[bytes] = '\0';
    return !is_in_hole(roots, path);
}

int roots_open(const struct roots *roots, const char *path, int flags)
{
    if (!roots)
        return open(path, flags | O_CLOEXEC);
    const char *folder = root_of(roots, path);
    if (!folder) {
        errno = EXDEV;
        return -1;
    }
    int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        return -1;
    const char *rest = path + strlen(folder);
    int file = beneath_open(root, rest + strspn(rest, "/"), flags, beneath_has_openat2(root));
    int problem = errno;
    (void)close(root);
    if (file >= 0 && !roots_admit(roots, file)) {
        (void)close(file);
        file = -1;
        problem = EXDEV;
    }
    errno = problem;
    return file;
}
