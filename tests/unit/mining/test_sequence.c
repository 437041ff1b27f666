/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A detector's run of bursts, made up: objects that drift and jitter, come and go, with scores that waver. In
 * two of three bursts one frame misses a box that is there, or has one that is not.
 */
#include "test.h"

#include "mining/mining.h"
#include "mining/sequence.h"
#include "run_shards.h"
#include "temp_folder.h"

#include <math.h>
#include <stdlib.h>

enum { BURSTS = 60, FRAMES = 10, IMAGES = BURSTS * FRAMES, OBJECTS = 3, BOXES = OBJECTS + 1, APPEARANCE = 4 };

static const char *const labels[] = {"bottle", "cup", "plate"};

struct made {
    struct candidate candidates[BOXES];
    float scores[BOXES * OBJECTS], appearance[APPEARANCE];
    char source[64];
    bool is_planted;
};
struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct store *store;
    struct record_header header;
    struct made images[IMAGES];
    struct record records[IMAGES];
    uint64_t seed;
};

static uint64_t next_bits(struct fixture *fixture)
{
    fixture->seed = fixture->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return fixture->seed >> 33;
}

static float next_float(struct fixture *fixture)
{
    return (float)((double)next_bits(fixture) / 2147483648.0);
}

static void see(struct record *record, struct made *made, struct box box, float score, uint32_t label)
{
    uint32_t at = record->candidate_count++;
    while (at > 0 && made->candidates[at - 1].score < score) {
        made->candidates[at] = made->candidates[at - 1];
        at--;
    }
    made->candidates[at] =
        (struct candidate){.box = box, .score = score, .label = label, .brightness = 100, .clarity = 50};
    record->features[FEATURE_BOX_COUNT] = record->candidate_count;
}

static void start_image(struct fixture *fixture, uint32_t index, uint64_t scene)
{
    struct made *made = &fixture->images[index];
    *made = (struct made){.appearance = {1, 0, 0, 0}};
    (void)snprintf(made->source, sizeof(made->source), "s3://camera/frame_%u.png", index);
    for (int i = 0; i < 3; i++) /* up to three low frequencies change from frame to frame */
        scene ^= 1ULL << next_bits(fixture) % 64;
    fixture->records[index] = (struct record){.source = made->source,
                                              .format = "png",
                                              .content_hash = "00112233445566778899aabbccddeeff",
                                              .width = 640,
                                              .height = 480,
                                              .orientation = 1,
                                              .perceptual_hash = scene,
                                              .log_sum_exp = (double)NAN,
                                              .appearance = made->appearance,
                                              .candidates = made->candidates,
                                              .candidate_scores = made->scores};
    for (int f = 0; f < FEATURE_COUNT; f++)
        fixture->records[index].features[f] = (double)NAN;
}

struct object {
    float x, y, dx, dy, score;
    uint32_t label, from, to; /* frames in which it is there */
};

static void show_object(struct fixture *fixture, uint32_t index, const struct object *object, float frame)
{
    struct box box = {.x_min = object->x + object->dx * frame + 3 * next_float(fixture),
                      .y_min = object->y + object->dy * frame + 3 * next_float(fixture)};
    box.x_max = box.x_min + 60 + 4 * next_float(fixture);
    box.y_max = box.y_min + 90 + 4 * next_float(fixture);
    float score = fminf(object->score + 0.2F * (next_float(fixture) - 0.5F), 0.99F);
    see(&fixture->records[index], &fixture->images[index], box, score, object->label);
}

static void make_burst(struct fixture *fixture, uint32_t burst)
{
    struct object objects[OBJECTS];
    uint64_t scene = next_bits(fixture) << 33 ^ next_bits(fixture) << 5 ^ next_bits(fixture);
    uint32_t planted_at = 2 + (uint32_t)(next_bits(fixture) % (FRAMES - 4));
    for (uint32_t i = 0; i < OBJECTS; i++)
        objects[i] = (struct object){.x = 30 + 180 * (float)i,
                                     .y = 200 * next_float(fixture),
                                     .dx = 24 * (next_float(fixture) - 0.5F),
                                     .dy = 16 * next_float(fixture),
                                     .score = 0.5F + 0.4F * next_float(fixture),
                                     .label = i,
                                     .from = i == 1 ? (uint32_t)(next_bits(fixture) % 4) : 0,
                                     .to = i == 2 ? 6 + (uint32_t)(next_bits(fixture) % 4) : FRAMES};
    for (uint32_t frame = 0; frame < FRAMES; frame++) {
        uint32_t index = burst * FRAMES + frame;
        bool is_planted = burst % 3 != 2 && frame == planted_at;
        start_image(fixture, index, scene);
        fixture->images[index].is_planted = is_planted;
        for (uint32_t i = 0; i < OBJECTS; i++)
            if (frame >= objects[i].from && frame < objects[i].to &&
                !(is_planted && burst % 3 == 0 && i == 0))
                show_object(fixture, index, &objects[i], (float)frame);
        if (is_planted && burst % 3 == 1)
            see(&fixture->records[index], &fixture->images[index], (struct box){300, 380, 350, 470},
                0.4F + 0.5F * next_float(fixture), 1);
    }
}

