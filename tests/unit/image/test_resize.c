/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image/scratch.h"
#include "image_fixture.h"
#include "temp_folder.h"

#include <math.h>

struct resize_case {
    uint32_t width, height;
    struct image_resizing how;
};

static const struct resize_case cases[] = {
    {640, 480, {224, 224, IMAGE_FILTER_BILINEAR, {0}}},
    {640, 480, {512, 384, IMAGE_FILTER_AREA, {0}}},
    {641, 427, {97, 33, IMAGE_FILTER_BILINEAR, {0}}},
    {641, 427, {97, 33, IMAGE_FILTER_AREA, {0}}},
    {31, 17, {224, 225, IMAGE_FILTER_BILINEAR, {0}}},
    {31, 17, {224, 225, IMAGE_FILTER_AREA, {0}}},
    {1, 1, {7, 5, IMAGE_FILTER_BILINEAR, {0}}},
    {1, 1, {7, 5, IMAGE_FILTER_AREA, {0}}},
    {500, 300, {1, 1, IMAGE_FILTER_BILINEAR, {0}}},
    {2000, 2, {3, 2, IMAGE_FILTER_AREA, {0}}}, /* even runs too long for 16-bit sums */
    {2, 2000, {2, 3, IMAGE_FILTER_AREA, {0}}},
    {257, 5, {1, 5, IMAGE_FILTER_AREA, {0}}}, /* the longest run of 16-bit sums */
    {258, 5, {1, 5, IMAGE_FILTER_AREA, {0}}},
    {100, 80, {100, 31, IMAGE_FILTER_BILINEAR, {0}}}, /* rows stay as they are */
    {100, 80, {57, 80, IMAGE_FILTER_BILINEAR, {0}}},  /* columns stay as they are */
    {100, 80, {100, 80, IMAGE_FILTER_BILINEAR, {0}}},
    {100, 80, {64, 64, IMAGE_FILTER_BILINEAR, {10.25, 3.5, 80.75, 79.125}}},
    {100, 80, {64, 64, IMAGE_FILTER_AREA, {10.25, 3.5, 80.75, 79.125}}},
    {100, 80, {100, 80, IMAGE_FILTER_BILINEAR, {0, 0, 100, 79.5}}},
    {100, 80, {33, 150, IMAGE_FILTER_AREA, {99.5, 79.9, 100, 80}}},
    {300, 200, {224, 149, IMAGE_FILTER_BILINEAR, {38.1, 12.3, 262.1, 187.7}}},
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static struct image_box box_of(const struct resize_case *one)
{
    return one->how.part.x1 > 0 ? one->how.part : (struct image_box){0, 0, one->width, one->height};
}

static void resize_case(const struct resize_case *one, const struct image *from,
                        struct image_scratch *scratch, struct image *into)
{
    struct error err = {0};
    if (!image_resize(from, &one->how, scratch, into, &err))
        fail_msg("%s", err.message);
}

static void write_cases(const char *folder)
{
    AUTO_BUFFER(list, FILE_LIMIT_BYTES);
    struct image from = {0};
    for (size_t i = 0; i < CASES; i++) {
        const struct resize_case *one = &cases[i];
        struct image_box box = box_of(one);
        char name[32];
        assert_true(buffer_printf(&list, "%u %u %u %u %d %.17g %.17g %.17g %.17g\n", one->width, one->height,
                                  one->how.width, one->how.height, one->how.filter == IMAGE_FILTER_AREA,
                                  box.x0, box.y0, box.x1, box.y1));
        (void)snprintf(name, sizeof(name), "%zu.in", i);
        paint_noise(&from, one->width, one->height, (uint32_t)i);
        write_file(folder, name, from.pixels, (size_t)one->width * one->height * 3);
    }
    write_file(folder, "cases.txt", list.data, list.size);
    image_release(&from);
}

static void resized_pixels_are_those_of_pillow(void **state)
{
    char folder[TEMP_PATH_BYTES], path[512];
    AUTO(image_scratch) scratch = image_scratch_new();
    AUTO_BUFFER(expected, FILE_LIMIT_BYTES);
    struct image from = {0}, into = {0};
    temp_folder_make(folder);
    write_cases(folder);
    bool has_pillow = run_reference("resize", folder);
    for (size_t i = 0; i < CASES && has_pillow; i++) {
        paint_noise(&from, cases[i].width, cases[i].height, (uint32_t)i);
        resize_case(&cases[i], &from, scratch, &into);
        (void)snprintf(path, sizeof(path), "%s/%zu.rgb", folder, i);
        read_file(path, &expected);
        assert_int_equal(expected.size, (size_t)into.width * into.height * 3);
        assert_memory_equal(expected.data, into.pixels, expected.size);
    }
    temp_folder_remove(folder);
    image_release(&from);
    image_release(&into);
    if (!has_pillow) {
        print_message("# no Pillow to compare with\n");
        skip();
    }
}

static double weigh(const struct resize_case *one, double distance)
{
    if (one->how.filter == IMAGE_FILTER_BILINEAR)
        return fmax(0, 1 - fabs(distance));
    return distance > -0.5 && distance <= 0.5;
}

/* The mean of channel 0 around output pixel x, y in floating point, without the rounding between the passes.
 */
static double plain_pixel(const struct resize_case *one, const struct image *from, uint32_t x, uint32_t y)
{
    struct image_box box = box_of(one);
    double scale_x = (box.x1 - box.x0) / one->how.width, scale_y = (box.y1 - box.y0) / one->how.height;
    double center_x = box.x0 + (x + 0.5) * scale_x, center_y = box.y0 + (y + 0.5) * scale_y;
    double sum = 0, weights = 0;
    for (uint32_t v = 0; v < from->height; v++) {
        double down = weigh(one, (v + 0.5 - center_y) / fmax(1, scale_y));
        for (uint32_t u = 0; down > 0 && u < from->width; u++) {
            double weight = down * weigh(one, (u + 0.5 - center_x) / fmax(1, scale_x));
            sum += weight * from->pixels[((size_t)v * from->width + u) * 3];
            weights += weight;
        }
    }
    return sum / weights;
}

static void resized_pixels_are_weighted_means(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image from = {0}, into = {0};
    for (size_t i = 0; i < CASES; i++) {
        paint(&from, cases[i].width, cases[i].height, (uint32_t)i);
        resize_case(&cases[i], &from, scratch, &into);
        for (uint32_t at = 0; at < into.width * into.height; at += 1 + into.width * into.height / 50) {
            uint32_t x = at % into.width, y = at / into.width;
            double expected = plain_pixel(&cases[i], &from, x, y);
            assert_true(fabs(expected - into.pixels[(size_t)at * 3]) <= 1.01);
        }
    }
    image_release(&from);
    image_release(&into);
}

static void every_kernel_set_gives_the_same_pixels(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image from = {0}, plain = {0}, into = {0};
    for (size_t i = 0; i < CASES; i++) {
        paint_noise(&from, cases[i].width, cases[i].height, (uint32_t)i);
        scratch->kernels = &image_kernels_plain;
        resize_case(&cases[i], &from, scratch, &plain);
        for (size_t k = 0; image_kernel_sets[k]; k++) {
            if (!image_kernel_sets[k]->is_supported())
                continue;
            scratch->kernels = image_kernel_sets[k];
            resize_case(&cases[i], &from, scratch, &into);
            assert_same_pixels(&plain, &into);
        }
    }
    image_release(&from);
    image_release(&plain);
    image_release(&into);
}

static void no_part_is_the_whole_image(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image from = {0}, whole = {0}, boxed = {0};
    struct image_resizing how = {.width = 25, .height = 25};
    struct error err = {0};
    paint(&from, 60, 40, 1);
    assert_true(image_resize(&from, &how, scratch, &whole, &err));
    how.part = (struct image_box){0, 0, 60, 40};
    assert_true(image_resize(&from, &how, scratch, &boxed, &err));
    assert_same_pixels(&whole, &boxed);
    how = (struct image_resizing){.width = 60, .height = 40, .filter = IMAGE_FILTER_AREA};
    assert_true(image_resize(&from, &how, scratch, &whole, &err));
    assert_same_pixels(&whole, &from);
    image_release(&from);
    image_release(&whole);
    image_release(&boxed);
}

static void parts_outside_the_image_are_refused(void **state)
{
    static const struct image_box boxes[] = {
        {-0.1, 0, 60, 40},
        {0, 0, 60.1, 40},
        {0, -1, 60, 40},
        {0, 0, 60, 41},
        {30, 0, 30, 40},
        {40, 0, 30, 40},
        {0, 9, 60, 9},
        {(double)NAN, 0, 60, 40},
        {0, 0, (double)NAN, 40},
        {0, 0, (double)INFINITY, 40},
        {1, 0, 1.00000000001, 40},
    };
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image from = {0}, into = {0};
    paint(&from, 60, 40, 1);
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
        const struct image_resizing how = {.width = 10, .height = 10, .part = boxes[i]};
        struct error err = {0};
        assert_false(image_resize(&from, &how, scratch, &into, &err));
        assert_int_equal(err.code, ERR_INVALID);
    }
    assert_null(into.pixels);
    image_release(&from);
}

