/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "infer/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* cmocka's own compares as float. */
#define ASSERT_CLOSE(a, b, slack) assert_true(fabs((double)(a) - (double)(b)) <= (slack))

/* Pixels that tell their place: red is x, green is y, blue is a mixture. */
static void make_image(struct image *image, uint32_t width, uint32_t height)
{
    struct error err = {0};
    assert_true(image_resize_buffer(image, width, height, &err));
    uint8_t *at = image->pixels;
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            *at++ = (uint8_t)x;
            *at++ = (uint8_t)y;
            *at++ = (uint8_t)(x * 7 + y * 13);
        }
    }
}

static struct preprocess_options plain(uint32_t width, uint32_t height)
{
    return (struct preprocess_options){.element = ELEMENT_FLOAT32,
                                       .width = width,
                                       .height = height,
                                       .crop_fraction = 1,
                                       .scale = 1,
                                       .std = {1, 1, 1}};
}

static struct placement run(const struct preprocess_options *options, const struct image *image, void *values)
{
    struct preprocess preprocess = {0};
    struct placement placement = {0};
    struct error err = {0};
    AUTO(preprocess_scratch) scratch = preprocess_scratch_new();
    if (!preprocess_init(options, &preprocess, &err) ||
        !preprocess_run(&preprocess, scratch, image, values, &placement, &err))
        fail_msg("%s", err.message);
    return placement;
}

enum { WIDTH = 6, HEIGHT = 5, PLACES = WIDTH * HEIGHT };

static uint8_t level(const struct image *image, uint32_t x, uint32_t y, uint32_t channel)
{
    return image->pixels[(y * image->width + x) * 3 + channel];
}

static void an_image_of_the_right_size_goes_in_unchanged(void **state)
{
    struct image image = {0};
    float values[3 * PLACES] = {0};
    struct preprocess_options options = plain(WIDTH, HEIGHT);
    make_image(&image, WIDTH, HEIGHT);
    for (int color = COLOR_RGB; color <= COLOR_BGR; color++) {
        for (int layout = LAYOUT_NCHW; layout <= LAYOUT_NHWC; layout++) {
            options.color = (enum preprocess_color)color;
            options.layout = (enum preprocess_layout)layout;
            (void)run(&options, &image, values);
            for (uint32_t i = 0; i < 3 * PLACES; i++) {
                uint32_t c = layout == LAYOUT_NCHW ? i / PLACES : i % 3;
                uint32_t place = layout == LAYOUT_NCHW ? i % PLACES : i / 3;
                uint8_t wanted = level(&image, place % WIDTH, place / WIDTH, color == COLOR_BGR ? 2 - c : c);
                assert_int_equal((int)values[i], wanted);
            }
        }
    }
    image_release(&image);
}

static void gray_is_pillows_luma(void **state)
{
    enum { COUNT = 7 };
    struct image image = {0};
    float values[COUNT] = {0};
    struct error err = {0};
    /* The last three change when any weight is off by one. */
    static const uint8_t pixels[] = {255, 0,   0,   0,   255, 0,   0,  0,   255, 200, 200,
                                     200, 195, 110, 216, 207, 236, 27, 244, 8,   218};
    static const float wanted[COUNT] = {76, 150, 29, 200, 147, 204, 103}; /* Image.convert("L") */
    struct preprocess_options options = plain(COUNT, 1);
    options.color = COLOR_GRAY;
    assert_true(image_resize_buffer(&image, COUNT, 1, &err));
    memcpy(image.pixels, pixels, sizeof(pixels));
    (void)run(&options, &image, values);
    assert_memory_equal(values, wanted, sizeof(wanted));
    image_release(&image);
}

static void a_model_of_8_bit_pixels_gets_them(void **state)
{
    struct image image = {0};
    uint8_t values[3 * PLACES] = {0};
    struct preprocess_options options = plain(WIDTH, HEIGHT);
    options.element = ELEMENT_UINT8;
    options.layout = LAYOUT_NHWC;
    make_image(&image, WIDTH, HEIGHT);
    (void)run(&options, &image, values);
    assert_memory_equal(values, image.pixels, sizeof(values));
    options.color = COLOR_BGR;
    options.layout = LAYOUT_NCHW;
    (void)run(&options, &image, values);
    assert_int_equal(values[WIDTH], level(&image, 0, 1, 2));
    options.color = COLOR_GRAY;
    (void)run(&options, &image, values);
    assert_int_equal(values[0], 0);
    image_release(&image);
}

