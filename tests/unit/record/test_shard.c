/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "record_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_text(const char *got, const char *want)
{
    assert_int_equal(got == NULL, want == NULL);
    if (want)
        assert_string_equal(got, want);
}

static void expect_bytes(const void *got, const void *want, size_t bytes)
{
    assert_int_equal(got == NULL, want == NULL);
    if (want)
        assert_memory_equal(got, want, bytes);
}

static void expect_record(const struct record_header *header, const struct record *got,
                          const struct record *want)
{
    uint32_t columns = record_logit_columns(header);
    expect_text(got->source, want->source);
    expect_text(got->error, want->error);
    expect_text(got->format, want->format);
    expect_text(got->content_hash, want->content_hash);
    expect_text(got->usage, want->usage);
    assert_true(got->bytes == want->bytes);
    assert_int_equal(got->width, want->width);
    assert_int_equal(got->height, want->height);
    assert_int_equal(got->orientation, want->orientation);
    assert_int_equal(got->warnings, want->warnings);
    assert_true(got->perceptual_hash == want->perceptual_hash);
    assert_true(isnan(want->log_sum_exp) ? isnan(got->log_sum_exp) : got->log_sum_exp == want->log_sum_exp);
    assert_memory_equal(got->features, want->features, sizeof(got->features));
    expect_bytes(got->appearance, want->appearance, header->appearance_length * sizeof(float));
    expect_bytes(got->embedding, want->embedding, header->embedding_length * sizeof(float));
    expect_bytes(got->logits, want->logits, columns * sizeof(float));
    expect_bytes(got->logit_classes, want->logit_classes, columns * sizeof(uint32_t));
    assert_int_equal(got->candidate_count, want->candidate_count);
    if (want->candidate_count > 0) {
        size_t scores = want->candidate_count * header->classes * sizeof(float);
        assert_memory_equal(got->candidates, want->candidates,
                            want->candidate_count * sizeof(struct candidate));
        assert_memory_equal(got->candidate_scores, want->candidate_scores, scores);
    }
    assert_int_equal(got->truth_count, want->truth_count);
    assert_int_equal(got->truth_labels == NULL, want->truth_labels == NULL);
    for (uint32_t i = 0; i < want->truth_count; i++)
        assert_string_equal(got->truth_labels[i], want->truth_labels[i]);
    expect_bytes(got->truth_boxes, want->truth_boxes, want->truth_count * sizeof(struct box));
}

static void expect_header(const struct record_header *got, const struct record_header *want)
{
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->activation, want->activation);
    assert_int_equal(got->classes, want->classes);
    assert_int_equal(got->embedding_length, want->embedding_length);
    assert_int_equal(got->appearance_length, want->appearance_length);
    assert_string_equal(got->appearance_name, want->appearance_name);
    assert_string_equal(got->decode, want->decode);
    assert_string_equal(got->model_hash, want->model_hash);
    assert_true(got->score_threshold == want->score_threshold);
    assert_true(got->candidate_floor == want->candidate_floor);
    for (uint32_t c = 0; c < want->classes; c++)
        assert_string_equal(got->labels[c], want->labels[c]);
}

static void records_come_back_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    for (int run = 0; run < RUN_COUNT; run++) {
        const struct record_samples *samples = fixture->samples[run];
        AUTO(record_set) set = open_set(fixture->store, write_run(fixture, (enum sample_run)run));
        expect_header(record_set_header(set), &samples->header);
        assert_int_equal(record_set_count(set), samples->count);
        assert_int_equal(record_set_shards(set), samples->count / SAMPLES_PER_SHARD);
        for (uint32_t number = 0; number < record_set_shards(set); number++) {
            struct error err = {0};
            AUTO(record_shard) shard = open_shard(set, number);
            assert_int_equal(record_shard_first(shard), number * SAMPLES_PER_SHARD);
            assert_int_equal(record_shard_count(shard), SAMPLES_PER_SHARD);
            assert_true(record_shard_verify(shard, &err));
            for (uint32_t row = 0; row < SAMPLES_PER_SHARD; row++) {
                struct record record;
                record_shard_get(shard, row, &record);
                expect_record(&samples->header, &record, &samples->records[number * SAMPLES_PER_SHARD + row]);
            }
        }
    }
}

