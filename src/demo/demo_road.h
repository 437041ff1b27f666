/* SPDX-License-Identifier: Apache-2.0 */
/* One walk down the road, for one kind of model. */
#ifndef DEMO_DEMO_ROAD_H
#define DEMO_DEMO_ROAD_H

#include "demo/demo_kind.h"

enum { DEMO_LABEL_BYTES = 64 };

struct demo_road {
    struct cli *cli;
    const struct demo_kind *kind;
    struct demo_data data;
    const char *labels[DEMO_CLASSES];
    char label_texts[DEMO_CLASSES][DEMO_LABEL_BYTES];
    double start, step_start;
    int step;
    yyjson_mut_doc *tasks_doc;
    yyjson_mut_val *tasks;    /* of the road, as they ended */
    const char *run, *mining; /* task ids */
    int64_t confirmed, relabeled;
    struct ranking scores[DEMO_SCORES_MAX]; /* the list's own, then the kind's rivals */
};

/* Makes the images, imports the model, publishes the training dataset, runs the service with filtering,
 * answers for a person, publishes, and compares with the truth. The API of road->cli is open. */
MUST_CHECK bool demo_road_walk(struct demo_road *road, struct error *err);
/* Adds what came out to the object. */
void demo_road_summary(const struct demo_road *road, yyjson_mut_doc *doc, yyjson_mut_val *into);
void demo_road_release(struct demo_road *road);

#endif
