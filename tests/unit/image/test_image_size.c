/* SPDX-License-Identifier: Apache-2.0 */
/* The size from the header is the size of the decoded image. */
#include "test.h"

#include "image/image.h"

#include <string.h>

enum { WIDTH = 33, HEIGHT = 21 };

static void make_image(struct image *image)
{
    struct error err = {0};
    assert_true(image_resize_buffer(image, WIDTH, HEIGHT, &err));
    memset(image->pixels, 99, (size_t)WIDTH * HEIGHT * 3);
}

static void expect_size(struct bytes file, uint32_t width, uint32_t height)
{
    struct error err = {0};
    struct image image = {0};
    struct image_info info;
    uint32_t found_width = 0, found_height = 0;
    assert_true(image_read_size(file, &found_width, &found_height, &err));
    assert_true(image_decode(file, NULL, &image, &info, &err));
    assert_int_equal(found_width, width);
    assert_int_equal(found_height, height);
    assert_int_equal(info.width, width);
    assert_int_equal(info.height, height);
    image_release(&image);
}

static void a_png_tells_its_size(void **state)
{
    struct error err = {0};
    struct image image = {0};
    AUTO_BUFFER(file, 65536);
    (void)state;
    make_image(&image);
    assert_true(image_encode_png(&image, &file, &err));
    image_release(&image);
    expect_size((struct bytes){file.data, file.size}, WIDTH, HEIGHT);
}

/* An APP1 segment after the start of the image: EXIF with this orientation. */
static void add_exif(const struct buffer *from, char orientation, struct buffer *into)
{
    static const char exif[] = "\xFF\xE1\0\x22"
                               "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0";
    char segment[2 + 0x22];
    memcpy(segment, exif, sizeof(segment));
    *(char *)memchr(segment, '?', sizeof(segment)) = orientation;
    assert_true(buffer_add(into, from->data, 2) && buffer_add(into, segment, sizeof(segment)) &&
                buffer_add(into, from->data + 2, from->size - 2));
}

static void a_jpeg_tells_its_size_as_it_is_turned(void **state)
{
    struct error err = {0};
    struct image image = {0};
    AUTO_BUFFER(file, 65536);
    (void)state;
    make_image(&image);
    assert_true(image_encode_jpeg(&image, 90, &file, &err));
    image_release(&image);
    expect_size((struct bytes){file.data, file.size}, WIDTH, HEIGHT);
    for (char orientation = 1; orientation <= 8; orientation++) {
        AUTO_BUFFER(turned, 65536);
        add_exif(&file, orientation, &turned);
        expect_size((struct bytes){turned.data, turned.size}, orientation < 5 ? WIDTH : HEIGHT,
                    orientation < 5 ? HEIGHT : WIDTH);
    }
}

static void what_is_no_image_has_no_size(void **state)
{
    static const char *const files[] = {"", "\xFF\xD8\xFF", "\x89PNG\r\n\x1a\n", "hello"};
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct error err = {0};
        uint32_t width, height;
        assert_false(image_read_size((struct bytes){files[i], strlen(files[i])}, &width, &height, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_png_tells_its_size),
        cmocka_unit_test(a_jpeg_tells_its_size_as_it_is_turned),
        cmocka_unit_test(what_is_no_image_has_no_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
