/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "given_fixture.h"

static void labels_are_found_again_and_settle_by_their_bytes(void **state)
{
    struct fixture *fixture = *state;
    char name[16];
    uint32_t number = 0;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 1000; i++) {
            (void)snprintf(name, sizeof(name), "%03u", 999 - i);
            assert_done(fixture, given_labels_take(fixture->labels, name, &number, &fixture->err));
            assert_int_equal(number, i);
        }
    assert_done(fixture, given_labels_settle(fixture->labels, &fixture->err));
    assert_int_equal(given_labels_count(fixture->labels), 1000);
    assert_string_equal(given_labels_names(fixture->labels)[7], "007");
    assert_int_equal(given_labels_index(fixture->labels, 999 - 7), 7);
}

static void no_label_at_all_says_what_to_do(void **state)
{
    struct fixture *fixture = *state;
    assert_error(fixture, given_labels_settle(fixture->labels, &fixture->err), ERR_INVALID, "--labels FILE");
}

static void a_file_of_labels_names_its_bad_line(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text, *words;
    } cases[] = {{"", "empty"},
                 {"a\n\nb\n", "line 2 of the labels"},
                 {"a\nb\na\n", "'a' is there already, in line 1"},
                 {"a\n\xFF\n", "not UTF-8"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(given_labels) labels = given_labels_new();
        bool is_ok = given_labels_read(labels, put_text(fixture, "l.txt", cases[i].text), &fixture->err);
        assert_error(fixture, is_ok, ERR_INVALID, cases[i].words);
    }
}

static void a_label_has_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    char name[GIVEN_LABEL_MAX_BYTES + 2];
    uint32_t number = 0;
    memset(name, 'a', sizeof(name));
    name[GIVEN_LABEL_MAX_BYTES] = '\0';
    assert_done(fixture, given_labels_take(fixture->labels, name, &number, &fixture->err));
    name[GIVEN_LABEL_MAX_BYTES] = 'a';
    name[GIVEN_LABEL_MAX_BYTES + 1] = '\0';
    assert_error(fixture, given_labels_take(fixture->labels, name, &number, &fixture->err), ERR_LIMIT,
                 "1025 bytes");
}

static void there_are_at_most_so_many_labels(void **state)
{
    struct fixture *fixture = *state;
    char name[16];
    uint32_t number = 0;
    for (uint32_t i = 0; i < PREDICTION_CLASSES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_done(fixture, given_labels_take(fixture->labels, name, &number, &fixture->err));
    }
    assert_error(fixture, given_labels_take(fixture->labels, "more", &number, &fixture->err), ERR_LIMIT,
                 "100000 labels");
}

static void all_labels_have_at_most_so_many_bytes(void **state)
{
    struct fixture *fixture = *state;
    char name[GIVEN_LABEL_MAX_BYTES + 1];
    uint32_t number = 0, taken = 0;
    memset(name, 'a', sizeof(name));
    name[GIVEN_LABEL_MAX_BYTES] = '\0';
    bool is_ok = true;
    for (; is_ok && taken < PREDICTION_CLASSES_MAX; taken++) {
        char digits[16];
        (void)snprintf(digits, sizeof(digits), "%08u", taken);
        memcpy(name, digits, 8);
        is_ok = given_labels_take(fixture->labels, name, &number, &fixture->err);
    }
    assert_error(fixture, is_ok, ERR_LIMIT, "more than 16777216 bytes");
    assert_true(taken > GIVEN_LABELS_MAX_BYTES / GIVEN_LABEL_MAX_BYTES * 9 / 10);
    assert_true(taken <= GIVEN_LABELS_MAX_BYTES / GIVEN_LABEL_MAX_BYTES + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, given_setup, given_teardown)
        T(labels_are_found_again_and_settle_by_their_bytes),
        T(no_label_at_all_says_what_to_do),
        T(a_file_of_labels_names_its_bad_line),
        T(a_label_has_at_most_so_many_bytes),
        T(there_are_at_most_so_many_labels),
        T(all_labels_have_at_most_so_many_bytes),
    };
    return cmocka_run_group_tests_name("given labels", tests, NULL, NULL);
}
