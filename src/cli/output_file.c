/* SPDX-License-Identifier: Apache-2.0 */
/* Replies that are files, and requests that are only shown. */
#include "base/text.h"
#include "cli/commands_own.h"
#include "cli/transport.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX_BYTES = 64 * 1024 * 1024 };

static bool is_readable(const char *type)
{
    return text_starts_with(type, "text/") || text_starts_with(type, "application/json") ||
           text_starts_with(type, "application/x-ndjson");
}

struct pouring {
    struct cli *cli;
    struct buffer *text; /* with --json */
    bool is_refused;
};

static bool pour(void *state, const char *type, const void *data, size_t bytes)
{
    struct pouring *pouring = state;
    if (pouring->text)
        return buffer_add(pouring->text, data, bytes);
    pouring->is_refused = !is_readable(type) && pouring->cli->is_terminal;
    return !pouring->is_refused && fwrite(data, 1, bytes, stdout) == bytes;
}

int output_file(struct cli *cli, const struct route *route)
{
    AUTO_BUFFER(text, TEXT_MAX_BYTES);
    struct error err = {0};
    struct pouring pouring = {.cli = cli, .text = cli->is_json ? &text : NULL};
    const struct transport_sink sink = {pour, &pouring};
    bool is_done = transport_file(cli, route, yyjson_doc_get_root(cli->request), 0, &sink, &err);
    if (pouring.is_refused)
        (void)error_set(&err, ERR_INVALID, "this is no text for a terminal: send it to a file with > FILE");
    if (!is_done)
        return cli_fail(cli, &err);
    if (cli->is_json && !text_is_utf8(text.data ? text.data : "", text.size))
        return (void)error_set(&err, ERR_INVALID, "this is no text that JSON could hold; leave --json away"),
               cli_fail(cli, &err);
    if (cli->is_json)
        output_text(cli, text.data ? text.data : "");
    return 0;
}

int command_dry_run(struct cli *cli, const struct route *route)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    AUTO_JSON body = NULL;
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    struct http_words words = {0};
    struct error err = {0};
    yyjson_val *request = yyjson_doc_get_root(cli->request);
    if (!transport_words(cli->arena, route, request, &words, &err))
        return cli_fail(cli, &err);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_str(doc, root, "method", words.method);
    (void)yyjson_mut_obj_add_str(doc, root, "path", words.target);
    if (words.body && !json_parse((struct bytes){words.body, strlen(words.body)}, "the body", &body, &err))
        return cli_fail(cli, &err);
    if (body)
        (void)yyjson_mut_obj_add_val(doc, root, "body", yyjson_val_mut_copy(doc, yyjson_doc_get_root(body)));
    output_object(cli, root, NULL);
    if (!cli->is_json && !cli->is_quiet)
        (void)fprintf(stderr, "nothing was done\n");
    return 0;
}
