/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

static void created_dataset_is_found_by_id_prefix_and_name(void **state)
{
    struct fixture *f = *state;
    struct dataset found;
    char prefix[8];
    (void)snprintf(prefix, sizeof(prefix), "%.7s", f->dataset.id);
    const char *references[] = {f->dataset.id, "birds", prefix};
    assert_int_equal(strlen(f->dataset.id), 19);
    for (size_t i = 0; i < 3; i++) {
        ASSERT_DONE(f, dataset_find(f->db, "0", f->arena, references[i], &found, &f->err));
        assert_string_equal(found.id, f->dataset.id);
        assert_string_equal(found.name, "birds");
        assert_string_equal(found.dataset_type, DATASET_TYPE_CLASSIFICATION);
        assert_string_equal(found.project_id, "0");
        assert_string_equal(found.description, "");
        assert_null(found.current_version);
        assert_int_equal(found.samples, 0);
        assert_int_equal(found.created_ms, f->dataset.created_ms);
    }
}

static void second_dataset_of_a_name_is_refused(void **state)
{
    struct fixture *f = *state;
    struct dataset twin;
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "birds", DATASET_TYPE_DETECTION, NO_LABELS},
                                  &twin, &f->err),
                   ERR_CONFLICT);
    assert_int_equal(f->err.detail, DETAIL_DATASET_EXISTS);
}

static void reference_that_fits_nothing_or_several_is_refused(void **state)
{
    struct fixture *f = *state;
    struct dataset found;
    char shared[2] = {0};
    /* 37 ids over 36 first characters: two share theirs. */
    for (int i = 0; i < 37; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "OTHER-%d", i);
        struct dataset other = new_dataset(f, name, DATASET_TYPE_CLASSIFICATION);
        shared[0] = other.id[0];
        if (!dataset_find(f->db, "0", f->arena, shared, &found, &f->err))
            break;
    }
    assert_int_equal(f->err.detail, DETAIL_INVALID_ARGUMENT);
    const char *nowhere[] = {"", "no-such", "%", "_", "zzzzzzzzzzzzzzzzzzzzz"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        ASSERT_REFUSED(f, dataset_find(f->db, "0", f->arena, nowhere[i], &found, &f->err), ERR_NOT_FOUND);
        assert_int_equal(f->err.detail, DETAIL_DATASET_NOT_FOUND);
    }
}

static void name_wins_over_prefix_of_an_id(void **state)
{
    struct fixture *f = *state;
    char name[4];
    struct dataset found;
    (void)snprintf(name, sizeof(name), "%.3s", f->dataset.id);
    struct dataset named = new_dataset(f, name, DATASET_TYPE_CLASSIFICATION);
    ASSERT_DONE(f, dataset_find(f->db, "0", f->arena, name, &found, &f->err));
    assert_string_equal(found.id, named.id);
}

static void start_of_an_id_is_no_name(void **state)
{
    struct fixture *f = *state;
    char name[4];
    struct dataset found;
    (void)snprintf(name, sizeof(name), "%.3s", f->dataset.id);
    ASSERT_REFUSED(f, dataset_find_name(f->db, "0", f->arena, name, &found, &f->err), ERR_NOT_FOUND);
    assert_int_equal(f->err.detail, DETAIL_DATASET_NOT_FOUND);
    ASSERT_REFUSED(f, dataset_find_name(f->db, "other", f->arena, "birds", &found, &f->err), ERR_NOT_FOUND);
    ASSERT_DONE(f, dataset_find_name(f->db, "0", f->arena, "birds", &found, &f->err));
    assert_string_equal(found.id, f->dataset.id);
}

static void list_shows_every_dataset_once_with_its_own_counts(void **state)
{
    struct fixture *f = *state;
    struct dataset *list = NULL;
    size_t count = 0;
    struct sample_new samples[] = {unlabeled("/a"), unlabeled("/b")};
    (void)add(f, samples, 2, SAMPLE_MERGE_KEEP);
    (void)new_dataset(f, "fish", DATASET_TYPE_DETECTION);
    ASSERT_DONE(f, dataset_list(f->db, "0", f->arena, &list, &count, &f->err));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list[i].samples, strcmp(list[i].name, "birds") == 0 ? 2 : 0);
}

