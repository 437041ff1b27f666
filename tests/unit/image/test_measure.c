/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "image/scratch.h"
#include "image_fixture.h"

#include "base/workers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct image_measures measure(const struct image *image, struct image_scratch *scratch)
{
    struct image_measures measures;
    struct error err = {0};
    if (!image_measure(image, scratch, &measures, &err))
        fail_msg("%s", err.message);
    return measures;
}

static double plain_variance(const double *values, size_t count)
{
    double mean = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        mean += values[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (double)count;
}

static double plain_mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static double plain_clarity(const struct image *image)
{
    size_t width = image->width, height = image->height, count = 0;
    double *luma = calloc(width * height, sizeof(double)),
           *laplacian = calloc(width * height, sizeof(double));
    for (size_t i = 0; i < width * height; i++) {
        const uint8_t *rgb = image->pixels + i * 3;
        luma[i] = floor((77.0 * rgb[0] + 150.0 * rgb[1] + 29.0 * rgb[2] + 128) / 256);
    }
    for (size_t y = 1; y + 1 < height; y++) {
        for (size_t x = 1; x + 1 < width; x++) {
            const double *at = luma + y * width + x;
            laplacian[count++] = at[1] + at[-1] + at[width] + *(at - width) - 4 * at[0];
        }
    }
    double clarity = count > 0 ? plain_variance(laplacian, count) : 0;
    free(luma);
    free(laplacian);
    return clarity;
}

/* The statistics by their definitions, one after the other: the oracle of the fast pass. */
static struct image_statistics plain_statistics(const struct image *image)
{
    size_t count = (size_t)image->width * image->height;
    double *values = calloc(count * 4, sizeof(double));
    double *rg = values, *yb = rg + count, *brightness = yb + count, *saturation = brightness + count;
    for (size_t i = 0; i < count; i++) {
        double r = image->pixels[i * 3], g = image->pixels[i * 3 + 1], b = image->pixels[i * 3 + 2];
        double most = fmax(r, fmax(g, b)), least = fmin(r, fmin(g, b));
        brightness[i] = sqrt(0.241 * r * r + 0.691 * g * g + 0.068 * b * b);
        saturation[i] = most > 0 ? (most - least) / most : 0;
        rg[i] = r - g;
        yb[i] = (r + g) / 2 - b;
    }
    struct image_statistics statistics = {
        .resolution = (double)count,
        .aspect_ratio = (double)image->height / image->width,
        .brightness = plain_mean(brightness, count),
        .saturation = plain_mean(saturation, count),
        .colorfulness = sqrt(plain_variance(rg, count) + plain_variance(yb, count)) +
                        0.3 * hypot(plain_mean(rg, count), plain_mean(yb, count)),
        .clarity = plain_clarity(image),
    };
    free(values);
    return statistics;
}

static void assert_close(double value, double expected)
{
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.17g is not %.17g", value, expected);
}

static void assert_statistics(const struct image_statistics *found, const struct image_statistics *expected)
{
    assert_close(found->resolution, expected->resolution);
    assert_close(found->aspect_ratio, expected->aspect_ratio);
    assert_close(found->brightness, expected->brightness);
    assert_close(found->saturation, expected->saturation);
    assert_close(found->colorfulness, expected->colorfulness);
    assert_close(found->clarity, expected->clarity);
}

static const uint32_t sizes[][2] = {
    {1, 1},   {2, 2},    {2, 9},     {9, 2},     {3, 3},   {17, 31},
    {63, 64}, {100, 37}, {512, 384}, {511, 512}, {512, 1}, {1, 512},
};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

static void statistics_are_those_of_the_definitions(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0};
    for (size_t i = 0; i < SIZES; i++) {
        paint_noise(&image, sizes[i][0], sizes[i][1], (uint32_t)i);
        struct image_measures measures = measure(&image, scratch);
        struct image_statistics expected = plain_statistics(&image);
        assert_statistics(&measures.statistics, &expected);
        paint(&image, sizes[i][0], sizes[i][1], (uint32_t)i);
        measures = measure(&image, scratch);
        expected = plain_statistics(&image);
        assert_statistics(&measures.statistics, &expected);
    }
    image_release(&image);
}

static void flat_images_have_known_statistics(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0};
    for (int level = 0; level < 256; level += 51) {
        paint_flat(&image, 512, 512, (uint8_t)level);
        struct image_measures measures = measure(&image, scratch);
        assert_true(fabs(measures.statistics.brightness - level) < 1e-9);
        assert_true(measures.statistics.saturation == 0);
        assert_true(measures.statistics.colorfulness == 0);
        assert_true(measures.statistics.clarity == 0);
        assert_true(measures.perceptual_hash == 0);
    }
    /* the largest sums a row can have */
    for (size_t i = 0; i < (size_t)512 * 512; i++)
        memcpy(image.pixels + i * 3, (i + i / 512) % 2 ? "\xff\xff\xff" : "\0\0\0", 3);
    struct image_statistics expected = plain_statistics(&image);
    struct image_measures measures = measure(&image, scratch);
    assert_statistics(&measures.statistics, &expected);
    assert_close(measures.statistics.clarity, 1020.0 * 1020.0);
    image_release(&image);
}

