/* SPDX-License-Identifier: Apache-2.0 */
#include "given_checks.h"

#include "given/spool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX_BYTES = 64 * 1024 * 1024, ARENA_BYTES = 512 * 1024 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

bool given_feed(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    struct given_stream *stream = state;
    (void)err;
    size_t bytes = stream->left % 61 + 1;
    bytes = bytes < stream->left ? bytes : stream->left;
    bytes = bytes < capacity ? bytes : capacity;
    if (bytes > 0)
        memcpy(into, stream->bytes, bytes);
    stream->bytes += bytes;
    stream->left -= bytes;
    *ret_bytes = bytes;
    return true;
}

static bool check(void *state, const struct given_image *image, struct error *err)
{
    struct given_checks *checks = state;
    must(image->name && image->name[0] && strlen(image->name) <= GIVEN_NAME_MAX_BYTES);
    for (uint32_t i = 0; !image->error && i < image->score_count; i++) {
        must(given_labels_name(checks->labels, image->scores[i].label)[0] != '\0');
        must(isfinite(image->scores[i].value));
        must(image->are_logits || (image->scores[i].value >= 0 && image->scores[i].value <= 1));
    }
    for (uint32_t i = 0; !image->error && i < image->box_count; i++) {
        const struct given_box *box = &image->boxes[i];
        must(given_labels_name(checks->labels, box->label)[0] != '\0');
        must(box->score >= 0 && box->score <= 1 && box->box.x_min <= box->box.x_max &&
             box->box.y_min <= box->box.y_max);
        must(isfinite(box->box.x_min) && isfinite(box->box.x_max) && isfinite(box->box.y_min) &&
             isfinite(box->box.y_max));
    }
    for (uint32_t i = 0; !image->error && i < image->embedding_length; i++)
        must(isfinite(image->embedding[i]));
    return spool_write(image, &checks->rows, err);
}

bool given_checks_start(struct given_checks *checks)
{
    *checks = (struct given_checks){.labels = given_labels_new(), .arena = arena_new(ARENA_BYTES)};
    buffer_init(&checks->rows, ROWS_MAX_BYTES);
    checks->sink =
        (struct given_sink){.labels = checks->labels, .state = checks, .take = check, .lowest_score = 1};
    return checks->labels && checks->arena;
}

/* The first row is enough: what is read back is a prediction of all labels. */
static void read_back(struct given_checks *checks)
{
    struct error err = {0};
    struct prediction prediction;
    const struct given_shape shape = {.classes = given_labels_count(checks->labels)};
    const struct spool_asked asked = {checks->labels, ACTIVATION_SOFTMAX, &shape};
    const struct bytes rows = {checks->rows.data, checks->rows.size};
    if (!spool_read(rows, 0, &asked, checks->arena, &prediction, &err))
        return;
    must(prediction.classes == shape.classes);
    for (uint32_t c = 0; prediction.logits && c < prediction.classes; c++)
        must(isfinite(prediction.logits[c]));
    for (uint32_t i = 1; i < prediction.candidate_count; i++)
        must(prediction.candidates[i].score <= prediction.candidates[i - 1].score);
}

void given_checks_end(struct given_checks *checks)
{
    struct error err = {0};
    if (checks->labels && checks->rows.size > 0 && given_labels_settle(checks->labels, &err))
        read_back(checks);
    buffer_release(&checks->rows);
    checks->labels = given_labels_free(checks->labels);
    checks->arena = arena_free(checks->arena);
}

void given_checks_error(bool is_done, const struct error *err)
{
    must(is_done || (err->code != ERR_NONE && err->message[0] != '\0'));
}
