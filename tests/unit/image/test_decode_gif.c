/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

enum { WIDTH = 31, HEIGHT = 59, COLOURS = 8 };
static const uint8_t white[3] = {255, 255, 255};

/* A frame on a canvas, as giflib writes it. */
struct kind {
    const char *name;
    int canvas_width, canvas_height, left, top;
    bool is_interlaced, has_local_colours;
    int transparent; /* or NO_TRANSPARENT_COLOR */
    int frames;
};

static const struct kind kinds[] = {
    {"plain", WIDTH, HEIGHT, 0, 0, false, false, NO_TRANSPARENT_COLOR, 1},
    {"interlaced", WIDTH, HEIGHT, 0, 0, true, false, NO_TRANSPARENT_COLOR, 1},
    {"own colours", WIDTH, HEIGHT, 0, 0, false, true, NO_TRANSPARENT_COLOR, 1},
    {"transparent", WIDTH, HEIGHT, 0, 0, false, false, 5, 1},
    {"within the canvas", WIDTH + 7, HEIGHT + 9, 3, 4, true, false, NO_TRANSPARENT_COLOR, 1},
    {"past the canvas", 10, 12, 5, 6, false, false, 2, 1},
    {"canvas without size", 0, 0, 0, 0, false, false, NO_TRANSPARENT_COLOR, 1},
    {"animated", WIDTH, HEIGHT, 0, 0, false, false, NO_TRANSPARENT_COLOR, 3},
    {"animated, in part", WIDTH + 2, HEIGHT, 1, 0, true, true, 0, 2},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct fixture {
    struct buffer file;
    struct image expected, decoded;
    GifColorType colours[2][COLOURS]; /* of the canvas, of the frame */
    uint8_t indices[HEIGHT][WIDTH];
    size_t first_frame_end; /* bytes */
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uint32_t seed = 9;
    assert_non_null(fixture);
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    for (size_t i = 0; i < (size_t)COLOURS * 2; i++)
        fixture->colours[i / COLOURS][i % COLOURS] =
            (GifColorType){(GifByteType)next_random(&seed), (GifByteType)next_random(&seed), (GifByteType)i};
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        fixture->indices[i / WIDTH][i % WIDTH] = (uint8_t)(next_random(&seed) % COLOURS);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    buffer_release(&fixture->file);
    image_release(&fixture->expected);
    image_release(&fixture->decoded);
    free(fixture);
    return 0;
}

static int write_bytes(GifFileType *gif, const GifByteType *data, int bytes)
{
    assert_true(buffer_add(gif->UserData, data, (size_t)bytes));
    return bytes;
}

static void write_frame(const struct fixture *fixture, const struct kind *kind, GifFileType *gif,
                        const ColorMapObject *local)
{
    static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const GraphicsControlBlock control = {.TransparentColor = kind->transparent, .DelayTime = 3};
    GifByteType extension[4], row[WIDTH];
    (void)EGifGCBToExtension(&control, extension);
    assert_int_equal(EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof(extension), extension), GIF_OK);
    assert_int_equal(EGifPutImageDesc(gif, kind->left, kind->top, WIDTH, HEIGHT, kind->is_interlaced,
                                      kind->has_local_colours ? local : NULL),
                     GIF_OK);
    for (int pass = 0; pass < (kind->is_interlaced ? 4 : 1); pass++) {
        for (int y = kind->is_interlaced ? first[pass] : 0; y < HEIGHT;
             y += kind->is_interlaced ? step[pass] : 1) {
            memcpy(row, fixture->indices[y], WIDTH);
            assert_int_equal(EGifPutLine(gif, row, WIDTH), GIF_OK);
        }
    }
}

static void make_gif(struct fixture *fixture, const struct kind *kind)
{
    int code;
    buffer_clear(&fixture->file);
    ColorMapObject *global = GifMakeMapObject(COLOURS, fixture->colours[0]);
    ColorMapObject *local = GifMakeMapObject(COLOURS, fixture->colours[1]);
    GifFileType *gif = EGifOpen(&fixture->file, write_bytes, &code);
    assert_non_null(gif);
    EGifSetGifVersion(gif, true);
    assert_int_equal(EGifPutScreenDesc(gif, kind->canvas_width, kind->canvas_height, 8, 0, global), GIF_OK);
    for (int frame = 0; frame < kind->frames; frame++) {
        write_frame(fixture, kind, gif, local);
        if (frame == 0)
            fixture->first_frame_end = fixture->file.size;
    }
    assert_int_equal(EGifCloseFile(gif, &code), GIF_OK);
    GifFreeMapObject(global);
    GifFreeMapObject(local);
}

