/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"
#include "temp_folder.h"

#include <zlib.h>

#include <png.h>

enum { WIDTH = 37, HEIGHT = 21, PALETTE = 16 };
static const struct image_options partial = {.accept_partial = true, .background = {255, 255, 255}};

struct png_kind {
    const char *name;
    int type, depth;
    bool is_interlaced, has_key; /* has_key: tRNS */
};

static const struct png_kind kinds[] = {
    {"gray-1", PNG_COLOR_TYPE_GRAY, 1, false, false},
    {"gray-2", PNG_COLOR_TYPE_GRAY, 2, false, false},
    {"gray-4", PNG_COLOR_TYPE_GRAY, 4, true, false},
    {"gray-8", PNG_COLOR_TYPE_GRAY, 8, false, false},
    {"gray-16", PNG_COLOR_TYPE_GRAY, 16, false, false},
    {"gray-1-key", PNG_COLOR_TYPE_GRAY, 1, false, true},
    {"gray-8-key", PNG_COLOR_TYPE_GRAY, 8, true, true},
    {"gray-16-key", PNG_COLOR_TYPE_GRAY, 16, false, true},
    {"gray-alpha-8", PNG_COLOR_TYPE_GRAY_ALPHA, 8, false, false},
    {"gray-alpha-16", PNG_COLOR_TYPE_GRAY_ALPHA, 16, true, false},
    {"palette-1", PNG_COLOR_TYPE_PALETTE, 1, false, false},
    {"palette-2", PNG_COLOR_TYPE_PALETTE, 2, true, false},
    {"palette-4", PNG_COLOR_TYPE_PALETTE, 4, false, false},
    {"palette-8", PNG_COLOR_TYPE_PALETTE, 8, false, false},
    {"palette-4-key", PNG_COLOR_TYPE_PALETTE, 4, false, true},
    {"palette-8-key", PNG_COLOR_TYPE_PALETTE, 8, true, true},
    {"rgb-8", PNG_COLOR_TYPE_RGB, 8, false, false},
    {"rgb-8-interlaced", PNG_COLOR_TYPE_RGB, 8, true, false},
    {"rgb-8-key", PNG_COLOR_TYPE_RGB, 8, false, true},
    {"rgb-16", PNG_COLOR_TYPE_RGB, 16, false, false},
    {"rgb-16-key", PNG_COLOR_TYPE_RGB, 16, true, true},
    {"rgba-8", PNG_COLOR_TYPE_RGBA, 8, false, false},
    {"rgba-8-interlaced", PNG_COLOR_TYPE_RGBA, 8, true, false},
    {"rgba-16", PNG_COLOR_TYPE_RGBA, 16, false, false},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* A PNG file and what its samples are. */
struct fixture {
    struct buffer file;
    struct image decoded, expected;
    uint16_t samples[HEIGHT][WIDTH][4];
    png_color palette[PALETTE];
    png_byte palette_alpha[PALETTE];
    png_color_16 key;
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
    image_release(&fixture->decoded);
    image_release(&fixture->expected);
    buffer_release(&fixture->file);
    free(fixture);
    return 0;
}

static int channels_of(const struct png_kind *kind)
{
    static const int channels[] = {[PNG_COLOR_TYPE_GRAY] = 1,
                                   [PNG_COLOR_TYPE_GRAY_ALPHA] = 2,
                                   [PNG_COLOR_TYPE_PALETTE] = 1,
                                   [PNG_COLOR_TYPE_RGB] = 3,
                                   [PNG_COLOR_TYPE_RGBA] = 4};
    return channels[kind->type];
}

static uint32_t most_of(const struct png_kind *kind)
{
    bool is_palette = kind->type == PNG_COLOR_TYPE_PALETTE;
    return is_palette && kind->depth > 4 ? PALETTE - 1 : (1U << kind->depth) - 1;
}

static void choose_samples(struct fixture *fixture, const struct png_kind *kind)
{
    uint32_t seed = 11;
    for (size_t i = 0; i < PALETTE; i++) {
        fixture->palette[i] =
            (png_color){(png_byte)next_random(&seed), (png_byte)next_random(&seed), (png_byte)i};
        fixture->palette_alpha[i] = (png_byte)(i % 3 ? 255 : i * 9);
    }
    for (size_t y = 0; y < HEIGHT; y++) {
        for (size_t x = 0; x < WIDTH; x++) {
            for (int c = 0; c < channels_of(kind); c++)
                fixture->samples[y][x][c] = (uint16_t)(next_random(&seed) % (most_of(kind) + 1));
        }
    }
    /* the colour of one pixel is the transparent one */
    const uint16_t *one = fixture->samples[3][5];
    fixture->key = (png_color_16){.red = one[0], .green = one[1], .blue = one[2], .gray = one[0]};
}

static void write_bytes(png_structp png, png_bytep data, size_t bytes)
{
    assert_true(buffer_add(png_get_io_ptr(png), data, bytes));
}

static void fill_row(const struct fixture *fixture, const struct png_kind *kind, size_t y, png_byte *to)
{
    for (size_t x = 0; x < WIDTH; x++) {
        for (int c = 0; c < channels_of(kind); c++) {
            uint16_t sample = fixture->samples[y][x][c];
            if (kind->depth == 16)
                *to++ = (png_byte)(sample >> 8);
            *to++ = (png_byte)sample;
        }
    }
}

static void make_png(struct fixture *fixture, const struct png_kind *kind, struct png_unknown_chunk_t *chunk)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    int interlace = kind->is_interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE;
    buffer_clear(&fixture->file);
    png_set_write_fn(png, &fixture->file, write_bytes, NULL);
    png_set_IHDR(png, info, WIDTH, HEIGHT, kind->depth, kind->type, interlace, 0, 0);
    if (kind->type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, fixture->palette, (int)(most_of(kind) + 1));
    if (kind->has_key)
        png_set_tRNS(png, info, fixture->palette_alpha,
                     (int)(most_of(kind) < PALETTE ? most_of(kind) + 1 : 1), &fixture->key);
    if (chunk) {
        png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, chunk->name, 1);
        png_set_unknown_chunks(png, info, chunk, 1);
    }
    png_write_info(png, info);
    png_set_packing(png);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++) {
        for (size_t y = 0; y < HEIGHT; y++) {
            png_byte row[WIDTH * 8];
            fill_row(fixture, kind, y, row);
            png_write_row(png, row);
        }
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}

