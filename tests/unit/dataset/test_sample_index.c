/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/sample_presence.h"
#include "index_fixture.h"

enum { ROUNDS = 12, ROUNDS_ON_SERVER = 4, QUERIES = 25, SOURCES = 150, INDEX_BYTES = 64 * 1024 * 1024 };

static struct sample_index *new_index(size_t bytes)
{
    struct sample_index *index = sample_index_new(bytes);
    assert_non_null(index);
    return index;
}

static int64_t count_with(struct fixture *f, const struct sample_filter *filter)
{
    int64_t count = 0;
    ASSERT_DONE(f, samples_count(f->db, f->dataset.id, filter, &count, &f->err));
    return count;
}

/* All pages of a query, by the index and by SQL. */
static void assert_same_walk(struct fixture *f, struct sample_index *index, struct sample_filter filter)
{
    do {
        struct sample_found fast, slow;
        ASSERT_DONE(f, samples_search(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                      &fast, &f->err));
        ASSERT_DONE(f, samples_search(&(struct sample_scope){NULL, f->db, f->dataset.id}, f->arena, &filter,
                                      &slow, &f->err));
        assert_int_equal(fast.total, slow.total);
        assert_int_equal(fast.count, slow.count);
        for (size_t i = 0; i < fast.count; i++) {
            assert_string_equal(fast.samples[i].id, slow.samples[i].id);
            assert_int_equal(fast.samples[i].annotation_count, slow.samples[i].annotation_count);
        }
        assert_int_equal(fast.cursor == NULL, slow.cursor == NULL);
        if (fast.cursor)
            assert_string_equal(fast.cursor, slow.cursor);
        filter.cursor = fast.cursor;
    } while (filter.cursor);
}

/* A page that is jumped to, by the index and by SQL, is the part of the whole walk that it should be. */
static void assert_page_from(struct fixture *f, struct sample_index *index, struct sample_filter filter,
                             struct param_list all, size_t offset)
{
    size_t left = all.count > offset ? all.count - offset : 0;
    filter.offset = (int64_t)offset;
    filter.limit = 7;
    for (struct sample_index *by = index;; by = NULL) {
        struct sample_ids page;
        ASSERT_DONE(f, samples_search_ids(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                          &page, &f->err));
        assert_int_equal(page.total, all.count);
        assert_int_equal(page.ids.count, left < 7 ? left : 7);
        assert_int_equal(page.cursor != NULL, left > 7);
        for (size_t i = 0; i < page.ids.count; i++)
            assert_string_equal(page.ids.items[i], all.items[offset + i]);
        if (!by)
            return;
    }
}

static void assert_same_ids(struct fixture *f, struct sample_index *index, struct sample_filter filter)
{
    struct sample_ids fast, slow;
    filter.limit = DATASET_DECIDE_MAX;
    ASSERT_DONE(f, samples_search_ids(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                      &fast, &f->err));
    ASSERT_DONE(f, samples_search_ids(&(struct sample_scope){NULL, f->db, f->dataset.id}, f->arena, &filter,
                                      &slow, &f->err));
    assert_int_equal(fast.total, slow.total);
    assert_int_equal(fast.ids.count, slow.ids.count);
    for (size_t i = 0; i < fast.ids.count; i++)
        assert_string_equal(fast.ids.items[i], slow.ids.items[i]);
    assert_page_from(f, index, filter, fast.ids, 1);
    assert_page_from(f, index, filter, fast.ids, fast.ids.count / 2);
    assert_page_from(f, index, filter, fast.ids, fast.ids.count);
}

