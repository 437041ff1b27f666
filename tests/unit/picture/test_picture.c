/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "base/workers.h"
#include "picture/picture.h"
#include "temp_folder.h"

#include <fcntl.h>
#include <float.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, ASKERS = 12 };

struct fixture {
    char folder[TEMP_PATH_BYTES], path[TEMP_PATH_BYTES + 16], kept[TEMP_PATH_BYTES + 16];
    struct picture_cache *cache;
    struct image image;
};

static int set_up(void **state)
{
    struct error err = {0};
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(fixture->folder);
    (void)snprintf(fixture->path, sizeof(fixture->path), "%s/image", fixture->folder);
    (void)snprintf(fixture->kept, sizeof(fixture->kept), "%s/kept", fixture->folder);
    if (!picture_cache_open(fixture->kept, PICTURE_CACHE_MAX_BYTES, &fixture->cache, &err))
        fail_msg("%s", err.message);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    fixture->cache = picture_cache_free(fixture->cache);
    image_release(&fixture->image);
    temp_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

/* Left half red, right half blue, as JPEG or PNG. */
static void paint_file(struct fixture *fixture, uint32_t width, uint32_t height, bool is_jpeg)
{
    struct error err = {0};
    AUTO_BUFFER(file, FILE_BYTES_MAX);
    assert_true(image_resize_buffer(&fixture->image, width, height, &err));
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++) {
            uint8_t *pixel = fixture->image.pixels + ((size_t)y * width + x) * 3;
            pixel[0] = x < width / 2 ? 255 : 0;
            pixel[1] = 0;
            pixel[2] = x < width / 2 ? 0 : 255;
        }
    assert_true(is_jpeg ? image_encode_jpeg(&fixture->image, 90, &file, &err)
                        : image_encode_png(&fixture->image, &file, &err));
    int fd = open(fixture->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, file.data, file.size), file.size);
    (void)close(fd);
}

static struct picture_wish thumb_of(const struct fixture *fixture)
{
    return (struct picture_wish){
        .path = fixture->path, .long_side_px = PICTURE_THUMB_PX, .quality = PICTURE_THUMB_QUALITY};
}

/* The picture's own pixels in fixture->image. */
static struct picture get(struct fixture *fixture, const struct picture_wish *wish)
{
    struct error err = {0};
    struct picture picture;
    struct image_info info;
    AUTO_BUFFER(file, FILE_BYTES_MAX);
    if (!picture_get(fixture->cache, wish, &picture, &err))
        fail_msg("%s", err.message);
    assert_true(buffer_reserve(&file, picture.bytes));
    assert_int_equal(read(picture.fd, file.data, picture.bytes), picture.bytes);
    (void)close(picture.fd);
    if (!image_decode((struct bytes){file.data, picture.bytes}, NULL, &fixture->image, &info, &err))
        fail_msg("%s", err.message);
    assert_string_equal(info.format, "jpeg");
    return picture;
}

static void assert_refused(struct fixture *fixture, const struct picture_wish *wish, enum error_detail detail)
{
    struct error err = {0};
    struct picture picture;
    assert_false(picture_get(fixture->cache, wish, &picture, &err));
    assert_int_equal(err.detail, detail);
}

static void a_picture_is_upright_and_as_large_as_wanted(void **state)
{
    struct fixture *fixture = *state;
    static const uint32_t sizes[][4] = {{4000, 2000, 256, 128},
                                        {2000, 4000, 128, 256},
                                        {257, 100, 256, 100},
                                        {256, 256, 256, 256},
                                        {30, 20, 30, 20}};
    for (int is_jpeg = 0; is_jpeg < 2; is_jpeg++)
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            paint_file(fixture, sizes[i][0], sizes[i][1], is_jpeg);
            const struct picture_wish wish = thumb_of(fixture);
            (void)get(fixture, &wish);
            assert_int_equal(fixture->image.width, sizes[i][2]);
            assert_int_equal(fixture->image.height, sizes[i][3]);
            const uint8_t *left = fixture->image.pixels;
            const uint8_t *right = left + (size_t)(fixture->image.width - 1) * 3;
            assert_true(left[0] > 220 && left[2] < 40);
            assert_true(right[2] > 220 && right[0] < 40);
        }
}