static void labels_keep_their_order_and_count_labeled_samples_only(void **state)
{
    struct fixture *f = *state;
    const char *names[] = {"wren", "t-shirt-top", "great white shark, white shark, man-eater", "鹪鹩"};
    struct dataset_label *labels = NULL;
    size_t count = 0;
    ASSERT_DONE(
        f, dataset_create(f->db, f->arena,
                          &(struct dataset_new){"0", "wide", DATASET_TYPE_CLASSIFICATION, list_of(names, 4)},
                          &f->dataset, &f->err));
    struct annotation said = label("wren"), guessed = suggestion("wren", 0.5), fresh = label("robin");
    struct sample_new samples[] = {labeled("/1", &said), labeled("/2", &said), hard("/3", &guessed, 0.5, "1"),
                                   labeled("/4", &fresh)};
    (void)add(f, samples, 4, SAMPLE_MERGE_IMPORT);
    assert_int_equal(decide(f, "/2", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    ASSERT_DONE(f, dataset_labels(f->db, f->arena, f->dataset.id, &labels, &count, &f->err));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(labels[i].name, names[i]);
    assert_string_equal(labels[4].name, "robin");
    assert_int_equal(labels[0].samples, 1);
    assert_int_equal(labels[1].samples, 0);
    assert_int_equal(labels[4].samples, 1);
}

static void bad_name_type_or_labels_make_no_dataset(void **state)
{
    struct fixture *f = *state;
    struct dataset dataset, *list = NULL;
    size_t count = 0;
    const char *twins[] = {"a", "b", "a"}, *empty[] = {""}, *bell[] = {"a\ab"};
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "a b", DATASET_TYPE_DETECTION, NO_LABELS},
                                  &dataset, &f->err),
                   ERR_INVALID);
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena, &(struct dataset_new){"0", "x", "text", NO_LABELS},
                                  &dataset, &f->err),
                   ERR_INVALID);
    assert_int_equal(f->err.detail, DETAIL_MODEL_TYPE_UNSUPPORTED);
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "x", DATASET_TYPE_DETECTION, list_of(twins, 3)},
                                  &dataset, &f->err),
                   ERR_INVALID);
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "x", DATASET_TYPE_DETECTION, list_of(empty, 1)},
                                  &dataset, &f->err),
                   ERR_INVALID);
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "x", DATASET_TYPE_DETECTION, list_of(bell, 1)},
                                  &dataset, &f->err),
                   ERR_INVALID);
    ASSERT_DONE(f, dataset_list(f->db, "0", f->arena, &list, &count, &f->err));
    assert_int_equal(count, 1);
}

static void deleting_takes_samples_labels_and_versions_along(void **state)
{
    struct fixture *f = *state;
    struct dataset found;
    struct sample sample;
    struct annotation said = label("wren");
    struct sample_new sample_new = labeled("/1", &said);
    (void)add(f, &sample_new, 1, SAMPLE_MERGE_IMPORT);
    ASSERT_DONE(f, dataset_delete(f->db, f->dataset.id, &f->err));
    ASSERT_REFUSED(f, dataset_find(f->db, "0", f->arena, "birds", &found, &f->err), ERR_NOT_FOUND);
    ASSERT_REFUSED(f, sample_find(f->db, "0", f->arena, id_of(f, "/1"), &sample, &f->err), ERR_NOT_FOUND);
    ASSERT_REFUSED(f, dataset_delete(f->db, f->dataset.id, &f->err), ERR_NOT_FOUND);
    assert_int_equal(f->err.detail, DETAIL_DATASET_NOT_FOUND);
    (void)new_dataset(f, "birds", DATASET_TYPE_CLASSIFICATION);
}

static void label_set_is_full_at_its_limit(void **state)
{
    struct fixture *f = *state;
    const char **names = arena_array(f->arena, DATASET_LABELS_MAX + 1, sizeof(*names));
    struct dataset dataset;
    for (int i = 0; i <= DATASET_LABELS_MAX; i++)
        names[i] = arena_printf(f->arena, "class %d", i);
    ASSERT_REFUSED(f,
                   dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "many", DATASET_TYPE_CLASSIFICATION,
                                                        list_of(names, DATASET_LABELS_MAX + 1)},
                                  &dataset, &f->err),
                   ERR_LIMIT);
    ASSERT_DONE(f, dataset_create(f->db, f->arena,
                                  &(struct dataset_new){"0", "many", DATASET_TYPE_CLASSIFICATION,
                                                        list_of(names, DATASET_LABELS_MAX)},
                                  &f->dataset, &f->err));
    struct annotation known = label(names[7]), fresh = label("one more");
    struct sample_new samples[] = {labeled("/known", &known), labeled("/fresh", &fresh)};
    struct sample_add_counts counts = {0};
    (void)add(f, samples, 1, SAMPLE_MERGE_IMPORT);
    ASSERT_REFUSED(f,
                   samples_add(f->db, f->dataset.id, &(struct sample_batch){samples, 2, SAMPLE_MERGE_IMPORT},
                               &counts, &f->err),
                   ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(created_dataset_is_found_by_id_prefix_and_name),
        TEST(second_dataset_of_a_name_is_refused),
        TEST(reference_that_fits_nothing_or_several_is_refused),
        TEST(name_wins_over_prefix_of_an_id),
        TEST(start_of_an_id_is_no_name),
        TEST(list_shows_every_dataset_once_with_its_own_counts),
        TEST(labels_keep_their_order_and_count_labeled_samples_only),
        TEST(bad_name_type_or_labels_make_no_dataset),
        TEST(deleting_takes_samples_labels_and_versions_along),
        TEST(label_set_is_full_at_its_limit),
    };
    return RUN_TESTS(tests);
}
