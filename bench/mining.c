/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long mining takes over stored records, and how much memory.
 *
 *     mining FOLDER IMAGES TRAINING
 *
 * Makes records of a run and of a training set, of a classifier with 100 classes, 512 numbers of embedding
 * and 336 of appearance; then mines them.
 */
#include "mining/mining.h"
#include "base/clock.h"
#include "base/text.h"
#include "demo/scene_parts.h"
#include "record/record_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { CLASSES = 100, EMBEDDING = 512, APPEARANCE = 336, SHARD_IMAGES = 512, EACH_WRONG = 10, HELD_OUT = 25 };

struct made {
    char source[32];
    const char *truth;
    float embedding[EMBEDDING], appearance[APPEARANCE], logits[CLASSES];
};
struct maker {
    struct store *store;
    struct record_header header;
    char names[CLASSES][16];
    const char *labels[CLASSES];
    float centres[CLASSES][EMBEDDING + APPEARANCE];
    struct made made[SHARD_IMAGES];
    struct record records[SHARD_IMAGES];
    struct dice dice;
};

static int fail(const struct error *err)
{
    fprintf(stderr, "%s\n", err->message);
    return 1;
}

/* -0.5..0.5 */
static double dice(struct maker *maker)
{
    return (double)(dice_throw(&maker->dice) >> 11) / 9007199254740992.0 - 0.5;
}

static void start(struct maker *maker)
{
    for (int c = 0; c < CLASSES; c++) {
        (void)snprintf(maker->names[c], sizeof(maker->names[c]), "class %03d", c);
        maker->labels[c] = maker->names[c];
        for (int i = 0; i < EMBEDDING + APPEARANCE; i++)
            maker->centres[c][i] = (float)dice(maker);
    }
    maker->header = (struct record_header){.type = MODEL_TYPE_CLASSIFICATION,
                                           .activation = ACTIVATION_SOFTMAX,
                                           .classes = CLASSES,
                                           .embedding_length = EMBEDDING,
                                           .appearance_length = APPEARANCE,
                                           .appearance_name = "made",
                                           .decode = "exact",
                                           .model_hash = "00112233445566778899aabbccddeeff",
                                           .labels = maker->labels};
}

/* Near the centre of its class; one in EACH_WRONG is called by the next class, without much ado. */
static void make(struct maker *maker, uint64_t number, bool is_training, struct made *made,
                 struct record *ret)
{
    uint32_t class_index = (uint32_t)(number % CLASSES);
    bool is_wrong = number / CLASSES % EACH_WRONG == 0;
    uint32_t said = is_wrong ? (class_index + 1) % CLASSES : class_index;
    (void)snprintf(made->source, sizeof(made->source), "%c%llu.jpg", is_training ? 't' : 'r',
                   (unsigned long long)number);
    for (int i = 0; i < EMBEDDING; i++)
        made->embedding[i] = maker->centres[class_index][i] + (float)(2 * dice(maker));
    for (int i = 0; i < APPEARANCE; i++)
        made->appearance[i] = maker->centres[class_index][EMBEDDING + i] + (float)(2 * dice(maker));
    double sum = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        made->logits[i] = (float)(dice(maker) + (i == said ? 5 + 8 * dice(maker) : 0));
        sum += exp((double)made->logits[i]);
    }
    made->truth = maker->labels[class_index];
    *ret = (struct record){.source = made->source,
                           .format = "jpeg",
                           .content_hash = "00112233445566778899aabbccddeeff",
                           .width = 640,
                           .height = 480,
                           .orientation = 1,
                           .perceptual_hash = dice_throw(&maker->dice),
                           .embedding = made->embedding,
                           .appearance = made->appearance,
                           .logits = made->logits,
                           .log_sum_exp = log(sum)};
    for (int f = 0; f < FEATURE_COUNT; f++)
        ret->features[f] = f < FEATURE_BOX_COUNT ? 100 + 40 * dice(maker) : (double)NAN;
    if (!is_training)
        return;
    ret->truth_labels = &made->truth;
    ret->truth_count = 1;
    ret->usage = number % HELD_OUT == 0 ? "EVAL" : "TRAIN";
}

static bool make_set(struct maker *maker, const char *folder, uint64_t images, bool is_training,
                     struct error *err)
{
    struct record_rows rows = {.header = &maker->header, .records = maker->records};
    for (; rows.first < images; rows.first += rows.count, rows.shard++) {
        uint64_t left = images - rows.first;
        rows.count = left < SHARD_IMAGES ? (uint32_t)left : SHARD_IMAGES;
        for (uint32_t i = 0; i < rows.count; i++)
            make(maker, rows.first + i, is_training, &maker->made[i], &maker->records[i]);
        if (!record_shard_write(maker->store, folder, &rows, err))
            return false;
    }
    return true;
}

/* So far. */
static double peak_mib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static bool bench(struct store *store, struct error *err)
{
    struct record_set *opened = NULL;
    struct profile *training = NULL;
    struct mining_settings settings;
    struct mining_result result;
    double start = clock_steady_seconds();
    if (!record_set_open(store, "run", &opened, err))
        return false;
    AUTO(record_set) records = opened;
    if (!profile_open(store, "training", &training, err))
        return false;
    AUTO(profile) profile = training;
    printf("training profile opened in %.1f s, %.0f MiB at most so far\n", clock_steady_seconds() - start,
           peak_mib());
    params_defaults(mining_params, &settings);
    settings.top = "5%";
    const struct mining_input input = {.records = records, .profile = profile, .threads = workers_cores()};
    start = clock_steady_seconds();
    if (!mining_run(&input, &settings, &result, err))
        return false;
    double seconds = clock_steady_seconds() - start;
    printf(
        "%llu records against %u: %.1f s on %u threads, %.0f a second, %zu in the list, %.0f MiB at most\n",
        (unsigned long long)record_set_count(records), profile_count(profile), seconds, input.threads,
        (double)record_set_count(records) / seconds, result.hard_count, peak_mib());
    mining_result_release(&result);
    return true;
}

int main(int argc, char **argv)
{
    struct error err = {0};
    uint64_t images = 0, training = 0;
    struct store *store = NULL;
    if (argc != 4 || !text_to_count(argv[2], "IMAGES", 1, 100000000, &images, &err) ||
        !text_to_count(argv[3], "TRAINING", 1, PROFILE_SAMPLES_MAX, &training, &err)) {
        fprintf(stderr, "usage: mining FOLDER IMAGES TRAINING\n");
        return 2;
    }
    struct maker *maker = calloc(1, sizeof(*maker));
    if (!maker || !store_open(argv[1], true, &store, &err))
        return fail(&err);
    maker->store = store;
    maker->dice.state = 1;
    start(maker);
    double begun = clock_steady_seconds();
    bool is_done =
        make_set(maker, "training", training, true, &err) && make_set(maker, "run", images, false, &err);
    free(maker);
    printf("records made in %.1f s\n", clock_steady_seconds() - begun);
    is_done = is_done && bench(store, &err);
    store = store_free(store);
    return is_done ? 0 : fail(&err);
}
