/* SPDX-License-Identifier: Apache-2.0 */
#include "formats_checks.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

bool formats_feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct formats_stream *stream = state;
    size_t bytes = stream->left < capacity ? stream->left : capacity;
    (void)err;
    if (bytes > 0) {
        memcpy(into, stream->data, bytes);
        stream->data += bytes;
    }
    stream->left -= bytes;
    *ret_bytes = bytes;
    return true;
}

void formats_check_voc(const struct voc *voc)
{
    must(voc->object_count <= VOC_OBJECTS_MAX);
    for (size_t i = 0; i < voc->object_count; i++) {
        const struct voc_object *object = &voc->objects[i];
        must(object->name[0] != '\0' && text_is_utf8(object->name, strlen(object->name)));
        for (size_t k = 0; k < object->shape.count; k++)
            must(isfinite(object->shape.values[k]));
    }
}

static bool take(void *state, const struct format_item *item, struct error *err)
{
    struct format_sink *sink = state;
    (void)err;
    must(item->sample.source && item->sample.source[0] != '\0');
    must(item->sample.source[0] == '/' || strstr(item->sample.source, "://"));
    must(item->sample.annotation_count <= MANIFEST_ANNOTATIONS_MAX);
    for (size_t i = 0; i < item->sample.annotation_count; i++)
        must(item->voc ||
             text_is_utf8(item->sample.annotations[i].name, strlen(item->sample.annotations[i].name)));
    if (item->voc)
        formats_check_voc(item->voc);
    arena_reset(sink->arena);
    return true;
}

static bool bad(void *state, const struct format_place *place, struct error *err)
{
    (void)state, (void)place;
    formats_check_error(false, err);
    return true;
}

bool formats_sink_start(struct format_sink *sink)
{
    *sink = (struct format_sink){sink, arena_new(FORMAT_ARENA_BYTES), take, bad};
    return sink->arena != NULL;
}

void formats_sink_end(struct format_sink *sink)
{
    sink->arena = arena_free(sink->arena);
}

void formats_check_error(bool is_done, const struct error *err)
{
    must(is_done || (err->code != ERR_NONE && err->message[0] != '\0'));
}
