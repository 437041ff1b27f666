/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset_fixture.h"

enum { SAMPLES = 60 };

static const char *const sorts[] = {"-hard_coefficient", "hard_coefficient", "source", "-source",
                                    "created",           "-created",         "id"};
enum { SORTS = sizeof(sorts) / sizeof(sorts[0]) };

/* 60 samples in three states; every coefficient is shared by many, a third has none, and all were made in
 * two batches, so also the time is shared. */
static void fill(struct fixture *f)
{
    struct sample_new *samples = arena_array(f->arena, SAMPLES, sizeof(*samples));
    struct annotation said = label("wren"), *guesses = arena_array(f->arena, SAMPLES, sizeof(*guesses));
    for (int i = 0; i < SAMPLES; i++) {
        const char *source = arena_printf(f->arena, "/in/%03d.png", i * 7 % SAMPLES);
        guesses[i] = suggestion(i % 2 ? "robin" : "owl", i / (double)SAMPLES);
        samples[i] = i % 3 == 0   ? unlabeled(source)
                     : i % 3 == 1 ? hard(source, &guesses[i], (i % 4) / 4.0, i % 2 ? "11-21" : "1-7-20")
                                  : labeled(source, &said);
    }
    (void)add(f, samples, SAMPLES / 2, SAMPLE_MERGE_HARD);
    (void)add(f, &samples[SAMPLES / 2], SAMPLES / 2, SAMPLE_MERGE_HARD);
}

static int compare_number(double a, double b)
{
    a = isnan(a) ? -1.0 : a;
    b = isnan(b) ? -1.0 : b;
    return (a > b) - (a < b);
}

/* Negative when `a` must stand before `b`. */
static int compare(const struct sample *a, const struct sample *b, const char *sort)
{
    int sign = sort[0] == '-' ? -1 : 1, order = 0;
    sort += sort[0] == '-';
    if (strcmp(sort, "hard_coefficient") == 0)
        order = compare_number(a->hard_coefficient, b->hard_coefficient);
    else if (strcmp(sort, "source") == 0)
        order = strcmp(a->source, b->source);
    else if (strcmp(sort, "created") == 0)
        order = (a->created_ms > b->created_ms) - (a->created_ms < b->created_ms);
    if (order == 0)
        order = strcmp(a->id, b->id);
    return sign > 0 ? order : -order;
}

static size_t read_page(struct fixture *f, struct sample_filter *filter, struct sample **ret)
{
    struct sample_page page;
    ASSERT_DONE(f, samples_page(f->db, f->arena, f->dataset.id, filter, &page, &f->err));
    filter->cursor = page.cursor;
    *ret = page.samples;
    return page.count;
}

static void walk_in_order(struct fixture *f, const char *sort, int64_t limit)
{
    struct sample_filter filter;
    struct sample *page = NULL, last = {0};
    size_t seen = 0;
    sample_filter_init(&filter);
    filter.sort = sort;
    filter.limit = limit;
    do {
        size_t count = read_page(f, &filter, &page);
        assert_true(count == (size_t)limit || (count > 0 && !filter.cursor));
        for (size_t i = 0; i < count; i++, seen++) {
            if (seen > 0)
                assert_true(compare(&last, &page[i], sort) < 0);
            last = page[i];
        }
    } while (filter.cursor);
    assert_int_equal(seen, SAMPLES);
}

static void walk_visits_each_sample_once_in_order(void **state)
{
    struct fixture *f = *state;
    fill(f);
    for (size_t i = 0; i < SORTS; i++)
        for (int64_t limit = 1; limit <= SAMPLES + 1; limit += 7)
            walk_in_order(f, sorts[i], limit);
}

/* What leaves the state between pages was either seen or is gone; what stays is seen exactly once. */
static void walk_misses_nothing_while_samples_change_state(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < SORTS; i++) {
        char name[16];
        struct sample_filter filter;
        struct sample *page = NULL;
        size_t seen = 0, pages = 0;
        (void)snprintf(name, sizeof(name), "walk-%zu", i);
        f->dataset = new_dataset(f, name, DATASET_TYPE_CLASSIFICATION);
        fill(f);
        sample_filter_init(&filter);
        filter.sort = sorts[i];
        filter.state = SAMPLE_TO_BE_CONFIRMED;
        filter.limit = 3;
        do {
            size_t count = read_page(f, &filter, &page);
            for (size_t j = 0; j < count; j++)
                assert_int_equal(decide(f, page[j].source, SAMPLE_CONFIRM, NO_LABELS).code, ERR_NONE);
            seen += count;
            pages++;
        } while (filter.cursor);
        assert_int_equal(seen, 20);
        assert_int_equal(pages, 7);
        assert_int_equal(counts_now(f).to_be_confirmed, 0);
    }
}

