/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 19, HEIGHT = 7, FILE_HEADER = 14, CORE = 12, INFO = 40, V3 = 56, V5 = 124 };
static const uint8_t white[3] = {255, 255, 255};

/* How a file is made; samples[y][x] is a palette index or a whole pixel. */
struct kind {
    const char *name;
    uint32_t header_bytes, depth, compression;
    bool is_top_down;
    uint32_t masks[4];
};

static const struct kind kinds[] = {
    {"1", INFO, 1, 0, false, {0}},
    {"2", INFO, 2, 0, false, {0}},
    {"4", INFO, 4, 0, true, {0}},
    {"8", INFO, 8, 0, false, {0}},
    {"core 1", CORE, 1, 0, false, {0}},
    {"core 4", CORE, 4, 0, false, {0}},
    {"core 8", CORE, 8, 0, false, {0}},
    {"core 24", CORE, 24, 0, false, {0}},
    {"OS/2 short", 16, 8, 0, false, {0}},
    {"OS/2 long", 64, 24, 0, false, {0}},
    {"16", INFO, 16, 0, false, {0x7c00, 0x3e0, 0x1f, 0}},
    {"16, 5-6-5", INFO, 16, 3, false, {0xf800, 0x7e0, 0x1f, 0}},
    {"16, 4-4-4-4", V3, 16, 3, true, {0xf00, 0xf0, 0xf, 0xf000}},
    {"16, alpha bit", V5, 16, 3, false, {0x7c00, 0x3e0, 0x1f, 0x8000}},
    {"24", INFO, 24, 0, false, {0xff0000, 0xff00, 0xff, 0}},
    {"24, top down", V5, 24, 0, true, {0xff0000, 0xff00, 0xff, 0}},
    {"32", INFO, 32, 0, false, {0xff0000, 0xff00, 0xff, 0}},
    {"32, V5 without masks", V5, 32, 0, false, {0xff0000, 0xff00, 0xff, 0}},
    {"32, other order", INFO, 32, 3, false, {0xff, 0xff00, 0xff0000, 0}},
    {"32, masks in the header", 52, 32, 3, false, {0xff000000, 0xff0000, 0xff00, 0}},
    {"32, alpha", V5, 32, 3, false, {0xff0000, 0xff00, 0xff, 0xff000000}},
    {"32, alpha after the header", INFO, 32, 6, false, {0xff, 0xff00, 0xff0000, 0xff000000}},
    {"32, no green", V3, 32, 3, false, {0xff, 0, 0xff0000, 0}},
    {"32, 10 bits", INFO, 32, 3, false, {0x3ff00000, 0xffc00, 0x3ff, 0}},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

struct fixture {
    struct buffer file;
    struct image expected, decoded;
    uint32_t samples[HEIGHT][WIDTH];
    uint8_t palette[256][3];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    uint32_t seed = 4;
    for (size_t i = 0; i < 256; i++) {
        for (size_t c = 0; c < 3; c++)
            fixture->palette[i][c] = (uint8_t)next_random(&seed);
    }
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

static void add_number(struct buffer *file, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        assert_true(buffer_add(file, (char[]){i < 4 ? (char)(value >> (8 * i)) : '\0'}, 1));
}

static size_t palette_count(const struct kind *kind)
{
    return kind->depth <= 8 ? (size_t)1 << kind->depth : 0;
}

/* Everything before the pixels. */
static void add_headers(struct fixture *fixture, const struct kind *kind, int32_t width, int32_t height)
{
    struct buffer *file = &fixture->file;
    size_t entry = kind->header_bytes == CORE ? 3 : 4, masks = kind->compression == 3 ? 3 : 4;
    bool has_masks_after = kind->header_bytes == INFO && (kind->compression == 3 || kind->compression == 6);
    size_t pixels_at =
        FILE_HEADER + kind->header_bytes + (has_masks_after ? masks * 4 : 0) + palette_count(kind) * entry;
    buffer_clear(file);
    assert_true(buffer_add(file, "BM", 2));
    add_number(file, 0, 8); /* the size is often wrong, and not needed */
    add_number(file, (uint32_t)pixels_at, 4);
    add_number(file, kind->header_bytes, 4);
    add_number(file, (uint32_t)width, kind->header_bytes == CORE ? 2 : 4);
    add_number(file, (uint32_t)(kind->is_top_down ? -height : height), kind->header_bytes == CORE ? 2 : 4);
    add_number(file, 1, 2);
    add_number(file, kind->depth, 2);
    if (kind->header_bytes >= INFO) {
        add_number(file, kind->compression, 4);
        add_number(file, 0, 20);
    }
    for (size_t i = 0; i < 4 && (has_masks_after ? i < masks : file->size < FILE_HEADER + kind->header_bytes);
         i++)
        add_number(file, kind->masks[i], 4);
    while (file->size < FILE_HEADER + kind->header_bytes)
        add_number(file, 0, 1);
    for (size_t i = 0; i < palette_count(kind); i++) {
        for (size_t c = 0; c < 3; c++)
            add_number(file, fixture->palette[i][2 - c], 1);
        add_number(file, 0, entry - 3);
    }
    assert_int_equal(file->size, pixels_at);
}

static void add_row(struct fixture *fixture, const struct kind *kind, size_t y)
{
    uint64_t held = 0;
    size_t bits = 0, start = fixture->file.size;
    for (size_t x = 0; x < WIDTH; x++) {
        uint32_t sample = fixture->samples[y][x];
        if (kind->depth >= 8) {
            add_number(&fixture->file, sample, kind->depth / 8);
            continue;
        }
        held = held << kind->depth | sample;
        bits += kind->depth;
        if (bits == 8 || x == WIDTH - 1)
            add_number(&fixture->file, (uint32_t)(held << (8 - bits)), 1);
        if (bits == 8)
            bits = 0;
    }
    while ((fixture->file.size - start) % 4)
        add_number(&fixture->file, 0, 1);
}

static void make_bmp(struct fixture *fixture, const struct kind *kind)
{
    uint32_t seed = 6;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        uint32_t sample = next_random(&seed) << 16 ^ next_random(&seed);
        fixture->samples[i / WIDTH][i % WIDTH] =
            kind->depth < 32 ? sample & ((1U << kind->depth) - 1) : sample;
    }
    add_headers(fixture, kind, WIDTH, HEIGHT);
    for (size_t i = 0; i < HEIGHT; i++)
        add_row(fixture, kind, kind->is_top_down ? i : HEIGHT - 1 - i);
}

/* A masked sample on the scale 0..255, by real numbers. */
static double level(uint32_t pixel, uint32_t mask)
{
    uint32_t low = mask & (~mask + 1);
    return mask ? 255.0 * (pixel & mask) / low / ((double)mask / low) : 0;
}

static void expect_pixel(const struct fixture *fixture, const struct kind *kind, uint32_t sample,
                         const uint8_t background[3], uint8_t rgb[3])
{
    static const uint32_t plain[4] = {0xff0000, 0xff00, 0xff, 0};
    const uint32_t *masks = kind->depth == 24 ? plain : kind->masks;
    if (kind->depth <= 8) {
        memcpy(rgb, fixture->palette[sample], 3);
        return;
    }
    double alpha = masks[3] ? (double)lround(level(sample, masks[3])) / 255.0 : 1;
    for (size_t c = 0; c < 3; c++)
        rgb[c] =
            (uint8_t)((double)lround(level(sample, masks[c])) * alpha + background[c] * (1 - alpha) + 0.5);
}

static void expect_picture(struct fixture *fixture, const struct kind *kind, const uint8_t background[3])
{
    struct error err = {0};
    assert_true(image_resize_buffer(&fixture->expected, WIDTH, HEIGHT, &err));
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++)
        expect_pixel(fixture, kind, fixture->samples[i / WIDTH][i % WIDTH], background,
                     fixture->expected.pixels + i * 3);
}