/* The filter without the members of one field, with one value of it. */
static void assert_facets(struct fixture *f, struct sample_index *index, struct sample_filter filter)
{
    struct sample_facets facets, slow;
    struct sample_filter one;
    ASSERT_DONE(f, samples_facets(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                  SAMPLE_FACET_LABELS_MAX, &facets, &f->err));
    ASSERT_DONE(f, samples_facets(&(struct sample_scope){NULL, f->db, f->dataset.id}, f->arena, &filter,
                                  SAMPLE_FACET_LABELS_MAX, &slow, &f->err));
    assert_int_equal(facets.total, count_with(f, &filter));
    assert_int_equal(facets.total, slow.total);
    assert_memory_equal(facets.reasons, slow.reasons, sizeof(facets.reasons));
    assert_memory_equal(&facets.coefficient, &slow.coefficient, sizeof(facets.coefficient));
    if (filter.where) /* what is its own then is tested with plain filters */
        return;
    one = filter;
    for (size_t i = 0; i < facets.states.count; i++) {
        one.state = facets.states.items[i].name;
        assert_int_equal(facets.states.items[i].samples, count_with(f, &one));
    }
    one = filter;
    for (one.reason = 0; one.reason <= SAMPLE_REASON_MAX; one.reason++)
        assert_int_equal(facets.reasons[one.reason], count_with(f, &one));
    one = filter;
    for (size_t i = 0; i < facets.labels.count; i++) {
        one.label = facets.labels.items[i].name;
        assert_int_equal(facets.labels.items[i].samples, count_with(f, &one));
    }
    one = filter;
    for (size_t i = 0; i < facets.usages.count; i++) {
        one.usage = facets.usages.items[i].name ? facets.usages.items[i].name : "none";
        assert_int_equal(facets.usages.items[i].samples, count_with(f, &one));
    }
    one = filter;
    one.only_hard = true;
    assert_int_equal(facets.hard, count_with(f, &one));
    one.only_hard = false;
    assert_int_equal(facets.not_hard, count_with(f, &one) - facets.hard);
}

static void assert_histogram(struct fixture *f, struct sample_index *index)
{
    struct sample_filter filter;
    struct sample_facets facets;
    int64_t inside = 0;
    sample_filter_init(&filter);
    ASSERT_DONE(f, samples_facets(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter, 0,
                                  &facets, &f->err));
    assert_int_equal(facets.labels.count, 0);
    for (int i = 0; i < SAMPLE_BINS; i++)
        inside += facets.coefficient.bins[i];
    assert_int_equal(inside + facets.coefficient.without, facets.total);
    filter.coefficient_min = 0.4;
    filter.coefficient_max = 0.4499;
    assert_int_equal(facets.coefficient.bins[8], count_with(f, &filter));
    filter.coefficient_min = 0.95;
    filter.coefficient_max = 1;
    assert_int_equal(facets.coefficient.bins[SAMPLE_BINS - 1], count_with(f, &filter));
}

static void change_something(struct fixture *f, uint64_t *seed)
{
    struct sample_filter filter = any_filter(f, seed);
    struct sample_ids some;
    if (any(seed, 2))
        add_any(f, seed, 1 + any(seed, 40), SOURCES);
    filter.limit = 20;
    ASSERT_DONE(f, samples_search_ids(&(struct sample_scope){NULL, f->db, f->dataset.id}, f->arena, &filter,
                                      &some, &f->err));
    decide_any(f, f->db, some.ids, seed);
    if (any(seed, 2))
        measure_any(f, f->db, some.ids, seed);
}

/* Any of two reasons: what is counted of reasons is what a third one would give beside them. */
static void facets_of_a_field_leave_out_a_choice_of_its_values(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20261123;
    struct sample_filter filter;
    struct sample_facets whole, chosen;
    const struct sample_term two[] = {{.kind = TERM_REASON, .number = 1}, {.kind = TERM_REASON, .number = 2}};
    const struct sample_term where = {.kind = TERM_OR, .items = two, .count = 2};
    const struct sample_scope scope = {NULL, f->db, f->dataset.id};
    add_any(f, &seed, 200, SOURCES);
    sample_filter_init(&filter);
    ASSERT_DONE(f, samples_facets(&scope, f->arena, &filter, 0, &whole, &f->err));
    filter.where = &where;
    ASSERT_DONE(f, samples_facets(&scope, f->arena, &filter, 0, &chosen, &f->err));
    assert_memory_equal(chosen.reasons, whole.reasons, sizeof(whole.reasons));
    assert_true(chosen.total < whole.total);
    assert_int_equal(chosen.hard + chosen.not_hard, chosen.total);
}

static struct sample_new brought(struct sample_new sample, const char *origin, const char *task)
{
    sample.origin = origin;
    sample.origin_task = task;
    return sample;
}

