/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image/scratch.h"
#include "image_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = BOXES_AT_ONCE * 2 + 1 };

struct fixture {
    struct image_scratch *scratch;
    struct image image, canonical;
    struct image_measures measures;
    struct image_box boxes[MANY];
    struct image_box_measures found[MANY];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->scratch = image_scratch_new();
    *state = fixture;
    return fixture->scratch ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    image_scratch_free(fixture->scratch);
    image_release(&fixture->image);
    image_release(&fixture->canonical);
    free(fixture);
    return 0;
}

/* Measures fixture->image and keeps its canonical scale, made apart from the one in the scratch. */
static void start(struct fixture *fixture)
{
    const struct image *image = &fixture->image;
    AUTO(image_scratch) other = image_scratch_new();
    double scale = fmin(1, 512.0 / fmax(image->width, image->height));
    const struct image_resizing how = {.width = (uint32_t)fmax(1, round(image->width * scale)),
                                       .height = (uint32_t)fmax(1, round(image->height * scale)),
                                       .filter = IMAGE_FILTER_AREA};
    struct error err = {0};
    assert_true(image_resize(image, &how, other, &fixture->canonical, &err));
    assert_true(image_measure(image, fixture->scratch, &fixture->measures, &err));
}

/* The definition: is the centre of pixel `at` of the canonical scale in the box? */
static bool covers(double from, double to, uint32_t at, uint32_t side, uint32_t canonical_side)
{
    double centre = (at + 0.5) * side / canonical_side;
    return from <= centre && centre < to;
}

static double luma_at(const struct image *image, uint32_t x, uint32_t y)
{
    const uint8_t *rgb = image->pixels + ((size_t)y * image->width + x) * 3;
    return floor((77.0 * rgb[0] + 150.0 * rgb[1] + 29.0 * rgb[2] + 128) / 256);
}

static double laplacian_at(const struct image *image, uint32_t x, uint32_t y)
{
    return luma_at(image, x - 1, y) + luma_at(image, x + 1, y) + luma_at(image, x, y - 1) +
           luma_at(image, x, y + 1) - 4 * luma_at(image, x, y);
}

/* All pixels of the canonical scale one after the other, twice for the variance. */
static struct image_box_measures measure_plainly(const struct fixture *fixture, const struct image_box *box)
{
    const struct image *image = &fixture->image, *small = &fixture->canonical;
    double brightness = 0, count = 0, sum = 0, squares = 0, inner = 0;
    for (uint32_t y = 0; y < small->height; y++) {
        for (uint32_t x = 0; x < small->width; x++) {
            if (!covers(box->x0, box->x1, x, image->width, small->width) ||
                !covers(box->y0, box->y1, y, image->height, small->height))
                continue;
            const uint8_t *rgb = small->pixels + ((size_t)y * small->width + x) * 3;
            brightness += sqrt(0.241 * rgb[0] * rgb[0] + 0.691 * rgb[1] * rgb[1] + 0.068 * rgb[2] * rgb[2]);
            count++;
            bool is_inner = x > 0 && y > 0 && x + 1 < small->width && y + 1 < small->height &&
                            covers(box->x0, box->x1, x - 1, image->width, small->width) &&
                            covers(box->x0, box->x1, x + 1, image->width, small->width) &&
                            covers(box->y0, box->y1, y - 1, image->height, small->height) &&
                            covers(box->y0, box->y1, y + 1, image->height, small->height);
            double laplacian = is_inner ? laplacian_at(small, x, y) : 0;
            inner += is_inner;
            sum += laplacian;
            squares += laplacian * laplacian;
        }
    }
    double mean = inner > 0 ? sum / inner : 0;
    return (struct image_box_measures){.brightness = brightness / count,
                                       .clarity = inner > 0 ? squares / inner - mean * mean : 0};
}

static void assert_close(double value, double expected, double scale)
{
    if (!(fabs(value - expected) <= 1e-8 * fmax(scale, fabs(expected))))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void assert_boxes(const struct fixture *fixture, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct image_box_measures expected = measure_plainly(fixture, &fixture->boxes[i]);
        assert_close(fixture->found[i].brightness, expected.brightness, 1);
        assert_close(fixture->found[i].clarity, expected.clarity, 1);
    }
}

