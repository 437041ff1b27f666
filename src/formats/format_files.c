/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "formats/format_parts.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_HASH_DIGITS = 12 };

bool format_is_image(const char *name)
{
    static const char *const suffixes[] = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".gif", ".tif", ".tiff"};
    const char *suffix = path_suffix(path_base(name));
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (path_base(name)[0] != '.' && text_equal_ignoring_case(suffix, suffixes[i]))
            return true;
    return false;
}

bool format_source(const char *folder, const char *name, struct arena *arena, const char **ret,
                   struct error *err)
{
    char *full = NULL;
    if (strstr(name, "://")) {
        *ret = arena_text(arena, name);
        return *ret || error_no_memory(err);
    }
    const char *joined = name[0] == '/' ? name : path_join(arena, folder, name);
    if (!joined)
        return error_no_memory(err);
    if (!path_absolute(arena, joined, &full, err))
        return false;
    *ret = manifest_source_encode(arena, full);
    return *ret || error_no_memory(err);
}

bool format_absolute(const char *folder, const char *source, struct arena *arena, const char **ret,
                     struct error *err)
{
    char *full = NULL;
    if (source[0] == '/' || strstr(source, "://")) {
        *ret = arena_text(arena, source);
        return *ret || error_no_memory(err);
    }
    const char *joined = path_join(arena, folder, source);
    if (!joined)
        return error_no_memory(err);
    if (!path_absolute(arena, joined, &full, err))
        return false;
    *ret = full;
    return true;
}

const char *format_usage_folder(const struct format_writing *writing, const char *folder,
                                const struct format_item *item, struct arena *arena)
{
    const char *word = writing->is_tree ? format_word_of_usage(item->sample.usage) : NULL;
    if (!word)
        return folder;
    return folder[0] ? path_join(arena, folder, word) : word;
}

char *format_beside(struct arena *arena, const char *name, const char *suffix)
{
    size_t stem = strlen(name) - strlen(path_suffix(path_base(name)));
    return arena_printf(arena, "%.*s%s", (int)stem, name, suffix);
}

static struct bytes without_mark(struct bytes text)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    bool has_mark = text.size >= sizeof(mark) && memcmp(text.data, mark, sizeof(mark)) == 0;
    size_t skipped = has_mark ? sizeof(mark) : 0;
    return (struct bytes){(const char *)text.data + skipped, text.size - skipped};
}

bool format_get(struct store *store, const char *key, struct buffer *file, struct bytes *ret,
                struct error *err)
{
    if (!store_get(store, key, file, err))
        return false;
    *ret = file->size > 0 ? without_mark((struct bytes){file->data, file->size}) : (struct bytes){"", 0};
    return true;
}

bool format_next_line(struct bytes *text, struct bytes *ret_line)
{
    if (text->size == 0)
        return false;
    const char *start = text->data, *end = memchr(start, '\n', text->size);
    size_t length = end ? (size_t)(end - start) : text->size, taken = end ? length + 1 : length;
    *text = (struct bytes){start + taken, text->size - taken};
    while (length > 0 && strchr(" \t\r", start[length - 1]) && start[length - 1] != '\0')
        length--;
    *ret_line = (struct bytes){start, length};
    return true;
}

/* ---- placing images ---- */

static bool is_free(const struct format_writing *writing, const char *key, bool *ret, struct error *err)
{
    bool is_there = false;
    if (key && !store_exists(writing->into, key, &is_there, err))
        return false;
    *ret = *ret && !is_there;
    return true;
}

/* The image's own name, fit for lists and folders. */
static bool plain_name(const struct format_item *item, struct arena *arena, char **ret, struct error *err)
{
    char *path = NULL;
    if (!manifest_source_decode(arena, item->sample.source, &path, err))
        return false;
    char *name = arena_text(arena, path_base(path));
    if (!name)
        return error_no_memory(err);
    text_make_printable(name);
    for (char *at = name; *at; at++)
        if (strchr("?\\,;\"'", *at))
            *at = '_';
    if (name[0] == '.' || name[0] == '\0')
        name = arena_printf(arena, "image%s", name);
    *ret = name;
    return name || error_no_memory(err);
}

static char *in_folder(struct arena *arena, const char *folder, const char *name)
{
    return folder[0] ? path_join(arena, folder, name) : arena_text(arena, name);
}

static bool make_keys(const struct format_naming *naming, const char *name, struct arena *arena,
                      struct format_keys *ret, struct error *err)
{
    const char *stem = naming->beside ? format_beside(arena, name, naming->suffix) : NULL;
    ret->image = in_folder(arena, naming->images, name);
    ret->beside = stem ? in_folder(arena, naming->beside, stem) : NULL;
    return (ret->image && (ret->beside || !naming->beside)) || error_no_memory(err);
}

static bool are_free(const struct format_writing *writing, const struct format_keys *keys, bool *ret,
                     struct error *err)
{
    *ret = true;
    return is_free(writing, writing->place ? keys->image : NULL, ret, err) &&
           is_free(writing, keys->beside, ret, err);
}

/* Of an image whose name another has: with a part of its source's hash. */
static char *other_name(const struct format_item *item, const char *name, struct arena *arena)
{
    char hash[HASH_HEX_BYTES];
    size_t stem = strlen(name) - strlen(path_suffix(name));
    hash_of((struct bytes){item->sample.source, strlen(item->sample.source)}, hash);
    return arena_printf(arena, "%.*s-%.*s%s", (int)stem, name, NAME_HASH_DIGITS, hash, path_suffix(name));
}

