/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

enum { WIDTH = 37, HEIGHT = 29, SAMPLES_MAX = 4, COLOURS = 256 };
static const uint8_t white[3] = {255, 255, 255};

struct kind {
    const char *name;
    uint16_t photometric, depth, samples, compression;
    uint16_t extra; /* enum of EXTRASAMPLE_…, when samples are more than the colours */
    uint16_t rows_per_strip;
    int tolerance;
    bool is_tiled, is_separate, is_big_endian, is_big_tiff;
};

static const struct kind kinds[] = {
    {"bilevel", PHOTOMETRIC_MINISBLACK, 1, 1, COMPRESSION_NONE, 0, 8},
    {"bilevel, white is 0", PHOTOMETRIC_MINISWHITE, 1, 1, COMPRESSION_PACKBITS, 0, 8},
    {"fax 3", PHOTOMETRIC_MINISWHITE, 1, 1, COMPRESSION_CCITTFAX3, 0, HEIGHT},
    {"fax 4", PHOTOMETRIC_MINISWHITE, 1, 1, COMPRESSION_CCITTFAX4, 0, 8, 0, false, false, true},
    {"gray 2", PHOTOMETRIC_MINISBLACK, 2, 1, COMPRESSION_NONE, 0, 8},
    {"gray 4", PHOTOMETRIC_MINISBLACK, 4, 1, COMPRESSION_LZW, 0, 8},
    {"gray 8", PHOTOMETRIC_MINISBLACK, 8, 1, COMPRESSION_NONE, 0, HEIGHT},
    {"gray 16", PHOTOMETRIC_MINISBLACK, 16, 1, COMPRESSION_NONE, 0, 8, 1, false, false, true},
    {"gray and alpha", PHOTOMETRIC_MINISBLACK, 8, 2, COMPRESSION_LZW, EXTRASAMPLE_UNASSALPHA, 8, 1},
    {"palette 4", PHOTOMETRIC_PALETTE, 4, 1, COMPRESSION_NONE, 0, 8},
    {"palette 8", PHOTOMETRIC_PALETTE, 8, 1, COMPRESSION_LZW, 0, 8, 0, false, false, false, true},
    {"RGB", PHOTOMETRIC_RGB, 8, 3, COMPRESSION_NONE, 0, 8},
    {"RGB, deflate", PHOTOMETRIC_RGB, 8, 3, COMPRESSION_ADOBE_DEFLATE, 0, 5, 0, false, false, true, true},
    {"RGB, tiles", PHOTOMETRIC_RGB, 8, 3, COMPRESSION_LZW, 0, 0, 0, true},
    {"RGB, planes", PHOTOMETRIC_RGB, 8, 3, COMPRESSION_NONE, 0, 8, 0, false, true},
    {"RGB, planes of tiles", PHOTOMETRIC_RGB, 8, 3, COMPRESSION_DEFLATE, 0, 0, 0, true, true},
    {"RGB 16", PHOTOMETRIC_RGB, 16, 3, COMPRESSION_NONE, 0, 8, 1},
    {"RGB 16, tiles", PHOTOMETRIC_RGB, 16, 3, COMPRESSION_LZW, 0, 0, 1, true, false, true},
    {"RGBA", PHOTOMETRIC_RGB, 8, 4, COMPRESSION_NONE, EXTRASAMPLE_UNASSALPHA, 8, 1},
    {"RGBA, multiplied", PHOTOMETRIC_RGB, 8, 4, COMPRESSION_NONE, EXTRASAMPLE_ASSOCALPHA, 8, 1},
    {"RGBA 16", PHOTOMETRIC_RGB, 16, 4, COMPRESSION_NONE, EXTRASAMPLE_UNASSALPHA, 8, 2},
    {"RGB and something", PHOTOMETRIC_RGB, 8, 4, COMPRESSION_NONE, EXTRASAMPLE_UNSPECIFIED, 8},
    {"CMYK", PHOTOMETRIC_SEPARATED, 8, 4, COMPRESSION_LZW, 0, 8, 1},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), KIND_RGB = 11, KIND_GRAY = 6 };

struct place {
    size_t x, y, plane;
};

