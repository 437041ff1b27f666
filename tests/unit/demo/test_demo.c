/* SPDX-License-Identifier: Apache-2.0 */
/* The demo's command, its packaged images as files, and its summary. */
#include "test.h"

#include "command_table.h"
#include "demo/demo_summary.h"
#include "store/store.h"
#include "temp_folder.h"

#include <zlib.h>

enum {
    IMAGES = 3,
    PIXELS = DEMO_SIDE_PX * DEMO_SIDE_PX,
    HEADER_MAX_BYTES = 16,
    PATH_BYTES = TEMP_PATH_BYTES + 80
};

static int set_up(void **state)
{
    char *folder = calloc(1, TEMP_PATH_BYTES);
    assert_non_null(folder);
    temp_folder_make(folder);
    *state = folder;
    return 0;
}

static int tear_down(void **state)
{
    temp_folder_remove(*state);
    free(*state);
    return 0;
}

static void the_commands_are_sound(void **state)
{
    for (const struct command *command = demo_commands; command->name; command++) {
        assert_words_are_sound(command);
        assert_work_is_sound(command);
        assert_options_are_sound(command);
        for (const struct command *other = all_commands; other->name; other++)
            assert_string_not_equal(other->name, command->name);
    }
}

/* ---- idx files ---- */

struct idx_file {
    const char *name;
    uint32_t magic, count;
    size_t header_bytes, body_bytes;
    uint8_t fill;
};

static void write_idx(const char *folder, const struct idx_file *file)
{
    char path[PATH_BYTES];
    unsigned char header[HEADER_MAX_BYTES] = {0};
    uint8_t *body = malloc(file->body_bytes + 1);
    assert_non_null(body);
    for (size_t i = 0; i < file->body_bytes; i++)
        body[i] = (uint8_t)(file->fill + i % 7);
    header[2] = (unsigned char)(file->magic >> 8);
    header[3] = (unsigned char)file->magic;
    header[7] = (unsigned char)file->count;
    (void)snprintf(path, sizeof(path), "%s/%s", folder, file->name);
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    assert_int_equal(gzwrite(gz, header, (unsigned)file->header_bytes), (int)file->header_bytes);
    if (file->body_bytes > 0)
        assert_int_equal(gzwrite(gz, body, (unsigned)file->body_bytes), (int)file->body_bytes);
    assert_int_equal(gzclose(gz), Z_OK);
    free(body);
}

static const struct idx_file good_images = {"train-images-idx3-ubyte.gz", 2051, IMAGES, 16,
                                            (size_t)IMAGES *PIXELS,       100};
static const struct idx_file good_labels = {"train-labels-idx1-ubyte.gz", 2049, IMAGES, 8, IMAGES, 3};

static void assert_refused(const char *folder, enum error_code code)
{
    struct idx_images images;
    struct error err = {0};
    assert_false(idx_read(folder, IMAGES, &images, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.message, folder));
}

static void packaged_images_are_read_with_their_labels(void **state)
{
    struct idx_images images;
    struct error err = {0};
    write_idx(*state, &good_images);
    write_idx(*state, &good_labels);
    if (!idx_read(*state, IMAGES, &images, &err))
        fail_msg("%s", err.message);
    assert_int_equal(images.count, IMAGES);
    assert_int_equal(images.pixels[8], 101);
    assert_int_equal(images.labels[2], 5);
    idx_release(&images);
    assert_true(idx_read(*state, 2, &images, &err)); /* the first of more */
    idx_release(&images);
    assert_false(idx_read(*state, IMAGES + 1, &images, &err));
}

static void what_is_missing_or_damaged_is_named(void **state)
{
    struct idx_file bad = good_images;
    assert_refused(*state, ERR_NOT_FOUND);
    write_idx(*state, &good_images);
    assert_refused(*state, ERR_NOT_FOUND);
    write_idx(*state, &good_labels);
    bad.magic = 2052;
    write_idx(*state, &bad);
    assert_refused(*state, ERR_INVALID);
    bad = good_images;
    bad.body_bytes--;
    write_idx(*state, &bad);
    assert_refused(*state, ERR_INVALID);
    bad.header_bytes = 9;
    bad.body_bytes = 0;
    write_idx(*state, &bad);
    assert_refused(*state, ERR_INVALID);
    write_idx(*state, &good_images);
    bad = good_labels;
    bad.fill = 8; /* 8, 9, 10 */
    write_idx(*state, &bad);
    assert_refused(*state, ERR_INVALID);
}

