/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of pictures and a small model on the fake engine. Include after test.h. */
#ifndef TESTS_WORK_FIXTURE_H
#define TESTS_WORK_FIXTURE_H

#include "engine_fake.h"
#include "model_fixture.h"
#include "onnx_builder.h"
#include "work/scan.h"

#include <sys/stat.h>

enum { WORK_PATH_BYTES = FIXTURE_PATH_BYTES + 100, FILE_MAX_BYTES = 4 * 1024 * 1024 };

/* FOLDER/in/NAME, folders made as needed; the path lives in the arena. */
FIXTURE const char *write_input(struct fixture *fixture, const char *name, struct bytes bytes)
{
    struct store *store = NULL;
    const char *folder = arena_printf(fixture->arena, "%s/in", fixture->folder);
    if (!store_open(folder, true, &store, &fixture->err) || !store_put(store, name, bytes, &fixture->err))
        fail_msg("%s", fixture->err.message);
    (void)store_free(store);
    return arena_printf(fixture->arena, "%s/%s", folder, name);
}

FIXTURE const char *write_picture(struct fixture *fixture, const char *name, uint32_t number)
{
    struct image image = {0};
    AUTO_BUFFER(png, FILE_MAX_BYTES);
    make_picture(&image, 12 + number % 5, 9, number);
    assert_true(image_encode_png(&image, &png, &fixture->err));
    image_release(&image);
    return write_input(fixture, name, (struct bytes){png.data, png.size});
}

FIXTURE void write_pictures(struct fixture *fixture, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        (void)write_picture(fixture, arena_printf(fixture->arena, "%s%03u.png", i % 10 == 3 ? "sub/" : "", i),
                            i);
}

FIXTURE struct inputs_request inputs_of(struct fixture *fixture, const char *folder, uint32_t shard_images)
{
    return (struct inputs_request){.data = fixture->store,
                                   .folder = folder,
                                   .input_url = arena_printf(fixture->arena, "%s/in", fixture->folder),
                                   .shard_images = shard_images};
}

FIXTURE struct inputs make_inputs(struct fixture *fixture, const struct inputs_request *request)
{
    struct inputs inputs = {0};
    if (!inputs_make(request, fixture->arena, &inputs, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return inputs;
}

FIXTURE struct model_runner *open_built(struct fixture *fixture, struct onnx_builder *builder)
{
    struct model_runner *runner = NULL;
    const char *path = write_file(fixture, "tiny.onnx", onnx_builder_finish(builder));
    onnx_builder_release(builder);
    const struct model_import request = {.project_id = "0", .onnx_path = path, .engine = &engine_fake};
    assert_imported(fixture, &request);
    if (!model_runner_open_with(&engine_fake, fixture->store, &fixture->model, &runner, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return runner;
}

/* A classifier of four classes with an embedding. */
FIXTURE struct model_runner *open_small_runner(struct fixture *fixture)
{
    struct onnx_builder builder = {0};
    onnx_builder_classifier(&builder);
    return open_built(fixture, &builder);
}

/* A detector of three classes, with a box for each of 21 cells. */
FIXTURE struct model_runner *open_small_detector(struct fixture *fixture)
{
    struct onnx_builder builder = {0};
    onnx_builder_start(&builder);
    onnx_builder_input(&builder, "image", 1, "1,3,32,32");
    onnx_builder_float(&builder, "w", 1);
    onnx_builder_node(&builder, "Conv", "image,w", "shares");
    onnx_builder_output(&builder, "shares", 1, "1,21,8");
    return open_built(fixture, &builder);
}

FIXTURE struct scan_request scan_of(struct fixture *fixture, const char *folder, const struct inputs *inputs,
                                    const struct model_runner *runner, uint32_t threads)
{
    return (struct scan_request){.data = fixture->store,
                                 .folder = folder,
                                 .inputs = inputs,
                                 .runner = runner,
                                 .model_hash = fixture->model.content_hash,
                                 .threads = threads};
}

struct comparing {
    struct fixture *fixture;
    const char *other; /* folder */
    size_t prefix;     /* bytes of the first folder's name */
    uint64_t files;
};

FIXTURE bool compare_object(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    struct comparing *comparing = state;
    struct store *store = comparing->fixture->store;
    AUTO_BUFFER(left, FILE_MAX_BYTES);
    AUTO_BUFFER(right, FILE_MAX_BYTES);
    char *twin = arena_printf(comparing->fixture->arena, "%s%s", comparing->other, key + comparing->prefix);
    (void)stat;
    if (!store_get(store, key, &left, err) || !store_get(store, twin, &right, err))
        return false;
    comparing->files++;
    return (left.size == right.size && memcmp(left.data, right.data, left.size) == 0) ||
           error_set(err, ERR_CONFLICT, "%s and %s differ", key, twin);
}

/* Every object below `left` has a twin of the same bytes below `right`. */
FIXTURE uint64_t assert_same_objects(struct fixture *fixture, const char *left, const char *right)
{
    struct comparing comparing = {fixture, right, strlen(left), 0};
    if (!store_list(fixture->store, left, compare_object, &comparing, NULL, &fixture->err))
        fail_msg("%s", fixture->err.message);
    assert_true(comparing.files > 0);
    return comparing.files;
}

#endif