static void sources_are_counted_by_the_task_that_brought_them(void **state)
{
    struct fixture *f = *state;
    const struct annotation owl = suggestion("owl", 0.5), wren = label("wren");
    const struct sample_new samples[] = {brought(unlabeled("/a"), "synchronize", "11"),
                                         brought(hard("/b", &owl, 0.7, "1"), "hard_examples", "22"),
                                         brought(hard("/c", &owl, 0.2, "2"), "hard_examples", "22"),
                                         brought(labeled("/d", &wren), "import", NULL),
                                         brought(unlabeled("/e"), "import", "33")};
    struct sample_sources found, cut;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    struct sample_scope scope = {index, f->db, f->dataset.id};
    (void)add(f, samples, 5, SAMPLE_MERGE_HARD);
    (void)decide(f, "/e", SAMPLE_EXCLUDE, (struct param_list){0});
    for (int i = 0; i < 2; i++, scope.index = NULL) {
        ASSERT_DONE(f, samples_sources(&scope, f->arena, SAMPLE_SOURCES_MAX, &found, &f->err));
        assert_int_equal(found.count, 3); /* that of the excluded sample is left out */
        assert_string_equal(found.items[0].task, "22");
        assert_string_equal(found.items[0].origin, "hard_examples");
        assert_int_equal(found.items[0].samples, 2);
        assert_int_equal(found.items[0].to_be_confirmed, 2);
        assert_int_equal(found.items[0].hard, 2);
        assert_null(found.items[1].task);
        assert_int_equal(found.items[1].labeled, 1);
        assert_int_equal(found.items[2].unlabeled, 1);
        ASSERT_DONE(f, samples_sources(&scope, f->arena, 2, &cut, &f->err));
        assert_int_equal(cut.count, 2);
        assert_int_equal(cut.known, 3);
        ASSERT_REFUSED(f, samples_sources(&scope, f->arena, 0, &cut, &f->err), ERR_INVALID);
        ASSERT_REFUSED(f, samples_sources(&scope, f->arena, SAMPLE_SOURCES_MAX + 1, &cut, &f->err),
                       ERR_INVALID);
    }
}

/* What is measured later is found at once, and what has no number is in no range. */
static void sample_is_found_by_a_feature_once_it_is_measured(void **state)
{
    struct fixture *f = *state;
    struct sample_features dark = {.sample_id = id_of(f, "/dark"), .boxes = ""};
    struct sample_term where = {.kind = TERM_FEATURE, .number = 2, .min = 0.1, .max = 0.3};
    struct sample_filter filter;
    struct sample_ids found;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    const struct sample_scope scope = {index, f->db, f->dataset.id};
    (void)add(f, (struct sample_new[]){unlabeled("/dark"), unlabeled("/unknown")}, 2, SAMPLE_MERGE_IMPORT);
    sample_filter_init(&filter);
    filter.where = &where;
    filter.limit = 10;
    ASSERT_DONE(f, samples_search_ids(&scope, f->arena, &filter, &found, &f->err));
    assert_int_equal(found.total, 0);
    for (int i = 0; i < SAMPLE_FEATURES; i++)
        dark.values[i] = i == 2 ? 0.3 : (double)NAN;
    int64_t before = count_of(f, &filter);
    int64_t revision = get(f, "/dark").revision;
    ASSERT_DONE(f, sample_features_keep(f->db, f->arena, &dark, 1, &f->err));
    ASSERT_DONE(f, samples_search_ids(&scope, f->arena, &filter, &found, &f->err));
    assert_int_equal(before, 0);
    assert_int_equal(found.total, 1);
    assert_string_equal(found.ids.items[0], dark.sample_id);
    assert_int_equal(get(f, "/dark").revision, revision);
    where.max = 0.29;
    ASSERT_DONE(f, samples_search_ids(&scope, f->arena, &filter, &found, &f->err));
    assert_int_equal(found.total, 0);
    where.min = where.max = (double)NAN;
    ASSERT_DONE(f, samples_search_ids(&scope, f->arena, &filter, &found, &f->err));
    assert_int_equal(found.total, 1);
    where.number = 3;
    ASSERT_DONE(f, samples_search_ids(&scope, f->arena, &filter, &found, &f->err));
    assert_int_equal(found.total, 0);
}

