/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "formats/yolo_set.h"

#include <math.h>
#include <string.h>

/* A polygon's line: class and x, y of each point. */
enum { BOX_NUMBERS = 4, TOKENS_MAX = 2 * VOC_POINTS_MAX, NUMBER_MAX_BYTES = 63, HUNDREDTHS = 100 };
static const double outside_max = 1; /* how far beyond the image, in images */

/* The next word of a line; false at its end. */
static bool next_word(struct bytes *line, struct bytes *ret)
{
    const char *at = line->data, *end = at + line->size;
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *start = at;
    while (at < end && *at != ' ' && *at != '\t')
        at++;
    *ret = (struct bytes){start, (size_t)(at - start)};
    *line = (struct bytes){at, (size_t)(end - at)};
    return ret->size > 0;
}

static bool number_of(struct bytes word, double *ret, struct error *err)
{
    char text[NUMBER_MAX_BYTES + 1];
    if (word.size > NUMBER_MAX_BYTES)
        return error_set(err, ERR_LIMIT, "a number has %zu characters", word.size);
    memcpy(text, word.data, word.size);
    text[word.size] = '\0';
    return text_to_double(text, "a coordinate", -outside_max, 1 + outside_max, ret, err);
}

static bool class_of(struct bytes word, const struct yolo_set *set, const char **ret, struct error *err)
{
    char text[NUMBER_MAX_BYTES + 1] = "";
    uint64_t number = 0;
    if (word.size <= NUMBER_MAX_BYTES)
        memcpy(text, word.data, word.size);
    if (!text_to_count(text, "the class", 0, YOLO_CLASSES_MAX - 1, &number, err))
        return false;
    *ret = number < set->class_count ? set->classes[number] : NULL;
    return *ret || error_set(err, ERR_INVALID, "class %llu has no name", (unsigned long long)number);
}

/* Files have about six decimals: px are rounded to hundredths, so that whole ones come back whole. */
static double to_px(double part, uint32_t side)
{
    return round(part * side * HUNDREDTHS) / HUNDREDTHS;
}

struct reading {
    const struct yolo_set *set;
    struct yolo_size size;
    double *numbers; /* room for TOKENS_MAX */
    struct arena *arena;
    struct voc *voc;
};

static bool add_polygon(const struct reading *reading, size_t count, const char *label, struct error *err)
{
    static const double nowhere[4] = {0};
    struct voc_object *object = NULL;
    double *values = arena_array(reading->arena, count, sizeof(*values));
    if (!values)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        values[i] = to_px(reading->numbers[i], i % 2 ? reading->size.height : reading->size.width);
    if (!format_add_box(reading->voc, label, nowhere, reading->arena, &object, err))
        return false;
    object->shape = (struct voc_shape){VOC_POLYGON, values, count};
    return true;
}

static bool add_box(const struct reading *reading, const char *label, struct error *err)
{
    const double *numbers = reading->numbers;
    const double box[] = {to_px(numbers[0] - numbers[2] / 2, reading->size.width),
                          to_px(numbers[1] - numbers[3] / 2, reading->size.height),
                          to_px(numbers[0] + numbers[2] / 2, reading->size.width),
                          to_px(numbers[1] + numbers[3] / 2, reading->size.height)};
    return format_add_box(reading->voc, label, box, reading->arena, NULL, err);
}

static bool add_line(const struct reading *reading, struct bytes line, struct error *err)
{
    struct bytes word;
    const char *label = NULL;
    size_t count = 0;
    if (!next_word(&line, &word) || !class_of(word, reading->set, &label, err))
        return false;
    while (next_word(&line, &word)) {
        if (count == TOKENS_MAX)
            return error_set(err, ERR_LIMIT, "a shape has more than %d points", VOC_POINTS_MAX);
        if (!number_of(word, &reading->numbers[count++], err))
            return false;
    }
    if (count == BOX_NUMBERS || count == BOX_NUMBERS + 1)
        return add_box(reading, label, err);
    if (count > BOX_NUMBERS && count % 2 == 0)
        return add_polygon(reading, count, label, err);
    return error_set(err, ERR_INVALID, "%zu numbers follow the class; a box has 4, a polygon pairs", count);
}

bool yolo_labels_read(struct bytes file, const struct yolo_set *set, struct yolo_size size,
                      struct arena *arena, struct voc *ret, struct error *err)
{
    struct bytes line;
    const struct reading reading = {set, size, arena_array(arena, TOKENS_MAX, sizeof(*reading.numbers)),
                                    arena, ret};
    if (!reading.numbers)
        return error_no_memory(err);
    *ret = (struct voc){.width = size.width, .height = size.height};
    for (unsigned number = 1; format_next_line(&file, &line); number++)
        if (line.size > 0 && !add_line(&reading, line, err))
            return error_wrap(err, "line %u", number);
    return true;
}