static void expect_picture(struct fixture *fixture, const struct kind *kind, const uint8_t background[3])
{
    struct error err = {0};
    int width = kind->canvas_width, height = kind->canvas_height;
    width = width > kind->left + WIDTH ? width : kind->left + WIDTH;
    height = height > kind->top + HEIGHT ? height : kind->top + HEIGHT;
    assert_true(image_resize_buffer(&fixture->expected, (uint32_t)width, (uint32_t)height, &err));
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            uint8_t *to = fixture->expected.pixels + ((size_t)y * (size_t)width + (size_t)x) * 3;
            int frame_x = x - kind->left, frame_y = y - kind->top;
            memcpy(to, background, 3);
            if (frame_x < 0 || frame_y < 0 || frame_x >= WIDTH || frame_y >= HEIGHT)
                continue;
            uint8_t index = fixture->indices[frame_y][frame_x];
            const GifColorType *colour = &fixture->colours[kind->has_local_colours][index];
            if (index != kind->transparent)
                to[0] = colour->Red, to[1] = colour->Green, to[2] = colour->Blue;
        }
    }
}

static uint32_t expect_warnings(const struct kind *kind)
{
    bool is_covered = kind->left == 0 && kind->top == 0 && kind->canvas_width <= WIDTH;
    bool is_transparent = kind->transparent != NO_TRANSPARENT_COLOR || !is_covered;
    return (is_transparent ? IMAGE_WARNING_ALPHA_BLENDED : 0U) |
           (kind->frames > 1 ? IMAGE_WARNING_FIRST_FRAME : 0U);
}

static void every_kind_decodes_to_its_indices(void **state)
{
    struct fixture *fixture = *state;
    struct image_options coloured = {.background = {10, 200, 90}};
    for (size_t i = 0; i < KINDS; i++) {
        make_gif(fixture, &kinds[i]);
        print_message("# %s\n", kinds[i].name);
        expect_picture(fixture, &kinds[i], white);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_string_equal(info.format, "gif");
        assert_int_equal(info.warnings, expect_warnings(&kinds[i]));
        assert_same_pixels(&fixture->decoded, &fixture->expected);
        expect_picture(fixture, &kinds[i], coloured.background);
        (void)decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
        assert_same_pixels(&fixture->decoded, &fixture->expected);
    }
}

static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < KINDS; i++) {
        make_gif(fixture, &kinds[i]);
        struct prefix_counts counts = assert_prefixes(bytes_of(&fixture->file));
        /* the byte that ends the first frame, and all that follows, may be missing */
        assert_int_equal(counts.passed, fixture->file.size - fixture->first_frame_end + 1);
        assert_true(counts.partial > 100);
    }
}

static void missing_rows_show_the_background(void **state)
{
    struct fixture *fixture = *state;
    static const struct image_options partial = {.accept_partial = true, .background = {1, 2, 3}};
    make_gif(fixture, &kinds[0]);
    expect_picture(fixture, &kinds[0], white);
    struct bytes half = {fixture->file.data, fixture->file.size * 2 / 3};
    assert_refused(half, NULL, ERR_INVALID, "damaged GIF, pixels are missing: near row");
    assert_int_equal(decode(half, &partial, &fixture->decoded).warnings, IMAGE_WARNING_PARTIAL);
    assert_memory_equal(fixture->decoded.pixels, fixture->expected.pixels, (size_t)WIDTH * 5 * 3);
    for (size_t i = (size_t)WIDTH * (HEIGHT - 1) * 3; i < (size_t)WIDTH * HEIGHT * 3; i += 3)
        assert_memory_equal(fixture->decoded.pixels + i, partial.background, 3);
}

