/* SPDX-License-Identifier: Apache-2.0 */
#include "work/profile_build.h"

#include "base/hash.h"
#include "base/path.h"
#include "dataset/dataset.h"
#include "work/manifest_file.h"
#include "work/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 256 * 1024, CHECK_ARENA_BYTES = 128 * 1024 * 1024 };

static bool hash_pieces(struct store_reader *reader, char ret_hash[HASH_HEX_BYTES], struct error *err)
{
    unsigned char *piece = malloc(PIECE_BYTES);
    size_t bytes = 1;
    bool is_ok = piece != NULL;
    struct hash hash;
    hash_start(&hash);
    while (is_ok && bytes > 0) {
        is_ok = store_read_some(reader, piece, PIECE_BYTES, &bytes, err);
        if (is_ok)
            hash_add(&hash, piece, bytes);
    }
    bool has_memory = piece != NULL;
    free(piece);
    hash_finish(&hash, ret_hash);
    return is_ok || (has_memory ? false : error_no_memory(err));
}

static bool hash_manifest(const struct profile_manifest *manifest, char ret_hash[HASH_HEX_BYTES],
                          struct error *err)
{
    struct manifest_file file;
    bool is_done = manifest_file_open(manifest->roots, manifest->path, &file, err) &&
                   hash_pieces(file.reader, ret_hash, err);
    manifest_file_release(&file);
    return is_done;
}

struct checking {
    const char *path;
    enum model_type type;
    struct annotation_files files;
    struct arena *arena;
    struct hash *annotations; /* of the bytes of all annotation files */
    uint64_t labeled;
};

static bool check_line(struct checking *checking, struct bytes line, struct error *err)
{
    struct manifest_sample sample;
    struct truth truth;
    arena_reset(checking->arena);
    if (!manifest_line_read(line, checking->arena, &sample, err) ||
        !truth_read(&sample, checking->type, &checking->files, checking->arena, &truth, err))
        return false;
    if (truth.boxes)
        hash_add(checking->annotations, checking->files.file.data, checking->files.file.size);
    checking->labeled += truth.labels != NULL;
    return true;
}

static bool check_lines(struct checking *checking, struct manifest_lines *lines, struct error *err)
{
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (!manifest_lines_next(lines, &line, &number, err))
            return false;
        if (!line.data)
            break;
        if (check_line(checking, line, err))
            continue;
        struct error cause = *err;
        return error_set_detail(err, DETAIL_BAD_MANIFEST, "line %llu of %s: %s", (unsigned long long)number,
                                checking->path, cause.message);
    }
    return checking->labeled > 0 ||
           error_set_detail(err, DETAIL_BAD_MANIFEST, "%s has no line with %s", checking->path,
                            checking->type == MODEL_TYPE_DETECTION ? "boxes" : "a label");
}

static bool check_manifest(const struct profile_manifest *manifest, enum model_type type,
                           struct hash *annotations, uint64_t *ret_labeled, struct error *err)
{
    struct manifest_file file;
    AUTO(arena) arena = arena_new(CHECK_ARENA_BYTES);
    struct checking checking = {
        .path = manifest->path, .type = type, .arena = arena, .annotations = annotations};
    if (!arena)
        return error_no_memory(err);
    bool is_done = manifest_file_open(manifest->roots, manifest->path, &file, err) &&
                   annotation_files_open(manifest->roots, file.folder, &checking.files, err) &&
                   check_lines(&checking, file.lines, err);
    annotation_files_release(&checking.files);
    manifest_file_release(&file);
    *ret_labeled = checking.labeled;
    return is_done;
}

bool profile_manifest_check(const struct profile_manifest *manifest, enum model_type type,
                            uint64_t *ret_labeled, struct error *err)
{
    struct hash ignored;
    hash_start(&ignored);
    return check_manifest(manifest, type, &ignored, ret_labeled, err);
}