static void samples_come_with_their_own_annotations(void **state)
{
    struct fixture *f = *state;
    struct annotation many[5];
    struct sample_new samples[12];
    struct sample_filter filter;
    struct sample *page = NULL;
    for (int i = 0; i < 5; i++)
        many[i] = suggestion(arena_printf(f->arena, "class %d", i), i / 10.0);
    for (int i = 0; i < 12; i++) {
        samples[i] = hard(arena_printf(f->arena, "/%d", i), many, 0.5, "1");
        samples[i].annotation_count = (size_t)(i % 6);
        samples[i].metadata_json = arena_printf(f->arena, "{\"i\":%d}", i);
    }
    (void)add(f, samples, 12, SAMPLE_MERGE_HARD);
    sample_filter_init(&filter);
    filter.limit = 12;
    assert_int_equal(read_page(f, &filter, &page), 12);
    assert_null(filter.cursor);
    for (size_t i = 0; i < 12; i++) {
        size_t number = strtoul(page[i].source + 1, NULL, 10);
        assert_int_equal(page[i].annotation_count, number % 6);
        assert_string_equal(page[i].metadata_json, samples[number].metadata_json);
        assert_string_equal(page[i].evidence_json, samples[number].evidence_json);
        for (size_t j = 0; j < page[i].annotation_count; j++)
            assert_string_equal(page[i].annotations[j].name, many[j].name);
    }
}

/* Compares page and count with a plain look at every sample. */
static size_t assert_filter(struct fixture *f, struct sample_filter *filter,
                            bool (*wanted)(const struct sample *sample))
{
    struct sample_filter everything;
    struct sample *all = NULL, *page = NULL;
    size_t expected = 0;
    sample_filter_init(&everything);
    everything.limit = filter->limit = DATASET_PAGE_MAX;
    everything.include_excluded = true;
    size_t all_count = read_page(f, &everything, &all), count = read_page(f, filter, &page);
    for (size_t i = 0; i < all_count; i++)
        expected += wanted(&all[i]);
    assert_int_equal(count, expected);
    assert_int_equal(count_of(f, filter), expected);
    for (size_t i = 0; i < count; i++)
        assert_true(wanted(&page[i]));
    return count;
}

static bool is_hard(const struct sample *sample)
{
    return sample->is_hard;
}

static bool is_unlabeled(const struct sample *sample)
{
    return strcmp(sample->state, SAMPLE_UNLABELED) == 0;
}

static bool is_owl(const struct sample *sample)
{
    return sample->annotation_count > 0 && strcmp(sample->annotations[0].name, "owl") == 0;
}

static bool has_reason_20(const struct sample *sample)
{
    return sample->hard_reasons && strcmp(sample->hard_reasons, "1-7-20") == 0;
}

static bool is_middling(const struct sample *sample)
{
    return sample->annotation_count > 0 && sample->annotations[0].is_suggested &&
           sample->annotations[0].confidence >= 0.25 && sample->annotations[0].confidence <= 0.75;
}

static bool is_quarter_to_half(const struct sample *sample)
{
    return sample->hard_coefficient >= 0.25 && sample->hard_coefficient <= 0.5;
}

static bool is_in_the_twenties(const struct sample *sample)
{
    return strstr(sample->source, "/02") != NULL;
}

static bool is_all(const struct sample *sample)
{
    return true;
}

static bool is_owl_with_reason_20_at_a_half(const struct sample *sample)
{
    return is_owl(sample) && has_reason_20(sample) && is_quarter_to_half(sample) && is_hard(sample) &&
           sample->annotations[0].confidence >= 0.25;
}