static void index_answers_as_sql_does_whatever_is_asked_and_changed(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20261122;
    const int rounds = test_database_is_postgresql() ? ROUNDS_ON_SERVER : ROUNDS;
    char id[64];
    (void)snprintf(id, sizeof(id), "%s", f->dataset.id);
    f->dataset.id = id;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    add_any(f, &seed, 200, SOURCES);
    for (int round = 0; round < rounds; round++) {
        change_something(f, &seed);
        for (int i = 0; i < QUERIES; i++) {
            struct sample_filter filter = any_filter(f, &seed);
            assert_same_walk(f, index, filter);
            assert_same_ids(f, index, filter);
            if (i % 5 == 0)
                assert_facets(f, index, filter);
        }
        assert_histogram(f, index);
        arena_reset(f->arena);
    }
}

static void facet_is_counted_without_its_own_condition(void **state)
{
    struct fixture *f = *state;
    const struct annotation owl = suggestion("owl", 0.5), wren = label("wren");
    const struct sample_new samples[] = {unlabeled("/a"), hard("/b", &owl, 0.7, "1"),
                                         hard("/c", &owl, 0.2, "2"), labeled("/d", &wren)};
    struct sample_facets facets;
    struct sample_filter filter;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    (void)add(f, samples, 4, SAMPLE_MERGE_HARD);
    sample_filter_init(&filter);
    filter.state = SAMPLE_TO_BE_CONFIRMED;
    filter.reason = 1;
    ASSERT_DONE(f, samples_facets(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter, 10,
                                  &facets, &f->err));
    assert_int_equal(facets.total, 1);
    assert_int_equal(facets.states.count, 3);
    assert_string_equal(facets.states.items[1].name, SAMPLE_TO_BE_CONFIRMED);
    assert_int_equal(facets.states.items[1].samples, 1); /* reason 1 still holds */
    assert_int_equal(facets.reasons[2], 1);              /* the state still holds */
    assert_int_equal(facets.reasons[1], 1);
    assert_int_equal(facets.labels.count, 1);
    assert_int_equal(facets.labels.items[0].suggested, 1);
    assert_int_equal(facets.labels.items[0].confirmed, 0);
    /* inside an OR with another field a condition is not the facet's own */
    const struct sample_term choices[] = {{.kind = TERM_STATE, .text = SAMPLE_LABELED},
                                          {.kind = TERM_REASON, .number = 1}};
    const struct sample_term where = {.kind = TERM_OR, .items = choices, .count = 2};
    sample_filter_init(&filter);
    filter.where = &where;
    ASSERT_DONE(f, samples_facets(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter, 10,
                                  &facets, &f->err));
    assert_int_equal(facets.total, 2);
    assert_int_equal(facets.reasons[2], 0);
}

static void dataset_that_does_not_fit_is_answered_by_sql(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 7;
    AUTO(sample_index) index = new_index(1024);
    struct sample_filter filter;
    add_any(f, &seed, 100, SOURCES);
    sample_filter_init(&filter);
    assert_same_walk(f, index, filter);
    assert_int_equal(sample_index_figures(index).bytes, 0);
}

static void least_recently_used_dataset_makes_room(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 8;
    struct sample_found found;
    struct sample_filter filter;
    struct dataset datasets[3];
    const char *const names[] = {"one", "two", "three"};
    size_t bytes = 0;
    sample_filter_init(&filter);
    for (int i = 0; i < 3; i++) {
        f->dataset = datasets[i] = new_dataset(f, names[i], DATASET_TYPE_CLASSIFICATION);
        add_any(f, &seed, 100, SOURCES);
    }
    AUTO(sample_index) measured = new_index(INDEX_BYTES);
    for (int i = 0; i < 3; i++) {
        ASSERT_DONE(f, samples_search(&(struct sample_scope){measured, f->db, datasets[i].id}, f->arena,
                                      &filter, &found, &f->err));
        bytes = sample_index_figures(measured).bytes;
    }
    assert_int_equal(sample_index_figures(measured).datasets, 3);
    AUTO(sample_index) index = new_index(bytes - 1);
    for (int i = 0; i < 3; i++)
        ASSERT_DONE(f, samples_search(&(struct sample_scope){index, f->db, datasets[i].id}, f->arena, &filter,
                                      &found, &f->err));
    assert_int_equal(sample_index_figures(index).datasets, 2);
    assert_true(sample_index_figures(index).bytes < bytes);
}

