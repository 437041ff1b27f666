/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/source_files.h"

#include "api/native/images.h"
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_in_use(struct api_call *call, const char *source, const char *path, struct error *err)
{
    static const char sql[] = "SELECT COUNT(*) FROM (SELECT 1 FROM dataset d JOIN sample s ON s.dataset_id = "
                              "d.id AND s.source IN ($1, $2, $3) LIMIT 1) AS users";
    const char *url = arena_printf(call->arena, "file://%s", path);
    int64_t users = 0;
    if (!url)
        return error_no_memory(err) || true;
    if (!db_select_number(call->api->db, sql, DB_ARGS(db_text(source), db_text(path), db_text(url)), &users,
                          err))
        return true;
    return users > 0 && !error_set(err, ERR_CONFLICT, "another sample has this source");
}

static bool refuse_file(const char *path, const char *why, struct error *err)
{
    return error_set(err, ERR_CONFLICT, "%.300s %s", path, why);
}

/* What was opened is what is looked at; the folder holds still under a name only while nobody renames in it,
 * which whoever may write there may do anyway. */
static bool delete_in(int folder, const char *name, const char *path, struct error *err)
{
    char start[IMAGE_SNIFF_BYTES];
    struct stat status;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0)
        return errno == ELOOP ? refuse_file(path, "is a link", err)
                              : error_set_errno(err, errno, "delete %.300s", path);
    bool is_file = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    ssize_t bytes = is_file ? pread(file, start, sizeof(start), 0) : -1;
    bool is_image = bytes > 0 && image_sniff((struct bytes){start, (size_t)bytes}) != NULL;
    (void)close(file);
    if (!is_image)
        return refuse_file(path, "is not an image", err);
    return unlinkat(folder, name, 0) == 0 || error_set_errno(err, errno, "delete %.300s", path);
}

bool source_file_delete(struct api_call *call, const char *source, struct error *err)
{
    const struct image_source of = {.source = source, .what = "the sample"};
    const char *path = NULL;
    if (!image_path(call, &of, &path, err) || is_in_use(call, source, path, err))
        return false;
    char *parent = path_folder(call->arena, path);
    if (!parent)
        return error_no_memory(err);
    int folder = roots_open(call->roots, parent, O_PATH | O_DIRECTORY);
    if (folder < 0)
        return errno == EXDEV ? refuse_file(path, "leads out of the roots", err)
                              : error_set_errno(err, errno, "delete %.300s", path);
    bool is_done = delete_in(folder, strrchr(path, '/') + 1, path, err);
    (void)close(folder);
    return is_done;
}
