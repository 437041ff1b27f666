/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "manifest/manifest.h"
#include "work_fixture.h"

enum { SHARD_IMAGES = 4 };

static struct input_item *shard_of(struct fixture *fixture, const char *folder, uint32_t shard,
                                   uint32_t expected)
{
    struct input_list list = {0};
    if (!inputs_shard(fixture->store, folder, shard, fixture->arena, &list, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_int_equal(list.count, expected);
    return list.items;
}

/* What making fails with. */
static const struct error *refusal(struct fixture *fixture, const struct inputs_request *request)
{
    struct inputs inputs;
    assert_false(inputs_make(request, fixture->arena, &inputs, &fixture->err));
    return &fixture->err;
}

/* A manifest beside the folder "in", named in the request. */
static struct inputs_request manifest_request(struct fixture *fixture, const char *lines)
{
    struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    request.input_url = write_text(fixture, "x.manifest", lines);
    return request;
}

/* ---- folders ---- */

static void a_folder_is_listed_in_byte_order_in_shards(void **state)
{
    static const char *const names[] = {"B.png", "a.png", "a/b.png", "a0.png", "b.png", "\xc3\xa4.png"};
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 6; i++)
        (void)write_picture(fixture, names[5 - i], i);
    const struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    struct inputs inputs = make_inputs(fixture, &request);
    assert_int_equal(inputs.count, 6);
    assert_int_equal(inputs.skipped, 0);
    assert_int_equal(inputs.shard_images, SHARD_IMAGES);
    assert_int_equal(inputs.shards, 2);
    assert_string_equal(inputs.root, request.input_url);
    assert_string_equal(inputs.common, "");
    const struct input_item *first = shard_of(fixture, "run", 0, 4), *second = shard_of(fixture, "run", 1, 2);
    for (uint32_t i = 0; i < 6; i++) {
        const struct input_item *item = i < 4 ? &first[i] : &second[i - 4];
        assert_string_equal(item->key, names[i]);
        assert_string_equal(item->source, arena_printf(fixture->arena, "%s/%s", request.input_url, names[i]));
        assert_null(item->error);
        assert_null(item->truth);
    }
}

static void what_looks_like_an_image_by_name_or_content_is_taken(void **state)
{
    struct fixture *fixture = *state;
    const struct bytes text = {"only text", 9};
    (void)write_picture(fixture, "by_content", 1);
    (void)write_picture(fixture, "by_content.dat", 2);
    (void)write_input(fixture, "by_name.JPeG", text);
    (void)write_input(fixture, "by_name.tif", text);
    (void)write_input(fixture, "empty.png", (struct bytes){"", 0});
    (void)write_input(fixture, "notes.txt", text);
    (void)write_input(fixture, "png", text);
    (void)write_input(fixture, "empty", (struct bytes){"", 0});
    (void)write_picture(fixture, ".hidden.png", 3);
    (void)write_picture(fixture, ".cache/x.png", 4);
    (void)write_picture(fixture, "deep/.cache/x.png", 5);
    (void)write_picture(fixture, "a.b/..c.png", 6);
    (void)write_picture(fixture, "a.b/c.d.png", 7);
    const struct inputs_request request = inputs_of(fixture, "run", 100);
    struct inputs inputs = make_inputs(fixture, &request);
    assert_int_equal(inputs.count, 6);
    assert_int_equal(inputs.skipped, 7);
    assert_string_equal(shard_of(fixture, "run", 0, 6)[0].key, "a.b/c.d.png");
}

static void the_common_folder_is_what_all_keys_begin_with(void **state)
{
    static const struct {
        const char *names[3], *common;
    } rows[] = {
        {{"a/b/1.png", "a/b/2.png"}, "a/b/"}, {{"a/b/1.png", "a/b/c/2.png"}, "a/b/"},
        {{"a/bc/1.png", "a/bd/2.png"}, "a/"}, {{"a/1.png", "ab.png"}, ""},
        {{"only/one.png"}, "only/"},          {{"a/b/1.png", "a/c/2.png", "a/b/3.png"}, "a/"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *place = arena_printf(fixture->arena, "case%zu", i);
        for (size_t n = 0; n < 3 && rows[i].names[n]; n++)
            (void)write_picture(fixture, arena_printf(fixture->arena, "%s/%s", place, rows[i].names[n]), 1);
        struct inputs_request request = inputs_of(fixture, place, SHARD_IMAGES);
        request.input_url = arena_printf(fixture->arena, "%s/%s", request.input_url, place);
        assert_string_equal(make_inputs(fixture, &request).common, rows[i].common);
    }
}

static void names_of_any_bytes_come_back(void **state)
{
    static const char *const names[] = {"\n.png", " %41.png", "file:%41.png", "q\"\\.png", "\xff\xfe.png"};
    struct fixture *fixture = *state;
    for (uint32_t i = 0; i < 5; i++)
        (void)write_picture(fixture, names[i], i);
    const struct inputs_request request = inputs_of(fixture, "run", 100);
    (void)make_inputs(fixture, &request);
    const struct input_item *items = shard_of(fixture, "run", 0, 5);
    for (uint32_t i = 0; i < 5; i++) {
        char *path = NULL;
        assert_string_equal(items[i].key, names[i]);
        assert_true(manifest_source_decode(fixture->arena, items[i].source, &path, &fixture->err));
        assert_string_equal(path, arena_printf(fixture->arena, "%s/%s", request.input_url, names[i]));
    }
}

static void a_list_once_made_stays_whatever_happens_to_the_folder(void **state)
{
    struct fixture *fixture = *state;
    write_pictures(fixture, 5);
    const struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    (void)make_inputs(fixture, &request);
    write_pictures(fixture, 9);
    assert_int_equal(make_inputs(fixture, &request).count, 5);
    assert_true(store_delete(fixture->store, "run/inputs.json", &fixture->err)); /* killed before the end */
    assert_int_equal(make_inputs(fixture, &request).count, 9);
}

static void nothing_to_predict_is_said(void **state)
{
    struct fixture *fixture = *state;
    (void)write_input(fixture, "notes.txt", (struct bytes){"text", 4});
    const struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    const struct error *err = refusal(fixture, &request);
    assert_int_equal(err->detail, DETAIL_NO_SAMPLES);
    assert_says(err, "1 skipped");
    const struct inputs_request empty = manifest_request(fixture, "\n\n");
    assert_int_equal(refusal(fixture, &empty)->detail, DETAIL_NO_SAMPLES);
    struct inputs_request missing = request;
    missing.input_url = "/nonexistent/folder";
    assert_int_equal(refusal(fixture, &missing)->code, ERR_NOT_FOUND);
}

static void a_wish_to_stop_ends_the_listing(void **state)
{
    struct fixture *fixture = *state;
    struct stop_flag stop = {true};
    write_pictures(fixture, 3);
    struct inputs_request request = inputs_of(fixture, "run", SHARD_IMAGES);
    request.stop = &stop;
    assert_int_equal(refusal(fixture, &request)->code, ERR_CANCELLED);
    request = manifest_request(fixture, "{\"source\":\"/a.png\"}\n");
    request.stop = &stop;
    assert_int_equal(refusal(fixture, &request)->code, ERR_CANCELLED);
    atomic_store(&stop.is_set, false);
    assert_int_equal(make_inputs(fixture, &request).count, 1);
}

static void damaged_counts_are_found(void **state)
{
    static const char *const damages[] = {
        "{}", "[]",
        "{\"images\":3,\"skipped\":0,\"shard_images\":0,\"shards\":1,\"root\":\"/\",\"common\":\"/\"}",
        "{\"images\":9,\"skipped\":0,\"shard_images\":4,\"shards\":2,\"root\":\"/\",\"common\":\"/\"}"};
    struct fixture *fixture = *state;
    struct inputs inputs;
    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        const struct bytes body = {damages[i], strlen(damages[i])};
        assert_true(store_put(fixture->store, "run/inputs.json", body, &fixture->err));
        assert_false(inputs_open(fixture->store, "run", fixture->arena, &inputs, &fixture->err));
        assert_int_equal(fixture->err.code, ERR_INVALID);
        assert_says(&fixture->err, "inputs.json");
    }
    assert_true(store_delete(fixture->store, "run/inputs.json", &fixture->err));
    assert_false(inputs_open(fixture->store, "run", fixture->arena, &inputs, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_NOT_FOUND);
}

/* ---- manifests ---- */

static void sources_of_every_form_are_located(void **state)
{
    struct fixture *fixture = *state;
    const struct inputs_request request =
        manifest_request(fixture, "{\"source\":\"obs://bucket/0.png\"}\n"
                                  "{\"source\":\"/abs/dir/1.png\"}\n"
                                  "{\"source\":\"file:///abs/dir/%FF.png\"}\n"
                                  "{\"source\":\"/abs/dir/../dir/sub/3.png\"}\n"
                                  "{\"source\":\"https://host/4.png\"}\n");
    struct inputs inputs = make_inputs(fixture, &request);
    assert_int_equal(inputs.count, 5);
    assert_string_equal(inputs.root, "/");
    assert_string_equal(inputs.common, "abs/dir/");
    const struct input_item *items = shard_of(fixture, "run", 0, 4);
    assert_null(items[0].key);
    assert_non_null(strstr(items[0].error, "cannot be reached"));
    assert_string_equal(items[0].source, "obs://bucket/0.png");
    assert_string_equal(items[1].key, "abs/dir/1.png");
    assert_string_equal(items[2].key, "abs/dir/\xff.png");
    assert_string_equal(items[2].source, "file:///abs/dir/%FF.png");
    assert_string_equal(items[3].key, "abs/dir/sub/3.png");
    assert_string_equal(items[3].source, "/abs/dir/../dir/sub/3.png");
}

static void relative_sources_become_absolute(void **state)
{
    struct fixture *fixture = *state;
    const struct inputs_request request =
        manifest_request(fixture, "{\"source\":\"in/1.png\"}\n{\"source\":\"./a//../in/%41.png\"}\n");
    (void)make_inputs(fixture, &request);
    const struct input_item *items = shard_of(fixture, "run", 0, 2);
    assert_string_equal(items[0].source, arena_printf(fixture->arena, "%s/in/1.png", fixture->folder));
    assert_string_equal(items[1].source, arena_printf(fixture->arena, "%s/in/%%41.png", fixture->folder));
    assert_string_equal(items[1].key, items[1].source + 1);
}

static void bad_lines_are_named(void **state)
{
    static const struct {
        const char *lines, *words;
    } rows[] = {
        {"{\"source\":\"/a.png\"}\n\n{\n", "line 3 of "},
        {"{\"sauce\":\"/a.png\"}\n", "'source' is missing"},
        {"{\"source\":\"file:///%zz.png\"}\n", "%zz"},
        {"{\"source\":\"file:///%00.png\"}\n", "line 1"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct inputs_request request = manifest_request(fixture, rows[i].lines);
        const struct error *err = refusal(fixture, &request);
        assert_int_equal(err->detail, DETAIL_BAD_MANIFEST);
        assert_says(err, rows[i].words);
    }
    struct inputs_request missing = manifest_request(fixture, "");
    missing.input_url = "/nonexistent/x.manifest";
    assert_int_equal(refusal(fixture, &missing)->detail, DETAIL_PATH_NOT_FOUND);
}

static void labels_are_kept_for_training_only(void **state)
{
    static const char lines[] =
        "{\"source\":\"/1.png\",\"usage\":\"TRAIN\",\"annotation\":[{\"type\":\"modelarts/"
        "image_classification\","
        "\"name\":\"cat\"},{\"type\":\"modelarts/image_classification\",\"name\":\"dog\"}]}\n"
        "{\"source\":\"/2.png\"}\n";
    struct fixture *fixture = *state;
    struct inputs_request request = manifest_request(fixture, lines);
    assert_int_equal(make_inputs(fixture, &request).count, 2);
    assert_null(shard_of(fixture, "run", 0, 2)[0].truth);
    request.folder = "training";
    request.is_training = true;
    struct inputs inputs = make_inputs(fixture, &request);
    assert_int_equal(inputs.count, 1);
    assert_int_equal(inputs.skipped, 1);
    const struct input_item *item = shard_of(fixture, "training", 0, 1);
    assert_int_equal(item->truth_count, 2);
    assert_string_equal(item->truth[0], "cat");
    assert_string_equal(item->truth[1], "dog");
    assert_string_equal(item->usage, "TRAIN");
    request = manifest_request(fixture, "{\"source\":\"/2.png\"}\n");
    request.folder = "unlabeled";
    request.is_training = true;
    assert_says(refusal(fixture, &request), "no labeled sample");
}

static void a_path_of_the_longest_length_is_taken_and_a_longer_one_refused(void **state)
{
    struct fixture *fixture = *state;
    for (size_t bytes = PATH_MAX_BYTES - 1; bytes <= PATH_MAX_BYTES; bytes++) {
        char *path = arena_alloc(fixture->arena, bytes + 1);
        for (size_t i = 0; i < bytes; i++)
            path[i] = (char)(i % 200 == 0 && i + 1 < bytes ? '/' : 'x');
        const struct inputs_request request =
            manifest_request(fixture, arena_printf(fixture->arena, "{\"source\":\"%s\"}\n", path));
        struct inputs inputs;
        bool is_made = inputs_make(&request, fixture->arena, &inputs, &fixture->err);
        assert_int_equal(is_made, bytes < PATH_MAX_BYTES);
        if (!is_made)
            assert_says(&fixture->err, "line 1");
        assert_true(store_delete_below(fixture->store, "run", &fixture->err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_folder_is_listed_in_byte_order_in_shards, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_looks_like_an_image_by_name_or_content_is_taken, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_common_folder_is_what_all_keys_begin_with, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_of_any_bytes_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_once_made_stays_whatever_happens_to_the_folder, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_predict_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wish_to_stop_ends_the_listing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_counts_are_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sources_of_every_form_are_located, set_up, tear_down),
        cmocka_unit_test_setup_teardown(relative_sources_become_absolute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bad_lines_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_are_kept_for_training_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_of_the_longest_length_is_taken_and_a_longer_one_refused,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
