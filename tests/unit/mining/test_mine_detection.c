/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run of 300 images of a detector and a training set of 200, made up: every image shows one of three
 * classes, each with its own direction in the appearance space, found with a sure box; every tenth shows
 * nothing. A few images of the run are planted faults.
 */
#include "test.h"

#include "mining/mining.h"
#include "record/box_features.h"
#include "run_shards.h"
#include "temp_folder.h"

#include <math.h>
#include <stdlib.h>

enum { RUN_IMAGES = 300, TRAINING_IMAGES = 200, CLASSES = 3, APPEARANCE = 8, BOXES = 12, EMPTY_EVERY = 10 };
enum { NEAR = 11, SILENT = 22, ALMOST = 33, STRANGE = 44, CROWD = 55, TALL = 66, BROKEN = 77, UNSURE = 88 };

static const char *const labels[CLASSES] = {"bottle", "cup", "plate"};

struct made {
    struct candidate candidates[BOXES];
    float scores[BOXES * CLASSES], appearance[APPEARANCE];
    struct box truth;
    const char *truth_label;
    char source[64];
};
struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct store *store;
    struct record_header header;
    struct made images[RUN_IMAGES];
    struct record records[RUN_IMAGES];
    uint64_t seed;
    struct record_set *run;
    struct profile *profile;
};

static float next_random(struct fixture *fixture)
{
    fixture->seed = fixture->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (float)((double)(fixture->seed >> 11) / 9007199254740992.0 - 0.5);
}

static struct candidate *see(struct fixture *fixture, uint32_t index, float score, uint32_t label)
{
    struct record *record = &fixture->records[index];
    uint32_t at = record->candidate_count++;
    float left = 10 + 45 * (float)at, top = 100 + 4 * next_random(fixture);
    struct candidate *seen = &fixture->images[index].candidates[at];
    *seen = (struct candidate){.box = {left, top, left + 40 + 4 * next_random(fixture), top + 50},
                               .score = score,
                               .label = label,
                               .brightness = 100 + 20 * next_random(fixture),
                               .clarity = 50 + 10 * next_random(fixture)};
    return seen;
}

static void make_image(struct fixture *fixture, uint32_t index, const char *prefix)
{
    struct made *image = &fixture->images[index];
    struct record *record = &fixture->records[index];
    uint32_t class_index = index % CLASSES;
    for (uint32_t i = 0; i < APPEARANCE; i++)
        image->appearance[i] = (i == class_index ? 1.0F : 0.0F) + 0.1F * next_random(fixture);
    if (index % EMPTY_EVERY == 0)
        for (uint32_t i = 0; i < APPEARANCE; i++)
            image->appearance[i] = (i == CLASSES ? 1.0F : 0.0F) + 0.1F * next_random(fixture);
    (void)snprintf(image->source, sizeof(image->source), "s3://%s/%04u.png", prefix, index);
    *record = (struct record){.source = image->source,
                              .format = "png",
                              .content_hash = "00112233445566778899aabbccddeeff",
                              .width = 640,
                              .height = 480,
                              .orientation = 1,
                              .log_sum_exp = (double)NAN,
                              .appearance = image->appearance,
                              .candidates = image->candidates,
                              .candidate_scores = image->scores};
    for (int f = 0; f < FEATURE_BOX_COUNT; f++)
        record->features[f] = 100 + 40 * (double)next_random(fixture);
    if (index % EMPTY_EVERY != 0)
        (void)see(fixture, index, 0.97F + 0.02F * next_random(fixture), class_index);
}

static void measure(struct fixture *fixture, uint32_t index)
{
    struct error err = {0};
    struct record *record = &fixture->records[index];
    const struct image_boxes boxes = {
        record->candidates, record_answers(&fixture->header, record->candidates, record->candidate_count),
        record->width, record->height};
    assert_true(record_box_features(&boxes, record->features, &err));
}

