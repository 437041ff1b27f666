/* SPDX-License-Identifier: Apache-2.0 */
/* The operations of aug_consistent_mining: contract, meaning, boxes, and that a seed gives the same pixels.
 */
#include "test.h"

#include "base/hash.h"
#include "base/workers.h"
#include "image/augment/augment.h"
#include "image_fixture.h"
#include "temp_folder.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HASH_OF_IMAGE "00112233445566778899aabbccddeeff"
enum { SIZES = 6, NO_SIDE = 0 };
static const uint32_t sizes[SIZES][2] = {{97, 61}, {28, 28}, {1, 1}, {2, 300}, {300, 3}, {640, 480}};

static struct augment_draw draw_of(const struct augment_op *op, const char *hash, const struct image *image)
{
    struct augment_draw draw;
    const struct augment_setting setting = {op, 1, op->parameter.usual};
    augment_plan(&setting, hash, NO_SIDE, image, &draw);
    return draw;
}

static void apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                  struct image *into)
{
    struct error err = {0};
    if (!augment_apply(draw, from, scratch, into, &err))
        fail_msg("%s: %s", draw->op->name, err.message);
    assert_int_equal(into->width, from->width);
    assert_int_equal(into->height, from->height);
}

/* ---- the table ---- */

static void every_row_is_complete_and_has_its_reason(void **state)
{
    for (int i = 0; i < AUGMENT_OPS; i++) {
        const struct augment_op *op = all_augment_ops[i];
        assert_int_equal(op->reason, AUGMENT_REASON_FIRST + i);
        assert_ptr_equal(augment_find(op->name), op);
        assert_true(strlen(op->summary) > 3);
        assert_non_null(op->apply);
        assert_true(!op->moves || op->plan);
        if (!op->parameter.name)
            continue;
        assert_true(op->parameter.low > 0 && op->parameter.low <= op->parameter.usual);
        assert_true(op->parameter.usual <= op->parameter.high);
        assert_non_null(op->parameter.unit);
    }
    assert_null(augment_find("rotate"));
}

static void every_operation_works_at_every_size_and_both_ends_of_its_range(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, copy = {0};
    for (int i = 0; i < AUGMENT_OPS * SIZES; i++) {
        const struct augment_op *op = all_augment_ops[i / SIZES];
        const double amounts[] = {op->parameter.low, op->parameter.usual, op->parameter.high};
        paint(&image, sizes[i % SIZES][0], sizes[i % SIZES][1], 7);
        for (int a = 0; a < 3; a++) {
            const struct augment_setting setting = {op, 1, amounts[a]};
            struct augment_draw draw;
            augment_plan(&setting, HASH_OF_IMAGE, 16, &image, &draw);
            apply(&draw, &image, scratch, &copy);
        }
    }
    image_release(&image);
    image_release(&copy);
}

static void no_operation_leaves_a_picture_as_it_is(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, copy = {0};
    paint(&image, 97, 61, 3);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, &image);
        apply(&draw, &image, scratch, &copy);
        assert_memory_not_equal(copy.pixels, image.pixels, (size_t)97 * 61 * 3);
        assert_true(mean_difference(&image, &copy) > 0.2);
    }
    image_release(&image);
    image_release(&copy);
}

static void a_flat_picture_stays_flat(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, copy = {0};
    paint_flat(&image, 53, 31, 120);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, &image);
        apply(&draw, &image, scratch, &copy);
        for (size_t at = 1; at < (size_t)53 * 31 * 3; at++)
            assert_int_equal(copy.pixels[at], copy.pixels[0]);
        bool changes_levels = strcmp(draw.op->name, "add") == 0 || strcmp(draw.op->name, "invert") == 0;
        assert_true(changes_levels || copy.pixels[0] == 120);
    }
    image_release(&image);
    image_release(&copy);
}

/* ---- the same on every machine ---- */

