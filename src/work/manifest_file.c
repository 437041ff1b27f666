/* SPDX-License-Identifier: Apache-2.0 */
#include "work/manifest_file.h"

#include "base/path.h"

enum { FILE_ARENA_BYTES = 64 * 1024 };

static bool read_piece(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    return store_read_some(state, into, capacity, ret_bytes, err);
}

bool manifest_file_open(const struct roots *roots, const char *path, struct manifest_file *ret,
                        struct error *err)
{
    char *full = NULL;
    *ret = (struct manifest_file){.arena = arena_new(FILE_ARENA_BYTES)};
    if (!ret->arena)
        return error_no_memory(err);
    if (!path_absolute(ret->arena, path, &full, err))
        return false;
    ret->folder = path_folder(ret->arena, full);
    if (!ret->folder)
        return error_no_memory(err);
    if (!roots_check(roots, full, err))
        return false;
    if (!store_open_within(roots, ret->folder, false, &ret->store, err) ||
        !store_read_start(ret->store, path_base(full), &ret->reader, err))
        return error_set_detail(err, DETAIL_PATH_NOT_FOUND, "the manifest %s cannot be read", full);
    return manifest_lines_new(read_piece, ret->reader, &ret->lines, err);
}

void manifest_file_release(struct manifest_file *file)
{
    file->lines = manifest_lines_free(file->lines);
    file->reader = store_reader_free(file->reader);
    file->store = store_free(file->store);
    file->arena = arena_free(file->arena);
}
