/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOKEN_BYTES = 128, NOTE_MAX_BYTES = 4096 };

static const struct guess_values plain_values = {1, {0, 0, 0}, {1, 1, 1}};

/* ---- the note on preprocessing ---- */

/* Bytes of the number at the start: sign, digits, point, exponent. */
static size_t number_bytes(const char *text)
{
    size_t bytes = *text == '-' || *text == '+';
    bytes += strspn(text + bytes, "0123456789.");
    if (text[bytes] != 'e' && text[bytes] != 'E')
        return bytes;
    size_t exponent = bytes + 1;
    exponent += text[exponent] == '-' || text[exponent] == '+';
    size_t digits = strspn(text + exponent, "0123456789");
    return digits > 0 ? exponent + digits : bytes;
}

/* A number at *at, which moves behind it. */
static bool take_number(const char **at, double *ret)
{
    char text[TEXT_NUMBER_BYTES];
    struct error ignored = {0};
    size_t bytes = number_bytes(*at);
    if (bytes == 0 || bytes >= sizeof(text))
        return false;
    memcpy(text, *at, bytes);
    text[bytes] = '\0';
    *at += bytes;
    return text_to_double(text, "a number", -1e9, 1e9, ret, &ignored);
}

static bool take(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* "x", "x/255", "x-127.5", "(x-127.5)/127.5", "x/127.5-1" */
static bool read_formula(const char *token, struct guess_values *ret)
{
    double divisor = 1, first = 0, last = 0;
    const char *at = token;
    bool is_grouped = take(&at, '(');
    if (!take(&at, 'x') || (take(&at, '-') && !take_number(&at, &first)) || (is_grouped && !take(&at, ')')) ||
        (take(&at, '/') && !take_number(&at, &divisor)) || (take(&at, '-') && !take_number(&at, &last)))
        return false;
    bool is_plain = last == 0 || first == 0; /* one subtraction is enough */
    if (*at != '\0' || !is_plain || !(fabs(divisor) >= 1e-6))
        return false;
    *ret = plain_values;
    for (int i = 0; i < PREPROCESS_CHANNELS_MAX; i++) {
        ret->mean[i] = first != 0 ? first : last;
        ret->std[i] = first != 0 ? divisor : 1;
    }
    ret->scale = first != 0 ? 1 : 1 / divisor;
    return true;
}

/* "[0.485,0.456,0.406]" or "0.5" */
static bool read_channels(const char *text, double ret[PREPROCESS_CHANNELS_MAX])
{
    const char *at = text;
    double values[PREPROCESS_CHANNELS_MAX];
    size_t count = 0;
    bool is_list = take(&at, '[') || take(&at, '(');
    do {
        if (count == PREPROCESS_CHANNELS_MAX || !take_number(&at, &values[count]))
            return false;
        count++;
    } while (is_list && take(&at, ','));
    if (is_list && !take(&at, ']') && !take(&at, ')'))
        return false;
    if (*at != '\0' || (count != 1 && count != PREPROCESS_CHANNELS_MAX))
        return false;
    for (size_t i = 0; i < PREPROCESS_CHANNELS_MAX; i++)
        ret[i] = values[count == 1 ? 0 : i];
    return true;
}

struct word {
    const char *word, *meaning;
};

static const char *find_word(const struct word *words, const char *token)
{
    for (; words->word; words++)
        if (text_equal_ignoring_case(words->word, token))
            return words->meaning;
    return NULL;
}

static bool read_word(const char *token, struct guess_note *note)
{
    static const struct word layouts[] = {{"nchw", "nchw"}, {"nhwc", "nhwc"}, {NULL, NULL}};
    static const struct word colors[] = {{"rgb", "rgb"},   {"bgr", "bgr"},        {"gray", "gray"},
                                         {"grey", "gray"}, {"grayscale", "gray"}, {NULL, NULL}};
    static const struct word resizes[] = {
        {"squash", "squash"}, {"center_crop", "center_crop"}, {"letterbox", "letterbox"}, {NULL, NULL}};
    const char *layout = find_word(layouts, token), *color = find_word(colors, token);
    const char *resize = find_word(resizes, token);
    note->layout = layout ? layout : note->layout;
    note->color = color ? color : note->color;
    note->resize = resize ? resize : note->resize;
    return layout || color || resize;
}

/* "224x224": width, height. */
static bool read_size(const char *token, struct guess_note *note)
{
    double width = 0, height = 0;
    const char *at = token;
    if (strspn(token, "0123456789") == 0 || !take_number(&at, &width) ||
        (!take(&at, 'x') && !take(&at, 'X')) || !take_number(&at, &height) || *at != '\0')
        return false;
    bool is_usable =
        width >= 1 && height >= 1 && width <= PREPROCESS_SIDE_MAX_PX && height <= PREPROCESS_SIDE_MAX_PX;
    note->width = is_usable ? (uint64_t)width : 0;
    note->height = is_usable ? (uint64_t)height : 0;
    return true;
}

static void read_assignment(const char *token, struct guess_note *note)
{
    static const char crop[] = "center_crop=";
    double fraction = 0;
    const char *at = token + sizeof(crop) - 1;
    if (text_starts_with(token, "mean="))
        (void)read_channels(token + strlen("mean="), note->values.mean);
    else if (text_starts_with(token, "std="))
        (void)read_channels(token + strlen("std="), note->values.std);
    else if (text_starts_with(token, crop) && take_number(&at, &fraction) && *at == '\0' && fraction >= 0.1 &&
             fraction <= 1) {
        note->resize = "center_crop";
        note->crop_fraction = fraction;
    }
}

static void read_token(const char *token, struct guess_note *note)
{
    struct guess_values values;
    if (read_word(token, note) || read_size(token, note))
        return;
    if (read_formula(token, &values)) {
        note->values = values;
        note->has_values = true;
        return;
    }
    read_assignment(token, note);
}

/* Bytes up to the next comma outside brackets. */
static size_t token_bytes(const char *text)
{
    int depth = 0;
    size_t bytes = 0;
    for (; text[bytes] && (depth > 0 || !strchr(",;", text[bytes])); bytes++)
        depth += (strchr("[(", text[bytes]) != NULL) - (strchr("])", text[bytes]) != NULL);
    return bytes;
}

void guess_read_note(const char *text, struct guess_note *ret)
{
    *ret = (struct guess_note){.said_by = "the file's metadata (preprocess)", .values = plain_values};
    if (strlen(text) > NOTE_MAX_BYTES)
        return;
    while (*text) {
        char token[TOKEN_BYTES];
        size_t bytes = token_bytes(text), used = 0;
        for (size_t i = 0; i < bytes && used + 1 < sizeof(token); i++)
            if (!strchr(" \t\r\n", text[i]))
                token[used++] = text[i];
        token[used] = '\0';
        read_token(token, ret);
        text += bytes + (text[bytes] != '\0');
    }
}

/* ---- what Ultralytics' exports tell ---- */

/* "[480, 640]": height, width; or one number for both. */
static void read_imgsz(const char *text, struct guess_note *note)
{
    double height = 0, width = 0;
    const char *at = text;
    bool is_list = take(&at, '[');
    bool is_read = take_number(&at, &height);
    width = height;
    if (is_read && is_list && take(&at, ',')) {
        at += strspn(at, " ");
        is_read = take_number(&at, &width);
    }
    if (!is_read || !(width >= 1 && height >= 1) || width > PREPROCESS_SIDE_MAX_PX ||
        height > PREPROCESS_SIDE_MAX_PX)
        return;
    note->width = (uint64_t)width;
    note->height = (uint64_t)height;
}

/* Their detectors' own letterbox is left to the adapter's convention: RT-DETR's is another. */
static void read_ultralytics(const struct onnx_file *file, struct guess_note *note)
{
    const char *imgsz = onnx_file_property(file, "imgsz"), *stride = onnx_file_property(file, "stride");
    const char *task = onnx_file_property(file, "task");
    double stride_px = 0;
    if (imgsz)
        read_imgsz(imgsz, note);
    if (stride && take_number(&stride, &stride_px) && stride_px >= 1 && stride_px <= GUESS_STRIDE_MAX_PX)
        note->stride = (uint64_t)stride_px;
    note->said_by = "the file's metadata (Ultralytics)";
    note->color = "rgb";
    note->has_values = true;
    note->values.scale = 1.0 / 255;
    if (task && strcmp(task, "classify") == 0) {
        note->resize = "center_crop";
        note->crop_fraction = 1;
    }
}

struct guess_note guess_file_note(const struct onnx_file *file)
{
    struct guess_note note;
    const char *author = onnx_file_property(file, "author");
    const char *text = onnx_file_property(file, "preprocess");
    if (!text)
        text = onnx_file_property(file, "preprocessing");
    guess_read_note(text ? text : "", &note);
    if (!text && author && text_equal_ignoring_case(author, "Ultralytics"))
        read_ultralytics(file, &note);
    return note;
}

/* ---- class names ---- */

struct names {
    struct arena *arena;
    size_t classes;
    struct param_list *list; /* items NULL where no name came yet */
};

static bool set_name(struct names *names, size_t index, const char *text, size_t bytes)
{
    if (index >= names->classes || names->list->items[index] || bytes == 0)
        return false;
    names->list->items[index] = arena_text_n(names->arena, text, bytes);
    names->list->count++;
    return names->list->items[index] != NULL;
}

static void skip_blanks(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

/* 'text' or "text"; a backslash keeps the next character. The bytes lie in the arena. */
static bool take_quoted(const char **at, struct arena *arena, const char **ret, size_t *ret_bytes)
{
    char quote = **at;
    if (quote != '"' && quote != '\'')
        return false;
    const char *from = *at + 1;
    size_t length = 0, used = 0;
    while (from[length] && from[length] != quote)
        length += from[length] == '\\' && from[length + 1] ? 2 : 1;
    char *text = from[length] == quote ? arena_alloc(arena, length + 1) : NULL;
    for (size_t i = 0; text && i < length; i++) {
        if (from[i] == '\\' && from[i + 1] == 'u')
            return false; /* not worth a decoder: the file's names are then not used */
        i += from[i] == '\\';
        text[used++] = from[i];
    }
    *at = from + length + 1;
    *ret = text;
    *ret_bytes = used;
    return text != NULL;
}

/* The key of a dictionary and its colon: 0: or "0": */
static bool take_index(const char **at, size_t *ret)
{
    const char *quote = **at == '"' || **at == '\'' ? *at : NULL;
    const char *digits = *at + (quote != NULL);
    size_t bytes = strspn(digits, "0123456789");
    if (bytes == 0 || bytes > 6 || (quote && digits[bytes] != *quote))
        return false;
    *ret = strtoul(digits, NULL, 10);
    *at = digits + bytes + (quote != NULL);
    skip_blanks(at);
    return take(at, ':');
}

static bool read_literal(const char *at, struct names *names)
{
    bool is_dictionary = *at == '{';
    for (size_t i = 0;; i++) {
        const char *text = NULL;
        size_t bytes = 0, index = i;
        at++; /* the bracket, or a comma */
        skip_blanks(&at);
        if (is_dictionary && !take_index(&at, &index))
            return false;
        skip_blanks(&at);
        if (!take_quoted(&at, names->arena, &text, &bytes) || !set_name(names, index, text, bytes))
            return false;
        skip_blanks(&at);
        if (*at != ',')
            return *at == (is_dictionary ? '}' : ']');
    }
}

static bool read_separated(const char *at, char separator, struct names *names)
{
    for (size_t i = 0; *at; i++) {
        skip_blanks(&at);
        const char *end = strchr(at, separator);
        size_t bytes = end ? (size_t)(end - at) : strlen(at), whole = bytes;
        while (bytes > 0 && strchr(" \t\r\n", at[bytes - 1]))
            bytes--;
        if (bytes == 0 && !end)
            return true; /* blanks after the last */
        if (!set_name(names, i, at, bytes))
            return false;
        at += whole + (end != NULL);
    }
    return true;
}

/* True when the names are as many as wanted and none is missing between them. */
static bool is_complete(const struct param_list *list, size_t wanted)
{
    if (wanted != GUESS_ANY_COUNT)
        return list->count == wanted;
    for (size_t i = 0; i < list->count; i++)
        if (!list->items[i])
            return false;
    return list->count > 0;
}

bool guess_read_names(const char *text, size_t classes, struct arena *arena, struct param_list *ret)
{
    size_t room = classes == GUESS_ANY_COUNT ? PREDICTION_CLASSES_MAX : classes;
    struct param_list list = {.items = arena_array(arena, room + 1, sizeof(char *))};
    struct names names = {arena, room, &list};
    skip_blanks(&text);
    bool is_read = list.items != NULL;
    if (is_read && (*text == '[' || *text == '{'))
        is_read = read_literal(text, &names);
    else if (is_read && classes == GUESS_ANY_COUNT)
        return false; /* any sentence with a comma would do */
    else if (is_read)
        is_read = read_separated(text, strchr(text, '\n') ? '\n' : ',', &names);
    if (!is_read || !is_complete(&list, classes))
        return false;
    *ret = list;
    return true;
}
