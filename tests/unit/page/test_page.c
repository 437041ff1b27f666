/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "page/page.h"
#include "page/page_parts.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- a report and pictures of our own ---- */

struct pictures {
    size_t bytes;         /* of each; 0: none can be had */
    enum error_code code; /* then */
    size_t asked;
};

static bool give(void *state, const struct page_picture *picture, struct buffer *into, struct error *err)
{
    struct pictures *pictures = state;
    (void)picture;
    pictures->asked++;
    if (pictures->bytes == 0)
        return error_set(err, pictures->code, "the file <is> gone");
    for (size_t i = 0; i < pictures->bytes && !into->is_full; i++)
        (void)buffer_add(into, "J", 1);
    return true;
}

static void write_page(const char *json, struct pictures *pictures, struct buffer *into)
{
    struct error err = {0};
    yyjson_doc *doc = NULL;
    assert_true(json_parse((struct bytes){json, strlen(json)}, "the report", &doc, &err));
    const struct page_source source = {yyjson_doc_get_root(doc), give, pictures};
    if (!page_write(&source, into, &err))
        fail_msg("%s", err.message);
    yyjson_doc_free(doc);
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

/* So many examples, each with a picture and nothing else. */
static void write_examples(size_t count, struct pictures *pictures, struct buffer *into)
{
    AUTO_BUFFER(json, 1 << 20);
    (void)buffer_add_text(&json, "{\"examples\": [");
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(&json, "%s{}", i > 0 ? "," : "");
    (void)buffer_add_text(&json, "]}");
    assert_false(json.is_full);
    write_page(json.data, pictures, into);
}

static const char *text_of(const char *text, struct buffer *into)
{
    buffer_clear(into);
    page_text(into, text);
    return into->data;
}

/* ---- text ---- */

static void what_html_means_is_escaped(void **state)
{
    AUTO_BUFFER(text, 10000);
    assert_string_equal(text_of("<a href=\"x\">'&'", &text), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
    assert_string_equal(text_of(NULL, &text), "–");
}

static void control_characters_and_broken_utf8_are_replaced(void **state)
{
    AUTO_BUFFER(text, 10000);
    assert_string_equal(text_of("a\x01"
                                "b\x7F\tc\n",
                                &text),
                        "a\xEF\xBF\xBD"
                        "b\xEF\xBF\xBD\tc\n");
    assert_string_equal(text_of("é\xC2\x85\xFF<\xE2\x82", &text),
                        "é\xEF\xBF\xBD\xEF\xBF\xBD&lt;\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void a_text_of_the_limit_is_whole_and_one_past_it_is_cut_between_characters(void **state)
{
    AUTO_BUFFER(text, 10000);
    char long_text[PAGE_TEXT_MAX_BYTES + 2];
    memset(long_text, 'a', sizeof(long_text));
    long_text[PAGE_TEXT_MAX_BYTES] = '\0';
    assert_string_equal(text_of(long_text, &text), long_text);
    memcpy(long_text + PAGE_TEXT_MAX_BYTES - 1, "é", 3); /* its second byte is one past the limit */
    assert_int_equal(strlen(text_of(long_text, &text)), PAGE_TEXT_MAX_BYTES - 1 + strlen("…"));
    assert_string_equal(text.data + PAGE_TEXT_MAX_BYTES - 2, "a…");
}

static void numbers_are_written_for_people(void **state)
{
    AUTO_BUFFER(text, 1000);
    page_count(&text, 1234567);
    page_count(&text, -1);
    (void)buffer_add_text(&text, " ");
    page_measure(&text, 0.12345);
    (void)buffer_add_text(&text, " ");
    page_measure(&text, 25600.4);
    (void)buffer_add_text(&text, " ");
    page_share(&text, 0.0534);
    page_share(&text, (double)NAN);
    assert_string_equal(text.data, "1,234,567– 0.123 25600 5.3 %–");
}

static void a_picture_is_base64_of_its_bytes(void **state)
{
    AUTO_BUFFER(text, 1000);
    assert_true(page_jpeg(&text, (struct bytes){"\xFF\xD8\xFF\xE0", 4}));
    assert_string_equal(text.data, "data:image/jpeg;base64,/9j/4A==");
    assert_int_equal(text.size, page_jpeg_bytes(4));
    struct buffer small = {.limit = 20};
    assert_false(page_jpeg(&small, (struct bytes){"\xFF\xD8\xFF\xE0", 4}));
    buffer_release(&small);
}

/* ---- the whole page ---- */

static const char hostile[] =
    "{\"service\": \"<script>1</script>\", \"model\": \"<script>\", \"train\": \"\\\"><script>\","
    " \"dataset\": \"<script>\", \"task\": \"<script>\", \"finished\": \"<script>aaT<script>\","
    " \"hard\": 1, \"examples_note\": \"<script>\","
    " \"report\": {\"images\": {\"hard\": 3}, \"settings\": {\"<script>\": \"<script>\", \"b\": "
    "[\"<script>\"]},"
    "  \"weights\": {\"<script>\": 1}, \"learned\": {\"why_not\": \"<script>\", \"is_used\": false},"
    "  \"reasons\": [{\"id\": 1, \"code\": \"<script>\", \"name\": \"<script>\", \"hard\": 1}],"
    "  \"reasons_off\": [{\"id\": 2, \"code\": \"<script>\", \"name\": \"<script>\", \"why\": \"<script>\"}],"
    "  \"features\": [{\"feature\": \"\\\"<script>\", \"histogram\": {\"from\": 0, \"to\": 1, \"run\": [1, "
    "2]}}],"
    "  \"views\": {\"operations\": [{\"operation\": \"<script>\"}]}},"
    " \"examples\": [{\"name\": \"\\\"><script>.png\", \"state\": \"<script>\", \"label\": \"<script>\","
    "  \"score\": 0.5, \"width\": 9, \"height\": 9, \"confirmed\": [\"<script>\"],"
    "  \"reasons\": [{\"code\": \"\\\"<script>\", \"name\": \"<script>\", \"sentence\": \"<script>\","
    "    \"augmented\": {\"operation\": \"\\\"<script>\", \"label\": \"<script>\", \"copy_label\": "
    "\"<script>\"}}],"
    "  \"neighbors\": [{\"number\": 3, \"labels\": [\"<script>\"], \"cosine\": 0.5}],"
    "  \"group\": {\"count\": 7, \"images\": [{\"source\": \"/in/<script>\"}]},"
    "  \"detections\": {\"boxes\": [{\"label\": \"\\\"<script>\", \"score\": 1, \"xmin\": 0, \"ymin\": 0,"
    "    \"xmax\": 5, \"ymax\": 5}]}}]}";

static void no_text_from_outside_is_taken_for_html(void **state)
{
    struct pictures pictures = {.bytes = 100};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_page(hostile, &pictures, &page);
    assert_null(strstr(page.data, "<script"));
    assert_null(strstr(page.data, "\"><"
                                  "script"));
    assert_true(count_of(page.data, "&lt;script&gt;") >= 30);
    assert_non_null(strstr(page.data, "Stands for 7 others: "));
    assert_int_equal(pictures.asked, 4); /* the image twice, its copy, its neighbour */
}

static void the_policy_allows_the_page_s_own_style_and_pictures_only(void **state)
{
    struct pictures pictures = {.bytes = 100};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_page(hostile, &pictures, &page);
    const char *style = strstr(page.data, "<style>") + strlen("<style>"), *end = strstr(style, "</style>");
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[64], policy[256];
    (void)crypto_hash_sha256(hash, (const unsigned char *)style, (unsigned long long)(end - style));
    (void)sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(policy, sizeof(policy),
                   "content=\"default-src 'none'; img-src data:; style-src 'sha256-%s'; base-uri 'none'; "
                   "form-action 'none'\"",
                   base64);
    assert_non_null(strstr(page.data, policy));
    assert_null(strstr(page.data, " style=\"")); /* which it forbids */
    assert_int_equal(count_of(page.data, "src=\""), count_of(page.data, "src=\"data:image/jpeg;base64,"));
    assert_null(strstr(page.data, "http://"));
    assert_null(strstr(page.data, "https://"));
}

static void a_report_of_other_types_or_without_members_is_a_page_still(void **state)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "3",
        "null",
        "{\"report\": 5, \"examples\": 7}",
        "{\"examples\": [1, null, [], {\"reasons\": [3, {\"augmented\": 3}], \"neighbors\": 4, \"width\": "
        "-1}],"
        " \"report\": {\"features\": [4], \"views\": {\"operations\": [5]}, \"reasons\": [{\"id\": 99}, 1],"
        " \"coefficients\": {\"bins\": [\"a\", -4, 1e308]}, \"learned\": {\"is_used\": true, \"slopes\": "
        "[]}}}"};
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct pictures pictures = {.bytes = 1};
        AUTO_BUFFER(page, PAGE_MAX_BYTES);
        write_page(odd[i], &pictures, &page);
        assert_non_null(strstr(page.data, "</html>"));
        assert_null(strstr(page.data, "nan"));
    }
}

static void a_page_that_does_not_fit_is_an_error(void **state)
{
    struct error err = {0};
    struct pictures pictures = {.bytes = 1};
    AUTO_BUFFER(page, 4000);
    AUTO_JSON doc = NULL;
    assert_true(json_parse((struct bytes){hostile, strlen(hostile)}, "it", &doc, &err));
    const struct page_source source = {yyjson_doc_get_root(doc), give, &pictures};
    assert_false(page_write(&source, &page, &err));
    assert_int_equal(err.code, ERR_LIMIT);
}

static void what_was_learned_is_told_with_its_slopes_and_what_was_not_with_its_reason(void **state)
{
    static const char learned[] =
        "{\"report\": {\"learned\": {\"is_used\": true, \"held_out\": 1200, \"confirmed\": 30, \"wrong\": "
        "99, "
        "\"auroc\": 0.912, \"auroc_fixed\": 0.874, \"slopes\": {\"class_often_wrong\": 0.5}}, "
        "\"weights\": {\"predict_score_mining\": 0.39}}}";
    struct pictures pictures = {.bytes = 1};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_page(learned, &pictures, &page);
    assert_non_null(strstr(page.data, "learned from 1,200 held-out training images and 30 that"));
    assert_non_null(strstr(page.data, "AUROC 0.912"));
    assert_non_null(strstr(page.data, "Class often wrong"));
    assert_non_null(strstr(page.data, "<details><summary>The fixed weights, which were not used"));
    buffer_clear(&page);
    write_page("{\"report\": {\"learned\": {\"is_used\": false, \"why_not\": \"too few\"}}}", &pictures,
               &page);
    assert_non_null(strstr(page.data, "Nothing was learned: too few."));
}

/* ---- pictures ---- */

static void a_picture_of_the_limit_stands_and_one_past_it_is_left_out(void **state)
{
    struct pictures pictures = {.bytes = PAGE_PICTURE_MAX_BYTES};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_examples(1, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), 1);
    pictures.bytes++;
    buffer_clear(&page);
    write_examples(1, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), 0);
    assert_non_null(strstr(page.data, "the picture is too large"));
}