static void whole_arrays_are_aligned_and_zero_where_images_failed(void **state)
{
    struct fixture *fixture = *state;
    const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    AUTO(record_set) set = open_set(fixture->store, write_run(fixture, RUN_CLASSIFICATION));
    AUTO(record_shard) shard = open_shard(set, 0);
    const float *embeddings = record_shard_embeddings(shard);
    const float *appearance = record_shard_appearance(shard);
    const double *features = record_shard_features(shard);
    assert_int_equal((uintptr_t)embeddings % NPY_ALIGNMENT_BYTES, 0);
    assert_int_equal((uintptr_t)appearance % NPY_ALIGNMENT_BYTES, 0);
    assert_int_equal((uintptr_t)features % NPY_ALIGNMENT_BYTES, 0);
    assert_memory_equal(embeddings, samples->embeddings[0], sizeof(samples->embeddings[0]));
    for (int i = 0; i < SAMPLE_EMBEDDING; i++)
        assert_true(embeddings[SAMPLE_EMBEDDING + i] == 0);
    for (int i = 0; i < SAMPLE_APPEARANCE; i++)
        assert_true(appearance[SAMPLE_APPEARANCE + i] == 0);
    for (int i = 0; i < FEATURE_COUNT; i++)
        assert_true(isnan(features[FEATURE_COUNT + i]));
}

static void what_a_run_does_not_have_has_no_array(void **state)
{
    struct fixture *fixture = *state;
    AUTO(record_set) detection = open_set(fixture->store, write_run(fixture, RUN_DETECTION));
    AUTO(record_shard) boxes = open_shard(detection, 0);
    assert_null(record_shard_embeddings(boxes));
    AUTO(record_set) topk = open_set(fixture->store, write_run(fixture, RUN_TOPK));
    AUTO(record_shard) top = open_shard(topk, 0);
    assert_null(record_shard_appearance(top));
}

static bool compare_to_other(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct fixture *fixture = state;
    char other[SHARD_KEY_BYTES];
    AUTO_BUFFER(one, NPY_FILE_MAX_BYTES);
    AUTO_BUFFER(two, NPY_FILE_MAX_BYTES);
    (void)stat;
    (void)snprintf(other, sizeof(other), "again/%s", key);
    assert_true(store_get(fixture->store, key, &one, err));
    assert_true(store_get(fixture->store, other, &two, err));
    assert_int_equal(one.size, two.size);
    assert_memory_equal(one.data, two.data, one.size);
    return true;
}

static void the_same_records_give_the_same_bytes(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    for (int run = 0; run < RUN_COUNT; run++) {
        char again[64];
        const char *folder = write_run(fixture, (enum sample_run)run);
        (void)snprintf(again, sizeof(again), "again/%s", folder);
        for (uint32_t i = 0; i < fixture->samples[run]->count; i++) /* NaN with another sign */
            for (int f = FEATURE_BOX_COUNT; f < FEATURE_COUNT && run != RUN_DETECTION; f++)
                fixture->samples[run]->records[i].features[f] = -(double)NAN;
        assert_true(record_samples_write(fixture->samples[run], fixture->store, again, &err));
        assert_true(store_list(fixture->store, folder, compare_to_other, fixture, NULL, &err));
    }
}

static bool exists(struct fixture *fixture, const char *folder, uint32_t shard)
{
    struct error err = {0};
    bool is_there = false;
    if (!record_shard_exists(fixture->store, folder, shard, &is_there, &err))
        fail_msg("%s", err.message);
    return is_there;
}

static bool exists_object(struct fixture *fixture, const char *key)
{
    struct error err = {0};
    bool is_there = false;
    assert_true(store_exists(fixture->store, key, &is_there, &err));
    return is_there;
}

static void an_older_shard_is_replaced_as_a_whole(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    assert_true(exists_object(fixture, "classification/shard-000000/embeddings.npy"));
    samples->header.embedding_length = 0;
    assert_true(record_shard_write(fixture->store, folder,
                                   &(struct record_rows){0, 0, &samples->header, samples->records, 1}, &err));
    assert_false(exists_object(fixture, "classification/shard-000000/embeddings.npy"));
    assert_true(exists_object(fixture, "classification/shard-000001/embeddings.npy"));
}

