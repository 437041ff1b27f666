/* SPDX-License-Identifier: Apache-2.0 */
/* Scenes are the same everywhere, their boxes are where the garments are, and each trouble is what it says.
 */
#include "test.h"

#include "base/hash.h"
#include "demo/scene.h"

#include <string.h>

enum { GARMENT_PIXELS = DEMO_SIDE_PX * DEMO_SIDE_PX, GARMENTS = 5, MANY = 900 };

/* White squares; the label of each is its number. */
struct wardrobe {
    uint8_t pixels[GARMENTS * GARMENT_PIXELS], labels[GARMENTS];
    struct idx_images images;
};

static void fill(struct wardrobe *wardrobe, uint8_t level)
{
    memset(wardrobe->pixels, level, sizeof(wardrobe->pixels));
    for (uint8_t i = 0; i < GARMENTS; i++)
        wardrobe->labels[i] = i;
    wardrobe->images = (struct idx_images){wardrobe->pixels, wardrobe->labels, GARMENTS};
}

static struct scene_recipe recipe_of(const struct wardrobe *wardrobe, bool is_troubled)
{
    return (struct scene_recipe){&wardrobe->images, 0, GARMENTS, 7, is_troubled};
}

static struct scene compose(const struct scene_recipe *recipe, uint32_t index, struct image *image)
{
    struct scene scene = {0};
    struct error err = {0};
    if (!scene_compose(recipe, index, image, &scene, &err))
        fail_msg("%s", err.message);
    return scene;
}

static int side_of(const struct scene_box *box)
{
    int width = box->x_max - box->x_min, height = box->y_max - box->y_min;
    return width > height ? width : height;
}

static const uint8_t *pixel_at(const struct image *image, int x, int y)
{
    return image->pixels + (size_t)(y * SCENE_SIDE_PX + x) * 3;
}

static void boxes_lie_in_the_picture_and_show_the_chosen_garments(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    fill(&wardrobe, 255);
    struct scene_recipe recipe = recipe_of(&wardrobe, true);
    recipe.first = 2;
    recipe.count = 2;
    for (uint32_t i = 0; i < MANY; i++) {
        struct scene scene = compose(&recipe, i, &image);
        assert_in_range(scene.box_count, 1, SCENE_BOXES_MAX);
        for (uint32_t b = 0; b < scene.box_count; b++) {
            const struct scene_box *box = &scene.boxes[b];
            assert_true(box->x_min < box->x_max && box->x_max <= SCENE_SIDE_PX);
            assert_true(box->y_min < box->y_max && box->y_max <= SCENE_SIDE_PX);
            assert_true(box->label == 2 || box->label == 3);
        }
    }
    image_release(&image);
}

/* The garment drawn last has nothing in front of it: its box holds one colour, and beside the box is another.
 */
static void a_box_is_tight_around_its_garment(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    fill(&wardrobe, 255);
    const struct scene_recipe recipe = recipe_of(&wardrobe, false);
    for (uint32_t i = 0; i < 200; i++) {
        struct scene scene = compose(&recipe, i, &image);
        const struct scene_box *box = &scene.boxes[scene.box_count - 1];
        const uint8_t *tint = pixel_at(&image, (box->x_min + box->x_max) / 2, (box->y_min + box->y_max) / 2);
        int middle = (box->y_min + box->y_max) / 2;
        assert_int_equal(box->x_max - box->x_min, box->y_max - box->y_min);
        for (int x = box->x_min + 2; x < box->x_max - 2; x++)
            assert_memory_equal(pixel_at(&image, x, middle), tint, 3);
        if (scene.box_count == 1 && box->x_min >= 2)
            assert_memory_not_equal(pixel_at(&image, box->x_min - 2, middle), tint, 3);
    }
    image_release(&image);
}

static void four_of_nine_scenes_of_a_troubled_stream_are_plain(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    int counts[SCENE_TROUBLE_COUNT] = {0};
    fill(&wardrobe, 255);
    struct scene_recipe recipe = recipe_of(&wardrobe, true);
    for (uint32_t i = 0; i < MANY; i++)
        counts[compose(&recipe, i, &image).trouble]++;
    assert_in_range(counts[SCENE_PLAIN], MANY * 4 / 9 - 50, MANY * 4 / 9 + 50);
    for (int trouble = SCENE_PLAIN + 1; trouble < SCENE_TROUBLE_COUNT; trouble++)
        assert_in_range(counts[trouble], MANY * 5 / 72 - 30, MANY * 5 / 72 + 30);
    recipe.is_troubled = false;
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(compose(&recipe, i, &image).trouble, SCENE_PLAIN);
    image_release(&image);
}

/* Smallest and largest garment, as the scales of scene.h say for a square of 28 px. */
static void sizes_are_those_of_the_trouble(void **state)
{
    static const struct {
        enum scene_trouble trouble;
        int low, high, boxes_low, boxes_high;
    } rows[] = {{SCENE_PLAIN, 33, 84, 1, 6},   {SCENE_CROWDED, 33, 56, 4, SCENE_BOXES_MAX},
                {SCENE_FAR, 16, 27, 1, 6},     {SCENE_NEAR, 95, 124, 1, 2},
                {SCENE_COVERED, 33, 84, 1, 6}, {SCENE_BLUR, 33, 84, 1, 6}};
    struct wardrobe wardrobe;
    struct image image = {0};
    fill(&wardrobe, 255);
    const struct scene_recipe recipe = recipe_of(&wardrobe, true);
    for (uint32_t i = 0; i < MANY; i++) {
        struct scene scene = compose(&recipe, i, &image);
        for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
            if (rows[r].trouble != scene.trouble)
                continue;
            assert_in_range(scene.box_count, rows[r].boxes_low, rows[r].boxes_high);
            for (uint32_t b = 0; b < scene.box_count; b++)
                assert_in_range(side_of(&scene.boxes[b]), rows[r].low, rows[r].high);
        }
    }
    image_release(&image);
}

