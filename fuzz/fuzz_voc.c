/* SPDX-License-Identifier: Apache-2.0 */
/* An annotation file of any bytes: what can be read is written, read and written again; both writings are
 * equal. Boxes are then fixed for images of two sizes; what stays lies inside. The bytes are also tried as
 * the JSON form of a shape. */
#include "fuzz_target.h"

#include "manifest/voc.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void count_fix(void *state, const struct voc_fixed *fixed)
{
    size_t *dropped = state;
    must(voc_fix_text(fixed->fix) && (fixed->fix == VOC_FIX_SIZE) == (fixed->object == NULL));
    *dropped += fixed->fix > VOC_FIX_CLIPPED;
}

static void try_fixing(struct voc *voc, int64_t width, int64_t height)
{
    size_t before = voc->object_count, dropped = 0;
    voc_fix_boxes(voc, width, height, count_fix, &dropped);
    must(before == voc->object_count + dropped);
    for (size_t i = 0; i < voc->object_count; i++) {
        const struct voc_shape *shape = &voc->objects[i].shape;
        if (shape->kind != VOC_BNDBOX)
            continue;
        must(shape->values[2] - shape->values[0] >= VOC_BOX_MIN_PX &&
             shape->values[3] - shape->values[1] >= VOC_BOX_MIN_PX);
        must(width == 0 || (shape->values[0] >= 0 && shape->values[1] >= 0 &&
                            shape->values[2] <= (double)width && shape->values[3] <= (double)height));
    }
}

static void try_shapes(const struct voc *voc, struct arena *arena)
{
    struct error err = {0};
    for (size_t i = 0; i < voc->object_count; i++) {
        struct voc_shape back;
        const char *json = NULL;
        const struct voc_shape *shape = &voc->objects[i].shape;
        must(voc_shape_json_write(shape, arena, &json, &err));
        must(voc_shape_json_read(json, arena, &back, &err));
        must(back.kind == shape->kind && back.count == shape->count &&
             memcmp(back.values, shape->values, back.count * sizeof(*back.values)) == 0);
    }
}

static void try_json(const uint8_t *data, size_t size, struct arena *arena)
{
    struct error err = {0};
    struct voc_shape shape, back;
    const char *json = arena_text_n(arena, size > 0 ? (const char *)data : "", size);
    if (json && voc_shape_json_read(json, arena, &shape, &err))
        must(voc_shape_json_write(&shape, arena, &json, &err) &&
             voc_shape_json_read(json, arena, &back, &err) && back.count == shape.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct voc voc, back;
    AUTO(arena) arena = arena_new((size_t)4 * VOC_ARENA_BYTES);
    AUTO_BUFFER(first, VOC_FILE_MAX_BYTES);
    AUTO_BUFFER(second, VOC_FILE_MAX_BYTES);
    if (!arena)
        return 0;
    try_json(data, size, arena);
    if (!voc_read((struct bytes){data, size}, arena, &voc, &err))
        return 0;
    must(voc.object_count <= VOC_OBJECTS_MAX);
    if (!voc_write(&voc, &first, &err)) {
        must(err.code == ERR_LIMIT); /* indentation may need more room than there was */
        return 0;
    }
    must(voc_read((struct bytes){first.data, first.size}, arena, &back, &err));
    must(voc_write(&back, &second, &err));
    must(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    try_fixing(&voc, 0, 0);
    try_fixing(&voc, 100, 60);
    try_shapes(&voc, arena);
    return 0;
}