static void a_part_comes_with_its_margin_and_never_from_outside(void **state)
{
    struct fixture *fixture = *state;
    paint_file(fixture, 1000, 500, true);
    struct picture_wish wish = thumb_of(fixture);
    wish.has_part = true;
    wish.part = (struct image_box){600, 100, 700, 200};
    (void)get(fixture, &wish);
    assert_int_equal(fixture->image.width, 130);
    assert_int_equal(fixture->image.height, 130);
    assert_true(fixture->image.pixels[2] > 220); /* blue: the right half */
    wish.part = (struct image_box){990, 490, 2000, 2000};
    (void)get(fixture, &wish);
    assert_int_equal(fixture->image.width, 12);
    wish.part = (struct image_box){1000, 0, 1100, 100};
    assert_refused(fixture, &wish, DETAIL_INVALID_ARGUMENT);
    wish.part = (struct image_box){10, 10, 10, 20};
    assert_refused(fixture, &wish, DETAIL_INVALID_ARGUMENT);
}

static void parts_that_begin_far_outside_are_told_apart(void **state)
{
    struct fixture *fixture = *state;
    paint_file(fixture, 1000, 500, true);
    struct picture_wish wish = thumb_of(fixture);
    wish.has_part = true;
    wish.part = (struct image_box){-DBL_MAX, -DBL_MAX, 100, 100};
    struct picture small = get(fixture, &wish);
    wish.part.y1 = 200;
    struct picture large = get(fixture, &wish);
    assert_string_not_equal(small.etag, large.etag);
}

static void an_augmented_copy_is_another_picture(void **state)
{
    struct fixture *fixture = *state;
    paint_file(fixture, 300, 200, false);
    struct augment_setting setting = {.op = augment_find("fliplr"), .weight = 1};
    struct picture_wish wish = thumb_of(fixture);
    struct picture plain = get(fixture, &wish);
    wish.augment = &setting;
    wish.augment_side_px = 224;
    struct picture mirrored = get(fixture, &wish);
    assert_string_not_equal(mirrored.etag, plain.etag);
    assert_int_equal(fixture->image.width, 256);
    const uint8_t *left = fixture->image.pixels, *right = left + (size_t)(fixture->image.width - 1) * 3;
    assert_true(left[2] > 220 && left[0] < 40);
    assert_true(right[0] > 220 && right[2] < 40);
    char etags[3][HASH_HEX_BYTES];
    static const double sigmas[] = {1, 2, 1};
    for (int i = 0; i < 3; i++) { /* the amount and what the model sees are part of it */
        setting = (struct augment_setting){augment_find("gaussianblur"), 1, sigmas[i]};
        wish.augment_side_px = i < 2 ? 224 : 28;
        paint_file(fixture, 300, 200, false);
        memcpy(etags[i], get(fixture, &wish).etag, sizeof(etags[i]));
    }
    assert_string_not_equal(etags[0], etags[1]);
    assert_string_not_equal(etags[0], etags[2]);
    uint64_t made = picture_cache_made(fixture->cache);
    paint_file(fixture, 300, 200, false);
    assert_string_equal(get(fixture, &wish).etag, etags[2]);
    assert_int_equal(picture_cache_made(fixture->cache), made);
}

static void what_was_made_once_is_not_made_again_even_when_the_file_is_gone(void **state)
{
    struct fixture *fixture = *state;
    paint_file(fixture, 800, 400, true);
    struct picture_wish wish = thumb_of(fixture);
    struct picture first = get(fixture, &wish);
    struct picture again = get(fixture, &wish);
    assert_string_equal(first.etag, again.etag);
    struct hash hash;
    char content[HASH_HEX_BYTES], bytes[4096];
    ssize_t count = 0;
    int fd = open(fixture->path, O_RDONLY | O_CLOEXEC);
    hash_start(&hash);
    while ((count = read(fd, bytes, sizeof(bytes))) > 0)
        hash_add(&hash, bytes, (size_t)count);
    hash_finish(&hash, content);
    (void)close(fd);
    assert_int_equal(unlink(fixture->path), 0);
    assert_refused(fixture, &wish, DETAIL_IMAGE_MISSING);
    wish.content_hash = content;
    uint64_t made = picture_cache_made(fixture->cache);
    assert_true(get(fixture, &wish).is_of_content);
    assert_int_equal(picture_cache_made(fixture->cache), made);
}