static void there_are_as_many_pictures_as_the_limit_and_no_more_are_asked_for(void **state)
{
    struct pictures pictures = {.bytes = 1};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_examples(PAGE_PICTURES_MAX, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), PAGE_PICTURES_MAX);
    assert_null(strstr(page.data, "pictures are left out"));
    buffer_clear(&page);
    write_examples(PAGE_PICTURES_MAX + 1, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), PAGE_PICTURES_MAX);
    assert_int_equal(pictures.asked, 2 * PAGE_PICTURES_MAX);
    assert_non_null(strstr(page.data, "<p>1 pictures are left out"));
}

static void all_pictures_together_stay_below_their_limit(void **state)
{
    struct pictures pictures = {.bytes = PAGE_PICTURE_MAX_BYTES};
    size_t fit = PAGE_PICTURES_MAX_BYTES / page_jpeg_bytes(PAGE_PICTURE_MAX_BYTES);
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_examples(fit, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), fit);
    buffer_clear(&page);
    write_examples(fit + 1, &pictures, &page);
    assert_int_equal(count_of(page.data, "<img"), fit);
    assert_true(page.size <= PAGE_MAX_BYTES);
}

static void a_picture_that_cannot_be_had_says_why(void **state)
{
    struct pictures pictures = {.code = ERR_NOT_FOUND};
    AUTO_BUFFER(page, PAGE_MAX_BYTES);
    write_examples(1, &pictures, &page);
    assert_non_null(strstr(page.data, "the file &lt;is&gt; gone"));
    struct error err = {0};
    AUTO_JSON doc = NULL;
    pictures.code = ERR_NO_MEMORY;
    assert_true(json_parse((struct bytes){hostile, strlen(hostile)}, "it", &doc, &err));
    const struct page_source source = {yyjson_doc_get_root(doc), give, &pictures};
    assert_false(page_write(&source, &page, &err));
    assert_int_equal(err.code, ERR_NO_MEMORY);
}