/* Against the formula in the working precision of Python tools, where nothing cancels, and exactly in real
 * numbers. */
static void values_are_the_formula_rounded_once(void **state)
{
    struct preprocess preprocess = {0};
    struct error err = {0};
    struct preprocess_options options = plain(2, 2);
    options.scale = 1.0 / 255;
    const double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
    memcpy(options.mean, mean, sizeof(mean));
    memcpy(options.std, deviation, sizeof(deviation));
    assert_true(preprocess_init(&options, &preprocess, &err));
    for (int c = 0; c < 3; c++) {
        for (int x = 0; x < 256; x++) {
            float got = preprocess.levels[c][x];
            long double exact = (x / 255.0L - (long double)mean[c]) / (long double)deviation[c];
            assert_true(got == (float)exact);
            float usual = ((float)x / 255.0f - (float)mean[c]) / (float)deviation[c];
            assert_true(fabsf(got - usual) <= 8e-7f); /* four roundings near 1, divided by 0.22 */
        }
    }
}

static void squash_ignores_the_aspect_ratio(void **state)
{
    struct image image = {0};
    float values[3 * 4 * 4] = {0};
    struct preprocess_options options = plain(4, 4);
    make_image(&image, 16, 8);
    struct placement placement = run(&options, &image, values);
    ASSERT_CLOSE(placement.scale_x, 0.25, 1e-12);
    ASSERT_CLOSE(placement.scale_y, 0.5, 1e-12);
    assert_true(values[0] < values[1] && values[0] < values[4 * 4 + 4]); /* x grows in red, y in green */
    assert_int_equal(placement.image_width, 16);
    image_release(&image);
}

/* torchvision: Resize(round(size / fraction)), then CenterCrop(size); sizes and offsets by its formulas in
 * Python. */
static void centre_crops_lie_where_torchvision_puts_them(void **state)
{
    static const struct {
        uint32_t width, height, size;
        double fraction;
        uint32_t resized_width, resized_height;
        int left, top;
    } rows[] = {
        {640, 480, 224, 0.875, 341, 256, 58, 16}, /* (341 - 224) / 2 = 58.5: half to even */
        {480, 640, 224, 0.875, 256, 341, 16, 58},
        {500, 333, 128, 0.875, 219, 146, 46, 9}, /* 45.5 goes to 46 */
        {100, 100, 224, 0.875, 256, 256, 16, 16},
        {333, 500, 224, 0.875, 256, 384, 16, 80},
        {1024, 683, 224, 1, 335, 224, 56, 0}, /* 55.5 goes to 56 */
    };
    struct image image = {0};
    float *values = malloc(sizeof(float) * 3 * 224 * 224);
    assert_non_null(values);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct preprocess_options options = plain(rows[i].size, rows[i].size);
        options.resize = RESIZE_CENTER_CROP;
        options.crop_fraction = rows[i].fraction;
        make_image(&image, rows[i].width, rows[i].height);
        struct placement placement = run(&options, &image, values);
        ASSERT_CLOSE(placement.scale_x, (double)rows[i].resized_width / rows[i].width, 1e-12);
        ASSERT_CLOSE(placement.scale_y, (double)rows[i].resized_height / rows[i].height, 1e-12);
        assert_int_equal((int)-placement.offset_x, rows[i].left);
        assert_int_equal((int)-placement.offset_y, rows[i].top);
    }
    free(values);
    image_release(&image);
}

static void a_crop_shows_the_same_pixels_as_the_whole(void **state)
{
    enum { SIZE = 32, CROPPED = 28 };
    struct image image = {0};
    static float whole[3 * SIZE * SIZE], crop[3 * CROPPED * CROPPED];
    struct preprocess_options options = plain(SIZE, SIZE);
    make_image(&image, 101, 101);
    (void)run(&options, &image, whole);
    options = plain(CROPPED, CROPPED);
    options.resize = RESIZE_CENTER_CROP;
    options.crop_fraction = 0.875;
    (void)run(&options, &image, crop);
    for (size_t c = 0; c < 3; c++)
        for (size_t y = 0; y < CROPPED; y++)
            assert_memory_equal(&crop[(c * CROPPED + y) * CROPPED], &whole[(c * SIZE + y + 2) * SIZE + 2],
                                sizeof(float) * CROPPED);
    image_release(&image);
}