static bool scan_manifest(const struct profile_build *request, const char *folder, struct error *err)
{
    struct inputs inputs;
    struct model_runner *opened = NULL;
    AUTO(arena) arena = arena_new(CHECK_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    task_progress_stage(request->progress, "collecting", 0);
    const struct inputs_request listing = {.roots = request->manifest->roots,
                                           .data = request->work->data,
                                           .folder = folder,
                                           .input_url = request->manifest->path,
                                           .shard_images = SERVICE_SHARD_IMAGES,
                                           .is_training = true,
                                           .type = model_type_find(request->model->model_type),
                                           .stop = request->stop,
                                           .done = &request->progress->done};
    if (!inputs_make(&listing, arena, &inputs, err) ||
        !model_runner_open(request->work->data, request->model, &opened, err))
        return error_wrap(err, "the training profile");
    AUTO(model_runner) runner = opened;
    task_progress_stage(request->progress, "profiling", (int64_t)inputs.count);
    const struct scan_request scan = {.roots = request->manifest->roots,
                                      .data = request->work->data,
                                      .folder = folder,
                                      .inputs = &inputs,
                                      .runner = runner,
                                      .model_hash = request->model->content_hash,
                                      .threads = request->threads,
                                      .stop = request->stop,
                                      .progress = request->progress};
    uint64_t scanned = 0;
    return scan_run(&scan, &scanned, err);
}

/* The manifest of a detector only names the files with its boxes: one that was edited makes another profile.
 */
static bool hash_annotations(const struct profile_build *request, char hash_hex[HASH_HEX_BYTES],
                             struct error *err)
{
    struct hash hash;
    uint64_t labeled = 0;
    enum model_type type = model_type_find(request->model->model_type);
    if (type != MODEL_TYPE_DETECTION)
        return true;
    hash_start(&hash);
    hash_add_text(&hash, hash_hex);
    if (!check_manifest(request->manifest, type, &hash, &labeled, err))
        return false;
    hash_finish(&hash, hash_hex);
    return true;
}

/* The same file under another card sees other pixels: that is another model to a profile. */
static void model_and_card(const struct model *model, char ret_hash[HASH_HEX_BYTES])
{
    struct hash hash;
    hash_start(&hash);
    hash_add_text(&hash, model->content_hash);
    hash_add_text(&hash, model->card_json);
    hash_finish(&hash, ret_hash);
}

static bool profile_folder(const struct profile_build *request, char ret_folder[PROFILE_FOLDER_BYTES],
                           char ret_hash[HASH_HEX_BYTES], bool *ret_is_made, struct error *err)
{
    char model[HASH_HEX_BYTES], key[HASH_HEX_BYTES], done[PROFILE_FOLDER_BYTES];
    if (!hash_manifest(request->manifest, ret_hash, err) || !hash_annotations(request, ret_hash, err))
        return false;
    model_and_card(request->model, model);
    profile_key(ret_hash, model, key);
    (void)snprintf(ret_folder, PROFILE_FOLDER_BYTES, "profiles/%s", key);
    (void)snprintf(done, sizeof(done), "profiles/%s/done", key);
    return store_exists(request->work->data, done, ret_is_made, err);
}

bool profile_find(const struct profile_build *request, char ret_folder[PROFILE_FOLDER_BYTES],
                  bool *ret_is_made, struct error *err)
{
    char hash[HASH_HEX_BYTES], folder[PROFILE_FOLDER_BYTES];
    if (!profile_folder(request, folder, hash, ret_is_made, err))
        return false;
    (void)snprintf(ret_folder, PROFILE_FOLDER_BYTES, "%.60s/records", folder);
    return true;
}

bool profile_build(const struct profile_build *request, char ret_folder[PROFILE_FOLDER_BYTES],
                   struct profile **ret, struct error *err)
{
    char hash[HASH_HEX_BYTES], folder[PROFILE_FOLDER_BYTES], key[PROFILE_FOLDER_BYTES + 16];
    bool is_there = false;
    if (!profile_folder(request, folder, hash, &is_there, err))
        return false;
    (void)snprintf(key, sizeof(key), "%s/done", folder);
    if (!is_there && (!scan_manifest(request, folder, err) ||
                      !store_put(request->work->data, key, (struct bytes){hash, strlen(hash)}, err)))
        return false;
    (void)snprintf(ret_folder, PROFILE_FOLDER_BYTES, "%.60s/records", folder);
    return profile_open(request->work->data, ret_folder, ret, err);
}

static bool version_key(struct db *db, struct arena *arena, const struct dataset *dataset,
                        const char *version, const char **ret, struct error *err)
{
    struct dataset_version *versions = NULL;
    size_t count = 0;
    const char *wanted = version[0] ? version : dataset->current_version;
    if (!dataset_versions(db, arena, dataset->id, &versions, &count, err))
        return false;
    for (size_t i = 0; wanted && i < count; i++) {
        if (strcmp(versions[i].name, wanted) != 0)
            continue;
        *ret = versions[i].manifest_key;
        return true;
    }
    return error_set_detail(err, DETAIL_VERSION_NOT_FOUND, "dataset '%s' has no version '%s'", dataset->name,
                            wanted ? wanted : "");
}

/* "datasets/birds-id" of the key of anything in it. */
static const char *folder_of_dataset(struct arena *arena, const char *key)
{
    size_t first = strcspn(key, "/") + 1;
    return arena_text_n(arena, key, first + strcspn(key + first, "/"));
}

bool profile_names_version(const char *train)
{
    const char *at = strrchr(train, '@');
    return at && !strchr(at, '/');
}

bool profile_manifest_path(struct db *db, struct store *data, struct arena *arena,
                           const struct profile_train *train, struct profile_manifest *ret, struct error *err)
{
    const char *at = strrchr(train->name, '@');
    struct dataset dataset;
    if (profile_names_version(train->name)) {
        char *name = arena_text_n(arena, train->name, (size_t)(at - train->name));
        if (!name)
            return error_no_memory(err);
        const char *key = NULL;
        if (!dataset_find_uncounted(db, train->project_id, arena, name, &dataset, err) ||
            !version_key(db, arena, &dataset, at + 1, &key, err))
            return false;
        ret->path = path_join(arena, store_url(data), key);
        ret->roots = NULL;
        const char *folder = folder_of_dataset(arena, key);
        const char *own = !folder ? NULL : path_join(arena, store_url(data), folder);
        if (!folder || !ret->path || !own)
            return error_no_memory(err);
        return !train->roots || roots_with_own(train->roots, own, arena, &ret->roots, err);
    }
    char *path = NULL;
    if (!path_absolute(arena, train->name, &path, err))
        return false;
    *ret = (struct profile_manifest){path, train->roots};
    return roots_check(train->roots, path, err);
}