/* ---- kinds ---- */

static void every_kind_can_walk_and_has_names_of_its_own(void **state)
{
    for (const struct demo_kind *const *at = demo_kinds; *at; at++) {
        const struct demo_kind *kind = *at;
        size_t rivals = 0;
        assert_true(kind->make && kind->answer && kind->is_wrong && kind->making && kind->made &&
                    kind->wrong);
        assert_in_range(kind->stream_images, 100, DEMO_STREAM_MAX);
        for (; kind->rivals[rivals].key; rivals++)
            assert_true(kind->rivals[rivals].hardness && strlen(kind->rivals[rivals].title) <= 26);
        assert_in_range(rivals, 1, DEMO_SCORES_MAX - 1);
        for (const struct demo_kind *const *other = demo_kinds; other != at; other++) {
            assert_string_not_equal((*other)->type, kind->type);
            assert_string_not_equal((*other)->model, kind->model);
            assert_string_not_equal((*other)->images, kind->images);
            assert_string_not_equal((*other)->service, kind->service);
            assert_string_not_equal((*other)->training, kind->training);
            assert_string_not_equal((*other)->hard, kind->hard);
        }
    }
}

static void the_number_of_an_image_is_in_its_name(void **state)
{
    uint32_t number = 0;
    assert_true(demo_image_number("/a/b/05000.png", 5000, 10, &number));
    assert_int_equal(number, 5000);
    assert_true(demo_image_number("05009.png", 5000, 10, &number));
    assert_int_equal(number, 5009);
    assert_false(demo_image_number("/a/05010.png", 5000, 10, &number));
    assert_false(demo_image_number("/a/04999.png", 5000, 10, &number));
    assert_false(demo_image_number("/5001/shoe.png", 5000, 10, &number));
    assert_false(demo_image_number("", 0, 10, &number));
}

/* ---- summary ---- */

static void a_summary_that_was_kept_is_read_again(void **state)
{
    static const char json[] =
        "{\"type\":\"cls\",\"images\":40,\"wrong_predictions\":7,\"precision\":{\"first_5_percent\":1,"
        "\"first_20_percent\":0.5,\"auroc\":0.75},\"detection\":{\"type\":\"det\",\"precision\":{\"auroc\":"
        "null}}}";
    struct error err = {0};
    yyjson_mut_doc *read = NULL;
    AUTO_JSON parsed = yyjson_read(json, sizeof(json) - 1, 0);
    AUTO_MUT_JSON summary = yyjson_doc_mut_copy(parsed, NULL);
    assert_true(demo_summary_keep(*state, summary, &err));
    assert_true(demo_summary_read(*state, &read, &err));
    assert_true(yyjson_mut_equals(yyjson_mut_doc_get_root(read), yyjson_mut_doc_get_root(summary)));
    yyjson_mut_doc_free(read);
}

static void a_demo_that_never_ended_has_no_summary(void **state)
{
    struct error err = {0};
    yyjson_mut_doc *read = NULL;
    struct store *store = NULL;
    assert_false(demo_summary_read("/nonexistent/demo", &read, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(demo_summary_read(*state, &read, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_true(store_open(*state, false, &store, &err));
    assert_true(store_put(store, DEMO_MARKER, (struct bytes){"{}", 2}, &err));
    assert_false(demo_summary_read(*state, &read, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "did not come to its end"));
    assert_true(store_put(store, DEMO_MARKER, (struct bytes){"{", 1}, &err));
    assert_false(demo_summary_read(*state, &read, &err));
    assert_int_equal(err.code, ERR_INVALID);
    (void)store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commands_are_sound),
        cmocka_unit_test_setup_teardown(packaged_images_are_read_with_their_labels, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_missing_or_damaged_is_named, set_up, tear_down),
        cmocka_unit_test(every_kind_can_walk_and_has_names_of_its_own),
        cmocka_unit_test(the_number_of_an_image_is_in_its_name),
        cmocka_unit_test_setup_teardown(a_summary_that_was_kept_is_read_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_demo_that_never_ended_has_no_summary, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