static uint8_t to_8_bits(uint16_t sample, int depth)
{
    uint32_t most = (1U << depth) - 1;
    return (uint8_t)((sample * 255U + most / 2) / most);
}

/* The pixel as RGBA, told from the samples without libpng. */
static void expect_pixel(const struct fixture *fixture, const struct png_kind *kind, const uint16_t *sample,
                         uint8_t rgba[4])
{
    rgba[3] = 255;
    if (kind->type == PNG_COLOR_TYPE_PALETTE) {
        const png_color *colour = &fixture->palette[sample[0]];
        rgba[0] = colour->red, rgba[1] = colour->green, rgba[2] = colour->blue;
        if (kind->has_key)
            rgba[3] = fixture->palette_alpha[sample[0]];
        return;
    }
    bool is_colour = channels_of(kind) >= 3;
    for (int c = 0; c < 3; c++)
        rgba[c] = to_8_bits(sample[is_colour ? c : 0], kind->depth);
    if (channels_of(kind) % 2 == 0)
        rgba[3] = to_8_bits(sample[channels_of(kind) - 1], kind->depth);
    bool is_key = sample[0] == fixture->key.red &&
                  (!is_colour || (sample[1] == fixture->key.green && sample[2] == fixture->key.blue));
    if (kind->has_key && is_key)
        rgba[3] = 0;
}

static void expect_picture(struct fixture *fixture, const struct png_kind *kind, const uint8_t background[3])
{
    struct error err = {0};
    assert_true(image_resize_buffer(&fixture->expected, WIDTH, HEIGHT, &err));
    uint8_t *to = fixture->expected.pixels;
    for (size_t y = 0; y < HEIGHT; y++) {
        for (size_t x = 0; x < WIDTH; x++, to += 3) {
            uint8_t rgba[4];
            expect_pixel(fixture, kind, fixture->samples[y][x], rgba);
            for (int c = 0; c < 3; c++)
                to[c] = (uint8_t)((rgba[c] * rgba[3] + background[c] * (255 - rgba[3])) / 255.0 + 0.5);
        }
    }
}

static uint32_t expect_warnings(const struct png_kind *kind)
{
    bool has_alpha = kind->has_key || channels_of(kind) % 2 == 0;
    return (has_alpha ? IMAGE_WARNING_ALPHA_BLENDED : 0U) |
           (kind->depth == 16 ? IMAGE_WARNING_SCALED_16_BIT : 0U);
}

