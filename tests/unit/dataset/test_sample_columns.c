/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "dataset/sample_columns.h"
#include "dataset/sample_match.h"

#include <math.h>
#include <stdio.h>

enum { MANY = 9000, LABELS_PER_SAMPLE = 20 };

static void put(struct sample_columns *columns, const char *source, const char *label, size_t labels)
{
    char id[HASH_HEX_BYTES], names[LABELS_PER_SAMPLE][32];
    struct annotation said[LABELS_PER_SAMPLE];
    struct error err = {0};
    sample_id_of("d", source, id);
    for (size_t i = 0; i < labels; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "%s %zu", label, i);
        said[i] = (struct annotation){.name = names[i], .confidence = (double)NAN, .annotated_by = "human"};
    }
    const struct sample sample = {.id = id,
                                  .source = source,
                                  .state = SAMPLE_LABELED,
                                  .origin = "import",
                                  .hard_coefficient = (double)NAN,
                                  .annotations = said,
                                  .annotation_count = labels};
    if (!sample_columns_put(columns, &sample, &err) || !sample_columns_settle(columns, &err))
        fail_msg("%s", err.message);
}

static size_t rows_with(const struct sample_columns *columns, const char *label)
{
    uint32_t number = value_set_find(&columns->labels, label);
    return number == VALUE_NONE
               ? 0
               : (size_t)roaring_bitmap_get_cardinality(columns->labels.values[number].rows[0]);
}

static void sample_put_again_replaces_what_was_known(void **state)
{
    AUTO(sample_columns) columns = sample_columns_new();
    put(columns, "/a", "owl", 2);
    put(columns, "/a", "wren", 1);
    assert_int_equal(columns->count, 1);
    assert_int_equal(rows_with(columns, "owl 0"), 0);
    assert_int_equal(rows_with(columns, "wren 0"), 1);
}

/* What is left behind by changes is cleared away, and nothing else with it. */
static void memory_does_not_grow_with_changes(void **state)
{
    AUTO(sample_columns) columns = sample_columns_new();
    put(columns, "/kept", "kept", LABELS_PER_SAMPLE);
    for (int i = 0; i < MANY; i++)
        put(columns, "/changed", i % 2 ? "owl" : "wren", LABELS_PER_SAMPLE);
    assert_true(columns->pool_capacity < MANY * LABELS_PER_SAMPLE / 4);
    assert_int_equal(rows_with(columns, "kept 19"), 1);
    put(columns, "/kept", "other", 1);
    assert_int_equal(rows_with(columns, "kept 19"), 0);
    assert_int_equal(rows_with(columns, "owl 19"), 1);
    assert_int_equal(rows_with(columns, "wren 0"), 0);
}

/* In an order that has nothing to do with that of the names; some are ranked, the last ones are not. */
static void sources_stay_in_order_while_samples_come(void **state)
{
    AUTO(sample_columns) columns = sample_columns_new();
    AUTO(arena) arena = arena_new(64 * 1024 * 1024);
    struct error err = {0};
    for (unsigned i = 0; i < MANY; i++) {
        char source[32];
        (void)snprintf(source, sizeof(source), "/%c%05u", i % 2 ? 'X' : 'a', i * 7919 % MANY);
        put(columns, source, "owl", i % 3);
    }
    assert_true(columns->ranked > 0 && columns->ranked < columns->count);
    struct sample_rows_wish wish = {.limit = 700};
    const char *last = NULL;
    size_t seen = 0;
    assert_true(sample_order_find("source", &wish.order, &err));
    do {
        struct sample_rows page = {0};
        assert_true(sample_match_page(columns, columns->all, &wish, arena, &page, &err));
        wish.cursor = page.cursor;
        for (size_t i = 0; i < page.count; i++, seen++) {
            const char *source = sample_columns_source(columns, page.rows[i]);
            assert_true(!last || strcmp(last, source) < 0);
            last = source;
        }
    } while (wish.cursor);
    assert_int_equal(seen, MANY);
}

static void every_id_is_found(void **state)
{
    AUTO(sample_columns) columns = sample_columns_new();
    char id[HASH_HEX_BYTES], found[HASH_HEX_BYTES];
    for (unsigned i = 0; i < MANY; i++) {
        char source[32];
        (void)snprintf(source, sizeof(source), "/%u", i);
        put(columns, source, "owl", 0);
    }
    for (unsigned i = 0; i < MANY; i += 7) {
        char source[32];
        (void)snprintf(source, sizeof(source), "/%u", i);
        sample_id_of("d", source, id);
        assert_int_equal(sample_columns_find(columns, id), i);
        sample_columns_id(columns, i, found);
        assert_string_equal(found, id);
    }
    sample_id_of("d", "/none", id);
    assert_int_equal(sample_columns_find(columns, id), SAMPLE_ROW_NONE);
    assert_int_equal(sample_columns_find(columns, "short"), SAMPLE_ROW_NONE);
}

static void values_end_at_the_limit(void **state)
{
    struct value_set set = {0};
    struct error err = {0};
    char name[16];
    uint32_t number = 0;
    for (uint32_t i = 0; i < VALUE_SET_MAX; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_true(value_set_need(&set, name, &number, &err));
        assert_int_equal(number, i);
    }
    assert_true(value_set_need(&set, "7", &number, &err));
    assert_int_equal(number, 7);
    assert_false(value_set_need(&set, "one more", &number, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(value_set_find(&set, "one more"), VALUE_NONE);
    value_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_put_again_replaces_what_was_known),
        cmocka_unit_test(memory_does_not_grow_with_changes),
        cmocka_unit_test(sources_stay_in_order_while_samples_come),
        cmocka_unit_test(every_id_is_found),
        cmocka_unit_test(values_end_at_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
