/* SPDX-License-Identifier: Apache-2.0 */
#include "given/given_reader.h"

#include <math.h>
#include <string.h>

/* Rounded probabilities may come to a little more than 1. */
static const double sum_slack = 1e-3;

static bool check_name(const struct given_image *image, struct error *err)
{
    size_t bytes = image->name ? strlen(image->name) : 0;
    return (bytes > 0 && bytes <= GIVEN_NAME_MAX_BYTES) ||
           error_set(err, bytes ? ERR_LIMIT : ERR_INVALID,
                     "the name of the image has %zu bytes; 1 to %d may be", bytes, GIVEN_NAME_MAX_BYTES);
}

static bool check_scores(struct given_sink *sink, const struct given_image *image, struct error *err)
{
    double sum = 0;
    if (image->score_count == 0)
        return error_set(err, ERR_INVALID, "there is no score; leave the image out, or say \"error\"");
    given_labels_turn(sink->labels);
    for (uint32_t i = 0; i < image->score_count; i++) {
        sum += (double)image->scores[i].value;
        if (!given_labels_first(sink->labels, image->scores[i].label))
            return error_set(err, ERR_INVALID, "the label '%.100s' has two scores",
                             given_labels_name(sink->labels, image->scores[i].label));
    }
    if (image->are_logits || sink->activation != ACTIVATION_SOFTMAX || sum <= 1 + sum_slack)
        return true;
    return error_set(err, ERR_INVALID,
                     "the scores come to %.4g in all; where each label is for itself give --activation "
                     "sigmoid, and logits under \"logits\"",
                     sum);
}

static bool check_boxes(struct given_sink *sink, const struct given_image *image, struct error *err)
{
    if (image->box_count > PREDICTION_CANDIDATES_MAX)
        return error_set(err, ERR_LIMIT, "there are %u boxes; %d may be in an image", image->box_count,
                         PREDICTION_CANDIDATES_MAX);
    for (uint32_t i = 0; i < image->box_count; i++) {
        const struct box *box = &image->boxes[i].box;
        if (!(box->x_min <= box->x_max && box->y_min <= box->y_max))
            return error_set(err, ERR_INVALID, "box %u from %g, %g to %g, %g is upside down", i,
                             (double)box->x_min, (double)box->y_min, (double)box->x_max, (double)box->y_max);
        sink->lowest_score = fmin(sink->lowest_score, (double)image->boxes[i].score);
    }
    return true;
}

static bool check_same(struct given_sink *sink, const struct given_image *image, struct error *err)
{
    if (sink->has_type && sink->type != image->type)
        return error_set(err, ERR_INVALID, "this is %s, what came before %s; give each kind by itself",
                         model_type_name(image->type), model_type_name(sink->type));
    sink->has_type = true;
    sink->type = image->type;
    if (image->embedding && sink->embedding_length && sink->embedding_length != image->embedding_length)
        return error_set(err, ERR_INVALID, "embedding has %u numbers, those before have %u",
                         image->embedding_length, sink->embedding_length);
    if (image->embedding)
        sink->embedding_length = image->embedding_length;
    return true;
}

bool given_sink_put(struct given_sink *sink, const struct given_image *image, struct error *err)
{
    if (sink->stop && atomic_load(&sink->stop->is_set))
        return error_set(err, ERR_CANCELLED, "stopped");
    if (sink->images == GIVEN_IMAGES_MAX)
        return error_set(err, ERR_LIMIT, "there are more than %d predictions; mine them in parts",
                         GIVEN_IMAGES_MAX);
    if (!check_name(image, err))
        return false;
    if (!image->error && (!check_same(sink, image, err) ||
                          !(image->type == MODEL_TYPE_DETECTION ? check_boxes(sink, image, err)
                                                                : check_scores(sink, image, err))))
        return false;
    sink->images++;
    return sink->take(sink->state, image, err);
}
