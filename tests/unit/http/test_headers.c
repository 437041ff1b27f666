/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "http/address.h"
#include "http/cookie.h"
#include "http/headers.h"

#include <string.h>

static void a_range_is_cut_to_the_file(void **state)
{
    static const struct {
        const char *text;
        uint64_t size;
        enum http_range kind;
        uint64_t first, last;
    } rows[] = {
        {"bytes=0-0", 10, RANGE_PART, 0, 0},
        {"bytes=0-", 10, RANGE_PART, 0, 9},
        {"BYTES=9-", 10, RANGE_PART, 9, 9},
        {"bytes=2-99", 10, RANGE_PART, 2, 9},
        {"bytes=-3", 10, RANGE_PART, 7, 9},
        {"bytes=-30", 10, RANGE_PART, 0, 9},
        {"bytes=0-18446744073709551615", 10, RANGE_PART, 0, 9},
        {"bytes=10-", 10, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-0", 10, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=-1", 0, RANGE_UNSATISFIABLE, 0, 0},
        {"bytes=18446744073709551615-", 10, RANGE_UNSATISFIABLE, 0, 0},
        {NULL, 10, RANGE_NONE, 0, 0},
        {"", 10, RANGE_NONE, 0, 0},
        {"bytes=", 10, RANGE_NONE, 0, 0},
        {"bytes=-", 10, RANGE_NONE, 0, 0},
        {"bytes=1", 10, RANGE_NONE, 0, 0},
        {"bytes=5-2", 10, RANGE_NONE, 0, 0},
        {"bytes=0-1,3-4", 10, RANGE_NONE, 0, 0},
        {"bytes=0-1x", 10, RANGE_NONE, 0, 0},
        {"bytes=18446744073709551616-", 10, RANGE_NONE, 0, 0},
        {"items=0-1", 10, RANGE_NONE, 0, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t first = 0, last = 0;
        enum http_range kind = http_range_parse(rows[i].text, rows[i].size, &first, &last);
        if (kind != rows[i].kind)
            fail_msg("%s of %llu is %d", rows[i].text ? rows[i].text : "NULL",
                     (unsigned long long)rows[i].size, kind);
        if (kind == RANGE_PART) {
            assert_int_equal(first, rows[i].first);
            assert_int_equal(last, rows[i].last);
        }
    }
}

static void gzip_is_taken_when_it_is_named_and_not_refused(void **state)
{
    static const char *const yes[] = {"gzip",       "GZIP", "br, gzip",      "gzip;q=0.001",
                                      "gzip ; q=1", "*",    "br;q=1,*;q=0.5"};
    static const char *const no[] = {"",      "br",    "gzip;q=0", "gzip;q=0.000", "gzip; q=0, *",
                                     "*;q=0", "xgzip", "gzipx",    "identity"};
    assert_false(http_accepts_coding(NULL, "gzip"));
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        if (!http_accepts_coding(yes[i], "gzip"))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        if (http_accepts_coding(no[i], "gzip"))
            fail_msg("%s", no[i]);
}

static void a_tag_is_found_in_a_list(void **state)
{
    assert_true(http_etag_listed("\"a\"", "a", true));
    assert_true(http_etag_listed("\"b\" , \"a-gzip\"", "a", true));
    assert_true(http_etag_listed("*", "a", true));
    assert_true(http_etag_listed("W/\"a\"", "a", false));
    assert_false(http_etag_listed("W/\"a\"", "a", true));
    assert_false(http_etag_listed("a", "a", false));
    assert_false(http_etag_listed("\"aa\"", "a", false));
    assert_false(http_etag_listed("\"", "", false));
    assert_false(http_etag_listed("", "a", false));
    assert_false(http_etag_listed(NULL, "a", false));
}

static void only_our_own_names_are_ours(void **state)
{
    static const char *const ours[] = {"localhost", "LOCALHOST:80", "127.0.0.1:80",
                                       "[::1]",     "[::1]:80",     "127.0.0.5:80"};
    static const char *const others[] = {
        "",     "localhost:81", "localhost.evil.example", "127.0.0.1.evil", "evil:80", "[::1]:8080", "[::2]",
        "[::1", "127.0.0.6",    "localhost:80:80",        "user@localhost", "::1"};
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (!http_host_is_ours(ours[i], "127.0.0.5", 80))
            fail_msg("%s", ours[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (http_host_is_ours(others[i], "127.0.0.5", 80))
            fail_msg("%s", others[i]);
    assert_false(http_host_is_ours(NULL, "127.0.0.5", 80));
}

static void an_origin_is_scheme_and_host(void **state)
{
    assert_true(http_origin_is_ours(NULL, "localhost:80", false));
    assert_true(http_origin_is_ours("http://localhost:80", "localhost:80", false));
    assert_true(http_origin_is_ours("https://localhost:80", "localhost:80", true));
    assert_false(http_origin_is_ours("https://localhost:80", "localhost:80", false));
    assert_false(http_origin_is_ours("http://localhost:81", "localhost:80", false));
    assert_false(http_origin_is_ours("null", "localhost:80", false));
    assert_false(http_origin_is_ours("", "localhost:80", false));
    assert_false(http_origin_is_ours("http://localhost", NULL, false));
}

static void json_may_name_its_charset_when_it_is_utf_8(void **state)
{
    assert_true(http_is_json("application/json"));
    assert_true(http_is_json("Application/JSON ; charset=UTF-8"));
    assert_true(http_is_json("application/json;charset=\"utf-8\""));
    assert_false(http_is_json("application/json; charset=latin1"));
    assert_false(http_is_json("application/jsonl"));
    assert_false(http_is_json("text/plain"));
    assert_false(http_is_json(""));
    assert_false(http_is_json(NULL));
}

static void request_ids_and_keys_end_at_their_limits(void **state)
{
    char text[HTTP_REQUEST_ID_MAX_BYTES + 2];
    memset(text, 'a', sizeof(text));
    text[HTTP_REQUEST_ID_MAX_BYTES + 1] = '\0';
    assert_false(http_is_request_id(text));
    assert_false(http_is_key(text, HTTP_REQUEST_ID_MAX_BYTES));
    text[HTTP_REQUEST_ID_MAX_BYTES] = '\0';
    assert_true(http_is_request_id(text));
    assert_true(http_is_key(text, HTTP_REQUEST_ID_MAX_BYTES));
    assert_false(http_is_request_id("a b"));
    assert_true(http_is_key("a b", 9));
    assert_false(http_is_key("a\tb", 9));
    assert_false(http_is_key("\xc3\xa9", 9));
    assert_false(http_is_request_id(""));
    assert_false(http_is_key("", 9));
    assert_false(http_is_request_id(NULL));
}

static uint32_t depth(const char *text)
{
    return http_json_depth(text, strlen(text));
}

static void depth_counts_brackets_outside_of_texts(void **state)
{
    assert_int_equal(depth("7"), 0);
    assert_int_equal(depth("{\"a\":[1,{}],\"b\":[]}"), 3);
    assert_int_equal(depth("[\"[[[[\",\"\\\"[[\"]"), 1);
    assert_int_equal(depth("]]]][["), 2);
    assert_int_equal(depth("\"[["), 0);
    assert_int_equal(depth("\"\\"), 0);
    assert_int_equal(http_json_depth(NULL, 0), 0);
}

static void a_content_range_says_where_a_part_belongs(void **state)
{
    uint64_t first = 9, last = 9, total = 9;
    static const char *const bad[] = {"",
                                      "bytes",
                                      "bytes ",
                                      "bytes 1",
                                      "bytes 1-",
                                      "bytes 1-2",
                                      "bytes 1-2/",
                                      "bytes 2-1/9",
                                      "bytes 1-2/2",
                                      "bytes */9",
                                      "bytes 1-2/3x",
                                      "bytes 1-2/**",
                                      "bytes 1 -2/3",
                                      "lines 1-2/3",
                                      "bytes 1-99999999999999999999/*"};
    assert_true(http_content_range_parse("bytes 0-0/1", &first, &last, &total));
    assert_true(first == 0 && last == 0 && total == 1);
    assert_true(http_content_range_parse("Bytes 7-9/*", &first, &last, &total));
    assert_true(first == 7 && last == 9 && total == 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (http_content_range_parse(bad[i], &first, &last, &total))
            fail_msg("%s", bad[i]);
    assert_true(first == 7 && last == 9 && total == 0);
}

static void a_traceparent_has_two_ids_in_its_one_form(void **state)
{
    static const char good[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    static const char *const bad[] = {
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "0g-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
    };
    struct http_trace trace;
    assert_true(http_traceparent_parse(good, &trace));
    assert_string_equal(trace.trace_id, "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(trace.span_id, "b7ad6b7169203331");
    assert_true(
        http_traceparent_parse("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-more", &trace));
    assert_false(http_traceparent_parse(NULL, &trace));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (http_traceparent_parse(bad[i], &trace))
            fail_msg("%s", bad[i]);
}

static void addresses_of_the_loopback_are_taken_others_refused(void **state)
{
    struct http_address address;
    struct error err = {0};
    static const char *const bad[] = {"",
                                      ":",
                                      "80",
                                      "localhost",
                                      ":80",
                                      "[::1:80",
                                      "::1:80",
                                      "1.2.3:80",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:-1",
                                      "127.0.0.1: 80",
                                      "example.org:80"};
    static const char *const far[] = {"0.0.0.0:80", "10.0.0.1:80", "[::]:80", "[2001:db8::1]:80",
                                      "128.0.0.1:80"};
    assert_true(http_address_parse("localhost:8080", &address, &err));
    assert_string_equal(address.host, "127.0.0.1");
    assert_int_equal(address.port, 8080);
    assert_true(http_address_parse("[::1]:0", &address, &err));
    assert_string_equal(address.host, "[::1]");
    assert_true(http_address_parse("127.9.9.9:1", &address, &err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (http_address_parse(bad[i], &address, &err))
            fail_msg("%s", bad[i]);
        assert_int_equal(err.code, ERR_INVALID);
    }
    for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
        assert_true(http_address_parse(far[i], &address, &err));
        assert_false(address.is_loopback);
    }
}

static void a_listed_name_is_ours_and_an_address_is_no_name(void **state)
{
    static const char *const names[] = {"trommel.example.org", "other.example.org:443"};
    assert_true(http_host_is_listed("trommel.example.org", names, 2, 8443));
    assert_true(http_host_is_listed("Trommel.Example.org:8443", names, 2, 8443));
    assert_true(http_host_is_listed("other.example.org:443", names, 2, 8443));
    static const char *const strange[] = {"trommel.example.org:443",
                                          "other.example.org",
                                          "trommel.example.org.evil.",
                                          "xtrommel.example.org",
                                          "",
                                          ":8443"};
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
        if (http_host_is_listed(strange[i], names, 2, 8443))
            fail_msg("%s", strange[i]);
    assert_false(http_host_is_listed(NULL, names, 2, 8443));
    assert_true(http_host_is_address("192.0.2.7", 80) && http_host_is_address("192.0.2.7:80", 80));
    assert_true(http_host_is_address("[2001:db8::1]:80", 80) && http_host_is_address("[::1]", 80));
    static const char *const names_all[] = {
        "192.0.2.7:81", "192.0.2.7.evil.example", "1234",        "[evil]", "[",
        "[]",           "evil.example",           "2001:db8::1", "",       "192.0.2.7 "};
    for (size_t i = 0; i < sizeof(names_all) / sizeof(names_all[0]); i++)
        if (http_host_is_address(names_all[i], 80))
            fail_msg("%s", names_all[i]);
    assert_false(http_host_is_address(NULL, 80));
}

static void a_cookie_is_found_by_its_whole_name_and_only_once(void **state)
{
    char value[16];
    static const char *const good[] = {"__Host-trommel=abc",
                                       "a=b; __Host-trommel=abc",
                                       "__Host-trommel=abc; z=1",
                                       " ;; __Host-trommel=abc ;",
                                       "x__Host-trommel=no;__Host-trommel=abc",
                                       "__Host-trommel; __Host-trommel=abc"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (!http_cookie_find(good[i], COOKIE_SESSION_NAME, value, sizeof(value)))
            fail_msg("%s", good[i]);
        assert_string_equal(value, "abc");
    }
    static const char *const bad[] = {"",
                                      "__Host-trommel",
                                      "__Host-trommel=",
                                      "__host-trommel=abc",
                                      "__Host-trommel=a; __Host-trommel=b",
                                      "__Host-trommel=a b",
                                      "__Host-trommel=\"abc\"",
                                      "__Host-trommel=a,b",
                                      "__Host-trommel=\x7f",
                                      "__Host-trommel=\xc3\xa4",
                                      "__Host-trommel =abc"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (http_cookie_find(bad[i], COOKIE_SESSION_NAME, value, sizeof(value)))
            fail_msg("%s", bad[i]);
    assert_false(http_cookie_find(NULL, COOKIE_SESSION_NAME, value, sizeof(value)));
    assert_true(http_cookie_find("n=123456789012345", "n", value, sizeof(value)));
    assert_false(http_cookie_find("n=1234567890123456", "n", value, sizeof(value)));
}

static void the_cookie_is_out_of_reach_of_scripts_other_hosts_and_other_sites(void **state)
{
    char header[COOKIE_HEADER_BYTES];
    http_cookie_make("abc", 60, header);
    assert_string_equal(header, "__Host-trommel=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict");
    http_cookie_make(NULL, 60, header);
    assert_string_equal(header, "__Host-trommel=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_name_is_ours_and_an_address_is_no_name),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name_and_only_once),
        cmocka_unit_test(the_cookie_is_out_of_reach_of_scripts_other_hosts_and_other_sites),
        cmocka_unit_test(a_range_is_cut_to_the_file),
        cmocka_unit_test(gzip_is_taken_when_it_is_named_and_not_refused),
        cmocka_unit_test(a_tag_is_found_in_a_list),
        cmocka_unit_test(only_our_own_names_are_ours),
        cmocka_unit_test(an_origin_is_scheme_and_host),
        cmocka_unit_test(json_may_name_its_charset_when_it_is_utf_8),
        cmocka_unit_test(request_ids_and_keys_end_at_their_limits),
        cmocka_unit_test(depth_counts_brackets_outside_of_texts),
        cmocka_unit_test(a_content_range_says_where_a_part_belongs),
        cmocka_unit_test(a_traceparent_has_two_ids_in_its_one_form),
        cmocka_unit_test(addresses_of_the_loopback_are_taken_others_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
