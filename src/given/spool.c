/* SPDX-License-Identifier: Apache-2.0 */
#include "given/spool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 8, SCORES_MAX = 32 * 1024 * 1024 };
static const double log_floor = -87; /* of what is never said: as our own probabilities of 0 have it */

/* What stands before the arrays: scores or boxes, embedding, name, error. */
struct row {
    uint64_t place;
    uint32_t type, are_logits;
    uint32_t scores, boxes, embedding, name_bytes, error_bytes, has_error;
};

/* Zeros up to the next place that is aligned, at least `least` of them. */
static void pad(struct buffer *into, size_t bytes, size_t least)
{
    static const char zeros[ALIGNMENT] = {0};
    (void)buffer_add(into, zeros, least + (ALIGNMENT - (bytes + least) % ALIGNMENT) % ALIGNMENT);
}

static void add_padded(struct buffer *into, const void *data, size_t bytes)
{
    if (bytes > 0)
        (void)buffer_add(into, data, bytes);
    pad(into, bytes, 0);
}

static size_t padded(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

bool spool_write(const struct given_image *image, struct buffer *into, struct error *err)
{
    size_t error_bytes = image->error ? strlen(image->error) : 0;
    error_bytes = error_bytes < GIVEN_ERROR_MAX_BYTES ? error_bytes : GIVEN_ERROR_MAX_BYTES;
    const struct row row = {.place = image->place,
                            .type = image->type,
                            .are_logits = image->are_logits,
                            .scores = image->error ? 0 : image->score_count,
                            .boxes = image->error ? 0 : image->box_count,
                            .embedding = image->error ? 0 : image->embedding_length,
                            .name_bytes = (uint32_t)strlen(image->name),
                            .error_bytes = (uint32_t)error_bytes,
                            .has_error = image->error != NULL};
    (void)buffer_add(into, &row, sizeof(row));
    add_padded(into, image->scores, row.scores * sizeof(*image->scores));
    add_padded(into, image->boxes, row.boxes * sizeof(*image->boxes));
    add_padded(into, image->embedding, row.embedding * sizeof(*image->embedding));
    add_padded(into, image->name, row.name_bytes + 1);
    if (error_bytes > 0)
        (void)buffer_add(into, image->error, error_bytes);
    pad(into, error_bytes, 1); /* it may have been cut: its end is written, too */
    return buffer_check(into, "the prediction of one image", err);
}

struct parts {
    struct row row;
    const struct given_score *scores;
    const struct given_box *boxes;
    const float *embedding;
    const char *name, *error;
};

static struct parts parts_of(struct bytes spool, uint64_t offset)
{
    struct parts parts;
    const char *at = (const char *)spool.data + offset;
    memcpy(&parts.row, at, sizeof(parts.row));
    at += sizeof(parts.row);
    parts.scores = (const struct given_score *)(const void *)at;
    at += padded(parts.row.scores * sizeof(*parts.scores));
    parts.boxes = (const struct given_box *)(const void *)at;
    at += padded(parts.row.boxes * sizeof(*parts.boxes));
    parts.embedding = (const float *)(const void *)at;
    at += padded(parts.row.embedding * sizeof(*parts.embedding));
    parts.name = at;
    parts.error = at + padded(parts.row.name_bytes + 1U);
    return parts;
}

const char *spool_name(struct bytes spool, uint64_t offset)
{
    return parts_of(spool, offset).name;
}

uint64_t spool_place(struct bytes spool, uint64_t offset)
{
    return parts_of(spool, offset).row.place;
}

/* ---- classification ---- */

static bool take_logits(const struct parts *parts, const struct spool_asked *asked, float *logits,
                        struct error *err)
{
    if (parts->row.scores != asked->shape->classes)
        return error_set(err, ERR_INVALID, "its prediction has logits of %u of the %u labels",
                         parts->row.scores, asked->shape->classes);
    for (uint32_t i = 0; i < parts->row.scores; i++)
        logits[given_labels_index(asked->labels, parts->scores[i].label)] = parts->scores[i].value;
    return true;
}

/* Probabilities of one class of all: the labels without one share what the others leave, but none gets more
 * than the smallest that was given. */
static void take_softmax(const struct parts *parts, const struct spool_asked *asked, float *logits)
{
    double sum = 0, smallest = 1;
    uint32_t missing = asked->shape->classes - parts->row.scores;
    for (uint32_t i = 0; i < parts->row.scores; i++) {
        double score = (double)parts->scores[i].value;
        sum += score;
        smallest = score > 0 ? fmin(smallest, score) : smallest;
    }
    double least = fmin(GIVEN_SCORE_FLOOR, smallest);
    double rest = missing > 0 ? fmax(fmin((1 - sum) / missing, smallest), least) : least;
    for (uint32_t c = 0; c < asked->shape->classes; c++)
        logits[c] = (float)log(rest);
    for (uint32_t i = 0; i < parts->row.scores; i++) {
        double score = (double)parts->scores[i].value;
        logits[given_labels_index(asked->labels, parts->scores[i].label)] =
            (float)log(score > 0 ? score : least);
    }
}

static void take_sigmoid(const struct parts *parts, const struct spool_asked *asked, float *logits)
{
    for (uint32_t c = 0; c < asked->shape->classes; c++)
        logits[c] = (float)log_floor;
    for (uint32_t i = 0; i < parts->row.scores; i++) {
        double score = (double)parts->scores[i].value;
        double yes = score > 0 ? fmax(log(score), log_floor) : log_floor;
        double no = score < 1 ? fmax(log(1 - score), log_floor) : log_floor;
        logits[given_labels_index(asked->labels, parts->scores[i].label)] = (float)(yes - no);
    }
}

static bool take_scores(const struct parts *parts, const struct spool_asked *asked, struct arena *arena,
                        struct prediction *ret, struct error *err)
{
    float *logits = arena_array(arena, ret->classes, sizeof(*logits));
    if (!logits)
        return error_no_memory(err);
    ret->logits = logits;
    if (parts->row.are_logits)
        return take_logits(parts, asked, logits, err);
    if (asked->activation == ACTIVATION_SIGMOID)
        take_sigmoid(parts, asked, logits);
    else
        take_softmax(parts, asked, logits);
    return true;
}

/* ---- detection ---- */

struct ranked {
    const struct given_box *box;
    uint32_t place;
};

/* The best first, equals as they were given. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *one = a, *other = b;
    if (one->box->score < other->box->score || one->box->score > other->box->score)
        return one->box->score < other->box->score ? 1 : -1;
    return (one->place > other->place) - (one->place < other->place);
}

static bool take_boxes(const struct parts *parts, const struct spool_asked *asked, struct arena *arena,
                       struct prediction *ret, struct error *err)
{
    uint32_t count = parts->row.boxes;
    if ((uint64_t)count * ret->classes > SCORES_MAX)
        return error_set(err, ERR_LIMIT, "its prediction has %u boxes of %u classes: more than %d numbers",
                         count, ret->classes, SCORES_MAX);
    struct ranked *ranked = arena_array(arena, count + 1U, sizeof(*ranked));
    struct candidate *candidates = arena_array(arena, count + 1U, sizeof(*candidates));
    float *scores = arena_array(arena, (size_t)count * ret->classes + 1, sizeof(*scores));
    if (!ranked || !candidates || !scores)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        ranked[i] = (struct ranked){&parts->boxes[i], i};
    if (count > 0)
        qsort(ranked, count, sizeof(*ranked), compare_ranked);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t label = given_labels_index(asked->labels, ranked[i].box->label);
        candidates[i] = (struct candidate){.box = ranked[i].box->box,
                                           .score = ranked[i].box->score,
                                           .label = label,
                                           .brightness = (float)NAN,
                                           .clarity = (float)NAN};
        scores[(size_t)i * ret->classes + label] = ranked[i].box->score;
    }
    ret->candidates = candidates;
    ret->candidate_scores = scores;
    ret->candidate_count = count;
    return true;
}

bool spool_read(struct bytes spool, uint64_t offset, const struct spool_asked *asked, struct arena *arena,
                struct prediction *ret, struct error *err)
{
    const struct parts parts = parts_of(spool, offset);
    if (parts.row.has_error)
        return error_set(err, ERR_INVALID, "its prediction failed elsewhere: %s", parts.error);
    *ret = (struct prediction){.type = (enum model_type)parts.row.type,
                               .activation = asked->activation,
                               .classes = asked->shape->classes};
    uint32_t length = asked->shape->embedding_length;
    if (length > 0 && parts.row.embedding != length)
        return error_set(err, ERR_INVALID, "its prediction has no embedding, although others have");
    ret->embedding = length > 0 ? parts.embedding : NULL;
    ret->embedding_length = length;
    return ret->type == MODEL_TYPE_DETECTION ? take_boxes(&parts, asked, arena, ret, err)
                                             : take_scores(&parts, asked, arena, ret, err);
}

static bool clip_box(struct box *box, float width, float height)
{
    box->x_min = fmaxf(box->x_min, 0);
    box->y_min = fmaxf(box->y_min, 0);
    box->x_max = fminf(box->x_max, width);
    box->y_max = fminf(box->y_max, height);
    return box->x_min < box->x_max && box->y_min < box->y_max;
}

bool given_clip(struct prediction *prediction, const struct given_extent *extent, struct arena *arena,
                uint32_t *ret_dropped, struct error *err)
{
    uint32_t kept = 0, count = prediction->candidate_count;
    size_t classes = prediction->classes;
    struct candidate *candidates = arena_array(arena, count + 1U, sizeof(*candidates));
    float *scores = arena_array(arena, count * classes + 1, sizeof(*scores));
    if (!candidates || !scores)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        candidates[kept] = prediction->candidates[i];
        if (!clip_box(&candidates[kept].box, (float)extent->width, (float)extent->height))
            continue;
        memcpy(scores + kept * classes, prediction->candidate_scores + i * classes,
               classes * sizeof(*scores));
        kept++;
    }
    prediction->candidates = candidates;
    prediction->candidate_scores = scores;
    prediction->candidate_count = kept;
    *ret_dropped = count - kept;
    return true;
}