static void a_shard_without_one_of_its_files_does_not_exist(void **state)
{
    struct fixture *fixture = *state;
    struct error err = {0};
    AUTO_BUFFER(body, NPY_FILE_MAX_BYTES);
    const char *folder = write_run(fixture, RUN_CLASSIFICATION);
    assert_true(exists(fixture, folder, 0));
    assert_true(exists(fixture, folder, 1));
    assert_false(exists(fixture, folder, 2));
    assert_false(exists(fixture, "nowhere", 0));
    static const char *const names[] = {"records.jsonl.zst", "labels.json", "features.npy",
                                        "appearance.npy",    "logits.npy",  "embeddings.npy",
                                        "shard.json"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char key[128];
        (void)snprintf(key, sizeof(key), "%s/shard-000001/%s", folder, names[i]);
        assert_true(store_get(fixture->store, key, &body, &err));
        assert_true(store_delete(fixture->store, key, &err));
        assert_false(exists(fixture, folder, 1));
        assert_true(store_put(fixture->store, key, (struct bytes){body.data, body.size - 1}, &err));
        assert_int_equal(exists(fixture, folder, 1), i == 6); /* shard.json ends with a newline */
        assert_true(store_put(fixture->store, key, (struct bytes){NULL, 0}, &err));
        assert_false(exists(fixture, folder, 1));
        assert_true(store_put(fixture->store, key, (struct bytes){body.data, body.size}, &err));
        assert_true(exists(fixture, folder, 1));
    }
}

