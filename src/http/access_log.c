/* SPDX-License-Identifier: Apache-2.0 */
#include "http/access_log.h"

#include "base/clock.h"
#include "base/json_stream.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool access_log_line(const struct access_row *row, struct buffer *into)
{
    char time[CLOCK_TEXT_BYTES], path[ACCESS_PATH_MAX_BYTES];
    struct error ignored;
    struct json_stream out = {.into = into};
    (void)snprintf(path, sizeof(path), "%s", row->path ? row->path : "");
    text_make_printable(path);
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "ts", clock_rfc3339(clock_now_ms(), time));
    json_stream_text(&out, "level", row->status >= 500 ? "error" : "info");
    json_stream_text(&out, "msg", "request");
    json_stream_text(&out, "request_id", row->request_id);
    json_stream_message(&out, "remote", row->remote);
    json_stream_text(&out, "user", row->user);
    json_stream_message(&out, "method", row->method);
    json_stream_text(&out, "path", path);
    json_stream_text(&out, "route", row->route);
    json_stream_count(&out, "status", (uint64_t)row->status);
    json_stream_count(&out, "bytes", row->bytes);
    json_stream_number(&out, "dur_ms", row->seconds * 1000);
    json_stream_close(&out, '}');
    return json_stream_check(&out, "the line", &ignored) && buffer_add_text(into, "\n");
}

void access_log_write(int fd, const struct access_row *row)
{
    AUTO_BUFFER(line, ACCESS_LINE_MAX_BYTES);
    if (fd >= 0 && access_log_line(row, &line))
        (void)!write(fd, line.data, line.size);
}
