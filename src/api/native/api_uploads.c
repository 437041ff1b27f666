/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads: sending a file in one piece or several, seeing what is there, deleting it. */
#include "api/native/native.h"
#include "api/native/shape_rows.h"
#include "api/native/uploads.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct upload_request {
    const char *upload, *sha256;
    uint64_t offset, total;
};

static const struct param_spec put_params[] = {
    PARAM(struct upload_request, upload, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .max = UPLOAD_NAME_MAX_BYTES, .help = "name: letters, digits, '.', '_' and '-', no dot first"),
    PARAM(struct upload_request, offset, .type = PARAM_COUNT, .min = 0, .max = (double)UPLOAD_MAX_BYTES,
          .unit = "bytes", .help = "where the body goes on: the bytes that are there; 0: from anew"),
    PARAM(struct upload_request, total, .type = PARAM_COUNT, .min = 0, .max = (double)UPLOAD_MAX_BYTES,
          .unit = "bytes", .help = "length of the whole; 0: it ends with this body"),
    PARAM(struct upload_request, sha256, .type = PARAM_TEXT, .max = UPLOAD_SHA256_BYTES - 1,
          .help = "of the whole, 64 hex digits: what came is thrown away when it has another"),
    PARAM_END,
};
static const struct param_spec upload_params[] = {
    PARAM(struct upload_request, upload, .type = PARAM_TEXT, .is_required = true, .is_positional = true,
          .help = "name of the upload"),
    PARAM_END,
};

static const struct reply_shape shape_upload = {
    "Upload",
    (const struct reply_spec[]){
        TEXT("name", "its name"), TEXT("file", "what to name where a request takes a file: upload:NAME"),
        COUNT("bytes", "bytes that are there"), BOOL("is_complete", "nothing is missing"),
        TIME("changed", "when bytes came last"),
        MEMBER_AS("sha256", TEXT, "of the whole, 64 hex digits, when it has just come", OPTIONAL), END}};
static const struct reply_shape shape_upload_shown = {
    "UploadShown", (const struct reply_spec[]){OBJECT("upload", &shape_upload, "the upload"), END}};
static const struct reply_shape shape_uploads = {
    "Uploads", (const struct reply_spec[]){LIST("uploads", &shape_upload, "by name"), END}};

static void reply_upload(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct upload *upload,
                         const char *sha256)
{
    char file[sizeof(UPLOAD_PREFIX) + UPLOAD_NAME_MAX_BYTES];
    (void)snprintf(file, sizeof(file), "%s%s", UPLOAD_PREFIX, upload->name);
    reply_text(doc, object, "name", upload->name);
    reply_text(doc, object, "file", file);
    (void)yyjson_mut_obj_add_uint(doc, object, "bytes", upload->bytes);
    (void)yyjson_mut_obj_add_bool(doc, object, "is_complete", upload->is_complete);
    reply_time(doc, object, "changed", upload->changed_ms);
    if (sha256)
        reply_text(doc, object, "sha256", sha256);
}

static bool check_put(const struct upload_request *request, struct error *err)
{
    static const char digits[] = "0123456789abcdef";
    bool is_hash = !request->sha256 || (strlen(request->sha256) == UPLOAD_SHA256_BYTES - 1 &&
                                        strspn(request->sha256, digits) == UPLOAD_SHA256_BYTES - 1);
    if (!is_hash) {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "sha256 must be 64 of 0-9 and a-f");
        return error_point(err, "/sha256");
    }
    if (request->total == 0 || request->offset <= request->total)
        return true;
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "the offset is past the total");
    return error_point(err, "/offset");
}

static bool receive(struct api_call *call, struct error *err)
{
    const struct upload_request *request = call->params;
    if (!check_put(request, err) || !upload_open(call, request->upload, request->offset, &call->body.fd, err))
        return false;
    call->body.is_open = true;
    if (call->body.max_bytes > UPLOAD_MAX_BYTES - request->offset)
        call->body.max_bytes = UPLOAD_MAX_BYTES - request->offset;
    if (request->total > 0 && call->body.max_bytes > request->total - request->offset)
        call->body.max_bytes = request->total - request->offset;
    return true;
}

static bool take(struct api_call *call, const struct upload_request *request, struct error *err)
{
    char sha256[UPLOAD_SHA256_BYTES];
    struct stat about;
    struct upload upload;
    if (fstat(call->body.fd, &about) != 0)
        return error_set_errno(err, errno, "look at the upload '%.128s'", request->upload);
    bool is_whole = request->total == 0 || (uint64_t)about.st_size == request->total;
    if (is_whole && !upload_finish(call, request->upload, call->body.fd, request->sha256, sha256, err))
        return false;
    if (!upload_find(call, request->upload, &upload, err))
        return false;
    reply_upload(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "upload"), &upload,
                 is_whole ? sha256 : NULL);
    return true;
}

static bool put(struct api_call *call, struct error *err)
{
    if (!call->body.is_open)
        return error_set(err, ERR_INVALID, "an upload comes over HTTP only");
    bool is_done = take(call, call->params, err);
    /* Before the answer: whoever has it may send the next part. */
    (void)close(call->body.fd);
    call->body.is_open = false;
    return is_done;
}

static bool list(struct api_call *call, struct error *err)
{
    struct upload *rows = NULL;
    size_t count = 0;
    if (!upload_list(call, &rows, &count, err))
        return false;
    yyjson_mut_val *array = yyjson_mut_obj_add_arr(call->reply, call->root, "uploads");
    for (size_t i = 0; i < count; i++)
        reply_upload(call->reply, yyjson_mut_arr_add_obj(call->reply, array), &rows[i], NULL);
    return true;
}

static bool show(struct api_call *call, struct error *err)
{
    const struct upload_request *request = call->params;
    struct upload upload;
    if (!upload_find(call, request->upload, &upload, err))
        return false;
    reply_upload(call->reply, yyjson_mut_obj_add_obj(call->reply, call->root, "upload"), &upload, NULL);
    return true;
}

static bool delete (struct api_call *call, struct error *err)
{
    const struct upload_request *request = call->params;
    return upload_delete(call, request->upload, err) &&
           (reply_text(call->reply, call->root, "deleted", request->upload), true);
}

const struct route route_upload_put = {
    .name = "upload.put",
    .method = "PUT",
    .path = "/api/v1/uploads/{upload}",
    .params = put_params,
    .params_size = sizeof(struct upload_request),
    .handle = put,
    .summary = "Takes a file, whole or from where it broke off; the body is its bytes.",
    .role = ROLE_ADMIN,
    .status = 200,
    .reply = &shape_upload_shown,
    .receive = receive};
const struct route route_upload_list = {
    "upload.list", "GET", "/api/v1/uploads", no_params, 0, list, "Lists the files that were sent.",
    ROLE_READ,     200,   &shape_uploads};
const struct route route_upload_show = {"upload.show",
                                        "GET",
                                        "/api/v1/uploads/{upload}",
                                        upload_params,
                                        sizeof(struct upload_request),
                                        show,
                                        "Shows a file that was sent, or how much of it is here.",
                                        ROLE_READ,
                                        200,
                                        &shape_upload_shown};
const struct route route_upload_delete = {"upload.delete",
                                          "DELETE",
                                          "/api/v1/uploads/{upload}",
                                          upload_params,
                                          sizeof(struct upload_request),
                                          delete,
                                          "Deletes a file that was sent; what was imported from it stays.",
                                          ROLE_ADMIN,
                                          200,
                                          &shape_deleted};