/* What cutting the middle out of the whole row would give, made by hand. */
static void middle_of_whole(const struct image *image, uint32_t width, uint32_t side, float *ret)
{
    struct image whole = {0};
    struct error err = {0};
    AUTO(image_scratch) scratch = image_scratch_new();
    const struct image_resizing how = {.width = width, .height = side, .filter = IMAGE_FILTER_BILINEAR};
    assert_true(image_resize(image, &how, scratch, &whole, &err));
    size_t left = (width - side) / 2, places = (size_t)side * side;
    for (size_t i = 0; i < 3 * places; i++) {
        size_t x = i % side, y = i % places / side, channel = i / places;
        ret[i] = whole.pixels[(y * width + left + x) * 3 + channel];
    }
    image_release(&whole);
}

static void a_strip_is_cut_before_it_is_resized(void **state)
{
    enum { SIDE = 8 };
    struct image image = {0};
    float values[3 * SIDE * SIDE] = {0}, wanted[3 * SIDE * SIDE] = {0};
    struct preprocess_options options = plain(SIDE, SIDE);
    options.resize = RESIZE_CENTER_CROP;
    for (uint32_t length = SIDE * PREPROCESS_WHOLE_FACTOR; length <= 10 * SIDE * PREPROCESS_WHOLE_FACTOR;
         length *= 10) {
        make_image(&image, length, 5);
        struct placement placement = run(&options, &image, values);
        uint32_t width = SIDE * length / 5;
        ASSERT_CLOSE(placement.scale_x, (double)width / length, 1e-9);
        middle_of_whole(&image, width, SIDE, wanted);
        for (int i = 0; i < 3 * SIDE * SIDE; i++)
            ASSERT_CLOSE(values[i], wanted[i], 1);
    }
    make_image(&image, 60000, 1); /* would become 480,000 px wide */
    (void)run(&options, &image, values);
    make_image(&image, 1, 60000);
    (void)run(&options, &image, values);
    image_release(&image);
}

static void a_letterbox_keeps_the_aspect_ratio_and_fills_the_rest(void **state)
{
    enum { SIDE = 8 };
    struct image image = {0};
    float values[3 * SIDE * SIDE] = {0};
    struct preprocess_options options = plain(SIDE, SIDE);
    options.resize = RESIZE_LETTERBOX;
    options.pad_value = 114;
    options.pad_place = PAD_TOP_LEFT;
    make_image(&image, 16, 7); /* to 8 × 3 (3.5 is cut) */
    struct placement placement = run(&options, &image, values);
    ASSERT_CLOSE(placement.offset_y, 0, 0);
    ASSERT_CLOSE(placement.scale_y, 0.5, 1e-12);  /* the ratio, not 3 / 7 */
    assert_true(values[(size_t)2 * SIDE] != 114); /* red of (0, 2): near 0 */
    for (int i = 3 * SIDE; i < SIDE * SIDE; i++)
        assert_int_equal((int)values[i], 114);
    options.pad_place = PAD_CENTER;
    options.layout = LAYOUT_NHWC;
    placement = run(&options, &image, values);
    ASSERT_CLOSE(placement.offset_y, 2, 0); /* 3.5 is rounded to 4 */
    ASSERT_CLOSE(placement.scale_y, 0.5, 1e-12);
    assert_int_equal((int)values[(size_t)(SIDE + 4) * 3], 114);
    assert_true(values[(size_t)2 * SIDE * 3] < 3);
    assert_int_equal((int)values[(size_t)(6 * SIDE + 4) * 3 + 2], 114);
    image_release(&image);
}