static void plant_faults(struct fixture *fixture)
{
    for (int i = 0; i < 3; i++)
        (void)see(fixture, NEAR, 0.35F - 0.05F * (float)i, 1);
    fixture->records[SILENT].candidate_count = 0;
    fixture->images[ALMOST].candidates[0].score = 0.375F;
    for (int i = 0; i < APPEARANCE; i++) /* looks like the next class, and the model is sure of its own */
        fixture->images[STRANGE].appearance[i] = i == (STRANGE + 1) % CLASSES ? 1 : 0.01F;
    for (int i = 1; i < BOXES; i++)
        (void)see(fixture, CROWD, 0.95F, CROWD % CLASSES);
    fixture->images[TALL].candidates[0].box.y_max = 470;
    fixture->images[UNSURE].candidates[0].score = 0.4375F;
    fixture->records[BROKEN] = (struct record){
        .source = fixture->images[BROKEN].source, .error = "cut off", .log_sum_exp = (double)NAN};
    for (int f = 0; f < FEATURE_COUNT; f++)
        fixture->records[BROKEN].features[f] = (double)NAN;
}

static void write_shards(struct fixture *fixture, const char *folder, uint32_t images, uint32_t per_shard)
{
    run_shards_write(
        &(struct run_shards){fixture->store, folder, &fixture->header, fixture->records, images, per_shard});
}

/* A person drew the box that the model finds. */
static void make_labelled(struct fixture *fixture, uint32_t index, const char *prefix)
{
    struct record *record = &fixture->records[index];
    make_image(fixture, index, prefix);
    measure(fixture, index);
    fixture->images[index].truth = record->candidates[0].box;
    fixture->images[index].truth_label = labels[index % CLASSES];
    record->truth_labels = &fixture->images[index].truth_label;
    record->truth_boxes = &fixture->images[index].truth;
    record->truth_count = record->candidate_count;
}

static void make_training(struct fixture *fixture)
{
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++)
        make_labelled(fixture, i, "training");
    write_shards(fixture, "training", TRAINING_IMAGES, TRAINING_IMAGES);
}

/* Labelled images that the model never saw; of every fourth it finds the thing in a box much too high. */
static void make_held_out(struct fixture *fixture)
{
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++) {
        make_labelled(fixture, i, "held-out");
        fixture->records[i].usage = "EVAL";
        if (i % 4 == 1)
            fixture->images[i].candidates[0].box.y_max = 470;
    }
    write_shards(fixture, "held-out", TRAINING_IMAGES, TRAINING_IMAGES);
}

static void make_run(struct fixture *fixture)
{
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        make_image(fixture, i, "run");
    plant_faults(fixture);
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        if (!fixture->records[i].error)
            measure(fixture, i);
    write_shards(fixture, "run", RUN_IMAGES, 130); /* shards that are no multiple of a block */
    write_shards(fixture, "run-whole", RUN_IMAGES, RUN_IMAGES);
}

static int start(void **state)
{
    struct error err = {0};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->seed = 5;
    fixture->header = (struct record_header){.type = MODEL_TYPE_DETECTION,
                                             .activation = ACTIVATION_SIGMOID,
                                             .classes = CLASSES,
                                             .appearance_length = APPEARANCE,
                                             .appearance_name = "grid-hog-1",
                                             .decode = "exact",
                                             .model_hash = "ffeeddccbbaa99887766554433221100",
                                             .labels = labels,
                                             .score_threshold = 0.4,
                                             .candidate_floor = 0.05};
    temp_folder_make(fixture->folder);
    if (!store_open(fixture->folder, false, &fixture->store, &err))
        fail_msg("%s", err.message);
    make_training(fixture);
    make_held_out(fixture);
    make_run(fixture);
    if (!profile_open(fixture->store, "training", &fixture->profile, &err) ||
        !record_set_open(fixture->store, "run", &fixture->run, &err))
        fail_msg("%s", err.message);
    *state = fixture;
    return 0;
}

