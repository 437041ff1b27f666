/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record/run_index_format.h"
#include "record_fixture.h"

#include <math.h>

static struct run_index *open_index(struct fixture *fixture, const char *folder)
{
    struct error err = {0};
    struct run_index *index = NULL;
    AUTO(record_set) set = open_set(fixture->store, folder);
    if (!run_index_open(fixture->store, folder, set, &index, &err))
        fail_msg("%s", err.message);
    return index;
}

static void assert_row(const struct record_header *header, const struct record *record,
                       const struct run_index_row *row)
{
    assert_string_equal(row->source, record->source);
    assert_int_equal(row->error != NULL, record->error != NULL);
    if (record->error) {
        assert_string_equal(row->error, record->error);
        assert_true(row->class_index == UINT32_MAX && isnan(row->score));
        return;
    }
    assert_int_equal(row->width, record->width);
    assert_int_equal(row->height, record->height);
    if (header->type == MODEL_TYPE_DETECTION) {
        assert_int_equal(row->boxes, record_answers(header, record->candidates, record->candidate_count));
        assert_true(row->boxes == 0 || row->class_index == record->candidates[0].label);
        return;
    }
    double *scores = calloc(header->classes, sizeof(*scores));
    record_scores(header, record, scores);
    for (uint32_t c = 0; c < header->classes; c++)
        assert_true(scores[c] <= scores[row->class_index]);
    assert_true(fabs(row->score - scores[row->class_index]) < 1e-6);
    free(scores);
}

static void an_index_has_a_row_for_each_record_of_every_kind_of_run(void **state)
{
    struct fixture *fixture = *state;
    for (int run = 0; run < RUN_COUNT; run++) {
        const char *folder = write_run(fixture, (enum sample_run)run);
        AUTO(record_set) set = open_set(fixture->store, folder);
        AUTO(run_index) index = open_index(fixture, folder);
        assert_int_equal(run_index_count(index), record_set_count(set));
        uint64_t at = 0;
        for (uint32_t s = 0; s < record_set_shards(set); s++) {
            AUTO(record_shard) shard = open_shard(set, s);
            for (uint32_t i = 0; i < record_shard_count(shard); i++, at++) {
                struct record record;
                struct run_index_row row;
                record_shard_get(shard, i, &record);
                run_index_get(index, at, &row);
                assert_row(record_set_header(set), &record, &row);
                assert_true(run_index_find(index, record.source) <= at);
            }
        }
        for (uint32_t c = 0; c < run_index_classes(index); c++)
            assert_string_equal(run_index_label(index, c), record_set_header(set)->labels[c]);
        assert_true(run_index_find(index, "no such source") == UINT64_MAX);
    }
}

static uint64_t count_passing(const struct run_index *index, const struct run_index_filter *filter)
{
    uint64_t count = 0;
    for (uint64_t at = run_index_next(index, filter, 0); at < run_index_count(index);
         at = run_index_next(index, filter, at + 1))
        count++;
    return count;
}

static void filters_part_the_rows(void **state)
{
    struct fixture *fixture = *state;
    for (int run = 0; run < RUN_COUNT; run++) {
        AUTO(run_index) index = open_index(fixture, write_run(fixture, (enum sample_run)run));
        struct run_index_filter filter = {
            .class_index = UINT32_MAX, .score_min = (double)NAN, .score_max = (double)NAN, .is_failed = -1};
        uint64_t all = count_passing(index, &filter), parts = 0;
        assert_int_equal(all, run_index_count(index));
        for (filter.is_failed = 0; filter.is_failed < 2; filter.is_failed++)
            parts += count_passing(index, &filter);
        assert_int_equal(parts, all);
        filter.is_failed = -1;
        filter.score_min = 0;
        uint64_t scored = count_passing(index, &filter);
        for (parts = 0, filter.class_index = 0; filter.class_index < run_index_classes(index);
             filter.class_index++)
            parts += count_passing(index, &filter);
        assert_int_equal(parts, scored);
        filter.class_index = UINT32_MAX;
        filter.score_max = -0.5;
        assert_int_equal(count_passing(index, &filter), 0);
    }
}

/* Cut, changed or emptied, a file is never believed where it would lead out of itself; it is made again. */
static void a_damaged_index_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    const char *folder = write_run(fixture, (enum sample_run)0);
    char key[128];
    AUTO_BUFFER(good, 1024 * 1024);
    AUTO_BUFFER(bad, 1024 * 1024);
    (void)snprintf(key, sizeof(key), "%s/%s", folder, RUN_INDEX_NAME);
    AUTO(run_index) index = open_index(fixture, folder);
    assert_true(store_get(fixture->store, key, &good, &err));
    for (size_t at = 0; at < good.size; at++) {
        buffer_clear(&bad);
        assert_true(buffer_add(&bad, good.data, good.size));
        bad.data[at] = (char)(bad.data[at] ^ 0xff);
        assert_true(store_put_fast(fixture->store, key, (struct bytes){bad.data, bad.size}, &err));
        AUTO(run_index) again = open_index(fixture, folder);
        for (uint64_t row = 0; row < run_index_count(again); row++) {
            struct run_index_row ignored;
            run_index_get(again, row, &ignored);
            assert_true(strlen(ignored.source) < good.size);
        }
    }
    for (size_t bytes = 0; bytes < good.size; bytes += 7) {
        assert_true(store_put_fast(fixture->store, key, (struct bytes){good.data, bytes}, &err));
        AUTO(run_index) again = open_index(fixture, folder);
        assert_int_equal(run_index_count(again), run_index_count(index));
    }
}

static void an_index_of_other_records_is_made_again(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    char key[128];
    AUTO_BUFFER(file, 1024 * 1024);
    const char *folder = write_run(fixture, (enum sample_run)0);
    AUTO(run_index) whole = open_index(fixture, folder);
    (void)snprintf(key, sizeof(key), "%s/%s", folder, RUN_INDEX_NAME);
    assert_true(store_get(fixture->store, key, &file, &err));
    /* Sound, with a row less: without the first one. */
    struct index_head *head = (void *)file.data;
    char *rows = (char *)(head + 1);
    size_t behind = file.size - sizeof(*head) - sizeof(struct index_row);
    head->rows--;
    memmove(rows, rows + sizeof(struct index_row), behind);
    const struct bytes shorter = {file.data, sizeof(*head) + behind};
    assert_true(store_put_fast(fixture->store, key, shorter, &err));
    AUTO(run_index) again = open_index(fixture, folder);
    assert_int_equal(run_index_count(again), run_index_count(whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_index_has_a_row_for_each_record_of_every_kind_of_run, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(filters_part_the_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_damaged_index_is_made_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_index_of_other_records_is_made_again, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
