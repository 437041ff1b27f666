/* SPDX-License-Identifier: Apache-2.0 */
#include "record/view.h"

#include "base/text.h"
#include "record/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct view view_missing(void)
{
    return (struct view){.changed = (float)NAN};
}

/* ---- files ---- */

void view_key(const char *folder, const struct augment_setting *setting, uint32_t shard,
              char ret_key[VIEW_KEY_BYTES])
{
    char amount[TEXT_NUMBER_BYTES];
    (void)snprintf(ret_key, VIEW_KEY_BYTES, "%.*s/views/%s-%d-%s/%06u.npy", RECORD_FOLDER_MAX_BYTES, folder,
                   setting->op->name, VIEW_VERSION, text_of_double(setting->amount, amount), shard);
}

static bool is_within(float value, float most)
{
    return value >= 0 && value <= most;
}

static bool is_sound(const struct view *view)
{
    return is_within(view->changed, 1) && is_within(view->kept, 1) && is_within(view->score, 1) &&
           is_within(view->label, PREDICTION_CLASSES_MAX) &&
           is_within(view->boxes, PREDICTION_CANDIDATES_MAX) && is_within(view->lost, VIEW_BOXES_MAX) &&
           is_within(view->gained, VIEW_BOXES_MAX);
}

static bool take_rows(struct bytes file, uint32_t count, struct view *ret)
{
    struct npy_array array;
    struct error ignored = {0};
    if (!npy_read(file, &array, &ignored) || array.type != NPY_F4 || array.rows != count ||
        array.columns != VIEW_COLUMNS)
        return false;
    memcpy(ret, array.data, (size_t)count * sizeof(*ret));
    for (uint32_t i = 0; i < count; i++)
        if (!is_sound(&ret[i]))
            ret[i] = view_missing();
    return true;
}

bool view_read(struct store *store, const char *key, uint32_t count, struct view *ret, struct error *err)
{
    struct store_map map = {0};
    bool is_there = store_map(store, key, &map, err);
    if (!is_there && err->code != ERR_NOT_FOUND)
        return false;
    if (!is_there || !take_rows(map.bytes, count, ret)) {
        for (uint32_t i = 0; i < count; i++)
            ret[i] = view_missing();
    }
    if (is_there)
        store_map_release(&map);
    return true;
}

bool view_write(struct store *store, const char *key, uint32_t count, const struct view *rows,
                struct error *err)
{
    AUTO_BUFFER(file, NPY_FILE_MAX_BYTES);
    if (!npy_start(&file, NPY_F4, count, VIEW_COLUMNS, err))
        return false;
    if (!buffer_add(&file, rows, (size_t)count * sizeof(*rows)))
        return error_no_memory(err);
    return store_put_fast(store, key, (struct bytes){file.data, file.size}, err);
}

/* ---- classification ---- */

/* p log2(p / m), 0 where p is 0. */
static double share_of(double p, double m)
{
    return p > 0 ? p * log2(p / m) : 0;
}

static double divergence_term(double p, double q)
{
    double m = (p + q) / 2;
    return m > 0 ? (share_of(p, m) + share_of(q, m)) / 2 : 0;
}

struct view view_of_scores(enum activation activation, uint32_t classes, const double *image,
                           const double *copy)
{
    double changed = 0;
    for (uint32_t i = 0; i < classes; i++) {
        double term = divergence_term(image[i], copy[i]);
        if (activation == ACTIVATION_SIGMOID)
            changed = fmax(changed, term + divergence_term(1 - image[i], 1 - copy[i]));
        else
            changed += term;
    }
    uint32_t label = prediction_best(copy, classes);
    return (struct view){.changed = (float)fmin(fmax(changed, 0), 1),
                         .kept = (float)copy[prediction_best(image, classes)],
                         .label = (float)label,
                         .score = (float)copy[label]};
}

/* ---- detection ---- */

struct matching {
    const struct view_boxes *boxes;
    double scale_x, scale_y; /* px of the image for one of the picture */
    struct image_box seen;   /* what of the image is in the copy */
    uint32_t count;          /* candidates of the copy that are looked at */
    struct image_box copies[VIEW_BOXES_MAX];
    bool is_used[VIEW_BOXES_MAX];
};

static double area(struct image_box box)
{
    return fmax(0, box.x1 - box.x0) * fmax(0, box.y1 - box.y0);
}

static struct image_box shared_part(struct image_box a, struct image_box b)
{
    return (struct image_box){fmax(a.x0, b.x0), fmax(a.y0, b.y0), fmin(a.x1, b.x1), fmin(a.y1, b.y1)};
}