static int stop(void **state)
{
    struct fixture *fixture = *state;
    fixture->run = record_set_free(fixture->run);
    fixture->profile = profile_free(fixture->profile);
    fixture->store = store_free(fixture->store);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static struct mining_result mine_set(const struct fixture *fixture, const struct record_set *set,
                                     bool with_training, uint32_t threads)
{
    struct error err = {0};
    struct mining_settings settings;
    struct mining_result result;
    params_defaults(mining_params, &settings);
    const struct mining_input input = {
        .records = set, .profile = with_training ? fixture->profile : NULL, .threads = threads};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static const struct mining_hard_example *find(const struct mining_result *result, uint64_t record)
{
    for (size_t i = 0; i < result->hard_count; i++)
        if (result->hard[i].record == record)
            return &result->hard[i];
    return NULL;
}

static const struct mining_hard_example *find_hard(const struct mining_result *result, uint64_t record)
{
    static const struct mining_hard_example none;
    const struct mining_hard_example *found = find(result, record);
    assert_non_null(found);
    return found ? found : &none;
}

static bool has_reason(const struct mining_hard_example *example, uint8_t id)
{
    for (uint32_t i = 0; example && i < example->reason_count; i++)
        if (example->reasons[i].id == id)
            return true;
    return false;
}

static void planted_faults_are_found_with_their_reasons(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine_set(fixture, fixture->run, true, 2);
    assert_int_equal(result.failed, 1);
    assert_true(has_reason(find(&result, NEAR), 1));
    assert_true(has_reason(find(&result, UNSURE), 1));
    assert_true(has_reason(find(&result, ALMOST), 0));
    assert_true(has_reason(find(&result, STRANGE), 2));
    assert_true(has_reason(find(&result, STRANGE), 3));
    /* Nothing in the image's place of a bottle: its neighbours say so, and no candidate does. */
    assert_true(has_reason(find(&result, SILENT), 2));
    assert_true(result.coefficients[ALMOST] > result.coefficients[SILENT] - 0.2);
    assert_true(result.coefficients[CROWD] < 0.2);
    assert_true(result.hard_count < 12);
    mining_result_release(&result);
}

static void images_that_rightly_show_nothing_are_not_hard(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine_set(fixture, fixture->run, true, 1);
    for (uint32_t i = 0; i < RUN_IMAGES; i += EMPTY_EVERY)
        assert_null(find(&result, i));
    mining_result_release(&result);
    result = mine_set(fixture, fixture->run, false, 1);
    for (uint32_t i = 0; i < RUN_IMAGES; i += EMPTY_EVERY)
        assert_null(find(&result, i));
    mining_result_release(&result);
}

static void a_box_of_odd_shape_lifts_the_image(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine_set(fixture, fixture->run, true, 1);
    assert_true(result.coefficients[TALL] > result.coefficients[TALL + CLASSES] + 0.01);
    mining_result_release(&result);
}

static void a_hard_example_knows_its_boxes(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine_set(fixture, fixture->run, true, 2);
    const struct mining_hard_example *near = find_hard(&result, NEAR), *almost = find_hard(&result, ALMOST);
    assert_int_equal(near->box_count, 1);
    assert_memory_equal(near->boxes, fixture->images[NEAR].candidates, sizeof(struct candidate));
    assert_int_equal(near->predicted_class, NEAR % CLASSES);
    assert_true(near->predicted_score == (double)fixture->images[NEAR].candidates[0].score);
    assert_int_equal(almost->box_count, 0);
    assert_int_equal(almost->predicted_class, CLASS_NONE);
    assert_true(isnan(almost->predicted_score));
    mining_result_release(&result);
}

static void every_hard_example_has_a_reason_with_evidence(void **state)
{
    const struct fixture *fixture = *state;
    for (int with_training = 0; with_training < 2; with_training++) {
        struct mining_result result = mine_set(fixture, fixture->run, with_training, 2);
        assert_true(result.hard_count >= 3);
        for (size_t i = 0; i < result.hard_count; i++) {
            const struct mining_hard_example *example = &result.hard[i];
            struct error err = {0};
            AUTO_JSON evidence = NULL;
            assert_true(example->reason_count > 0);
            assert_true(json_parse((struct bytes){example->evidence_json, strlen(example->evidence_json)},
                                   "evidence", &evidence, &err));
            for (uint32_t r = 0; r < example->reason_count; r++) {
                char id[8];
                (void)snprintf(id, sizeof(id), "%u", example->reasons[r].id);
                yyjson_val *one = yyjson_obj_get(yyjson_doc_get_root(evidence), id);
                assert_non_null(yyjson_obj_get(one, "sentence"));
            }
        }
        mining_result_release(&result);
    }
}

static void threads_and_shards_change_nothing(void **state)
{
    const struct fixture *fixture = *state;
    struct error err = {0};
    struct record_set *opened = NULL;
    assert_true(record_set_open(fixture->store, "run-whole", &opened, &err));
    AUTO(record_set) whole = opened;
    struct mining_result one = mine_set(fixture, whole, false, 1);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        struct mining_result other = mine_set(fixture, fixture->run, false, threads);
        assert_int_equal(one.hard_count, other.hard_count);
        for (uint64_t i = 0; i < RUN_IMAGES; i++)
            assert_true(one.coefficients[i] == other.coefficients[i] ||
                        (isnan(one.coefficients[i]) && isnan(other.coefficients[i])));
        for (size_t i = 0; i < one.hard_count; i++)
            assert_string_equal(one.hard[i].evidence_json, other.hard[i].evidence_json);
        mining_result_release(&other);
    }
    mining_result_release(&one);
}

static void the_report_tells_what_a_detector_usually_does(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine_set(fixture, fixture->run, true, 1);
    struct error err = {0};
    AUTO_BUFFER(text, 1 << 20);
    AUTO_JSON report = NULL;
    assert_true(json_write(result.report, false, &text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "report", &report, &err));
    yyjson_val *root = yyjson_doc_get_root(report), *detection = yyjson_obj_get(root, "detection");
    assert_true(json_number(detection, "score_threshold", 0) == 0.4);
    assert_true(json_number(detection, "usual_near_mass", -1) == 0);
    /* The 20 empty training images: 1 - 21/22. */
    assert_true(fabs(json_number(detection, "missed_share", 0) - 1.0 / 22) < 1e-9);
    assert_true(json_number(yyjson_obj_get(root, "training"), "appearance_worth", 0) > 0.9);
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(root, "features")), FEATURE_COUNT);
    mining_result_release(&result);
}