static void every_kind_decodes_to_its_samples(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t white[3] = {255, 255, 255};
    struct image_options coloured = {.background = {10, 200, 90}};
    for (size_t i = 0; i < KINDS; i++) {
        choose_samples(fixture, &kinds[i]);
        make_png(fixture, &kinds[i], NULL);
        expect_picture(fixture, &kinds[i], white);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_string_equal(info.format, "png");
        assert_int_equal(info.warnings, expect_warnings(&kinds[i]));
        assert_same_pixels(&fixture->decoded, &fixture->expected);
        expect_picture(fixture, &kinds[i], coloured.background);
        (void)decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
        assert_same_pixels(&fixture->decoded, &fixture->expected);
    }
}

static void eight_bit_kinds_have_the_pixels_of_pillow(void **state)
{
    struct fixture *fixture = *state;
    char folder[TEMP_PATH_BYTES], name[512];
    temp_folder_make(folder);
    for (size_t i = 0; i < KINDS; i++) {
        choose_samples(fixture, &kinds[i]);
        make_png(fixture, &kinds[i], NULL);
        (void)snprintf(name, sizeof(name), "%s.png", kinds[i].name);
        if (kinds[i].depth == 8)
            write_file(folder, name, fixture->file.data, fixture->file.size);
    }
    bool has_pillow = run_reference("decode", folder);
    for (size_t i = 0; i < KINDS && has_pillow; i++) {
        if (kinds[i].depth != 8)
            continue;
        choose_samples(fixture, &kinds[i]);
        make_png(fixture, &kinds[i], NULL);
        (void)decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        (void)snprintf(name, sizeof(name), "%s/%s.rgb", folder, kinds[i].name);
        read_file(name, &fixture->file);
        assert_int_equal(fixture->file.size, WIDTH * HEIGHT * 3);
        assert_memory_equal(fixture->file.data, fixture->decoded.pixels, fixture->file.size);
    }
    temp_folder_remove(folder);
    if (!has_pillow) {
        print_message("# no Pillow to compare with\n");
        skip();
    }
}

static void opaque_alpha_is_not_warned_of(void **state)
{
    struct fixture *fixture = *state;
    static const struct png_kind kind = {"rgba", PNG_COLOR_TYPE_RGBA, 8, false, false};
    choose_samples(fixture, &kind);
    for (size_t y = 0; y < HEIGHT; y++) {
        for (size_t x = 0; x < WIDTH; x++)
            fixture->samples[y][x][3] = 255;
    }
    make_png(fixture, &kind, NULL);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
}

static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    static const size_t indices[] = {0, 13, 16, 17, 21, 22};
    for (size_t i = 0; i < sizeof(indices) / sizeof(indices[0]); i++) {
        const struct png_kind *kind = &kinds[indices[i]];
        uint32_t passed = 0, given = 0;
        choose_samples(fixture, kind);
        make_png(fixture, kind, NULL);
        expect_picture(fixture, kind, partial.background);
        for (size_t size = 0; size < fixture->file.size; size++) {
            struct image_info info;
            struct error err = {0};
            struct bytes prefix = {fixture->file.data, size};
            if (image_decode(prefix, NULL, &fixture->decoded, &info, &err)) {
                assert_same_pixels(&fixture->decoded, &fixture->expected);
                assert_true(info.warnings & IMAGE_WARNING_BAD_METADATA);
                passed++;
            } else if (image_decode(prefix, &partial, &fixture->decoded, &info, &err)) {
                assert_true(info.warnings & IMAGE_WARNING_PARTIAL);
                given++;
            }
        }
        assert_int_equal(passed, 12); /* all or part of IEND is missing, the last IDAT is whole */
        assert_true(given > 100);
    }
}

static void missing_rows_show_the_background(void **state)
{
    struct fixture *fixture = *state;
    const struct png_kind *kind = &kinds[16];
    choose_samples(fixture, kind);
    make_png(fixture, kind, NULL);
    expect_picture(fixture, kind, partial.background);
    struct bytes half = {fixture->file.data, fixture->file.size / 2};
    assert_refused(half, NULL, ERR_INVALID, "damaged PNG, pixels are missing: near row");
    (void)decode(half, &partial, &fixture->decoded);
    assert_memory_equal(fixture->decoded.pixels, fixture->expected.pixels, (size_t)WIDTH * 6 * 3);
    for (size_t i = (size_t)WIDTH * (HEIGHT - 1) * 3; i < (size_t)WIDTH * HEIGHT * 3; i++)
        assert_int_equal(fixture->decoded.pixels[i], 255);
}

