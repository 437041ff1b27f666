/* SPDX-License-Identifier: Apache-2.0 */
/* Settings from outside. What a table of params accepts, as JSON or as "name=text", reads back the same from
 * the JSON that is written from it. */
#include "fuzz_target.h"

#include "base/params.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, WRITTEN_MAX_BYTES = 64 * 1024 * 1024, INPUT_MAX_BYTES = 1024 * 1024 };

struct inner {
    double weight;
    const char *note;
};
static const struct param_spec inner_params[] = {
    PARAM(struct inner, weight, .type = PARAM_NUMBER, .fallback = 0.5, .min = 0, .max = 1,
          .help = "how much"),
    PARAM(struct inner, note, .type = PARAM_TEXT, .max = 20, .help = "a few words"),
    PARAM_END,
};

struct options {
    const char *name, *colour;
    double score;
    uint64_t top_n, seed;
    bool is_fast;
    struct param_list items;
    struct inner inner;
};
static const char *const colours[] = {"red", "green", "blue", NULL};
static const struct param_spec specs[] = {
    PARAM(struct options, name, .type = PARAM_TEXT, .help = "its name"),
    PARAM(struct options, colour, .type = PARAM_CHOICE, .choices = colours, .fallback_text = "green",
          .help = "colour"),
    PARAM(struct options, score, .type = PARAM_NUMBER, .fallback = 1.5, .min = -1e9, .max = 1e9,
          .help = "a score"),
    PARAM(struct options, top_n, .type = PARAM_COUNT, .fallback = 3, .min = 1, .max = 9, .help = "how many"),
    PARAM(struct options, seed, .type = PARAM_COUNT, .min = 0, .max = 1e18, .help = "any number"),
    PARAM(struct options, is_fast, .type = PARAM_BOOL, .fallback = 1, .help = "be quick"),
    PARAM(struct options, items, .type = PARAM_LIST, .help = "things"),
    PARAM_TABLE(struct options, inner, inner_params),
    PARAM_END,
};

static void write_options(const struct options *options, struct buffer *into)
{
    struct error err;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    params_write_json(specs, options, doc, root);
    bool is_written = json_write(doc, false, into, &err);
    assert(is_written);
}

static void read_back(const struct options *options, struct arena *arena)
{
    struct error err;
    struct options again;
    AUTO_BUFFER(first, WRITTEN_MAX_BYTES);
    AUTO_BUFFER(second, WRITTEN_MAX_BYTES);
    AUTO_JSON doc = NULL;
    write_options(options, &first);
    bool is_read = json_parse((struct bytes){first.data, first.size}, "what was written", &doc, &err) &&
                   params_read_json(specs, &again, yyjson_doc_get_root(doc), arena, &err);
    assert(is_read);
    assert(again.score == options->score && again.seed == options->seed && again.top_n == options->top_n);
    assert(again.is_fast == options->is_fast && again.colour == options->colour);
    write_options(&again, &second);
    assert(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
}

/* "name=text" */
static bool read_text(char *text, struct options *options, struct arena *arena, struct error *err)
{
    char *equals = strchr(text, '=');
    params_defaults(specs, options);
    if (!equals)
        return false;
    *equals = '\0';
    const struct param_spec *spec = params_find(specs, text);
    bool is_included = params_find(inner_params, text) != NULL; /* its offset is of another struct */
    return spec && !is_included && params_set_text(spec, options, equals + 1, arena, err);
}

static bool read_json(struct bytes bytes, struct options *options, struct arena *arena, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse(bytes, "the input", &doc, err))
        return false;
    bool is_read = params_read_json(specs, options, yyjson_doc_get_root(doc), arena, err);
    assert(is_read || err->detail == DETAIL_INVALID_ARGUMENT || err->code == ERR_NO_MEMORY);
    return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    struct options options;
    struct error err = {.code = ERR_NONE};
    char *text = size <= INPUT_MAX_BYTES ? arena_text_n(arena, (const char *)data, size) : NULL;
    if (!text)
        return 0;
    bool is_read = read_json((struct bytes){data, size}, &options, arena, &err) ||
                   read_text(text, &options, arena, &err);
    if (is_read)
        read_back(&options, arena);
    assert(text_is_utf8(err.message, strlen(err.message)) && !strchr(err.message, '\n'));
    assert(text_is_utf8(err.pointer, strlen(err.pointer)));
    return 0;
}