/* Hash of the pixels of all operations' copies of one picture, in the order of the table. */
static void hash_copies(struct augment_scratch *scratch, const char *content_hash, char ret[][HASH_HEX_BYTES])
{
    struct image image = {0}, copy = {0};
    paint(&image, 97, 61, 5);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], content_hash, &image);
        apply(&draw, &image, scratch, &copy);
        hash_of((struct bytes){copy.pixels, (size_t)97 * 61 * 3}, ret[i]);
    }
    image_release(&image);
    image_release(&copy);
}

static void copies_are_the_golden_ones(void **state)
{
    static const char *const golden[AUGMENT_OPS] = {
        "0987e625b8b6abb7c338e76f2eec7b89", /* gaussianblur */
        "5cf08d58b712bf8d1546878e06d038cf", /* fliplr */
        "56b17d08187bfbbf455dd7601c05f6d9", /* crop */
        "ba9bdc18a18a7d483befdbc007eb6056", /* flipud */
        "6ada1d98fc18893a2e2fe7467beb6460", /* scale */
        "330046c06cba8bfa26e9fc53dbded442", /* translate */
        "fd8bab06e05aaa3ed3e6fc64a8285314", /* shear */
        "f66b828a426092e988890d1a9605b8cf", /* superpixels */
        "f73a9357acd55e9bc4f1ac5526152b4a", /* sharpen */
        "a87842ddaa6a7f72d70ed68630118989", /* add */
        "ee0331209eee6bd5c2d6b1a776345bdf", /* invert */
    };
    char found[AUGMENT_OPS][HASH_HEX_BYTES];
    AUTO(augment_scratch) scratch = augment_scratch_new();
    hash_copies(scratch, HASH_OF_IMAGE, found);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        if (strcmp(found[i], golden[i]) != 0)
            fail_msg("%s gave %s", all_augment_ops[i]->name, found[i]);
    }
}

struct racing {
    char found[8][AUGMENT_OPS][HASH_HEX_BYTES];
};

static bool race(void *state, uint32_t index, struct error *err)
{
    struct racing *racing = state;
    AUTO(augment_scratch) scratch = augment_scratch_new();
    (void)err;
    for (int round = 0; round < 3; round++)
        hash_copies(scratch, HASH_OF_IMAGE, racing->found[index]);
    return true;
}

static void threads_and_used_scratches_make_no_difference(void **state)
{
    struct racing racing;
    struct error err = {0};
    assert_true(workers_run(8, race, &racing, &err));
    for (int i = 1; i < 8; i++)
        assert_memory_equal(racing.found[i], racing.found[0], sizeof(racing.found[0]));
}

static void another_image_has_another_draw_of_what_is_drawn(void **state)
{
    char one[AUGMENT_OPS][HASH_HEX_BYTES], other[AUGMENT_OPS][HASH_HEX_BYTES];
    AUTO(augment_scratch) scratch = augment_scratch_new();
    hash_copies(scratch, HASH_OF_IMAGE, one);
    hash_copies(scratch, "ffeeddccbbaa99887766554433221100", other);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        const char *name = all_augment_ops[i]->name;
        bool is_fixed =
            strncmp(name, "flip", 4) == 0 || strcmp(name, "invert") == 0 || strcmp(name, "gaussianblur") == 0;
        assert_int_equal(strcmp(one[i], other[i]) == 0, is_fixed);
    }
}

static void drawn_values_are_from_half_the_amount_to_all_of_it(void **state)
{
    struct image image = {0};
    char hash[40];
    double least = 1, most = 0;
    paint_flat(&image, 100, 50, 9);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(hash, sizeof(hash), "%032d", i);
        struct augment_draw draw = draw_of(augment_find("shear"), hash, &image);
        least = fmin(least, draw.value / draw.op->parameter.usual);
        most = fmax(most, draw.value / draw.op->parameter.usual);
    }
    assert_true(least >= 0.5 && least < 0.52 && most <= 1 && most > 0.98);
    image_release(&image);
}

