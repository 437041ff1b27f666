/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the folders that requests may name: for people who choose an input, an output or a model. */
#include "api/native/native.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "image/image.h"
#include "work/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROWS_MAX = 1000, PATH_COUNT_SECONDS = 2, PATH_PIECE_BYTES = 4096 };

struct path_request {
    const char *path, *files;
};
static const char *const file_choices[] = {"manifest", "model", "image", "dataset", "none", NULL};
static const struct param_spec path_params[] = {
    PARAM(struct path_request, path, .type = PARAM_TEXT, .path = PARAM_PATH, .is_positional = true,
          .help = "a folder or a manifest; default: the folders that paths may lie in"),
    PARAM(struct path_request, files, .type = PARAM_CHOICE, .choices = file_choices,
          .fallback_text = "manifest", .help = "which files of a folder are listed"),
    PARAM_END,
};

struct entry {
    const char *name;
    uint64_t bytes;
    bool is_folder;
};
struct listing {
    struct api_call *call;
    const struct path_request *request;
    struct entry *entries;
    size_t count;
    bool is_cut;
};

/* Files that a dataset can be read from, whatever their format. */
static bool is_dataset_name(const char *name)
{
    static const char *const suffixes[] = {".manifest", ".json", ".jsonl", ".csv", ".yaml", ".yml"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (text_equal_ignoring_case(path_suffix(name), suffixes[i]))
            return true;
    return false;
}

static bool is_wanted(const char *kind, const char *name)
{
    if (strcmp(kind, "dataset") == 0)
        return is_dataset_name(name);
    if (strcmp(kind, "image") == 0)
        return inputs_is_image_name(name);
    return strcmp(kind, "none") != 0 &&
           text_equal_ignoring_case(path_suffix(name), strcmp(kind, "model") == 0 ? ".onnx" : ".manifest");
}

/* ---- one folder ---- */

static bool add_entry(struct listing *listing, int folder, const char *name, struct error *err)
{
    struct stat about;
    bool is_there = name[0] != '.' && text_is_utf8(name, strlen(name)) &&
                    fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
    if (!is_there ||
        (!S_ISDIR(about.st_mode) && !(S_ISREG(about.st_mode) && is_wanted(listing->request->files, name))))
        return true;
    if (listing->count == PATH_ROWS_MAX) {
        listing->is_cut = true;
        return true;
    }
    struct entry *entry = &listing->entries[listing->count++];
    *entry = (struct entry){.name = arena_text(listing->call->arena, name),
                            .bytes = (uint64_t)about.st_size,
                            .is_folder = S_ISDIR(about.st_mode)};
    return entry->name || error_no_memory(err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Takes the open folder over. */
static bool read_entries(struct listing *listing, int folder, struct error *err)
{
    const struct dirent *entry = NULL;
    bool is_done = true;
    DIR *entries = fdopendir(folder);
    if (!entries) {
        int failed = errno;
        (void)close(folder);
        return error_set_errno(err, failed, "read the folder");
    }
    while (is_done && (entry = readdir(entries))) /* NOLINT(concurrency-mt-unsafe): it is ours */
        is_done = add_entry(listing, folder, entry->d_name, err);
    (void)closedir(entries);
    qsort(listing->entries, listing->count, sizeof(*listing->entries), by_name);
    return is_done;
}

static void reply_entries(const struct listing *listing, yyjson_mut_val *into, bool is_folder)
{
    struct api_call *call = listing->call;
    for (size_t i = 0; i < listing->count; i++) {
        const struct entry *entry = &listing->entries[i];
        if (entry->is_folder != is_folder)
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, into);
        reply_text(call->reply, row, "name", entry->name);
        reply_text(call->reply, row, "path", path_join(call->arena, listing->request->path, entry->name));
        (void)yyjson_mut_obj_add_uint(call->reply, row, "bytes", is_folder ? 0 : entry->bytes);
    }
}

/* ---- how many images are below ---- */

struct tally {
    uint64_t images, too_large;
    double until_seconds;
    bool is_cut;
};

static bool count_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct tally *tally = state;
    if (clock_steady_seconds() > tally->until_seconds) {
        tally->is_cut = true;
        return error_set(err, ERR_LIMIT, "that is enough");
    }
    bool is_image = key[0] != '.' && !strstr(key, "/.") && inputs_is_image_name(key);
    tally->images += is_image;
    tally->too_large += is_image && stat->bytes > IMAGE_FILE_MAX_BYTES;
    return true;
}

static bool count_images(struct api_call *call, const char *path, struct tally *tally, struct error *err)
{
    struct store *opened = NULL;
    uint64_t skipped = 0;
    if (!store_open_within(call->roots, path, false, &opened, err))
        return false;
    AUTO(store) store = opened;
    return store_list(store, "", count_file, tally, &skipped, err) || tally->is_cut;
}

/* A manifest has a line an image. */
static bool count_lines(int file, struct tally *tally, struct error *err)
{
    char piece[PATH_PIECE_BYTES], last = '\n';
    ssize_t bytes = 0;
    while ((bytes = read(file, piece, sizeof(piece))) > 0) {
        if (clock_steady_seconds() > tally->until_seconds) {
            tally->is_cut = true;
            return true;
        }
        for (ssize_t i = 0; i < bytes; i++) {
            tally->images += last == '\n' && piece[i] != '\n';
            last = piece[i];
        }
    }
    return bytes == 0 || error_set_errno(err, errno, "read the manifest");
}

/* ---- the route ---- */

static bool reply_rows(const struct listing *listing, const struct tally *tally, struct error *err)
{
    struct api_call *call = listing->call;
    const char *path = listing->request->path;
    const char *above = path ? path_folder(call->arena, path) : NULL;
    struct error outside = {0};
    bool has_parent = above && strcmp(above, path) != 0 && roots_check(call->roots, above, &outside);
    reply_text(call->reply, call->root, "path", path);
    reply_text(call->reply, call->root, "parent", has_parent ? above : NULL);
    reply_entries(listing, yyjson_mut_obj_add_arr(call->reply, call->root, "folders"), true);
    reply_entries(listing, yyjson_mut_obj_add_arr(call->reply, call->root, "files"), false);
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "images", tally->images);
    (void)yyjson_mut_obj_add_uint(call->reply, call->root, "too_large", tally->too_large);
    return yyjson_mut_obj_add_bool(call->reply, call->root, "is_complete",
                                   !tally->is_cut && !listing->is_cut) ||
           error_no_memory(err);
}

