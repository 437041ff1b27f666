/* SPDX-License-Identifier: Apache-2.0 */
#include "work/look_at.h"

#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "image/image.h"
#include "manifest/manifest.h"
#include "mining/group.h"
#include "record/box_features.h"
#include "record/image_features.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert((int)SAMPLE_LOOK_LENGTH == (int)IMAGE_APPEARANCE_LENGTH, "the whole appearance is kept");
static_assert((int)SAMPLE_FEATURES == (int)FEATURE_COUNT, "all features are kept");
static_assert((int)SAMPLE_FEATURES_OF_IMAGE == (int)FEATURE_BOX_COUNT, "those of boxes are the last");

enum { SOURCE_ARENA_BYTES = 4 * 1024 * 1024 };

/* Memory of one worker that stays from image to image. */
struct eye {
    struct arena *arena;
    struct image_scratch *scratch;
    struct image image;
    struct buffer file;
    struct image_measures measures;
};
struct look_crew {
    struct eye *eyes;
    uint32_t threads;
};
struct looking {
    struct look_crew *crew;
    const struct look_request *request;
    struct look_seen *seen;
    atomic_size_t next;
};

void look_hash_boxes(struct look_wish *wish)
{
    struct hash hash;
    wish->boxes_hash[0] = '\0';
    if (!wish->has_boxes)
        return;
    hash_start(&hash);
    hash_add(&hash, wish->boxes, wish->box_count * sizeof(*wish->boxes));
    hash_finish(&hash, wish->boxes_hash);
}

/* ---- one image ---- */

static bool path_of(struct arena *arena, const char *source, char **ret, struct error *err)
{
    char *decoded = NULL;
    if (strstr(source, "://") && !text_starts_with(source, "file://"))
        return error_set(err, ERR_NOT_FOUND, "its store cannot be reached from here");
    return manifest_source_decode(arena, source, &decoded, err) && path_absolute(arena, decoded, ret, err);
}

static bool measure_boxes(struct eye *eye, const struct look_wish *wish, double features[SAMPLE_FEATURES],
                          struct error *err)
{
    size_t count = wish->box_count;
    struct candidate *boxes = arena_array(eye->arena, count + 1, sizeof(*boxes));
    struct image_box *edges = arena_array(eye->arena, count + 1, sizeof(*edges));
    struct image_box_measures *measures = arena_array(eye->arena, count + 1, sizeof(*measures));
    if (!boxes || !edges || !measures)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        boxes[i] = (struct candidate){.box = wish->boxes[i]};
    record_measure_boxes(&eye->image, eye->scratch, boxes, count, edges, measures);
    const struct image_boxes looked_at = {boxes, wish->box_count, eye->image.width, eye->image.height};
    return record_box_features(&looked_at, features, err);
}

static bool measure(struct eye *eye, const struct roots *roots, const struct look_wish *wish,
                    struct look_seen *ret, struct error *err)
{
    char *path = NULL;
    struct image_info info;
    arena_reset(eye->arena);
    if (!path_of(eye->arena, wish->source, &path, err) || !file_read_within(roots, path, &eye->file, err))
        return false;
    const struct bytes file = {eye->file.data, eye->file.size};
    hash_of(file, ret->content_hash);
    if (!image_decode(file, NULL, &eye->image, &info, err) ||
        !image_measure(&eye->image, eye->scratch, &eye->measures, err))
        return false;
    ret->perceptual_hash = eye->measures.perceptual_hash;
    group_vector(eye->measures.appearance, SAMPLE_LOOK_LENGTH, ret->appearance);
    ret->features = (struct sample_features){.sample_id = wish->id, .boxes = wish->boxes_hash};
    record_image_features(&eye->measures.statistics, ret->features.values);
    return !wish->has_boxes || measure_boxes(eye, wish, ret->features.values, err);
}

/* ---- all of them ---- */

static bool look(void *state, uint32_t index, struct error *err)
{
    struct looking *looking = state;
    const struct look_request *request = looking->request;
    for (size_t i; (i = atomic_fetch_add(&looking->next, 1)) < request->count;) {
        struct look_seen *seen = &looking->seen[i];
        if (atomic_load(&request->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        seen->why = (struct error){0};
        seen->is_measured =
            measure(&looking->crew->eyes[index], request->roots, &request->wishes[i], seen, &seen->why);
        if (!seen->is_measured && seen->why.code == ERR_NO_MEMORY)
            return error_no_memory(err);
        atomic_fetch_add(request->done, 1);
    }
    return true;
}

bool look_at(struct look_crew *crew, const struct look_request *request, struct look_seen *ret,
             struct error *err)
{
    struct looking looking = {.crew = crew, .request = request, .seen = ret};
    return request->count == 0 || workers_run(crew->threads, look, &looking, err);
}

bool look_keep(struct db *db, struct arena *arena, const struct look_wish *wishes,
               const struct look_seen *seen, size_t count, struct error *err)
{
    struct sample_look *looks = arena_array(arena, count + 1, sizeof(*looks));
    size_t measured = 0;
    if (!looks)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (seen[i].is_measured)
            looks[measured++] =
                (struct sample_look){wishes[i].id, seen[i].content_hash, seen[i].perceptual_hash,
                                     seen[i].appearance, &seen[i].features};
    return sample_looks_keep(db, arena, looks, measured, err);
}

/* ---- the crew ---- */

struct look_crew *look_crew_new(uint32_t threads)
{
    struct look_crew *crew = calloc(1, sizeof(*crew));
    bool is_whole = crew != NULL;
    if (crew)
        crew->eyes = calloc(threads, sizeof(*crew->eyes));
    is_whole = is_whole && crew->eyes;
    for (uint32_t i = 0; is_whole && i < threads; i++) {
        struct eye *eye = &crew->eyes[i];
        crew->threads++;
        eye->arena = arena_new(SOURCE_ARENA_BYTES);
        eye->scratch = image_scratch_new();
        buffer_init(&eye->file, IMAGE_FILE_MAX_BYTES);
        is_whole = eye->arena && eye->scratch;
    }
    return is_whole ? crew : look_crew_free(crew);
}

struct look_crew *look_crew_free(struct look_crew *crew)
{
    for (uint32_t i = 0; crew && i < crew->threads; i++) {
        struct eye *eye = &crew->eyes[i];
        eye->arena = arena_free(eye->arena);
        eye->scratch = image_scratch_free(eye->scratch);
        image_release(&eye->image);
        buffer_release(&eye->file);
    }
    if (crew)
        free(crew->eyes);
    free(crew);
    return NULL;
}
