/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record_fixture.h"

static void expect_no_set(struct fixture *fixture, const char *folder, enum error_code code,
                          const char *names)
{
    struct error err = {0};
    struct record_set *set = NULL;
    assert_false(record_set_open(fixture->store, folder, &set, &err));
    assert_null(set);
    assert_int_equal(err.code, code);
    if (!strstr(err.message, names))
        fail_msg("'%s' does not name %s", err.message, names);
}

static void a_folder_without_shards_has_no_records(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    static const char *const other[] = {"a/shard.json",
                                        "a/shard-0/shard.json",
                                        "a/shard-0000000/shard.json",
                                        "a/shard-000000/x/shard.json",
                                        "a/shard- 12345/shard.json",
                                        "a/shard-000000/features.npy"};
    expect_no_set(fixture, "a", ERR_NOT_FOUND, "a");
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_true(store_put(fixture->store, other[i], (struct bytes){"{}", 2}, &err));
    expect_no_set(fixture, "a", ERR_NOT_FOUND, "a");
}

static void shards_are_in_order_and_countable(void **state)
{
    struct fixture *fixture = *state;
    const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    for (uint32_t i = 12; i-- > 0;)
        assert_true(record_shard_write(
            fixture->store, "many",
            &(struct record_rows){i, (uint64_t)i * 2, &samples->header, samples->records, 2}, &err));
    AUTO(record_set) set = open_set(fixture->store, "many");
    assert_int_equal(record_set_shards(set), 12);
    assert_int_equal(record_set_count(set), 24);
    AUTO(record_shard) last = open_shard(set, 11);
    assert_int_equal(record_shard_first(last), 22);
    struct record_shard *none = NULL;
    assert_false(record_shard_open(set, 12, &none, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void a_gap_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    assert_true(store_delete(fixture->store, "classification/shard-000000/shard.json", &err));
    expect_no_set(fixture, folder, ERR_INVALID, "shard 0 is missing");
}

static void images_must_follow_one_another(void **state)
{
    struct fixture *fixture = *state;
    const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    assert_true(record_shard_write(fixture->store, folder,
                                   &(struct record_rows){1, 3, &samples->header, samples->records, 2}, &err));
    expect_no_set(fixture, folder, ERR_INVALID, "shard 1 starts at image 3 where 2");
}

static void headers_must_be_equal(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    static const char *const mouse[] = {"cat", "a \"dog\"", "mouse"};
    static const struct {
        const char *name;
        struct record_header header;
    } others[] = {
        {"type", {.type = MODEL_TYPE_DETECTION}},
        {"activation", {.activation = ACTIVATION_SIGMOID}},
        {"classes", {.classes = 2}},
        {"embedding_length", {.embedding_length = 5}},
        {"appearance_length", {.appearance_length = 4}},
        {"appearance_name", {.appearance_name = "other"}},
        {"decode", {.decode = "fast"}},
        {"model_hash", {.model_hash = "other"}},
        {"labels", {.labels = mouse}},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
        const struct record_header *other = &others[i].header;
        struct record_header header = samples->header;
        const char *folder = write_run(fixture, RUN_CLASSIFICATION);
        header.type = other->type;
        header.activation = other->activation;
        header.classes = other->classes ? other->classes : header.classes;
        header.embedding_length = other->embedding_length ? other->embedding_length : header.embedding_length;
        header.appearance_length =
            other->appearance_length ? other->appearance_length : header.appearance_length;
        header.appearance_name = other->appearance_name ? other->appearance_name : header.appearance_name;
        header.decode = other->decode ? other->decode : header.decode;
        header.model_hash = other->model_hash ? other->model_hash : header.model_hash;
        header.labels = other->labels ? other->labels : header.labels;
        assert_true(record_shard_write(fixture->store, folder,
                                       &(struct record_rows){1, 2, &header, samples->records + 3, 1}, &err));
        expect_no_set(fixture, folder, ERR_INVALID, others[i].name);
    }
}

/* Replaces the first `from` in an object by `to`. */
static void edit(struct fixture *fixture, const char *key, const char *from, const char *to)
{
    struct error err = {0};
    AUTO_BUFFER(old, 100000);
    AUTO_BUFFER(new, 100000);
    assert_true(store_get(fixture->store, key, &old, &err));
    const char *at = strstr(old.data, from);
    if (!at)
        fail_msg("%s has no %s", key, from);
    assert_true(buffer_add(&new, old.data, (size_t)(at - old.data)));
    assert_true(buffer_add_text(&new, to));
    assert_true(buffer_add_text(&new, at + strlen(from)));
    assert_true(store_put(fixture->store, key, (struct bytes){new.data, new.size}, &err));
}

static void a_damaged_shard_json_is_named(void **state)
{
    static const struct {
        const char *from, *to, *names;
    } edits[] = {
        {"{", "", "shard.json"},
        {"\"format\":1", "\"format\":2", "format is 2"},
        {"\"format\":1", "\"format\":\"1\"", "'format'"},
        {"\"format\":1,", "", "'format' is missing"},
        {"\"shard\":1", "\"shard\":2", "of another shard"},
        {"\"shard\":1", "\"shard\":1000000", "'shard'"},
        {"\"first\":2", "\"first\":-2", "'first'"},
        {"\"count\":2", "\"count\":0", "'count'"},
        {"\"count\":2", "\"count\":8193", "'count'"},
        {"\"count\":2", "\"count\":2.5", "'count'"},
        {"\"candidates\":0", "\"candidates\":81920001", "'candidates'"},
        {"image_classification", "image_segmentation", "'type'"},
        {"softmax", "hardmax", "'activation'"},
        {"\"classes\":3", "\"classes\":100001", "'classes'"},
        {"\"classes\":3", "\"classes\":0", "'classes'"},
        {"\"embedding_length\":4", "\"embedding_length\":16385", "'embedding_length'"},
        {"\"embedding_length\":4", "\"embedding_length\":0", "must not list embeddings.npy"},
        {"\"appearance_length\":5", "\"appearance_length\":4097", "'appearance_length'"},
        {"\"appearance_name\":\"grid", "\"appearance_name\":7,\"x\":\"grid", "'appearance_name'"},
        {"\"name\":\"logits.npy\"", "\"name\":\"x.npy\"", "must list logits.npy"},
        {"\"files\":[", "\"files\":[{},", "'name' is missing"},
        {"\"files\":[", "\"files\":{},\"x\":[", "'files'"},
        {"\"hash\":\"", "\"hash\":\"0", "'hash'"},
        {"\"bytes\":", "\"bytes\":-", "'bytes'"},
        {"\"files\":[", "\"files\":[1,2,3,4,", "'files' has"},
        {"\"decode\":\"exact\"", "\"decode\":\"ex\\u0000ct\"", "'decode'"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct error err = {0};
        struct record_set *set = NULL;
        bool is_there = true;
        const char *folder = write_run(fixture, RUN_CLASSIFICATION);
        edit(fixture, "classification/shard-000001/shard.json", edits[i].from, edits[i].to);
        assert_false(record_set_open(fixture->store, folder, &set, &err));
        assert_true(err.code == ERR_INVALID || err.code == ERR_LIMIT);
        assert_non_null(strstr(err.message, "shard-000001/shard.json"));
        if (!strstr(err.message, edits[i].names))
            fail_msg("'%s' does not name %s", err.message, edits[i].names);
        assert_true(record_shard_exists(fixture->store, folder, 1, &is_there, &err));
        assert_false(is_there);
    }
}

static void damaged_labels_are_named(void **state)
{
    struct fixture *fixture = *state;
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    edit(fixture, "classification/shard-000000/labels.json", "cat", "dog");
    expect_no_set(fixture, folder, ERR_INVALID, "labels.json is damaged");
    edit(fixture, "classification/shard-000000/labels.json", "dog", "cats");
    expect_no_set(fixture, folder, ERR_INVALID, "labels.json is damaged");
    struct error err = {0};
    assert_true(store_delete(fixture->store, "classification/shard-000000/labels.json", &err));
    expect_no_set(fixture, folder, ERR_INVALID, "labels.json is missing");
}

static void a_shard_that_changes_after_the_set_was_opened_is_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    struct record_shard *shard = NULL;
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    AUTO(record_set) set = open_set(fixture->store, folder);
    assert_true(record_shard_write(fixture->store, folder,
                                   &(struct record_rows){1, 2, &samples->header, samples->records, 1}, &err));
    assert_false(record_shard_open(set, 1, &shard, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void every_damaged_file_is_named(void **state)
{
    static const struct {
        enum sample_run run;
        enum shard_file file;
    } files[] = {
        {RUN_CLASSIFICATION, SHARD_ROWS},       {RUN_CLASSIFICATION, SHARD_FEATURES},
        {RUN_CLASSIFICATION, SHARD_APPEARANCE}, {RUN_CLASSIFICATION, SHARD_LOGITS},
        {RUN_CLASSIFICATION, SHARD_EMBEDDINGS}, {RUN_TOPK, SHARD_LOGIT_CLASSES},
        {RUN_DETECTION, SHARD_CANDIDATES},      {RUN_DETECTION, SHARD_CANDIDATE_SCORES},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < 3 * sizeof(files) / sizeof(files[0]); i++) {
        struct error err = {0};
        char key[SHARD_KEY_BYTES];
        AUTO_BUFFER(body, 1000000);
        AUTO(record_shard) shard = NULL;
        const char *name = shard_file_name(files[i / 3].file);
        const char *folder = write_run(fixture, files[i / 3].run);
        AUTO(record_set) set = open_set(fixture->store, folder);
        assert_true(shard_key(key, folder, 0, name, &err));
        assert_true(store_get(fixture->store, key, &body, &err));
        if (i % 3 == 0)
            body.data[body.size - 8] ^= 1; /* still a number, but another */
        if (i % 3 == 1)
            body.size--;
        if (i % 3 == 2)
            assert_true(store_delete(fixture->store, key, &err));
        else
            assert_true(store_put(fixture->store, key, (struct bytes){body.data, body.size}, &err));
        bool is_good = record_shard_open(set, 0, &shard, &err) && record_shard_verify(shard, &err);
        assert_false(is_good);
        assert_int_equal(err.code, ERR_INVALID);
        if (!strstr(err.message, name))
            fail_msg("'%s' does not name %s", err.message, name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_folder_without_shards_has_no_records),
        CASE(shards_are_in_order_and_countable),
        CASE(a_gap_is_named),
        CASE(images_must_follow_one_another),
        CASE(headers_must_be_equal),
        CASE(a_damaged_shard_json_is_named),
        CASE(damaged_labels_are_named),
        CASE(a_shard_that_changes_after_the_set_was_opened_is_refused),
        CASE(every_damaged_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
