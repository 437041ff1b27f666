/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "rules/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void every_reason_and_method_is_in_the_table(void **state)
{
    AUTO_BUFFER(text, 1 << 20);
    struct error err;
    assert_true(rules_markdown(&text, &err));
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_non_null(strstr(text.data, all_rules[i]->name));
        assert_non_null(strstr(text.data, all_rules[i]->misleads));
    }
    for (int i = 0; i < METHOD_COUNT; i++)
        assert_non_null(strstr(text.data, method_row((enum method)i)->name));
}

static void a_table_that_does_not_fit_is_an_error(void **state)
{
    AUTO_BUFFER(text, 1000);
    struct error err;
    assert_false(rules_markdown(&text, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void the_page_in_docs_is_fresh(void **state)
{
    AUTO_BUFFER(text, 1 << 20);
    struct error err;
    assert_true(rules_markdown(&text, &err));
    FILE *file = fopen(SOURCE_ROOT "/docs/rules-table.md", "rb");
    assert_non_null(file);
    char *page = malloc(text.size + 2);
    size_t bytes = fread(page, 1, text.size + 2, file);
    (void)fclose(file);
    assert_int_equal(bytes, text.size);
    assert_memory_equal(page, text.data, bytes);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_and_method_is_in_the_table),
        cmocka_unit_test(a_table_that_does_not_fit_is_an_error),
        cmocka_unit_test(the_page_in_docs_is_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
