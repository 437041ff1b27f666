/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Weights of a resize along one axis. Every operation and its precision follow Pillow's precompute_coeffs,
 * because the results must agree to the last bit: the box is float, the rest double, the weights are rounded
 * half away from zero.
 */
#include "image/scratch.h"

#include <math.h>

struct filter_shape {
    double support; /* half its width in source pixels, before it is widened */
    double (*weight)(double distance);
};

static double triangle(double distance)
{
    distance = fabs(distance);
    return distance < 1.0 ? 1.0 - distance : 0.0;
}

static double box(double distance)
{
    return distance > -0.5 && distance <= 0.5 ? 1.0 : 0.0;
}

static const struct filter_shape filter_shapes[] = {
    [IMAGE_FILTER_BILINEAR] = {1.0, triangle},
    [IMAGE_FILTER_AREA] = {0.5, box},
};

struct axis_scale {
    const struct filter_shape *shape;
    double start, scale, widening, support;
    uint32_t size;
};

static uint32_t weight_limit(const struct axis_scale *scale)
{
    return (uint32_t)ceil(scale->support) * 2 + 1;
}

/* The source pixels of output pixel `i`: *ret_first and, as return value, how many. `weights` gets one each,
 * summing to 1. */
static uint32_t weigh_pixel(const struct axis_scale *scale, uint32_t i, double *weights, uint32_t *ret_first)
{
    double center = scale->start + (i + 0.5) * scale->scale;
    double first = center - scale->support + 0.5, end = center + scale->support + 0.5;
    uint32_t from = first > 0.0 ? (uint32_t)first : 0;
    uint32_t to = end < scale->size ? (uint32_t)end : scale->size;
    double inverse = 1.0 / scale->widening, sum = 0.0;
    for (uint32_t x = from; x < to; x++) {
        double weight = scale->shape->weight((x - center + 0.5) * inverse);
        weights[x - from] = weight;
        sum += weight;
    }
    uint32_t count = to > from ? to - from : 0;
    for (uint32_t x = 0; x < count && sum != 0.0; x++)
        weights[x] /= sum;
    *ret_first = from;
    return count;
}

/* Makes the weights integers in place of `to` and drops zeros at both ends, which change no sum. */
static struct resize_tap round_weights(const double *weights, uint32_t first, uint32_t count, int32_t *to)
{
    struct resize_tap tap = {.first = first};
    for (uint32_t i = 0; i < count; i++) {
        int32_t weight = (int32_t)(0.5 + weights[i] * (1 << RESIZE_WEIGHT_BITS));
        if (weight == 0 && tap.count == 0)
            tap.first++;
        else
            to[tap.count++] = weight;
    }
    while (tap.count > 0 && to[tap.count - 1] == 0)
        tap.count--;
    tap.is_even = tap.count <= RESIZE_EVEN_MAX;
    for (uint32_t i = 1; i < tap.count; i++)
        tap.is_even &= to[i] == to[0];
    return tap;
}

bool resize_axis_plan(struct resize_axis *axis, const struct axis_request *request, struct error *err)
{
    uint32_t count = request->count;
    float start = (float)request->start, end = (float)request->end;
    struct axis_scale scale = {.shape = &filter_shapes[request->filter],
                               .start = (double)start,
                               .scale = (double)(end - start) / count,
                               .size = request->size};
    scale.widening = scale.scale < 1.0 ? 1.0 : scale.scale;
    scale.support = scale.shape->support * scale.widening;
    uint32_t limit = weight_limit(&scale);
    struct resize_tap *taps = scratch_block_reserve(&axis->tap_block, count, sizeof(*taps));
    int32_t *weights = scratch_block_reserve(&axis->weight_block, (size_t)limit * count, sizeof(*weights));
    double *exact = scratch_block_reserve(&axis->exact_block, limit, sizeof(*exact));
    if (!taps || !weights || !exact)
        return error_no_memory(err);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t first = 0;
        uint32_t found = weigh_pixel(&scale, i, exact, &first);
        taps[i] = round_weights(exact, first, found, weights + (size_t)i * limit);
        taps[i].weights = i * limit;
    }
    axis->taps = taps;
    axis->weights = weights;
    axis->count = count;
    axis->is_identity = count == request->size && start == 0.0F && (double)end == (double)request->size;
    return true;
}
