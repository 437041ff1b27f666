/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "base/text.h"
#include "formats/format_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool list_names(DIR *folder, struct arena *arena, struct format_look *look, struct error *err)
{
    const char **names = arena_array(arena, FORMAT_LOOK_NAMES_MAX, sizeof(*names));
    if (!names)
        return error_no_memory(err);
    while (look->name_count < FORMAT_LOOK_NAMES_MAX) {
        struct stat stat;
        struct dirent *entry = readdir(folder); /* NOLINT(concurrency-mt-unsafe): it is ours */
        if (!entry)
            break;
        if (entry->d_name[0] == '.' || fstatat(dirfd(folder), entry->d_name, &stat, 0) != 0)
            continue;
        const char *name = arena_printf(arena, "%s%s", entry->d_name, S_ISDIR(stat.st_mode) ? "/" : "");
        if (!name)
            return error_no_memory(err);
        names[look->name_count++] = name;
    }
    qsort(names, look->name_count, sizeof(*names), compare_names);
    look->names = names;
    return true;
}

static bool look_into_folder(int *file, struct arena *arena, struct format_look *look, struct error *err)
{
    DIR *folder = fdopendir(*file);
    if (!folder)
        return error_set_errno(err, errno, "%s", look->path);
    *file = -1;
    bool is_done = list_names(folder, arena, look, err);
    (void)closedir(folder);
    return is_done;
}

static bool look_into_file(int file, struct arena *arena, struct format_look *look, struct error *err)
{
    char *start = arena_alloc(arena, FORMAT_LOOK_BYTES);
    size_t size = 0;
    if (!start)
        return error_no_memory(err);
    while (size < FORMAT_LOOK_BYTES) {
        ssize_t bytes = read(file, start + size, FORMAT_LOOK_BYTES - size);
        if (bytes < 0 && errno == EINTR)
            continue;
        if (bytes < 0)
            return error_set_errno(err, errno, "%s", look->path);
        if (bytes == 0)
            break;
        size += (size_t)bytes;
    }
    look->start = (struct bytes){start, size};
    return true;
}

static bool look_into(int *file, struct arena *arena, struct format_look *look, struct error *err)
{
    struct stat stat;
    if (fstat(*file, &stat) != 0)
        return error_set_errno(err, errno, "%s", look->path);
    look->is_folder = S_ISDIR(stat.st_mode);
    if (look->is_folder)
        return look_into_folder(file, arena, look, err);
    return S_ISREG(stat.st_mode) ? look_into_file(*file, arena, look, err)
                                 : error_set(err, ERR_INVALID, "%s is neither file nor folder", look->path);
}

bool format_look_at(const struct roots *roots, const char *path, struct arena *arena, struct format_look *ret,
                    struct error *err)
{
    struct format_look look = {.arena = arena, .roots = roots, .path = path};
    if (!roots_check(roots, path, err))
        return false;
    int file = roots_open(roots, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    char why[128];
    if (file < 0)
        return error_set_detail(err, DETAIL_PATH_NOT_FOUND, "%s cannot be read: %s", path,
                                strerror_r(errno, why, sizeof(why)));
    bool is_done = look_into(&file, arena, &look, err);
    if (file >= 0)
        (void)close(file);
    if (is_done)
        *ret = look;
    return is_done;
}

bool format_look_has(const struct format_look *look, const char *name)
{
    return look->name_count > 0 &&
           bsearch(&name, look->names, look->name_count, sizeof(*look->names), compare_names) != NULL;
}

const char *format_look_suffix(const struct format_look *look, const char *suffix)
{
    size_t length = strlen(suffix);
    for (size_t i = 0; i < look->name_count; i++) {
        size_t bytes = strlen(look->names[i]);
        if (bytes > length && text_equal_ignoring_case(look->names[i] + bytes - length, suffix))
            return look->names[i];
    }
    return NULL;
}

bool format_look_below(const struct format_look *look, const char *name)
{
    char path[PATH_MAX_BYTES];
    if (snprintf(path, sizeof(path), "%s/%s", look->path, name) >= (int)sizeof(path))
        return false;
    int file = roots_open(look->roots, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file >= 0)
        (void)close(file);
    return file >= 0;
}
