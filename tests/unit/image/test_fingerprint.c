/* SPDX-License-Identifier: Apache-2.0 */
/* Perceptual hash and appearance: near pictures are near, other pictures are far. */
#include "test.h"

#include "image/measure.h"
#include "image_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
    struct image_scratch *scratch;
    struct image picture, changed;
    struct buffer file;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    fixture->scratch = image_scratch_new();
    buffer_init(&fixture->file, FILE_LIMIT_BYTES);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)image_scratch_free(fixture->scratch);
    image_release(&fixture->picture);
    image_release(&fixture->changed);
    buffer_release(&fixture->file);
    free(fixture);
    return 0;
}

static struct image_measures measure(struct fixture *fixture, const struct image *image)
{
    struct image_measures measures;
    struct error err = {0};
    assert_true(image_measure(image, fixture->scratch, &measures, &err));
    return measures;
}

static int distance(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

static double cosine(const float *a, const float *b)
{
    double sum = 0;
    for (size_t i = 0; i < IMAGE_APPEARANCE_LENGTH; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static void set_pattern(struct image *small, double (*pattern)(uint32_t x, uint32_t y))
{
    for (uint32_t y = 0; y < small->height; y++) {
        for (uint32_t x = 0; x < small->width; x++)
            memset(small->pixels + ((size_t)y * small->width + x) * 3, (int)lround(pattern(x, y)), 3);
    }
}

static double wave(uint32_t x, uint32_t y)
{
    return 128 + 90 * cos((2 * x + 1) * 2 * M_PI / 64) * cos((2 * y + 1) * 1 * M_PI / 64) +
           30 * cos((2 * x + 1) * 4 * M_PI / 64) + 0.5 * ((x * 7 + y * 5) % 3);
}

/* The order of frequencies in the hash: diagonal by diagonal, from 1, from u = 0. */
static uint64_t plain_hash(const struct image *small)
{
    double coefficients[64], sorted[64];
    size_t count = 0;
    for (uint32_t diagonal = 1; count < 64; diagonal++) {
        for (uint32_t u = 0; u <= diagonal && count < 64; u++) {
            double sum = 0;
            for (uint32_t y = 0; y < 32; y++) {
                for (uint32_t x = 0; x < 32; x++)
                    sum += luma_of(small->pixels + ((size_t)y * 32 + x) * 3) *
                           cos((2 * x + 1) * u * M_PI / 64) * cos((2 * y + 1) * (diagonal - u) * M_PI / 64);
            }
            coefficients[count++] = sum;
        }
    }
    memcpy(sorted, coefficients, sizeof(sorted));
    for (size_t i = 1; i < 64; i++) {
        for (size_t j = i; j > 0 && sorted[j] < sorted[j - 1]; j--) {
            double kept = sorted[j];
            sorted[j] = sorted[j - 1];
            sorted[j - 1] = kept;
        }
    }
    uint64_t hash = 0;
    for (size_t i = 0; i < 64; i++)
        hash |= (uint64_t)(coefficients[i] > sorted[31]) << i;
    return hash;
}

static void the_hash_is_the_cosine_transform_against_its_median(void **state)
{
    struct fixture *fixture = *state;
    paint_flat(&fixture->picture, 32, 32, 0);
    set_pattern(&fixture->picture, wave);
    /* a coefficient next to the median may fall on the other side of it by the table's rounding */
    assert_true(distance(image_hash(&fixture->picture), plain_hash(&fixture->picture)) <= 4);
    for (uint32_t seed = 0; seed < 20; seed++) {
        paint(&fixture->picture, 32, 32, seed);
        uint64_t hash = image_hash(&fixture->picture);
        assert_true(distance(hash, plain_hash(&fixture->picture)) <= 2);
        assert_int_equal(distance(hash, 0), 32);
    }
}

/* Soft shapes of many sizes, as photos have them. */
static void paint_shapes(struct fixture *fixture, uint32_t width, uint32_t height, uint32_t seed)
{
    struct image grid = {0};
    struct error err = {0};
    paint_noise(&grid, 23, 19, seed);
    const struct image_resizing how = {.width = width, .height = height, .filter = IMAGE_FILTER_BILINEAR};
    assert_true(image_resize(&grid, &how, fixture->scratch, &fixture->picture, &err));
    image_release(&grid);
}

static void compression_and_size_hardly_change_a_picture(void **state)
{
    struct fixture *fixture = *state;
    static const struct jpeg_kind kind = {.colours = JCS_YCbCr, .across = 2, .down = 2};
    struct error err = {0};
    paint_shapes(fixture, 500, 400, 3);
    struct image_measures original = measure(fixture, &fixture->picture);
    make_jpeg(&fixture->picture, &kind, &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->changed);
    struct image_measures changed = measure(fixture, &fixture->changed);
    assert_true(distance(original.perceptual_hash, changed.perceptual_hash) <= 4);
    assert_true(cosine(original.appearance, changed.appearance) > 0.995);
    const struct image_resizing how = {.width = 250, .height = 200, .filter = IMAGE_FILTER_AREA};
    assert_true(image_resize(&fixture->picture, &how, fixture->scratch, &fixture->changed, &err));
    changed = measure(fixture, &fixture->changed);
    assert_true(distance(original.perceptual_hash, changed.perceptual_hash) <= 4);
    assert_true(cosine(original.appearance, changed.appearance) > 0.98);
    paint_shapes(fixture, 500, 400, 4);
    changed = measure(fixture, &fixture->picture);
    assert_true(distance(original.perceptual_hash, changed.perceptual_hash) > 16);
    assert_true(cosine(original.appearance, changed.appearance) < 0.97);
}

static void near_duplicates_are_found_among_photos(void **state)
{
    struct fixture *fixture = *state;
    static const char *const names[] = {"near_half", "near_q50", "near_crop", "b"};
    static const int distances[] = {4, 4, 12, 0};
    char path[512], name[64];
    if (!data_path("nasty/dup/a.jpg", path, sizeof(path))) {
        print_message("# TROMMEL_TEST_DATA names no folder of test data\n");
        skip();
    }
    read_file(path, &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->picture);
    struct image_measures original = measure(fixture, &fixture->picture);
    for (size_t i = 0; i < 4; i++) {
        (void)snprintf(name, sizeof(name), "nasty/dup/%s.jpg", names[i]);
        assert_true(data_path(name, path, sizeof(path)));
        read_file(path, &fixture->file);
        (void)decode(bytes_of(&fixture->file), NULL, &fixture->changed);
        struct image_measures changed = measure(fixture, &fixture->changed);
        assert_true(distance(original.perceptual_hash, changed.perceptual_hash) <= distances[i]);
        assert_true(cosine(original.appearance, changed.appearance) > 0.96);
    }
    read_file((data_path("nasty/jpeg/hopper_gray.jpg", path, sizeof(path)), path), &fixture->file);
    (void)decode(bytes_of(&fixture->file), NULL, &fixture->changed);
    struct image_measures other = measure(fixture, &fixture->changed);
    assert_true(distance(original.perceptual_hash, other.perceptual_hash) > 16);
    assert_true(cosine(original.appearance, other.appearance) < 0.9);
}

static void appearance_has_norm_1_whatever_the_picture(void **state)
{
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 8; i++) {
        if (i < 5)
            paint_flat(&fixture->picture, 30, 20, (uint8_t)(i * 63));
        else if (i == 5)
            paint_noise(&fixture->picture, 300, 200, i);
        else
            paint(&fixture->picture, i, 200, i);
        struct image_measures measures = measure(fixture, &fixture->picture);
        assert_true(fabs(cosine(measures.appearance, measures.appearance) - 1) < 1e-5);
        for (size_t k = 0; k < IMAGE_APPEARANCE_LENGTH; k++)
            assert_true(measures.appearance[k] >= 0);
    }
}

/* A bright left side: the only gradients point left, which is direction 4 of 0..7. */
static void a_vertical_edge_fills_one_direction(void **state)
{
    struct fixture *fixture = *state;
    paint_flat(&fixture->picture, 96, 96, 200);
    for (size_t y = 0; y < 96; y++)
        memset(fixture->picture.pixels + (y * 96 + 40) * 3, 20, (size_t)56 * 3);
    struct image_measures measures = measure(fixture, &fixture->picture);
    double in_direction = 0, elsewhere = 0;
    for (size_t i = 0; i < 288; i++)
        *(i % 8 == 4 ? &in_direction : &elsewhere) += (double)measures.appearance[i];
    assert_true(in_direction > 1 && elsewhere < 1e-6);
    /* colours: the left column of cells is brighter than the right one */
    assert_true(measures.appearance[288] > measures.appearance[288 + 9]);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(the_hash_is_the_cosine_transform_against_its_median),
        WITH_FIXTURE(compression_and_size_hardly_change_a_picture),
        WITH_FIXTURE(near_duplicates_are_found_among_photos),
        WITH_FIXTURE(appearance_has_norm_1_whatever_the_picture),
        WITH_FIXTURE(a_vertical_edge_fills_one_direction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
