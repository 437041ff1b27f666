/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/annotation_file.h"

#include "base/path.h"
#include "base/text.h"

#include <string.h>

bool annotation_files_open(const struct roots *roots, const char *folder, struct annotation_files *ret,
                           struct error *err)
{
    *ret = (struct annotation_files){.roots = roots, .folder = folder};
    buffer_init(&ret->file, VOC_FILE_MAX_BYTES);
    return store_open_within(roots, "/", false, &ret->root, err);
}

void annotation_files_release(struct annotation_files *files)
{
    buffer_release(&files->file);
    files->root = store_free(files->root);
}

/* NULL for a store that is not here. */
static bool path_of(const struct annotation_files *files, const char *loc, struct arena *arena, char **ret,
                    struct error *err)
{
    char *decoded = NULL;
    *ret = NULL;
    if (strstr(loc, "://") && !text_starts_with(loc, "file://"))
        return true;
    if (!manifest_source_decode(arena, loc, &decoded, err))
        return false;
    char *joined = decoded[0] == '/' ? decoded : path_join(arena, files->folder, decoded);
    return joined ? path_absolute(arena, joined, ret, err) : error_no_memory(err);
}

static bool load(struct annotation_files *files, const char *path, struct error *err)
{
    if (path && !roots_check(files->roots, path, err))
        return false;
    return path ? store_get(files->root, path + 1, &files->file, err)
                : error_set(err, ERR_NOT_FOUND, "its store cannot be reached from here");
}

bool annotation_file_read(struct annotation_files *files, const char *loc, struct arena *arena,
                          struct voc *ret, const char **ret_path, struct error *err)
{
    char *path = NULL, *beside = NULL;
    struct error missing = {0};
    if (!path_of(files, loc, arena, &path, err))
        return error_wrap(err, "annotation file '%.150s'", loc);
    bool is_loaded = load(files, path, &missing);
    if (!is_loaded && (missing.code == ERR_NOT_FOUND || missing.code == ERR_DENIED)) {
        const char *name = path_base(path ? path : loc);
        char *joined = arena_printf(arena, "%s/annotation/%s", files->folder, name);
        struct error ignored = {0};
        if (joined && path_absolute(arena, joined, &beside, &ignored) && load(files, beside, &ignored)) {
            is_loaded = true;
            path = beside;
        }
    }
    if (!is_loaded) {
        *err = missing;
        return error_wrap(err, "annotation file '%.150s'", loc);
    }
    if (!voc_read((struct bytes){files->file.data, files->file.size}, arena, ret, err))
        return error_wrap(err, "annotation file '%.150s'", path);
    *ret_path = path;
    return true;
}
