/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/clock.h"

static void manifest_time_comes_back_to_the_second(void **state)
{
    static const int64_t times_ms[] = {0, 999, 1714557600999, 951782400000, 4102444800000, -1000};
    for (size_t i = 0; i < sizeof(times_ms) / sizeof(times_ms[0]); i++) {
        char text[CLOCK_TEXT_BYTES];
        int64_t ms = -1;
        assert_true(clock_of_manifest_time(clock_manifest_time(times_ms[i], text), &ms));
        assert_true(ms == times_ms[i] - (times_ms[i] % 1000 + 1000) % 1000);
    }
}

static void text_of_another_form_is_no_manifest_time(void **state)
{
    static const char *const bad[] = {"",
                                      "yesterday",
                                      "2024-05-01",
                                      "2024-05-01T10:00:00",
                                      "2024-05-01 10:00:00Z",
                                      "2024-05-01 10:00:00.5",
                                      " 2024-05-01 10:00:00",
                                      "2024-5-1 10:00:00",
                                      "2023-02-29 10:00:00",
                                      "2024-04-31 10:00:00",
                                      "2024-05-01 24:00:00",
                                      "99999999999-05-01 10:00:00"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t ms = 7;
        assert_false(clock_of_manifest_time(bad[i], &ms));
        assert_true(ms == 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(manifest_time_comes_back_to_the_second),
        cmocka_unit_test(text_of_another_form_is_no_manifest_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