static void write_run(struct fixture *fixture, const char *folder, uint32_t per_shard)
{
    run_shards_write(
        &(struct run_shards){fixture->store, folder, &fixture->header, fixture->records, IMAGES, per_shard});
}

static int start(void **state)
{
    struct error err = {0};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->seed = 5;
    fixture->header = (struct record_header){.type = MODEL_TYPE_DETECTION,
                                             .activation = ACTIVATION_SIGMOID,
                                             .classes = OBJECTS,
                                             .appearance_length = APPEARANCE,
                                             .appearance_name = "grid-hog-1",
                                             .decode = "exact",
                                             .model_hash = "ffeeddccbbaa99887766554433221100",
                                             .score_threshold = 0.3,
                                             .candidate_floor = 0.05,
                                             .labels = labels};
    temp_folder_make(fixture->folder);
    if (!store_open(fixture->folder, false, &fixture->store, &err))
        fail_msg("%s", err.message);
    for (uint32_t burst = 0; burst < BURSTS; burst++)
        make_burst(fixture, burst);
    write_run(fixture, "run", 77); /* bursts cross the borders of shards */
    write_run(fixture, "whole", IMAGES);
    *state = fixture;
    return 0;
}

static int stop(void **state)
{
    struct fixture *fixture = *state;
    fixture->store = store_free(fixture->store);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static struct record_set *open_set(const struct fixture *fixture, const char *folder)
{
    struct record_set *set = NULL;
    struct error err = {0};
    if (!record_set_open(fixture->store, folder, &set, &err))
        fail_msg("%s", err.message);
    return set;
}

static struct mining_result mine(const struct fixture *fixture, const char *folder, uint32_t threads)
{
    struct mining_settings settings;
    struct mining_result result = {0};
    struct error err = {0};
    AUTO(record_set) set = open_set(fixture, folder);
    params_defaults(mining_params, &settings);
    settings.comprehensive_algo_config = "sequential_mining:1";
    settings.algo_hard_threshold = all_rules[4]->speaks_from;
    const struct mining_input input = {.records = set, .threads = threads, .keeps_strengths = true};
    if (!mining_run(&input, &settings, &result, &err))
        fail_msg("%s", err.message);
    return result;
}

static void planted_misses_and_ghosts_are_found(void **state)
{
    const struct fixture *fixture = *state;
    struct mining_result result = mine(fixture, "run", 2);
    double planted = 0, right = 0, found = (double)result.hard_count;
    for (uint32_t i = 0; i < IMAGES; i++)
        planted += fixture->images[i].is_planted;
    for (size_t i = 0; i < result.hard_count; i++)
        right += fixture->images[result.hard[i].record].is_planted;
    print_message("# %.0f planted, %.0f found: recall %.3f, precision %.3f\n", planted, found,
                  right / planted, right / found);
    assert_true(right >= 0.8 * planted);
    assert_true(right >= 0.8 * found);
    mining_result_release(&result);
}

static void threads_and_shards_change_nothing(void **state)
{
    struct mining_result one = mine(*state, "whole", 1), other = mine(*state, "run", 3);
    assert_int_equal(one.hard_count, other.hard_count);
    assert_memory_equal(one.coefficients, other.coefficients, IMAGES * sizeof(double));
    for (size_t i = 0; i < one.hard_count; i++)
        assert_string_equal(one.hard[i].evidence_json, other.hard[i].evidence_json);
    mining_result_release(&one);
    mining_result_release(&other);
}

static void evidence_names_the_frames_also_across_shards(void **state)
{
    struct mining_result result = mine(*state, "run", 2);
    assert_true(result.hard_count > 0);
    for (size_t i = 0; i < result.hard_count; i++) {
        assert_non_null(strstr(result.hard[i].evidence_json, "\"place\":-1,\"source\":\"s3://camera/frame_"));
        assert_non_null(strstr(result.hard[i].evidence_json, "\"order\":\"name\""));
        assert_null(strstr(result.hard[i].evidence_json, "\"source\":null"));
    }
    mining_result_release(&result);
}

/* ---- orders ---- */

static struct sequence *read_within(const struct record_set *set, enum sequence_order order,
                                    struct sequence_limits limits)
{
    struct sequence *sequence = NULL;
    struct error err = {0};
    if (!sequence_new(set, order, &limits, &sequence, &err))
        fail_msg("%s", err.message);
    for (uint32_t i = 0; i < record_set_shards(set); i++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(set, i, &shard, &err) || !sequence_add(sequence, shard, &err))
            fail_msg("%s", err.message);
    }
    if (!sequence_finish(sequence, &err))
        fail_msg("%s", err.message);
    return sequence;
}

