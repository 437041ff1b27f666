/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

#include <stdlib.h>

static void what_is_encoded_decodes_to_nearly_the_same_pixels(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {1, 40}, {333, 2}, {64, 64}, {151, 97}};
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, decoded = {0};
    struct error err = {0};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_true(image_resize_buffer(&picture, sizes[i][0], sizes[i][1], &err));
        for (size_t p = 0; p < (size_t)picture.width * picture.height; p++)
            for (size_t c = 0; c < 3; c++)
                picture.pixels[p * 3 + c] = (uint8_t)(40 + p % picture.width / 4 + 60 * c);
        buffer_clear(&file);
        assert_true(image_encode_jpeg(&picture, 95, &file, &err));
        struct image_info info = decode(bytes_of(&file), NULL, &decoded);
        assert_string_equal(info.format, "jpeg");
        assert_int_equal(info.warnings, 0);
        assert_int_equal(decoded.width, picture.width);
        assert_int_equal(decoded.height, picture.height);
        for (size_t p = 0; p < (size_t)picture.width * picture.height * 3; p++)
            assert_true(abs((int)decoded.pixels[p] - (int)picture.pixels[p]) < 16);
    }
    image_release(&picture);
    image_release(&decoded);
}

static void the_same_pixels_give_the_same_bytes_and_quality_costs_bytes(void **state)
{
    AUTO_BUFFER(first, FILE_LIMIT_BYTES);
    AUTO_BUFFER(second, FILE_LIMIT_BYTES);
    AUTO_BUFFER(rough, FILE_LIMIT_BYTES);
    struct image picture = {0};
    struct error err = {0};
    paint(&picture, 500, 400, 1);
    assert_true(image_encode_jpeg(&picture, 85, &first, &err));
    assert_true(image_encode_jpeg(&picture, 85, &second, &err));
    assert_true(image_encode_jpeg(&picture, 30, &rough, &err));
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    assert_true(rough.size < first.size);
    image_release(&picture);
}

static void a_buffer_too_small_is_an_error(void **state)
{
    AUTO_BUFFER(file, 1000);
    struct image picture = {0};
    struct error err = {0};
    paint_noise(&picture, 200, 200, 1);
    assert_false(image_encode_jpeg(&picture, 90, &file, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    image_release(&picture);
}

/* The long side keeps what was asked for, is at most twice of it, and the picture looks the same. */
static void a_smaller_decoding_has_enough_pixels_and_looks_the_same(void **state)
{
    static const uint32_t enough[] = {1, 99, 100, 101, 199, 200, 400, 401, 800, 5000};
    static const uint32_t widths[] = {100, 100, 100, 200, 200, 200, 400, 800, 800, 800};
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, decoded = {0}, small = {0};
    struct error err = {0};
    struct image_scratch *scratch = image_scratch_new();
    paint(&picture, 800, 600, 3);
    assert_true(image_encode_jpeg(&picture, 95, &file, &err));
    for (size_t i = 0; i < sizeof(enough) / sizeof(enough[0]); i++) {
        const struct image_options options = {.long_side_enough_px = enough[i]};
        (void)decode(bytes_of(&file), &options, &decoded);
        assert_int_equal(decoded.width, widths[i]);
        assert_int_equal(decoded.height, widths[i] * 3 / 4);
        const struct image_resizing how = {decoded.width, decoded.height, IMAGE_FILTER_AREA, {0, 0, 0, 0}};
        uint64_t difference = 0;
        if (decoded.width == picture.width)
            continue;
        assert_true(image_resize(&picture, &how, scratch, &small, &err));
        size_t bytes = (size_t)small.width * small.height * 3;
        for (size_t p = 0; p < bytes; p++)
            difference += (uint64_t)abs((int)decoded.pixels[p] - (int)small.pixels[p]);
        assert_true((double)difference / (double)bytes < 12);
    }
    scratch = image_scratch_free(scratch);
    image_release(&picture);
    image_release(&decoded);
    image_release(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_decodes_to_nearly_the_same_pixels),
        cmocka_unit_test(the_same_pixels_give_the_same_bytes_and_quality_costs_bytes),
        cmocka_unit_test(a_buffer_too_small_is_an_error),
        cmocka_unit_test(a_smaller_decoding_has_enough_pixels_and_looks_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