/* A GIF by hand: canvas, frame, the smallest code size and one block of codes. */
static void make_raw(struct buffer *file, const uint8_t sizes[12], bool has_colours, const char *rest,
                     size_t rest_bytes)
{
    buffer_clear(file);
    assert_true(buffer_add(file, "GIF89a", 6) && buffer_add(file, sizes, 4) &&
                buffer_add(file, has_colours ? "\x80\0\0" : "\0\0\0", 3));
    if (has_colours)
        assert_true(buffer_add(file, "\1\2\3\4\5\6", 6));
    assert_true(buffer_add(file, ",", 1) && buffer_add(file, sizes + 4, 8) && buffer_add(file, "\0", 1) &&
                buffer_add(file, rest, rest_bytes));
}

static void bombs_and_oddities_cost_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        uint8_t sizes[12]; /* canvas width and height; frame left, top, width, height */
        bool has_colours;
        enum error_code code;
        const char *message;
    } rows[] = {
        {{0xff, 0xff, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0}, true, ERR_LIMIT, "65535 × 1 px: a side"},
        {{0x60, 0xea, 0x60, 0xea, 0, 0, 0, 0, 1, 0, 1, 0}, true, ERR_LIMIT, "over the limit of 200000000 px"},
        {{1, 0, 1, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, 0}, true, ERR_LIMIT, "65536 × 65536 px"},
        {{1, 0, 1, 0, 0, 0, 0, 0, 0, 0x80, 0, 0x80}, true, ERR_LIMIT, "32768 × 32768"},
        {{1, 0, 1, 0, 0, 0, 0, 0, 0, 0x30, 0, 0x30}, true, ERR_INVALID, "bytes cannot hold 12288 × 12288 px"},
        {{1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0}, true, ERR_INVALID, "no pixels"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make_raw(&fixture->file, rows[i].sizes, rows[i].has_colours, "\2\2\x44\1\0;", 6);
        assert_costs_nothing(bytes_of(&fixture->file), rows[i].code, rows[i].message);
    }
    static const uint8_t one[12] = {1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0};
    make_raw(&fixture->file, one, true, "\2\2\x44\1\0;", 6);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    assert_memory_equal(fixture->decoded.pixels, "\1\2\3", 3);
    make_raw(&fixture->file, one, false, "\2\2\x44\1\0;", 6);
    assert_refused(bytes_of(&fixture->file), NULL, ERR_INVALID, "no table of colours");
    make_raw(&fixture->file, one, true, "\2\2\x54\1\0;", 6); /* colour 2 of 2 */
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_BAD_METADATA);
    assert_memory_equal(fixture->decoded.pixels, "\0\0\0", 3);
    assert_refused((struct bytes){"GIF89a\1\0\1\0\0\0\0;", 14}, NULL, ERR_INVALID, "unreadable GIF");
}

static void a_profile_is_noted(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t one[12] = {1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0};
    static const char profile[] = "!\xff\13ICCRGBG1012\3abc";
    make_raw(&fixture->file, one, true, "\2\2\x44\1\0;", 6);
    AUTO_BUFFER(file, 100);
    assert_true(buffer_add(&file, fixture->file.data, 19) && buffer_add(&file, profile, sizeof(profile)) &&
                buffer_add(&file, fixture->file.data + 19, fixture->file.size - 19));
    assert_int_equal(decode(bytes_of(&file), NULL, &fixture->decoded).warnings, IMAGE_WARNING_ICC_IGNORED);
}

static void later_frames_are_not_decoded(void **state)
{
    struct fixture *fixture = *state;
    make_gif(fixture, &kinds[7]);
    expect_picture(fixture, &kinds[7], white);
    /* the codes of the second frame make no sense */
    size_t start = fixture->first_frame_end + 24;
    memset(fixture->file.data + start, 0xff, 40);
    assert_true(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings &
                IMAGE_WARNING_FIRST_FRAME);
    assert_same_pixels(&fixture->decoded, &fixture->expected);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(every_kind_decodes_to_its_indices),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(missing_rows_show_the_background),
        WITH_FIXTURE(bombs_and_oddities_cost_nothing),
        WITH_FIXTURE(a_profile_is_noted),
        WITH_FIXTURE(later_frames_are_not_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