static void large_images_are_measured_on_the_canonical_scale(void **state)
{
    static const uint32_t large[][4] = {
        {513, 513, 512, 512}, {1024, 600, 512, 300}, {600, 1024, 300, 512},
        {640, 427, 512, 342}, {5000, 2, 512, 1},
    };
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0}, canonical = {0};
    struct error err = {0};
    for (size_t i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        paint(&image, large[i][0], large[i][1], (uint32_t)i);
        const struct image_resizing how = {
            .width = large[i][2], .height = large[i][3], .filter = IMAGE_FILTER_AREA};
        assert_true(image_resize(&image, &how, scratch, &canonical, &err));
        struct image_statistics expected = plain_statistics(&canonical);
        expected.resolution = (double)large[i][0] * large[i][1];
        expected.aspect_ratio = (double)large[i][1] / large[i][0];
        struct image_measures measures = measure(&image, scratch);
        assert_statistics(&measures.statistics, &expected);
    }
    image_release(&image);
    image_release(&canonical);
}

static void assert_same_measures(const struct image_measures *a, const struct image_measures *b)
{
    assert_memory_equal(&a->statistics, &b->statistics, sizeof(a->statistics));
    assert_true(a->perceptual_hash == b->perceptual_hash);
    assert_memory_equal(a->appearance, b->appearance, sizeof(a->appearance));
}

static void earlier_use_of_the_scratch_changes_nothing(void **state)
{
    AUTO(image_scratch) used = image_scratch_new();
    struct image image = {0}, moved = {0};
    for (size_t i = 0; i < SIZES; i++) {
        AUTO(image_scratch) fresh = image_scratch_new();
        paint(&image, sizes[i][0] + 200, sizes[i][1] + 5, (uint32_t)i);
        struct image_measures first = measure(&image, fresh);
        (void)measure(&image, used);
        paint_noise(&moved, 700 - sizes[i][0], 3, 1);
        (void)measure(&moved, used);
        struct image_measures again = measure(&image, used);
        assert_same_measures(&first, &again);
    }
    image_release(&image);
    image_release(&moved);
}

static void alignment_of_the_pixels_changes_nothing(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0};
    paint(&image, 123, 77, 1);
    struct image_measures first = measure(&image, scratch);
    size_t bytes = (size_t)123 * 77 * 3;
    uint8_t *room = malloc(bytes + 16);
    for (size_t offset = 0; offset < 16; offset++) {
        struct image moved = {.pixels = room + offset, .width = 123, .height = 77};
        memcpy(moved.pixels, image.pixels, bytes);
        struct image_measures again = measure(&moved, scratch);
        assert_same_measures(&first, &again);
    }
    free(room);
    image_release(&image);
}

static void every_kernel_set_gives_the_same_measures(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0};
    for (size_t i = 0; i < SIZES; i++) {
        paint(&image, sizes[i][0] + 64, sizes[i][1] + 5, (uint32_t)i);
        scratch->kernels = &image_kernels_plain;
        struct image_measures plain = measure(&image, scratch);
        for (size_t k = 0; image_kernel_sets[k]; k++) {
            if (!image_kernel_sets[k]->is_supported())
                continue;
            scratch->kernels = image_kernel_sets[k];
            struct image_measures measures = measure(&image, scratch);
            assert_same_measures(&plain, &measures);
        }
    }
    image_release(&image);
}

struct shared_work {
    struct bytes file;
    struct image_measures measures[4];
};

static bool decode_and_measure(void *state, uint32_t index, struct error *err)
{
    struct shared_work *work = state;
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image image = {0};
    struct image_info info;
    bool done = true;
    for (int round = 0; round < 5 && done; round++)
        done = image_decode(work->file, NULL, &image, &info, err) &&
               image_measure(&image, scratch, &work->measures[index], err);
    image_release(&image);
    return done;
}

static void threads_measure_the_same(void **state)
{
    AUTO_BUFFER(file, FILE_LIMIT_BYTES);
    struct image picture = {0};
    struct error err = {0};
    paint(&picture, 600, 450, 2);
    make_jpeg(&picture, &(struct jpeg_kind){.colours = JCS_YCbCr, .is_progressive = true}, &file);
    struct shared_work work = {.file = bytes_of(&file)};
    assert_true(workers_run(4, decode_and_measure, &work, &err));
    for (size_t i = 1; i < 4; i++)
        assert_same_measures(&work.measures[0], &work.measures[i]);
    image_release(&picture);
}

static void an_image_without_pixels_is_refused(void **state)
{
    AUTO(image_scratch) scratch = image_scratch_new();
    struct image_measures measures;
    struct error err = {0};
    assert_false(image_measure(&(struct image){0}, scratch, &measures, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_those_of_the_definitions),
        cmocka_unit_test(flat_images_have_known_statistics),
        cmocka_unit_test(large_images_are_measured_on_the_canonical_scale),
        cmocka_unit_test(earlier_use_of_the_scratch_changes_nothing),
        cmocka_unit_test(alignment_of_the_pixels_changes_nothing),
        cmocka_unit_test(every_kernel_set_gives_the_same_measures),
        cmocka_unit_test(threads_measure_the_same),
        cmocka_unit_test(an_image_without_pixels_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
