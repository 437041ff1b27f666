/* SPDX-License-Identifier: Apache-2.0 */
/* What labelled images make of the hard coefficient. */
#include "test.h"

#include "mining/learn.h"
#include "record/mistake.h"
#include "unit/mining/run_fixture.h"

enum { HELD_OUT = 150, EACH_WRONG = 3, SAID = 300, TRAINING_SHARD = 70 };

/* Every third image is one that the model wavers on, and names wrongly: it looks like the next class. */
static bool is_mistake(uint32_t index)
{
    return index % EACH_WRONG == 0;
}

static void make_mistakes(struct run_fixture *fixture, uint32_t images, const char *prefix)
{
    for (uint32_t i = 0; i < images; i++) {
        make_image(fixture, i, prefix);
        if (is_mistake(i)) {
            uint32_t class_index = i % RUN_CLASSES, truth = (class_index + 1) % RUN_CLASSES;
            fixture->images[i].logits[class_index] = (float)(1 + fixture_random(fixture));
            fixture->images[i].appearance[truth] = (float)(1.4 + fixture_random(fixture));
            fixture->images[i].truth = run_labels[truth];
        }
        finish_logits(&fixture->records[i]);
    }
}

/* A training set of which the first HELD_OUT images are held out, and a run; both with mistakes. */
static int start(void **state)
{
    if (fixture_start(state) != 0)
        return -1;
    struct run_fixture *fixture = *state;
    make_mistakes(fixture, TRAINING_IMAGES, "held-out");
    for (uint32_t i = 0; i < TRAINING_IMAGES; i++) {
        fixture->records[i].truth_labels = &fixture->images[i].truth;
        fixture->records[i].truth_count = 1;
        fixture->records[i].usage = i < HELD_OUT ? "EVAL" : "TRAIN";
    }
    write_shards(fixture, "held-out", TRAINING_IMAGES, TRAINING_SHARD);
    make_mistakes(fixture, RUN_IMAGES, "stream");
    write_shards(fixture, "stream", RUN_IMAGES, 130);
    return 0;
}

static bool nothing_to_measure(void *state, bool of_training, const struct augment_settings *settings,
                               const uint16_t *wanted, struct error *err)
{
    (void)state, (void)of_training, (void)settings, (void)wanted, (void)err;
    return true;
}

static bool nothing_to_read(void *state, const struct mining_view_query *query, struct view *ret,
                            struct error *err)
{
    (void)state, (void)err;
    for (uint32_t i = 0; i < record_shard_count(query->records); i++)
        ret[i] = view_missing();
    return true;
}

struct lesson {
    struct mining_input input;
    struct mining_settings settings;
    struct mining_views views;
    struct record_set *training;
    struct profile *profile;
    uint8_t verdicts[RUN_IMAGES];
    struct mining_result result;
    struct error err;
};

static void begin(struct run_fixture *fixture, struct lesson *lesson)
{
    *lesson = (struct lesson){.views = {.measure = nothing_to_measure, .read = nothing_to_read}};
    params_defaults(mining_params, &lesson->settings);
    lesson->settings.aug_budget = 0;
    lesson->input.records = fixture_set(fixture, "stream");
    lesson->input.threads = 2;
}

static void train(struct run_fixture *fixture, struct lesson *lesson, const char *folder)
{
    if (!record_set_open(fixture->store, folder, &lesson->training, &lesson->err) ||
        !profile_open(fixture->store, folder, &lesson->profile, &lesson->err))
        fail_msg("%s", lesson->err.message);
    lesson->views.training = lesson->training;
    lesson->input.views = &lesson->views;
    lesson->input.profile = lesson->profile;
}

static void hold_out(struct run_fixture *fixture, struct lesson *lesson)
{
    train(fixture, lesson, "held-out");
}

static void say(struct lesson *lesson, uint32_t images)
{
    for (uint32_t i = 0; i < images; i++)
        lesson->verdicts[i] = is_mistake(i) ? VERDICT_WRONG : VERDICT_RIGHT;
    lesson->input.verdicts = lesson->verdicts;
}

static void mine(struct lesson *lesson)
{
    mining_result_release(&lesson->result);
    if (!mining_run(&lesson->input, &lesson->settings, &lesson->result, &lesson->err))
        fail_msg("%s", lesson->err.message);
}

static void end(struct lesson *lesson)
{
    mining_result_release(&lesson->result);
    lesson->training = record_set_free(lesson->training);
    lesson->profile = profile_free(lesson->profile);
}

/* "/learned/NAME" of the report. */
static yyjson_mut_val *told(const struct lesson *lesson, const char *name)
{
    yyjson_mut_val *learned = yyjson_mut_obj_get(yyjson_mut_doc_get_root(lesson->result.report), "learned");
    return yyjson_mut_obj_get(learned, name);
}

static void expect_not(const struct lesson *lesson, const char *why)
{
    assert_false(yyjson_mut_get_bool(told(lesson, "is_used")));
    assert_non_null(strstr(yyjson_mut_get_str(told(lesson, "why_not")), why));
}

