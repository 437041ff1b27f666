/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image/orient.h"
#include "image_fixture.h"

/* Where the pixel of the stored image at x, y lies in the upright one, as the EXIF standard words it: which
 * side of the picture its first row and first column are. */
static void place_upright(uint8_t orientation, uint32_t width, uint32_t height, uint32_t *x, uint32_t *y)
{
    uint32_t from_left = *x, from_right = width - 1 - *x, from_top = *y, from_bottom = height - 1 - *y;
    const uint32_t across[9] = {0,        from_left,   from_right,  from_right, from_left,
                                from_top, from_bottom, from_bottom, from_top};
    const uint32_t down[9] = {0,         from_top,  from_top,   from_bottom, from_bottom,
                              from_left, from_left, from_right, from_right};
    *x = across[orientation];
    *y = down[orientation];
}

static void assert_turned(const struct image *stored, uint8_t orientation, const struct image *upright)
{
    bool is_quarter = orientation >= 5;
    assert_int_equal(upright->width, is_quarter ? stored->height : stored->width);
    assert_int_equal(upright->height, is_quarter ? stored->width : stored->height);
    for (uint32_t y = 0; y < stored->height; y++) {
        for (uint32_t x = 0; x < stored->width; x++) {
            uint32_t to_x = x, to_y = y;
            place_upright(orientation, stored->width, stored->height, &to_x, &to_y);
            assert_memory_equal(upright->pixels + ((size_t)to_y * upright->width + to_x) * 3,
                                stored->pixels + ((size_t)y * stored->width + x) * 3, 3);
        }
    }
}

static void every_orientation_is_turned_upright(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {5, 3}, {1, 9}, {64, 33}, {97, 70}, {700, 2}};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (uint8_t orientation = 1; orientation <= 8; orientation++) {
            struct image stored = {0}, turned = {0};
            struct error err = {0};
            paint_noise(&stored, sizes[i][0], sizes[i][1], 3);
            paint_noise(&turned, sizes[i][0], sizes[i][1], 3);
            assert_true(image_turn_upright(&turned, orientation, &err));
            assert_turned(&stored, orientation, &turned);
            image_release(&stored);
            image_release(&turned);
        }
    }
}

static void decoding_a_jpeg_turns_it(void **state)
{
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, stored = {0}, upright = {0};
    uint8_t exif[EXIF_BYTES];
    paint(&picture, 43, 29, 9);
    make_jpeg(&picture, &(struct jpeg_kind){.colours = JCS_YCbCr}, &file);
    (void)decode(bytes_of(&file), NULL, &stored);
    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        for (int is_big_endian = 0; is_big_endian < 2; is_big_endian++) {
            make_exif(orientation, is_big_endian, exif);
            make_jpeg(&picture, &(struct jpeg_kind){.colours = JCS_YCbCr, .exif = {exif, EXIF_BYTES}}, &file);
            struct image_info info = decode(bytes_of(&file), NULL, &upright);
            assert_int_equal(info.orientation, orientation);
            assert_int_equal(info.warnings, 0);
            assert_turned(&stored, orientation, &upright);
        }
    }
    image_release(&picture);
    image_release(&stored);
    image_release(&upright);
}

/* A PNG of ours with one more chunk before its end. */
static void add_png_chunk(struct buffer *file, const char *name, const uint8_t *data, uint8_t bytes,
                          uint32_t crc)
{
    AUTO_BUFFER(end, 16);
    const uint8_t length[4] = {0, 0, 0, bytes};
    const uint8_t sum[4] = {(uint8_t)(crc >> 24), (uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};
    assert_true(buffer_add(&end, file->data + file->size - 12, 12));
    file->size -= 12;
    assert_true(buffer_add(file, length, 4) && buffer_add(file, name, 4) && buffer_add(file, data, bytes) &&
                buffer_add(file, sum, 4) && buffer_add(file, end.data, 12));
}

static uint32_t crc_of(const uint8_t *data, size_t bytes, uint32_t crc)
{
    for (size_t i = 0; i < bytes; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
    }
    return crc;
}

static void decoding_a_png_turns_it(void **state)
{
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, upright = {0};
    struct error err = {0};
    uint8_t exif[EXIF_BYTES];
    paint(&picture, 43, 29, 9);
    for (uint8_t orientation = 1; orientation <= 8; orientation++) {
        make_exif(orientation, true, exif);
        uint32_t crc = ~crc_of(exif, EXIF_BYTES, crc_of((const uint8_t *)"eXIf", 4, UINT32_MAX));
        buffer_clear(&file);
        assert_true(image_encode_png(&picture, &file, &err));
        add_png_chunk(&file, "eXIf", exif, EXIF_BYTES, crc);
        struct image_info info = decode(bytes_of(&file), NULL, &upright);
        assert_int_equal(info.orientation, orientation);
        assert_int_equal(info.warnings, 0);
        assert_turned(&picture, orientation, &upright);
    }
    image_release(&picture);
    image_release(&upright);
}

static void an_impossible_orientation_is_ignored_with_a_warning(void **state)
{
    static const uint16_t values[] = {0, 9, 255, 65535};
    uint8_t exif[EXIF_BYTES];
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct image_found found = {.orientation = 1};
        struct error err = {0};
        make_exif(values[i], i % 2, exif);
        assert_true(image_read_orientation((struct bytes){exif, EXIF_BYTES}, &found, &err));
        assert_int_equal(found.orientation, 1);
        assert_int_equal(found.warnings, IMAGE_WARNING_BAD_METADATA);
    }
}

static void damaged_exif_keeps_the_picture_as_stored(void **state)
{
    static const uint8_t zeros[70000];
    uint8_t exif[EXIF_BYTES];
    struct error err = {0};
    make_exif(6, false, exif);
    for (size_t size = 0; size < 20; size++) {
        struct image_found found = {.orientation = 1};
        assert_true(image_read_orientation((struct bytes){exif, size}, &found, &err));
        assert_int_equal(found.orientation, 1);
    }
    static const size_t sizes[] = {0, 100, 65536, 65537, 70000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct image_found found = {.orientation = 1};
        assert_true(image_read_orientation((struct bytes){zeros, sizes[i]}, &found, &err));
        assert_int_equal(found.orientation, 1);
        assert_int_equal(found.warnings, IMAGE_WARNING_BAD_METADATA);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_orientation_is_turned_upright),
        cmocka_unit_test(decoding_a_jpeg_turns_it),
        cmocka_unit_test(decoding_a_png_turns_it),
        cmocka_unit_test(an_impossible_orientation_is_ignored_with_a_warning),
        cmocka_unit_test(damaged_exif_keeps_the_picture_as_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
