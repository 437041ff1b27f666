/* SPDX-License-Identifier: Apache-2.0 */
#include "given/json_entries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { END = -1 };

bool json_entries_start(struct json_entries *entries, manifest_feed *feed, void *state, size_t limit,
                        struct error *err)
{
    *entries = (struct json_entries){.feed = feed, .state = state, .chunk = malloc(ENTRIES_CHUNK_BYTES)};
    buffer_init(&entries->entry, limit);
    return entries->chunk || error_no_memory(err);
}

void json_entries_release(struct json_entries *entries)
{
    free(entries->chunk);
    entries->chunk = NULL;
    buffer_release(&entries->entry);
}

/* The next byte, which stays; END when there is none. */
static bool peek(struct json_entries *entries, int *ret, struct error *err)
{
    if (entries->at == entries->end) {
        entries->at = entries->end = 0;
        if (!entries->feed(entries->state, entries->chunk, ENTRIES_CHUNK_BYTES, &entries->end, err))
            return false;
    }
    *ret = entries->end > 0 ? (unsigned char)entries->chunk[entries->at] : END;
    return true;
}

static bool peek_past_blanks(struct json_entries *entries, int *ret, struct error *err)
{
    for (;;) {
        if (!peek(entries, ret, err))
            return false;
        if (*ret == END || !strchr(" \t\r\n", *ret) || *ret == '\0')
            return true;
        entries->at++;
    }
}

static bool cut_off(const struct json_entries *entries, struct error *err)
{
    return error_set(err, ERR_INVALID, "it ends within the list, after %" PRIu64 " entries: it is cut off",
                     entries->number);
}

static bool open_list(struct json_entries *entries, struct error *err)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    int next = 0;
    for (size_t i = 0; i < sizeof(mark); i++) {
        if (!peek(entries, &next, err))
            return false;
        if (next != mark[i])
            break;
        entries->at++;
    }
    if (!peek_past_blanks(entries, &next, err))
        return false;
    if (next != '[')
        return error_set(err, ERR_INVALID, "it is no list: '[' must come first");
    entries->at++;
    entries->is_open = true;
    return true;
}

/* Moves to the first byte of the next entry. */
static bool find_entry(struct json_entries *entries, struct error *err)
{
    int next = 0;
    if (!peek_past_blanks(entries, &next, err))
        return false;
    if (next == ',' && entries->number > 0) {
        entries->at++;
        if (!peek_past_blanks(entries, &next, err))
            return false;
    } else if (next == ']') {
        entries->at++;
        entries->is_over = true;
        return (peek_past_blanks(entries, &next, err)) &&
               (next == END || error_set(err, ERR_INVALID, "something follows the end of the list"));
    } else if (entries->number > 0 && next != END) {
        return error_set(err, ERR_INVALID, "after entry %" PRIu64 " a ',' or ']' must come", entries->number);
    }
    if (next == END)
        return cut_off(entries, err);
    return next == '{' || error_set(err, ERR_INVALID, "entry %" PRIu64 " is no object", entries->number + 1);
}

struct nesting {
    unsigned depth;
    bool is_text, is_escaped;
};

/* True at the byte that closes the entry. */
static bool step(struct nesting *nesting, char byte)
{
    if (nesting->is_text) {
        bool ends = byte == '"' && !nesting->is_escaped;
        nesting->is_escaped = byte == '\\' && !nesting->is_escaped;
        nesting->is_text = !ends;
        return false;
    }
    nesting->is_text = byte == '"';
    nesting->depth += byte == '{' || byte == '[';
    nesting->depth -= byte == '}' || byte == ']';
    return nesting->depth == 0;
}

/* Takes what the chunk has of the entry. */
static bool take_piece(struct json_entries *entries, struct nesting *nesting, bool *ret_is_whole,
                       struct error *err)
{
    size_t first = entries->at;
    *ret_is_whole = false;
    while (!*ret_is_whole && entries->at < entries->end)
        *ret_is_whole = step(nesting, entries->chunk[entries->at++]);
    if (buffer_add(&entries->entry, entries->chunk + first, entries->at - first))
        return true;
    return error_set(err, ERR_LIMIT, "entry %" PRIu64 " is longer than %zu bytes", entries->number + 1,
                     entries->entry.limit);
}

bool json_entries_next(struct json_entries *entries, bool *ret_is_end, struct error *err)
{
    struct nesting nesting = {0};
    buffer_clear(&entries->entry);
    if (!entries->is_over && ((!entries->is_open && !open_list(entries, err)) || !find_entry(entries, err)))
        return false;
    *ret_is_end = entries->is_over;
    for (bool is_whole = entries->is_over; !is_whole;) {
        int next = 0;
        if (!peek(entries, &next, err))
            return false;
        if (next == END)
            return cut_off(entries, err);
        if (!take_piece(entries, &nesting, &is_whole, err))
            return false;
    }
    entries->number += !entries->is_over;
    return true;
}
