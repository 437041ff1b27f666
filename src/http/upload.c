/* SPDX-License-Identifier: Apache-2.0 */
/* Requests whose body is a file: it goes to the disk as it comes, so that no length of it takes memory. A
 * client that breaks off leaves what came, and may go on from there. */
#include "http/exchange.h"
#include "http/headers.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool exchange_is_upload(const struct exchange *exchange)
{
    return exchange->match.route && exchange->match.route->receive;
}

static bool too_long(struct exchange *exchange, uint64_t max)
{
    return exchange_problem(exchange, 413, ERR_LIMIT, "the file is longer than %llu bytes",
                            (unsigned long long)max);
}

bool exchange_check_upload(struct exchange *exchange)
{
    const struct exchange_headers *headers = &exchange->headers;
    const uint64_t max = exchange->server->options.upload_max_bytes;
    if (headers->content_encoding)
        return exchange_problem(exchange, 415, ERR_INVALID, "the body must be the file's bytes, not encoded");
    uint64_t length = headers->content_length ? strtoull(headers->content_length, NULL, 10) : 0;
    return length <= max || too_long(exchange, max);
}

/* "Content-Range: bytes 100-199/300", as curl -C sends it, is offset=100 and total=300. */
static bool add_content_range(struct exchange *exchange, yyjson_mut_doc *doc, struct error *err)
{
    uint64_t first = 0, last = 0, total = 0;
    yyjson_mut_val *root = yyjson_mut_doc_get_root(doc);
    if (!exchange->headers.content_range)
        return true;
    if (!http_content_range_parse(exchange->headers.content_range, &first, &last, &total))
        return error_set(err, ERR_INVALID, "Content-Range must be: bytes FIRST-LAST/TOTAL");
    if (yyjson_mut_obj_get(root, "offset") || yyjson_mut_obj_get(root, "total"))
        return error_set(err, ERR_INVALID,
                         "Content-Range says where the body goes; leave offset and total out");
    return (yyjson_mut_obj_add_uint(doc, root, "offset", first) &&
            (total == 0 || yyjson_mut_obj_add_uint(doc, root, "total", total))) ||
           error_no_memory(err);
}

static bool read_request(struct exchange *exchange, struct error *err)
{
    AUTO_JSON plain = NULL;
    if (!http_request_json(&exchange->match, &exchange->target, (struct bytes){NULL, 0}, &plain, err))
        return false;
    AUTO_MUT_JSON doc = yyjson_doc_mut_copy(plain, NULL);
    if (!doc)
        return error_no_memory(err);
    if (!add_content_range(exchange, doc, err))
        return false;
    exchange->request = yyjson_mut_doc_imut_copy(doc, NULL);
    return exchange->request || error_no_memory(err);
}

bool exchange_receive(struct exchange *exchange, struct api *api, struct error *err)
{
    if (!read_request(exchange, err))
        return false;
    exchange->call = exchange_call(exchange, api, yyjson_doc_get_root(exchange->request));
    exchange->has_call = true;
    if (!api_receive(&exchange->call, exchange->match.route, err))
        return false;
    const char *length = exchange->headers.content_length;
    const uint64_t max = exchange->call.body.max_bytes;
    return !length || strtoull(length, NULL, 10) <= max || too_long(exchange, max);
}

static bool write_piece(int fd, struct bytes piece)
{
    const char *at = piece.data;
    size_t left = piece.size;
    while (left > 0) {
        ssize_t bytes = write(fd, at, left);
        if (bytes < 0 && errno != EINTR)
            return false;
        at += bytes > 0 ? bytes : 0;
        left -= bytes > 0 ? (size_t)bytes : 0;
    }
    return true;
}

void exchange_take_upload(struct exchange *exchange, struct bytes piece)
{
    const struct api_body *body = &exchange->call.body;
    const uint64_t before = exchange->received_bytes, max = exchange->server->options.upload_max_bytes;
    exchange->received_bytes += piece.size;
    if (exchange->received_bytes > body->max_bytes || exchange->received_bytes > max)
        (void)too_long(exchange, body->max_bytes < max ? body->max_bytes : max);
    else if (!write_piece(body->fd, piece))
        (void)exchange_problem(exchange, errno == ENOSPC ? 507 : 500, ERR_IO,
                               "the file cannot be written: %s",
                               errno == ENOSPC ? "the disk is full" : "the disk fails");
    if (before / HTTP_UPLOAD_STEP_BYTES != exchange->received_bytes / HTTP_UPLOAD_STEP_BYTES)
        connections_enter(exchange->server->connections, exchange->entry, CONNECTION_BODY);
}
