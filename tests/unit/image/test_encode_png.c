/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image_fixture.h"

static void what_is_encoded_decodes_to_the_same_pixels(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {1, 40}, {333, 2}, {64, 64}, {151, 97}};
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0}, decoded = {0};
    struct error err = {0};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        paint_noise(&picture, sizes[i][0], sizes[i][1], (uint32_t)i);
        buffer_clear(&file);
        assert_true(image_encode_png(&picture, &file, &err));
        struct image_info info = decode(bytes_of(&file), NULL, &decoded);
        assert_string_equal(info.format, "png");
        assert_int_equal(info.warnings, 0);
        assert_same_pixels(&picture, &decoded);
    }
    image_release(&picture);
    image_release(&decoded);
}

static void the_same_pixels_give_the_same_bytes(void **state)
{
    AUTO_BUFFER(first, FILE_LIMIT_BYTES);
    AUTO_BUFFER(second, FILE_LIMIT_BYTES);
    struct image picture = {0};
    struct error err = {0};
    paint(&picture, 50, 40, 1);
    assert_true(image_encode_png(&picture, &first, &err));
    assert_true(image_encode_png(&picture, &second, &err));
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    image_release(&picture);
}

static void a_buffer_too_small_is_an_error(void **state)
{
    struct image picture = {0};
    struct error err = {0};
    AUTO_BUFFER(large, FILE_LIMIT_BYTES);
    paint_noise(&picture, 50, 40, 1);
    assert_true(image_encode_png(&picture, &large, &err));
    AUTO_BUFFER(exact, large.size);
    assert_true(image_encode_png(&picture, &exact, &err));
    AUTO_BUFFER(small, large.size - 1);
    assert_false(image_encode_png(&picture, &small, &err));
    assert_int_equal(err.code, ERR_LIMIT);
    image_release(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_encoded_decodes_to_the_same_pixels),
        cmocka_unit_test(the_same_pixels_give_the_same_bytes),
        cmocka_unit_test(a_buffer_too_small_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
