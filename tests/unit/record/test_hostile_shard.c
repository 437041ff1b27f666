/* SPDX-License-Identifier: Apache-2.0 */
/* Shards whose sizes and hashes are right, but whose contents lie. */
#include "test.h"

#include "record_fixture.h"

#include <math.h>
#include <zstd.h>

enum { BODY_BYTES = 1024 * 1024, ARENA_BYTES = 1024 * 1024 };

/* Puts other bytes in the place of a file of shard 0, and their size and hash into shard.json. */
static void plant(struct fixture *fixture, const char *folder, enum shard_file file, struct bytes body)
{
    struct error err = {0};
    char key[SHARD_KEY_BYTES];
    struct shard_info info;
    AUTO(arena) arena = arena_new(ARENA_BYTES);
    AUTO_BUFFER(text, RECORD_SHARD_JSON_MAX_BYTES);
    assert_true(shard_info_load(fixture->store, folder, 0, arena, &info, &err));
    info.files[file].bytes = body.size;
    hash_of(body, info.files[file].hash);
    assert_true(shard_key(key, folder, 0, shard_file_name(file), &err));
    assert_true(store_put_fast(fixture->store, key, body, &err));
    assert_true(shard_info_write(&info, &text, &err));
    assert_true(shard_key(key, folder, 0, SHARD_INFO_NAME, &err));
    assert_true(store_put(fixture->store, key, (struct bytes){text.data, text.size}, &err));
}

static void get_file(struct fixture *fixture, const char *folder, enum shard_file file, struct buffer *into)
{
    struct error err = {0};
    char key[SHARD_KEY_BYTES];
    assert_true(shard_key(key, folder, 0, shard_file_name(file), &err));
    assert_true(store_get(fixture->store, key, into, &err));
}

static void expect_refused(struct fixture *fixture, const char *folder, const char *names)
{
    struct error err = {0};
    struct record_set *opened = NULL;
    struct record_shard *shard = NULL;
    if (record_set_open(fixture->store, folder, &opened, &err)) {
        AUTO(record_set) set = opened;
        assert_false(record_shard_open(set, 0, &shard, &err));
    }
    assert_true(err.code == ERR_INVALID || err.code == ERR_LIMIT);
    if (!strstr(err.message, names))
        fail_msg("'%s' does not name %s", err.message, names);
}

struct row_edit {
    enum sample_run run;
    const char *from, *to; /* to NULL: all from there on is cut */
    const char *names;
};

static void plant_rows(struct fixture *fixture, const char *folder, const struct row_edit *edit)
{
    struct error err = {0};
    AUTO_BUFFER(packed, BODY_BYTES);
    AUTO_BUFFER(plain, BODY_BYTES);
    AUTO_BUFFER(new, BODY_BYTES);
    get_file(fixture, folder, SHARD_ROWS, &packed);
    assert_true(shard_unpack((struct bytes){packed.data, packed.size}, &plain, &err));
    assert_true(buffer_add(&plain, "", 0));
    const char *at = strstr(plain.data, edit->from);
    if (!at)
        fail_msg("no %s in %s", edit->from, plain.data);
    assert_true(buffer_add(&new, plain.data, (size_t)(at - plain.data)));
    if (edit->to) {
        assert_true(buffer_add_text(&new, edit->to));
        assert_true(buffer_add_text(&new, at + strlen(edit->from)));
    }
    buffer_clear(&packed);
    assert_true(shard_pack((struct bytes){new.data, new.size}, &packed, &err));
    plant(fixture, folder, SHARD_ROWS, (struct bytes){packed.data, packed.size});
}