static void a_letterbox_of_8_bit_pixels_is_filled_too(void **state)
{
    struct image image = {0};
    uint8_t values[3 * 4 * 4] = {0};
    struct preprocess_options options = plain(4, 4);
    options.element = ELEMENT_UINT8;
    options.resize = RESIZE_LETTERBOX;
    options.pad_place = PAD_TOP_LEFT;
    options.pad_value = 114;
    make_image(&image, 8, 4);
    (void)run(&options, &image, values);
    assert_int_equal(values[(size_t)2 * 4], 114);
    assert_int_equal(values[sizeof(values) - 1], 114);
    assert_int_not_equal(values[0], 114);
    image_release(&image);
}

static void a_line_of_pixels_is_an_image_too(void **state)
{
    struct image image = {0};
    float values[3 * 4 * 4] = {0};
    for (int resize = RESIZE_SQUASH; resize <= RESIZE_LETTERBOX; resize++) {
        struct preprocess_options options = plain(4, 4);
        options.resize = (enum preprocess_resize)resize;
        make_image(&image, 100, 1);
        (void)run(&options, &image, values);
        make_image(&image, 1, 100);
        (void)run(&options, &image, values);
    }
    image_release(&image);
}

static void the_tensor_has_the_shape_of_the_layout(void **state)
{
    struct preprocess preprocess = {0};
    struct error err = {0};
    char text[TENSOR_TEXT_BYTES];
    struct preprocess_options options = plain(9, 7);
    assert_true(preprocess_init(&options, &preprocess, &err));
    struct tensor_type type = preprocess_tensor_type(&preprocess);
    assert_string_equal(tensor_type_text(&type, text), "float32 [1, 3, 7, 9]");
    options.layout = LAYOUT_NHWC;
    options.color = COLOR_GRAY;
    options.element = ELEMENT_UINT8;
    assert_true(preprocess_init(&options, &preprocess, &err));
    type = preprocess_tensor_type(&preprocess);
    assert_string_equal(tensor_type_text(&type, text), "uint8 [1, 7, 9, 1]");
    assert_int_equal(tensor_bytes(&type), 63);
}

static void senseless_options_are_refused(void **state)
{
    struct preprocess preprocess = {0};
    for (int i = 0; i < 9; i++) {
        struct error err = {0};
        struct preprocess_options options = plain(8, 8);
        options.resize = RESIZE_CENTER_CROP;
        assert_true(preprocess_init(&options, &preprocess, &err));
        options.width = i == 0 ? 0 : i == 1 ? PREPROCESS_SIDE_MAX_PX + 1 : 8;
        options.crop_fraction = i == 2 ? 0.09 : i == 3 ? 1.01 : 1;
        options.element = i == 4 ? ELEMENT_FLOAT16 : ELEMENT_FLOAT32;
        options.scale = i == 5 ? 0 : 1;
        options.std[1] = i == 6 ? 0 : 1;
        options.mean[2] = i == 7 ? (double)NAN : 0;
        options.std[0] = i == 8 ? 1e-300 : 1;
        assert_false(preprocess_init(&options, &preprocess, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
    struct error err = {0};
    struct preprocess_options largest = plain(PREPROCESS_SIDE_MAX_PX, 1);
    assert_true(preprocess_init(&largest, &preprocess, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_of_the_right_size_goes_in_unchanged),
        cmocka_unit_test(gray_is_pillows_luma),
        cmocka_unit_test(a_model_of_8_bit_pixels_gets_them),
        cmocka_unit_test(values_are_the_formula_rounded_once),
        cmocka_unit_test(squash_ignores_the_aspect_ratio),
        cmocka_unit_test(centre_crops_lie_where_torchvision_puts_them),
        cmocka_unit_test(a_crop_shows_the_same_pixels_as_the_whole),
        cmocka_unit_test(a_strip_is_cut_before_it_is_resized),
        cmocka_unit_test(a_letterbox_keeps_the_aspect_ratio_and_fills_the_rest),
        cmocka_unit_test(a_letterbox_of_8_bit_pixels_is_filled_too),
        cmocka_unit_test(a_line_of_pixels_is_an_image_too),
        cmocka_unit_test(the_tensor_has_the_shape_of_the_layout),
        cmocka_unit_test(senseless_options_are_refused),
    };
    return cmocka_run_group_tests_name("preprocess", tests, NULL, NULL);
}
