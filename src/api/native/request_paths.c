/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that requests name: of this machine, and in the roots. */
#include "api/native/native.h"
#include "api/native/uploads.h"

#include "base/path.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const char file_url[] = "file://";

/* A URL of a file becomes its path; anything else with a scheme is nothing that we read, and no host is ever
 * asked. */
static bool without_scheme(const struct api_call *call, const char *given, const char **ret,
                           struct error *err)
{
    char *decoded = NULL;
    const char *mark = strstr(given, "://"), *slash = strchr(given, '/');
    *ret = given;
    if (!mark || mark > slash)
        return true;
    if (!text_starts_with(given, file_url) || given[strlen(file_url)] != '/')
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%.100s' is not of this machine: only its own files and folders are read, "
                                "named by a path or file:///path",
                                given);
    if (!manifest_source_decode(call->arena, given, &decoded, err))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%.100s' is not a URL: %%XX must be two hex "
                                "digits, not 00",
                                given);
    *ret = decoded;
    return true;
}

/* Told at once, although whoever opens it meets the same. */
static bool check_links(const struct roots *roots, const char *path, struct error *err)
{
    int file = roots_open(roots, path, O_PATH);
    bool leads_out = file < 0 && errno == EXDEV;
    if (file >= 0)
        (void)close(file);
    return !leads_out || error_set(err, ERR_DENIED,
                                   "a link on the way to %.150s leads out of the folders that may be used "
                                   "(roots): %.150s",
                                   path, roots->text);
}

bool request_path(const struct api_call *call, const char *given, const char **ret, struct error *err)
{
    const char *path = NULL;
    char *clean = NULL;
    if (text_starts_with(given, UPLOAD_PREFIX))
        return upload_resolve(call, given, ret, err);
    if (!without_scheme(call, given, &path, err))
        return false;
    if (call->api->is_remote && !call->is_local && path[0] != '/')
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                                "'%.100s' is relative: a server does not know to which folder; give an "
                                "absolute path",
                                path);
    *ret = path;
    if (!call->roots)
        return true;
    if (!path_absolute(call->arena, path, &clean, err) || !roots_check(call->roots, clean, err) ||
        !check_links(call->roots, clean, err))
        return false;
    *ret = clean;
    return true;
}

/* Who may write the data folder is not confined. */
bool api_settle_roots(struct api_call *call, struct error *err)
{
    call->roots = call->is_local ? NULL : call->api->roots;
    if (!call->roots)
        return true;
    const char *folder = uploads_folder(call->arena, call->api->data_folder, call->caller->project_id);
    return folder ? roots_with_own(call->roots, folder, call->arena, &call->roots, err)
                  : error_no_memory(err);
}

bool api_settle_paths(struct api_call *call, const struct param_spec *specs, void *params, struct error *err)
{
    struct param_position at = {0};
    const struct param_spec *spec;
    while ((spec = params_next(specs, &at))) {
        if (spec->path != PARAM_PATH)
            continue;
        const char **field = (const char **)(void *)((char *)params + at.base + spec->offset);
        if (!*field || request_path(call, *field, field, err))
            continue;
        const char *pointer = arena_printf(call->arena, "/%s", spec->name);
        return pointer ? error_point(err, pointer) : error_no_memory(err);
    }
    return true;
}
