/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reply_http.h"

#include "base/clock.h"
#include "http/gzip.h"
#include "http/headers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STREAM_BLOCK_BYTES = 16 * 1024, HEADER_BYTES = 256 };

static const struct {
    const char *name, *value;
} always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
};
static const char nothing_allowed[] =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/* The hash is of the one style element that react-aria-components adds. */
static const char console_allowed[] =
    "default-src 'none'; script-src 'self'; style-src 'self' "
    "'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

void http_reply_init(struct http_reply *reply)
{
    *reply = (struct http_reply){.file = {.fd = -1}};
    buffer_init(&reply->body, HTTP_REPLY_MAX_BYTES);
}

void http_reply_release(struct http_reply *reply)
{
    buffer_release(&reply->body);
    if (reply->file.fd >= 0)
        (void)close(reply->file.fd);
    reply->file.fd = -1;
    reply->stream = http_stream_close(reply->stream);
}

void http_reply_problem(struct http_reply *reply, const struct http_problem *problem, const char *request_id)
{
    char allow[HTTP_ALLOW_BYTES];
    struct error ignored;
    memcpy(allow, reply->allow, sizeof(allow));
    http_reply_release(reply);
    http_reply_init(reply);
    memcpy(reply->allow, allow, sizeof(allow));
    reply->status = http_problem_status(problem);
    reply->retry_seconds = problem->retry_seconds ? problem->retry_seconds : reply->status == 503;
    reply->content_type = "application/problem+json";
    if (!http_problem_write(problem, request_id, &reply->body, &ignored))
        buffer_clear(&reply->body);
}

/* ---- the response of libmicrohttpd ---- */

static void add(struct MHD_Response *response, const char *name, const char *value)
{
    (void)MHD_add_response_header(response, name, value);
}

static ssize_t read_stream(void *state, uint64_t position, char *into, size_t max)
{
    (void)position;
    ssize_t bytes = http_stream_read(state, into, max, clock_steady_seconds());
    return bytes < 0 ? MHD_CONTENT_READER_END_OF_STREAM : bytes;
}

static void close_stream(void *state)
{
    (void)http_stream_close(state);
}

static struct MHD_Response *stream_response(struct http_reply *reply)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, read_stream, reply->stream, close_stream);
    if (response)
        reply->stream = NULL;
    return response;
}