/* Of one mistake and one right answer taken at random, how often the mistake has the larger coefficient. */
static double share_in_order(const struct lesson *lesson)
{
    double right = 0, pairs = 0;
    for (uint32_t i = 0; i < RUN_IMAGES; i += EACH_WRONG)
        for (uint32_t k = 0; k < RUN_IMAGES; k++)
            if (!is_mistake(k)) {
                right += lesson->result.coefficients[i] > lesson->result.coefficients[k];
                pairs++;
            }
    return right / pairs;
}

static void images_held_out_of_training_teach(void **state)
{
    struct lesson lesson;
    begin(*state, &lesson);
    hold_out(*state, &lesson);
    mine(&lesson);
    assert_true(yyjson_mut_get_bool(told(&lesson, "is_used")));
    assert_int_equal(yyjson_mut_get_uint(told(&lesson, "held_out")), HELD_OUT);
    assert_int_equal(yyjson_mut_get_uint(told(&lesson, "wrong")), HELD_OUT / EACH_WRONG);
    assert_true(share_in_order(&lesson) > 0.99);
    double sum = 0;
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        sum += lesson.result.coefficients[i];
    assert_float_equal(sum / RUN_IMAGES, 1.0 / EACH_WRONG, 0.05); /* they are probabilities */
    end(&lesson);
}

static void what_people_said_of_the_run_teaches(void **state)
{
    struct lesson lesson;
    begin(*state, &lesson);
    say(&lesson, SAID);
    mine(&lesson);
    assert_true(yyjson_mut_get_bool(told(&lesson, "is_used")));
    assert_int_equal(yyjson_mut_get_uint(told(&lesson, "confirmed")), SAID);
    assert_int_equal(yyjson_mut_get_uint(told(&lesson, "held_out")), 0);
    assert_true(share_in_order(&lesson) > 0.99);
    end(&lesson);
}

static void without_labelled_images_the_weights_stay(void **state)
{
    struct run_fixture *fixture = *state;
    struct lesson lesson;
    begin(fixture, &lesson);
    mine(&lesson);
    expect_not(&lesson, "no labelled images");
    say(&lesson, 30); /* of which ten are wrong */
    mine(&lesson);
    expect_not(&lesson, "of 30 labelled images 10 predictions are wrong");
    end(&lesson);
}

static void weights_and_reasons_of_ones_own_are_taken_as_they_are(void **state)
{
    struct lesson lesson;
    begin(*state, &lesson);
    say(&lesson, SAID);
    lesson.settings.comprehensive_algo_config = "predict_score_mining:0.5";
    mine(&lesson);
    expect_not(&lesson, "weights of its own");
    lesson.settings.comprehensive_algo_config = NULL;
    lesson.settings.reasons = "-7";
    mine(&lesson);
    expect_not(&lesson, "reasons leaves some out");
    lesson.settings.reasons = "all";
    lesson.settings.fixed_weights = true;
    mine(&lesson);
    expect_not(&lesson, "the setting fixed_weights");
    end(&lesson);
}

static void every_hard_example_keeps_a_reason(void **state)
{
    struct lesson lesson;
    begin(*state, &lesson);
    say(&lesson, SAID);
    lesson.settings.algo_hard_threshold = 0;
    mine(&lesson);
    assert_true(lesson.result.hard_count > 0);
    for (size_t i = 0; i < lesson.result.hard_count; i++)
        assert_true(lesson.result.hard[i].reason_count > 0);
    end(&lesson);
}

static void what_is_learned_does_not_depend_on_threads(void **state)
{
    struct run_fixture *fixture = *state;
    struct lesson one, other;
    begin(fixture, &one);
    hold_out(fixture, &one);
    say(&one, SAID);
    one.input.threads = 1;
    mine(&one);
    for (uint32_t threads = 2; threads <= 4; threads++) {
        begin(fixture, &other);
        hold_out(fixture, &other);
        say(&other, SAID);
        other.input.threads = threads;
        mine(&other);
        assert_memory_equal(one.result.coefficients, other.result.coefficients, RUN_IMAGES * sizeof(double));
        end(&other);
    }
    one.input.records = NULL; /* it was freed with the set of the others */
    end(&one);
}

static void strengths_are_kept_with_what_was_learned(void **state)
{
    struct lesson lesson;
    begin(*state, &lesson);
    say(&lesson, SAID);
    lesson.input.keeps_strengths = true;
    mine(&lesson);
    for (uint32_t i = 0; i < RUN_IMAGES; i++)
        assert_float_equal(lesson.result.strengths[i * STRENGTHS_COLUMNS + STRENGTHS_LEARNED],
                           lesson.result.coefficients[i], 0);
    lesson.settings.fixed_weights = true;
    mine(&lesson);
    assert_true(isnan(lesson.result.strengths[STRENGTHS_LEARNED]));
    end(&lesson);
}

