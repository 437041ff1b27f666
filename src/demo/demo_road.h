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
    int step, steps;
    yyjson_mut_doc *tasks_doc;
    yyjson_mut_val *tasks;    /* of the road, as they ended */
    const char *run, *mining; /* task ids */
    bool has_training;        /* the training dataset is there already, without a version */
    int64_t confirmed, relabeled;
    struct ranking scores[DEMO_SCORES_MAX]; /* the list's own, then the kind's rivals */
};

/* Makes the images, imports the model, publishes the training dataset, runs the service with filtering,
 * answers for a person, publishes, and compares with the truth. The API of road->cli is open. */
MUST_CHECK bool demo_road_walk(struct demo_road *road, struct error *err);
/* Adds what came out to the object. */
void demo_road_summary(const struct demo_road *road, yyjson_mut_doc *doc, yyjson_mut_val *into);
/* The same as far as the hard examples, which are left to people; what is there from before is not done
 * again. `tell` is called before each of the DEMO_LOAD_STEPS steps. */
enum { DEMO_LOAD_STEPS = 4 };
typedef void demo_teller(void *state, const char *static_stage);
MUST_CHECK bool demo_road_load(struct demo_road *road, demo_teller *tell, void *state, struct error *err);
void demo_road_release(struct demo_road *road);

#endif