/* ---- what they mean ---- */

static void mirroring_twice_is_nothing_at_all(void **state)
{
    static const char *const names[] = {"fliplr", "flipud", "invert"};
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, once = {0}, twice = {0};
    for (size_t i = 0; i < 3; i++) {
        paint(&image, 41, 23, 11);
        struct augment_draw draw = draw_of(augment_find(names[i]), HASH_OF_IMAGE, &image);
        apply(&draw, &image, scratch, &once);
        apply(&draw, &once, scratch, &twice);
        assert_same_pixels(&image, &twice);
    }
    image_release(&image);
    image_release(&once);
    image_release(&twice);
}

/* A dark dot on light ground is where the map says it is. */
static void the_map_says_where_pixels_go(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, copy = {0};
    paint_flat(&image, 120, 90, 200);
    for (uint32_t y = 40; y < 44; y++)
        memset(image.pixels + ((size_t)y * 120 + 70) * 3, 0, (size_t)4 * 3);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, &image);
        struct image_box box = augment_box(&draw, (struct image_box){70, 40, 74, 44});
        double weight = 0, x_sum = 0, y_sum = 0;
        if (!draw.op->moves)
            continue;
        apply(&draw, &image, scratch, &copy);
        for (uint32_t at = 0; at < 120 * 90; at++) {
            double dark = 200.0 - copy.pixels[(size_t)at * 3];
            weight += dark;
            uint32_t x = at % 120, y = at / 120;
            x_sum += dark * (x + 0.5);
            y_sum += dark * (y + 0.5);
        }
        assert_true(fabs(x_sum / weight - (box.x0 + box.x1) / 2) < 0.1);
        assert_true(fabs(y_sum / weight - (box.y0 + box.y1) / 2) < 0.1);
    }
    image_release(&image);
    image_release(&copy);
}

static void boxes_come_back_to_where_they_were(void **state)
{
    struct image image = {0};
    const struct image_box box = {12.5, 3, 50, 33.25};
    paint_flat(&image, 120, 90, 0);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, &image);
        struct image_box there = augment_box(&draw, box), back = augment_box_back(&draw, there);
        assert_true(fabs(back.x0 - box.x0) < 1e-9 && fabs(back.y0 - box.y0) < 1e-9);
        assert_true(fabs(back.x1 - box.x1) < 1e-9 && fabs(back.y1 - box.y1) < 1e-9);
        assert_true(there.x1 > there.x0 && there.y1 > there.y0);
        bool is_moved = fabs(there.x0 - box.x0) + fabs(there.y0 - box.y0) > 1e-9;
        assert_int_equal(is_moved, draw.op->moves);
    }
    image_release(&image);
}

static void superpixels_have_few_colours_and_the_picture_s_mean(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, copy = {0};
    const struct augment_setting all = {augment_find("superpixels"), 1, 1};
    struct augment_draw draw;
    paint_noise(&image, 200, 150, 3);
    augment_plan(&all, HASH_OF_IMAGE, NO_SIDE, &image, &draw);
    apply(&draw, &image, scratch, &copy);
    uint32_t colours = 0;
    double before = 0, after = 0;
    uint8_t *seen = calloc(1 << 24, 1);
    for (size_t at = 0; at < (size_t)200 * 150; at++) {
        const uint8_t *pixel = copy.pixels + at * 3;
        size_t colour = (size_t)pixel[0] << 16 | (size_t)pixel[1] << 8 | pixel[2];
        colours += !seen[colour];
        seen[colour] = 1;
        before += image.pixels[at * 3];
        after += pixel[0];
    }
    free(seen);
    assert_in_range(colours, 50, 150);
    assert_true(fabs(before - after) / (200 * 150) < 0.5);
    image_release(&image);
    image_release(&copy);
}