static const uint32_t sizes[][2] = {{300, 200}, {512, 512}, {513, 400}, {900, 1300}, {4, 700}, {3, 3}};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* A box of at least 3 px of the canonical scale each way, wherever it lies in the image. */
static struct image_box choose_box(const struct image *image, uint32_t *seed)
{
    double width = image->width, height = image->height, scale = fmax(1, fmax(width, height) / 512);
    double x = next_random(seed) % 1000 / 1000.0, y = next_random(seed) % 1000 / 1000.0;
    double across = next_random(seed) % 1000 / 1000.0, down = next_random(seed) % 1000 / 1000.0;
    struct image_box box = {.x0 = fmin(x * width, width - 3 * scale),
                            .y0 = fmin(y * height, height - 3 * scale)};
    box.x0 = fmax(box.x0, 0), box.y0 = fmax(box.y0, 0);
    box.x1 = box.x0 + 3 * scale + across * (width - box.x0 - 3 * scale);
    box.y1 = box.y0 + 3 * scale + down * (height - box.y0 - 3 * scale);
    return box;
}

static void boxes_have_the_measures_of_their_parts(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 40 };
    uint32_t seed = 3;
    for (size_t i = 0; i < SIZES; i++) {
        if (i % 2)
            paint(&fixture->image, sizes[i][0], sizes[i][1], (uint32_t)i);
        else
            paint_noise(&fixture->image, sizes[i][0], sizes[i][1], (uint32_t)i);
        start(fixture);
        for (size_t k = 0; k < COUNT; k++)
            fixture->boxes[k] = choose_box(&fixture->image, &seed);
        image_measure_boxes(&fixture->image, fixture->boxes, COUNT, fixture->scratch, fixture->found);
        assert_boxes(fixture, COUNT);
    }
}

static void the_whole_image_has_its_statistics(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < SIZES; i++) {
        double width = sizes[i][0], height = sizes[i][1];
        paint(&fixture->image, sizes[i][0], sizes[i][1], (uint32_t)i);
        start(fixture);
        const struct image_box boxes[2] = {{0, 0, width, height}, {-1e9, -7, 1e300, height + 0.1}};
        image_measure_boxes(&fixture->image, boxes, 2, fixture->scratch, fixture->found);
        assert_close(fixture->found[0].brightness, fixture->measures.statistics.brightness, 1);
        assert_close(fixture->found[0].clarity, fixture->measures.statistics.clarity, 0);
        assert_memory_equal(&fixture->found[0], &fixture->found[1], sizeof(fixture->found[0]));
    }
}

static void what_lies_outside_is_cut_off(void **state)
{
    struct fixture *fixture = *state;
    paint(&fixture->image, 1000, 600, 9);
    start(fixture);
    static const struct image_box out[] = {{-50, -80, 300, 200}, {700, 400, 5000, 601}, {-3, 100, 1003, 300}};
    static const struct image_box in[] = {{0, 0, 300, 200}, {700, 400, 1000, 600}, {0, 100, 1000, 300}};
    image_measure_boxes(&fixture->image, out, 3, fixture->scratch, fixture->found);
    image_measure_boxes(&fixture->image, in, 3, fixture->scratch, fixture->found + 3);
    assert_memory_equal(fixture->found, fixture->found + 3, 3 * sizeof(fixture->found[0]));
}

/* Each box is taken as one pixel of the canonical scale, which is half of the image. */
static void boxes_without_a_pixel_are_the_pixel_they_lie_in(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        struct image_box box;
        uint32_t x, y;
    } rows[] = {
        {{200.1, 300.1, 200.2, 300.2}, 100, 150},
        {{201.5, 301.5, 201.9, 301.6}, 100, 150},
        {{0, 0, 0, 0}, 0, 0},
        {{1023, 1023.5, 1024, 1024}, 511, 511},
        {{-9, -9, -3, -2}, 0, 0},
        {{2000, 40, 2010, 40.5}, 511, 20},
        {{1024, 1024, 1024, 1024}, 511, 511},
        {{600.2, 500, 600.1, 400}, 300, 225},
        {{(double)NAN, 20, (double)NAN, 20}, 0, 10},
    };
    paint_noise(&fixture->image, 1024, 1024, 4);
    start(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct image_box pixel = {rows[i].x * 2.0, rows[i].y * 2.0, rows[i].x * 2.0 + 2, rows[i].y * 2.0 + 2};
        struct image_box_measures expected = measure_plainly(fixture, &pixel);
        image_measure_boxes(&fixture->image, &rows[i].box, 1, fixture->scratch, fixture->found);
        assert_close(fixture->found[0].brightness, expected.brightness, 1);
        assert_true(fixture->found[0].clarity == 0);
    }
}