struct fixture {
    struct buffer file;
    size_t at; /* where libtiff writes */
    struct image expected, decoded;
    uint16_t samples[HEIGHT][WIDTH][SAMPLES_MAX];
    uint16_t palette[3][COLOURS];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uint32_t seed = 3;
    assert_non_null(fixture);
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    for (size_t i = 0; i < 3UL * COLOURS; i++)
        fixture->palette[i % 3][i / 3] = (uint16_t)(next_random(&seed) & 0xffff);
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

/* ---- a file in memory for libtiff ---- */

static tmsize_t on_read(thandle_t state, void *to, tmsize_t bytes)
{
    struct fixture *fixture = state;
    size_t left = fixture->at < fixture->file.size ? fixture->file.size - fixture->at : 0;
    size_t part = (size_t)bytes < left ? (size_t)bytes : left;
    if (part > 0)
        memcpy(to, fixture->file.data + fixture->at, part);
    fixture->at += part;
    return (tmsize_t)part;
}

static tmsize_t on_write(thandle_t state, void *from, tmsize_t bytes)
{
    struct fixture *fixture = state;
    while (fixture->file.size < fixture->at + (size_t)bytes)
        assert_true(buffer_add(&fixture->file, "", 1));
    memcpy(fixture->file.data + fixture->at, from, (size_t)bytes);
    fixture->at += (size_t)bytes;
    return bytes;
}

static toff_t on_seek(thandle_t state, toff_t offset, int whence)
{
    struct fixture *fixture = state;
    fixture->at = offset + (whence == SEEK_CUR ? fixture->at : whence == SEEK_END ? fixture->file.size : 0);
    return fixture->at;
}

static toff_t on_size(thandle_t state)
{
    const struct fixture *fixture = state;
    return fixture->file.size;
}

static int on_close(thandle_t state)
{
    return 0;
}

static TIFF *start_tiff(struct fixture *fixture, const struct kind *kind)
{
    char mode[] = {'w', kind->is_big_endian ? 'b' : 'l', kind->is_big_tiff ? '8' : '4', '\0'};
    buffer_clear(&fixture->file);
    fixture->at = 0;
    TIFF *tiff =
        TIFFClientOpen("test", mode, fixture, on_read, on_write, on_seek, on_close, on_size, NULL, NULL);
    assert_non_null(tiff);
    return tiff;
}

static int colours_of(const struct kind *kind)
{
    return kind->photometric == PHOTOMETRIC_SEPARATED ? 4 : kind->photometric == PHOTOMETRIC_RGB ? 3 : 1;
}

static void set_fields(struct fixture *fixture, const struct kind *kind, TIFF *tiff)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, HEIGHT);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind->depth);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind->compression);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, kind->is_separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (kind->is_tiled) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, 16);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, 16);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, kind->rows_per_strip);
    }
    if (kind->samples > colours_of(kind))
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind->extra);
    if (kind->photometric == PHOTOMETRIC_PALETTE)
        TIFFSetField(tiff, TIFFTAG_COLORMAP, fixture->palette[0], fixture->palette[1], fixture->palette[2]);
}

static void choose_samples(struct fixture *fixture, const struct kind *kind)
{
    uint32_t seed = 8, most = (1U << kind->depth) - 1;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        uint16_t *to = fixture->samples[i / WIDTH][i % WIDTH];
        for (size_t c = 0; c < kind->samples; c++)
            to[c] = (uint16_t)(next_random(&seed) & most);
        for (size_t c = 0; kind->extra == EXTRASAMPLE_ASSOCALPHA && c < 3; c++)
            to[c] = (uint16_t)(to[c] * to[3] / most);
    }
}

/* Packs 16 or WIDTH pixels of one row from column x on; past the edges there are zeros. */
static size_t pack(const struct fixture *fixture, const struct kind *kind, const struct place *from,
                   uint8_t *to)
{
    size_t bits = 0, channels = kind->is_separate ? 1 : kind->samples, count = kind->is_tiled ? 16 : WIDTH;
    memset(to, 0, (count * channels * kind->depth + 7) / 8);
    for (size_t i = 0; i < count * channels; i++, bits += kind->depth) {
        size_t x = from->x + i / channels, channel = kind->is_separate ? from->plane : i % channels;
        uint16_t sample = x < WIDTH && from->y < HEIGHT ? fixture->samples[from->y][x][channel] : 0;
        if (kind->depth == 16)
            memcpy(to + bits / 8, &sample, 2);
        else
            to[bits / 8] |= (uint8_t)(sample << (8 - kind->depth - bits % 8));
    }
    return (bits + 7) / 8;
}

