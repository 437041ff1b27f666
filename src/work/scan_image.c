/* SPDX-License-Identifier: Apache-2.0 */
#include "work/scan_image.h"

#include "record/box_features.h"
#include "record/image_features.h"

#include <stdlib.h>
#include <string.h>

#define GIVEN_ARENA_BYTES ((size_t)512 * 1024 * 1024)

bool scan_worker_init(struct scan_worker *worker, const struct model_runner *runner,
                      const struct record_header *header, struct error *err)
{
    *worker = (struct scan_worker){.runner = runner, .header = header, .scratch = image_scratch_new()};
    buffer_init(&worker->file, IMAGE_FILE_MAX_BYTES);
    if (!worker->scratch)
        return error_no_memory(err);
    return model_scratch_new(runner, &worker->model, err);
}

bool scan_worker_init_given(struct scan_worker *worker, const struct scan_given *given, struct error *err)
{
    *worker = (struct scan_worker){.given = given,
                                   .arena = arena_new(GIVEN_ARENA_BYTES),
                                   .header = given->header,
                                   .scratch = image_scratch_new()};
    buffer_init(&worker->file, IMAGE_FILE_MAX_BYTES);
    return (worker->scratch && worker->arena) || error_no_memory(err);
}

void scan_worker_release(struct scan_worker *worker)
{
    worker->arena = arena_free(worker->arena);
    worker->model = model_scratch_free(worker->model);
    worker->scratch = image_scratch_free(worker->scratch);
    image_release(&worker->image);
    buffer_release(&worker->file);
    free(worker->boxes);
    free(worker->box_edges);
    free(worker->box_measures);
}

/* ---- boxes ---- */

/* Room for `count` boxes that stays from image to image. */
static bool make_room(struct scan_worker *worker, uint32_t count)
{
    if (count <= worker->box_capacity)
        return true;
    struct candidate *boxes = realloc(worker->boxes, count * sizeof(*boxes));
    worker->boxes = boxes ? boxes : worker->boxes;
    struct image_box *edges = realloc(worker->box_edges, count * sizeof(*edges));
    worker->box_edges = edges ? edges : worker->box_edges;
    struct image_box_measures *measures = realloc(worker->box_measures, count * sizeof(*measures));
    worker->box_measures = measures ? measures : worker->box_measures;
    if (!boxes || !edges || !measures)
        return false;
    worker->box_capacity = count;
    return true;
}

bool scan_boxes(struct scan_worker *worker, const struct input_item *item, struct scan_seen *seen,
                struct error *err)
{
    const struct prediction *prediction = &seen->prediction;
    uint32_t answers = record_answers(worker->header, prediction->candidates, prediction->candidate_count);
    bool has_truth = item->truth && (item->truth_boxes || item->truth_count == 0);
    uint32_t drawn = has_truth ? item->truth_count : 0;
    if (!make_room(worker, answers + drawn))
        return error_no_memory(err);
    for (uint32_t i = 0; i < answers; i++)
        worker->boxes[i] = prediction->candidates[i];
    for (uint32_t i = 0; i < drawn; i++)
        worker->boxes[answers + i] = (struct candidate){.box = item->truth_boxes[i]};
    record_measure_boxes(&worker->image, worker->scratch, worker->boxes, answers + drawn, worker->box_edges,
                         worker->box_measures);
    seen->answers = worker->boxes;
    seen->answer_count = answers;
    const struct image_boxes looked_at = {.boxes = has_truth ? worker->boxes + answers : worker->boxes,
                                          .count = has_truth ? drawn : answers,
                                          .width = worker->image.width,
                                          .height = worker->image.height};
    return record_box_features(&looked_at, seen->features, err);
}

/* Of a given prediction there is nothing to decode for when it is missing. */
static bool read_given(struct scan_worker *worker, struct prediction *ret, struct error *err)
{
    if (!worker->given)
        return true;
    arena_reset(worker->arena);
    return worker->given->read(worker->given->state, worker->number, worker->arena, ret, err);
}

static bool predict(struct scan_worker *worker, struct prediction *ret, struct error *err)
{
    const struct scan_given *given = worker->given;
    if (!given)
        return model_predict(worker->runner, worker->model, &worker->image, ret, err);
    return !given->fit || given->fit(given->state, ret, &worker->image, worker->arena, err);
}

/* Read, decode once, measure, preprocess, infer. */
bool scan_image(struct scan_worker *worker, struct store *input, const struct input_item *item,
                const struct image_options *options, struct scan_seen *ret, struct error *err)
{
    if (!read_given(worker, &ret->prediction, err))
        return false;
    if (!store_get(input, item->key, &worker->file, err))
        return err->code == ERR_NOT_FOUND ? error_set(err, ERR_NOT_FOUND, "there is no such file") : false;
    struct bytes file = {worker->file.data, worker->file.size};
    hash_of(file, ret->content_hash);
    ret->bytes = file.size;
    ret->has_file = true;
    if (!image_decode(file, options, &worker->image, &ret->info, err) ||
        !image_measure(&worker->image, worker->scratch, &worker->measures, err) ||
        !predict(worker, &ret->prediction, err))
        return false;
    record_image_features(&worker->measures.statistics, ret->features);
    ret->perceptual_hash = worker->measures.perceptual_hash;
    ret->appearance = worker->measures.appearance;
    return worker->header->type != MODEL_TYPE_DETECTION || scan_boxes(worker, item, ret, err);
}
