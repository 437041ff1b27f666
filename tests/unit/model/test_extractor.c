/* SPDX-License-Identifier: Apache-2.0 */
/* Feature extractors on the fake engine, whose outputs are mixtures of the input that depend on their name.
 */
#include "test.h"

#include "engine_fake.h"
#include "model/extractor.h"
#include "model_fixture.h"
#include "onnx_builder.h"

#include <math.h>

enum { MAPS = 5, PLACES = 9 };

/* FOLDER/NAME.onnx with one output of that shape. */
static const char *write_extractor(struct fixture *fixture, const char *name, const char *output,
                                   const char *shape)
{
    struct onnx_builder builder = {0};
    onnx_builder_start(&builder);
    onnx_builder_input(&builder, "input", 1, "N,3,8,8");
    onnx_builder_output(&builder, output, 1, shape);
    onnx_builder_float(&builder, "w", 1);
    onnx_builder_node(&builder, "Conv", "input,w", "inner");
    onnx_builder_node(&builder, "Relu", "inner", output);
    const char *path =
        write_file(fixture, arena_printf(fixture->arena, "%s.onnx", name), onnx_builder_finish(&builder));
    onnx_builder_release(&builder);
    return path;
}

static struct model_extractor *must_open(struct fixture *fixture, const struct model_extractor_source *source)
{
    struct model_extractor *extractor = NULL;
    if (!model_extractor_open(source, &extractor, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return extractor;
}

static void extract(struct fixture *fixture, const struct model_extractor *extractor, float *ret)
{
    AUTO(model_extractor_scratch) scratch = NULL;
    struct image image = {0};
    make_picture(&image, 21, 13, 4);
    if (!model_extractor_scratch_new(extractor, &scratch, &fixture->err) ||
        !model_extract(scratch, &image, ret, &fixture->err))
        fail_msg("%s", fixture->err.message);
    image_release(&image);
}

static struct model_extractor_source file_at(const char *path)
{
    return (struct model_extractor_source){.path = path, .engine = &engine_fake};
}

static void maps_become_their_means(void **state)
{
    struct fixture *fixture = *state;
    const struct model_extractor_source flat = file_at(write_extractor(fixture, "flat", "maps", "N,45")),
                                        planes =
                                            file_at(write_extractor(fixture, "planes", "maps", "N,5,3,3"));
    AUTO(model_extractor) whole = must_open(fixture, &flat);
    AUTO(model_extractor) pooled = must_open(fixture, &planes);
    assert_int_equal(model_extractor_length(whole), MAPS * PLACES);
    assert_int_equal(model_extractor_length(pooled), MAPS);
    float numbers[MAPS * PLACES], means[MAPS];
    double expected[MAPS] = {0}, squares = 0, norm = 0;
    extract(fixture, whole, numbers);
    extract(fixture, pooled, means);
    for (int i = 0; i < MAPS * PLACES; i++) {
        expected[i / PLACES] += (double)numbers[i];
        norm += (double)numbers[i] * (double)numbers[i];
    }
    assert_true(fabs(norm - 1) < 1e-5);
    for (int i = 0; i < MAPS; i++)
        squares += expected[i] * expected[i];
    for (int i = 0; i < MAPS; i++)
        assert_true(fabs((double)means[i] - expected[i] / sqrt(squares)) < 1e-5);
}

static void an_imported_model_gives_its_embedding(void **state)
{
    struct fixture *fixture = *state;
    struct onnx_builder builder = {0};
    onnx_builder_classifier(&builder);
    const char *path = write_file(fixture, "tiny.onnx", onnx_builder_finish(&builder));
    onnx_builder_release(&builder);
    const struct model_import request = {.project_id = "0", .onnx_path = path, .engine = &engine_fake};
    assert_imported(fixture, &request);
    const struct model_extractor_source imported = {
        .data = fixture->store, .model = &fixture->model, .engine = &engine_fake};
    const struct model_extractor_source file = file_at(path);
    AUTO(model_extractor) by_model = must_open(fixture, &imported);
    AUTO(model_extractor) by_file = must_open(fixture, &file);
    assert_int_equal(model_extractor_length(by_model), ENGINE_FAKE_TAPPED_LENGTH); /* tapped */
    assert_int_equal(model_extractor_length(by_file), 4);                          /* its output */
}

static void the_key_tells_files_and_cards_apart(void **state)
{
    struct fixture *fixture = *state;
    char one[HASH_HEX_BYTES], same[HASH_HEX_BYTES], other[HASH_HEX_BYTES], carded[HASH_HEX_BYTES];
    const struct model_extractor_source first = file_at(write_extractor(fixture, "one", "maps", "N,45")),
                                        copy = file_at(write_extractor(fixture, "copy", "maps", "N,45")),
                                        second = file_at(write_extractor(fixture, "two", "maps", "N,44"));
    assert_true(model_extractor_key(&first, one, &fixture->err));
    assert_true(model_extractor_key(&copy, same, &fixture->err));
    assert_true(model_extractor_key(&second, other, &fixture->err));
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    const char *card = write_text(fixture, "model.json", "{\"embedding\": \"inner\", \"color\": \"bgr\"}");
    assert_true(model_extractor_key(&first, carded, &fixture->err));
    assert_string_not_equal(one, carded);
    AUTO(model_extractor) extractor = must_open(fixture, &first);
    assert_int_equal(model_extractor_length(extractor), ENGINE_FAKE_TAPPED_LENGTH);
    assert_int_equal(remove(card), 0);
}

static void refuse(struct fixture *fixture, const struct model_extractor_source *source, const char *words)
{
    struct model_extractor *extractor = NULL;
    fixture->err = (struct error){0};
    assert_false(model_extractor_open(source, &extractor, &fixture->err));
    assert_null(extractor);
    assert_says(&fixture->err, words);
}

static void what_is_no_vector_is_refused_with_words(void **state)
{
    struct fixture *fixture = *state;
    struct model_extractor_source source = file_at(write_extractor(fixture, "tokens", "tokens", "N,7,8"));
    refuse(fixture, &source, "two or four dimensions");
    source = file_at(write_extractor(fixture, "one-number", "number", "N,1"));
    refuse(fixture, &source, "2 to 16384");
    source = file_at(write_extractor(fixture, "long", "long", "N,16385"));
    refuse(fixture, &source, "2 to 16384");
    source = file_at(write_extractor(fixture, "longest", "long", "N,16384"));
    AUTO(model_extractor) longest = must_open(fixture, &source);
    assert_int_equal(model_extractor_length(longest), PREDICTION_EMBEDDING_MAX);
    source = file_at(write_text(fixture, "text.onnx", "no model"));
    refuse(fixture, &source, "text.onnx");
    source = file_at("/nowhere/at-all.onnx");
    refuse(fixture, &source, "at-all.onnx");
}

static void a_file_outside_the_roots_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    struct roots roots;
    char key[HASH_HEX_BYTES];
    assert_true(roots_parse("/nowhere", NULL, fixture->arena, &roots, &fixture->err));
    struct model_extractor_source source = file_at(write_extractor(fixture, "secret", "maps", "N,45"));
    source.roots = &roots;
    refuse(fixture, &source, "roots");
    assert_false(model_extractor_key(&source, key, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_DENIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(maps_become_their_means, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_imported_model_gives_its_embedding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_key_tells_files_and_cards_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_vector_is_refused_with_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_outside_the_roots_is_not_read, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
