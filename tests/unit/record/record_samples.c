/* SPDX-License-Identifier: Apache-2.0 */
#include "record_samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

const char *const sample_run_names[RUN_COUNT] = {"classification", "detection", "topk"};

static void set_features(struct record *record, uint32_t i, bool has_boxes)
{
    int measured = has_boxes ? FEATURE_COUNT : FEATURE_BOX_COUNT;
    for (int f = 0; f < FEATURE_COUNT; f++)
        record->features[f] = f < measured ? 100.0 * f + i + 0.125 : (double)NAN;
}

static void set_vectors(struct record_samples *samples, uint32_t i)
{
    struct record *record = &samples->records[i];
    for (uint32_t n = 0; n < SAMPLE_APPEARANCE; n++)
        samples->appearance[i][n] = (float)(i + 1) * 0.5F - (float)n * 0.25F;
    for (uint32_t n = 0; n < SAMPLE_EMBEDDING; n++)
        samples->embeddings[i][n] = (float)(i + 1) + (float)n * 0.125F;
    if (samples->header.appearance_length > 0)
        record->appearance = samples->appearance[i];
    if (samples->header.embedding_length > 0)
        record->embedding = samples->embeddings[i];
}

static void set_logits(struct record_samples *samples, uint32_t i)
{
    struct record *record = &samples->records[i];
    uint32_t columns = record_logit_columns(&samples->header);
    for (uint32_t c = 0; c < columns; c++)
        samples->logits[i][c] = 4 - (float)c * 0.25F + (float)i;
    for (uint32_t c = 0; c < RECORD_LOGITS_TOP; c++)
        samples->logit_classes[i][c] = (c * 7 + i) % SAMPLE_CLASSES_MAX;
    record->logits = samples->logits[i];
    record->logit_classes = columns < samples->header.classes ? samples->logit_classes[i] : NULL;
    record->log_sum_exp = 5.125 + i;
}

static void set_candidates(struct record_samples *samples, uint32_t i, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++)
        samples->candidates[i][n] = (struct candidate){
            .box = {.x_min = 8 * (float)n, .y_min = 0.5F, .x_max = 8 * (float)n + 16, .y_max = 32.25F},
            .score = 0.75F - 0.25F * (float)n,
            .label = n,
            .brightness = n == 0 ? 96.5F : NAN,
            .clarity = n == 0 ? 12.25F : NAN};
    for (uint32_t n = 0; n < count * 2; n++)
        samples->candidate_scores[i][n] = 0.75F - 0.125F * (float)n;
    samples->records[i].candidates = samples->candidates[i];
    samples->records[i].candidate_scores = samples->candidate_scores[i];
    samples->records[i].candidate_count = count;
}

static struct record image(const char *source, const char *format, uint32_t width, uint32_t height)
{
    return (struct record){.source = source,
                           .format = format,
                           .content_hash = "00112233445566778899aabbccddeeff",
                           .bytes = 12345,
                           .width = width,
                           .height = height,
                           .orientation = 1,
                           .perceptual_hash = 0x0123456789ABCDEF,
                           .log_sum_exp = (double)NAN};
}

static struct record failure(const char *source, const char *error)
{
    struct record record = {.source = source, .error = error, .orientation = 1, .log_sum_exp = (double)NAN};
    set_features(&record, 0, false);
    for (int f = 0; f < FEATURE_COUNT; f++)
        record.features[f] = (double)NAN;
    return record;
}

static void classification(struct record_samples *samples)
{
    static const char *const one[] = {"cat"};
    static const char *const two[] = {"a \"dog\"", "\xE7\x8C\xAB"};
    samples->header.embedding_length = SAMPLE_EMBEDDING;
    samples->records[0] = image("/in/a \"quoted\"\n\x01 name.jpg", "jpeg", 640, 480);
    samples->records[0].orientation = 6;
    samples->records[0].warnings = IMAGE_WARNING_PARTIAL | IMAGE_WARNING_BAD_METADATA;
    samples->records[0].truth_labels = one;
    samples->records[0].truth_count = 1;
    samples->records[0].usage = "TRAIN";
    samples->records[1] = failure("file:///in/caf%E9.jpg", "not a supported image");
    samples->records[1].content_hash = "ffeeddccbbaa99887766554433221100";
    samples->records[1].bytes = 9007199254740993;
    samples->records[2] = image("/in/\xC3\xBC/\xE7\x8C\xAB.png", "png", 1, 65500);
    samples->records[2].perceptual_hash = 0xFFFFFFFFFFFFFFFF;
    samples->records[2].truth_labels = two;
    samples->records[2].truth_count = 2;
    samples->records[3] = failure("/in/gone.png", "no such file");
    samples->count = 4;
    for (uint32_t i = 0; i < samples->count; i += 2) {
        set_features(&samples->records[i], i, false);
        set_vectors(samples, i);
        set_logits(samples, i);
    }
}