/* Without a path: where one may begin to look. */
static bool reply_roots(struct api_call *call, struct error *err)
{
    const struct path_request top = {.path = NULL, .files = "none"};
    const struct listing none = {.call = call, .request = &top};
    const struct tally nothing = {0};
    if (!reply_rows(&none, &nothing, err))
        return false;
    yyjson_mut_val *rows = yyjson_mut_obj_get(call->root, "folders");
    static const char *const everything[] = {"/"};
    const char *const *folders = call->roots ? call->roots->folders : everything;
    size_t count = call->roots ? call->roots->count : 1;
    for (size_t i = 0; i < count; i++) {
        struct error in_the_hole = {0};
        if (!roots_check(call->roots, folders[i], &in_the_hole))
            continue;
        yyjson_mut_val *row = yyjson_mut_arr_add_obj(call->reply, rows);
        reply_text(call->reply, row, "name", folders[i]);
        reply_text(call->reply, row, "path", folders[i]);
        (void)yyjson_mut_obj_add_uint(call->reply, row, "bytes", 0);
    }
    return true;
}

/* Takes the open file or folder over. */
static bool look_into(struct listing *listing, int file, struct tally *tally, struct error *err)
{
    struct stat about;
    bool is_done = fstat(file, &about) == 0 || error_set_errno(err, errno, "look at the path");
    if (is_done && S_ISDIR(about.st_mode))
        return read_entries(listing, file, err) &&
               count_images(listing->call, listing->request->path, tally, err);
    if (is_done)
        is_done = S_ISREG(about.st_mode)
                      ? count_lines(file, tally, err)
                      : error_set_detail(err, DETAIL_INVALID_ARGUMENT, "it is neither a folder nor a file");
    (void)close(file);
    return is_done;
}

static bool show(struct api_call *call, struct error *err)
{
    struct path_request request = *(const struct path_request *)call->params;
    char *clean = NULL;
    if (!request.path || !request.path[0])
        return reply_roots(call, err);
    if (!path_absolute(call->arena, request.path, &clean, err))
        return error_point(err, "/path");
    request.path = clean;
    struct listing listing = {.call = call,
                              .request = &request,
                              .entries = arena_array(call->arena, PATH_ROWS_MAX, sizeof(struct entry))};
    struct tally tally = {.until_seconds = clock_steady_seconds() + PATH_COUNT_SECONDS};
    if (!listing.entries)
        return error_no_memory(err);
    int file = roots_open(call->roots, clean, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file < 0 && errno == ENOENT) {
        (void)error_set_detail(err, DETAIL_PATH_NOT_FOUND, "there is no %.300s", clean);
        return error_point(err, "/path");
    }
    if (file < 0) {
        (void)error_set_errno(err, errno, "open %.300s", clean);
        return error_point(err, "/path");
    }
    if (!look_into(&listing, file, &tally, err)) {
        (void)error_wrap(err, "%.300s", clean);
        return error_point(err, "/path");
    }
    return reply_rows(&listing, &tally, err);
}

const struct route route_path_show = {
    "path.show",
    "GET",
    "/api/v1/paths",
    path_params,
    sizeof(struct path_request),
    show,
    "Looks into a folder that requests may name: folders, files, and how many images are below.",
    ROLE_ADMIN,
    200,
    &shape_path_shown};
