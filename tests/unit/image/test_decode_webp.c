/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

enum {
    WIDTH = 45,
    HEIGHT = 33,
    FRAME_X = 4,
    FRAME_Y = 6,
    ANIMATION_FLAG = 2,
    EXIF_FLAG = 8,
    ALPHA_FLAG = 16
};
static const uint8_t white[3] = {255, 255, 255};

struct fixture {
    struct buffer file, bare; /* a RIFF file, its chunks without what a still picture brings */
    struct image picture, expected, decoded;
    uint8_t rgba[HEIGHT * WIDTH * 4];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    uint32_t seed = 2;
    assert_non_null(fixture);
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    buffer_init(&fixture->bare, FILE_LIMIT_BYTES);
    paint(&fixture->picture, WIDTH, HEIGHT, 1);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        memcpy(fixture->rgba + i * 4, fixture->picture.pixels + i * 3, 3);
        fixture->rgba[i * 4 + 3] = (uint8_t)next_random(&seed);
    }
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    buffer_release(&fixture->file);
    buffer_release(&fixture->bare);
    image_release(&fixture->picture);
    image_release(&fixture->expected);
    image_release(&fixture->decoded);
    free(fixture);
    return 0;
}

static void take(struct buffer *into, uint8_t *data, size_t bytes)
{
    assert_true(bytes > 0);
    buffer_clear(into);
    assert_true(buffer_add(into, data, bytes));
    WebPFree(data);
}

static void make_opaque(struct fixture *fixture, bool is_lossless)
{
    uint8_t *data = NULL;
    const uint8_t *rgb = fixture->picture.pixels;
    size_t bytes = is_lossless ? WebPEncodeLosslessRGB(rgb, WIDTH, HEIGHT, WIDTH * 3, &data)
                               : WebPEncodeRGB(rgb, WIDTH, HEIGHT, WIDTH * 3, 90, &data);
    take(&fixture->file, data, bytes);
}

static void make_transparent(struct fixture *fixture, bool is_lossless)
{
    uint8_t *data = NULL;
    size_t bytes = is_lossless ? WebPEncodeLosslessRGBA(fixture->rgba, WIDTH, HEIGHT, WIDTH * 4, &data)
                               : WebPEncodeRGBA(fixture->rgba, WIDTH, HEIGHT, WIDTH * 4, 95, &data);
    take(&fixture->file, data, bytes);
}

/* The picture over the background, by real numbers; lossless encoders may change what alpha 0 hides. */
static void expect_picture(struct fixture *fixture, const uint8_t background[3])
{
    struct error err = {0};
    assert_true(image_resize_buffer(&fixture->expected, WIDTH, HEIGHT, &err));
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        double alpha = fixture->rgba[i * 4 + 3] / 255.0;
        for (size_t c = 0; c < 3; c++)
            fixture->expected.pixels[i * 3 + c] =
                (uint8_t)(fixture->rgba[i * 4 + c] * alpha + background[c] * (1 - alpha) + 0.5);
    }
}

static void add_number(struct buffer *file, uint32_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        assert_true(buffer_add(file, (char[]){(char)(value >> (8 * i))}, 1));
}

static void add_chunk(struct buffer *file, const char *name, struct bytes data)
{
    assert_true(buffer_add(file, name, 4));
    add_number(file, (uint32_t)data.size, 4);
    assert_true(buffer_add(file, data.data, data.size));
    if (data.size % 2)
        add_number(file, 0, 1);
}

/* The chunks of fixture->file, a still picture, without the header of an extended file. */
static struct bytes bare_chunks(struct fixture *fixture)
{
    size_t at = memcmp(fixture->file.data + 12, "VP8X", 4) == 0 ? 30 : 12;
    buffer_clear(&fixture->bare);
    assert_true(buffer_add(&fixture->bare, fixture->file.data + at, fixture->file.size - at));
    return bytes_of(&fixture->bare);
}

static void start_extended(struct buffer *file, uint32_t flags, uint32_t width, uint32_t height)
{
    buffer_clear(file);
    assert_true(buffer_add(file, "RIFF....WEBPVP8X", 16));
    add_number(file, 10, 4);
    add_number(file, flags, 4);
    add_number(file, width - 1, 3);
    add_number(file, height - 1, 3);
}

static void end_extended(struct buffer *file)
{
    for (size_t i = 0; i < 4; i++)
        file->data[4 + i] = (char)((file->size - 8) >> (8 * i));
}

static void add_frame(struct buffer *file, struct bytes chunks)
{
    AUTO_BUFFER(frame, FILE_LIMIT_BYTES);
    add_number(&frame, FRAME_X / 2, 3);
    add_number(&frame, FRAME_Y / 2, 3);
    add_number(&frame, WIDTH - 1, 3);
    add_number(&frame, HEIGHT - 1, 3);
    add_number(&frame, 100, 3);
    add_number(&frame, 0, 1);
    assert_true(buffer_add(&frame, chunks.data, chunks.size));
    add_chunk(file, "ANMF", bytes_of(&frame));
}