static void every_kind_decodes_to_its_samples(void **state)
{
    struct fixture *fixture = *state;
    struct image_options coloured = {.background = {10, 200, 90}};
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *kind = &kinds[i];
        make_bmp(fixture, kind);
        print_message("# %s\n", kind->name);
        expect_picture(fixture, kind, white);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_string_equal(info.format, "bmp");
        assert_int_equal(info.warnings & ~(uint32_t)IMAGE_WARNING_SCALED_16_BIT,
                         kind->masks[3] ? IMAGE_WARNING_ALPHA_BLENDED : 0);
        assert_int_equal((info.warnings & IMAGE_WARNING_SCALED_16_BIT) != 0, kind->masks[2] == 0x3ff);
        assert_same_pixels(&fixture->decoded, &fixture->expected);
        expect_picture(fixture, kind, coloured.background);
        (void)decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
        assert_same_pixels(&fixture->decoded, &fixture->expected);
    }
}

static void alpha_of_zero_everywhere_means_opaque(void **state)
{
    struct fixture *fixture = *state;
    const struct kind *kind = &kinds[20];
    assert_string_equal(kind->name, "32, alpha");
    make_bmp(fixture, kind);
    size_t at = fixture->file.size - (size_t)WIDTH * HEIGHT * 4;
    for (size_t i = at + 3; i < fixture->file.size; i += 4)
        fixture->file.data[i] = 0;
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
    struct kind opaque = *kind;
    opaque.masks[3] = 0;
    expect_picture(fixture, &opaque, white);
    assert_same_pixels(&fixture->decoded, &fixture->expected);
    fixture->file.data[at + 3] = 1; /* one pixel is enough */
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_ALPHA_BLENDED);
}

