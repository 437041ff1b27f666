/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four real classifiers, imported with no flag but their labels, against an independent computation: Pillow
 * and numpy prepare the same images, onnxruntime-node runs them. Skipped without TROMMEL_TEST_DATA (a folder
 * with models/, cifar10-2000/ and coco-ccby/), python3-onnx or node.
 */
#include "test.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/workers.h"
#include "model_fixture.h"
#include "reference_run.h"

#include <dirent.h>
#include <math.h>

enum { EACH = 20, IMAGES = 2 * EACH, THREADS = 4, FILE_MAX_BYTES = 64 * 1024 * 1024 };
static const float logits_slack = 1e-3f;

struct reference {
    struct fixture *fixture;
    const char *data;
    const char *paths[IMAGES];
    struct image images[IMAGES];
    struct buffer logits, embeddings; /* of the independent computation: a row of float32 per image */
};

/* ---- the images: every 97th of one folder tree, the first of the other ---- */

static int is_jpeg(const struct dirent *entry)
{
    return strstr(entry->d_name, ".jpg") != NULL;
}

static size_t list_folder(struct reference *reference, const char *folder, size_t step, size_t count,
                          size_t at)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_jpeg, alphasort);
    for (int i = 0; i < found; i++) {
        if ((size_t)i % step == 0 && count > 0 && at < IMAGES) {
            reference->paths[at++] =
                arena_printf(reference->fixture->arena, "%s/%s", folder, entries[i]->d_name);
            count--;
        }
        free(entries[i]);
    }
    free(entries);
    return at;
}

static void choose_images(struct reference *reference)
{
    static const char *const classes[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                          "dog",      "frog",       "horse", "ship", "truck"};
    struct fixture *fixture = reference->fixture;
    size_t at = 0;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        at = list_folder(reference,
                         arena_printf(fixture->arena, "%s/cifar10-2000/%s", reference->data, classes[i]), 97,
                         EACH / 10, at);
    at = list_folder(reference, arena_printf(fixture->arena, "%s/coco-ccby/images", reference->data), 2, EACH,
                     at);
    assert_int_equal(at, IMAGES);
    for (size_t i = 0; i < IMAGES; i++) {
        AUTO_BUFFER(file, FILE_MAX_BYTES);
        struct image_info info;
        if (!file_read(reference->paths[i], &file, &fixture->err) ||
            !image_decode((struct bytes){file.data, file.size}, NULL, &reference->images[i], &info,
                          &fixture->err))
            fail_msg("%s", fixture->err.message);
    }
}

/* ---- the independent computation ---- */

static void read_rows(struct fixture *fixture, const char *name, struct buffer *into)
{
    buffer_init(into, FILE_MAX_BYTES);
    if (!file_read(in_folder(fixture, name), into, &fixture->err))
        fail_msg("%s", fixture->err.message);
}

static void compute_reference(struct reference *reference, const char *model)
{
    struct fixture *fixture = reference->fixture;
    AUTO_BUFFER(list, 1U << 20);
    AUTO_BUFFER(side, 64);
    for (size_t i = 0; i < IMAGES; i++)
        (void)buffer_printf(&list, "%s\n", reference->paths[i]);
    const char *list_path = write_file(fixture, "list.txt", (struct bytes){list.data, list.size});
    const char *python[] = {
        "/usr/bin/python3", REFERENCE_FOLDER "/reference_logits.py", model, list_path, fixture->folder, NULL};
    run_program(python, in_folder(fixture, "side.txt"));
    assert_true(file_read(in_folder(fixture, "side.txt"), &side, &fixture->err));
    side.data[strcspn(side.data, "\n")] = '\0';
    const char *node[] = {
        "node", REFERENCE_FOLDER "/reference_logits.js", NODE_MODULES, fixture->folder, side.data, NULL};
    run_program(node, in_folder(fixture, "node.txt"));
    read_rows(fixture, "logits.f32", &reference->logits);
    read_rows(fixture, "embedding.f32", &reference->embeddings);
}

/* ---- ours ---- */

static void assert_rows_agree(const char *what, const float *got, const float *wanted, uint32_t length,
                              const char *path)
{
    for (uint32_t i = 0; i < length; i++)
        if (!(fabsf(got[i] - wanted[i]) <= logits_slack))
            fail_msg("%s %u of %s: %.6f, independently %.6f", what, i, path, (double)got[i],
                     (double)wanted[i]);
}

static void compare(struct reference *reference, const struct model_runner *runner)
{
    struct model_shape shape = model_runner_shape(runner);
    struct fixture *fixture = reference->fixture;
    AUTO(model_scratch) scratch = NULL;
    assert_int_equal(reference->logits.size, sizeof(float) * IMAGES * shape.classes);
    assert_int_equal(reference->embeddings.size, sizeof(float) * IMAGES * shape.embedding_length);
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    float *logits = arena_array(fixture->arena, shape.classes, sizeof(float));
    float *embedding = arena_array(fixture->arena, shape.embedding_length, sizeof(float));
    for (size_t i = 0; i < IMAGES; i++) {
        struct prediction prediction;
        if (!model_predict(runner, scratch, &reference->images[i], &prediction, &fixture->err))
            fail_msg("%s", fixture->err.message);
        size_t logits_bytes = shape.classes * sizeof(float);
        size_t embedding_bytes = shape.embedding_length * sizeof(float);
        memcpy(logits, reference->logits.data + i * logits_bytes, logits_bytes);
        memcpy(embedding, reference->embeddings.data + i * embedding_bytes, embedding_bytes);
        assert_rows_agree("logit", prediction.logits, logits, shape.classes, reference->paths[i]);
        assert_rows_agree("embedding", prediction.embedding, embedding, shape.embedding_length,
                          reference->paths[i]);
    }
}

