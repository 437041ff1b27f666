/* SPDX-License-Identifier: Apache-2.0 */
#include "mining/spread.h"

#include "mining/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Images order[first] … order[first + count - 1]. */
struct cluster {
    uint32_t first, count;
    double inertia;
};
struct spreading {
    const struct spread_input *input;
    uint32_t *order, *spare;
    double *squares; /* of each row's norm */
    bool *is_second; /* half of the cluster that is being split */
    struct cluster *clusters;
    uint32_t cluster_count;
    double *sums;                /* length */
    float *mean[2], *difference; /* length each */
};

static const float *row_of(const struct spreading *spreading, uint32_t image)
{
    return spreading->input->rows + (size_t)image * spreading->input->length;
}

/* The weighted mean of those on one side, or of all. Returns the sum of weights. */
static double take_mean(struct spreading *spreading, const struct cluster *cluster, int side, float *ret)
{
    uint32_t length = spreading->input->length;
    double weight = 0, *sums = spreading->sums;
    memset(sums, 0, length * sizeof(*sums));
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++) {
        if (side >= 0 && spreading->is_second[i] != (side == 1))
            continue;
        uint32_t image = spreading->order[i];
        const float *row = row_of(spreading, image);
        double one = spreading->input->weights[image];
        weight += one;
        for (uint32_t k = 0; k < length; k++)
            sums[k] += one * (double)row[k];
    }
    for (uint32_t k = 0; k < length && weight > 0; k++)
        ret[k] = (float)(sums[k] / weight);
    return weight;
}

static double apart(const struct spreading *spreading, uint32_t image, const float *point,
                    double point_square)
{
    return spreading->squares[image] + point_square -
           2 * neighbour_dot(row_of(spreading, image), point, spreading->input->length);
}

static void take_inertia(struct spreading *spreading, struct cluster *cluster)
{
    cluster->inertia = 0;
    if (cluster->count < 2)
        return;
    float *mean = spreading->mean[0];
    (void)take_mean(spreading, cluster, -1, mean);
    double square = neighbour_dot(mean, mean, spreading->input->length);
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++) {
        uint32_t image = spreading->order[i];
        cluster->inertia += spreading->input->weights[image] * apart(spreading, image, mean, square);
    }
}

/* The image nearest to the weighted mean; the first of equals. */
static uint32_t middle_of(struct spreading *spreading, const struct cluster *cluster)
{
    float *mean = spreading->mean[0];
    (void)take_mean(spreading, cluster, -1, mean);
    double least = (double)INFINITY, square = neighbour_dot(mean, mean, spreading->input->length);
    uint32_t found = spreading->order[cluster->first];
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++) {
        double far = apart(spreading, spreading->order[i], mean, square);
        if (far < least) {
            least = far;
            found = spreading->order[i];
        }
    }
    return found;
}

/* The image farthest from a point, by weight; the first of equals. */
static uint32_t farthest(const struct spreading *spreading, const struct cluster *cluster, const float *point)
{
    double most = -1, square = neighbour_dot(point, point, spreading->input->length);
    uint32_t found = spreading->order[cluster->first];
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++) {
        uint32_t image = spreading->order[i];
        double far = spreading->input->weights[image] * apart(spreading, image, point, square);
        if (far > most) {
            most = far;
            found = image;
        }
    }
    return found;
}

/* Sides by the nearer mean. Returns how many changed; *ret_second: how many are on the second. */
static uint32_t take_sides(struct spreading *spreading, const struct cluster *cluster, uint32_t *ret_second)
{
    uint32_t length = spreading->input->length, changed = 0, second = 0;
    float *const *mean = spreading->mean;
    for (uint32_t k = 0; k < length; k++)
        spreading->difference[k] = mean[1][k] - mean[0][k];
    double middle = (neighbour_dot(mean[1], mean[1], length) - neighbour_dot(mean[0], mean[0], length)) / 2;
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++) {
        bool is_second =
            neighbour_dot(row_of(spreading, spreading->order[i]), spreading->difference, length) > middle;
        changed += is_second != spreading->is_second[i];
        second += is_second;
        spreading->is_second[i] = is_second;
    }
    *ret_second = second;
    return changed;
}

