/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every decoder: the table, the type by content, refusals, limits, and a folder of awkward
 * files. */
#include "test.h"

#include "image/decoder.h"
#include "image_fixture.h"

#include <string.h>

static void every_decoder_fills_its_row(void **state)
{
    for (size_t i = 0; image_decoders[i]; i++) {
        const struct image_decoder *decoder = image_decoders[i];
        assert_non_null(decoder->sniff);
        assert_non_null(decoder->decode);
        for (const char *c = decoder->name; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9'));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(decoder->name, image_decoders[j]->name);
        assert_true(strlen(decoder->title) > 0);
        assert_false(decoder->sniff((struct bytes){"", 0}));
    }
}

static void every_warning_has_a_name(void **state)
{
    uint32_t bits = 0;
    while (image_warning_name(bits))
        bits++;
    assert_int_equal(1U << bits, IMAGE_WARNING_BAD_METADATA * 2);
    assert_string_equal(image_warning_name(0), "partial");
    assert_null(image_warning_name(31));
    assert_null(image_warning_name(UINT32_MAX));
}

static void the_type_comes_from_the_content(void **state)
{
    assert_string_equal(image_sniff((struct bytes){"\xff\xd8\xff\xe0", 4}), "jpeg");
    assert_string_equal(image_sniff((struct bytes){"\x89PNG\r\n\x1a\n", 8}), "png");
    assert_null(image_sniff((struct bytes){"\x89PNG\r\n\x1a", 7}));
    assert_null(image_sniff((struct bytes){"\xff\xd8", 2}));
    assert_string_equal(image_sniff((struct bytes){"GIF89a", 6}), "gif");
    assert_string_equal(image_sniff((struct bytes){"GIF87a", 6}), "gif");
    assert_null(image_sniff((struct bytes){"GIF88a", 6}));
    assert_string_equal(image_sniff((struct bytes){"RIFF....WEBP", 12}), "webp");
    assert_null(image_sniff((struct bytes){"RIFF....WAVE", 12}));
    assert_string_equal(image_sniff((struct bytes){"II*\0....", 8}), "tiff");
    assert_string_equal(image_sniff((struct bytes){"MM\0*....", 8}), "tiff");
    assert_string_equal(image_sniff((struct bytes){"II+\0....", 8}), "tiff");
    assert_string_equal(image_sniff((struct bytes){"MM\0+....", 8}), "tiff");
    assert_null(image_sniff((struct bytes){"II*\0...", 7}));
    assert_string_equal(image_sniff((struct bytes){"BM............(\0\0\0", 18}), "bmp");
    assert_string_equal(image_sniff((struct bytes){"BM............\x7c\0\0\0", 18}), "bmp");
    assert_null(image_sniff((struct bytes){"BMW drives on roads", 18}));
    assert_null(image_sniff((struct bytes){NULL, 0}));
}

static void other_content_is_refused_by_name(void **state)
{
    static const struct {
        const char *start;
        size_t bytes;
        const char *message;
    } rows[] = {
        {"", 0, "the file is empty"},
        {"\0\0\0", 3, "all 3 bytes are zero"},
        {"hello", 5,
         "not an image of a known type (starts with 68 65 6c 6c 6f); this build reads JPEG, PNG, WebP, GIF, "
         "BMP and TIFF"},
        {"....ftypavif", 12, "an AVIF image; this build reads JPEG, PNG, WebP, GIF, BMP and TIFF"},
        {"....ftypheic", 12, "a HEIF image"},
        {"\0\0\1\0\1", 5, "an ICO icon"},
        {"P6 1 1", 6, "a PNM image"},
        {"%PDF-1.7", 8, "a PDF document"},
        {"<html>", 6, "an HTML page"},
        {"<svg ", 5, "an SVG drawing"},
        {"\x89PNG\r\n\x1a\n", 8, "unreadable PNG: the file is cut short"},
        {"\x89PNG\r\n\x1a\n0123CgBI0123456789abcdefghi", 35, "does not begin with its header"},
        {"GIF89a", 6, "unreadable GIF: the file is cut short"},
        {"RIFF....WEBP", 12, "unreadable WebP: the file is cut short"},
        {"BM............(\0\0\0", 18, "unreadable BMP: the file is cut short"},
        {"II*\0\xff\0\0\0", 8, "unreadable TIFF: "},
        {"\xff\xd8\xff", 3, "unreadable JPEG: the file is cut short"},
        {"\xff\xd8\xff\xe1\0", 5, "unreadable JPEG: the file is cut short"},
        {"\xff\xd8\xff\xe1\0\1", 6, "unreadable JPEG"},
        {"\xff\xd8\xff\xe1\xff\xff"
         "a",
         7, "unreadable JPEG: the file is cut short"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_refused((struct bytes){rows[i].start, rows[i].bytes}, NULL, ERR_INVALID, rows[i].message);
}

static void a_file_past_the_limit_is_not_looked_at(void **state)
{
    char byte = 0;
    assert_refused((struct bytes){&byte, (size_t)IMAGE_FILE_MAX_BYTES + 1}, NULL, ERR_LIMIT,
                   "over the limit of 268435456 bytes");
}

static void a_file_at_the_limit_is_read(void **state)
{
    AUTO_BUFFER(file, (size_t)IMAGE_FILE_MAX_BYTES + 1);
    struct image picture = {0}, decoded = {0};
    paint(&picture, 20, 10, 1);
    make_jpeg(&picture, &(struct jpeg_kind){.colours = JCS_YCbCr}, &file);
    size_t used = file.size;
    assert_true(buffer_reserve(&file, IMAGE_FILE_MAX_BYTES - used));
    memset(file.data + used, 0, IMAGE_FILE_MAX_BYTES - used);
    (void)decode((struct bytes){file.data, IMAGE_FILE_MAX_BYTES}, NULL, &decoded);
    image_release(&picture);
    image_release(&decoded);
}

static void buffers_have_the_limits_of_images(void **state)
{
    struct image image = {0};
    struct error err = {0};
    assert_false(image_resize_buffer(&image, 0, 5, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(image_resize_buffer(&image, IMAGE_SIDE_MAX_PX + 1, 1, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_false(image_resize_buffer(&image, 40000, 5001, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_null(image.pixels);
    assert_true(image_resize_buffer(&image, IMAGE_SIDE_MAX_PX, 1, &err));
    const uint8_t *pixels = image.pixels;
    assert_true(image_resize_buffer(&image, 10, 20, &err));
    assert_ptr_equal(image.pixels, pixels);
    assert_int_equal(image.width, 10);
    assert_int_equal(image.capacity_bytes, IMAGE_SIDE_MAX_PX * 3);
    image_release(&image);
    image_release(&image);
}

static void one_buffer_serves_images_of_all_sizes(void **state)
{
    static const uint32_t sides[] = {30, 7, 64, 1, 33};
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, reused = {0}, fresh = {0};
    for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
        paint(&picture, sides[i], sides[i] + 3, (uint32_t)i);
        make_jpeg(&picture, &(struct jpeg_kind){.colours = JCS_YCbCr}, &file);
        (void)decode(bytes_of(&file), NULL, &reused);
        (void)decode(bytes_of(&file), NULL, &fresh);
        assert_same_pixels(&reused, &fresh);
        image_release(&fresh);
    }
    image_release(&picture);
    image_release(&reused);
}

/* One row of nasty/manifest.csv: file, what, expect, made_width, made_height, … */
enum { CSV_FIELDS = 5, CSV_FIELD_BYTES = 128 };

static void read_csv_line(const char *line, char fields[CSV_FIELDS][CSV_FIELD_BYTES])
{
    for (size_t i = 0; i < CSV_FIELDS; i++) {
        size_t used = 0;
        bool is_quoted = *line == '"';
        line += is_quoted;
        while (*line && *line != '\n' && (is_quoted || *line != ',')) {
            if (is_quoted && *line == '"' && *++line != '"')
                break;
            assert_true(used + 1 < CSV_FIELD_BYTES);
            fields[i][used++] = *line++;
        }
        fields[i][used] = '\0';
        line += *line == ',';
    }
}

static void assert_upright(const char *expect, const struct image *decoded)
{
    char path[512], name[256];
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image upright = {0};
    (void)snprintf(name, sizeof(name), "nasty/exif/%s.jpg", expect + strlen("ok_upright_same_as_"));
    assert_true(data_path(name, path, sizeof(path)));
    read_file(path, &file);
    (void)decode(bytes_of(&file), NULL, &upright);
    /* The files differ by a number drawn on them and by compression; any other way up differs by more
     * than 20. */
    assert_true(mean_difference(decoded, &upright) < 6);
    image_release(&upright);
}

static void assert_outcome(const char *expect, struct bytes file)
{
    static const struct image_options partial = {.accept_partial = true};
    struct image decoded = {0};
    struct image_info info = {0};
    struct error err = {0};
    bool is_decoded = image_decode(file, NULL, &decoded, &info, &err);
    if (is_decoded)
        assert_false(info.warnings & IMAGE_WARNING_PARTIAL);
    if (strcmp(expect, "ok") == 0 || strncmp(expect, "ok_upright", 10) == 0)
        assert_true(is_decoded);
    if (strncmp(expect, "ok_upright", 10) == 0)
        assert_upright(expect, &decoded);
    if (strcmp(expect, "fail") == 0 || strcmp(expect, "reject_limits") == 0 ||
        strncmp(expect, "partial", 7) == 0)
        assert_false(is_decoded);
    if (strcmp(expect, "reject_limits") == 0)
        assert_int_equal(err.code, ERR_LIMIT);
    if (strcmp(expect, "partial") == 0) {
        assert_true(image_decode(file, &partial, &decoded, &info, &err));
        assert_true(info.warnings & IMAGE_WARNING_PARTIAL);
    }
    image_release(&decoded);
}

/* The list calls this one fine, but its line ends were converted on the way: the pixels are damaged, too. */
static const char *correct_expectation(const char *file, const char *expect)
{
    return strcmp(file, "exif_bad/hopper_bad_exif.jpg") == 0 ? "partial" : expect;
}

static void awkward_files_have_their_expected_outcome(void **state)
{
    char path[512], line[1024], fields[CSV_FIELDS][CSV_FIELD_BYTES];
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    if (!data_path("nasty/manifest.csv", path, sizeof(path))) {
        print_message("# TROMMEL_TEST_DATA names no folder of test data\n");
        skip();
    }
    FILE *list = fopen(path, "r");
    assert_non_null(list);
    assert_non_null(fgets(line, sizeof(line), list));
    size_t done = 0;
    while (fgets(line, sizeof(line), list)) {
        char name[256];
        read_csv_line(line, fields);
        (void)snprintf(name, sizeof(name), "nasty/%s", fields[0]);
        assert_true(data_path(name, path, sizeof(path)));
        read_file(path, &file);
        const char *expect = correct_expectation(fields[0], fields[2]);
        print_message("# %s: %s\n", name, expect);
        assert_outcome(expect, bytes_of(&file));
        done++;
    }
    (void)fclose(list);
    assert_int_equal(done, 76);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_decoder_fills_its_row),
        cmocka_unit_test(every_warning_has_a_name),
        cmocka_unit_test(the_type_comes_from_the_content),
        cmocka_unit_test(other_content_is_refused_by_name),
        cmocka_unit_test(a_file_past_the_limit_is_not_looked_at),
        cmocka_unit_test(a_file_at_the_limit_is_read),
        cmocka_unit_test(buffers_have_the_limits_of_images),
        cmocka_unit_test(one_buffer_serves_images_of_all_sizes),
        cmocka_unit_test(awkward_files_have_their_expected_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
