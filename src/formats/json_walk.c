/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/json_walk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { END = -1, SEEN_MAX = 8 };

struct walk {
    manifest_feed *feed;
    void *state;
    const struct json_walker *walker;
    char *chunk;
    size_t at, end;
    struct buffer value; /* an entry, or a name */
    char name[WALK_NAME_MAX_BYTES];
    char seen[SEEN_MAX][WALK_NAME_MAX_BYTES]; /* wanted members */
    size_t seen_count;
};

/* The next byte, which stays; END when there is none. */
static bool peek(struct walk *walk, int *ret, struct error *err)
{
    if (walk->at == walk->end) {
        walk->at = walk->end = 0;
        if (!walk->feed(walk->state, walk->chunk, WALK_CHUNK_BYTES, &walk->end, err))
            return false;
    }
    *ret = walk->end > 0 ? (unsigned char)walk->chunk[walk->at] : END;
    return true;
}

static bool peek_past_blanks(struct walk *walk, int *ret, struct error *err)
{
    for (;;) {
        if (!peek(walk, ret, err))
            return false;
        if (*ret == END || *ret == '\0' || !strchr(" \t\r\n", *ret))
            return true;
        walk->at++;
    }
}

static bool expect(struct walk *walk, char wanted, const char *where, struct error *err)
{
    int next = 0;
    if (!peek_past_blanks(walk, &next, err))
        return false;
    if (next != wanted)
        return next == END ? error_set(err, ERR_INVALID, "it is cut off %s", where)
                           : error_set(err, ERR_INVALID, "a '%c' must come %s", wanted, where);
    walk->at++;
    return true;
}

struct nesting {
    unsigned depth;
    bool is_text, is_escaped;
};

/* True when the value goes on after this byte; an end that is not its own (',' or a bracket) stops before. */
static bool goes_on(struct nesting *nesting, char byte)
{
    if (nesting->is_text) {
        bool ends = byte == '"' && !nesting->is_escaped;
        nesting->is_escaped = byte == '\\' && !nesting->is_escaped;
        nesting->is_text = !ends;
        return true;
    }
    bool closes = byte == '}' || byte == ']';
    if (nesting->depth == 0 && (closes || byte == ',' || byte == ':' || strchr(" \t\r\n", byte)))
        return false;
    nesting->is_text = byte == '"';
    nesting->depth += byte == '{' || byte == '[';
    nesting->depth -= closes;
    return true;
}

/* Reads over one value; `is_kept`: into walk->value. */
static bool take_value(struct walk *walk, bool is_kept, struct error *err)
{
    struct nesting nesting = {0};
    int next = 0;
    buffer_clear(&walk->value);
    if (!peek_past_blanks(walk, &next, err))
        return false;
    for (;;) {
        if (!peek(walk, &next, err))
            return false;
        if (next == END)
            return nesting.depth == 0 && !nesting.is_text
                       ? true
                       : error_set(err, ERR_INVALID, "it is cut off within a value");
        size_t first = walk->at;
        bool is_going = true;
        while (is_going && walk->at < walk->end) {
            is_going = goes_on(&nesting, walk->chunk[walk->at]);
            walk->at += is_going;
        }
        if (is_kept && !buffer_add(&walk->value, walk->chunk + first, walk->at - first))
            return error_set(err, ERR_LIMIT, "an entry is longer than %d bytes", WALK_ENTRY_MAX_BYTES);
        if (!is_going)
            return true;
    }
}

static bool parse_value(struct walk *walk, yyjson_doc **ret, struct error *err)
{
    return take_value(walk, true, err) &&
           json_parse((struct bytes){walk->value.size ? walk->value.data : "", walk->value.size}, "a value",
                      ret, err);
}

/* '[' was seen. */
static bool walk_entries(struct walk *walk, struct error *err)
{
    int next = 0;
    if (!expect(walk, '[', "at the start of a list", err) || !peek_past_blanks(walk, &next, err))
        return false;
    if (next == ']') {
        walk->at++;
        return true;
    }
    for (uint64_t number = 1;; number++) {
        AUTO_JSON doc = NULL;
        if (!parse_value(walk, &doc, err))
            return error_wrap(err, "%.60s, entry %" PRIu64, walk->name, number);
        if (!walk->walker->entry(walk->walker->state, walk->name, number, yyjson_doc_get_root(doc), err))
            return false;
        if (!peek_past_blanks(walk, &next, err))
            return false;
        walk->at += next != END;
        if (next == ']')
            return true;
        if (next != ',')
            return error_set(err, ERR_INVALID, "%.60s: after entry %" PRIu64 " a ',' or ']' must come",
                             walk->name, number);
    }
}

static bool note_member(struct walk *walk, struct error *err)
{
    for (size_t i = 0; i < walk->seen_count; i++)
        if (strcmp(walk->seen[i], walk->name) == 0)
            return error_set(err, ERR_INVALID, "\"%.60s\" is there twice", walk->name);
    if (walk->seen_count == SEEN_MAX)
        return error_set(err, ERR_LIMIT, "more than %d lists", SEEN_MAX);
    memcpy(walk->seen[walk->seen_count++], walk->name, sizeof(walk->name));
    return true;
}

static bool walk_member(struct walk *walk, struct error *err)
{
    AUTO_JSON name = NULL;
    int next = 0;
    if (!parse_value(walk, &name, err))
        return false;
    const char *text = yyjson_get_str(yyjson_doc_get_root(name));
    if (!text)
        return error_set(err, ERR_INVALID, "the name of a member must come");
    if (strlen(text) >= sizeof(walk->name))
        return error_set(err, ERR_LIMIT, "the name of a member is longer than %d bytes", WALK_NAME_MAX_BYTES);
    memcpy(walk->name, text, strlen(text) + 1);
    if (!expect(walk, ':', "after the name of a member", err) || !peek_past_blanks(walk, &next, err))
        return false;
    if (!walk->walker->wants(walk->walker->state, walk->name))
        return take_value(walk, false, err);
    return note_member(walk, err) && walk_entries(walk, err);
}

static bool skip_mark(struct walk *walk, struct error *err)
{
    static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};
    int next = 0;
    for (size_t i = 0; i < sizeof(mark); i++) {
        if (!peek(walk, &next, err))
            return false;
        if (next != mark[i])
            return true;
        walk->at++;
    }
    return true;
}

static bool walk_object(struct walk *walk, struct error *err)
{
    int next = 0;
    if (!skip_mark(walk, err) || !expect(walk, '{', "first", err) || !peek_past_blanks(walk, &next, err))
        return false;
    while (next != '}') {
        if (!walk_member(walk, err) || !peek_past_blanks(walk, &next, err))
            return false;
        if (next != ',' && next != '}')
            return error_set(err, ERR_INVALID, "after \"%.60s\" a ',' or '}' must come", walk->name);
        walk->at += next == ',';
    }
    walk->at++;
    return peek_past_blanks(walk, &next, err) &&
           (next == END || error_set(err, ERR_INVALID, "something follows the end of the object"));
}

bool json_walk(manifest_feed *feed, void *state, const struct json_walker *walker, struct error *err)
{
    struct walk *walk = calloc(1, sizeof(*walk));
    if (!walk)
        return error_no_memory(err);
    walk->feed = feed;
    walk->state = state;
    walk->walker = walker;
    walk->chunk = malloc(WALK_CHUNK_BYTES);
    buffer_init(&walk->value, WALK_ENTRY_MAX_BYTES);
    bool is_done = walk->chunk ? walk_object(walk, err) : error_no_memory(err);
    buffer_release(&walk->value);
    free(walk->chunk);
    free(walk);
    return is_done;
}
