/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "base/text.h"
#include "work/export_dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXPORT_ARENA_BYTES = 8 * PATH_MAX_BYTES, PROC_PATH_BYTES = 64 };

static bool find_image(struct export_images *images, const char *source, struct arena *arena, char **ret,
                       struct error *err)
{
    if (strstr(source, "://") && !text_starts_with(source, "file://"))
        return error_set(err, ERR_NOT_FOUND, "%.200s lies in a store that cannot be reached from here",
                         source);
    if (!manifest_source_decode(arena, source, ret, err))
        return false;
    return (*ret)[0] == '/' ? roots_check(images->roots, *ret, err)
                            : error_set(err, ERR_INVALID, "%.200s is no absolute path", source);
}

/* Over the descriptor: what the name stands for may change meanwhile, and may be a link that leads out. */
static bool link_file(int file, const char *path, const char *to, struct error *err)
{
    char from[PROC_PATH_BYTES];
    (void)snprintf(from, sizeof(from), "/proc/self/fd/%d", file);
    if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) == 0)
        return true;
    return error_set_errno(err, errno,
                           "%.200s cannot be linked (another file system, or not yours?); copy images", path);
}

/* The folder is made by putting a file there, which makes way. */
static bool link_image(struct export_images *images, const char *path, const char *key, struct arena *arena,
                       struct error *err)
{
    const char *to = path_join(arena, images->folder, key);
    if (!to)
        return error_no_memory(err);
    int file = roots_open(images->roots, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0) {
        images->is_missing = true;
        return error_set_errno(err, errno, "%.200s", path);
    }
    bool is_done = store_put_fast(images->into, key, (struct bytes){"", 0}, err) &&
                   (unlink(to) == 0 || error_set_errno(err, errno, "%.200s", to)) &&
                   link_file(file, path, to, err);
    (void)close(file);
    return is_done;
}

static bool copy_image(struct export_images *images, const char *path, const char *key, struct error *err)
{
    if (!store_get(images->root, path + 1, &images->file, err)) {
        images->is_missing = err->code != ERR_NO_MEMORY;
        return false;
    }
    const struct bytes file = {images->file.size ? images->file.data : "", images->file.size};
    return store_put_fast(images->into, key, file, err);
}

bool export_image(void *state, const struct format_item *item, const char *key, struct error *err)
{
    struct export_images *images = state;
    char *path = NULL;
    AUTO(arena) arena = arena_new(EXPORT_ARENA_BYTES);
    images->is_missing = false;
    if (!arena)
        return error_no_memory(err);
    if (!find_image(images, item->sample.source, arena, &path, err)) {
        images->is_missing = err->code != ERR_NO_MEMORY;
        return false;
    }
    return images->is_linked ? link_image(images, path, key, arena, err) : copy_image(images, path, key, err);
}