/* A canvas with the picture at FRAME_X, FRAME_Y, `frames` times. */
static void make_animation(struct fixture *fixture, int frames)
{
    struct bytes chunks = bare_chunks(fixture);
    start_extended(&fixture->file, ANIMATION_FLAG | ALPHA_FLAG, WIDTH + 10, HEIGHT + 8);
    add_chunk(&fixture->file, "ANIM", (struct bytes){"\xff\xff\xff\xff\0", 6});
    for (int i = 0; i < frames; i++)
        add_frame(&fixture->file, chunks);
    end_extended(&fixture->file);
}

static void lossless_pictures_keep_their_pixels(void **state)
{
    struct fixture *fixture = *state;
    static const struct image_options coloured = {.background = {10, 200, 90}};
    make_opaque(fixture, true);
    struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    assert_string_equal(info.format, "webp");
    assert_int_equal(info.warnings, 0);
    assert_same_pixels(&fixture->decoded, &fixture->picture);
    make_transparent(fixture, true);
    info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
    assert_int_equal(info.warnings, IMAGE_WARNING_ALPHA_BLENDED);
    expect_picture(fixture, white);
    assert_same_pixels(&fixture->decoded, &fixture->expected);
    (void)decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
    expect_picture(fixture, coloured.background);
    assert_same_pixels(&fixture->decoded, &fixture->expected);
}

static void lossy_pictures_come_close(void **state)
{
    struct fixture *fixture = *state;
    make_opaque(fixture, false);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
    assert_true(mean_difference(&fixture->decoded, &fixture->picture) < 12);
    make_transparent(fixture, false);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_ALPHA_BLENDED);
    expect_picture(fixture, white);
    assert_true(mean_difference(&fixture->decoded, &fixture->expected) < 12);
}

static void opaque_alpha_is_not_warned_of(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 3; i < sizeof(fixture->rgba); i += 4)
        fixture->rgba[i] = 255;
    fixture->rgba[3] = 254; /* else the encoder leaves alpha out */
    make_transparent(fixture, true);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings,
                     IMAGE_WARNING_ALPHA_BLENDED);
    fixture->rgba[3] = 255;
    make_transparent(fixture, true);
    assert_int_equal(decode(bytes_of(&fixture->file), NULL, &fixture->decoded).warnings, 0);
}

static void the_first_frame_lies_on_its_canvas(void **state)
{
    struct fixture *fixture = *state;
    static const struct image_options coloured = {.background = {10, 200, 90}};
    expect_picture(fixture, coloured.background);
    for (int frames = 1; frames < 4; frames++) {
        make_transparent(fixture, true);
        make_animation(fixture, frames);
        struct image_info info = decode(bytes_of(&fixture->file), &coloured, &fixture->decoded);
        assert_int_equal(info.warnings,
                         IMAGE_WARNING_ALPHA_BLENDED | (frames > 1 ? IMAGE_WARNING_FIRST_FRAME : 0U));
        assert_int_equal(info.width, WIDTH + 10);
        assert_int_equal(info.height, HEIGHT + 8);
        for (uint32_t y = 0; y < info.height; y++) {
            for (uint32_t x = 0; x < info.width; x++) {
                bool is_inside = x >= FRAME_X && y >= FRAME_Y && x < FRAME_X + WIDTH && y < FRAME_Y + HEIGHT;
                const uint8_t *expected =
                    is_inside ? fixture->expected.pixels + ((size_t)(y - FRAME_Y) * WIDTH + x - FRAME_X) * 3
                              : coloured.background;
                assert_memory_equal(fixture->decoded.pixels + ((size_t)y * info.width + x) * 3, expected, 3);
            }
        }
    }
}

static void metadata_are_heeded(void **state)
{
    struct fixture *fixture = *state;
    uint8_t exif[6 + EXIF_BYTES] = "Exif\0";
    make_exif(6, true, exif + 6);
    for (size_t start = 0; start <= 6; start += 6) {
        make_opaque(fixture, true);
        struct bytes chunks = bare_chunks(fixture);
        start_extended(&fixture->file, EXIF_FLAG | 32, WIDTH, HEIGHT);
        add_chunk(&fixture->file, "ICCP", (struct bytes){"no profile", 10});
        assert_true(buffer_add(&fixture->file, chunks.data, chunks.size));
        add_chunk(&fixture->file, "EXIF", (struct bytes){exif + start, sizeof(exif) - start});
        end_extended(&fixture->file);
        struct image_info info = decode(bytes_of(&fixture->file), NULL, &fixture->decoded);
        assert_int_equal(info.orientation, 6);
        assert_int_equal(info.warnings, IMAGE_WARNING_ICC_IGNORED);
        assert_int_equal(info.width, HEIGHT);
        assert_memory_equal(fixture->decoded.pixels + (HEIGHT - 1) * 3, fixture->picture.pixels, 3);
        /* without its end, the picture is whole but nobody knows its orientation */
        struct bytes cut = {fixture->file.data, fixture->file.size - 10};
        info = decode(cut, NULL, &fixture->decoded);
        assert_int_equal(info.orientation, 1);
        assert_true(info.warnings & IMAGE_WARNING_BAD_METADATA);
    }
}