static void limits_hold_at_and_past(void **state)
{
    struct fixture *f = *state;
    struct sample_facets facets;
    struct sample_found found;
    struct sample_ids ids;
    struct sample_filter filter;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    sample_filter_init(&filter);
    for (struct sample_index *by = index;; by = NULL) {
        filter.limit = DATASET_PAGE_MAX;
        ASSERT_DONE(f, samples_search(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                      &found, &f->err));
        filter.limit = DATASET_PAGE_MAX + 1;
        ASSERT_REFUSED(f,
                       samples_search(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                      &found, &f->err),
                       ERR_INVALID);
        filter.limit = DATASET_DECIDE_MAX;
        ASSERT_DONE(f, samples_search_ids(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                          &ids, &f->err));
        filter.limit = DATASET_DECIDE_MAX + 1;
        ASSERT_REFUSED(f,
                       samples_search_ids(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                          &ids, &f->err),
                       ERR_INVALID);
        ASSERT_DONE(f, samples_facets(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                      SAMPLE_FACET_LABELS_MAX, &facets, &f->err));
        ASSERT_REFUSED(f,
                       samples_facets(&(struct sample_scope){by, f->db, f->dataset.id}, f->arena, &filter,
                                      SAMPLE_FACET_LABELS_MAX + 1, &facets, &f->err),
                       ERR_INVALID);
        if (!by)
            return;
    }
}

static void bad_cursor_and_unknown_dataset_are_refused(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 9;
    struct sample_found found;
    struct sample_filter filter;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    add_any(f, &seed, 10, SOURCES);
    sample_filter_init(&filter);
    filter.cursor = "nonsense";
    ASSERT_REFUSED(f,
                   samples_search(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                  &found, &f->err),
                   ERR_INVALID);
    filter.cursor = NULL;
    ASSERT_REFUSED(
        f, samples_search(&(struct sample_scope){index, f->db, "nosuch"}, f->arena, &filter, &found, &f->err),
        ERR_NOT_FOUND);
    filter.sort = "colour";
    ASSERT_REFUSED(f,
                   samples_search(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                  &found, &f->err),
                   ERR_INVALID);
}

static void removed_samples_are_forgotten(void **state)
{
    struct fixture *f = *state;
    AUTO(sample_index) index = new_index(INDEX_BYTES);
    uint64_t seed = 7;
    struct sample_filter filter;
    struct sample_found found;
    const char *ids[3];
    add_any(f, &seed, 60, SOURCES);
    sample_filter_init(&filter);
    filter.sort = "id";
    filter.include_excluded = true;
    assert_same_walk(f, index, filter);
    ASSERT_DONE(f, samples_search(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                  &found, &f->err));
    int64_t total = found.total;
    for (size_t i = 0; i < 3; i++)
        ids[i] = found.samples[i].id;
    ASSERT_DONE(f, db_begin(f->db, &f->err));
    ASSERT_DONE(f, samples_remove(f->db, ids, 3, &f->err));
    ASSERT_DONE(f, dataset_touch_removed(f->db, f->dataset.id, 1, &f->err));
    ASSERT_DONE(f, db_commit(f->db, &f->err));
    for (int round = 0; round < 2; round++) {
        assert_same_walk(f, index, filter);
        ASSERT_DONE(f, samples_search(&(struct sample_scope){index, f->db, f->dataset.id}, f->arena, &filter,
                                      &found, &f->err));
        assert_true(round == 1 || found.total == total - 3);
        add_any(f, &seed, 20, SOURCES);
    }
    assert_facets(f, index, filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sources_are_counted_by_the_task_that_brought_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sample_is_found_by_a_feature_once_it_is_measured, set_up, tear_down),
        cmocka_unit_test_setup_teardown(index_answers_as_sql_does_whatever_is_asked_and_changed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(facets_of_a_field_leave_out_a_choice_of_its_values, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(facet_is_counted_without_its_own_condition, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dataset_that_does_not_fit_is_answered_by_sql, set_up, tear_down),
        cmocka_unit_test_setup_teardown(least_recently_used_dataset_makes_room, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_hold_at_and_past, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_cursor_and_unknown_dataset_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(removed_samples_are_forgotten, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
