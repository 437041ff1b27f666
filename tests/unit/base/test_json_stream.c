/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/json.h"
#include "base/json_stream.h"

#include <math.h>
#include <string.h>

static void members_and_items_are_separated(void **state)
{
    AUTO_BUFFER(text, 1000);
    struct json_stream out = {.into = &text};
    struct error err = {0};
    json_stream_open(&out, NULL, '{');
    json_stream_open(&out, "list", '[');
    json_stream_count(&out, NULL, 1);
    json_stream_text(&out, NULL, "b");
    json_stream_open(&out, NULL, '{');
    json_stream_close(&out, '}');
    json_stream_close(&out, ']');
    json_stream_text(&out, "absent", NULL);
    json_stream_number(&out, "nan", (double)NAN);
    json_stream_number(&out, "half", 0.5);
    json_stream_raw(&out, "raw", "[true]");
    json_stream_close(&out, '}');
    assert_true(json_stream_check(&out, "it", &err));
    assert_string_equal(text.data, "{\"list\":[1,\"b\",{}],\"half\":0.5,\"raw\":[true]}");
}

static void text_reads_back_as_it_was(void **state)
{
    char all[300];
    size_t length = 0;
    for (int byte = 1; byte < 0x80; byte++)
        all[length++] = (char)byte;
    (void)snprintf(all + length, sizeof(all) - length, "%s", "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
    AUTO_BUFFER(text, 2000);
    struct json_stream out = {.into = &text};
    struct error err = {0};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, all, all);
    json_stream_close(&out, '}');
    assert_true(json_stream_check(&out, "it", &err));
    AUTO_JSON doc = NULL;
    assert_true(json_parse((struct bytes){text.data, text.size}, "it", &doc, &err));
    assert_string_equal(json_text(yyjson_doc_get_root(doc), all, ""), all);
    assert_null(memchr(text.data, '\n', text.size));
}

static void text_that_is_not_utf8_is_refused_by_name(void **state)
{
    AUTO_BUFFER(text, 1000);
    struct json_stream out = {.into = &text};
    struct error err = {0};
    json_stream_open(&out, NULL, '{');
    json_stream_text(&out, "source", "caf\xE9");
    json_stream_close(&out, '}');
    assert_false(json_stream_check(&out, "the row", &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "'source'"));
}

static void messages_are_made_utf8(void **state)
{
    AUTO_BUFFER(text, 1000);
    struct json_stream out = {.into = &text};
    struct error err = {0};
    json_stream_message(&out, NULL,
                        "a\xE9"
                        "b\xC3\xA9\xC3");
    json_stream_message(&out, NULL, "");
    assert_true(json_stream_check(&out, "it", &err));
    assert_string_equal(text.data, "\"a\xEF\xBF\xBD"
                                   "b\xC3\xA9\xEF\xBF\xBD\",\"\"");
}

static void a_full_buffer_is_told(void **state)
{
    AUTO_BUFFER(text, 4);
    struct json_stream out = {.into = &text};
    struct error err = {0};
    json_stream_text(&out, NULL, "ab");
    assert_true(json_stream_check(&out, "it", &err));
    json_stream_text(&out, NULL, "c");
    assert_false(json_stream_check(&out, "it", &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_items_are_separated),
        cmocka_unit_test(text_reads_back_as_it_was),
        cmocka_unit_test(text_that_is_not_utf8_is_refused_by_name),
        cmocka_unit_test(messages_are_made_utf8),
        cmocka_unit_test(a_full_buffer_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
