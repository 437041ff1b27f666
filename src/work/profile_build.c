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

static bool hash_manifest(const char *path, char ret_hash[HASH_HEX_BYTES], struct error *err)
{
    struct manifest_file file;
    bool is_done = manifest_file_open(path, &file, err) && hash_pieces(file.reader, ret_hash, err);
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

static bool check_manifest(const char *path, enum model_type type, struct hash *annotations,
                           uint64_t *ret_labeled, struct error *err)
{
    struct manifest_file file;
    AUTO(arena) arena = arena_new(CHECK_ARENA_BYTES);
    struct checking checking = {.path = path, .type = type, .arena = arena, .annotations = annotations};
    if (!arena)
        return error_no_memory(err);
    bool is_done = manifest_file_open(path, &file, err) &&
                   annotation_files_open(file.folder, &checking.files, err) &&
                   check_lines(&checking, file.lines, err);
    annotation_files_release(&checking.files);
    manifest_file_release(&file);
    *ret_labeled = checking.labeled;
    return is_done;
}

bool profile_manifest_check(const char *path, enum model_type type, uint64_t *ret_labeled, struct error *err)
{
    struct hash ignored;
    hash_start(&ignored);
    return check_manifest(path, type, &ignored, ret_labeled, err);
}

static bool scan_manifest(const struct profile_build *request, const char *folder, struct error *err)
{
    struct inputs inputs;
    struct model_runner *opened = NULL;
    AUTO(arena) arena = arena_new(CHECK_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    task_progress_stage(request->progress, "collecting", 0);
    const struct inputs_request listing = {.data = request->work->data,
                                           .folder = folder,
                                           .input_url = request->manifest,
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
    const struct scan_request scan = {.data = request->work->data,
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

bool profile_build(const struct profile_build *request, struct profile **ret, struct error *err)
{
    char hash[HASH_HEX_BYTES], model[HASH_HEX_BYTES], key[HASH_HEX_BYTES], folder[PROFILE_FOLDER_BYTES],
        records[80], done[80];
    bool is_there = false;
    if (!hash_manifest(request->manifest, hash, err) || !hash_annotations(request, hash, err))
        return false;
    model_and_card(request->model, model);
    profile_key(hash, model, key);
    (void)snprintf(folder, sizeof(folder), "profiles/%s", key);
    (void)snprintf(records, sizeof(records), "%s/records", folder);
    (void)snprintf(done, sizeof(done), "%s/done", folder);
    if (!store_exists(request->work->data, done, &is_there, err))
        return false;
    if (!is_there && (!scan_manifest(request, folder, err) ||
                      !store_put(request->work->data, done, (struct bytes){hash, strlen(hash)}, err)))
        return false;
    if (request->ret_folder)
        memcpy(request->ret_folder, folder, sizeof(folder));
    return profile_open(request->work->data, records, ret, err);
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

bool profile_manifest_path(struct db *db, struct store *data, struct arena *arena, const char *train,
                           const char **ret, struct error *err)
{
    const char *at = strrchr(train, '@');
    struct dataset dataset;
    if (at && !strchr(at, '/')) {
        char *name = arena_text_n(arena, train, (size_t)(at - train));
        if (!name)
            return error_no_memory(err);
        const char *key = NULL;
        if (!dataset_find(db, arena, name, &dataset, err) ||
            !version_key(db, arena, &dataset, at + 1, &key, err))
            return false;
        *ret = path_join(arena, store_url(data), key);
        return *ret || error_no_memory(err);
    }
    char *path = NULL;
    if (!path_absolute(arena, train, &path, err))
        return false;
    *ret = path;
    return true;
}
