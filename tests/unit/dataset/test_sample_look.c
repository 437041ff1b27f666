/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

#include "dataset/sample_look.h"

enum { MANY = SAMPLE_LOOKS_PAGE + 1 };

static void add_samples(struct fixture *fixture, size_t count, bool is_labeled)
{
    struct sample_new *samples = arena_array(fixture->arena, count, sizeof(*samples));
    struct sample_add_counts counts = {0};
    static const struct annotation labels[] = {
        {.name = "owl", .annotated_by = "human", .confidence = (double)NAN},
        {.name = "crow", .annotated_by = "human", .confidence = (double)NAN}};
    for (size_t i = 0; i < count; i++)
        samples[i] = (struct sample_new){.source = arena_printf(fixture->arena, "/%zu.png", i),
                                         .state = is_labeled ? SAMPLE_LABELED : SAMPLE_UNLABELED,
                                         .usage = i % 2 ? "EVAL" : NULL,
                                         .hard_coefficient = (double)NAN,
                                         .origin = "import",
                                         .annotations = labels,
                                         .annotation_count = is_labeled ? 1 + i % 2 : 0};
    const struct sample_batch batch = {samples, count, SAMPLE_MERGE_IMPORT};
    ASSERT_DONE(fixture, samples_add(fixture->db, fixture->dataset.id, &batch, &counts, &fixture->err));
}

static int64_t missing(struct fixture *fixture)
{
    int64_t count = -1;
    ASSERT_DONE(fixture, sample_looks_count_missing(
                             fixture->db, &(struct sample_looks_of){.dataset_id = fixture->dataset.id},
                             &count, &fixture->err));
    return count;
}

/* The look of every sample that has none: its number in every byte. */
static size_t keep_page(struct fixture *fixture, const char *after, const char **ret_last)
{
    struct sample_unseen *unseen = NULL;
    size_t count = 0;
    ASSERT_DONE(fixture, sample_looks_missing(
                             fixture->db, fixture->arena,
                             &(struct sample_looks_of){.dataset_id = fixture->dataset.id, .after = after},
                             &unseen, &count, &fixture->err));
    struct sample_look *looks = arena_array(fixture->arena, count + 1, sizeof(*looks));
    for (size_t i = 0; i < count; i++) {
        int8_t *appearance = arena_alloc(fixture->arena, SAMPLE_LOOK_LENGTH);
        memset(appearance, (int)(i % 255) - 127, SAMPLE_LOOK_LENGTH);
        looks[i] = (struct sample_look){unseen[i].id, "00112233445566778899aabbccddeeff", UINT64_MAX - i,
                                        appearance, NULL};
        *ret_last = unseen[i].id;
    }
    ASSERT_DONE(fixture, sample_looks_keep(fixture->db, fixture->arena, looks, count, &fixture->err));
    return count;
}

struct seeing {
    size_t count, measured;
    char first_labels[HASH_HEX_BYTES];
    size_t like_first;
};

static bool see(void *state, const struct sample_seen *seen, struct error *err)
{
    struct seeing *seeing = state;
    (void)err;
    if (seeing->count++ == 0)
        memcpy(seeing->first_labels, seen->labels, sizeof(seen->labels));
    seeing->like_first += strcmp(seeing->first_labels, seen->labels) == 0;
    if (!seen->look.content_hash)
        return true;
    assert_string_equal(seen->look.content_hash, "00112233445566778899aabbccddeeff");
    size_t number = (size_t)(UINT64_MAX - seen->look.perceptual_hash);
    assert_int_equal(seen->look.appearance[SAMPLE_LOOK_LENGTH - 1], (int)(number % 255) - 127);
    seeing->measured++;
    return true;
}

static struct seeing visit(struct fixture *fixture)
{
    struct seeing seeing = {0};
    ASSERT_DONE(fixture, sample_looks_visit(fixture->db, fixture->dataset.id, see, &seeing, &fixture->err));
    return seeing;
}

static void looks_are_kept_page_by_page_and_read_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    const char *last = "";
    add_samples(fixture, MANY, false);
    assert_int_equal(missing(fixture), MANY);
    assert_int_equal(keep_page(fixture, "", &last), SAMPLE_LOOKS_PAGE);
    assert_int_equal(missing(fixture), MANY - SAMPLE_LOOKS_PAGE);
    assert_int_equal(visit(fixture).measured, SAMPLE_LOOKS_PAGE);
    assert_int_equal(keep_page(fixture, last, &last), MANY - SAMPLE_LOOKS_PAGE);
    assert_int_equal(missing(fixture), 0);
    struct seeing seeing = visit(fixture);
    assert_int_equal(seeing.count, MANY);
    assert_int_equal(seeing.measured, MANY);
}

static void who_cannot_be_measured_is_passed_over(void **state)
{
    struct fixture *fixture = *state;
    struct sample_unseen *unseen = NULL;
    size_t count = 0;
    add_samples(fixture, 3, false);
    ASSERT_DONE(fixture, sample_looks_missing(
                             fixture->db, fixture->arena,
                             &(struct sample_looks_of){.dataset_id = fixture->dataset.id, .after = ""},
                             &unseen, &count, &fixture->err));
    assert_int_equal(count, 3);
    ASSERT_DONE(fixture, sample_looks_missing(fixture->db, fixture->arena,
                                              &(struct sample_looks_of){.dataset_id = fixture->dataset.id,
                                                                        .after = unseen[2].id},
                                              &unseen, &count, &fixture->err));
    assert_int_equal(count, 0);
}

static void a_look_that_is_there_stays_and_one_of_nobody_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    const char *last = NULL;
    static const int8_t other[SAMPLE_LOOK_LENGTH] = {1};
    add_samples(fixture, 1, false);
    (void)keep_page(fixture, "", &last);
    const struct sample_look looks[] = {
        {last, "ffffffffffffffffffffffffffffffff", 5, other, NULL},
        {"ffffffffffffffffffffffffffffffff", "ffffffffffffffffffffffffffffffff", 5, other, NULL}};
    ASSERT_DONE(fixture, sample_looks_keep(fixture->db, fixture->arena, looks, 2, &fixture->err));
    assert_int_equal(visit(fixture).measured, 1); /* asserts that it is the first */
}

static void excluded_samples_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    char id[HASH_HEX_BYTES];
    const char *ids[] = {id};
    struct sample_outcome *outcomes = NULL;
    const struct sample_decision decision = {
        .project_id = "0", .action = SAMPLE_EXCLUDE, .decided_by = "human"};
    add_samples(fixture, 2, false);
    sample_id_of(fixture->dataset.id, "/0.png", id);
    ASSERT_DONE(fixture, samples_decide(fixture->db, fixture->arena, list_of(ids, 1), &decision, &outcomes,
                                        &fixture->err));
    assert_int_equal(missing(fixture), 1);
    assert_int_equal(visit(fixture).count, 1);
}

static void samples_of_the_same_classes_have_the_same_hash_of_labels(void **state)
{
    struct fixture *fixture = *state;
    add_samples(fixture, 6, true); /* three with one class, three with two */
    assert_int_equal(visit(fixture).like_first, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_CASE(looks_are_kept_page_by_page_and_read_as_they_were),
        TEST_CASE(who_cannot_be_measured_is_passed_over),
        TEST_CASE(a_look_that_is_there_stays_and_one_of_nobody_is_dropped),
        TEST_CASE(excluded_samples_are_left_out),
        TEST_CASE(samples_of_the_same_classes_have_the_same_hash_of_labels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
