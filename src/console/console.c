/* SPDX-License-Identifier: Apache-2.0 */
#include "console/console.h"

#include "base/hash.h"
#include "base/path.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

struct console {
    struct store *folder; /* NULL: packed */
};

/* Nothing else is served. */
static const struct {
    const char *suffix, *content_type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".json", "application/json"},
    {".txt", "text/plain; charset=utf-8"},
};

bool console_open(const char *folder, struct console **ret, struct error *err)
{
    AUTO(console) console = calloc(1, sizeof(*console));
    if (!console)
        return error_no_memory(err);
    if (folder) {
        bool is_there = false;
        if (!store_open(folder, false, &console->folder, err) ||
            !store_exists(console->folder, "index.html", &is_there, err))
            return error_wrap(err, "the console's folder");
        if (!is_there)
            return error_set(err, ERR_NOT_FOUND,
                             "%s holds no index.html; build the console: cd web && npm run build", folder);
    }
    *ret = console;
    console = NULL;
    return true;
}

struct console *console_free(struct console *console)
{
    if (!console)
        return NULL;
    console->folder = store_free(console->folder);
    free(console);
    return NULL;
}

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(path_suffix(path), types[i].suffix) == 0)
            return types[i].content_type;
    return NULL;
}

static bool no_such_file(const char *path, struct error *err)
{
    return error_set(err, ERR_NOT_FOUND, "the console has no file '%.80s'", path);
}

static bool unpack(const struct console_packed *packed, struct arena *arena, struct bytes *ret,
                   struct error *err)
{
    const size_t bytes = (size_t)(packed->gzip_end - packed->gzip);
    uint32_t size;
    memcpy(&size, packed->gzip_end - 4, 4); /* ISIZE, RFC 1952; little-endian as we are */
    if (size > CONSOLE_FILE_MAX_BYTES)
        return error_set(err, ERR_FAILED, "the packed file '%s' is too large", packed->path);
    unsigned char *plain = arena_alloc(arena, (size_t)size + 1);
    if (!plain)
        return error_no_memory(err);
    z_stream stream = {
        .next_in = packed->gzip, .avail_in = (uInt)bytes, .next_out = plain, .avail_out = size};
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return error_no_memory(err);
    int status = inflate(&stream, Z_FINISH);
    (void)inflateEnd(&stream);
    if (status != Z_STREAM_END)
        return error_set(err, ERR_FAILED, "the packed file '%s' is damaged", packed->path);
    *ret = (struct bytes){(const char *)plain, size};
    return true;
}

static bool find_packed(const char *path, enum console_coding coding, struct arena *arena,
                        struct console_file *ret, struct error *err)
{
    const struct console_packed *packed = NULL;
    for (size_t i = 0; i < console_packed_count && !packed; i++)
        if (strcmp(console_packed[i].path, path) == 0)
            packed = &console_packed[i];
    if (!packed)
        return no_such_file(path, err);
    (void)snprintf(ret->etag, sizeof(ret->etag), "%s", packed->etag);
    ret->coding = coding;
    if (coding == CONSOLE_PLAIN)
        return unpack(packed, arena, &ret->bytes, err);
    ret->bytes =
        coding == CONSOLE_BROTLI
            ? (struct bytes){(const char *)packed->brotli, (size_t)(packed->brotli_end - packed->brotli)}
            : (struct bytes){(const char *)packed->gzip, (size_t)(packed->gzip_end - packed->gzip)};
    return true;
}

static bool find_in_folder(struct console *console, const char *path, struct arena *arena,
                           struct console_file *ret, struct error *err)
{
    AUTO_BUFFER(content, CONSOLE_FILE_MAX_BYTES);
    char hex[HASH_HEX_BYTES];
    struct hash hash;
    if (!store_get(console->folder, path, &content, err))
        return err->code == ERR_NOT_FOUND ? no_such_file(path, err) : false;
    char *copy = arena_text_n(arena, content.data, content.size);
    if (!copy)
        return error_no_memory(err);
    hash_start(&hash);
    hash_add(&hash, copy, content.size);
    hash_finish(&hash, hex);
    (void)snprintf(ret->etag, sizeof(ret->etag), "%.32s", hex);
    ret->coding = CONSOLE_PLAIN;
    ret->bytes = (struct bytes){copy, content.size};
    return true;
}

bool console_find(struct console *console, const char *path, enum console_coding coding, struct arena *arena,
                  struct console_file *ret, struct error *err)
{
    struct console_file file = {0};
    struct error ignored;
    if (path_suffix(path)[0] == '\0')
        path = "index.html";
    file.content_type = type_of(path);
    if (!file.content_type || !path_check_key(path, &ignored))
        return no_such_file(path, err);
    if (!(console->folder ? find_in_folder(console, path, arena, &file, err)
                          : find_packed(path, coding, arena, &file, err)))
        return false;
    file.is_immutable = !console->folder && strncmp(path, "assets/", 7) == 0;
    *ret = file;
    return true;
}
