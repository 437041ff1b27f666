/* SPDX-License-Identifier: Apache-2.0 */
/* The scan with predictions that were made elsewhere, in place of a model's. */
#include "test.h"

#include "work_fixture.h"

#include <math.h>

enum { PICTURES = 9, SHARD_IMAGES = 4, MISSING = 5, CLASSES = 2 };

static const char *const labels[] = {"a", "b"};
static const struct record_header header = {.type = MODEL_TYPE_CLASSIFICATION,
                                            .classes = CLASSES,
                                            .appearance_length = IMAGE_APPEARANCE_LENGTH,
                                            .appearance_name = IMAGE_APPEARANCE_NAME,
                                            .decode = "exact",
                                            .model_hash = "0123456789abcdef0123456789abcdef",
                                            .labels = labels};

/* The image's number is its first logit. */
static bool read_number(void *state, uint64_t image, struct arena *arena, struct prediction *ret,
                        struct error *err)
{
    (void)state;
    if (image == MISSING)
        return error_set(err, ERR_NOT_FOUND, "nobody has predicted it");
    float *logits = arena_array(arena, CLASSES, sizeof(*logits));
    assert_non_null(logits);
    logits[0] = (float)image;
    *ret = (struct prediction){.type = MODEL_TYPE_CLASSIFICATION, .classes = CLASSES, .logits = logits};
    return true;
}

static void scan(struct fixture *fixture, const char *folder, uint32_t threads)
{
    const struct scan_given given = {.header = &header, .read = read_number};
    const struct inputs_request listing = inputs_of(fixture, folder, SHARD_IMAGES);
    const struct inputs inputs = make_inputs(fixture, &listing);
    const struct scan_request request = {
        .data = fixture->store, .folder = folder, .inputs = &inputs, .given = &given, .threads = threads};
    uint64_t scanned = 0;
    if (!scan_run(&request, &scanned, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(scanned, PICTURES);
}

static void each_image_has_its_own_prediction_whatever_the_threads(void **state)
{
    struct fixture *fixture = *state;
    struct record_set *opened = NULL;
    uint64_t number = 0;
    write_pictures(fixture, PICTURES);
    scan(fixture, "one", 1);
    scan(fixture, "many", 4);
    (void)assert_same_objects(fixture, "one/records", "many/records");
    assert_true(record_set_open(fixture->store, "one/records", &opened, &fixture->err));
    AUTO(record_set) set = opened;
    for (uint32_t s = 0; s < record_set_shards(set); s++) {
        AUTO(record_shard) shard = NULL;
        assert_true(record_shard_open(set, s, &shard, &fixture->err));
        for (uint32_t row = 0; row < record_shard_count(shard); row++, number++) {
            struct record record;
            record_shard_get(shard, row, &record);
            if (number == MISSING) {
                assert_string_equal(record.error, "nobody has predicted it");
                continue;
            }
            assert_null(record.error);
            assert_true(record.logits[0] == (float)number && record.logits[1] == 0.0F);
            assert_non_null(record.appearance);
            assert_true(isfinite(record.features[FEATURE_CLARITY]));
        }
    }
    assert_int_equal(number, PICTURES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_image_has_its_own_prediction_whatever_the_threads, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("scan given", tests, NULL, NULL);
}