static void a_short_palette_is_continued_in_black(void **state)
{
    struct fixture *fixture = *state;
    make_bmp(fixture, &kinds[3]);
    fixture->file.data[FILE_HEADER + 32] = 100; /* colours used */
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_BAD_METADATA);
    for (size_t i = 100; i < 256; i++)
        memset(fixture->palette[i], 0, 3);
    expect_picture(fixture, &kinds[3], white);
    assert_same_pixels(&fixture->decoded, &fixture->expected);
}

static void a_profile_is_noted(void **state)
{
    struct fixture *fixture = *state;
    make_bmp(fixture, &kinds[15]);
    memcpy(fixture->file.data + FILE_HEADER + 56, "DEBM", 4);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_ICC_IGNORED);
}

static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < KINDS; i++) {
        make_bmp(fixture, &kinds[i]);
        struct prefix_counts counts = assert_prefixes(bytes_of(&fixture->file));
        assert_true(counts.passed < 4); /* the padding of the last row */
        assert_true(counts.partial > 10);
    }
    static const struct image_options partial = {.accept_partial = true, .background = {9, 8, 7}};
    make_bmp(fixture, &kinds[14]);
    expect_picture(fixture, &kinds[14], white);
    size_t row_bytes = 60;
    struct bytes three_rows = {fixture->file.data, fixture->file.size - (HEIGHT - 3) * row_bytes};
    assert_refused(three_rows, NULL, ERR_INVALID, "damaged BMP, pixels are missing: near row 3 of 7");
    (void)decode(three_rows, &partial, &fixture->decoded);
    size_t top = (size_t)WIDTH * (HEIGHT - 3) * 3;
    assert_memory_equal(fixture->decoded.pixels + top, fixture->expected.pixels + top, (size_t)WIDTH * 9);
    for (size_t i = 0; i < top; i += 3)
        assert_memory_equal(fixture->decoded.pixels + i, partial.background, 3);
}

static void odd_headers_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct kind kind;
        const char *message;
    } rows[] = {
        {{"", INFO, 3, 0, false, {0}}, "odd number of bits"},
        {{"", INFO, 64, 0, false, {0}}, "odd number of bits"},
        {{"", INFO, 8, 2, false, {0}}, "run lengths and bits a pixel do not fit"},
        {{"", INFO, 4, 1, false, {0}}, "run lengths and bits a pixel do not fit"},
        {{"", INFO, 8, 1, true, {0}}, "run lengths from the top are not allowed"},
        {{"", INFO, 24, 3, false, {0}}, "masks and bits a pixel do not fit"},
        {{"", 64, 1, 3, false, {0}}, "Huffman coding of OS/2"},
        {{"", INFO, 24, 4, false, {0}}, "compression 4 is not supported"},
        {{"", INFO, 24, 5, false, {0}}, "compression 5 is not supported"},
        {{"", INFO, 32, 3, false, {0xf0f, 0xf0, 0xf000, 0}}, "a colour mask has gaps"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        add_headers(fixture, &rows[i].kind, WIDTH, HEIGHT);
        assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, rows[i].message);
    }
    make_bmp(fixture, &kinds[14]);
    fixture->file.data[14] = 13;
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "no header has 13 bytes");
    make_bmp(fixture, &kinds[14]);
    fixture->file.data[10] = 53;
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "its pixels begin inside its header");
}

static void limits_are_checked_before_memory_is_spent(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        int32_t width, height;
        enum error_code code;
        const char *message;
    } rows[] = {
        {0, 5, ERR_INVALID, "no pixels"},          {5, 0, ERR_INVALID, "no pixels"},
        {-5, 5, ERR_INVALID, "width is negative"}, {14143, 14143, ERR_LIMIT, "over the limit"},
        {14142, 14142, ERR_INVALID, "cut short"},  {IMAGE_SIDE_MAX_PX + 1, 1, ERR_LIMIT, "a side"},
        {1, INT32_MIN, ERR_LIMIT, "a side"},       {INT32_MAX, INT32_MAX, ERR_LIMIT, "a side"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        add_headers(fixture, &kinds[14], rows[i].width, rows[i].height);
        assert_costs_nothing(bytes_of(&fixture->file), rows[i].code, rows[i].message);
    }
    const struct kind runs = {"", INFO, 8, 1, false, {0}};
    add_headers(fixture, &runs, 10000, 10000);
    add_number(&fixture->file, 0x0100, 2); /* the end at once */
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "cannot hold the runs of 10000 rows");
}