static void boxes_of_the_answer_teach_and_not_those_that_a_person_drew(void **state)
{
    const struct fixture *fixture = *state;
    struct error err = {0};
    struct mining_settings settings;
    struct mining_result result;
    struct profile *opened = NULL;
    struct record_set *records = NULL;
    AUTO_BUFFER(text, 1 << 20);
    AUTO_JSON report = NULL;
    if (!profile_open(fixture->store, "held-out", &opened, &err) ||
        !record_set_open(fixture->store, "held-out", &records, &err))
        fail_msg("%s", err.message);
    AUTO(profile) profile = opened;
    AUTO(record_set) training = records;
    params_defaults(mining_params, &settings);
    const struct mining_input input = {
        .records = fixture->run, .profile = profile, .training = training, .threads = 1};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    assert_true(json_write(result.report, false, &text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "report", &report, &err));
    yyjson_val *learned = yyjson_obj_get(yyjson_doc_get_root(report), "learned");
    assert_int_equal(json_integer(learned, "held_out", 0), TRAINING_IMAGES);
    assert_int_equal(json_integer(learned, "wrong", 0), 50);
    assert_true(json_number(yyjson_obj_get(learned, "slopes"), "distribution", 0) > 0.5);
    mining_result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_faults_are_found_with_their_reasons),
        cmocka_unit_test(images_that_rightly_show_nothing_are_not_hard),
        cmocka_unit_test(a_box_of_odd_shape_lifts_the_image),
        cmocka_unit_test(a_hard_example_knows_its_boxes),
        cmocka_unit_test(every_hard_example_has_a_reason_with_evidence),
        cmocka_unit_test(threads_and_shards_change_nothing),
        cmocka_unit_test(boxes_of_the_answer_teach_and_not_those_that_a_person_drew),
        cmocka_unit_test(the_report_tells_what_a_detector_usually_does),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