/* Returns how many go to the second half; 0: they cannot be told apart. */
static uint32_t halve(struct spreading *spreading, const struct cluster *cluster)
{
    size_t bytes = spreading->input->length * sizeof(float);
    uint32_t second = 0;
    (void)take_mean(spreading, cluster, -1, spreading->mean[0]);
    memcpy(spreading->mean[0], row_of(spreading, farthest(spreading, cluster, spreading->mean[0])), bytes);
    memcpy(spreading->mean[1], row_of(spreading, farthest(spreading, cluster, spreading->mean[0])), bytes);
    memset(spreading->is_second + cluster->first, 0, cluster->count);
    for (int round = 0; round < SPREAD_ROUNDS_MAX; round++) {
        uint32_t changed = take_sides(spreading, cluster, &second);
        if (second == 0 || second == cluster->count)
            return 0;
        if (changed == 0)
            break;
        (void)take_mean(spreading, cluster, 0, spreading->mean[0]);
        (void)take_mean(spreading, cluster, 1, spreading->mean[1]);
    }
    return second;
}

/* Splits a cluster in two, each in the order it had; what cannot be split is left alone from now on. */
static void split(struct spreading *spreading, struct cluster *cluster)
{
    uint32_t second = halve(spreading, cluster);
    if (second == 0) {
        cluster->inertia = 0;
        return;
    }
    uint32_t first = cluster->count - second, at[2] = {cluster->first, cluster->first + first};
    for (uint32_t i = cluster->first; i < cluster->first + cluster->count; i++)
        spreading->spare[at[spreading->is_second[i]]++] = spreading->order[i];
    memcpy(spreading->order + cluster->first, spreading->spare + cluster->first,
           cluster->count * sizeof(*spreading->order));
    struct cluster *other = &spreading->clusters[spreading->cluster_count++];
    *other = (struct cluster){.first = cluster->first + first, .count = second};
    cluster->count = first;
    take_inertia(spreading, cluster);
    take_inertia(spreading, other);
}

static struct cluster *widest(struct spreading *spreading)
{
    struct cluster *found = &spreading->clusters[0];
    for (uint32_t i = 1; i < spreading->cluster_count; i++)
        if (spreading->clusters[i].inertia > found->inertia)
            found = &spreading->clusters[i];
    return found;
}

static void spread_all(struct spreading *spreading, struct spread_output *ret)
{
    const struct spread_input *input = spreading->input;
    for (uint32_t i = 0; i < input->count; i++) {
        const float *row = row_of(spreading, i);
        spreading->order[i] = i;
        spreading->squares[i] = neighbour_dot(row, row, input->length);
    }
    spreading->clusters[0] = (struct cluster){.count = input->count};
    spreading->cluster_count = 1;
    take_inertia(spreading, &spreading->clusters[0]);
    while (spreading->cluster_count < input->clusters) {
        struct cluster *cluster = widest(spreading);
        if (!(cluster->inertia > 0))
            break;
        split(spreading, cluster);
    }
    ret->found = input->count > 0 ? spreading->cluster_count : 0;
    for (uint32_t c = 0; c < ret->found; c++) {
        const struct cluster *cluster = &spreading->clusters[c];
        ret->middles[c] = middle_of(spreading, cluster);
        for (uint32_t i = 0; i < cluster->count; i++)
            ret->clusters[spreading->order[cluster->first + i]] = c;
    }
}

bool spread_images(const struct spread_input *input, struct spread_output *ret, struct error *err)
{
    if (input->clusters == 0 || input->clusters > SPREAD_CLUSTERS_MAX || input->length == 0 ||
        input->length > SPREAD_LENGTH_MAX)
        return error_set(err, ERR_INVALID, "images are spread over 1 to %d clusters by up to %d numbers",
                         SPREAD_CLUSTERS_MAX, SPREAD_LENGTH_MAX);
    size_t count = (size_t)input->count + 1, length = input->length;
    struct spreading spreading = {.input = input};
    float *points = calloc(length * 3, sizeof(*points));
    uint32_t *orders = calloc(count * 2, sizeof(*orders));
    spreading.squares = calloc(count, sizeof(*spreading.squares));
    spreading.is_second = calloc(count, sizeof(*spreading.is_second));
    spreading.clusters = calloc((size_t)input->clusters + 1, sizeof(*spreading.clusters));
    spreading.sums = calloc(length, sizeof(*spreading.sums));
    bool has_memory =
        points && orders && spreading.squares && spreading.is_second && spreading.clusters && spreading.sums;
    if (has_memory) {
        spreading.order = orders;
        spreading.spare = orders + count;
        spreading.mean[0] = points;
        spreading.mean[1] = points + length;
        spreading.difference = points + 2 * length;
        spread_all(&spreading, ret);
    }
    free(points);
    free(orders);
    free(spreading.squares);
    free(spreading.is_second);
    free(spreading.clusters);
    free(spreading.sums);
    return has_memory || error_no_memory(err);
}
