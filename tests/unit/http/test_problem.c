/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/json.h"
#include "http/access_log.h"
#include "http/problem.h"

#include <string.h>

static struct error err;

static yyjson_doc *written(const struct http_problem *problem)
{
    AUTO_BUFFER(text, 65536);
    yyjson_doc *doc = NULL;
    assert_true(http_problem_write(problem, "r-1", &text, &err));
    assert_true(json_parse((struct bytes){text.data, text.size}, "the problem", &doc, &err));
    return doc;
}

static void every_detail_becomes_a_problem_with_both_vocabularies(void **state)
{
    for (int detail = DETAIL_NONE + 1; detail < DETAIL_COUNT; detail++) {
        struct http_problem problem = {0};
        const struct error_detail_row *row = error_detail_row((enum error_detail)detail);
        (void)error_set_detail(&problem.err, (enum error_detail)detail, "what \"happened\"");
        (void)error_point(&problem.err, "/field");
        AUTO_JSON doc = written(&problem);
        yyjson_val *root = yyjson_doc_get_root(doc),
                   *place = yyjson_arr_get_first(yyjson_obj_get(root, "errors"));
        char ours[32];
        (void)snprintf(ours, sizeof(ours), "Trommel.%04d", error_kind(row->code)->http_status);
        assert_string_equal(json_text(root, "error_code", ""), row->modelarts[0] ? row->modelarts : ours);
        assert_string_equal(json_text(root, "error_msg", ""), "what \"happened\"");
        assert_string_equal(json_text(root, "detail", ""), "what \"happened\"");
        assert_string_equal(json_text(root, "instance", ""), "/requests/r-1");
        assert_int_equal(json_integer(root, "status", 0), error_kind(row->code)->http_status);
        assert_string_equal(json_text(place, "pointer", ""), "/field");
        assert_non_null(strstr(json_text(root, "type", ""), row->name));
        assert_int_equal(yyjson_obj_get(root, "advice") != NULL, row->advice[0] != '\0');
    }
}

static void a_status_of_its_own_names_the_problem(void **state)
{
    struct http_problem problem = {.status = 405};
    (void)error_set(&problem.err, ERR_INVALID, "not so");
    AUTO_JSON doc = written(&problem);
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_string_equal(json_text(root, "type", ""), "urn:trommel:problem:method-not-allowed");
    assert_string_equal(json_text(root, "title", ""), "Method not allowed");
    assert_string_equal(json_text(root, "error_code", ""), "Trommel.0405");
    assert_int_equal(json_integer(root, "status", 0), 405);
    assert_false(json_bool(root, "retryable", true));
    assert_null(yyjson_obj_get(root, "errors"));
}

static void every_kind_of_error_is_a_problem(void **state)
{
    for (int code = ERR_NONE + 1; code < ERR_CODE_COUNT; code++) {
        struct http_problem problem = {0};
        (void)error_set(&problem.err, (enum error_code)code, "x");
        AUTO_JSON doc = written(&problem);
        yyjson_val *root = yyjson_doc_get_root(doc);
        assert_true(json_integer(root, "status", 0) >= 400);
        assert_int_equal(json_bool(root, "retryable", false), error_kind((enum error_code)code)->retryable);
    }
}

static void a_line_of_the_log_is_one_object_whatever_was_sent(void **state)
{
    char path[2 * ACCESS_PATH_MAX_BYTES];
    memset(path, '"', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    path[1] = '\n';
    path[2] = '\xff';
    const struct access_row row = {NULL, "id", "G\"ET\n\xfe", path, NULL, "127.0.0.1", 404, 12, 0.25};
    AUTO_BUFFER(line, ACCESS_LINE_MAX_BYTES);
    AUTO_JSON doc = NULL;
    assert_true(access_log_line(&row, &line));
    assert_ptr_equal(strchr(line.data, '\n'), line.data + line.size - 1);
    assert_true(json_parse((struct bytes){line.data, line.size - 1}, "the line", &doc, &err));
    yyjson_val *root = yyjson_doc_get_root(doc);
    assert_int_equal(json_integer(root, "status", 0), 404);
    assert_true(json_number(root, "dur_ms", 0) > 249 && json_number(root, "dur_ms", 0) < 251);
    assert_null(yyjson_obj_get(root, "route"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_detail_becomes_a_problem_with_both_vocabularies),
        cmocka_unit_test(a_status_of_its_own_names_the_problem),
        cmocka_unit_test(every_kind_of_error_is_a_problem),
        cmocka_unit_test(a_line_of_the_log_is_one_object_whatever_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