static double overlap(struct image_box a, struct image_box b)
{
    double shared = area(shared_part(a, b)), joint = area(a) + area(b) - shared;
    return joint > 0 ? shared / joint : 0;
}

static struct image_box edges(const struct box *box)
{
    return (struct image_box){(double)box->x_min, (double)box->y_min, (double)box->x_max, (double)box->y_max};
}

static struct image_box to_image(const struct matching *matching, struct image_box box)
{
    struct image_box back = augment_box_back(matching->boxes->draw, box);
    return (struct image_box){back.x0 * matching->scale_x, back.y0 * matching->scale_y,
                              back.x1 * matching->scale_x, back.y1 * matching->scale_y};
}

static void start(struct matching *matching, const struct view_boxes *boxes)
{
    const struct augment_draw *draw = boxes->draw;
    const struct record *record = boxes->record;
    *matching = (struct matching){.boxes = boxes,
                                  .scale_x = (double)record->width / draw->width,
                                  .scale_y = (double)record->height / draw->height};
    struct image_box whole = {0, 0, record->width, record->height};
    matching->seen =
        shared_part(to_image(matching, (struct image_box){0, 0, draw->width, draw->height}), whole);
    matching->count =
        boxes->copy->candidate_count < VIEW_BOXES_MAX ? boxes->copy->candidate_count : VIEW_BOXES_MAX;
    for (uint32_t i = 0; i < matching->count; i++)
        matching->copies[i] =
            shared_part(to_image(matching, edges(&boxes->copy->candidates[i].box)), matching->seen);
}

enum { NO_MATCH = VIEW_BOXES_MAX };

static uint32_t find_match(const struct matching *matching, struct image_box box, uint32_t label,
                           double *ret_overlap)
{
    uint32_t best = NO_MATCH;
    double most = 0.5;
    for (uint32_t i = 0; i < matching->count; i++) {
        double here = matching->is_used[i] || matching->boxes->copy->candidates[i].label != label
                          ? 0
                          : overlap(box, matching->copies[i]);
        if (here < most || (best != NO_MATCH && here <= most))
            continue;
        best = i;
        most = here;
    }
    *ret_overlap = most;
    return best;
}

/* One box of the image's answer; one that the operation moved out of sight for the most part does not count.
 */
static void match_answer(struct matching *matching, const struct candidate *answer, double *shared,
                         double *joint, struct view *view)
{
    struct image_box box = edges(&answer->box), visible = shared_part(box, matching->seen);
    double score = (double)answer->score, share = 0;
    uint32_t match = find_match(matching, visible, answer->label, &share);
    if (match != NO_MATCH)
        matching->is_used[match] = true;
    if (area(visible) < 0.6 * area(box))
        return;
    double other = match == NO_MATCH ? 0 : (double)matching->boxes->copy->candidates[match].score;
    *shared += match == NO_MATCH ? 0 : share * fmin(score, other);
    *joint += fmax(score, other);
    view->lost += (float)fmax(0, score - other);
}

/* Boxes that lie in the copy's own padding are nothing of the image. */
static void add_gained(const struct matching *matching, double *joint, struct view *view)
{
    const struct prediction *copy = matching->boxes->copy;
    uint32_t answers = record_answers(matching->boxes->header, copy->candidates, copy->candidate_count);
    for (uint32_t i = 0; i < answers && i < matching->count; i++) {
        if (matching->is_used[i] || !(area(matching->copies[i]) > 0))
            continue;
        *joint += (double)copy->candidates[i].score;
        view->gained += copy->candidates[i].score;
    }
    view->boxes = (float)answers;
}

bool view_of_boxes(const struct view_boxes *boxes, struct view *ret, struct error *err)
{
    const struct record *record = boxes->record;
    struct matching *matching = malloc(sizeof(*matching));
    struct view view = {0};
    double shared = 0, joint = 0;
    if (!matching)
        return error_no_memory(err);
    start(matching, boxes);
    uint32_t answers = record_answers(boxes->header, record->candidates, record->candidate_count);
    for (uint32_t i = 0; i < answers && i < VIEW_BOXES_MAX; i++)
        match_answer(matching, &record->candidates[i], &shared, &joint, &view);
    add_gained(matching, &joint, &view);
    free(matching);
    view.changed = (float)(joint > 0 ? fmin(fmax(1 - shared / joint, 0), 1) : 0);
    *ret = view;
    return true;
}