static struct sequence *read_sequence(const struct record_set *set, enum sequence_order order)
{
    return read_within(set, order, (struct sequence_limits){SEQUENCE_BOXES_MAX, SEQUENCE_NAMES_MAX_BYTES});
}

/* The burst of 5 frames of one scene as the input lists them, under these names. */
static struct sequence *five(struct fixture *fixture, const char *const names[5], enum sequence_order order,
                             struct record_set **ret_set)
{
    struct record records[5];
    for (uint32_t i = 0; i < 5; i++) {
        records[i] = fixture->records[i];
        records[i].perceptual_hash = 0xfeedULL << i;
        if (names[i])
            records[i].source = names[i];
        else
            records[i] =
                (struct record){.source = "s3://a/3b.png", .error = "broken", .log_sum_exp = (double)NAN};
        for (int f = 0; f < FEATURE_COUNT && !names[i]; f++)
            records[i].features[f] = (double)NAN;
    }
    run_shards_write(&(struct run_shards){fixture->store, "five", &fixture->header, records, 5, 2});
    *ret_set = open_set(fixture, "five");
    return read_sequence(*ret_set, order);
}

static void expect(const struct sequence *sequence, uint64_t record, const char *places)
{
    struct sequence_frames frames;
    char text[64] = "";
    sequence_frames_of(sequence, record, &frames);
    for (uint32_t i = 0; i < frames.count; i++) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof(text) - used, "%d:%u ", frames.frames[i].place,
                       (unsigned)frames.frames[i].record);
    }
    assert_string_equal(text, places);
}

static void names_are_sorted_as_people_sort_them_within_a_folder(void **state)
{
    static const char *const names[] = {"a/10.png", "a/9.png", "b/11.png", "a/8.png", "b/12.png"};
    AUTO(record_set) set = NULL;
    AUTO(sequence) sequence = five(*state, names, SEQUENCE_BY_NAME, &set);
    assert_null(sequence_off(sequence));
    expect(sequence, 1, "-1:3 1:0 "); /* 8, 9, 10 */
    expect(sequence, 0, "-2:3 -1:1 ");
    expect(sequence, 2, "1:4 ");
    AUTO(record_set) other = NULL;
    AUTO(sequence) listed = five(*state, names, SEQUENCE_BY_MANIFEST, &other);
    expect(listed, 1, "-1:0 1:2 2:3 ");
}

static void failed_images_are_passed_over(void **state)
{
    static const char *const names[] = {"a/1.png", "a/2.png", "a/3.png", NULL, "a/4.png"};
    AUTO(record_set) set = NULL;
    AUTO(sequence) sequence = five(*state, names, SEQUENCE_BY_NAME, &set);
    expect(sequence, 4, "-2:1 -1:2 ");
    expect(sequence, 3, "");
}

static void unlike_images_are_no_neighbours(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) set = open_set(fixture, "run");
    AUTO(sequence) sequence = read_sequence(set, SEQUENCE_BY_NAME);
    assert_null(sequence_off(sequence));
    expect(sequence, FRAMES, "1:11 2:12 "); /* the first of the second burst */
    struct sequence_counts counts = sequence_counts_of(sequence);
    assert_int_equal(counts.near, IMAGES - 1);
    assert_int_equal(counts.near_alike, IMAGES - BURSTS);
}

static void an_order_that_means_nothing_does_not_speak(void **state)
{
    static const uint64_t scenes[] = {0x0123456789abcdef, 0xfdecba0918237465, 0xa5c3f00d12ee9a3b};
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < IMAGES; i++) /* three cameras in one folder, in any order */
        fixture->records[i].perceptual_hash = scenes[next_bits(fixture) % 3];
    write_run(fixture, "shuffled", 100);
    AUTO(record_set) set = open_set(fixture, "shuffled");
    AUTO(sequence) sequence = read_sequence(set, SEQUENCE_BY_NAME);
    assert_true(sequence_counts_of(sequence).near_alike > IMAGES / 5);
    assert_non_null(sequence_off(sequence));
    expect(sequence, 1, "");
    struct mining_result result = mine(fixture, "shuffled", 1);
    assert_int_equal(result.hard_count, 0);
    mining_result_release(&result);

    for (uint32_t i = 0; i < IMAGES; i++) /* unlike photos */
        fixture->records[i].perceptual_hash = next_bits(fixture) << 33 ^ next_bits(fixture) << 5 ^ 1;
    write_run(fixture, "photos", 100);
    AUTO(record_set) other = open_set(fixture, "photos");
    AUTO(sequence) photos = read_sequence(other, SEQUENCE_BY_NAME);
    assert_non_null(sequence_off(photos));
}

