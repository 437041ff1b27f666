/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"
#include "dataset_fixture.h"

static void assert_counts(struct sample_add_counts counts, int64_t added, int64_t updated, int64_t unchanged)
{
    assert_int_equal(counts.added, added);
    assert_int_equal(counts.updated, updated);
    assert_int_equal(counts.unchanged, unchanged);
}

static void everything_that_is_added_is_read_back(void **state)
{
    struct fixture *f = *state;
    struct annotation guesses[] = {suggestion("wren", 0.625), suggestion("robin", 0.1)};
    struct sample_new sample = hard("/pictures/it's 100% \"odd\".png", guesses, 0.1 + 0.2, "1-7-20");
    guesses[1].property_json = "{\"a\":1}";
    sample.annotation_count = 2;
    sample.usage = "train";
    sample.content_hash = "00ff";
    sample.width = 640;
    sample.height = 480;
    sample.metadata_json = "{\"m\":2}";
    int64_t before_ms = clock_now_ms();
    assert_counts(add(f, &sample, 1, SAMPLE_MERGE_HARD), 1, 0, 0);

    struct sample got = get(f, sample.source);
    assert_string_equal(got.dataset_id, f->dataset.id);
    assert_string_equal(got.source, sample.source);
    assert_string_equal(got.state, SAMPLE_TO_BE_CONFIRMED);
    assert_string_equal(got.usage, "TRAIN");
    assert_string_equal(got.content_hash, "00ff");
    assert_int_equal(got.width, 640);
    assert_int_equal(got.height, 480);
    assert_true(got.is_hard);
    assert_memory_equal(&got.hard_coefficient, &sample.hard_coefficient, sizeof(double));
    assert_string_equal(got.hard_reasons, "1-7-20");
    assert_string_equal(got.evidence_json, sample.evidence_json);
    assert_string_equal(got.metadata_json, "{\"m\":2}");
    assert_string_equal(got.origin, "hard_examples");
    assert_string_equal(got.origin_task, sample.origin_task);
    assert_false(got.is_excluded);
    assert_int_equal(got.revision, 1);
    assert_true(got.created_ms >= before_ms && got.updated_ms == got.created_ms);
    assert_int_equal(got.annotation_count, 2);
    assert_string_equal(got.annotations[0].name, "wren");
    assert_true(got.annotations[0].is_suggested);
    assert_float_equal(got.annotations[0].confidence, 0.625, 0);
    assert_null(got.annotations[0].shape_json);
    assert_null(got.annotations[0].property_json);
    assert_string_equal(got.annotations[1].name, "robin");
    assert_string_equal(got.annotations[1].property_json, "{\"a\":1}");
    assert_int_equal(got.annotations[1].created_ms, got.created_ms);
}

static void adding_twice_adds_nothing(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren"), guessed = suggestion("wren", 0.4);
    struct sample_new samples[] = {unlabeled("/1"), labeled("/2", &said), hard("/3", &guessed, 0.7, "1")};
    samples[1].usage = "eval";
    assert_counts(add(f, samples, 3, SAMPLE_MERGE_KEEP), 3, 0, 0);
    for (enum sample_merge merge = SAMPLE_MERGE_KEEP; merge <= SAMPLE_MERGE_IMPORT; merge++)
        assert_counts(add(f, &samples[1], 2, merge), 0, 0, 2);
    assert_counts(add(f, samples, 3, SAMPLE_MERGE_KEEP), 0, 0, 3);
    assert_int_equal(counts_now(f).samples, 3);
    for (int i = 1; i <= 3; i++)
        assert_int_equal(get(f, arena_printf(f->arena, "/%d", i)).revision, 1);
}

static void source_twice_in_one_batch_is_one_sample(void **state)
{
    struct fixture *f = *state;
    struct sample_new samples[] = {unlabeled("/1"), unlabeled("/1")};
    assert_counts(add(f, samples, 2, SAMPLE_MERGE_KEEP), 1, 0, 1);
}

/* What is new is written late and sorted: neither who comes again nor the order of labels may notice. */
static void who_comes_again_far_behind_is_merged_with_what_came_first(void **state)
{
    enum { MANY = 3 * DB_MANY_MAX };
    struct fixture *f = *state;
    struct annotation said = label("wren");
    struct sample_new *samples = arena_array(f->arena, MANY + 2, sizeof(*samples));
    for (int i = 0; i < MANY; i++)
        samples[i] = unlabeled(arena_printf(f->arena, "/%d", i));
    samples[MANY] = labeled("/1", &said);
    samples[MANY + 1] = labeled("/1", &said);
    assert_counts(add(f, samples, MANY + 2, SAMPLE_MERGE_IMPORT), MANY, 1, 1);
    assert_string_equal(get(f, "/1").state, SAMPLE_LABELED);
    assert_int_equal(get(f, "/1").revision, 2);
    assert_int_equal(counts_now(f).samples, MANY);
}

