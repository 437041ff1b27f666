/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of what a task has left behind, one JSON object a line. */
#include "api/native/native.h"

#include "base/text.h"

#include <string.h>

enum { PAGE_MAX_BYTES = 16 * 1024 * 1024 };

/* Where the page begins: 0, or right behind the end of a line. */
static bool read_cursor(const char *cursor, struct bytes list, size_t *ret, struct error *err)
{
    uint64_t at = 0;
    if (cursor && !text_to_count(cursor, "cursor", 0, list.size, &at, err))
        return error_point(err, "/cursor");
    if (at > 0 && ((const char *)list.data)[at - 1] != '\n') {
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "no page ended at cursor %s", cursor);
        return error_point(err, "/cursor");
    }
    *ret = (size_t)at;
    return true;
}

static bool reply_page(struct api_call *call, const struct task_lines *lines, struct bytes list, size_t at,
                       struct error *err)
{
    const char *text = list.data;
    const size_t first = at;
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(call->reply, call->root, lines->member);
    for (uint64_t i = 0; i < lines->limit && at < list.size && at - first < PAGE_MAX_BYTES; i++) {
        const char *end = memchr(text + at, '\n', list.size - at);
        size_t size = end ? (size_t)(end - text) - at : list.size - at;
        AUTO_JSON line = NULL;
        if (!json_parse((struct bytes){text + at, size}, lines->what, &line, err))
            return false;
        if (!yyjson_mut_arr_append(rows, yyjson_val_mut_copy(call->reply, yyjson_doc_get_root(line))))
            return error_no_memory(err);
        at += size + (end != NULL);
    }
    const char *cursor = at < list.size ? arena_printf(call->arena, "%zu", at) : NULL;
    reply_text(call->reply, call->root, "next_cursor", cursor);
    return cursor || at == list.size || error_no_memory(err);
}

bool reply_task_lines(struct api_call *call, const struct task_lines *lines, struct error *err)
{
    struct store_map map;
    size_t at = 0;
    if (!store_map(call->api->data, lines->key, &map, err))
        return err->code == ERR_NOT_FOUND
                   ? error_set_detail(err, DETAIL_TASK_STATE, "task %s is %s and has no %s", lines->task->id,
                                      lines->task->state, lines->what)
                   : false;
    bool is_done =
        read_cursor(lines->cursor, map.bytes, &at, err) && reply_page(call, lines, map.bytes, at, err);
    store_map_release(&map);
    return is_done;
}
