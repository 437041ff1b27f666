/* SPDX-License-Identifier: Apache-2.0 */
/* The disturbed stream is the same on every machine. The wanted numbers come from a separate computation in
 * double precision of what demo.h says. */
#include "test.h"

#include "demo/demo.h"

#include <math.h>
#include <string.h>

enum { SIDE = DEMO_SIDE_PX, PIXELS = SIDE * SIDE, MANY = 6000 };

/* From 0 at the top left to 1 at the bottom right. */
static void ramp(float pixels[PIXELS])
{
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)i / (PIXELS - 1);
}

static void assert_near(float found, double wanted)
{
    if (fabs((double)found - wanted) > 2e-6)
        fail_msg("%.7f instead of %.7f", (double)found, wanted);
}

static const struct {
    int x, y;
} places[] = {{0, 0}, {5, 3}, {14, 13}, {27, 20}, {9, 27}};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

static void assert_places(enum disturbance kind, const double wanted[PLACES])
{
    float pixels[PIXELS];
    ramp(pixels);
    disturb(kind, 7, pixels);
    for (size_t i = 0; i < PLACES; i++)
        assert_near(pixels[places[i].y * SIDE + places[i].x], wanted[i]);
}

static void the_kinds_of_the_stream_are_pinned_and_equally_likely(void **state)
{
    static const int first[] = {4, 4, 1, 1, 2, 4, 1, 3, 3, 2, 4, 3, 3, 1, 4, 2, 1, 5, 2, 1, 3, 3, 0, 3};
    static const int counts[DISTURB_COUNT] = {976, 1024, 962, 1017, 1048, 973};
    int found[DISTURB_COUNT] = {0};
    for (uint32_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
        assert_int_equal(disturbance_of(i), first[i]);
    for (uint32_t i = 0; i < MANY; i++)
        found[disturbance_of(i)]++;
    for (int kind = 0; kind < DISTURB_COUNT; kind++)
        assert_int_equal(found[kind], counts[kind]);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    for (int kind = 0; kind < DISTURB_COUNT; kind++)
        for (int other = 0; other < kind; other++)
            assert_string_not_equal(disturbance_name((enum disturbance)kind),
                                    disturbance_name((enum disturbance)other));
}

static void nothing_changes_nothing(void **state)
{
    float pixels[PIXELS], before[PIXELS];
    ramp(pixels);
    memcpy(before, pixels, sizeof(before));
    disturb(DISTURB_NOTHING, 3, pixels);
    assert_memory_equal(pixels, before, sizeof(before));
}

static void dark_scales_every_pixel(void **state)
{
    float pixels[PIXELS], before[PIXELS];
    ramp(before);
    memcpy(pixels, before, sizeof(pixels));
    disturb(DISTURB_DARK, 3, pixels);
    for (int i = 0; i < PIXELS; i++)
        assert_near(pixels[i], 0.45 * (double)before[i]);
}

static void blur_shrink_and_turn_give_the_pinned_values(void **state)
{
    static const double blur[] = {0.0162037, 0.1136654, 0.4827586, 0.749122, 0.9613665};
    static const double shrink[] = {0.0, 0.0013836, 0.4770115, 0.0, 0.0};
    static const double turn[] = {0.0, 0.0375905, 0.4901321, 0.8968971, 0.8873096};
    assert_places(DISTURB_BLUR, blur);
    assert_places(DISTURB_SHRINK, shrink);
    assert_places(DISTURB_TURN, turn);
}

static void noise_is_pinned_by_the_images_number_and_normal(void **state)
{
    static const struct {
        uint32_t index;
        double at[4]; /* pixels 0, 1, 400 and 783 of a gray image */
    } rows[] = {{0, {0.7405294, 0.6580349, 0.4337926, 0.5507024}},
                {5000, {0.4746172, 0.1192656, 0.5553251, 0.2966891}},
                {59999, {0.5277636, 0.4354833, 0.5809092, 0.6939415}}};
    static const int pixels_at[] = {0, 1, 400, 783};
    double sum = 0, squares = 0;
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        float pixels[PIXELS];
        for (int i = 0; i < PIXELS; i++)
            pixels[i] = 0.5F;
        disturb(DISTURB_NOISE, rows[r].index, pixels);
        for (int i = 0; i < 4; i++)
            assert_near(pixels[pixels_at[i]], rows[r].at[i]);
        for (int i = 0; i < PIXELS; i++) {
            sum += (double)pixels[i] - 0.5;
            squares += ((double)pixels[i] - 0.5) * ((double)pixels[i] - 0.5);
        }
    }
    const double count = 3.0 * PIXELS;
    assert_true(fabs(sum / count) < 0.01);
    assert_true(fabs(sqrt(squares / count) - 0.15) < 0.01);
}

static void whatever_comes_out_is_between_black_and_white(void **state)
{
    for (int kind = 0; kind < DISTURB_COUNT; kind++) {
        float pixels[PIXELS];
        for (int i = 0; i < PIXELS; i++)
            pixels[i] = i % 2 ? 1.0F : 0.0F;
        disturb((enum disturbance)kind, 11, pixels);
        for (int i = 0; i < PIXELS; i++)
            assert_true(pixels[i] >= 0 && pixels[i] <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kinds_of_the_stream_are_pinned_and_equally_likely),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(nothing_changes_nothing),
        cmocka_unit_test(dark_scales_every_pixel),
        cmocka_unit_test(blur_shrink_and_turn_give_the_pinned_values),
        cmocka_unit_test(noise_is_pinned_by_the_images_number_and_normal),
        cmocka_unit_test(whatever_comes_out_is_between_black_and_white),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