static void labels_join_in_the_order_of_the_samples(void **state)
{
    enum { MANY = DB_MANY_MAX + 8 };
    struct fixture *f = *state;
    struct annotation *said = arena_array(f->arena, MANY, sizeof(*said));
    struct sample_new *samples = arena_array(f->arena, MANY, sizeof(*samples));
    struct dataset_label *labels = NULL;
    size_t count = 0;
    for (int i = 0; i < MANY; i++) {
        said[i] = label(arena_printf(f->arena, "label %d", i));
        samples[i] = labeled(arena_printf(f->arena, "/%d", i), &said[i]);
    }
    assert_counts(add(f, samples, MANY, SAMPLE_MERGE_IMPORT), MANY, 0, 0);
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_string_equal(labels[i].name, said[i].name);
}

static void more_than_are_written_at_once_are_all_there(void **state)
{
    enum { MANY = 64000 + 1 };
    struct fixture *f = *state;
    struct sample_new *samples = arena_array(f->arena, MANY, sizeof(*samples));
    for (int i = 0; i < MANY; i++)
        samples[i] = unlabeled(arena_printf(f->arena, "/%d", i));
    assert_counts(add(f, samples, MANY, SAMPLE_MERGE_KEEP), MANY, 0, 0);
    assert_int_equal(counts_now(f).samples, MANY);
}

static void same_source_in_two_datasets_is_two_samples(void **state)
{
    struct fixture *f = *state;
    struct sample_new sample = unlabeled("/1");
    (void)add(f, &sample, 1, SAMPLE_MERGE_KEEP);
    const char *first = id_of(f, "/1");
    f->dataset = new_dataset(f, "fish", DATASET_TYPE_CLASSIFICATION);
    assert_counts(add(f, &sample, 1, SAMPLE_MERGE_KEEP), 1, 0, 0);
    assert_string_not_equal(first, id_of(f, "/1"));
}

static void keep_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren");
    struct sample_new plain = unlabeled("/1"), known = labeled("/1", &said);
    (void)add(f, &plain, 1, SAMPLE_MERGE_KEEP);
    assert_counts(add(f, &known, 1, SAMPLE_MERGE_KEEP), 0, 0, 1);
    assert_string_equal(get(f, "/1").state, SAMPLE_UNLABELED);
}

static void hard_example_sends_an_unlabeled_sample_to_be_confirmed(void **state)
{
    struct fixture *f = *state;
    struct annotation guessed = suggestion("wren", 0.4), again[] = {suggestion("robin", 0.6)};
    struct sample_new plain = unlabeled("/1"), found = hard("/1", &guessed, 0.7, "1");
    plain.width = plain.height = 32;
    plain.content_hash = "aa";
    (void)add(f, &plain, 1, SAMPLE_MERGE_KEEP);
    assert_counts(add(f, &found, 1, SAMPLE_MERGE_HARD), 0, 1, 0);
    struct sample got = get(f, "/1");
    assert_string_equal(got.state, SAMPLE_TO_BE_CONFIRMED);
    assert_true(got.is_hard);
    assert_string_equal(got.annotations[0].name, "wren");
    assert_string_equal(got.content_hash, "aa");
    assert_int_equal(got.width, 32);
    assert_int_equal(got.revision, 2);
    assert_string_equal(got.origin, "hard_examples");

    found = hard("/1", again, 0.9, "7-1");
    found.evidence_json = "{\"7\":{}}";
    assert_counts(add(f, &found, 1, SAMPLE_MERGE_HARD), 0, 1, 0);
    got = get(f, "/1");
    assert_int_equal(got.annotation_count, 1);
    assert_string_equal(got.annotations[0].name, "robin");
    assert_float_equal(got.hard_coefficient, 0.9, 0);
    assert_string_equal(got.hard_reasons, "7-1");
    assert_string_equal(got.evidence_json, "{\"7\":{}}");
}

static void hard_example_leaves_state_and_labels_of_a_labeled_sample(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren"), guessed = suggestion("robin", 0.4);
    struct sample_new known = labeled("/1", &said), found = hard("/1", &guessed, 0.7, "2-1");
    (void)add(f, &known, 1, SAMPLE_MERGE_IMPORT);
    assert_counts(add(f, &found, 1, SAMPLE_MERGE_HARD), 0, 1, 0);
    struct sample got = get(f, "/1");
    assert_string_equal(got.state, SAMPLE_LABELED);
    assert_int_equal(got.annotation_count, 1);
    assert_string_equal(got.annotations[0].name, "wren");
    assert_false(got.annotations[0].is_suggested);
    assert_string_equal(got.origin, "import");
    assert_true(got.is_hard);
    assert_string_equal(got.hard_reasons, "2-1");
    assert_counts(add(f, &found, 1, SAMPLE_MERGE_HARD), 0, 0, 1);
    /* A suggestion nobody takes over is no label of the dataset. */
    struct dataset_label *labels = NULL;
    size_t count = 0;
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 1);
}