static void large_images_are_worked_on_at_twice_the_model_s_side(void **state)
{
    AUTO(augment_scratch) scratch = augment_scratch_new();
    struct image image = {0}, room = {0};
    const struct image *picture = NULL;
    struct augment_draw draw;
    struct error err = {0};
    const struct augment_setting blur = {augment_find("gaussianblur"), 1, 1};
    paint(&image, 1000, 500, 1);
    assert_true(augment_picture(&image, 100, scratch, &room, &picture, &err));
    assert_ptr_equal(picture, &room);
    assert_int_equal(picture->width, 200);
    assert_int_equal(picture->height, 100);
    augment_plan(&blur, HASH_OF_IMAGE, 100, picture, &draw);
    assert_true(draw.pixel == 2);
    assert_true(augment_picture(&image, 500, scratch, &room, &picture, &err));
    assert_ptr_equal(picture, &image);
    image_release(&image);
    image_release(&room);
}

/* ---- beside numpy and Pillow ---- */

static void write_cases(const char *folder, const struct image *image)
{
    AUTO_BUFFER(list, FILE_LIMIT_BYTES);
    for (int i = 0; i < AUGMENT_OPS; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, image);
        char name[32];
        assert_true(buffer_printf(
            &list, "%s %u %u %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g\n",
            draw.op->name, draw.width, draw.height, draw.value, draw.pixel, draw.px[0], draw.px[1],
            draw.px[2], draw.px[3], draw.map.xx, draw.map.xy, draw.map.x0, draw.map.yx, draw.map.yy,
            draw.map.y0));
        (void)snprintf(name, sizeof(name), "%d.in", i);
        write_file(folder, name, image->pixels, (size_t)image->width * image->height * 3);
    }
    write_file(folder, "cases.txt", list.data, list.size);
}

/* Whole numbers round between the passes, and coordinates to 1/256 px. */
static uint32_t tolerance_of(const char *name)
{
    bool is_mixed = strcmp(name, "scale") == 0 || strcmp(name, "shear") == 0;
    bool is_rounded = strcmp(name, "gaussianblur") == 0 || strcmp(name, "sharpen") == 0;
    return is_mixed ? 3 : is_rounded ? 1 : 0;
}

static void pixels_are_those_of_numpy_and_pillow(void **state)
{
    char folder[TEMP_PATH_BYTES], path[512];
    AUTO(augment_scratch) scratch = augment_scratch_new();
    AUTO_BUFFER(expected, FILE_LIMIT_BYTES);
    struct image image = {0}, copy = {0};
    temp_folder_make(folder);
    paint_noise(&image, 157, 83, 21);
    write_cases(folder, &image);
    bool has_reference = run_reference("augment", folder);
    for (int i = 0; i < AUGMENT_OPS && has_reference; i++) {
        struct augment_draw draw = draw_of(all_augment_ops[i], HASH_OF_IMAGE, &image);
        if (strcmp(draw.op->name, "superpixels") == 0)
            continue;
        apply(&draw, &image, scratch, &copy);
        (void)snprintf(path, sizeof(path), "%s/%d.rgb", folder, i);
        read_file(path, &expected);
        assert_int_equal(expected.size, (size_t)157 * 83 * 3);
        uint32_t most = 0;
        for (size_t at = 0; at < expected.size; at++) {
            uint32_t apart = (uint32_t)abs(copy.pixels[at] - ((const uint8_t *)expected.data)[at]);
            most = apart > most ? apart : most;
        }
        if (most > tolerance_of(draw.op->name))
            fail_msg("%s: %u levels apart", draw.op->name, most);
    }
    temp_folder_remove(folder);
    image_release(&image);
    image_release(&copy);
    if (!has_reference) {
        print_message("# no numpy and Pillow to compare with\n");
        skip();
    }
}

/* ---- aug_op_config ---- */

