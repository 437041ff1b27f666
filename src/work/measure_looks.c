/* SPDX-License-Identifier: Apache-2.0 */
#include "work/measure_looks.h"

#include "dataset/sample_rows.h"
#include "work/look_at.h"
#include "work/truth.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE_ARENA_BYTES = 64 * 1024 * 1024,
    BOXES_ARENA_BYTES = 512 * 1024 * 1024, /* samples with their boxes, so many at a time */
    BOXES_PAGE = 50,
};

struct measuring {
    const struct looks_request *request;
    struct look_crew *crew;
    struct arena *page, *boxes;
    struct sample_unseen *samples;
    size_t count;
    struct look_wish *wishes; /* SAMPLE_LOOKS_PAGE, as the next */
    struct look_seen *seen;
};

/* What people drew in samples `first`…; a sample that was deleted meanwhile has nothing. */
static bool read_boxes(struct measuring *measuring, size_t first, size_t count, struct error *err)
{
    const char *ids[BOXES_PAGE];
    struct sample *samples[BOXES_PAGE];
    struct truth truth;
    for (size_t i = 0; i < count; i++)
        ids[i] = measuring->samples[first + i].id;
    if (!samples_stored(measuring->request->db, measuring->boxes, ids, count, samples, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct look_wish *wish = &measuring->wishes[first + i];
        if (!samples[i])
            continue;
        if (!truth_of_sample(samples[i], MODEL_TYPE_DETECTION, measuring->boxes, &truth, err))
            return error_wrap(err, "sample '%s'", wish->id);
        wish->has_boxes = truth.labels != NULL;
        wish->boxes = truth.boxes;
        wish->box_count = truth.count;
        look_hash_boxes(wish);
    }
    return true;
}

static bool look_at_some(struct measuring *measuring, size_t first, size_t count, struct error *err)
{
    const struct looks_request *wanted = measuring->request;
    const struct look_request request = {wanted->roots, wanted->stop, wanted->done, measuring->wishes + first,
                                         count};
    arena_reset(measuring->boxes);
    if (wanted->is_detection && !read_boxes(measuring, first, count, err))
        return false;
    return look_at(measuring->crew, &request, measuring->seen + first, err);
}

static bool measure_page(struct measuring *measuring, struct error *err)
{
    const struct looks_request *request = measuring->request;
    size_t most = request->is_detection ? BOXES_PAGE : SAMPLE_LOOKS_PAGE;
    for (size_t i = 0; i < measuring->count; i++)
        measuring->wishes[i] =
            (struct look_wish){.id = measuring->samples[i].id, .source = measuring->samples[i].source};
    for (size_t i = 0; i < measuring->count; i += most) {
        size_t count = measuring->count - i < most ? measuring->count - i : most;
        if (!look_at_some(measuring, i, count, err))
            return false;
    }
    for (size_t i = 0; i < measuring->count; i++)
        if (!measuring->seen[i].is_measured)
            request->refuse(request->state, &measuring->samples[i], &measuring->seen[i].why);
    return look_keep(request->db, measuring->page, measuring->wishes, measuring->seen, measuring->count, err);
}

static bool measure_all(struct measuring *measuring, struct error *err)
{
    const struct looks_request *request = measuring->request;
    struct sample_looks_of of = request->of;
    char after[HASH_HEX_BYTES] = "";
    of.after = after;
    do {
        arena_reset(measuring->page);
        if (!sample_looks_missing(request->db, measuring->page, &of, &measuring->samples, &measuring->count,
                                  err))
            return false;
        if (measuring->count == 0)
            return true;
        if (!measure_page(measuring, err))
            return false;
        memcpy(after, measuring->samples[measuring->count - 1].id, sizeof(after));
    } while (measuring->count == SAMPLE_LOOKS_PAGE);
    return true;
}

bool measure_looks(const struct looks_request *request, struct error *err)
{
    AUTO(arena) page = arena_new(PAGE_ARENA_BYTES);
    AUTO(arena) boxes = arena_new(BOXES_ARENA_BYTES);
    AUTO(look_crew) crew = look_crew_new(request->threads);
    struct measuring measuring = {.request = request, .crew = crew, .page = page, .boxes = boxes};
    measuring.wishes = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.wishes));
    measuring.seen = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.seen));
    bool is_whole = page && boxes && crew && measuring.wishes && measuring.seen;
    bool is_done = is_whole ? measure_all(&measuring, err) : error_no_memory(err);
    free(measuring.wishes);
    free(measuring.seen);
    return is_done;
}