static void clarity_begins_at_three_pixels(void **state)
{
    struct fixture *fixture = *state;
    paint_noise(&fixture->image, 100, 100, 4);
    start(fixture);
    static const struct image_box boxes[] = {{10, 10, 12, 50}, {10, 10, 50, 12}, {10, 10, 50, 13}};
    image_measure_boxes(&fixture->image, boxes, 3, fixture->scratch, fixture->found);
    assert_true(fixture->found[0].clarity == 0);
    assert_true(fixture->found[1].clarity == 0);
    assert_true(fixture->found[2].clarity > 100);
    /* the largest sums there are */
    paint_flat(&fixture->image, 512, 512, 0);
    for (size_t i = 0; i < (size_t)512 * 512; i++)
        memset(fixture->image.pixels + i * 3, (i + i / 512) % 2 ? 255 : 0, 3);
    start(fixture);
    image_measure_boxes(&fixture->image, &(struct image_box){0, 0, 512, 512}, 1, fixture->scratch,
                        fixture->found);
    assert_close(fixture->found[0].clarity, 1020.0 * 1020.0, 0);
    assert_close(fixture->found[0].brightness, 127.5, 0);
}

static void a_box_is_measured_the_same_beside_any_others(void **state)
{
    struct fixture *fixture = *state;
    uint32_t seed = 8;
    paint(&fixture->image, 800, 500, 1);
    start(fixture);
    for (size_t i = 0; i < MANY; i++)
        fixture->boxes[i] = choose_box(&fixture->image, &seed);
    image_measure_boxes(&fixture->image, fixture->boxes, MANY, fixture->scratch, fixture->found);
    for (size_t i = 0; i < MANY; i += 31) {
        struct image_box_measures alone;
        image_measure_boxes(&fixture->image, &fixture->boxes[i], 1, fixture->scratch, &alone);
        assert_memory_equal(&alone, &fixture->found[i], sizeof(alone));
    }
    image_measure_boxes(&fixture->image, NULL, 0, fixture->scratch, NULL);
}

static void every_kernel_set_gives_the_same_bits(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 30 };
    struct image_box_measures plain[COUNT];
    uint32_t seed = 5;
    paint(&fixture->image, 611, 437, 1);
    for (size_t i = 0; i < COUNT; i++)
        fixture->boxes[i] = choose_box(&fixture->image, &seed);
    fixture->scratch->kernels = &image_kernels_plain;
    start(fixture);
    image_measure_boxes(&fixture->image, fixture->boxes, COUNT, fixture->scratch, plain);
    for (size_t k = 0; image_kernel_sets[k]; k++) {
        if (!image_kernel_sets[k]->is_supported())
            continue;
        fixture->scratch->kernels = image_kernel_sets[k];
        start(fixture);
        image_measure_boxes(&fixture->image, fixture->boxes, COUNT, fixture->scratch, fixture->found);
        assert_memory_equal(plain, fixture->found, sizeof(plain));
    }
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(boxes_have_the_measures_of_their_parts),
        WITH_FIXTURE(the_whole_image_has_its_statistics),
        WITH_FIXTURE(what_lies_outside_is_cut_off),
        WITH_FIXTURE(boxes_without_a_pixel_are_the_pixel_they_lie_in),
        WITH_FIXTURE(clarity_begins_at_three_pixels),
        WITH_FIXTURE(a_box_is_measured_the_same_beside_any_others),
        WITH_FIXTURE(every_kernel_set_gives_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
