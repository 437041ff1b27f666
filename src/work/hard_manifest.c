/* SPDX-License-Identifier: Apache-2.0 */
#include "work/hard_manifest.h"

#include "base/hash.h"
#include "base/path.h"
#include "manifest/voc.h"
#include "work/hard_sample.h"

#include <math.h>
#include <string.h>

enum {
    SAMPLE_ARENA_BYTES = 64 * 1024 * 1024,
    LINES_MAX_BYTES = 4 * 1024 * 1024,
    FLUSH_BYTES = 256 * 1024,
    STEM_MAX_BYTES = 100
};

struct writing {
    const struct hard_manifest *manifest;
    struct arena *arena; /* of one line */
    struct buffer lines;
};

static bool make_objects(struct writing *writing, const struct mining_hard_example *hard, struct voc *voc)
{
    uint32_t most = hard->box_count < HARD_SAMPLE_BOXES_MAX ? hard->box_count : HARD_SAMPLE_BOXES_MAX;
    voc->objects = arena_array(writing->arena, (size_t)most + 1, sizeof(*voc->objects));
    double *values = arena_array(writing->arena, (size_t)most + 1, 4 * sizeof(*values));
    if (!voc->objects || !values)
        return false;
    for (uint32_t i = 0; i < hard->box_count && voc->object_count < most; i++) {
        double *edges = values + 4 * voc->object_count;
        if (!hard_sample_box(&hard->boxes[i].box, hard, edges))
            continue;
        struct voc_object *object = &voc->objects[voc->object_count++];
        *object = voc_object_none();
        object->name = writing->manifest->header->labels[hard->boxes[i].label];
        object->confidence = (double)hard->boxes[i].score;
        object->hard_coefficient = hard->hard_coefficient;
        object->shape = (struct voc_shape){VOC_BNDBOX, edges, 4};
    }
    return true;
}

/* "cat_1-HASH.xml" for "/in/cat 1.jpg"; the hash is of the source and of what the file says. */
static const char *file_key(struct writing *writing, const char *source, struct bytes file)
{
    char stem[STEM_MAX_BYTES + 1], hash_hex[HASH_HEX_BYTES];
    const char *name = path_base(source);
    size_t length = strlen(name) - strlen(path_suffix(name));
    struct hash hash;
    length = length < STEM_MAX_BYTES ? length : STEM_MAX_BYTES;
    for (size_t i = 0; i < length; i++)
        stem[i] = '_';
    for (size_t i = 0; i < length; i++)
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", name[i]))
            stem[i] = name[i];
    stem[length] = '\0';
    hash_start(&hash);
    hash_add_text(&hash, source);
    hash_add(&hash, file.data, file.size);
    hash_finish(&hash, hash_hex);
    return arena_printf(writing->arena, "annotation/%s-%s.xml", stem, hash_hex);
}

static bool write_boxes(struct writing *writing, const struct mining_hard_example *hard, const char *reasons,
                        const char **ret_location, struct error *err)
{
    AUTO_BUFFER(file, VOC_FILE_MAX_BYTES);
    struct store *store = writing->manifest->annotations;
    struct voc voc = {
        .width = hard->width, .height = hard->height, .depth = 3, .filename = path_base(hard->source)};
    if (!make_objects(writing, hard, &voc))
        return error_no_memory(err);
    for (size_t i = 0; i < voc.object_count; i++)
        voc.objects[i].hard_reasons = reasons;
    if (!voc_write(&voc, &file, err))
        return false;
    const struct bytes bytes = {file.data, file.size};
    const char *key = file_key(writing, hard->source, bytes);
    char *path = key ? path_join(writing->arena, store_url(store), key) : NULL;
    *ret_location = path ? manifest_source_encode(writing->arena, path) : NULL;
    return *ret_location ? store_put_fast(store, key, bytes, err) : error_no_memory(err);
}

static bool make_annotation(struct writing *writing, const struct mining_hard_example *hard,
                            const char *reasons, struct manifest_annotation *ret, size_t *ret_count,
                            struct error *err)
{
    const struct record_header *header = writing->manifest->header;
    *ret = manifest_annotation_none();
    ret->annotated_by = HARD_SAMPLE_AUTHOR;
    ret->hard = MANIFEST_HARD_YES;
    ret->hard_coefficient = hard->hard_coefficient;
    ret->hard_reasons = reasons;
    *ret_count = 1;
    if (header->type == MODEL_TYPE_CLASSIFICATION) {
        ret->type = MANIFEST_TYPE_CLASSIFICATION;
        ret->name = header->labels[hard->predicted_class];
        ret->confidence = hard->predicted_score;
        return true;
    }
    ret->type = MANIFEST_TYPE_DETECTION;
    ret->annotation_format = "PASCAL VOC";
    *ret_count = writing->manifest->annotations != NULL;
    return *ret_count == 0 || write_boxes(writing, hard, reasons, &ret->annotation_loc, err);
}

static bool flush(struct writing *writing, struct error *err)
{
    const struct bytes piece = {writing->lines.data, writing->lines.size};
    if (piece.size > 0 && !writing->manifest->write(writing->manifest->state, piece, err))
        return false;
    buffer_clear(&writing->lines);
    return true;
}

static bool write_line(struct writing *writing, const struct mining_hard_example *hard, struct error *err)
{
    char reasons[HARD_SAMPLE_REASONS_BYTES];
    struct manifest_annotation annotation;
    struct manifest_sample line = manifest_sample_none();
    arena_reset(writing->arena);
    hard_sample_reasons(hard, reasons);
    if (!make_annotation(writing, hard, reasons, &annotation, &line.annotation_count, err))
        return false;
    line.source = hard->source;
    line.hard = MANIFEST_HARD_YES;
    line.hard_coefficient = hard->hard_coefficient;
    line.hard_reasons = reasons;
    line.annotations = &annotation;
    return manifest_line_write(&line, &writing->lines, err) &&
           (writing->lines.size < FLUSH_BYTES || flush(writing, err));
}

bool hard_manifest_write(const struct hard_manifest *manifest, struct error *err)
{
    AUTO(arena) arena = arena_new(SAMPLE_ARENA_BYTES);
    struct writing writing = {.manifest = manifest, .arena = arena};
    if (!arena)
        return error_no_memory(err);
    buffer_init(&writing.lines, LINES_MAX_BYTES);
    bool is_done = true;
    for (size_t i = 0; is_done && i < manifest->count; i++)
        is_done =
            write_line(&writing, &manifest->hard[i], err) || error_wrap(err, "%s", manifest->hard[i].source);
    is_done = is_done && flush(&writing, err);
    buffer_release(&writing.lines);
    return is_done && (!manifest->annotations || store_flush(manifest->annotations, err));
}
