/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/label_agreement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An annotation with its shape as numbers. */
struct mark {
    const char *name;
    const char *shape_json;
    struct voc_shape shape; /* count 0: a class, or a text that is no shape: equal only to itself */
    bool is_taken;
};

static double first_of(const struct mark *mark)
{
    return mark->shape.count > 0 ? mark->shape.values[0] : -(double)INFINITY;
}

static int by_name_and_place(const void *a, const void *b)
{
    const struct mark *one = a, *other = b;
    int order = strcmp(one->name, other->name);
    return order ? order : (first_of(one) > first_of(other)) - (first_of(one) < first_of(other));
}

static bool marks_of(const struct sample *sample, struct arena *arena, struct mark **ret, struct error *err)
{
    struct mark *marks = arena_array(arena, sample->annotation_count + 1, sizeof(*marks));
    if (!marks)
        return error_no_memory(err);
    for (size_t i = 0; i < sample->annotation_count; i++) {
        const struct annotation *annotation = &sample->annotations[i];
        struct error why = {0};
        marks[i] = (struct mark){.name = annotation->name, .shape_json = annotation->shape_json};
        if (annotation->shape_json &&
            !voc_shape_json_read(annotation->shape_json, arena, &marks[i].shape, &why)) {
            if (why.code == ERR_NO_MEMORY)
                return error_no_memory(err);
            marks[i].shape = (struct voc_shape){0};
        }
    }
    qsort(marks, sample->annotation_count, sizeof(*marks), by_name_and_place);
    *ret = marks;
    return true;
}

/* Infinite when they cannot be one and the same. */
static double apart(const struct mark *one, const struct mark *other)
{
    double sum = 0;
    if (!one->shape_json != !other->shape_json || one->shape.kind != other->shape.kind ||
        one->shape.count != other->shape.count)
        return (double)INFINITY;
    if (one->shape.count == 0)
        return !one->shape_json || strcmp(one->shape_json, other->shape_json) == 0 ? 0 : (double)INFINITY;
    for (size_t i = 0; i < one->shape.count; i++) {
        double difference = fabs(one->shape.values[i] - other->shape.values[i]);
        if (!(difference <= LABEL_AGREEMENT_PX))
            return (double)INFINITY;
        sum += difference;
    }
    return sum;
}

/* The first that may be the same as `wanted`. */
static size_t lowest(const struct mark *marks, size_t count, const struct mark *wanted)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(marks[middle].name, wanted->name);
        if (order < 0 || (order == 0 && first_of(&marks[middle]) < first_of(wanted) - LABEL_AGREEMENT_PX))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The nearest that no other has taken. */
static bool take_like(struct mark *marks, size_t count, const struct mark *wanted)
{
    struct mark *nearest = NULL;
    double least = (double)INFINITY;
    for (size_t i = lowest(marks, count, wanted); i < count; i++) {
        if (strcmp(marks[i].name, wanted->name) != 0 ||
            first_of(&marks[i]) > first_of(wanted) + LABEL_AGREEMENT_PX)
            break;
        double distance = marks[i].is_taken ? (double)INFINITY : apart(&marks[i], wanted);
        if (distance < least) {
            least = distance;
            nearest = &marks[i];
        }
    }
    if (nearest)
        nearest->is_taken = true;
    return nearest != NULL;
}

bool labels_agree(const struct sample *one, const struct sample *other, struct arena *arena, bool *ret,
                  struct error *err)
{
    struct mark *marks = NULL, *others = NULL;
    size_t count = one->annotation_count;
    bool is_same = count == other->annotation_count;
    if (is_same && (!marks_of(one, arena, &marks, err) || !marks_of(other, arena, &others, err)))
        return false;
    for (size_t i = 0; i < count && is_same; i++)
        is_same = take_like(others, count, &marks[i]);
    *ret = is_same;
    return true;
}