static void a_flipped_bit_is_noticed(void **state)
{
    struct fixture *fixture = *state;
    uint32_t seed = 5;
    const struct png_kind *kind = &kinds[21];
    choose_samples(fixture, kind);
    make_png(fixture, kind, NULL);
    expect_picture(fixture, kind, partial.background);
    for (int round = 0; round < 2000; round++) {
        char *byte = &fixture->file.data[next_random(&seed) % fixture->file.size], kept = *byte;
        struct image_info info;
        struct error err = {0};
        *byte = (char)(kept ^ (char)(1 << next_random(&seed) % 8));
        if (image_decode(bytes_of(&fixture->file), NULL, &fixture->decoded, &info, &err))
            assert_same_pixels(&fixture->decoded, &fixture->expected); /* it hit an end that nobody needs */
        *byte = kept;
    }
}

static void chunks_about_the_picture_are_warned_of(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        char name[5];
        char data[9];
        uint32_t warning;
    } rows[] = {
        {"iCCP", "x\0\0damag", IMAGE_WARNING_ICC_IGNORED},
        {"acTL", "\0\0\0\2\0\0\0\0", IMAGE_WARNING_FIRST_FRAME},
        {"acTL", "\0\0\0\1\0\0\0\0", 0},
        {"eXIf", "damaged!", IMAGE_WARNING_BAD_METADATA},
        {"tEXt", "Title\0xy", 0},
        {"zTXt", "Title\0\0x", 0},
    };
    choose_samples(fixture, &kinds[16]);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        png_unknown_chunk chunk = {.size = 8, .location = PNG_HAVE_IHDR};
        png_byte data[8];
        memcpy(chunk.name, rows[i].name, 5);
        memcpy(data, rows[i].data, 8);
        chunk.data = data;
        make_png(fixture, &kinds[16], &chunk);
        assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, rows[i].warning);
    }
}

static void put_u32(char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(value >> (24 - 8 * i));
}

/* Only the header of a PNG. */
static void make_header(struct buffer *file, uint32_t width, uint32_t height)
{
    char header[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR........\1";
    put_u32(header + 16, width);
    put_u32(header + 20, height);
    put_u32(header + 29, (uint32_t)crc32(0, (const Bytef *)header + 12, 17));
    buffer_clear(file);
    assert_true(buffer_add(file, header, sizeof(header)));
}

static void assert_header(struct fixture *fixture, uint32_t width, uint32_t height, enum error_code code)
{
    struct image untouched = {0};
    struct image_info info;
    struct error err = {0};
    make_header(&fixture->file, width, height);
    assert_false(image_decode(bytes_of(&fixture->file), NULL, &untouched, &info, &err));
    assert_int_equal(err.code, code);
    assert_null(untouched.pixels);
    assert_int_equal(untouched.capacity_bytes, 0);
}

static void limits_are_checked_before_memory_is_spent(void **state)
{
    struct fixture *fixture = *state;
    assert_header(fixture, 30000, 30000, ERR_LIMIT);
    assert_header(fixture, 14143, 14143, ERR_LIMIT);   /* the first square past 200 million */
    assert_header(fixture, 14142, 14142, ERR_INVALID); /* the limit is met; cut short */
    assert_header(fixture, IMAGE_SIDE_MAX_PX + 1, 1, ERR_LIMIT);
    assert_header(fixture, 1, IMAGE_SIDE_MAX_PX + 1, ERR_LIMIT);
    assert_header(fixture, 1, IMAGE_SIDE_MAX_PX, ERR_INVALID);
    assert_header(fixture, UINT32_MAX, UINT32_MAX, ERR_LIMIT);
    assert_header(fixture, 0, 5, ERR_INVALID);
    struct image_options small = {.pixels_max = 777};
    choose_samples(fixture, &kinds[16]);
    make_png(fixture, &kinds[16], NULL);
    (void)decode(bytes_of(&fixture->file), &small, &fixture->decoded);
    small.pixels_max--;
    assert_refused(bytes_of(&fixture->file), &small, ERR_LIMIT, "over the limit of 776 px");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(every_kind_decodes_to_its_samples),
        WITH_FIXTURE(eight_bit_kinds_have_the_pixels_of_pillow),
        WITH_FIXTURE(opaque_alpha_is_not_warned_of),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(missing_rows_show_the_background),
        WITH_FIXTURE(a_flipped_bit_is_noticed),
        WITH_FIXTURE(chunks_about_the_picture_are_warned_of),
        WITH_FIXTURE(limits_are_checked_before_memory_is_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
