/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"
#include "temp_folder.h"

static const struct jpeg_kind kinds[] = {
    {.name = "gray", .colours = JCS_GRAYSCALE},
    {.name = "444", .colours = JCS_YCbCr},
    {.name = "422", .colours = JCS_YCbCr, .across = 2},
    {.name = "440", .colours = JCS_YCbCr, .down = 2},
    {.name = "420", .colours = JCS_YCbCr, .across = 2, .down = 2},
    {.name = "411", .colours = JCS_YCbCr, .across = 4},
    {.name = "rgb", .colours = JCS_RGB},
    {.name = "progressive-444", .colours = JCS_YCbCr, .is_progressive = true},
    {.name = "progressive-420", .colours = JCS_YCbCr, .across = 2, .down = 2, .is_progressive = true},
    {.name = "progressive-gray", .colours = JCS_GRAYSCALE, .is_progressive = true},
    {.name = "restart-420", .colours = JCS_YCbCr, .across = 2, .down = 2, .restart_blocks = 3},
    {.name = "cmyk", .colours = JCS_CMYK},
    {.name = "ycck", .colours = JCS_YCCK},
    {.name = "ycck-420", .colours = JCS_YCCK, .across = 2, .down = 2},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
static const struct image_options partial = {.accept_partial = true};

struct fixture {
    struct image picture, decoded, other;
    struct buffer file;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    image_release(&fixture->picture);
    image_release(&fixture->decoded);
    image_release(&fixture->other);
    buffer_release(&fixture->file);
    free(fixture);
    return 0;
}

static void compare_with_pillow(struct fixture *fixture, const char *folder, const struct jpeg_kind *kind)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s.jpg", folder, kind->name);
    read_file(path, &fixture->file);
    struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    assert_string_equal(info.format, "jpeg");
    assert_int_equal(info.warnings, 0);
    (void)snprintf(path, sizeof(path), "%s/%s.rgb", folder, kind->name);
    read_file(path, &fixture->file);
    assert_int_equal(fixture->file.size, (size_t)info.width * info.height * 3);
    if (memcmp(fixture->file.data, fixture->decoded.pixels, fixture->file.size) != 0)
        fail_msg("%s differs", kind->name);
}

static void every_kind_has_the_pixels_of_pillow(void **state)
{
    struct fixture *fixture = *state;
    char folder[TEMP_PATH_BYTES], name[64];
    temp_folder_make(folder);
    paint(&fixture->picture, 149, 83, 1);
    for (size_t i = 0; i < KINDS; i++) {
        make_jpeg(&fixture->picture, &kinds[i], &fixture->file);
        (void)snprintf(name, sizeof(name), "%s.jpg", kinds[i].name);
        write_file(folder, name, fixture->file.data, fixture->file.size);
    }
    bool has_pillow = run_reference("decode", folder);
    for (size_t i = 0; i < KINDS && has_pillow; i++)
        compare_with_pillow(fixture, folder, &kinds[i]);
    temp_folder_remove(folder);
    if (!has_pillow) {
        print_message("# no Pillow to compare with\n");
        skip();
    }
}

static void every_kind_comes_back_close_to_its_picture(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < KINDS; i++) {
        if (kinds[i].colours == JCS_GRAYSCALE || kinds[i].colours == JCS_CMYK || kinds[i].colours == JCS_YCCK)
            continue;
        paint(&fixture->picture, 150, 90, 2);
        make_jpeg(&fixture->picture, &kinds[i], &fixture->file);
        (void)decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_true(mean_difference(&fixture->picture, &fixture->decoded) < 24);
    }
}

