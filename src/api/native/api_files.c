/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that are files: published manifests and logs of tasks. Images: api_images.c. */
#include "api/native/native.h"

#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct param_spec task_params[] = {
    PARAM(struct named_request, task, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "id of the task, or its beginning"),
    PARAM_END,
};

bool reply_file(struct api_call *call, const struct roots *roots, const char *path, const char *what,
                struct error *err)
{
    struct stat about;
    if (!path)
        return error_no_memory(err);
    /* Not blocking: what is named may be a pipe. */
    if (!roots_check(roots, path, err))
        return false;
    int fd = roots_open(roots, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 && errno == EXDEV)
        return error_set(err, ERR_DENIED, "%s lies behind a link that leads out of the roots", what);
    if (fd < 0)
        return error_set_errno(err, errno, "open %s", what);
    call->file.fd = fd;
    if (fstat(fd, &about) != 0)
        return error_set_errno(err, errno, "look at %s", what);
    if (!S_ISREG(about.st_mode))
        return error_set(err, ERR_NOT_FOUND, "%s is not a file", what);
    call->file.bytes = (uint64_t)about.st_size;
    call->file.content_type = "application/octet-stream";
    call->file.etag = arena_printf(
        call->arena, "%llx-%llx-%llx", (unsigned long long)about.st_ino, (unsigned long long)about.st_size,
        (unsigned long long)about.st_mtim.tv_sec * 1000000000ULL + (unsigned long long)about.st_mtim.tv_nsec);
    return call->file.etag || error_no_memory(err);
}

static bool manifest(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct dataset dataset;
    struct dataset_version version;
    if (!dataset_find_uncounted(call->api->db, call->caller->project_id, call->arena, request->dataset,
                                &dataset, err) ||
        !dataset_version_find(call->api->db, call->arena, &dataset, request->version, &version, err))
        return false;
    const char *path = path_join(call->arena, store_url(call->api->data), version.manifest_key);
    if (!reply_file(call, NULL, path, "the manifest of the version", err))
        return false;
    call->file.content_type = "application/jsonl";
    call->file.etag = version.manifest_hash;
    call->file.name = arena_printf(call->arena, "%s.manifest", version.name);
    return call->file.name || error_no_memory(err);
}

static bool log_of_task(struct api_call *call, struct error *err)
{
    const struct named_request *request = call->params;
    struct task task;
    struct error gone = {0};
    if (!task_get(call->api->db, call->caller->project_id, call->arena, request->task, &task, err))
        return false;
    const char *path = arena_printf(call->arena, "%s/logs/task-%s.log", call->api->data_folder, task.id);
    if (!reply_file(call, NULL, path, "the log of the task", &gone))
        return gone.code == ERR_NOT_FOUND
                   ? error_set(err, ERR_NOT_FOUND, "task %s has no log: it has not begun in the background",
                               task.id)
                   : (*err = gone, false);
    call->file.content_type = "text/plain; charset=utf-8";
    return true;
}

const struct route route_dataset_manifest = {"dataset.manifest",
                                             "GET",
                                             "/api/v1/datasets/{dataset}/versions/{version}/manifest",
                                             version_params,
                                             sizeof(struct named_request),
                                             manifest,
                                             "Gives the manifest of a published version.",
                                             ROLE_READ,
                                             200,
                                             NULL,
                                             true};
const struct route route_task_log = {"task.log",
                                     "GET",
                                     "/api/v1/tasks/{task}/log",
                                     task_params,
                                     sizeof(struct named_request),
                                     log_of_task,
                                     "Gives the log of a task that ran in the background.",
                                     ROLE_READ,
                                     200,
                                     NULL,
                                     true};
