/* SPDX-License-Identifier: Apache-2.0 */
/* A database, a store in a folder of its own and one dataset in them. Include after test.h. */
#ifndef TESTS_DATASET_FIXTURE_H
#define TESTS_DATASET_FIXTURE_H

#include "dataset/dataset.h"
#include "temp_folder.h"
#include "test_database.h"

#include <math.h>

enum { FIXTURE_ARENA_BYTES = 1024 * 1024 * 1024 };

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct db *db;
    struct store *store;
    struct arena *arena;
    struct dataset dataset; /* of classes, without labels */
    struct error err;
};

#define ASSERT_DONE(fixture, call)                                                                           \
    do {                                                                                                     \
        (fixture)->err = (struct error){0};                                                                  \
        if (!(call))                                                                                         \
            fail_msg("%s", (fixture)->err.message);                                                          \
    } while (0)
#define ASSERT_REFUSED(fixture, call, error_code)                                                            \
    do {                                                                                                     \
        (fixture)->err = (struct error){0};                                                                  \
        assert_false(call);                                                                                  \
        if ((fixture)->err.code != (error_code))                                                             \
            fail_msg("%s", (fixture)->err.message);                                                          \
    } while (0)

static inline struct param_list list_of(const char **items, size_t count)
{
    return (struct param_list){items, count};
}

static inline struct dataset new_dataset(struct fixture *fixture, const char *name, const char *dataset_type)
{
    struct dataset dataset;
    struct dataset_new request = {"0", name, dataset_type, {NULL, 0}};
    ASSERT_DONE(fixture, dataset_create(fixture->db, fixture->arena, &request, &dataset, &fixture->err));
    return dataset;
}

static inline int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    fixture->arena = arena_new(FIXTURE_ARENA_BYTES);
    ASSERT_DONE(fixture, test_database_open(&fixture->db, &fixture->err));
    ASSERT_DONE(fixture, db_migrate(fixture->db, &fixture->err));
    ASSERT_DONE(fixture, store_open(fixture->folder, false, &fixture->store, &fixture->err));
    fixture->dataset = new_dataset(fixture, "birds", DATASET_TYPE_CLASSIFICATION);
    *state = fixture;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->db = db_free(fixture->db);
    fixture->store = store_free(fixture->store);
    fixture->arena = arena_free(fixture->arena);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static inline struct annotation suggestion(const char *name, double confidence)
{
    return (struct annotation){.name = name,
                               .is_suggested = true,
                               .confidence = confidence,
                               .annotated_by = "modelarts/hard_example_algo"};
}

static inline struct annotation label(const char *name)
{
    return (struct annotation){.name = name, .confidence = (double)NAN, .annotated_by = "human"};
}

/* The three states of a sample, without hard attributes. */
static inline struct sample_new unlabeled(const char *source)
{
    return (struct sample_new){.source = source,
                               .state = SAMPLE_UNLABELED,
                               .hard_coefficient = (double)NAN,
                               .origin = "synchronize"};
}

static inline struct sample_new labeled(const char *source, const struct annotation *annotation)
{
    struct sample_new sample = unlabeled(source);
    sample.state = SAMPLE_LABELED;
    sample.origin = "import";
    sample.annotations = annotation;
    sample.annotation_count = 1;
    return sample;
}

static inline struct sample_new hard(const char *source, const struct annotation *annotation,
                                     double coefficient, const char *reasons)
{
    struct sample_new sample = labeled(source, annotation);
    sample.state = SAMPLE_TO_BE_CONFIRMED;
    sample.is_hard = true;
    sample.hard_coefficient = coefficient;
    sample.hard_reasons = reasons;
    sample.evidence_json = "{\"1\":{\"value\":0.4}}";
    sample.origin = "hard_examples";
    sample.origin_task = "00000000000000000000000000000001";
    return sample;
}

static inline struct sample_add_counts add(struct fixture *fixture, const struct sample_new *samples,
                                           size_t count, enum sample_merge merge)
{
    struct sample_add_counts counts = {0};
    struct sample_batch batch = {samples, count, merge};
    ASSERT_DONE(fixture, samples_add(fixture->db, fixture->dataset.id, &batch, &counts, &fixture->err));
    return counts;
}

static inline const char *id_of(struct fixture *fixture, const char *source)
{
    char id[HASH_HEX_BYTES];
    sample_id_of(fixture->dataset.id, source, id);
    return arena_text(fixture->arena, id);
}

static inline struct sample get(struct fixture *fixture, const char *source)
{
    struct sample sample;
    ASSERT_DONE(fixture, sample_find(fixture->db, "0", fixture->arena, id_of(fixture, source), &sample,
                                     &fixture->err));
    return sample;
}

static inline struct dataset counts_now(struct fixture *fixture)
{
    struct dataset dataset;
    ASSERT_DONE(fixture,
                dataset_find(fixture->db, "0", fixture->arena, fixture->dataset.id, &dataset, &fixture->err));
    return dataset;
}

static inline int64_t count_of(struct fixture *fixture, const struct sample_filter *filter)
{
    int64_t count = -1;
    ASSERT_DONE(fixture, samples_count(fixture->db, fixture->dataset.id, filter, &count, &fixture->err));
    return count;
}

/* Decides one sample; returns why it was refused, ERR_NONE when it was not. */
static inline struct error decide(struct fixture *fixture, const char *source, enum sample_action action,
                                  struct param_list labels)
{
    const char *id = id_of(fixture, source);
    struct sample_decision decision = {
        .project_id = "0", .action = action, .labels = labels, .decided_by = "human/anna"};
    struct sample_outcome *outcomes = NULL;
    ASSERT_DONE(fixture, samples_decide(fixture->db, fixture->arena, list_of(&id, 1), &decision, &outcomes,
                                        &fixture->err));
    assert_string_equal(outcomes[0].id, id);
    assert_true(outcomes[0].is_done == (outcomes[0].err == NULL));
    return outcomes[0].err ? *outcomes[0].err : (struct error){0};
}

#define NO_LABELS ((struct param_list){NULL, 0})
#define RUN_TESTS(tests) cmocka_run_group_tests(tests, NULL, NULL)
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

#endif