static void no_prefix_passes_with_other_pixels(void **state)
{
    struct fixture *fixture = *state;
    size_t partial = 0;
    for (int kind = 0; kind < 6; kind++) {
        if (kind % 2)
            make_transparent(fixture, kind < 3);
        else
            make_opaque(fixture, kind < 3);
        if (kind > 3)
            make_animation(fixture, 2);
        struct prefix_counts counts = assert_prefixes(bytes_of(&fixture->file));
        assert_true(kind > 3 ? counts.passed > 100 : counts.passed <= 2);
        partial += counts.partial;
    }
    assert_true(partial > 1000);
}

static void missing_rows_show_the_background(void **state)
{
    struct fixture *fixture = *state;
    static const struct image_options partial = {.accept_partial = true, .background = {1, 2, 3}};
    for (int is_transparent = 0; is_transparent < 2; is_transparent++) {
        if (is_transparent)
            make_transparent(fixture, true);
        else
            make_opaque(fixture, true);
        struct bytes half = {fixture->file.data, fixture->file.size * 3 / 4};
        assert_refused(half, NULL, ERR_INVALID, "damaged WebP, pixels are missing: near row");
        assert_true(decode(half, &partial, &fixture->decoded).warnings & IMAGE_WARNING_PARTIAL);
        if (is_transparent)
            expect_picture(fixture, partial.background);
        assert_memory_equal(fixture->decoded.pixels,
                            (is_transparent ? fixture->expected : fixture->picture).pixels,
                            (size_t)WIDTH * 4);
        for (size_t i = (size_t)WIDTH * (HEIGHT - 1) * 3; i < (size_t)WIDTH * HEIGHT * 3; i += 3)
            assert_memory_equal(fixture->decoded.pixels + i, partial.background, 3);
    }
}

static void bombs_cost_nothing(void **state)
{
    struct fixture *fixture = *state;
    make_opaque(fixture, true);
    make_animation(fixture, 1);
    struct buffer *file = &fixture->file;
    memset(file->data + 24, 0xff, 6); /* a canvas of 2^24 squared */
    assert_refused(bytes_of(file), NULL, ERR_INVALID, "unreadable WebP");
    start_extended(file, ANIMATION_FLAG, 16384, 16384);
    end_extended(file);
    assert_costs_nothing(bytes_of(file), ERR_LIMIT, "16384 × 16384 = 268435456 px are over the limit");
    start_extended(file, ANIMATION_FLAG, 65501, 1);
    end_extended(file);
    assert_costs_nothing(bytes_of(file), ERR_LIMIT, "a side");
    start_extended(file, ANIMATION_FLAG, 1000, 1000);
    end_extended(file);
    assert_costs_nothing(bytes_of(file), ERR_INVALID, "the first frame of the animation is cut short");
    struct image_options small = {.pixels_max = WIDTH * HEIGHT};
    make_opaque(fixture, false);
    (void)decode(bytes_of(file), &small, &fixture->decoded);
    small.pixels_max--;
    assert_refused(bytes_of(file), &small, ERR_LIMIT, "over the limit of 1484 px");
}

static void chunks_are_limited(void **state)
{
    enum { CHUNKS_MAX = 65536 };
    struct fixture *fixture = *state;
    struct buffer *file = &fixture->file;
    make_opaque(fixture, true);
    struct bytes chunks = bare_chunks(fixture);
    start_extended(file, 0, WIDTH, HEIGHT);
    assert_true(buffer_add(file, chunks.data, chunks.size));
    for (size_t i = 2; i < CHUNKS_MAX; i++)
        add_chunk(file, "XMP ", (struct bytes){"", 0});
    end_extended(file);
    (void)decode(bytes_of(file), NULL, &fixture->decoded);
    add_chunk(file, "XMP ", (struct bytes){"", 0});
    end_extended(file);
    assert_costs_nothing(bytes_of(file), ERR_LIMIT, "a WebP of more than 65536 frames and other chunks");
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(lossless_pictures_keep_their_pixels),
        WITH_FIXTURE(lossy_pictures_come_close),
        WITH_FIXTURE(opaque_alpha_is_not_warned_of),
        WITH_FIXTURE(the_first_frame_lies_on_its_canvas),
        WITH_FIXTURE(metadata_are_heeded),
        WITH_FIXTURE(no_prefix_passes_with_other_pixels),
        WITH_FIXTURE(missing_rows_show_the_background),
        WITH_FIXTURE(bombs_cost_nothing),
        WITH_FIXTURE(chunks_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
