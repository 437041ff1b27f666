/* SPDX-License-Identifier: Apache-2.0 */
#include "work/truth.h"

#include "dataset/dataset.h"

#include <math.h>
#include <string.h>

static bool read_labels(const struct manifest_sample *line, struct arena *arena, struct truth *ret,
                        struct error *err)
{
    const char **labels = arena_array(arena, line->annotation_count + 1, sizeof(*labels));
    if (!labels)
        return error_no_memory(err);
    for (size_t i = 0; i < line->annotation_count; i++)
        if (line->annotations[i].name)
            labels[ret->count++] = line->annotations[i].name;
    ret->labels = ret->count > 0 ? labels : NULL;
    return true;
}

static void ignore_fix(void *state, const struct voc_fixed *fixed)
{
    (void)state, (void)fixed;
}

/* The smallest rectangle around the shape; false for shapes without an inside. */
static bool around(const struct voc_shape *shape, struct box *ret)
{
    const double *value = shape->values;
    const double far = (double)INFINITY;
    double min[2] = {far, far}, max[2] = {-far, -far};
    if (shape->kind == VOC_CIRCLE) {
        for (int axis = 0; axis < 2; axis++) {
            min[axis] = value[axis] - value[2];
            max[axis] = value[axis] + value[2];
        }
    } else if (shape->kind == VOC_BNDBOX || shape->kind == VOC_POLYGON) {
        for (size_t i = 0; i < shape->count; i++) {
            min[i % 2] = fmin(min[i % 2], value[i]);
            max[i % 2] = fmax(max[i % 2], value[i]);
        }
    } else {
        return false;
    }
    *ret = (struct box){(float)min[0], (float)min[1], (float)max[0], (float)max[1]};
    return true;
}

static bool read_boxes(const struct manifest_annotation *annotation, struct annotation_files *files,
                       struct arena *arena, struct truth *ret, struct error *err)
{
    struct voc voc;
    const char *path = NULL;
    if (!annotation_file_read(files, annotation->annotation_loc, arena, &voc, &path, err))
        return false;
    bool was_empty = voc.object_count == 0;
    voc_fix_boxes(&voc, 0, 0, ignore_fix, NULL);
    const char **labels = arena_array(arena, voc.object_count + 1, sizeof(*labels));
    struct box *boxes = arena_array(arena, voc.object_count + 1, sizeof(*boxes));
    if (!labels || !boxes)
        return error_no_memory(err);
    for (size_t i = 0; i < voc.object_count; i++)
        if (around(&voc.objects[i].shape, &boxes[ret->count]))
            labels[ret->count++] = voc.objects[i].name;
    ret->labels = was_empty || ret->count > 0 ? labels : NULL;
    ret->boxes = ret->labels ? boxes : NULL;
    return true;
}

bool truth_read(const struct manifest_sample *line, enum model_type type, struct annotation_files *files,
                struct arena *arena, struct truth *ret, struct error *err)
{
    *ret = (struct truth){0};
    if (type != MODEL_TYPE_DETECTION)
        return read_labels(line, arena, ret, err);
    bool has_boxes =
        line->annotation_count > 0 && strcmp(line->annotations[0].type, MANIFEST_TYPE_DETECTION) == 0;
    return !has_boxes || read_boxes(&line->annotations[0], files, arena, ret, err);
}

struct taking {
    const char **labels;
    struct box *boxes; /* NULL for classification */
    uint32_t count;
};

/* One more of what people said. Annotations that are suggestions, or of another kind, are passed over. */
static bool take_annotation(const struct annotation *said, struct arena *arena, struct taking *taking,
                            struct error *err)
{
    struct voc_shape shape;
    bool is_box = said->shape_json != NULL;
    if (said->is_suggested || is_box != (taking->boxes != NULL))
        return true;
    if (is_box && !voc_shape_json_read(said->shape_json, arena, &shape, err))
        return false;
    if (is_box && !around(&shape, &taking->boxes[taking->count]))
        return true;
    taking->labels[taking->count] = arena_text(arena, said->name);
    return taking->labels[taking->count++] || error_no_memory(err);
}

bool truth_of_sample(const struct sample *sample, enum model_type type, struct arena *arena,
                     struct truth *ret, struct error *err)
{
    bool is_detection = type == MODEL_TYPE_DETECTION;
    size_t most = sample->annotation_count + 1;
    *ret = (struct truth){0};
    if (strcmp(sample->state, SAMPLE_LABELED) != 0)
        return true;
    struct taking taking = {.labels = arena_array(arena, most, sizeof(*taking.labels))};
    taking.boxes = is_detection ? arena_array(arena, most, sizeof(*taking.boxes)) : NULL;
    if (!taking.labels || (is_detection && !taking.boxes))
        return error_no_memory(err);
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!take_annotation(&sample->annotations[i], arena, &taking, err))
            return false;
    bool says_something = taking.count > 0 || is_detection;
    *ret = (struct truth){says_something ? taking.labels : NULL, taking.boxes, taking.count};
    return true;
}
