/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include "base/text.h"
#include "model/card.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { VALUE_BYTES = 256, SHOWN_BYTES = 50 };

const char *guess_given_by(const struct guess *guess, const char *field)
{
    yyjson_val *by_flag = yyjson_obj_get(guess->overrides, field);
    yyjson_val *by_file = yyjson_obj_get(guess->card_file, field);
    bool is_labels = guess->has_labels && strcmp(field, "labels") == 0;
    if (is_labels || (by_flag && !yyjson_is_null(by_flag)))
        return "given";
    return by_file && !yyjson_is_null(by_file) ? "given in model.json" : NULL;
}

/* Text that lives as long as what is returned. */
static char *keep(struct guess *guess, const char *text)
{
    char *copy = text ? arena_text(guess->arena, text) : NULL;
    guess->is_full |= text && !copy;
    return copy;
}

/* The same for people's eyes: names in the file may hold anything, and cuts may have split a character. */
static const char *keep_printable(struct guess *guess, const char *text)
{
    char *copy = keep(guess, text);
    if (copy)
        text_make_printable(copy);
    return copy;
}

static void add_row(struct guess *guess, const char *field, const char *value, const char *why)
{
    assert(guess->row_count < GUESS_ROWS_MAX);
    const char *given = guess_given_by(guess, field);
    guess->is_full |= !why;
    guess->rows[guess->row_count++] =
        (struct model_guess){.field = field,
                             .value = keep_printable(guess, value ? value : "none"),
                             .why = keep_printable(guess, given ? given : why),
                             .is_given = given != NULL};
}

void guess_text(struct guess *guess, const char *field, const char **member, const char *value,
                const char *why)
{
    if (!guess_given_by(guess, field))
        *member = keep(guess, value);
    add_row(guess, field, *member, why);
}

void guess_count(struct guess *guess, const char *field, uint64_t *member, uint64_t value, const char *why)
{
    char text[TEXT_NUMBER_BYTES];
    if (!guess_given_by(guess, field))
        *member = value;
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)*member);
    add_row(guess, field, text, why);
}

void guess_number(struct guess *guess, const char *field, double *member, double value, const char *why)
{
    char text[TEXT_NUMBER_BYTES];
    if (!guess_given_by(guess, field))
        *member = value;
    add_row(guess, field, text_of_double(*member, text), why);
}

void guess_list(struct guess *guess, const char *field, struct param_list *member, struct param_list value,
                const char *why)
{
    char text[VALUE_BYTES] = "";
    if (!guess_given_by(guess, field))
        *member = value;
    size_t used = 0, shown = 0;
    for (; shown < member->count && shown < 3; shown++) {
        const char *item = member->items[shown];
        size_t bytes = strlen(item),
               whole = text_utf8_prefix(item, bytes < SHOWN_BYTES ? bytes : SHOWN_BYTES);
        int length = snprintf(text + used, sizeof(text) - used, "%s%.*s%s", shown > 0 ? ", " : "", (int)whole,
                              item, whole < bytes ? "…" : "");
        used += length > 0 ? (size_t)length : 0;
    }
    if (shown < member->count)
        (void)snprintf(text + used, sizeof(text) - used, ", … %zu in all", member->count);
    add_row(guess, field, text, why);
}

bool guess_card(struct guess *guess, struct error *err)
{
    guess->note = guess_file_note(guess->file);
    if (!guess_input(guess, err) || !guess_output(guess, err) || !guess_pixels(guess, err))
        return false;
    guess_resize(guess);
    return !guess->is_full || error_no_memory(err);
}

static bool is_feature(const struct tensor_type *type)
{
    return type->element == ELEMENT_FLOAT32 && (type->dim_count == 2 || type->dim_count == 4);
}

static bool guess_feature(struct guess *guess, struct error *err)
{
    const char *noted = onnx_file_property(guess->file, "embedding");
    const struct onnx_source *source = noted ? onnx_file_source(guess->file, noted) : NULL;
    const char *name = source && source->node ? source->name : NULL, *why = "the file's metadata name it";
    if (!name && guess_given_by(guess, "outputs") && guess->card->outputs.count > 0) {
        name = guess->card->outputs.items[0];
        why = "the first of outputs";
    }
    for (size_t i = 0; !name && i < guess->engine->output_count; i++)
        if (is_feature(&guess->engine->outputs[i].type)) {
            name = guess->engine->outputs[i].name;
            why = "the first output with two or four dimensions";
        }
    guess_text(guess, "embedding", &guess->card->embedding, name, why);
    return guess->card->embedding ||
           error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "no output is float32 with two or four dimensions; name the tensor to read by "
                            "embedding in model.json beside the file");
}

bool guess_extractor(struct guess *guess, struct error *err)
{
    guess->note = guess_file_note(guess->file);
    guess->adapter = adapter_find("classifier");
    if (!guess_input(guess, err) || !guess_feature(guess, err) || !guess_pixels(guess, err))
        return false;
    guess_resize(guess);
    return !guess->is_full || error_no_memory(err);
}

/* ---- labels ---- */

static bool number_labels(size_t classes, struct arena *arena, struct param_list *ret)
{
    ret->items = arena_array(arena, classes + 1, sizeof(char *));
    for (size_t i = 0; ret->items && i < classes; i++)
        if (!(ret->items[i] = arena_printf(arena, "class_%zu", i)))
            return false;
    ret->count = classes;
    return ret->items != NULL;
}

static const char *names_in_metadata(const struct guess *guess, size_t classes, struct param_list *ret)
{
    static const char *const keys[] = {"labels", "names", "classes", "class_names", "id2label", NULL};
    for (const char *const *key = keys; *key; key++) {
        const char *text = onnx_file_property(guess->file, *key);
        if (text && guess_read_names(text, classes, guess->arena, ret))
            return arena_printf(guess->arena, "the file's metadata name them (%s)", *key);
    }
    return NULL;
}

bool guess_labels_before(struct guess *guess, struct error *err)
{
    if (!guess_given_by(guess, "labels"))
        (void)names_in_metadata(guess, GUESS_ANY_COUNT, &guess->card->labels);
    return !guess->is_full || error_no_memory(err);
}

bool guess_labels(struct guess *guess, size_t classes, struct error *err)
{
    struct param_list *labels = &guess->card->labels, found = {0};
    const char *why = "given";
    size_t renamed = 0;
    if (guess_given_by(guess, "labels")) {
        if (labels->count != classes)
            return error_set_detail(
                err, DETAIL_MODEL_UNUSABLE,
                "there are %zu labels, but output '%.100s' has %zu classes; give one per class, "
                "in the order of the output",
                labels->count, guess->card->outputs.items[0], classes);
        found = *labels;
    } else if (!(why = names_in_metadata(guess, classes, &found))) {
        why = "no names were given and the file holds none; give --labels FILE";
        if (!number_labels(classes, guess->arena, &found))
            return error_no_memory(err);
    }
    if (!card_settle_labels(&found, guess->arena, &renamed, err))
        return false;
    *labels = found;
    guess_list(guess, "labels", labels, found, why);
    struct model_guess *row = &guess->rows[guess->row_count - 1];
    if (renamed > 0)
        row->why = arena_printf(guess->arena, "%s; names that occur twice got the class number (%zu)",
                                row->why, renamed);
    return (row->why && !guess->is_full) || error_no_memory(err);
}
