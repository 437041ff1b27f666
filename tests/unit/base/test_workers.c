/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/workers.h"

struct counting {
    atomic_int next, sum;
    atomic_bool was_here[WORKERS_MAX];
};

static bool count_up(void *state, uint32_t index, struct error *err)
{
    struct counting *counting = state;
    (void)err;
    atomic_store(&counting->was_here[index], true);
    for (int item = 0; (item = atomic_fetch_add(&counting->next, 1)) < 1000;)
        atomic_fetch_add(&counting->sum, item);
    return true;
}

static void the_work_is_done_once_for_any_number_of_workers(void **state)
{
    static const uint32_t counts[] = {1, 2, 7, WORKERS_MAX};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct counting counting = {0};
        struct error err = {0};
        assert_true(workers_run(counts[i], count_up, &counting, &err));
        assert_int_equal(counting.sum, 999 * 1000 / 2);
        for (uint32_t index = 0; index < WORKERS_MAX; index++)
            assert_int_equal(counting.was_here[index], index < counts[i]);
    }
}

static void none_and_one_too_many_are_refused(void **state)
{
    struct counting counting = {0};
    struct error err = {0};
    assert_false(workers_run(0, count_up, &counting, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(workers_run(WORKERS_MAX + 1, count_up, &counting, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(counting.sum, 0);
}

static bool fail_from_two_on(void *state, uint32_t index, struct error *err)
{
    (void)state;
    return index < 2 || error_set(err, ERR_FAILED, "worker %u", index);
}

static void the_first_failure_by_index_is_told(void **state)
{
    struct error err = {0};
    assert_false(workers_run(6, fail_from_two_on, NULL, &err));
    assert_string_equal(err.message, "worker 2");
}

static void there_is_at_least_one_core(void **state)
{
    uint32_t cores = workers_cores();
    assert_true(cores >= 1 && cores <= WORKERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_work_is_done_once_for_any_number_of_workers),
        cmocka_unit_test(none_and_one_too_many_are_refused),
        cmocka_unit_test(the_first_failure_by_index_is_told),
        cmocka_unit_test(there_is_at_least_one_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