static void detection(struct record_samples *samples)
{
    static const uint32_t boxes[] = {2, 0, 0, 1};
    static const char *const both[] = {"a \"dog\"", "cat"};
    static const struct box drawn[] = {{0, 0.5F, 12.25F, 48}, {-0.125F, 3, 64, 16777216}};
    samples->header.score_threshold = 0.625;
    samples->header.candidate_floor = 0.0625;
    samples->records[0] = image("/in/two.jpg", "jpeg", 64, 48);
    samples->records[1] = image("/in/none.jpg", "jpeg", 64, 48);
    samples->records[2] = failure("/in/bad.jpg", "the file is cut off");
    samples->records[3] = image("/in/one.jpg", "jpeg", 64, 48);
    samples->records[0].truth_labels = both;
    samples->records[0].truth_boxes = drawn;
    samples->records[0].truth_count = 2;
    samples->records[1].truth_labels = both; /* a person said that it shows nothing */
    samples->records[1].truth_boxes = drawn;
    samples->count = 4;
    for (uint32_t i = 0; i < samples->count; i++) {
        if (samples->records[i].error)
            continue;
        set_features(&samples->records[i], i, true);
        set_vectors(samples, i);
        set_candidates(samples, i, boxes[i]);
    }
}

static void topk(struct record_samples *samples)
{
    samples->header.appearance_length = 0;
    samples->header.embedding_length = SAMPLE_EMBEDDING;
    samples->records[0] = image("s3://bucket/a.png", "png", 32, 32);
    samples->records[1] = image("s3://bucket/b.png", "png", 32, 32);
    samples->count = 2;
    for (uint32_t i = 0; i < samples->count; i++) {
        set_features(&samples->records[i], i, false);
        set_vectors(samples, i);
        set_logits(samples, i);
    }
}

struct record_samples *record_samples_new(enum sample_run run)
{
    static const uint32_t classes[RUN_COUNT] = {3, 2, SAMPLE_CLASSES_MAX};
    static void (*const fill[RUN_COUNT])(struct record_samples *) = {classification, detection, topk};
    static const char *const names[] = {"cat", "a \"dog\"", "\xE7\x8C\xAB"};
    struct record_samples *samples = calloc(1, sizeof(*samples));
    if (!samples)
        abort();
    for (uint32_t c = 0; c < classes[run]; c++) {
        (void)snprintf(samples->label_texts[c], sizeof(samples->label_texts[c]), "class %04u", c);
        samples->labels[c] = run == RUN_TOPK ? samples->label_texts[c] : names[c];
    }
    samples->header = (struct record_header){
        .type = run == RUN_DETECTION ? MODEL_TYPE_DETECTION : MODEL_TYPE_CLASSIFICATION,
        .activation = run == RUN_DETECTION ? ACTIVATION_SIGMOID : ACTIVATION_SOFTMAX,
        .classes = classes[run],
        .appearance_length = SAMPLE_APPEARANCE,
        .appearance_name = "grid-hog-1",
        .decode = "exact",
        .model_hash = "0123456789abcdef0123456789abcdef",
        .labels = samples->labels};
    fill[run](samples);
    return samples;
}

bool record_samples_write(const struct record_samples *samples, struct store *store, const char *folder,
                          struct error *err)
{
    for (uint32_t first = 0; first < samples->count; first += SAMPLES_PER_SHARD)
        if (!record_shard_write(store, folder,
                                &(struct record_rows){first / SAMPLES_PER_SHARD, first, &samples->header,
                                                      samples->records + first, SAMPLES_PER_SHARD},
                                err))
            return false;
    return true;
}