bool format_place_image(const struct format_writing *writing, const struct format_item *item,
                        const struct format_naming *naming, struct arena *arena, struct format_keys *ret,
                        struct error *err)
{
    char *name = NULL;
    struct format_keys keys;
    bool is_new = false;
    if (!plain_name(item, arena, &name, err) || !make_keys(naming, name, arena, &keys, err) ||
        !are_free(writing, &keys, &is_new, err))
        return false;
    if (!is_new) {
        name = other_name(item, name, arena);
        if (!name)
            return error_no_memory(err);
        if (!make_keys(naming, name, arena, &keys, err) || !are_free(writing, &keys, &is_new, err))
            return false;
        if (!is_new)
            return error_set(err, ERR_CONFLICT, "two samples want the name %s", name);
    }
    if (!writing->place)
        keys.image = item->sample.source;
    else if (!writing->place(writing->state, item, keys.image, err))
        return false;
    *ret = keys;
    return true;
}

/* ---- files ---- */

bool format_file_open(const struct roots *roots, const char *path, struct format_file *ret, struct error *err)
{
    *ret = (struct format_file){0};
    return store_open_within(roots, "/", false, &ret->store, err) && roots_check(roots, path, err) &&
           store_read_start(ret->store, path + 1, &ret->reader, err);
}

void format_file_release(struct format_file *file)
{
    file->reader = store_reader_free(file->reader);
    file->store = store_free(file->store);
}

bool format_file_feed(void *reader, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    return store_read_some(reader, into, capacity, ret_bytes, err);
}

bool format_find_file(const struct format_reading *reading, const char *suffix, struct arena *arena,
                      const char **ret, struct error *err)
{
    struct format_look look;
    if (!format_look_at(reading->roots, reading->path, arena, &look, err))
        return false;
    const char *name = look.is_folder ? format_look_suffix(&look, suffix) : NULL;
    if (look.is_folder && !name)
        return error_set_detail(err, DETAIL_PATH_NOT_FOUND, "there is no file *%s in %s", suffix,
                                reading->path);
    *ret = look.is_folder ? path_join(arena, reading->path, name) : reading->path;
    return *ret || error_no_memory(err);
}

bool format_read_one_file(const struct format_reading *reading, const char *suffix,
                          format_stream_reader *read, struct format_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FORMAT_OWN_ARENA_BYTES);
    struct format_names names = {0};
    struct format_file file = {0};
    if (!arena)
        return error_no_memory(err);
    if (!format_find_file(reading, suffix, arena, &names.file, err))
        return false;
    names.images = reading->images ? reading->images : path_folder(arena, names.file);
    if (!names.images)
        return error_no_memory(err);
    bool is_done =
        format_file_open(reading->roots, names.file, &file, err) &&
        (read(format_file_feed, file.reader, reading, &names, sink, err) || format_bad_file(names.file, err));
    format_file_release(&file);
    return is_done;
}

bool format_bad_file(const char *path, struct error *err)
{
    struct error cause = *err;
    if (cause.code != ERR_LIMIT && cause.code != ERR_INVALID)
        return false;
    return error_set_detail(err, DETAIL_BAD_MANIFEST, "%s: %s", path, cause.message);
}

char format_first_byte(struct bytes start)
{
    struct bytes text = without_mark(start);
    const char *at = text.data;
    for (size_t i = 0; i < text.size; i++)
        if (at[i] == '\0' || !strchr(" \t\r\n", at[i]))
            return at[i];
    return 0;
}

bool format_holds_text(struct bytes bytes, const char *text)
{
    return bytes.size > 0 && memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

/* ---- writing in pieces ---- */

bool format_out_open(struct store *into, const char *key, struct format_out *ret, struct error *err)
{
    *ret = (struct format_out){0};
    buffer_init(&ret->piece, FORMAT_PIECE_MAX_BYTES);
    return store_write_start(into, key, &ret->file, err);
}

static bool flush(struct format_out *out, struct error *err)
{
    const struct bytes piece = {out->piece.data, out->piece.size};
    if (!buffer_check(&out->piece, "what is written of one image", err) ||
        (piece.size > 0 && !store_write_add(out->file, piece, err)))
        return false;
    buffer_clear(&out->piece);
    return true;
}

bool format_out_check(struct format_out *out, struct error *err)
{
    bool is_due = out->piece.size >= FORMAT_FLUSH_BYTES || out->piece.is_full;
    return !is_due || flush(out, err);
}

bool format_out_finish(struct format_out *out, struct error *err)
{
    return flush(out, err) && store_write_finish(out->file, err);
}

void format_out_release(struct format_out *out)
{
    out->file = store_writer_free(out->file);
    buffer_release(&out->piece);
}

bool format_file_begin(const struct format_writing *writing, const char *key, struct format_file_writer **ret,
                       struct error *err)
{
    struct format_file_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->writing = *writing;
    if (!format_out_open(writing->into, key, &writer->out, err)) {
        format_file_free(writer);
        return false;
    }
    *ret = writer;
    return true;
}

bool format_file_finish(void *state, struct error *err)
{
    struct format_file_writer *writer = state;
    return format_out_finish(&writer->out, err);
}

void format_file_free(void *state)
{
    struct format_file_writer *writer = state;
    if (writer)
        format_out_release(&writer->out);
    free(writer);
}