static void shards_and_images_are_limited(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    struct record *many = calloc(RECORD_SHARD_IMAGES_MAX + 1, sizeof(*many));
    assert_non_null(many);
    for (int i = 0; i <= RECORD_SHARD_IMAGES_MAX; i++)
        many[i] = samples->records[i % 2];
    const struct record_header *header = &samples->header;
    assert_true(record_shard_write(fixture->store, "a",
                                   &(struct record_rows){0, 0, header, many, RECORD_SHARD_IMAGES_MAX}, &err));
    AUTO(record_set) set = open_set(fixture->store, "a");
    AUTO(record_shard) shard = open_shard(set, 0);
    assert_int_equal(record_shard_count(shard), RECORD_SHARD_IMAGES_MAX);
    assert_false(record_shard_write(
        fixture->store, "b", &(struct record_rows){0, 0, header, many, RECORD_SHARD_IMAGES_MAX + 1}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_false(record_shard_write(fixture->store, "b", &(struct record_rows){0, 0, header, many, 0}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_true(record_shard_write(fixture->store, "b",
                                   &(struct record_rows){RECORD_SHARDS_MAX - 1, 0, header, many, 1}, &err));
    assert_false(record_shard_write(fixture->store, "b",
                                    &(struct record_rows){RECORD_SHARDS_MAX, 0, header, many, 1}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    free(many);
}

static void header_lengths_are_limited(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_DETECTION];
    struct error err = {0};
    const struct record *failed = &samples->records[2];
    struct record_header header = samples->header;
    header.embedding_length = PREDICTION_EMBEDDING_MAX;
    header.appearance_length = RECORD_APPEARANCE_MAX;
    assert_true(
        record_shard_write(fixture->store, "a", &(struct record_rows){0, 0, &header, failed, 1}, &err));
    header.embedding_length++;
    assert_false(
        record_shard_write(fixture->store, "a", &(struct record_rows){0, 0, &header, failed, 1}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    header.embedding_length--;
    header.appearance_length++;
    assert_false(
        record_shard_write(fixture->store, "a", &(struct record_rows){0, 0, &header, failed, 1}, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    header.appearance_length--;
    header.classes = 0;
    assert_false(
        record_shard_write(fixture->store, "a", &(struct record_rows){0, 0, &header, failed, 1}, &err));
    header.classes = PREDICTION_CLASSES_MAX + 1;
    assert_false(
        record_shard_write(fixture->store, "a", &(struct record_rows){0, 0, &header, failed, 1}, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void folder_names_are_limited(void **state)
{
    struct fixture *fixture = *state;
    const struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct record_set *none = NULL;
    char folder[RECORD_FOLDER_MAX_BYTES + 2];
    memset(folder, 'f', sizeof(folder));
    folder[200] = '/';
    for (size_t past = 0; past < 2; past++) {
        struct error err = {0};
        folder[RECORD_FOLDER_MAX_BYTES + past] = '\0';
        bool done = record_shard_write(
            fixture->store, folder, &(struct record_rows){0, 0, &samples->header, samples->records, 1}, &err);
        assert_int_equal(done, past == 0);
        if (past == 0) {
            AUTO(record_set) set = open_set(fixture->store, folder);
            assert_int_equal(record_set_count(set), 1);
        } else {
            assert_int_equal(err.code, ERR_LIMIT);
            assert_false(record_set_open(fixture->store, folder, &none, &err));
            assert_int_equal(err.code, ERR_LIMIT);
        }
        folder[RECORD_FOLDER_MAX_BYTES] = 'f';
    }
}

static void rows_are_limited(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    size_t around = strlen("{\"source\":\"\",\"error\":\"x\"}\n");
    char *source = malloc(RECORD_ROWS_MAX_BYTES);
    assert_non_null(source);
    memset(source, 's', RECORD_ROWS_MAX_BYTES);
    struct record record = {.source = source, .error = "x"};
    for (size_t past = 0; past < 2; past++) {
        struct error err = {0};
        source[RECORD_ROWS_MAX_BYTES - around + past] = '\0';
        bool done = record_shard_write(fixture->store, "a",
                                       &(struct record_rows){0, 0, &samples->header, &record, 1}, &err);
        assert_int_equal(done, past == 0);
        assert_int_equal(err.code, past == 0 ? ERR_NONE : ERR_LIMIT);
        if (past == 0) {
            AUTO(record_set) set = open_set(fixture->store, "a");
            AUTO(record_shard) shard = open_shard(set, 0);
            struct record back;
            record_shard_get(shard, 0, &back);
            assert_int_equal(strlen(back.source), RECORD_ROWS_MAX_BYTES - around);
        }
        source[RECORD_ROWS_MAX_BYTES - around] = 's';
    }
    free(source);
}

static void texts_must_be_utf8_except_the_failure(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    struct record record = {.source = "/a", .error = "cut off in caf\xC3"};
    assert_true(record_shard_write(fixture->store, "a",
                                   &(struct record_rows){0, 0, &samples->header, &record, 1}, &err));
    AUTO(record_set) set = open_set(fixture->store, "a");
    AUTO(record_shard) shard = open_shard(set, 0);
    struct record back;
    record_shard_get(shard, 0, &back);
    assert_string_equal(back.error, "cut off in caf\xEF\xBF\xBD");
    record.source = "caf\xE9";
    assert_false(record_shard_write(fixture->store, "b",
                                    &(struct record_rows){0, 7, &samples->header, &record, 1}, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "image 7"));
    assert_non_null(strstr(err.message, "source"));
}

static void a_record_that_cannot_be_kept_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct record_samples *samples = fixture->samples[RUN_CLASSIFICATION];
    struct error err = {0};
    samples->embeddings[2][1] = NAN;
    assert_false(record_shard_write(
        fixture->store, "a", &(struct record_rows){1, 2, &samples->header, samples->records + 2, 2}, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "image 2"));
    assert_non_null(strstr(err.message, "embedding"));
    assert_false(exists(fixture, "a", 1));
}

/* Writes one shard after the other until it is killed. */
static void write_forever(const struct fixture *fixture, const char *folder)
{
    struct error err = {0};
    const struct record_samples *samples = fixture->samples[RUN_DETECTION];
    for (uint32_t i = 0;
         record_shard_write(fixture->store, folder,
                            &(struct record_rows){i, (uint64_t)i * samples->count, &samples->header,
                                                  samples->records, samples->count},
                            &err);)
        i++;
    _exit(1);
}

static uint32_t count_whole_shards(struct fixture *fixture, const char *folder)
{
    struct error err = {0};
    uint32_t whole = 0;
    if (!exists(fixture, folder, 0))
        return 0;
    AUTO(record_set) set = open_set(fixture->store, folder);
    for (; exists(fixture, folder, whole); whole++) {
        AUTO(record_shard) shard = open_shard(set, whole);
        assert_true(record_shard_verify(shard, &err));
    }
    assert_int_equal(whole, record_set_shards(set));
    return whole;
}

static void shards_that_exist_after_a_kill_are_whole(void **state)
{
    struct fixture *fixture = *state;
    uint32_t found = 0;
    for (int round = 0; round < 20; round++) {
        char folder[32];
        int status = 0;
        (void)snprintf(folder, sizeof(folder), "killed-%d", round);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_forever(fixture, folder);
        (void)usleep((useconds_t)(1000 + round * 4321));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        found += count_whole_shards(fixture, folder);
    }
    assert_true(found > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(records_come_back_as_they_were),
        CASE(whole_arrays_are_aligned_and_zero_where_images_failed),
        CASE(what_a_run_does_not_have_has_no_array),
        CASE(the_same_records_give_the_same_bytes),
        CASE(an_older_shard_is_replaced_as_a_whole),
        CASE(a_shard_without_one_of_its_files_does_not_exist),
        CASE(shards_and_images_are_limited),
        CASE(header_lengths_are_limited),
        CASE(folder_names_are_limited),
        CASE(rows_are_limited),
        CASE(texts_must_be_utf8_except_the_failure),
        CASE(a_record_that_cannot_be_kept_is_named),
        CASE(shards_that_exist_after_a_kill_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