static void write_pixels(struct fixture *fixture, const struct kind *kind, TIFF *tiff)
{
    uint8_t block[16 * 16 * 8];
    for (size_t plane = 0; plane < (kind->is_separate ? kind->samples : 1U); plane++) {
        for (size_t y = 0; y < HEIGHT && !kind->is_tiled; y++) {
            (void)pack(fixture, kind, &(struct place){0, y, plane}, block);
            assert_int_equal(TIFFWriteScanline(tiff, block, (uint32_t)y, (uint16_t)plane), 1);
        }
        for (size_t tile = 0; tile < 6 && kind->is_tiled; tile++) {
            size_t left = tile % 3 * 16, top = tile / 3 * 16, used = 0;
            for (size_t y = top; y < top + 16; y++)
                used += pack(fixture, kind, &(struct place){left, y, plane}, block + used);
            assert_true(TIFFWriteTile(tiff, block, (uint32_t)left, (uint32_t)top, 0, (uint16_t)plane) > 0);
        }
    }
}

static void make_tiff(struct fixture *fixture, const struct kind *kind)
{
    TIFF *tiff = start_tiff(fixture, kind);
    choose_samples(fixture, kind);
    set_fields(fixture, kind, tiff);
    write_pixels(fixture, kind, tiff);
    TIFFClose(tiff);
}

/* A page of one tag more. */
static void make_tagged(struct fixture *fixture, uint32_t tag, uint32_t value)
{
    const struct kind *kind = &kinds[KIND_RGB];
    TIFF *tiff = start_tiff(fixture, kind);
    choose_samples(fixture, kind);
    set_fields(fixture, kind, tiff);
    TIFFSetField(tiff, tag, value);
    write_pixels(fixture, kind, tiff);
    TIFFClose(tiff);
}

/* ---- what is expected ---- */

static double colour_of(const struct fixture *fixture, const struct kind *kind, const uint16_t *sample,
                        size_t c)
{
    double most = (1U << kind->depth) - 1;
    switch (kind->photometric) {
    case PHOTOMETRIC_PALETTE:
        return fixture->palette[c][sample[0]] >> 8;
    case PHOTOMETRIC_SEPARATED:
        return 255 * (1 - sample[c] / most) * (1 - sample[3] / most);
    case PHOTOMETRIC_RGB:
        return sample[c] * 255 / most;
    default:
        return (kind->photometric == PHOTOMETRIC_MINISWHITE ? most - sample[0] : sample[0]) * 255 / most;
    }
}

static void expect_picture(struct fixture *fixture, const struct kind *kind, const uint8_t background[3])
{
    struct error err = {0};
    double most = (1U << kind->depth) - 1;
    bool has_alpha = kind->extra == EXTRASAMPLE_UNASSALPHA || kind->extra == EXTRASAMPLE_ASSOCALPHA;
    assert_true(image_resize_buffer(&fixture->expected, WIDTH, HEIGHT, &err));
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        const uint16_t *sample = fixture->samples[i / WIDTH][i % WIDTH];
        double alpha = has_alpha ? sample[kind->samples - 1] / most : 1;
        for (size_t c = 0; c < 3; c++) {
            double over = colour_of(fixture, kind, sample, c);
            over *= kind->extra == EXTRASAMPLE_UNASSALPHA ? alpha : 1;
            fixture->expected.pixels[i * 3 + c] =
                (uint8_t)fmin(over + background[c] * (1 - alpha) + 0.5, 255);
        }
    }
}

static void assert_near(const struct fixture *fixture, int tolerance)
{
    assert_int_equal(fixture->decoded.width, WIDTH);
    assert_int_equal(fixture->decoded.height, HEIGHT);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT * 3; i++) {
        if (abs(fixture->decoded.pixels[i] - fixture->expected.pixels[i]) > tolerance)
            fail_msg("byte %zu is %d, not %d", i, fixture->decoded.pixels[i], fixture->expected.pixels[i]);
    }
}

static void every_kind_decodes_to_its_samples(void **state)
{
    struct fixture *fixture = *state;
    struct image_options coloured = {.background = {10, 200, 90}};
    for (size_t i = 0; i < KINDS; i++) {
        const struct kind *kind = &kinds[i];
        bool has_alpha = kind->extra == EXTRASAMPLE_UNASSALPHA || kind->extra == EXTRASAMPLE_ASSOCALPHA;
        print_message("# %s\n", kind->name);
        make_tiff(fixture, kind);
        expect_picture(fixture, kind, white);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_string_equal(info.format, "tiff");
        assert_int_equal(info.warnings, (has_alpha ? IMAGE_WARNING_ALPHA_BLENDED : 0U) |
                                            (kind->depth == 16 ? IMAGE_WARNING_SCALED_16_BIT : 0U));
        assert_near(fixture, kind->tolerance);
        expect_picture(fixture, kind, coloured.background);
        (void)decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
        assert_near(fixture, kind->tolerance);
    }
}