/* One flat colour survives JPEG unharmed, so that the arithmetic of inks can be told exactly. */
static void assert_ink(struct fixture *fixture, const struct jpeg_kind *kind, uint8_t level, uint8_t expected)
{
    paint_flat(&fixture->picture, 16, 16, level);
    make_jpeg(&fixture->picture, kind, &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    for (size_t i = 0; i < (size_t)16 * 16 * 3; i++)
        assert_in_range(fixture->decoded.pixels[i], expected - 1, expected + 1);
}

static void inks_are_inverted_only_when_adobe_wrote_them(void **state)
{
    struct jpeg_kind kind = {.colours = JCS_CMYK};
    /* Stored: C = M = Y = 255 − 200 = 55, K = 50. Adobe: ink 200, black 205: 50 × 55 / 255 = 11. */
    assert_ink(*state, &kind, 200, 11);
    /* Without its marker: ink 55, black 50: 205 × 200 / 255 = 161. */
    kind.has_no_adobe_marker = true;
    assert_ink(*state, &kind, 200, 161);
}

static void half_a_file_is_refused_and_given_with_a_warning_if_asked(void **state)
{
    struct fixture *fixture = *state;
    static const struct jpeg_kind kind = {.colours = JCS_YCbCr, .across = 2, .down = 2};
    paint(&fixture->picture, 320, 240, 3);
    make_jpeg(&fixture->picture, &kind, &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->other);
    struct bytes half = {fixture->file.data, fixture->file.size / 2};
    assert_refused(half, NULL, ERR_INVALID, "pixels are missing: near row");
    assert_refused(half, NULL, ERR_INVALID, "cut short");
    struct image_info info = decode(half, &partial, &fixture->decoded);
    assert_true(info.warnings & IMAGE_WARNING_PARTIAL);
    assert_memory_equal(fixture->decoded.pixels, fixture->other.pixels, (size_t)320 * 80 * 3);
    assert_true(mean_difference(&fixture->decoded, &fixture->other) > 5);
}

/* Whatever is cut off: it is noticed, or nothing is missing. */
static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    static const int indices[] = {0, 4, 8, 9, 10, 11, 13};
    paint(&fixture->picture, 40, 24, 4);
    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        make_jpeg(&fixture->picture, &kinds[indices[i]], &fixture->file);
        (void)decode(bytes_of(&fixture->file), NULL, &fixture->other);
        uint32_t passed = 0;
        for (size_t size = 0; size < fixture->file.size; size++) {
            struct image_info info;
            struct error err = {0};
            struct bytes prefix = {fixture->file.data, size};
            if (!image_decode(prefix, NULL, &fixture->decoded, &info, &err))
                continue;
            assert_same_pixels(&fixture->decoded, &fixture->other);
            assert_int_equal(info.warnings, IMAGE_WARNING_BAD_METADATA);
            passed++;
        }
        assert_in_range(passed, 1, 4);
    }
}

static void a_flipped_bit_never_crashes(void **state)
{
    struct fixture *fixture = *state;
    static const int indices[] = {4, 8, 10, 12};
    uint32_t seed = 5;
    paint(&fixture->picture, 40, 24, 4);
    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        make_jpeg(&fixture->picture, &kinds[indices[i]], &fixture->file);
        struct image_options small = {.pixels_max = 1000000, .accept_partial = true};
        for (int round = 0; round < 300; round++) {
            char *byte = &fixture->file.data[next_random(&seed) % fixture->file.size], kept = *byte;
            struct image_info info;
            struct error err = {0};
            *byte = (char)(kept ^ (char)(1 << next_random(&seed) % 8));
            small.accept_partial = round % 2;
            assert_true(image_decode(bytes_of(&fixture->file), &small, &fixture->decoded, &info, &err) ||
                        err.code == ERR_INVALID || err.code == ERR_LIMIT);
            *byte = kept;
        }
    }
}

static void zeros_in_place_of_the_end_are_damage(void **state)
{
    struct fixture *fixture = *state;
    static const struct jpeg_kind kind = {.colours = JCS_GRAYSCALE};
    paint(&fixture->picture, 200, 160, 6);
    make_jpeg(&fixture->picture, &kind, &fixture->file);
    for (size_t kept = 8; kept < 16; kept++) {
        size_t from = fixture->file.size * kept / 16;
        make_jpeg(&fixture->picture, &kind, &fixture->file);
        memset(fixture->file.data + from, 0, fixture->file.size - from);
        assert_refused(bytes_of(&fixture->file), NULL, ERR_INVALID, "pixels are missing");
    }
}

static void bytes_after_the_end_do_no_harm(void **state)
{
    struct fixture *fixture = *state;
    char zeros[100] = {0};
    paint(&fixture->picture, 40, 24, 4);
    make_jpeg(&fixture->picture, &kinds[4], &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->other);
    assert_true(buffer_add(&fixture->file, zeros, sizeof(zeros)));
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
    assert_same_pixels(&fixture->decoded, &fixture->other);
}

