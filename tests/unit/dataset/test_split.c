/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

#include "dataset/split.h"

enum { MANY = 400 };

/* Labeled samples; names "": with nothing, "a": of one class, "ab": of two. */
struct crowd {
    struct arena *arena;
    struct sample samples[MANY];
    size_t count;
};

static void join(struct crowd *crowd, const char *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names);
        struct annotation *annotations = arena_array(crowd->arena, length + 1, sizeof(*annotations));
        for (size_t j = 0; j < length; j++)
            annotations[j] = label(arena_printf(crowd->arena, "%c", names[j]));
        assert_true(crowd->count < MANY);
        crowd->samples[crowd->count] =
            (struct sample){.id = arena_printf(crowd->arena, "%032zu", crowd->count),
                            .state = SAMPLE_LABELED,
                            .annotations = annotations,
                            .annotation_count = length};
        crowd->count++;
    }
}

static struct crowd *new_crowd(void)
{
    struct arena *arena = arena_new((size_t)16 * 1024 * 1024);
    struct crowd *crowd = arena_alloc(arena, sizeof(*crowd));
    crowd->arena = arena;
    return crowd;
}

static struct split *settle(struct crowd *crowd, double ratio, uint64_t seed, struct error *err)
{
    AUTO(split) split = split_new(ratio, seed);
    assert_non_null(split);
    for (size_t i = 0; i < crowd->count; i++)
        assert_true(split_add(split, &crowd->samples[i], true, err));
    return split_settle(split, err) ? TAKE(split) : NULL;
}

static size_t training_of(const struct crowd *crowd, const struct split *split, size_t from, size_t to)
{
    size_t training = 0;
    for (size_t i = from; i < to; i++)
        training += strcmp(split_usage(split, &crowd->samples[i]), "TRAIN") == 0;
    return training;
}

static void each_class_is_split_by_the_ratio(void **state)
{
    struct crowd *crowd = new_crowd();
    struct error err = {0};
    join(crowd, "a", 100);
    join(crowd, "b", 20);
    join(crowd, "ab", 10);
    join(crowd, "", 10);
    AUTO(split) split = settle(crowd, 0.8, 7, &err);
    assert_non_null(split);
    assert_int_equal(training_of(crowd, split, 0, 100), 80);
    assert_int_equal(training_of(crowd, split, 100, 120), 16);
    assert_int_equal(training_of(crowd, split, 120, 130), 8);
    assert_int_equal(training_of(crowd, split, 130, 140), 8);
    arena_free(crowd->arena);
}

static void either_side_has_one_where_there_are_two(void **state)
{
    static const double ratios[] = {0.001, 0.999};
    for (size_t i = 0; i < 2; i++) {
        struct crowd *crowd = new_crowd();
        struct error err = {0};
        join(crowd, "a", 5);
        AUTO(split) split = settle(crowd, ratios[i], 0, &err);
        assert_non_null(split);
        assert_int_equal(training_of(crowd, split, 0, 5), i == 0 ? 1 : 4);
        arena_free(crowd->arena);
    }
}

static void a_seed_gives_the_same_split_whatever_the_order_and_another_seed_another(void **state)
{
    struct crowd *crowd = new_crowd();
    struct error err = {0};
    join(crowd, "a", 100);
    AUTO(split) one = settle(crowd, 0.5, 1, &err);
    AUTO(split) other = settle(crowd, 0.5, 2, &err);
    AUTO(split) again = split_new(0.5, 1);
    for (size_t i = 100; i > 0; i--)
        assert_true(split_add(again, &crowd->samples[i - 1], true, &err));
    assert_true(split_settle(again, &err));
    size_t changed = 0;
    for (size_t i = 0; i < 100; i++) {
        assert_string_equal(split_usage(one, &crowd->samples[i]), split_usage(again, &crowd->samples[i]));
        changed += strcmp(split_usage(one, &crowd->samples[i]), split_usage(other, &crowd->samples[i])) != 0;
    }
    assert_true(changed > 20);
    arena_free(crowd->arena);
}

static void a_class_with_too_few_samples_is_named(void **state)
{
    for (size_t has = SPLIT_LABEL_SAMPLES_MIN - 1; has <= SPLIT_LABEL_SAMPLES_MIN; has++) {
        struct crowd *crowd = new_crowd();
        struct error err = {0};
        join(crowd, "c", 1);
        join(crowd, "c", SPLIT_LABEL_SAMPLES_MIN);
        join(crowd, "b", has);
        AUTO(split) split = settle(crowd, 0.8, 0, &err);
        if (has < SPLIT_LABEL_SAMPLES_MIN) {
            assert_null(split);
            assert_int_equal(err.detail, DETAIL_SPLIT_IMPOSSIBLE);
            assert_non_null(strstr(err.message, "'b' has 4"));
        } else {
            assert_non_null(split);
        }
        arena_free(crowd->arena);
    }
}