static void shards_without_images_held_out_are_not_read_again(void **state)
{
    struct run_fixture *fixture = *state;
    struct lesson lesson;
    begin(fixture, &lesson);
    hold_out(fixture, &lesson);
    assert_true(HELD_OUT <= 3 * TRAINING_SHARD);
    assert_true(store_delete_below(fixture->store, "held-out/shard-000003", &lesson.err));
    assert_true(store_delete_below(fixture->store, "held-out/shard-000004", &lesson.err));
    mine(&lesson);
    assert_int_equal(yyjson_mut_get_uint(told(&lesson, "held_out")), HELD_OUT);
    assert_true(store_delete_below(fixture->store, "held-out/shard-000002", &lesson.err));
    assert_false(mining_run(&lesson.input, &lesson.settings, &lesson.result, &lesson.err));
    end(&lesson);
}

/* Images of the training set again and again, each held out. */
static void so_many_are_held_out_at_most(void **state)
{
    struct run_fixture *fixture = *state;
    struct record *records = calloc(LEARN_HELD_OUT_MAX + 1, sizeof(*records));
    assert_non_null(records);
    make_mistakes(fixture, TRAINING_IMAGES, "held-out");
    for (uint32_t i = 0; i <= LEARN_HELD_OUT_MAX; i++) {
        records[i] = fixture->records[i % TRAINING_IMAGES];
        records[i].truth_labels = &fixture->images[i % TRAINING_IMAGES].truth;
        records[i].truth_count = 1;
        records[i].usage = "TEST";
    }
    for (uint32_t images = LEARN_HELD_OUT_MAX - 1; images <= LEARN_HELD_OUT_MAX + 1; images++) {
        struct lesson lesson;
        char folder[16];
        (void)snprintf(folder, sizeof(folder), "many-%u", images);
        run_shards_write(
            &(struct run_shards){fixture->store, folder, &fixture->header, records, images, 900});
        begin(fixture, &lesson);
        train(fixture, &lesson, folder);
        mine(&lesson);
        assert_int_equal(yyjson_mut_get_uint(told(&lesson, "held_out")),
                         images < LEARN_HELD_OUT_MAX ? images : LEARN_HELD_OUT_MAX);
        end(&lesson);
    }
    free(records);
}

/* A run of this many images, of which people have said all; learned of signals that are all 0. */
static struct learned learn_of(struct run_fixture *fixture, uint32_t images)
{
    struct learned learned = {0};
    struct error err = {0};
    struct record *records = calloc(images, sizeof(*records));
    struct signals *signals = calloc(images, sizeof(*signals));
    double *coefficients = calloc(images, sizeof(*coefficients));
    uint8_t *verdicts = calloc(images, sizeof(*verdicts));
    assert_true(records && signals && coefficients && verdicts);
    for (uint32_t i = 0; i < images; i++) {
        records[i] = fixture->records[i % RUN_IMAGES];
        verdicts[i] = i + 1 == images ? VERDICT_WRONG : VERDICT_RIGHT; /* too few are wrong: no fit */
    }
    run_shards_write(&(struct run_shards){fixture->store, "said", &fixture->header, records, images,
                                          RECORD_SHARD_IMAGES_MAX});
    const struct mining_input input = {.records = fixture_set(fixture, "said"), .verdicts = verdicts};
    const struct mining_plan plan = {.learns = true};
    const struct mining_reference reference = {.rules = {.header = &fixture->header}};
    const struct mining_view_work views = {0};
    const struct learn_task task = {
        .input = &input, .plan = &plan, .reference = &reference, .view_work = &views, .signals = signals};
    if (!learn_apply(&task, coefficients, &learned, &err))
        fail_msg("%s", err.message);
    assert_true(store_delete_below(fixture->store, "said", &err));
    free(records);
    free(signals);
    free(coefficients);
    free(verdicts);
    return learned;
}

static void so_many_that_people_spoke_of_are_listened_to_at_most(void **state)
{
    for (uint32_t images = LEARN_CONFIRMED_MAX - 1; images <= LEARN_CONFIRMED_MAX + 1; images++) {
        struct learned learned = learn_of(*state, images);
        uint32_t heard = images < LEARN_CONFIRMED_MAX ? images : LEARN_CONFIRMED_MAX;
        assert_int_equal(learned.confirmed, heard);
        assert_int_equal(learned.combiner.rows, heard);
        assert_int_equal(learned.combiner.wrong, 1);
        learned_release(&learned);
    }
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, start, fixture_stop)
int main(void)
{
    const struct CMUnitTest tests[] = {
        SENTENCE(images_held_out_of_training_teach),
        SENTENCE(what_people_said_of_the_run_teaches),
        SENTENCE(without_labelled_images_the_weights_stay),
        SENTENCE(weights_and_reasons_of_ones_own_are_taken_as_they_are),
        SENTENCE(every_hard_example_keeps_a_reason),
        SENTENCE(what_is_learned_does_not_depend_on_threads),
        SENTENCE(strengths_are_kept_with_what_was_learned),
        SENTENCE(shards_without_images_held_out_are_not_read_again),
        SENTENCE(so_many_are_held_out_at_most),
        SENTENCE(so_many_that_people_spoke_of_are_listened_to_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