static void a_run_with_more_boxes_than_may_be_held_says_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct sequence_limits limits = {.names_bytes = SEQUENCE_NAMES_MAX_BYTES};
    for (uint32_t i = 0; i < IMAGES; i++)
        limits.boxes += record_answers(&fixture->header, fixture->images[i].candidates,
                                       fixture->records[i].candidate_count);
    AUTO(record_set) set = open_set(fixture, "run");
    AUTO(sequence) fits = read_within(set, SEQUENCE_BY_NAME, limits);
    assert_null(sequence_off(fits));
    limits.boxes--;
    AUTO(sequence) past = read_within(set, SEQUENCE_BY_NAME, limits);
    char why[80];
    (void)snprintf(why, sizeof(why), "the run has more than %u boxes", limits.boxes);
    assert_string_equal(sequence_off(past), why);
    expect(past, FRAMES, "");
}

/* Names of five images, each of which takes 16 bytes of an arena. */
static void names_that_take_more_than_may_be_held_are_not_sorted(void **state)
{
    static const char *const names[] = {"a/10.png", "a/9.png", "b/11.png", "a/8.png", "b/12.png"};
    enum { NAMES_BYTES = 5 * 16 };
    struct sequence_limits limits = {SEQUENCE_BOXES_MAX, NAMES_BYTES};
    AUTO(record_set) set = NULL;
    AUTO(sequence) usual = five(*state, names, SEQUENCE_BY_NAME, &set);
    assert_null(sequence_off(usual));
    AUTO(sequence) fits = read_within(set, SEQUENCE_BY_NAME, limits);
    assert_null(sequence_off(fits));
    limits.names_bytes = NAMES_BYTES - 16;
    AUTO(sequence) past = read_within(set, SEQUENCE_BY_NAME, limits);
    assert_string_equal(sequence_off(past), "the names of the images take more than 64 bytes");
    AUTO(sequence) listed = read_within(set, SEQUENCE_BY_MANIFEST, limits); /* needs none */
    assert_null(sequence_off(listed));
}

static void names_of_evidence_that_take_too_much_are_refused(void **state)
{
    static const uint64_t hard[] = {1, 4};
    struct sequence_limits limits = {SEQUENCE_BOXES_MAX, (size_t)4 * 32};
    struct error err = {0};
    AUTO(record_set) set = open_set(*state, "run");
    AUTO(sequence) sequence = read_within(set, SEQUENCE_BY_NAME, limits);
    assert_true(sequence_load_names(sequence, hard, 1, &err));     /* frames 0, 2 and 3 stand beside it */
    assert_true(sequence_load_names(sequence, hard + 1, 1, &err)); /* 2, 3, 5 and 6 */
    assert_false(sequence_load_names(sequence, hard, 2, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_string_equal(err.message, "the names of the images beside the hard ones take more than 128 bytes; "
                                     "set top, or leave reason 4 out");
}

static void a_setting_names_the_order(void **state)
{
    assert_int_equal(sequence_order_find(NULL), SEQUENCE_BY_NAME);
    assert_int_equal(sequence_order_find("name"), SEQUENCE_BY_NAME);
    assert_int_equal(sequence_order_find("manifest"), SEQUENCE_BY_MANIFEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_misses_and_ghosts_are_found),
        cmocka_unit_test(threads_and_shards_change_nothing),
        cmocka_unit_test(evidence_names_the_frames_also_across_shards),
        cmocka_unit_test(names_are_sorted_as_people_sort_them_within_a_folder),
        cmocka_unit_test(failed_images_are_passed_over),
        cmocka_unit_test(unlike_images_are_no_neighbours),
        cmocka_unit_test(a_run_with_more_boxes_than_may_be_held_says_nothing),
        cmocka_unit_test(names_that_take_more_than_may_be_held_are_not_sorted),
        cmocka_unit_test(names_of_evidence_that_take_too_much_are_refused),
        cmocka_unit_test(an_order_that_means_nothing_does_not_speak),
        cmocka_unit_test(a_setting_names_the_order),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