static void a_changed_file_is_not_taken_for_what_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct picture_wish wish = thumb_of(fixture);
    wish.content_hash = "00112233445566778899aabbccddeeff";
    paint_file(fixture, 40, 40, false);
    struct picture first = get(fixture, &wish);
    paint_file(fixture, 41, 40, false);
    struct picture second = get(fixture, &wish);
    assert_false(first.is_of_content || second.is_of_content);
    assert_string_not_equal(first.etag, second.etag);
}

static void damaged_empty_and_foreign_files_are_refused_with_their_detail(void **state)
{
    struct fixture *fixture = *state;
    const struct picture_wish wish = thumb_of(fixture);
    assert_refused(fixture, &wish, DETAIL_IMAGE_MISSING);
    paint_file(fixture, 300, 300, true);
    assert_int_equal(truncate(fixture->path, 700), 0);
    assert_refused(fixture, &wish, DETAIL_IMAGE_DAMAGED);
    assert_int_equal(truncate(fixture->path, 0), 0);
    assert_refused(fixture, &wish, DETAIL_IMAGE_DAMAGED);
    assert_int_equal(unlink(fixture->path), 0);
    assert_int_equal(mkdir(fixture->path, 0755), 0);
    assert_refused(fixture, &wish, DETAIL_IMAGE_MISSING);
}

static void an_image_past_the_limit_is_refused_on_its_header(void **state)
{
    struct fixture *fixture = *state;
    static const uint8_t header[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0,    0,    0,
                                     13,   'I', 'H', 'D', 'R',  0,    0,    0x40, 0,    0,    0,
                                     0x40, 0,   8,   2,   0,    0,    0,    0x88, 0xb7, 0xdb, 0xea};
    const struct picture_wish wish = thumb_of(fixture);
    int fd = open(fixture->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_int_equal(write(fd, header, sizeof(header)), sizeof(header));
    (void)close(fd);
    struct error err = {0};
    struct picture picture;
    assert_false(picture_get(fixture->cache, &wish, &picture, &err));
    assert_true(err.detail == DETAIL_IMAGE_TOO_LARGE || err.detail == DETAIL_IMAGE_DAMAGED);
    assert_non_null(strstr(err.message, "px"));
}

struct asking {
    struct fixture *fixture;
    atomic_uint answered;
};

static bool ask(void *state, uint32_t index, struct error *err)
{
    struct asking *asking = state;
    struct picture picture;
    const struct picture_wish wish = thumb_of(asking->fixture);
    (void)index;
    if (!picture_get(asking->fixture->cache, &wish, &picture, err))
        return false;
    (void)close(picture.fd);
    atomic_fetch_add(&asking->answered, 1);
    return true;
}

static void many_who_ask_at_once_cause_one_decoding(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = {.fixture = fixture};
    struct error err = {0};
    paint_file(fixture, 3000, 2000, true);
    uint64_t before = picture_cache_made(fixture->cache);
    assert_true(workers_run(ASKERS, ask, &asking, &err));
    assert_int_equal(asking.answered, ASKERS);
    assert_int_equal(picture_cache_made(fixture->cache) - before, 1);
}

static void all_who_ask_for_a_damaged_image_hear_why(void **state)
{
    struct fixture *fixture = *state;
    struct asking asking = {.fixture = fixture};
    struct error err = {0};
    paint_file(fixture, 3000, 2000, true);
    assert_int_equal(truncate(fixture->path, 5000), 0);
    assert_false(workers_run(ASKERS, ask, &asking, &err));
    assert_int_equal(asking.answered, 0);
    assert_int_equal(err.detail, DETAIL_IMAGE_DAMAGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_is_upright_and_as_large_as_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_that_begin_far_outside_are_told_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_augmented_copy_is_another_picture, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_part_comes_with_its_margin_and_never_from_outside, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_was_made_once_is_not_made_again_even_when_the_file_is_gone,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_changed_file_is_not_taken_for_what_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_empty_and_foreign_files_are_refused_with_their_detail, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_image_past_the_limit_is_refused_on_its_header, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_who_ask_at_once_cause_one_decoding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(all_who_ask_for_a_damaged_image_hear_why, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