static void rows_that_lie_are_refused(void **state)
{
    static const struct row_edit edits[] = {
        {RUN_CLASSIFICATION, "{\"source", "{\"sauce", "'source' is missing"},
        {RUN_CLASSIFICATION, "{\"source\":\"", "{\"source\":\"\",\"x\":\"", "no source"},
        {RUN_CLASSIFICATION, "{\"source\":", "{\"source\":7,\"x\":", "'source'"},
        {RUN_CLASSIFICATION, "{", "", "not JSON"},
        {RUN_CLASSIFICATION, "{", "[]\n{", "'source' is missing"},
        {RUN_CLASSIFICATION, "\n", "\n\n", "empty"},
        {RUN_CLASSIFICATION, "\"log_sum_exp\":", "\"x\":", "log_sum_exp"},
        {RUN_CLASSIFICATION, "\"log_sum_exp\":5.125", "\"log_sum_exp\":\"5\"", "log_sum_exp"},
        {RUN_CLASSIFICATION, "\"phash\":\"0", "\"phash\":\"", "'phash'"},
        {RUN_CLASSIFICATION, "\"phash\":\"0", "\"phash\":\"x", "'phash'"},
        {RUN_CLASSIFICATION, "\"phash\":", "\"x\":", "'phash' is missing"},
        {RUN_CLASSIFICATION, "\"width\":640", "\"width\":4294967296", "'width'"},
        {RUN_CLASSIFICATION, "\"width\":640", "\"width\":-1", "'width'"},
        {RUN_CLASSIFICATION, "\"orientation\":6", "\"orientation\":9", "'orientation'"},
        {RUN_CLASSIFICATION, "\"warnings\":[", "\"warnings\":\"\",\"x\":[", "'warnings'"},
        {RUN_CLASSIFICATION, "\"truth\":[", "\"truth\":[1,", "'truth'"},
        {RUN_CLASSIFICATION, "\"bytes\":12345", "\"bytes\":1.5", "'bytes'"},
        {RUN_CLASSIFICATION, "\"hash\":\"", "\"hash\":\"\\u0000", "'hash'"},
        {RUN_CLASSIFICATION, "\"error\":\"not a supported image\",", "", "'phash' is missing"},
        {RUN_CLASSIFICATION, "\"format\":", "\"error\":\"no\",\"format\":", "it failed, yet it has numbers"},
        {RUN_CLASSIFICATION, "{\"source\":\"file:", NULL, "1 rows instead of 2"},
        {RUN_CLASSIFICATION, "{", NULL, "0 rows instead of 2"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[1,1]", "'candidates'"},
        {RUN_DETECTION, "\"truth_boxes\":[[", "\"truth_boxes\":[[0,0,1,1],[", "'truth_boxes'"},
        {RUN_DETECTION, "\"truth_boxes\":[[", "\"truth_boxes\":[[1,", "'truth_boxes'"},
        {RUN_DETECTION, "\"truth_boxes\":[[0", "\"truth_boxes\":[[\"0\"", "'truth_boxes'"},
        {RUN_DETECTION, "\"truth_boxes\":[[0", "\"truth_boxes\":[[1e39", "'truth_boxes'"},
        {RUN_DETECTION, "\"truth_boxes\":[[0", "\"truth_boxes\":[[100", "true box 0"},
        {RUN_DETECTION, "\"truth_boxes\":[", "\"x\":[", "true boxes are missing"},
        {RUN_DETECTION, "\"truth_boxes\":[", "\"truth_boxes\":7,\"x\":[", "'truth_boxes'"},
        {RUN_DETECTION, "\"truth\":[", "\"x\":[", "'truth_boxes'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0,3]", "beyond the array's end"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0,10001]", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0,18446744073709551615]", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[-1,2]", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0]", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0,2,0]", "'candidates' has 3"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"x\":0", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[2,0]", "\"candidates\":[0,0]", "'candidates'"},
        {RUN_DETECTION, "\"candidates\":[0,2]", "\"candidates\":[0,1]", "'candidates'"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        const char *folder = write_run(fixture, edits[i].run);
        plant_rows(fixture, folder, &edits[i]);
        expect_refused(fixture, folder, edits[i].names);
    }
}

