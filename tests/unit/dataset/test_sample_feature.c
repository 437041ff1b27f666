/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

#include "dataset/sample_look.h"

enum { MANY = DB_MANY_MAX + 1 };

/* Ids in ascending order. */
static const char **add_samples(struct fixture *fixture, size_t count)
{
    struct sample_new *samples = arena_array(fixture->arena, count, sizeof(*samples));
    struct sample_add_counts counts = {0};
    struct sample_unseen *unseen = NULL;
    const char **ids = arena_array(fixture->arena, count, sizeof(*ids));
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        samples[i] = (struct sample_new){.source = arena_printf(fixture->arena, "/%zu.png", i),
                                         .state = SAMPLE_UNLABELED,
                                         .hard_coefficient = (double)NAN,
                                         .origin = "import"};
    const struct sample_batch batch = {samples, count, SAMPLE_MERGE_IMPORT};
    ASSERT_DONE(fixture, samples_add(fixture->db, fixture->dataset.id, &batch, &counts, &fixture->err));
    const struct sample_looks_of of = {.dataset_id = fixture->dataset.id};
    ASSERT_DONE(fixture,
                sample_looks_missing(fixture->db, fixture->arena, &of, &unseen, &found, &fixture->err));
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++)
        ids[i] = unseen[i].id;
    return ids;
}

/* Feature f of sample i is i + f / 7; the last is NaN. */
static void keep(struct fixture *fixture, const char **ids, size_t count, const char *boxes, double more)
{
    struct sample_look *looks = arena_array(fixture->arena, count, sizeof(*looks));
    struct sample_features *features = arena_array(fixture->arena, count, sizeof(*features));
    static const int8_t appearance[SAMPLE_LOOK_LENGTH] = {1};
    for (size_t i = 0; i < count; i++) {
        features[i] = (struct sample_features){.sample_id = ids[i], .boxes = boxes};
        for (int f = 0; f < SAMPLE_FEATURES; f++)
            features[i].values[f] = (double)i + f / 7.0 + more;
        features[i].values[SAMPLE_FEATURES - 1] = (double)NAN;
        looks[i] =
            (struct sample_look){ids[i], "00112233445566778899aabbccddeeff", 1, appearance, &features[i]};
    }
    ASSERT_DONE(fixture, sample_looks_keep(fixture->db, fixture->arena, looks, count, &fixture->err));
}

static const struct sample_features **find(struct fixture *fixture, const char **ids, size_t count)
{
    const struct sample_features **found = arena_array(fixture->arena, count, sizeof(void *));
    ASSERT_DONE(fixture, sample_features_find(fixture->db, fixture->arena, ids, count, found, &fixture->err));
    return found;
}

static void what_is_kept_is_read_back_to_the_bit(void **state)
{
    struct fixture *fixture = *state;
    const char **ids = add_samples(fixture, MANY);
    keep(fixture, ids, MANY, "aa", 0);
    const struct sample_features **found = find(fixture, ids, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_string_equal(found[i]->sample_id, ids[i]);
        assert_string_equal(found[i]->boxes, "aa");
        for (int f = 0; f + 1 < SAMPLE_FEATURES; f++) {
            double kept = (double)i + f / 7.0;
            assert_memory_equal(&found[i]->values[f], &kept, sizeof(kept));
        }
        assert_true(isnan(found[i]->values[SAMPLE_FEATURES - 1]));
    }
}

static void those_that_are_not_kept_are_not_found(void **state)
{
    struct fixture *fixture = *state;
    const char **ids = add_samples(fixture, 3);
    keep(fixture, ids + 1, 1, "", 0);
    const struct sample_features **found = find(fixture, ids, 3);
    assert_null(found[0]);
    assert_non_null(found[1]);
    assert_null(found[2]);
}

static void other_boxes_replace_what_was_kept(void **state)
{
    struct fixture *fixture = *state;
    const char **ids = add_samples(fixture, 2);
    keep(fixture, ids, 2, "aa", 0);
    keep(fixture, ids, 1, "bb", 0.5);
    const struct sample_features **found = find(fixture, ids, 2);
    assert_string_equal(found[0]->boxes, "bb");
    assert_true(fabs(found[0]->values[0] - 0.5) < 1e-12);
    assert_string_equal(found[1]->boxes, "aa");
}

static void features_go_with_their_sample(void **state)
{
    struct fixture *fixture = *state;
    const char *nobody = "ffffffffffffffffffffffffffffffff";
    const char **ids = add_samples(fixture, 1);
    keep(fixture, ids, 1, "", 0);
    keep(fixture, &nobody, 1, "", 0);
    assert_null(find(fixture, &nobody, 1)[0]);
    ASSERT_DONE(fixture, dataset_delete(fixture->db, fixture->dataset.id, &fixture->err));
    assert_null(find(fixture, ids, 1)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(what_is_kept_is_read_back_to_the_bit),
        TEST_CASE(those_that_are_not_kept_are_not_found),
        TEST_CASE(other_boxes_replace_what_was_kept),
        TEST_CASE(features_go_with_their_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
