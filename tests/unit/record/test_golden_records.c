/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format is frozen: what is written today equals tests/golden/records, and those files can still be read.
 * Only the packed bytes of the rows are the zstd library's own; their text is compared.
 *
 * A new format needs a new number (RECORD_FORMAT) and new golden files beside the old:
 *     TROMMEL_WRITE_GOLDEN=1 build/tests/unit/record/test_golden_records
 */
#include "test.h"

#include "record_fixture.h"

#include <math.h>

enum { BODY_BYTES = 1024 * 1024 };

static struct store *golden_store(void)
{
    struct error err = {0};
    struct store *store = NULL;
    if (!store_open(GOLDEN_RECORDS, false, &store, &err))
        fail_msg("%s", err.message);
    return store;
}

/* Cuts the row of records.jsonl.zst out of shard.json: its size and hash are the library's. */
static void cut_packed(struct buffer *json)
{
    char *from = strstr(json->data, "{\"name\":\"records.jsonl.zst\"");
    char *to = from ? strchr(from, '}') : NULL;
    assert_non_null(to);
    size_t left = (size_t)(json->data + json->size - to);
    memmove(from, to, left);
    json->size = (size_t)(from - json->data) + left;
}

static void unpack(struct buffer *body)
{
    struct error err = {0};
    AUTO_BUFFER(plain, BODY_BYTES);
    assert_true(shard_unpack((struct bytes){body->data, body->size}, &plain, &err));
    buffer_clear(body);
    assert_true(buffer_add(body, plain.data, plain.size));
}

struct comparing {
    struct store *golden, *fresh;
    int count;
};

static bool compare(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct comparing *comparing = state;
    AUTO_BUFFER(golden, BODY_BYTES);
    AUTO_BUFFER(fresh, BODY_BYTES);
    (void)stat;
    if (!store_get(comparing->golden, key, &golden, err) || !store_get(comparing->fresh, key, &fresh, err))
        fail_msg("%s", err->message);
    if (strstr(key, "/shard.json"))
        cut_packed(&golden), cut_packed(&fresh);
    if (strstr(key, ".zst"))
        unpack(&golden), unpack(&fresh);
    if (golden.size != fresh.size || memcmp(golden.data, fresh.data, golden.size) != 0)
        fail_msg("%s is not what it was", key);
    comparing->count++;
    return true;
}

static void what_is_written_equals_the_golden_files(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    AUTO(store) golden = golden_store();
    for (int run = 0; run < RUN_COUNT; run++) {
        const char *folder = write_run(fixture, (enum sample_run)run);
        struct comparing there = {golden, fixture->store, 0}, back = there;
        assert_true(store_list(golden, folder, compare, &there, NULL, &err));
        assert_true(store_list(fixture->store, folder, compare, &back, NULL, &err));
        assert_int_equal(there.count, back.count);
        assert_true(there.count > 6);
    }
}

static void golden_classification_reads_as_documented(void **state)
{
    AUTO(store) golden = golden_store();
    AUTO(record_set) set = open_set(golden, "classification");
    AUTO(record_shard) shard = open_shard(set, 0);
    const struct record_header *header = record_set_header(set);
    struct record record;
    struct error err = {0};
    double scores[3];
    assert_true(record_shard_verify(shard, &err));
    assert_int_equal(record_set_count(set), 4);
    assert_int_equal(header->classes, 3);
    assert_string_equal(header->labels[2], "\xE7\x8C\xAB");
    record_shard_get(shard, 0, &record);
    assert_string_equal(record.source, "/in/a \"quoted\"\n\x01 name.jpg");
    assert_string_equal(record.usage, "TRAIN");
    assert_int_equal(record.orientation, 6);
    assert_true(record.perceptual_hash == 0x0123456789ABCDEF);
    assert_true(record.features[FEATURE_CLARITY] == 500.125);
    assert_true(isnan(record.features[FEATURE_BOX_COUNT]));
    assert_true(record.appearance[1] == 0.25F);
    assert_true(record.embedding[3] == 1.375F);
    assert_true(record.logits[0] == 4 && record.logits[2] == 3.5F);
    record_scores(header, &record, scores);
    assert_true(scores[0] > scores[1] && fabs(scores[0] + scores[1] + scores[2] - 1) < 1e-15);
    record_shard_get(shard, 1, &record);
    assert_string_equal(record.error, "not a supported image");
    assert_true(record.bytes == 9007199254740993);
    assert_null(record.embedding);
}

static void golden_detection_reads_as_documented(void **state)
{
    AUTO(store) golden = golden_store();
    AUTO(record_set) set = open_set(golden, "detection");
    AUTO(record_shard) shard = open_shard(set, 1);
    struct record record;
    assert_true(record_set_header(set)->score_threshold == 0.625);
    assert_true(record_set_header(set)->candidate_floor == 0.0625);
    record_shard_get(shard, 1, &record);
    assert_null(record.truth_labels);
    assert_int_equal(record.candidate_count, 1);
    assert_true(record.candidates[0].box.y_max == 32.25F && record.candidates[0].score == 0.75F);
    assert_int_equal(record.candidates[0].label, 0);
    assert_true(record.candidate_scores[1] == 0.625F);
    assert_true(record.features[FEATURE_BOX_OVERLAP] == 1303.125);
}

static void golden_true_boxes_read_as_documented(void **state)
{
    AUTO(store) golden = golden_store();
    AUTO(record_set) set = open_set(golden, "detection");
    AUTO(record_shard) shard = open_shard(set, 0);
    struct record record;
    record_shard_get(shard, 0, &record);
    assert_int_equal(record.truth_count, 2);
    assert_string_equal(record.truth_labels[1], "cat");
    assert_true(record.truth_boxes[0].y_min == 0.5F && record.truth_boxes[0].x_max == 12.25F);
    assert_true(record.truth_boxes[1].x_min == -0.125F && record.truth_boxes[1].y_max == 16777216);
    record_shard_get(shard, 1, &record);
    assert_non_null(record.truth_labels);
    assert_int_equal(record.truth_count, 0);
}

static void golden_topk_reads_as_documented(void **state)
{
    AUTO(store) golden = golden_store();
    AUTO(record_set) set = open_set(golden, "topk");
    AUTO(record_shard) shard = open_shard(set, 0);
    struct record record;
    record_shard_get(shard, 1, &record);
    assert_int_equal(record_logit_columns(record_set_header(set)), 100);
    assert_int_equal(record.logit_classes[99], 694);
    assert_true(record.logits[99] == -19.75F);
    assert_true(record.log_sum_exp == 6.125);
}

static int write_golden(void)
{
    struct error err = {0};
    struct store *store = NULL;
    if (!store_open(GOLDEN_RECORDS, true, &store, &err))
        return 1;
    for (int run = 0; run < RUN_COUNT; run++) {
        struct record_samples *samples = record_samples_new((enum sample_run)run);
        if (!record_samples_write(samples, store, sample_run_names[run], &err))
            printf("%s\n", err.message);
        free(samples);
    }
    store = store_free(store);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_written_equals_the_golden_files),
        cmocka_unit_test(golden_classification_reads_as_documented),
        cmocka_unit_test(golden_detection_reads_as_documented),
        cmocka_unit_test(golden_true_boxes_read_as_documented),
        cmocka_unit_test(golden_topk_reads_as_documented),
    };
    return getenv("TROMMEL_WRITE_GOLDEN") ? write_golden() : cmocka_run_group_tests(tests, NULL, NULL);
}