static void import_labels_what_no_person_has_labeled(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren"), other = label("robin"), guessed = suggestion("owl", 0.4);
    struct sample_new waiting[] = {unlabeled("/1"), hard("/2", &guessed, 0.7, "1")};
    struct sample_new known[] = {labeled("/1", &said), labeled("/2", &said)};
    struct sample_new again[] = {labeled("/1", &other), labeled("/2", &other)};
    said.created_ms = 86400000;
    (void)add(f, waiting, 2, SAMPLE_MERGE_HARD);
    assert_counts(add(f, known, 2, SAMPLE_MERGE_IMPORT), 0, 2, 0);
    assert_counts(add(f, again, 2, SAMPLE_MERGE_IMPORT), 0, 0, 2);
    for (int i = 1; i <= 2; i++) {
        struct sample got = get(f, arena_printf(f->arena, "/%d", i));
        assert_string_equal(got.state, SAMPLE_LABELED);
        assert_int_equal(got.annotation_count, 1);
        assert_string_equal(got.annotations[0].name, "wren");
        assert_int_equal(got.annotations[0].created_ms, 86400000);
        assert_true(got.is_hard == (i == 2));
    }
}

static void import_without_labels_takes_no_suggestion_away(void **state)
{
    struct fixture *f = *state;
    struct annotation guessed = suggestion("owl", 0.4);
    struct sample_new found = hard("/1", &guessed, 0.7, "1"), plain = unlabeled("/1");
    (void)add(f, &found, 1, SAMPLE_MERGE_HARD);
    assert_counts(add(f, &plain, 1, SAMPLE_MERGE_IMPORT), 0, 0, 1);
    assert_int_equal(get(f, "/1").annotation_count, 1);
}

static void excluded_sample_stays_excluded(void **state)
{
    struct fixture *f = *state;
    struct annotation guessed = suggestion("owl", 0.4);
    struct sample_new plain = unlabeled("/1"), found = hard("/1", &guessed, 0.7, "1");
    (void)add(f, &plain, 1, SAMPLE_MERGE_KEEP);
    assert_int_equal(decide(f, "/1", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    (void)add(f, &found, 1, SAMPLE_MERGE_HARD);
    assert_true(get(f, "/1").is_excluded);
    assert_int_equal(counts_now(f).samples, 0);
}

static void bad_sample_spoils_the_whole_batch(void **state)
{
    struct fixture *f = *state;
    struct annotation said = label("wren");
    struct sample_new samples[] = {labeled("/1", &said), unlabeled("/2")};
    struct sample_add_counts counts = {.added = 7};
    struct dataset_label *labels = NULL;
    size_t count = 0;
    samples[1].hard_reasons = "99";
    ASSERT_REFUSED(f,
                   samples_add(f->db, f->dataset.id, &(struct sample_batch){samples, 2, SAMPLE_MERGE_KEEP},
                               &counts, &f->err),
                   ERR_INVALID);
    assert_non_null(strstr(f->err.message, "/2"));
    assert_counts(counts, 7, 0, 0);
    assert_int_equal(counts_now(f).samples, 0);
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 0);
    ASSERT_REFUSED(f,
                   samples_add(f->db, "nowhere", &(struct sample_batch){samples, 1, SAMPLE_MERGE_KEEP},
                               &counts, &f->err),
                   ERR_NOT_FOUND);
}

static void empty_batch_is_no_error(void **state)
{
    struct fixture *f = *state;
    assert_counts(add(f, NULL, 0, SAMPLE_MERGE_KEEP), 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_is_added_is_read_back),
        TEST(adding_twice_adds_nothing),
        TEST(source_twice_in_one_batch_is_one_sample),
        TEST(who_comes_again_far_behind_is_merged_with_what_came_first),
        TEST(labels_join_in_the_order_of_the_samples),
        TEST(more_than_are_written_at_once_are_all_there),
        TEST(same_source_in_two_datasets_is_two_samples),
        TEST(keep_changes_nothing),
        TEST(hard_example_sends_an_unlabeled_sample_to_be_confirmed),
        TEST(hard_example_leaves_state_and_labels_of_a_labeled_sample),
        TEST(import_labels_what_no_person_has_labeled),
        TEST(import_without_labels_takes_no_suggestion_away),
        TEST(excluded_sample_stays_excluded),
        TEST(bad_sample_spoils_the_whole_batch),
        TEST(empty_batch_is_no_error),
    };
    return RUN_TESTS(tests);
}