/* ---- charts ---- */

static void draw_boxes(const char *json, struct buffer *into)
{
    struct error err = {0};
    AUTO_JSON doc = NULL;
    assert_true(json_parse((struct bytes){json, strlen(json)}, "boxes", &doc, &err));
    page_boxes(into, yyjson_doc_get_root(doc), 100, 50);
}

static void boxes_are_solid_near_misses_dotted_and_both_within_the_image(void **state)
{
    AUTO_BUFFER(svg, 10000);
    draw_boxes(
        "{\"boxes\": [{\"label\": \"cat\", \"score\": 0.5, \"xmin\": -5, \"ymin\": 10, \"xmax\": 120, "
        "\"ymax\": 20}], \"near_misses\": [{\"label\": \"dog\", \"score\": 0.2, \"xmin\": 10, \"ymin\": "
        "10, \"xmax\": 20, \"ymax\": 20}, {\"xmin\": 200, \"ymin\": 0, \"xmax\": 300, \"ymax\": 9}]}",
        &svg);
    assert_non_null(strstr(svg.data, "viewBox=\"0 0 100 50\""));
    assert_non_null(
        strstr(svg.data, "<rect class=\"kept\" x=\"0.0\" y=\"10.0\" width=\"100.0\" height=\"10.0\""));
    assert_non_null(strstr(svg.data, "<rect class=\"near\" x=\"10.0\" y=\"10.0\" width=\"10.0\""));
    assert_int_equal(count_of(svg.data, "class=\"near\""), 1);
    assert_non_null(strstr(svg.data, ">cat 0.50</text>"));
}

