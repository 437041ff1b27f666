/* SPDX-License-Identifier: Apache-2.0 */
/* The console's files: / leads to /ui/, which is its start. */
#include "http/exchange.h"
#include "http/headers.h"

#include <stdio.h>
#include <string.h>

bool exchange_is_console(const struct exchange *exchange)
{
    const struct http_target *target = &exchange->target;
    return target->segment_count == 0 || strcmp(target->segments[0], "ui") == 0;
}

/* The path below /ui/, as the segments say it. */
static const char *path_of(struct exchange *exchange)
{
    const struct http_target *target = &exchange->target;
    const char *path = "";
    for (size_t i = 1; path && i < target->segment_count; i++)
        path = arena_printf(exchange->arena, "%s%s%s", path, i > 1 ? "/" : "", target->segments[i]);
    return path;
}

static enum console_coding coding_of(const struct exchange *exchange)
{
    if (http_accepts_coding(exchange->headers.accept_encoding, "br"))
        return CONSOLE_BROTLI;
    return http_accepts_coding(exchange->headers.accept_encoding, "gzip") ? CONSOLE_GZIP : CONSOLE_PLAIN;
}

static bool redirect(struct exchange *exchange)
{
    exchange->reply.status = 302;
    (void)snprintf(exchange->reply.location, sizeof(exchange->reply.location), "/ui/");
    return true;
}

bool exchange_answer_console(struct exchange *exchange, struct error *err)
{
    static const char *const codings[] = {[CONSOLE_GZIP] = "gzip", [CONSOLE_BROTLI] = "br"};
    struct console_file file;
    struct http_reply *reply = &exchange->reply;
    if (strcmp(exchange->method, "GET") != 0 && strcmp(exchange->method, "HEAD") != 0) {
        (void)snprintf(reply->allow, sizeof(reply->allow), "GET, HEAD");
        return exchange_problem(exchange, 405, ERR_INVALID, "the console's files are only read");
    }
    if (exchange->target.segment_count == 0)
        return redirect(exchange);
    const char *path = path_of(exchange);
    if (!path)
        return error_no_memory(err);
    if (!console_find(exchange->server->console, path, coding_of(exchange), exchange->arena, &file, err))
        return false;
    reply->status = 200;
    reply->is_console = true;
    reply->content_type = file.content_type;
    reply->fixed = file.bytes;
    reply->coding = codings[file.coding];
    reply->file.is_immutable = file.is_immutable;
    (void)snprintf(reply->etag, sizeof(reply->etag), "%s", file.etag);
    return true;
}
