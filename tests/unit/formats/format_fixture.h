/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that keeps what it is given as lines of text. Include after test.h. */
#ifndef TESTS_FORMAT_FIXTURE_H
#define TESTS_FORMAT_FIXTURE_H

#include "base/path.h"
#include "base/text.h"
#include "formats/format_parts.h"
#include "temp_folder.h"

#include <math.h>

enum { KEPT_MAX = 400, KEPT_BYTES = 1024 };

struct kept_lines {
    struct arena *arena; /* of items */
    uint32_t holds;      /* what is told of an item */
    size_t count, bad_count;
    char lines[KEPT_MAX][KEPT_BYTES];
    uint64_t bad_number;
    char bad[KEPT_BYTES]; /* the last */
};

__attribute__((unused)) static void tell_object(const struct voc_object *object, uint32_t holds,
                                                struct buffer *into)
{
    (void)buffer_printf(into, " %s:", object->name);
    for (size_t i = 0; i < object->shape.count; i++)
        (void)buffer_printf(into, "%s%g", i ? "," : "", object->shape.values[i]);
    if (holds & FORMAT_DIFFICULT)
        (void)buffer_printf(into, " difficult=%d", object->difficult && strcmp(object->difficult, "1") == 0);
    if ((holds & FORMAT_SCORE) && !isnan(object->confidence))
        (void)buffer_printf(into, " score=%.9g", object->confidence);
    for (size_t i = 0; (holds & FORMAT_ATTRIBUTES) && i < object->property_count; i++)
        (void)buffer_printf(into, " %s=%s", object->properties[i].key, object->properties[i].value);
}

/* "img3|TRAIN|cat dog": the stem of its name up to '-', usage, and labels or boxes, by what is held. */
__attribute__((unused)) static void tell_item(const struct format_item *item, uint32_t holds,
                                              char line[KEPT_BYTES])
{
    AUTO_BUFFER(text, KEPT_BYTES);
    const char *name = path_base(item->sample.source), *usage = manifest_usage(item->sample.usage);
    (void)buffer_printf(&text, "%.*s|%s|", (int)strcspn(name, "-."), name,
                        (holds & FORMAT_USAGE) && usage ? usage : "");
    if (item->voc) {
        (void)buffer_printf(&text, "boxes");
        for (size_t i = 0; i < item->voc->object_count; i++)
            tell_object(&item->voc->objects[i], holds, &text);
    }
    for (size_t i = 0; !item->voc && i < item->sample.annotation_count; i++) {
        const struct manifest_annotation *annotation = &item->sample.annotations[i];
        (void)buffer_printf(&text, "[%s]", annotation->name);
        if ((holds & FORMAT_SCORE) && !isnan(annotation->confidence))
            (void)buffer_printf(&text, " score=%.9g", annotation->confidence);
    }
    if ((holds & FORMAT_HARD) && item->sample.hard == MANIFEST_HARD_YES)
        (void)buffer_printf(&text, "|hard %g %s", item->sample.hard_coefficient, item->sample.hard_reasons);
    assert_false(text.is_full);
    (void)strcpy(line, text.data);
}

__attribute__((unused)) static bool keep_item(void *state, const struct format_item *item, struct error *err)
{
    struct kept_lines *kept = state;
    (void)err;
    assert_true(kept->count < KEPT_MAX);
    tell_item(item, kept->holds, kept->lines[kept->count++]);
    arena_reset(kept->arena);
    return true;
}

__attribute__((unused)) static bool keep_bad(void *state, const struct format_place *place, struct error *err)
{
    struct kept_lines *kept = state;
    kept->bad_count++;
    kept->bad_number = place->number;
    (void)snprintf(kept->bad, sizeof(kept->bad), "%s", err->message);
    return true;
}

__attribute__((unused)) static struct kept_lines *kept_new(uint32_t holds)
{
    struct kept_lines *kept = calloc(1, sizeof(*kept));
    assert_non_null(kept);
    kept->arena = arena_new(FORMAT_ARENA_BYTES);
    assert_non_null(kept->arena);
    kept->holds = holds;
    return kept;
}

__attribute__((unused)) static void kept_free(struct kept_lines *kept)
{
    (void)arena_free(kept->arena);
    free(kept);
}

__attribute__((unused)) static struct format_sink kept_sink(struct kept_lines *kept)
{
    return (struct format_sink){kept, kept->arena, keep_item, keep_bad};
}

/* A manifest_feed of text, a few bytes at a time. */
struct text_feed {
    const char *text;
    size_t left;
};
__attribute__((unused)) static bool feed_text(void *state, void *into, size_t capacity, size_t *ret_bytes,
                                              struct error *err)
{
    struct text_feed *feed = state;
    (void)err;
    size_t bytes = feed->left < 7 ? feed->left : 7;
    bytes = bytes < capacity ? bytes : capacity;
    if (bytes > 0)
        memcpy(into, feed->text, bytes);
    feed->text += bytes;
    feed->left -= bytes;
    *ret_bytes = bytes;
    return true;
}
__attribute__((unused)) static struct text_feed feed_of(const char *text)
{
    return (struct text_feed){text, strlen(text)};
}

#endif