static void more_boxes_than_the_limits_are_not_drawn(void **state)
{
    AUTO_BUFFER(json, 1 << 20);
    AUTO_BUFFER(svg, 1 << 20);
    static const char *const lists[] = {"{\"boxes\": [", "], \"near_misses\": ["};
    for (size_t list = 0; list < 2; list++) {
        (void)buffer_add_text(&json, lists[list]);
        for (int i = 0; i < 60; i++)
            (void)buffer_printf(&json, "%s{\"xmin\": 1, \"ymin\": 1, \"xmax\": 9, \"ymax\": 9}",
                                i ? "," : "");
    }
    (void)buffer_add_text(&json, "]}");
    draw_boxes(json.data, &svg);
    assert_int_equal(count_of(svg.data, "class=\"kept\""), PAGE_BOXES_MAX);
    assert_int_equal(count_of(svg.data, "class=\"near\""), PAGE_NEAR_MISSES_MAX);
}

static void a_histogram_has_a_bar_for_each_bin_that_holds_something(void **state)
{
    static const char json[] = "{\"run\": [0, 10, 5], \"training\": [1, 1, 2]}";
    struct error err = {0};
    AUTO_JSON doc = NULL;
    AUTO_BUFFER(svg, 10000);
    assert_true(json_parse((struct bytes){json, strlen(json)}, "bins", &doc, &err));
    yyjson_val *root = yyjson_doc_get_root(doc);
    const struct page_histogram histogram = {.label = "by <size>",
                                             .from = 0,
                                             .to = 3,
                                             .run = yyjson_obj_get(root, "run"),
                                             .training = yyjson_obj_get(root, "training"),
                                             .low = 1,
                                             .high = 2};
    page_histogram(&svg, &histogram);
    assert_int_equal(count_of(svg.data, "class=\"run\""), 2);
    assert_non_null(strstr(svg.data, "x=\"10.5\" y=\"4.0\" width=\"9\" height=\"96.0\""));
    assert_non_null(strstr(svg.data, "x=\"20.5\" y=\"52.0\" width=\"9\" height=\"48.0\""));
    assert_non_null(strstr(svg.data, "<path class=\"train\" d=\"M0 100V52.0H10V52.0H20V4.0H30V100\"/>"));
    assert_non_null(strstr(svg.data, "<rect class=\"range\" x=\"10.0\" y=\"0\" width=\"10.0\""));
    assert_non_null(strstr(svg.data, "aria-label=\"by &lt;size&gt;\""));
}