static void a_colour_profile_is_warned_of(void **state)
{
    struct fixture *fixture = *state;
    struct jpeg_kind kind = {.colours = JCS_YCbCr, .profile = {"\1\1profile", 9}};
    paint(&fixture->picture, 16, 16, 7);
    make_jpeg(&fixture->picture, &kind, &fixture->file);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_ICC_IGNORED);
}

/* Rewrites the header of a small file to other sides. */
static void set_sides(struct buffer *file, uint32_t width, uint32_t height)
{
    for (size_t i = 0; i + 9 < file->size; i++) {
        uint8_t *at = (uint8_t *)file->data + i;
        if (at[0] == 0xff && at[1] == 0xc0) {
            at[5] = (uint8_t)(height >> 8), at[6] = (uint8_t)height;
            at[7] = (uint8_t)(width >> 8), at[8] = (uint8_t)width;
            return;
        }
    }
    fail();
}

static void limits_are_checked_on_the_header(void **state)
{
    struct fixture *fixture = *state;
    struct image_options small = {.pixels_max = 960};
    paint(&fixture->picture, 40, 24, 4);
    make_jpeg(&fixture->picture, &kinds[1], &fixture->file);
    (void)decode(bytes_of(&fixture->file), &small, &fixture->decoded);
    small.pixels_max--;
    assert_refused(bytes_of(&fixture->file), &small, ERR_LIMIT,
                   "40 × 24 = 960 px are over the limit of 959 px");
    set_sides(&fixture->file, IMAGE_SIDE_MAX_PX, 1);
    assert_refused(bytes_of(&fixture->file), NULL, ERR_INVALID, "pixels are missing");
    set_sides(&fixture->file, IMAGE_SIDE_MAX_PX, IMAGE_SIDE_MAX_PX);
    struct image untouched = {0};
    struct image_info info;
    struct error err = {0};
    assert_false(image_decode(bytes_of(&fixture->file), NULL, &untouched, &info, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    assert_null(untouched.pixels);
    /* libjpeg's own limit is the same 65500 */
    set_sides(&fixture->file, IMAGE_SIDE_MAX_PX + 1, 1);
    assert_refused(bytes_of(&fixture->file), NULL, ERR_LIMIT, "65500");
}

/* A progressive file that repeats its last scan. */
static void repeat_last_scan(struct buffer *file, int times)
{
    AUTO_BUFFER(longer, FILE_LIMIT_BYTES);
    size_t start = file->size - 2;
    while (!((uint8_t)file->data[start] == 0xff && (uint8_t)file->data[start + 1] == 0xda))
        start--;
    assert_true(buffer_add(&longer, file->data, start));
    for (int i = 0; i < times; i++)
        assert_true(buffer_add(&longer, file->data + start, file->size - 2 - start));
    assert_true(buffer_add(&longer, "\xff\xd9", 2));
    buffer_clear(file);
    assert_true(buffer_add(file, longer.data, longer.size));
}

static void a_file_of_too_many_scans_is_refused(void **state)
{
    struct fixture *fixture = *state;
    paint(&fixture->picture, 16, 16, 7);
    make_jpeg(&fixture->picture, &kinds[9], &fixture->file);
    repeat_last_scan(&fixture->file, 80);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    make_jpeg(&fixture->picture, &kinds[9], &fixture->file);
    repeat_last_scan(&fixture->file, 101);
    assert_refused(bytes_of(&fixture->file), NULL, ERR_LIMIT, "more than 100 scans");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(every_kind_has_the_pixels_of_pillow),
        WITH_FIXTURE(every_kind_comes_back_close_to_its_picture),
        WITH_FIXTURE(inks_are_inverted_only_when_adobe_wrote_them),
        WITH_FIXTURE(half_a_file_is_refused_and_given_with_a_warning_if_asked),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(a_flipped_bit_never_crashes),
        WITH_FIXTURE(zeros_in_place_of_the_end_are_damage),
        WITH_FIXTURE(bytes_after_the_end_do_no_harm),
        WITH_FIXTURE(a_colour_profile_is_warned_of),
        WITH_FIXTURE(limits_are_checked_on_the_header),
        WITH_FIXTURE(a_file_of_too_many_scans_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