static void each_filter_finds_what_a_plain_look_finds(void **state)
{
    struct fixture *f = *state;
    struct sample_filter plain, filter;
    fill(f);
    sample_filter_init(&plain);
    assert_int_equal(assert_filter(f, &plain, is_all), SAMPLES);
    filter = plain, filter.only_hard = true;
    assert_int_equal(assert_filter(f, &filter, is_hard), 20);
    filter = plain, filter.state = SAMPLE_UNLABELED;
    assert_int_equal(assert_filter(f, &filter, is_unlabeled), 20);
    filter = plain, filter.label = "owl";
    assert_int_equal(assert_filter(f, &filter, is_owl), 10);
    filter = plain, filter.reason = 20;
    assert_int_equal(assert_filter(f, &filter, has_reason_20), 10);
    filter = plain, filter.score_min = 0.25, filter.score_max = 0.75;
    assert_true(assert_filter(f, &filter, is_middling) > 0);
    filter = plain, filter.coefficient_min = 0.25, filter.coefficient_max = 0.5;
    assert_true(assert_filter(f, &filter, is_quarter_to_half) > 0);
    filter = plain, filter.source_contains = "/IN/02";
    assert_int_equal(assert_filter(f, &filter, is_in_the_twenties), 10);
    filter = plain, filter.only_hard = true, filter.label = "owl", filter.reason = 7;
    filter.score_min = filter.coefficient_min = 0.25, filter.coefficient_max = 0.5, filter.score_max = 1;
    filter.source_contains = "png", filter.state = SAMPLE_TO_BE_CONFIRMED;
    assert_true(assert_filter(f, &filter, is_owl_with_reason_20_at_a_half) > 0);
}

static void score_is_that_of_suggestions_only(void **state)
{
    struct fixture *f = *state;
    struct annotation machine = label("owl"), guesses[] = {suggestion("owl", 0.2), suggestion("wren", 0.6)};
    struct sample_new samples[] = {labeled("/1", &machine), hard("/2", guesses, 0.5, "1")};
    struct sample_filter filter;
    machine.confidence = 0.5;
    samples[1].annotation_count = 2;
    (void)add(f, samples, 2, SAMPLE_MERGE_HARD);
    sample_filter_init(&filter);
    filter.score_min = 0.1;
    assert_int_equal(count_of(f, &filter), 1);
    filter.score_max = 0.5; /* the best suggestion has 0.6 */
    assert_int_equal(count_of(f, &filter), 0);
    filter.score_min = (double)NAN;
    assert_int_equal(count_of(f, &filter), 0);
}

static void reason_1_is_not_found_in_11_and_21(void **state)
{
    struct fixture *f = *state;
    struct annotation guessed = suggestion("owl", 0.5);
    struct sample_new samples[] = {hard("/1", &guessed, 0.5, "11-21"), hard("/2", &guessed, 0.5, "1"),
                                   hard("/3", &guessed, 0.5, "1-2"), hard("/4", &guessed, 0.5, "2-1"),
                                   hard("/5", &guessed, 0.5, "12-1-30")};
    struct sample_filter filter;
    (void)add(f, samples, 5, SAMPLE_MERGE_HARD);
    sample_filter_init(&filter);
    filter.reason = 1;
    assert_int_equal(count_of(f, &filter), 4);
    filter.reason = 11;
    assert_int_equal(count_of(f, &filter), 1);
    filter.reason = 0;
    assert_int_equal(count_of(f, &filter), 0);
    filter.reason = 3;
    assert_int_equal(count_of(f, &filter), 0);
}

static void wildcards_in_a_source_are_plain_characters(void **state)
{
    struct fixture *f = *state;
    struct sample_new samples[] = {unlabeled("/100%.png"), unlabeled("/100x.png"), unlabeled("/a_b.png"),
                                   unlabeled("/aXb.png"), unlabeled("/wow!.png")};
    struct sample_filter filter;
    (void)add(f, samples, 5, SAMPLE_MERGE_KEEP);
    sample_filter_init(&filter);
    static const struct {
        const char *part;
        int64_t found;
    } cases[] = {{"100%", 1}, {"a_b", 1}, {"!", 1}, {"%", 1},
                 {"_", 1},    {"png", 5}, {"", 5},  {"' OR 1=1 --", 0}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        filter.source_contains = cases[i].part;
        assert_int_equal(count_of(f, &filter), cases[i].found);
    }
}

static void excluded_samples_are_left_out_unless_asked_for(void **state)
{
    struct fixture *f = *state;
    struct sample_filter filter;
    fill(f);
    sample_filter_init(&filter);
    assert_int_equal(decide(f, "/in/000.png", SAMPLE_EXCLUDE, NO_LABELS).code, ERR_NONE);
    assert_int_equal(count_of(f, &filter), SAMPLES - 1);
    filter.include_excluded = true;
    assert_int_equal(count_of(f, &filter), SAMPLES);
}

