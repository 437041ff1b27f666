/* SPDX-License-Identifier: Apache-2.0 */
#include "work/import_boxes.h"

#include "base/text.h"
#include "image/image.h"

#include <string.h>

enum { SAMPLE_ARENA_BYTES = 64 * 1024 * 1024 };

bool import_boxes_open(struct import_boxes *boxes, yyjson_mut_doc *doc, struct error *err)
{
    boxes->doc = doc;
    boxes->notes = yyjson_mut_arr(doc);
    return store_open_within(boxes->roots, "/", false, &boxes->root, err);
}

void import_boxes_release(struct import_boxes *boxes)
{
    boxes->root = store_free(boxes->root);
}

struct size {
    int64_t width, height; /* 0: not known */
};

/* As the dataset knows it from a run over the image. */
static struct size stored_size(const struct import_boxes *boxes, const char *source)
{
    char id[HASH_HEX_BYTES];
    struct sample sample;
    struct error ignored = {0};
    AUTO(arena) arena = arena_new(SAMPLE_ARENA_BYTES);
    sample_id_of(boxes->dataset_id, source, id);
    bool is_found = arena && sample_find(boxes->db, boxes->project_id, arena, id, &sample, &ignored);
    return is_found ? (struct size){sample.width, sample.height} : (struct size){0};
}

/* As the image itself says; nothing is known of one that cannot be read. */
static struct size size_of_image(struct import_boxes *boxes, const char *source, struct arena *arena)
{
    char *path = NULL;
    struct store_map map;
    struct error ignored = {0};
    uint32_t width = 0, height = 0;
    bool is_here = !strstr(source, "://") || text_starts_with(source, "file://");
    if (!is_here || !manifest_source_decode(arena, source, &path, &ignored) || path[0] != '/' ||
        !store_map(boxes->root, path + 1, &map, &ignored))
        return (struct size){0};
    bool is_read = image_read_size(map.bytes, &width, &height, &ignored);
    store_map_release(&map);
    return is_read ? (struct size){width, height} : (struct size){0};
}

/* Opening every image would take minutes where reading its annotations takes seconds: only a file that says
 * no size, or one that its own boxes contradict, is worth a look at the image. */
static bool is_size_doubtful(const struct voc *voc)
{
    if (voc->width == 0 || voc->height == 0)
        return true;
    for (size_t i = 0; i < voc->object_count; i++) {
        const struct voc_shape *shape = &voc->objects[i].shape;
        if (shape->kind == VOC_BNDBOX &&
            (shape->values[2] > (double)voc->width || shape->values[3] > (double)voc->height))
            return true;
    }
    return false;
}

static void note(struct import_boxes *boxes, const struct voc_fixed *fixed)
{
    if (boxes->note_count++ >= IMPORT_NOTES_LISTED)
        return;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(boxes->doc, boxes->notes);
    (void)yyjson_mut_obj_add_uint(boxes->doc, row, "line", boxes->line);
    (void)yyjson_mut_obj_add_strcpy(boxes->doc, row, "file", boxes->path);
    if (fixed->object) {
        (void)yyjson_mut_obj_add_uint(boxes->doc, row, "object", fixed->number);
        (void)yyjson_mut_obj_add_strcpy(boxes->doc, row, "label", fixed->object->name);
        yyjson_mut_val *box = yyjson_mut_obj_add_arr(boxes->doc, row, "box");
        for (size_t i = 0; i < fixed->object->shape.count; i++)
            (void)yyjson_mut_arr_add_real(boxes->doc, box, fixed->object->shape.values[i]);
    }
    (void)yyjson_mut_obj_add_str(boxes->doc, row, "what", voc_fix_text(fixed->fix));
}

static void on_fix(void *state, const struct voc_fixed *fixed)
{
    struct import_boxes *boxes = state;
    boxes->repaired += fixed->fix == VOC_FIX_SIZE;
    boxes->clipped += fixed->fix == VOC_FIX_CLIPPED;
    boxes->dropped += fixed->fix > VOC_FIX_CLIPPED;
    note(boxes, fixed);
}

bool import_boxes_fix(struct import_boxes *boxes, const struct format_item *item, struct arena *arena,
                      const struct voc **ret, struct error *err)
{
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    if (!voc)
        return error_no_memory(err);
    *voc = *item->voc;
    boxes->line = item->place.number;
    boxes->path = item->boxes_file ? item->boxes_file : item->place.file;
    struct size size = stored_size(boxes, item->sample.source);
    if ((size.width == 0 || size.height == 0) && is_size_doubtful(voc))
        size = size_of_image(boxes, item->sample.source, arena);
    bool was_empty = voc->object_count == 0;
    voc_fix_boxes(voc, size.width, size.height, on_fix, boxes);
    bool is_emptied = !was_empty && voc->object_count == 0;
    boxes->emptied += is_emptied;
    *ret = is_emptied ? NULL : voc;
    return true;
}

void import_boxes_report(const struct import_boxes *boxes, yyjson_mut_val *report)
{
    (void)yyjson_mut_obj_add_int(boxes->doc, report, "boxes_clipped", boxes->clipped);
    (void)yyjson_mut_obj_add_int(boxes->doc, report, "boxes_dropped", boxes->dropped);
    (void)yyjson_mut_obj_add_int(boxes->doc, report, "sizes_repaired", boxes->repaired);
    (void)yyjson_mut_obj_add_int(boxes->doc, report, "left_without_boxes", boxes->emptied);
    (void)yyjson_mut_obj_add_val(boxes->doc, report, "box_notes", boxes->notes);
}