/* JPEG inside, with colours as cameras store them. */
static void make_ycbcr(struct fixture *fixture)
{
    const struct kind kind = {.photometric = PHOTOMETRIC_YCBCR,
                              .depth = 8,
                              .samples = 3,
                              .compression = COMPRESSION_JPEG,
                              .rows_per_strip = 16};
    paint(&fixture->expected, WIDTH, HEIGHT, 1);
    TIFF *tiff = start_tiff(fixture, &kind);
    set_fields(fixture, &kind, tiff);
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    TIFFSetField(tiff, TIFFTAG_JPEGQUALITY, 95);
    TIFFSetField(tiff, TIFFTAG_YCBCRSUBSAMPLING, 1, 1);
    for (uint32_t y = 0; y < HEIGHT; y++)
        assert_int_equal(TIFFWriteScanline(tiff, fixture->expected.pixels + (size_t)y * WIDTH * 3, y, 0), 1);
    TIFFClose(tiff);
}

static void jpeg_inside_comes_close(void **state)
{
    struct fixture *fixture = *state;
    make_ycbcr(fixture);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
    assert_true(mean_difference(&fixture->decoded, &fixture->expected) < 4);
    /* a scan that ends early is damage, although libtiff only warns */
    size_t at = 8;
    while (memcmp(fixture->file.data + at, "\xff\xd9", 2) != 0)
        at++;
    memset(fixture->file.data + at - 100, 0, 100);
    memcpy(fixture->file.data + at - 102, "\xff\xd9", 2);
    assert_refused(bytes_of(&fixture->file), NULL, ERR_INVALID, "damaged TIFF, pixels are missing");
}

static void orientation_is_applied(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t orientation = 1; orientation <= 8; orientation++) {
        make_tagged(fixture, TIFFTAG_ORIENTATION, orientation);
        expect_picture(fixture, &kinds[KIND_RGB], white);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_int_equal(info.orientation, orientation);
        assert_int_equal(info.width, orientation > 4 ? HEIGHT : WIDTH);
        bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        bool down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        /* where the pixel stored first must be: orientations 6 and 8 turn it to the other corner of its side
         */
        if (orientation == 6 || orientation == 8) {
            right = orientation == 6;
            down = orientation == 8;
        }
        size_t corner = (right ? info.width - 1 : 0) + (down ? (size_t)(info.height - 1) * info.width : 0);
        assert_memory_equal(fixture->decoded.pixels + corner * 3, fixture->expected.pixels, 3);
    }
}

static void the_first_of_several_pages_is_used(void **state)
{
    struct fixture *fixture = *state;
    const struct kind *kind = &kinds[KIND_RGB];
    TIFF *tiff = start_tiff(fixture, kind);
    choose_samples(fixture, kind);
    for (int page = 0; page < 3; page++) {
        set_fields(fixture, kind, tiff);
        if (page == 0)
            TIFFSetField(tiff, TIFFTAG_ICCPROFILE, 10, "no profile");
        write_pixels(fixture, kind, tiff);
        assert_int_equal(TIFFWriteDirectory(tiff), 1);
        expect_picture(fixture, kind, white);
        memset(fixture->samples, page, sizeof(fixture->samples));
    }
    TIFFClose(tiff);
    choose_samples(fixture, kind);
    expect_picture(fixture, kind, white);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_FIRST_FRAME | IMAGE_WARNING_ICC_IGNORED);
    assert_near(fixture, 0);
}

static void unreadable_kinds_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    make_tagged(fixture, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "only a preview");
    make_tagged(fixture, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_INT);
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "signed or floating-point samples");
    struct kind kind = kinds[KIND_GRAY];
    kind.compression = COMPRESSION_LZMA;
    if (TIFFIsCODECConfigured(COMPRESSION_LZMA)) {
        make_tiff(fixture, &kind);
        assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "a TIFF of compression 34925");
    }
    kind = (struct kind){"",
                         PHOTOMETRIC_MINISBLACK,
                         16,
                         2,
                         COMPRESSION_NONE,
                         EXTRASAMPLE_UNASSALPHA,
                         8,
                         false,
                         false,
                         false,
                         false,
                         0};
    make_tiff(fixture, &kind);
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "16-bit gray with transparency");
    kind = (struct kind){"", PHOTOMETRIC_RGB, 8, 2, COMPRESSION_NONE, 0, 8};
    make_tiff(fixture, &kind);
    assert_costs_nothing(bytes_of(&fixture->file), ERR_INVALID, "unreadable TIFF: ");
}

