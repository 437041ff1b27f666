/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run of 500 images of three classes and a training set of 300, made up: every class has its own direction
 * in both feature spaces. A few images of the run are planted faults. Include after test.h.
 */
#ifndef TESTS_RUN_FIXTURE_H
#define TESTS_RUN_FIXTURE_H

#include "mining/mining.h"
#include "run_shards.h"
#include "temp_folder.h"

#include <math.h>

enum { RUN_IMAGES = 500, TRAINING_IMAGES = 300, RUN_CLASSES = 3, EMBEDDING = 6, APPEARANCE = 8 };
/* The planted ones. */
enum { DARK = 17, UNSURE = 230, MISTAKEN = 301, BLANK = 333, BROKEN = 400 };

static const char *const run_labels[RUN_CLASSES] = {"circle", "square", "star"};

struct made_image {
    float logits[RUN_CLASSES], embedding[EMBEDDING], appearance[APPEARANCE];
    char source[64];
    const char *truth;
};
struct run_fixture {
    char folder[TEMP_PATH_BYTES];
    struct store *store;
    struct record_header header;
    struct made_image images[RUN_IMAGES];
    struct record records[RUN_IMAGES];
    uint64_t seed;
    struct record_set *set;
    struct profile *profile;
};

static double fixture_random(struct run_fixture *fixture)
{
    fixture->seed = fixture->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (double)(fixture->seed >> 11) / 9007199254740992.0 - 0.5;
}

/* No two images are alike. */
static uint64_t fixture_hash(uint32_t index)
{
    uint64_t hash = (index + 1ULL) * 0x9E3779B97F4A7C15ULL;
    hash = (hash ^ hash >> 30) * 0xBF58476D1CE4E5B9ULL;
    return hash ^ hash >> 31;
}

static void make_image(struct run_fixture *fixture, uint32_t index, const char *prefix)
{
    struct made_image *image = &fixture->images[index];
    struct record *record = &fixture->records[index];
    uint32_t class_index = index % RUN_CLASSES;
    for (uint32_t i = 0; i < RUN_CLASSES; i++)
        image->logits[i] = (float)((i == class_index ? 9 : 0) + fixture_random(fixture));
    for (uint32_t i = 0; i < EMBEDDING; i++)
        image->embedding[i] = (float)((i == class_index ? 3 : 0) + 0.4 * fixture_random(fixture));
    for (uint32_t i = 0; i < APPEARANCE; i++)
        image->appearance[i] = (float)((i == class_index ? 1 : 0) + 0.2 * fixture_random(fixture));
    (void)snprintf(image->source, sizeof(image->source), "s3://%s/%04u.png", prefix, index);
    image->truth = run_labels[class_index];
    *record = (struct record){.source = image->source,
                              .format = "png",
                              .content_hash = "00112233445566778899aabbccddeeff",
                              .width = 640,
                              .height = 480,
                              .orientation = 1,
                              .perceptual_hash = fixture_hash(index),
                              .embedding = image->embedding,
                              .appearance = image->appearance,
                              .logits = image->logits};
    for (int f = 0; f < FEATURE_COUNT; f++)
        record->features[f] = f < FEATURE_BOX_COUNT ? 100 + 40 * fixture_random(fixture) : (double)NAN;
    record->features[FEATURE_RESOLUTION] = 640 * 480;
    record->features[FEATURE_ASPECT_RATIO] = 0.75;
}

static void finish_logits(struct record *record)
{
    double sum = 0;
    for (int i = 0; i < RUN_CLASSES; i++)
        sum += exp((double)record->logits[i]);
    record->log_sum_exp = log(sum);
}

static void plant_faults(struct run_fixture *fixture)
{
    fixture->records[DARK].features[FEATURE_BRIGHTNESS] = 3;
    for (int i = 0; i < RUN_CLASSES; i++)
        fixture->images[UNSURE].logits[i] = i == UNSURE % RUN_CLASSES ? 0.1F : 0;
    for (int i = 0; i < APPEARANCE; i++) /* looks like the next class, and the model is sure of its own */
        fixture->images[MISTAKEN].appearance[i] = i == (MISTAKEN + 1) % RUN_CLASSES ? 1 : 0.01F;
    memset(fixture->images[BLANK].appearance, 0, sizeof(fixture->images[BLANK].appearance));
    memset(fixture->images[BLANK].embedding, 0, sizeof(fixture->images[BLANK].embedding));
    fixture->records[BROKEN] = (struct record){.source = fixture->images[BROKEN].source,
                                               .error = "not a supported image",
                                               .log_sum_exp = (double)NAN};
    for (int f = 0; f < FEATURE_COUNT; f++)
        fixture->records[BROKEN].features[f] = (double)NAN;
}

static void write_shards(struct run_fixture *fixture, const char *folder, uint32_t images, uint32_t per_shard)
{
    run_shards_write(
        &(struct run_shards){fixture->store, folder, &fixture->header, fixture->records, images, per_shard});
}

static void make_training(struct run_fixture *fixture)
{
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++) {
        make_image(fixture, i, "training");
        fixture->records[i].truth_labels = &fixture->images[i].truth;
        fixture->records[i].truth_count = 1;
        finish_logits(&fixture->records[i]);
    }
    write_shards(fixture, "training", TRAINING_IMAGES, TRAINING_IMAGES);
}

static void make_run(struct run_fixture *fixture)
{
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        make_image(fixture, i, "run");
    plant_faults(fixture);
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        if (!fixture->records[i].error)
            finish_logits(&fixture->records[i]);
    write_shards(fixture, "run", RUN_IMAGES, 130); /* shards that are no multiple of a block */
    write_shards(fixture, "run-whole", RUN_IMAGES, RUN_IMAGES);
}

__attribute__((unused)) static struct record_set *fixture_set(struct run_fixture *fixture, const char *folder)
{
    struct error err = {0};
    fixture->set = record_set_free(fixture->set);
    if (!record_set_open(fixture->store, folder, &fixture->set, &err))
        fail_msg("%s", err.message);
    return fixture->set;
}

static int fixture_start(void **state)
{
    struct error err = {0};
    struct run_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->seed = 11;
    fixture->header = (struct record_header){.type = MODEL_TYPE_CLASSIFICATION,
                                             .activation = ACTIVATION_SOFTMAX,
                                             .classes = RUN_CLASSES,
                                             .embedding_length = EMBEDDING,
                                             .appearance_length = APPEARANCE,
                                             .appearance_name = "grid-hog-1",
                                             .decode = "exact",
                                             .model_hash = "ffeeddccbbaa99887766554433221100",
                                             .labels = run_labels};
    temp_folder_make(fixture->folder);
    if (!store_open(fixture->folder, false, &fixture->store, &err))
        fail_msg("%s", err.message);
    make_training(fixture);
    make_run(fixture);
    if (!profile_open(fixture->store, "training", &fixture->profile, &err))
        fail_msg("%s", err.message);
    *state = fixture;
    return 0;
}

static int fixture_stop(void **state)
{
    struct run_fixture *fixture = *state;
    fixture->set = record_set_free(fixture->set);
    fixture->profile = profile_free(fixture->profile);
    fixture->store = store_free(fixture->store);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

#endif