static void more_rows_than_images_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = write_run(fixture, RUN_TOPK);
    const struct row_edit edit = {RUN_TOPK, "{", "{\"source\":\"/a\",\"error\":\"x\"}\n{", ""};
    plant_rows(fixture, folder, &edit);
    expect_refused(fixture, folder, "damaged");
    folder = write_run(fixture, RUN_DETECTION);
    const struct row_edit blank = {RUN_DETECTION, "\"truth_boxes\":[]}\n", "\"truth_boxes\":[]}\n ", ""};
    plant_rows(fixture, folder, &blank);
    expect_refused(fixture, folder, "more rows");
}

static void unknown_members_and_warnings_are_passed_over(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    const struct row_edit edit = {RUN_CLASSIFICATION, "\"warnings\":[", "\"new\":{},\"warnings\":[\"new\",",
                                  ""};
    plant_rows(fixture, folder, &edit);
    AUTO(record_set) set = open_set(fixture->store, folder);
    AUTO(record_shard) shard = open_shard(set, 0);
    struct record record;
    record_shard_get(shard, 0, &record);
    assert_int_equal(record.warnings, IMAGE_WARNING_PARTIAL | IMAGE_WARNING_BAD_METADATA);
}

/* Overwrites bytes of an array's row 0 (or of a later item). */
static void poke(struct fixture *fixture, enum sample_run run, enum shard_file file, size_t at,
                 struct bytes value, const char *names)
{
    struct error err = {0};
    struct npy_array array;
    AUTO_BUFFER(body, BODY_BYTES);
    const char *folder = write_run(fixture, run);
    get_file(fixture, folder, file, &body);
    assert_true(npy_read((struct bytes){body.data, body.size}, &array, &err));
    size_t start = (size_t)((const char *)array.data - body.data);
    memcpy(body.data + start + at, value.data, value.size);
    plant(fixture, folder, file, (struct bytes){body.data, body.size});
    expect_refused(fixture, folder, names);
}

static void numbers_that_lie_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const float nan = NAN, infinity = INFINITY, one = 1, two = 2;
    const double large = (double)INFINITY;
    const uint32_t class = SAMPLE_CLASSES_MAX, same = 7;
    size_t second = sizeof(float);
    poke(fixture, RUN_CLASSIFICATION, SHARD_FEATURES, 8, (struct bytes){&large, 8}, "aspect_ratio");
    poke(fixture, RUN_CLASSIFICATION, SHARD_APPEARANCE, second, (struct bytes){&nan, 4}, "appearance");
    poke(fixture, RUN_CLASSIFICATION, SHARD_EMBEDDINGS, second, (struct bytes){&infinity, 4}, "embedding");
    poke(fixture, RUN_CLASSIFICATION, SHARD_LOGITS, second, (struct bytes){&nan, 4}, "logits");
    poke(fixture, RUN_CLASSIFICATION, SHARD_EMBEDDINGS, SAMPLE_EMBEDDING * sizeof(float),
         (struct bytes){&one, 4}, "it failed, yet it has numbers in embeddings.npy");
    poke(fixture, RUN_CLASSIFICATION, SHARD_LOGITS, 5 * sizeof(float), (struct bytes){&nan, 4},
         "it failed, yet it has numbers in logits.npy");
    poke(fixture, RUN_TOPK, SHARD_LOGIT_CLASSES, 0, (struct bytes){&class, 4}, "class 1500");
    poke(fixture, RUN_TOPK, SHARD_LOGIT_CLASSES, 0, (struct bytes){&same, 4}, "twice");
    poke(fixture, RUN_DETECTION, SHARD_CANDIDATES, offsetof(struct candidate, label),
         (struct bytes){&class, 4}, "candidate 0");
    poke(fixture, RUN_DETECTION, SHARD_CANDIDATES, offsetof(struct candidate, score), (struct bytes){&two, 4},
         "candidate 0");
    poke(fixture, RUN_DETECTION, SHARD_CANDIDATES, 0, (struct bytes){&nan, 4}, "candidate 0");
    poke(fixture, RUN_DETECTION, SHARD_CANDIDATE_SCORES, second, (struct bytes){&nan, 4}, "candidate scores");
}