static void sizes_have_the_limits_of_images(void **state)
{
    static const struct {
        uint32_t width, height;
        enum error_code code;
    } rows[] = {
        {0, 10, ERR_INVALID},
        {10, 0, ERR_INVALID},
        {IMAGE_SIDE_MAX_PX + 1, 1, ERR_LIMIT},
        {1, IMAGE_SIDE_MAX_PX + 1, ERR_LIMIT},
        {20000, 10001, ERR_LIMIT},
        {IMAGE_SIDE_MAX_PX, 1, ERR_NONE},
        {1, IMAGE_SIDE_MAX_PX, ERR_NONE},
    };
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image from = {0}, into = {0};
    paint(&from, 60, 40, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct image_resizing how = {.width = rows[i].width, .height = rows[i].height};
        struct error err = {0};
        assert_int_equal(image_resize(&from, &how, scratch, &into, &err), rows[i].code == ERR_NONE);
        assert_int_equal(err.code, rows[i].code);
    }
    image_release(&from);
    image_release(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resized_pixels_are_those_of_pillow),
        cmocka_unit_test(resized_pixels_are_weighted_means),
        cmocka_unit_test(every_kernel_set_gives_the_same_pixels),
        cmocka_unit_test(no_part_is_the_whole_image),
        cmocka_unit_test(parts_outside_the_image_are_refused),
        cmocka_unit_test(sizes_have_the_limits_of_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
