/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "db/db.h"

static void bad_places_are_refused_by_name(void **state)
{
    static const struct {
        const char *url;
        enum error_code code;
    } cases[] = {
        {"", ERR_INVALID},        {"/plain/path", ERR_INVALID}, {"oracle:x", ERR_INVALID},
        {"sqlit:x", ERR_INVALID}, {"sqlite:", ERR_INVALID},     {"sqlite:/no/such/folder/x.db", ERR_IO},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct error err = {0};
        struct db *db = NULL;
        assert_false(db_open(cases[i].url, &db, &err));
        assert_int_equal(err.code, cases[i].code);
        assert_null(db);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_places_are_refused_by_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