static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < KINDS; i++) {
        make_tiff(fixture, &kinds[i]);
        struct prefix_counts counts = assert_prefixes(bytes_of(&fixture->file));
        /* libtiff writes the directory last */
        assert_true(counts.passed < 8);
    }
}

/* The directory comes first, as in many cameras' files: 2 × 40 gray pixels, a strip for each row. */
static size_t make_directory_first(struct fixture *fixture, uint32_t width, uint32_t rows,
                                   uint32_t strip_rows)
{
    static const struct {
        uint16_t tag, type;
    } entries[] = {{256, 4}, {257, 4}, {258, 3}, {259, 3}, {262, 3}, {273, 4}, {277, 3}, {278, 4}, {279, 4}};
    const uint32_t values[] = {width, rows, 8, 1, 1, 122, 1, strip_rows, width * strip_rows};
    struct buffer *file = &fixture->file;
    buffer_clear(file);
    assert_true(buffer_add(file, "II*\0\10\0\0\0\11\0", 10));
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        const uint32_t fields[2] = {1, values[i]};
        assert_true(buffer_add(file, &entries[i], 4) && buffer_add(file, fields, 8));
    }
    assert_true(buffer_add(file, "\0\0\0\0", 4));
    return file->size;
}

static void missing_rows_show_the_background(void **state)
{
    struct fixture *fixture = *state;
    static const struct image_options partial = {.accept_partial = true, .background = {1, 2, 3}};
    size_t start = make_directory_first(fixture, 20, 10, 10);
    assert_int_equal(start, 122);
    for (int i = 0; i < 200; i++)
        assert_true(buffer_add(&fixture->file, "\7", 1));
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
    for (size_t i = 0; i < 600; i++)
        assert_int_equal(fixture->decoded.pixels[i], 7);
    struct bytes cut = {fixture->file.data, fixture->file.size - 1};
    assert_refused(cut, NULL, ERR_INVALID, "damaged TIFF, pixels are missing");
    assert_int_equal(decode(cut, &partial, &fixture->decoded).warnings & IMAGE_WARNING_PARTIAL,
                     IMAGE_WARNING_PARTIAL);
}

static void limits_are_checked_before_memory_is_spent(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        uint32_t width, rows, strip_rows;
        enum error_code code;
        const char *message;
    } rows[] = {
        {0, 5, 1, ERR_INVALID, ""},
        {14143, 14143, 14143, ERR_LIMIT, "over the limit of 200000000 px"},
        {IMAGE_SIDE_MAX_PX + 1, 1, 1, ERR_LIMIT, "a side"},
        {1, IMAGE_SIDE_MAX_PX + 1, IMAGE_SIDE_MAX_PX + 1, ERR_LIMIT, "a side"},
        {UINT32_MAX, 2, 2, ERR_LIMIT, "a side"},
        {1, UINT32_MAX, 1, ERR_INVALID, ""}, /* four thousand million strips */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)make_directory_first(fixture, rows[i].width, rows[i].rows, rows[i].strip_rows);
        assert_costs_nothing(bytes_of(&fixture->file), rows[i].code, rows[i].message);
    }
    struct image_options small = {.pixels_max = WIDTH * HEIGHT};
    make_tiff(fixture, &kinds[KIND_RGB]);
    (void)decode(bytes_of(&fixture->file), &small, &fixture->decoded);
    small.pixels_max--;
    assert_refused(bytes_of(&fixture->file), &small, ERR_LIMIT, "over the limit of 1072 px");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    TIFFSetWarningHandler(NULL);
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(every_kind_decodes_to_its_samples),
        WITH_FIXTURE(jpeg_inside_comes_close),
        WITH_FIXTURE(orientation_is_applied),
        WITH_FIXTURE(the_first_of_several_pages_is_used),
        WITH_FIXTURE(unreadable_kinds_are_refused_by_name),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(missing_rows_show_the_background),
        WITH_FIXTURE(limits_are_checked_before_memory_is_spent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