/* ---- the same in threads ---- */

struct shared {
    const struct reference *reference;
    const struct model_runner *runner;
    char hashes[THREADS][HASH_HEX_BYTES]; /* of all outputs of a thread, in the order of the images */
};

static bool predict_all(void *state, uint32_t index, struct error *err)
{
    struct shared *shared = state;
    struct model_shape shape = model_runner_shape(shared->runner);
    AUTO(model_scratch) scratch = NULL;
    struct hash hash;
    hash_start(&hash);
    if (!model_scratch_new(shared->runner, &scratch, err))
        return false;
    for (size_t i = 0; i < IMAGES; i++) {
        struct prediction prediction;
        if (!model_predict(shared->runner, scratch, &shared->reference->images[i], &prediction, err))
            return false;
        hash_add(&hash, prediction.logits, shape.classes * sizeof(float));
        hash_add(&hash, prediction.embedding, shape.embedding_length * sizeof(float));
    }
    hash_finish(&hash, shared->hashes[index]);
    return true;
}

static void assert_threads_agree(struct reference *reference, const struct model_runner *runner)
{
    struct shared together = {.reference = reference, .runner = runner};
    struct shared alone = together;
    struct error err = {0};
    assert_true(workers_run(1, predict_all, &alone, &err));
    assert_true(workers_run(THREADS, predict_all, &together, &err));
    for (int i = 0; i < THREADS; i++)
        assert_string_equal(together.hashes[i], alone.hashes[0]);
}

static void check_classifier(struct fixture *fixture, const char *name, const char *labels)
{
    static struct reference reference;
    reference = (struct reference){.fixture = fixture, .data = getenv("TROMMEL_TEST_DATA")};
    if (!reference.data) {
        print_message("# skipped: TROMMEL_TEST_DATA is not set\n");
        skip();
    }
    const char *model = arena_printf(fixture->arena, "%s/models/%s.onnx", reference.data, name);
    const struct model_import request = {
        .project_id = "0",
        .onnx_path = model,
        .labels_path = arena_printf(fixture->arena, "%s/models/labels/%s.txt", reference.data, labels)};
    struct model_runner *opened = NULL;
    choose_images(&reference);
    compute_reference(&reference, model);
    assert_imported(fixture, &request);
    if (!model_runner_open(fixture->store, &fixture->model, &opened, &fixture->err))
        fail_msg("%s", fixture->err.message);
    AUTO(model_runner) runner = opened;
    compare(&reference, runner);
    assert_threads_agree(&reference, runner);
    buffer_release(&reference.logits);
    buffer_release(&reference.embeddings);
    for (size_t i = 0; i < IMAGES; i++)
        image_release(&reference.images[i]);
}

static void assert_cifar_card(const struct fixture *fixture)
{
    assert_guessed(fixture, "resize", "squash", "");
    assert_guessed(fixture, "scale", "0.00392156862745098", "");
    assert_guessed(fixture, "mean", "0.485, 0.456, 0.406", "");
    assert_guessed(fixture, "std", "0.229, 0.224, 0.225", "");
    assert_guessed(fixture, "embedding", "embedding", "");
}

static void assert_imagenet_card(const struct fixture *fixture)
{
    assert_guessed(fixture, "resize", "center_crop", "");
    assert_guessed(fixture, "crop_fraction", "0.875", "");
    assert_guessed(fixture, "mean", "127.5", "");
    assert_guessed(fixture, "std", "127.5", "");
    assert_guessed(fixture, "embedding", "embedding", "");
}

static void cifar10_resnet20_agrees(void **state)
{
    check_classifier(*state, "cifar10_resnet20", "cifar10");
    assert_cifar_card(*state);
}

static void cifar10_resnet20_jpegft_agrees(void **state)
{
    check_classifier(*state, "cifar10_resnet20_jpegft", "cifar10");
    assert_cifar_card(*state);
}

static void mobilenet_v1_agrees(void **state)
{
    check_classifier(*state, "mobilenet_v1_0.25_128_int8", "imagenet1k");
    assert_imagenet_card(*state);
}

static void mobilenet_v2_agrees(void **state)
{
    check_classifier(*state, "mobilenet_v2_1.0_224_int8", "imagenet1k");
    assert_imagenet_card(*state);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(cifar10_resnet20_agrees),
        CASE(cifar10_resnet20_jpegft_agrees),
        CASE(mobilenet_v1_agrees),
        CASE(mobilenet_v2_agrees),
    };
    return cmocka_run_group_tests_name("reference", tests, NULL, NULL);
}