static struct MHD_Response *empty_response(void)
{
    return MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static bool is_read(const struct reply_request *request)
{
    return strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
}

/* The range counts only while the file is still the one it was asked of. */
static enum http_range range_of(const struct http_reply *reply, const struct reply_request *request,
                                uint64_t *ret_first, uint64_t *ret_last)
{
    *ret_first = 0;
    *ret_last = reply->file.bytes ? reply->file.bytes - 1 : 0;
    if (!request->range || (request->if_range && !http_etag_listed(request->if_range, reply->etag, true)))
        return RANGE_NONE;
    return http_range_parse(request->range, reply->file.bytes, ret_first, ret_last);
}

static void add_file_headers(struct MHD_Response *response, const struct http_reply *reply)
{
    char text[HEADER_BYTES];
    add(response, "Accept-Ranges", "bytes");
    if (!reply->file.name)
        return;
    (void)snprintf(text, sizeof(text), "attachment; filename=\"%.80s\"", reply->file.name);
    add(response, "Content-Disposition", text);
}

static struct MHD_Response *unsatisfiable(struct http_reply *reply, const struct reply_request *request)
{
    char text[HEADER_BYTES];
    struct http_problem problem = {.status = 416};
    (void)snprintf(text, sizeof(text), "bytes */%llu", (unsigned long long)reply->file.bytes);
    (void)error_set(&problem.err, ERR_INVALID, "the file has %llu bytes, which the range is not among",
                    (unsigned long long)reply->file.bytes);
    http_reply_problem(reply, &problem, request->request_id);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(reply->body.size, reply->body.data, MHD_RESPMEM_MUST_COPY);
    if (response)
        add(response, "Content-Range", text);
    return response;
}

static struct MHD_Response *file_response(struct http_reply *reply, const struct reply_request *request,
                                          uint64_t *ret_bytes)
{
    uint64_t first = 0, last = 0;
    char text[HEADER_BYTES];
    enum http_range range = range_of(reply, request, &first, &last);
    if (range == RANGE_UNSATISFIABLE)
        return unsatisfiable(reply, request);
    uint64_t bytes = reply->file.bytes ? last - first + 1 : 0;
    struct MHD_Response *response = MHD_create_response_from_fd_at_offset64(bytes, reply->file.fd, first);
    if (!response)
        return NULL;
    *ret_bytes = bytes;
    reply->file.fd = -1;
    add_file_headers(response, reply);
    if (range == RANGE_PART) {
        reply->status = 206;
        (void)snprintf(text, sizeof(text), "bytes %llu-%llu/%llu", (unsigned long long)first,
                       (unsigned long long)last, (unsigned long long)reply->file.bytes);
        add(response, "Content-Range", text);
    }
    return response;
}

/* True when the body became a gzip file. */
static bool compress(struct http_reply *reply, const struct reply_request *request)
{
    struct error ignored;
    AUTO_BUFFER(small, HTTP_REPLY_MAX_BYTES);
    if (reply->body.size < HTTP_GZIP_MIN_BYTES || !http_accepts_coding(request->accept_encoding, "gzip") ||
        !http_gzip((struct bytes){reply->body.data, reply->body.size}, &small, &ignored))
        return false;
    const struct buffer large = reply->body;
    reply->body = small;
    small = large;
    return true;
}

static struct MHD_Response *body_response(struct http_reply *reply, const struct reply_request *request,
                                          uint64_t *ret_bytes)
{
    *ret_bytes = reply->body.size;
    if (compress(reply, request))
        reply->coding = "gzip";
    struct MHD_Response *response =
        reply->body.size
            ? MHD_create_response_from_buffer(reply->body.size, reply->body.data, MHD_RESPMEM_MUST_FREE)
            : empty_response();
    if (!response)
        return NULL;
    if (reply->body.size)
        buffer_init(&reply->body, HTTP_REPLY_MAX_BYTES); /* the memory is the response's now */
    return response;
}

static struct MHD_Response *fixed_response(const struct http_reply *reply, uint64_t *ret_bytes)
{
    *ret_bytes = reply->fixed.size;
    void *data;
    memcpy(&data, &reply->fixed.data, sizeof(data)); /* libmicrohttpd only reads it */
    return MHD_create_response_from_buffer(reply->fixed.size, data, MHD_RESPMEM_PERSISTENT);
}

/* What the API says of people's data is kept by nobody; pictures may be, to be asked for again, and those
 * that never change without asking. */
static const char *caching_of(const struct http_reply *reply)
{
    bool is_json = reply->content_type && strncmp(reply->content_type, "application/json", 16) == 0;
    bool is_given = reply->status == 200 || reply->status == 206 || reply->status == 304;
    if (is_given && reply->file.is_immutable)
        return "private, max-age=31536000, immutable";
    return reply->etag[0] && !is_json ? "private, no-cache" : "no-store";
}

static void add_security(struct MHD_Response *response, const struct http_reply *reply,
                         const struct reply_request *request)
{
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        add(response, always[i].name, always[i].value);
    add(response, "Content-Security-Policy", reply->is_console ? console_allowed : nothing_allowed);
    add(response, "Cache-Control", caching_of(reply));
    if (request->is_tls)
        add(response, "Strict-Transport-Security", "max-age=31536000");
    if (reply->status == 401)
        add(response, "WWW-Authenticate", "Bearer realm=\"trommel\"");
    if (reply->cookie[0])
        add(response, "Set-Cookie", reply->cookie);
}

static void add_coding(struct MHD_Response *response, const struct http_reply *reply)
{
    if (reply->stream || reply->file.fd >= 0)
        return;
    add(response, "Vary", "Accept-Encoding");
    if (reply->coding && reply->status != 304)
        add(response, "Content-Encoding", reply->coding);
}

static void add_headers(struct MHD_Response *response, const struct http_reply *reply,
                        const struct reply_request *request)
{
    char text[HEADER_BYTES];
    add(response, "X-Request-Id", request->request_id);
    add_coding(response, reply);
    if (reply->content_type && reply->status != 304)
        add(response, "Content-Type", reply->content_type);
    if (reply->etag[0]) {
        (void)snprintf(text, sizeof(text), "\"%s%s%s\"", reply->etag, reply->coding ? "-" : "",
                       reply->coding ? reply->coding : "");
        add(response, "ETag", text);
    }
    if (reply->location[0])
        add(response, "Location", reply->location);
    if (reply->allow[0])
        add(response, "Allow", reply->allow);
    if (reply->is_replayed)
        add(response, "Idempotency-Replayed", "true");
    if (reply->retry_seconds > 0) {
        (void)snprintf(text, sizeof(text), "%lld", (long long)reply->retry_seconds);
        add(response, "Retry-After", text);
    }
    add_security(response, reply, request);
}

struct MHD_Response *http_reply_finish(struct http_reply *reply, const struct reply_request *request,
                                       int *ret_status, uint64_t *ret_bytes)
{
    struct MHD_Response *response = NULL;
    *ret_bytes = 0;
    bool is_known = reply->status == 200 && reply->etag[0] && is_read(request) &&
                    http_etag_listed(request->if_none_match, reply->etag, false);
    if (is_known) {
        reply->status = 304;
        response = empty_response();
    } else if (reply->stream) {
        response = stream_response(reply);
    } else if (reply->file.fd >= 0) {
        response = file_response(reply, request, ret_bytes);
    } else if (reply->fixed.data) {
        response = fixed_response(reply, ret_bytes);
    } else {
        response = body_response(reply, request, ret_bytes);
    }
    if (!response)
        return NULL;
    add_headers(response, reply, request);
    *ret_status = reply->status;
    return response;
}
