/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest/voc.h"

#include <math.h>

static const char *const texts[] = {
    [VOC_FIX_SIZE] = "width and height repaired from the image",
    [VOC_FIX_CLIPPED] = "clipped to the image",
    [VOC_FIX_OUTSIDE] = "dropped: more than half of it is outside the image",
    [VOC_FIX_INVERTED] = "dropped: its min is above its max",
    [VOC_FIX_NO_AREA] = "dropped: it has no area",
    [VOC_FIX_TOO_SMALL] = "dropped: less than 2 px wide or high",
};
_Static_assert(sizeof(texts) / sizeof(texts[0]) == VOC_FIX_COUNT, "one text per fix");
_Static_assert(VOC_BOX_MIN_PX == 2, "the text says so");

const char *voc_fix_text(enum voc_fix fix)
{
    return texts[fix];
}

struct fixing {
    double width, height; /* 0: not known */
    voc_fix_visitor *visit;
    void *state;
};

/* VOC_FIX_COUNT: the box may stay. Fills what is left of it inside the image. */
static enum voc_fix judge(const struct fixing *fixing, const double box[4], double ret_inside[4])
{
    double width = box[2] - box[0], height = box[3] - box[1];
    for (int i = 0; i < 4; i++)
        ret_inside[i] = box[i];
    if (width < 0 || height < 0)
        return VOC_FIX_INVERTED;
    if (!(width > 0 && height > 0))
        return VOC_FIX_NO_AREA;
    if (fixing->width > 0 && fixing->height > 0)
        for (int i = 0; i < 4; i++)
            ret_inside[i] = fmin(fmax(box[i], 0), i % 2 == 0 ? fixing->width : fixing->height);
    double inside_width = ret_inside[2] - ret_inside[0], inside_height = ret_inside[3] - ret_inside[1];
    if (inside_width * inside_height < width * height / 2)
        return VOC_FIX_OUTSIDE;
    if (inside_width < VOC_BOX_MIN_PX || inside_height < VOC_BOX_MIN_PX)
        return VOC_FIX_TOO_SMALL;
    return inside_width < width || inside_height < height ? VOC_FIX_CLIPPED : VOC_FIX_COUNT;
}

static void tell(const struct fixing *fixing, enum voc_fix fix, size_t number,
                 const struct voc_object *object)
{
    const struct voc_fixed fixed = {fix, number, object};
    fixing->visit(fixing->state, &fixed);
}

static bool stays(const struct fixing *fixing, size_t number, struct voc_object *object)
{
    double inside[4];
    if (object->shape.kind != VOC_BNDBOX)
        return true;
    enum voc_fix fix = judge(fixing, object->shape.values, inside);
    if (fix == VOC_FIX_COUNT)
        return true;
    tell(fixing, fix, number, object);
    for (int i = 0; i < 4 && fix == VOC_FIX_CLIPPED; i++)
        object->shape.values[i] = inside[i];
    return fix == VOC_FIX_CLIPPED;
}

void voc_fix_boxes(struct voc *voc, int64_t image_width, int64_t image_height, voc_fix_visitor *visit,
                   void *state)
{
    struct fixing fixing = {.visit = visit, .state = state};
    size_t kept = 0;
    bool is_known = image_width > 0 && image_height > 0;
    if (is_known && (voc->width != image_width || voc->height != image_height)) {
        tell(&fixing, VOC_FIX_SIZE, 0, NULL);
        voc->width = image_width;
        voc->height = image_height;
    }
    fixing.width = (double)voc->width;
    fixing.height = (double)voc->height;
    for (size_t i = 0; i < voc->object_count; i++)
        if (stays(&fixing, i + 1, &voc->objects[i]))
            voc->objects[kept++] = voc->objects[i];
    voc->object_count = kept;
}