static void bad_requests_are_refused(void **state)
{
    struct fixture *f = *state;
    struct sample_filter plain, filter;
    struct sample_page page;
    struct sample *samples = NULL;
    int64_t total = 0;
    sample_filter_init(&plain);
#define REFUSED(change)                                                                                      \
    do {                                                                                                     \
        filter = plain;                                                                                      \
        change;                                                                                              \
        ASSERT_REFUSED(f, samples_page(f->db, f->arena, f->dataset.id, &filter, &page, &f->err),             \
                       ERR_INVALID);                                                                         \
    } while (0)
    REFUSED(filter.sort = "name; DROP TABLE sample");
    REFUSED(filter.sort = "");
    REFUSED(filter.limit = 0);
    REFUSED(filter.limit = DATASET_PAGE_MAX + 1);
    REFUSED(filter.cursor = "garbage");
    REFUSED(filter.cursor = "");
    REFUSED(filter.state = "hard");
    REFUSED(filter.reason = SAMPLE_REASON_MAX + 1);
    REFUSED(filter.reason = -2);
#undef REFUSED
    filter = plain, filter.state = "hard";
    ASSERT_REFUSED(f, samples_count(f->db, f->dataset.id, &filter, &total, &f->err), ERR_INVALID);
    char *part = arena_alloc(f->arena, 1026);
    memset(part, 'x', 1025);
    filter = plain, filter.source_contains = part;
    ASSERT_REFUSED(f, samples_count(f->db, f->dataset.id, &filter, &total, &f->err), ERR_LIMIT);
    part[1024] = '\0';
    assert_int_equal(count_of(f, &filter), 0);
    filter = plain, filter.limit = DATASET_PAGE_MAX;
    assert_int_equal(read_page(f, &filter, &samples), 0);
    assert_null(filter.cursor);
}

static void sample_is_found_by_the_start_of_its_id(void **state)
{
    struct fixture *f = *state;
    struct sample found;
    char prefix[HASH_HEX_BYTES];
    fill(f);
    const char *id = id_of(f, "/in/007.png");
    (void)snprintf(prefix, sizeof(prefix), "%.12s", id);
    ASSERT_DONE(f, sample_find(f->db, "0", f->arena, prefix, &found, &f->err));
    assert_string_equal(found.id, id);
    assert_string_equal(found.source, "/in/007.png");
    /* 60 ids over 16 first digits: some digit begins several of them. */
    size_t ambiguous = 0;
    for (const char *digit = "0123456789abcdef"; *digit; digit++) {
        char start[2] = {*digit, '\0'};
        bool is_found = sample_find(f->db, "0", f->arena, start, &found, &f->err);
        ambiguous += !is_found && f->err.detail == DETAIL_INVALID_ARGUMENT;
    }
    assert_true(ambiguous > 0);
    const char *nowhere[] = {"", "xyz", "%", "0123456789abcdef0123456789abcdef0"};
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
        ASSERT_REFUSED(f, sample_find(f->db, "0", f->arena, nowhere[i], &found, &f->err), ERR_NOT_FOUND);
        assert_int_equal(f->err.detail, DETAIL_SAMPLE_NOT_FOUND);
    }
}

static void page_that_does_not_fit_its_arena_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sample_filter filter;
    struct sample_page page;
    fill(f);
    sample_filter_init(&filter);
    AUTO(arena) small = arena_new(30000);
    ASSERT_REFUSED(f, samples_page(f->db, small, f->dataset.id, &filter, &page, &f->err), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(walk_visits_each_sample_once_in_order),
        TEST(walk_misses_nothing_while_samples_change_state),
        TEST(samples_come_with_their_own_annotations),
        TEST(each_filter_finds_what_a_plain_look_finds),
        TEST(score_is_that_of_suggestions_only),
        TEST(reason_1_is_not_found_in_11_and_21),
        TEST(wildcards_in_a_source_are_plain_characters),
        TEST(excluded_samples_are_left_out_unless_asked_for),
        TEST(bad_requests_are_refused),
        TEST(sample_is_found_by_the_start_of_its_id),
        TEST(page_that_does_not_fit_its_arena_is_refused),
    };
    return RUN_TESTS(tests);
}