static void the_published_default_is_read(void **state)
{
    struct augment_settings settings;
    struct error err = {0};
    assert_true(augment_settings_read("crop:0.1+fliplr:0.1+gaussianblur:0.1@1.5", &settings, &err));
    assert_int_equal(settings.count, 3);
    assert_string_equal(settings.ops[0].op->name, "crop");
    assert_true(settings.ops[0].weight == 0.1);
    assert_true(settings.ops[0].amount == settings.ops[0].op->parameter.usual);
    assert_true(settings.ops[2].amount == 1.5);
    assert_true(augment_settings_read("all", &settings, &err));
    assert_int_equal(settings.count, AUGMENT_OPS);
    assert_true(augment_settings_read("crop:0+fliplr:1", &settings, &err));
    assert_int_equal(settings.count, 1);
}

static void what_cannot_be_read_is_named(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "expected op:number"},
        {"crop", "expected op:number"},
        {"crop@0.1:1", "expected op:number"},
        {"rotate:0.1", "unknown operation 'rotate'"},
        {"crop:1.01", "crop"},
        {"crop:-0.1", "crop"},
        {"crop:nan", "crop"},
        {"crop:", "crop"},
        {"crop:0.1@0.41", "percent"},
        {"crop:0.1@0.009", "percent"},
        {"fliplr:0.1@1", "no parameter"},
        {"crop:0.1+crop:0.2", "named twice"},
        {"crop:0+crop:0.2", "named twice"},
        {"crop:0.1+", "expected op:number"},
        {"crop:0", "above 0"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct augment_settings settings;
        struct error err = {0};
        assert_false(augment_settings_read(cases[i].text, &settings, &err));
        assert_int_equal(err.code, ERR_INVALID);
        assert_non_null(strstr(err.message, "aug_op_config"));
        if (!strstr(err.message, cases[i].part))
            fail_msg("'%s': %s", cases[i].text, err.message);
    }
}

static void a_text_may_be_as_long_as_its_limit(void **state)
{
    char text[AUGMENT_CONFIG_MAX_BYTES + 2];
    struct augment_settings settings;
    struct error err = {0};
    memset(text, '0', sizeof(text));
    memcpy(text, "crop:0.1", 8);
    text[AUGMENT_CONFIG_MAX_BYTES] = '\0';
    bool is_read = augment_settings_read(text, &settings, &err);
    assert_true(is_read || !strstr(err.message, "longer"));
    text[AUGMENT_CONFIG_MAX_BYTES] = '0';
    text[AUGMENT_CONFIG_MAX_BYTES + 1] = '\0';
    assert_false(augment_settings_read(text, &settings, &err));
    assert_non_null(strstr(err.message, "longer than"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_has_its_reason),
        cmocka_unit_test(every_operation_works_at_every_size_and_both_ends_of_its_range),
        cmocka_unit_test(no_operation_leaves_a_picture_as_it_is),
        cmocka_unit_test(a_flat_picture_stays_flat),
        cmocka_unit_test(copies_are_the_golden_ones),
        cmocka_unit_test(threads_and_used_scratches_make_no_difference),
        cmocka_unit_test(another_image_has_another_draw_of_what_is_drawn),
        cmocka_unit_test(drawn_values_are_from_half_the_amount_to_all_of_it),
        cmocka_unit_test(mirroring_twice_is_nothing_at_all),
        cmocka_unit_test(the_map_says_where_pixels_go),
        cmocka_unit_test(boxes_come_back_to_where_they_were),
        cmocka_unit_test(superpixels_have_few_colours_and_the_picture_s_mean),
        cmocka_unit_test(large_images_are_worked_on_at_twice_the_model_s_side),
        cmocka_unit_test(pixels_are_those_of_numpy_and_pillow),
        cmocka_unit_test(the_published_default_is_read),
        cmocka_unit_test(what_cannot_be_read_is_named),
        cmocka_unit_test(a_text_may_be_as_long_as_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
