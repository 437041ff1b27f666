/* SPDX-License-Identifier: Apache-2.0 */
/* Files of predictions: what readers do alike. */
#include "base/path.h"
#include "given/given_reader.h"

#include <string.h>

bool given_file_open(const char *path, struct store **ret_store, struct store_reader **ret, struct error *err)
{
    AUTO(arena) arena = arena_new((size_t)4 * PATH_MAX_BYTES);
    AUTO(store) store = NULL;
    const char *folder = arena ? path_folder(arena, path) : NULL;
    if (!folder)
        return error_no_memory(err);
    if (!store_open(folder, false, &store, err) || !store_read_start(store, path_base(path), ret, err))
        return false;
    *ret_store = TAKE(store);
    return true;
}

bool given_file_feed(void *reader, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    return store_read_some(reader, into, capacity, ret_bytes, err);
}

bool given_file_starts(struct bytes start, char first)
{
    const char *text = start.data;
    size_t at = 0;
    while (at < start.size && text[at] != '\0' && strchr("\xEF\xBB\xBF \t\r\n", text[at]))
        at++;
    return at < start.size && text[at] == first;
}