static void a_histogram_of_too_many_bins_shows_the_first(void **state)
{
    AUTO_BUFFER(json, 10000);
    AUTO_BUFFER(svg, 100000);
    struct error err = {0};
    AUTO_JSON doc = NULL;
    (void)buffer_add_text(&json, "[1");
    for (int i = 1; i < PAGE_BINS_MAX + 1; i++)
        (void)buffer_add_text(&json, ",1");
    (void)buffer_add_text(&json, "]");
    assert_true(json_parse((struct bytes){json.data, json.size}, "bins", &doc, &err));
    const struct page_histogram histogram = {.to = 1, .run = yyjson_doc_get_root(doc)};
    page_histogram(&svg, &histogram);
    assert_int_equal(count_of(svg.data, "class=\"run\""), PAGE_BINS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_html_means_is_escaped),
        cmocka_unit_test(control_characters_and_broken_utf8_are_replaced),
        cmocka_unit_test(a_text_of_the_limit_is_whole_and_one_past_it_is_cut_between_characters),
        cmocka_unit_test(numbers_are_written_for_people),
        cmocka_unit_test(a_picture_is_base64_of_its_bytes),
        cmocka_unit_test(no_text_from_outside_is_taken_for_html),
        cmocka_unit_test(the_policy_allows_the_page_s_own_style_and_pictures_only),
        cmocka_unit_test(a_report_of_other_types_or_without_members_is_a_page_still),
        cmocka_unit_test(a_page_that_does_not_fit_is_an_error),
        cmocka_unit_test(what_was_learned_is_told_with_its_slopes_and_what_was_not_with_its_reason),
        cmocka_unit_test(a_picture_of_the_limit_stands_and_one_past_it_is_left_out),
        cmocka_unit_test(there_are_as_many_pictures_as_the_limit_and_no_more_are_asked_for),
        cmocka_unit_test(all_pictures_together_stay_below_their_limit),
        cmocka_unit_test(a_picture_that_cannot_be_had_says_why),
        cmocka_unit_test(boxes_are_solid_near_misses_dotted_and_both_within_the_image),
        cmocka_unit_test(more_boxes_than_the_limits_are_not_drawn),
        cmocka_unit_test(a_histogram_has_a_bar_for_each_bin_that_holds_something),
        cmocka_unit_test(a_histogram_of_too_many_bins_shows_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