/* Runs and the indices that they mean, rows from the bottom, 6 × 3 px. */
struct runs_case {
    const char *name;
    uint32_t compression;
    size_t bytes;
    const char *runs;
    const char *indices; /* rows from the top, a digit each; NULL: refused as cut short */
    uint32_t warnings;
};

static const struct runs_case runs_cases[] = {
    {"runs", 1, 14, "\6\1\0\0\3\2\3\3\0\0\6\4\0\1", "444444222333111111", 0},
    {"without the end", 1, 10, "\6\1\0\0\6\2\0\0\6\4", "444444222222111111", 0},
    {"end after the last row's end", 1, 12, "\6\1\0\0\6\2\0\0\6\4\0\0", "444444222222111111", 0},
    {"values with padding", 1, 20, "\0\5\1\2\3\4\5\0\1\6\0\0\6\2\0\0\6\4\0\1", "444444222222123456", 0},
    {"a skip", 1, 8, "\1\1\0\2\2\1\2\7", "", 0},
    {"a skip and the end", 1, 10, "\1\1\0\2\2\1\2\7\0\1", "000000000770100000", 0},
    {"an early end", 1, 6, "\2\5\0\1\0\0", "000000000000550000", 0},
    {"too long a run", 1, 14, "\11\1\0\0\6\2\0\0\6\4\0\1\0\0", "444444222222111111",
     IMAGE_WARNING_BAD_METADATA},
    {"too many rows", 1, 14, "\6\1\0\0\6\2\0\0\6\4\0\0\6\5", "444444222222111111",
     IMAGE_WARNING_BAD_METADATA},
    {"cut within values", 1, 6, "\0\5\1\2\3\4", NULL, 0},
    {"cut within a skip", 1, 5, "\1\1\0\2\2", NULL, 0},
    {"cut within a row", 1, 6, "\6\1\0\0\3\2", NULL, 0},
    {"pairs", 2, 14, "\6\x12\0\0\5\x34\1\x50\0\0\6\x77\0\1", "777777343435121212", 0},
    {"values in pairs", 2, 16, "\0\6\x12\x34\x56\0\0\0\6\x22\0\0\6\x44\0\1", "444444222222123456", 0},
    {"values in odd pairs", 2, 16, "\0\3\x12\x30\3\x44\0\0\6\x22\0\0\6\x44\0\1", "444444222222123444", 0},
};

static void expect_indices(struct fixture *fixture, const char *indices)
{
    struct error err = {0};
    assert_true(image_resize_buffer(&fixture->expected, 6, 3, &err));
    for (size_t i = 0; i < 18; i++)
        memcpy(fixture->expected.pixels + i * 3, fixture->palette[indices[i] - '0'], 3);
}

static void run_lengths_decode_to_their_indices(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(runs_cases) / sizeof(runs_cases[0]); i++) {
        const struct runs_case *row = &runs_cases[i];
        const struct kind kind = {"", INFO, row->compression == 1 ? 8 : 4, row->compression, false, {0}};
        print_message("# %s\n", row->name);
        add_headers(fixture, &kind, 6, 3);
        assert_true(buffer_add(&fixture->file, row->runs, row->bytes));
        if (!row->indices || !row->indices[0]) {
            static const struct image_options partial = {.accept_partial = true};
            assert_refused(bytes_of(&fixture->file), NULL, ERR_INVALID, "damaged BMP, pixels are missing");
            assert_int_equal(decode(bytes_of(&fixture->file), &partial, &fixture->decoded).warnings,
                             IMAGE_WARNING_PARTIAL);
            continue;
        }
        expect_indices(fixture, row->indices);
        assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, row->warnings);
        assert_same_pixels(&fixture->decoded, &fixture->expected);
    }
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(every_kind_decodes_to_its_samples),
        WITH_FIXTURE(alpha_of_zero_everywhere_means_opaque),
        WITH_FIXTURE(a_short_palette_is_continued_in_black),
        WITH_FIXTURE(a_profile_is_noted),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(odd_headers_are_refused),
        WITH_FIXTURE(limits_are_checked_before_memory_is_spent),
        WITH_FIXTURE(run_lengths_decode_to_their_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