static void samples_of_several_classes_carry_each_and_must_be_two(void **state)
{
    for (size_t multi = SPLIT_MULTI_SAMPLES_MIN - 1; multi <= SPLIT_MULTI_SAMPLES_MIN; multi++) {
        struct crowd *crowd = new_crowd();
        struct error err = {0};
        join(crowd, "a", SPLIT_LABEL_SAMPLES_MIN);
        join(crowd, "b", SPLIT_LABEL_SAMPLES_MIN - 1);
        join(crowd, "ab", multi);
        AUTO(split) split = settle(crowd, 0.8, 0, &err);
        assert_int_equal(split != NULL, multi == SPLIT_MULTI_SAMPLES_MIN);
        if (!split)
            assert_int_equal(err.detail, DETAIL_SPLIT_IMPOSSIBLE);
        arena_free(crowd->arena);
    }
}

static void two_boxes_of_a_class_are_one_class(void **state)
{
    struct crowd *crowd = new_crowd();
    struct error err = {0};
    join(crowd, "aa", SPLIT_LABEL_SAMPLES_MIN);
    AUTO(split) split = settle(crowd, 0.8, 0, &err);
    assert_non_null(split);
    assert_int_equal(training_of(crowd, split, 0, SPLIT_LABEL_SAMPLES_MIN), 4);
    arena_free(crowd->arena);
}

/* ---- published ---- */

static const char *manifest_of(struct fixture *f, const struct dataset_publish *request)
{
    struct dataset_version version;
    AUTO_BUFFER(text, 1024 * 1024);
    ASSERT_DONE(f, dataset_publish(f->db, f->store, f->arena, request, &version, &f->err));
    assert_int_equal(isnan(version.train_ratio), !(request->train_ratio > 0 && request->train_ratio < 1));
    ASSERT_DONE(f, store_get(f->store, version.manifest_key, &text, &f->err));
    return arena_text_n(f->arena, text.data, text.size);
}

static size_t times(const char *text, const char *what)
{
    size_t count = 0;
    while ((text = strstr(text, what))) {
        count++;
        text += strlen(what);
    }
    return count;
}

static void fill(struct fixture *f)
{
    struct sample_new samples[24];
    const struct annotation wren = label("wren");
    for (int i = 0; i < 24; i++) {
        const char *source = arena_printf(f->arena, "/%d.png", i);
        samples[i] = i < 20 ? labeled(source, &wren) : unlabeled(source);
        samples[i].usage = i % 4 == 0 ? "TEST" : NULL; /* five labeled ones, one other */
    }
    (void)add(f, samples, 24, SAMPLE_MERGE_IMPORT);
}

static void a_published_split_is_written_anew_or_keeps_what_is_said(void **state)
{
    struct fixture *f = *state;
    fill(f);
    struct dataset_publish request = {.project_id = "0", .dataset_id = f->dataset.id, .train_ratio = 0.8};
    const char *text = manifest_of(f, &request);
    assert_int_equal(times(text, "\"usage\":\"train\""), 16);
    assert_int_equal(times(text, "\"usage\":\"eval\""), 4);
    assert_int_equal(times(text, "\"usage\""), 20);
    assert_string_equal(manifest_of(f, &request), text);
    request.keep_usage = true;
    text = manifest_of(f, &request);
    assert_int_equal(times(text, "\"usage\":\"train\""), 12);
    assert_int_equal(times(text, "\"usage\":\"eval\""), 3);
    assert_int_equal(times(text, "\"usage\":\"test\""), 6);
    static const double whole[] = {0, 1};
    for (size_t i = 0; i < 2; i++) {
        request.train_ratio = whole[i];
        text = manifest_of(f, &request);
        assert_int_equal(times(text, "\"usage\""), 6);
    }
    assert_string_equal(get(f, "/0.png").usage, "TEST");
}

static void a_ratio_outside_of_0_to_1_is_refused(void **state)
{
    struct fixture *f = *state;
    fill(f);
    const double ratios[] = {-0.1, 1.1, (double)NAN};
    for (size_t i = 0; i < 3; i++) {
        struct dataset_version version;
        const struct dataset_publish request = {
            .project_id = "0", .dataset_id = f->dataset.id, .train_ratio = ratios[i]};
        ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err),
                       ERR_INVALID);
    }
}

static void what_cannot_be_split_is_not_published(void **state)
{
    struct fixture *f = *state;
    struct dataset_version version;
    const struct annotation wren = label("wren");
    const struct sample_new sample = labeled("/1.png", &wren);
    (void)add(f, &sample, 1, SAMPLE_MERGE_IMPORT);
    const struct dataset_publish request = {
        .project_id = "0", .dataset_id = f->dataset.id, .train_ratio = 0.5};
    ASSERT_REFUSED(f, dataset_publish(f->db, f->store, f->arena, &request, &version, &f->err), ERR_INVALID);
    assert_int_equal(f->err.detail, DETAIL_SPLIT_IMPOSSIBLE);
    assert_null(counts_now(f).current_version);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_is_split_by_the_ratio),
        cmocka_unit_test(either_side_has_one_where_there_are_two),
        cmocka_unit_test(a_seed_gives_the_same_split_whatever_the_order_and_another_seed_another),
        cmocka_unit_test(a_class_with_too_few_samples_is_named),
        cmocka_unit_test(samples_of_several_classes_carry_each_and_must_be_two),
        cmocka_unit_test(two_boxes_of_a_class_are_one_class),
        TEST(a_published_split_is_written_anew_or_keeps_what_is_said),
        TEST(a_ratio_outside_of_0_to_1_is_refused),
        TEST(what_cannot_be_split_is_not_published),
    };
    return RUN_TESTS(tests);
}