static void arrays_of_other_shapes_are_refused(void **state)
{
    static const struct {
        enum npy_type type;
        uint64_t rows, columns;
    } shapes[] = {{NPY_F4, 3, 4}, {NPY_F4, 2, 3}, {NPY_F4, 8, 0},
                  {NPY_U4, 2, 4}, {NPY_F8, 2, 4}, {NPY_F4, 0, 4}};
    struct fixture *fixture = *state;
    static const char zeros[64];
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct error err = {0};
        AUTO_BUFFER(body, BODY_BYTES);
        uint64_t columns = shapes[i].columns ? shapes[i].columns : 1;
        const char *folder = write_run(fixture, RUN_CLASSIFICATION);
        assert_true(npy_start(&body, shapes[i].type, shapes[i].rows, shapes[i].columns, &err));
        size_t bytes = (size_t)(shapes[i].rows * columns) * npy_item_bytes(shapes[i].type);
        assert_true(buffer_add(&body, zeros, bytes));
        plant(fixture, folder, SHARD_EMBEDDINGS, (struct bytes){body.data, body.size});
        expect_refused(fixture, folder, "embeddings.npy is not of this shard");
        plant(fixture, folder, SHARD_EMBEDDINGS, (struct bytes){body.data, 0});
        expect_refused(fixture, folder, "embeddings.npy: not a NumPy array");
    }
}

static void frames_that_lie_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    AUTO_BUFFER(good, BODY_BYTES);
    AUTO_BUFFER(bad, BODY_BYTES);
    get_file(fixture, folder, SHARD_ROWS, &good);

    plant(fixture, folder, SHARD_ROWS, (struct bytes){"rows", 4});
    expect_refused(fixture, folder, "not one zstd frame");
    plant(fixture, folder, SHARD_ROWS, (struct bytes){NULL, 0});
    expect_refused(fixture, folder, "not one zstd frame");
    plant(fixture, folder, SHARD_ROWS, (struct bytes){good.data, good.size - 1});
    expect_refused(fixture, folder, "not one zstd frame");

    assert_true(buffer_add(&bad, good.data, good.size));
    assert_true(buffer_add(&bad, good.data, good.size));
    plant(fixture, folder, SHARD_ROWS, (struct bytes){bad.data, bad.size});
    expect_refused(fixture, folder, "not one zstd frame");

    bad.size = good.size;
    bad.data[bad.size - 2] ^= 1; /* in the checksum */
    plant(fixture, folder, SHARD_ROWS, (struct bytes){bad.data, bad.size});
    expect_refused(fixture, folder, "zstd frame is damaged");
}

static void a_bomb_is_refused_before_memory_is_spent(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    size_t bytes = (size_t)RECORD_ROWS_MAX_BYTES + 1, bound = ZSTD_compressBound(bytes);
    char *zeros = calloc(1, bytes), *packed = malloc(bound);
    assert_true(zeros && packed);
    size_t size = ZSTD_compress(packed, bound, zeros, bytes, 1);
    assert_false(ZSTD_isError(size));
    plant(fixture, folder, SHARD_ROWS, (struct bytes){packed, size});
    expect_refused(fixture, folder, "the limit");
    free(zeros);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(rows_that_lie_are_refused),
        CASE(more_rows_than_images_are_refused),
        CASE(unknown_members_and_warnings_are_passed_over),
        CASE(numbers_that_lie_are_refused),
        CASE(arrays_of_other_shapes_are_refused),
        CASE(frames_that_lie_are_refused),
        CASE(a_bomb_is_refused_before_memory_is_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