static int brightest(const struct image *image)
{
    int most = 0;
    for (size_t i = 0; i < (size_t)SCENE_SIDE_PX * SCENE_SIDE_PX * 3; i++)
        most = image->pixels[i] > most ? image->pixels[i] : most;
    return most;
}

/* Mean absolute difference of neighbours in a row, in thousandths of a level. */
static long roughness(const struct image *image)
{
    long sum = 0;
    const size_t bytes = (size_t)SCENE_SIDE_PX * SCENE_SIDE_PX * 3;
    for (size_t i = 3; i < bytes; i++)
        sum += image->pixels[i] > image->pixels[i - 3] ? image->pixels[i] - image->pixels[i - 3]
                                                       : image->pixels[i - 3] - image->pixels[i];
    return sum * 1000 / (long)bytes;
}

static void dark_is_dark_noise_is_rough_and_blur_is_smooth(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    long rough[SCENE_TROUBLE_COUNT] = {0};
    int counts[SCENE_TROUBLE_COUNT] = {0};
    fill(&wardrobe, 255);
    const struct scene_recipe recipe = recipe_of(&wardrobe, true);
    for (uint32_t i = 0; i < MANY; i++) {
        enum scene_trouble trouble = compose(&recipe, i, &image).trouble;
        rough[trouble] += roughness(&image);
        counts[trouble]++;
        if (trouble == SCENE_DARK)
            assert_in_range(brightest(&image), 8, 255 * 35 / 100);
        if (trouble == SCENE_FADED)
            assert_in_range(brightest(&image), 110, 110 + 145 * 35 / 100);
    }
    long plain = rough[SCENE_PLAIN] / counts[SCENE_PLAIN];
    assert_true(rough[SCENE_NOISE] / counts[SCENE_NOISE] > 3 * plain);
    assert_true(rough[SCENE_BLUR] / counts[SCENE_BLUR] < plain / 2);
    assert_true(rough[SCENE_FADED] / counts[SCENE_FADED] < plain / 2);
    image_release(&image);
}

/* Whole numbers only: these hold on every machine. */
static void a_seed_gives_the_same_pixels_everywhere(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    struct hash hash;
    char hex[HASH_HEX_BYTES];
    fill(&wardrobe, 0);
    for (size_t i = 0; i < sizeof(wardrobe.pixels); i++)
        wardrobe.pixels[i] = (uint8_t)(i * 7 % 256);
    struct scene_recipe recipe = recipe_of(&wardrobe, true);
    hash_start(&hash);
    for (uint32_t i = 0; i < 60; i++) {
        struct scene scene = compose(&recipe, i, &image);
        hash_add(&hash, image.pixels, (size_t)SCENE_SIDE_PX * SCENE_SIDE_PX * 3);
        for (uint32_t b = 0; b < scene.box_count; b++)
            hash_add(&hash, &scene.boxes[b].x_min, sizeof(uint16_t));
    }
    hash_finish(&hash, hex);
    assert_string_equal(hex, "9fe627feaad37198f339e781be6bde70");
    struct scene first = compose(&recipe, 0, &image);
    recipe.seed = 8;
    struct scene other = compose(&recipe, 0, &image);
    assert_memory_not_equal(&first, &other, sizeof(first));
    image_release(&image);
}

static void black_garments_are_refused(void **state)
{
    struct wardrobe wardrobe;
    struct image image = {0};
    struct scene scene;
    struct error err = {0};
    fill(&wardrobe, 0);
    const struct scene_recipe recipe = recipe_of(&wardrobe, false);
    assert_false(scene_compose(&recipe, 0, &image, &scene, &err));
    assert_int_equal(err.code, ERR_INVALID);
    image_release(&image);
}

static void a_scene_is_described_on_one_line(void **state)
{
    AUTO_BUFFER(text, 1000);
    const struct scene scene = {SCENE_BLUR, 2, {{3, 1, 2, 30, 40}, {9, 50, 60, 70, 160}}};
    scene_describe(&scene, "00007.png", &text);
    assert_string_equal(text.data, "{\"file\":\"00007.png\",\"trouble\":\"blur\","
                                   "\"boxes\":[[3,1,2,30,40],[9,50,60,70,160]]}\n");
}

static void every_trouble_has_a_name_of_its_own(void **state)
{
    for (int trouble = 0; trouble < SCENE_TROUBLE_COUNT; trouble++)
        for (int other = 0; other < trouble; other++)
            assert_string_not_equal(scene_trouble_name((enum scene_trouble)trouble),
                                    scene_trouble_name((enum scene_trouble)other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_lie_in_the_picture_and_show_the_chosen_garments),
        cmocka_unit_test(a_box_is_tight_around_its_garment),
        cmocka_unit_test(four_of_nine_scenes_of_a_troubled_stream_are_plain),
        cmocka_unit_test(sizes_are_those_of_the_trouble),
        cmocka_unit_test(dark_is_dark_noise_is_rough_and_blur_is_smooth),
        cmocka_unit_test(a_seed_gives_the_same_pixels_everywhere),
        cmocka_unit_test(black_garments_are_refused),
        cmocka_unit_test(a_scene_is_described_on_one_line),
        cmocka_unit_test(every_trouble_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
