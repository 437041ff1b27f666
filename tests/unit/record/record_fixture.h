/* SPDX-License-Identifier: Apache-2.0 */
/* A store for records in a folder of its own. Include after test.h. */
#ifndef TESTS_RECORD_FIXTURE_H
#define TESTS_RECORD_FIXTURE_H

#include "record/shard_format.h"
#include "record_samples.h"
#include "temp_folder.h"

struct fixture {
    char folder[TEMP_PATH_BYTES];
    struct store *store;
    struct record_samples *samples[RUN_COUNT];
};

__attribute__((unused)) static int set_up(void **state)
{
    struct error err = {0};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    if (!store_open(fixture->folder, false, &fixture->store, &err))
        fail_msg("%s", err.message);
    for (int run = 0; run < RUN_COUNT; run++)
        fixture->samples[run] = record_samples_new((enum sample_run)run);
    *state = fixture;
    return 0;
}

__attribute__((unused)) static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    for (int run = 0; run < RUN_COUNT; run++)
        free(fixture->samples[run]);
    fixture->store = store_free(fixture->store);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* Writes the samples of a run into the folder of its name. */
__attribute__((unused)) static const char *write_run(struct fixture *fixture, enum sample_run run)
{
    struct error err = {0};
    if (!record_samples_write(fixture->samples[run], fixture->store, sample_run_names[run], &err))
        fail_msg("%s", err.message);
    return sample_run_names[run];
}

__attribute__((unused)) static struct record_set *open_set(struct store *store, const char *folder)
{
    struct error err = {0};
    struct record_set *set = NULL;
    if (!record_set_open(store, folder, &set, &err))
        fail_msg("%s", err.message);
    return set;
}

__attribute__((unused)) static struct record_shard *open_shard(const struct record_set *set, uint32_t number)
{
    struct error err = {0};
    struct record_shard *shard = NULL;
    if (!record_shard_open(set, number, &shard, &err))
        fail_msg("%s", err.message);
    return shard;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
