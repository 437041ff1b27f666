/* SPDX-License-Identifier: Apache-2.0 */
#include "work/import_boxes.h"

#include "base/text.h"

#include <string.h>

enum { SAMPLE_ARENA_BYTES = 64 * 1024 * 1024 };

bool import_boxes_open(struct import_boxes *boxes, const char *folder, yyjson_mut_doc *doc, struct error *err)
{
    boxes->doc = doc;
    boxes->notes = yyjson_mut_arr(doc);
    buffer_init(&boxes->image_file, IMAGE_FILE_MAX_BYTES);
    return annotation_files_open(boxes->roots, folder, &boxes->files, err);
}

void import_boxes_release(struct import_boxes *boxes)
{
    annotation_files_release(&boxes->files);
    buffer_release(&boxes->image_file);
    image_release(&boxes->image);
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
static struct size decoded_size(struct import_boxes *boxes, const char *source, struct arena *arena)
{
    char *path = NULL;
    struct image_info info;
    struct error ignored = {0};
    bool is_here = !strstr(source, "://") || text_starts_with(source, "file://");
    bool is_read = is_here && manifest_source_decode(arena, source, &path, &ignored) && path[0] == '/' &&
                   store_get(boxes->files.root, path + 1, &boxes->image_file, &ignored);
    const struct bytes file = {boxes->image_file.data, boxes->image_file.size};
    if (!is_read || !image_decode(file, NULL, &boxes->image, &info, &ignored))
        return (struct size){0};
    return (struct size){info.width, info.height};
}

/* Decoding every image would take minutes where reading its annotations takes seconds: only a file that says
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

bool import_boxes_read(struct import_boxes *boxes, const struct manifest_sample *line, struct arena *arena,
                       const struct voc **ret, struct error *err)
{
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    if (!voc)
        return error_no_memory(err);
    if (!annotation_file_read(&boxes->files, line->annotations[0].annotation_loc, arena, voc, &boxes->path,
                              err))
        return false;
    struct size size = stored_size(boxes, line->source);
    if ((size.width == 0 || size.height == 0) && is_size_doubtful(voc))
        size = decoded_size(boxes, line->source, arena);
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
