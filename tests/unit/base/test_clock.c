/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"

#include <errno.h>

static void times_are_written_in_utc(void **state)
{
    static const struct {
        int64_t ms;
        const char *rfc3339, *manifest;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z", "1970-01-01 00:00:00"},
        {1795341840123, "2026-11-22T10:04:00.123Z", "2026-11-22 10:04:00"},
        {951782399999, "2000-02-28T23:59:59.999Z", "2000-02-28 23:59:59"},
        {-1, "1969-12-31T23:59:59.999Z", "1969-12-31 23:59:59"},
        {-1000, "1969-12-31T23:59:59.000Z", "1969-12-31 23:59:59"},
    };
    char text[CLOCK_TEXT_BYTES];
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_string_equal(clock_rfc3339(cases[i].ms, text), cases[i].rfc3339);
        assert_string_equal(clock_manifest_time(cases[i].ms, text), cases[i].manifest);
    }
}

static void the_ends_of_time_are_still_text(void **state)
{
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(clock_rfc3339(INT64_MAX, text), "292278994-08-17T07:12:55.807Z");
    assert_string_equal(clock_rfc3339(INT64_MIN, text), "-292275055-05-16T16:47:04.192Z");
    assert_string_equal(clock_manifest_time(INT64_MIN, text), "-292275055-05-16 16:47:04");
}

static void sleeping_takes_its_time(void **state)
{
    int64_t wall = clock_now_ms();
    double steady = clock_steady_seconds();
    clock_sleep_ms(30);
    assert_true(clock_steady_seconds() - steady >= 0.03);
    assert_true(clock_now_ms() - wall >= 29);
    assert_true(wall > 1500000000000);
}

static void waits_on_a_condition_go_by_the_steady_clock(void **state)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    double steady = clock_steady_seconds();
    for (uint32_t ms = 0; ms < 3000; ms += 250) {
        struct timespec until = clock_steady_after(ms);
        double after = (double)until.tv_sec + (double)until.tv_nsec * 1e-9;
        assert_in_range(until.tv_nsec, 0, 999999999);
        assert_true(after >= steady + ms / 1000.0 - 1e-6);
        assert_true(after <= clock_steady_seconds() + ms / 1000.0 + 1e-6);
    }
    clock_condition_init(&condition);
    const struct timespec until = clock_steady_after(30);
    steady = clock_steady_seconds();
    (void)pthread_mutex_lock(&lock);
    int result = 0;
    while (result == 0)
        result = pthread_cond_timedwait(&condition, &lock, &until);
    (void)pthread_mutex_unlock(&lock);
    assert_int_equal(result, ETIMEDOUT);
    assert_true(clock_steady_seconds() - steady >= 0.029);
    (void)pthread_cond_destroy(&condition);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(the_ends_of_time_are_still_text),
        cmocka_unit_test(sleeping_takes_its_time),
        cmocka_unit_test(waits_on_a_condition_go_by_the_steady_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
