/* SPDX-License-Identifier: Apache-2.0 */
/* A manifest line of any bytes as a sample, published and read again: what is taken passes the checks of
 * adding, and what was published says the same. The bytes are also tried as the annotation file of a line,
 * and as the cursor of a page. */
#include "fuzz_target.h"

#include "dataset/dataset_check.h"
#include "dataset/sample_cursor.h"
#include "dataset/sample_manifest.h"
#include "dataset/sample_voc.h"

#include <stdlib.h>
#include <string.h>

enum { WRITTEN_BYTES = 2 * MANIFEST_LINE_MAX_BYTES, ARENA_BYTES = 256 * 1024 * 1024 };

#define SAMPLE_ID "0123456789abcdef0123456789abcdef"

static void must(bool holds)
{
    if (!holds)
        abort();
}

static struct sample stored(const struct sample_new *fresh)
{
    return (struct sample){.id = SAMPLE_ID,
                           .source = fresh->source,
                           .state = fresh->state,
                           .usage = fresh->usage,
                           .is_hard = fresh->is_hard,
                           .hard_coefficient = fresh->hard_coefficient,
                           .hard_reasons = fresh->hard_reasons,
                           .width = fresh->width,
                           .height = fresh->height,
                           .metadata_json = fresh->metadata_json,
                           .annotations = (struct annotation *)(uintptr_t)fresh->annotations,
                           .annotation_count = fresh->annotation_count};
}

static void try_line(struct bytes text, bool final_annotation, struct arena *arena)
{
    struct error err = {0};
    struct manifest_sample line, published;
    struct sample_new fresh, again;
    struct sample_reading reading = {DATASET_TYPE_CLASSIFICATION, final_annotation, NULL};
    const struct manifest_form form = {.hard_attributes = true};
    AUTO_BUFFER(written, WRITTEN_BYTES);
    if (!manifest_line_read(text, arena, &line, &err) ||
        !sample_of_manifest(&line, &reading, arena, &fresh, &err))
        return;
    must(sample_check(&fresh, DATASET_TYPE_CLASSIFICATION, &err));
    struct sample sample = stored(&fresh);
    must(manifest_of_sample(&sample, &form, arena, &published, &err));
    if (!manifest_line_write(&published, &written, &err)) {
        must(err.code == ERR_LIMIT);
        return;
    }
    must(manifest_line_read((struct bytes){written.data, written.size}, arena, &line, &err));
    reading.final_annotation = true;
    must(sample_of_manifest(&line, &reading, arena, &again, &err));
    must(strcmp(again.source, fresh.source) == 0 && again.is_hard == fresh.is_hard);
    must(again.annotation_count == (final_annotation ? fresh.annotation_count : 0));
    for (size_t i = 0; i < again.annotation_count; i++)
        must(strcmp(again.annotations[i].name, fresh.annotations[i].name) == 0);
}

static void ignore_fix(void *state, const struct voc_fixed *fixed)
{
    (void)state, (void)fixed;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void try_boxes(struct bytes file, enum manifest_hard hard, struct arena *arena)
{
    struct error err = {0};
    struct voc voc, published;
    struct sample_new fresh, again;
    struct manifest_annotation annotation = manifest_annotation_none();
    struct manifest_sample line = manifest_sample_none();
    struct sample_reading reading = {DATASET_TYPE_DETECTION, true, &voc};
    AUTO_BUFFER(written, VOC_FILE_MAX_BYTES);
    annotation.type = MANIFEST_TYPE_DETECTION;
    line.source = "/in/1.jpg";
    line.hard = hard;
    line.annotations = &annotation;
    line.annotation_count = 1;
    if (!voc_read(file, arena, &voc, &err))
        return;
    voc_fix_boxes(&voc, 0, 0, ignore_fix, NULL);
    if (!sample_of_manifest(&line, &reading, arena, &fresh, &err))
        return;
    struct sample sample = stored(&fresh);
    must(sample_make_voc(&sample, true, arena, &published, &err));
    if (!voc_write(&published, &written, &err)) {
        must(err.code == ERR_LIMIT);
        return;
    }
    must(voc_read((struct bytes){written.data, written.size}, arena, &voc, &err));
    line.hard_coefficient = fresh.hard_coefficient;
    must(sample_of_manifest(&line, &reading, arena, &again, &err));
    must(again.annotation_count == fresh.annotation_count && again.width == fresh.width);
    must(is_same_text(again.metadata_json, fresh.metadata_json));
    for (size_t i = 0; i < again.annotation_count; i++) {
        must(strcmp(again.annotations[i].name, fresh.annotations[i].name) == 0);
        must(strcmp(again.annotations[i].shape_json, fresh.annotations[i].shape_json) == 0);
        must(is_same_text(again.annotations[i].property_json, fresh.annotations[i].property_json));
    }
}

static void try_cursor(const char *text, enum sample_key key, struct arena *arena)
{
    struct error err = {0};
    struct sample_cursor cursor, again;
    if (!sample_cursor_read(text, "source", key, arena, &cursor, &err))
        return;
    const char *written = sample_cursor_write(&cursor, arena);
    must(written && sample_cursor_read(written, "source", key, arena, &again, &err));
    must(strcmp(cursor.id, again.id) == 0);
    must(key != SAMPLE_KEY_TEXT || strcmp(cursor.text, again.text) == 0);
    must(key != SAMPLE_KEY_TIME || cursor.time_ms == again.time_ms);
    must(key != SAMPLE_KEY_NUMBER || (cursor.number <= again.number && cursor.number >= again.number));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    const char *text = arena ? arena_text_n(arena, size > 0 ? (const char *)data : "", size) : NULL;
    if (!text)
        return 0;
    for (enum sample_key key = SAMPLE_KEY_NUMBER; key <= SAMPLE_KEY_ID; key++)
        try_cursor(text, key, arena);
    try_line((struct bytes){data, size}, true, arena);
    try_line((struct bytes){data, size}, false, arena);
    try_boxes((struct bytes){data, size}, MANIFEST_HARD_UNKNOWN, arena);
    try_boxes((struct bytes){data, size}, MANIFEST_HARD_YES, arena);
    return 0;
}
