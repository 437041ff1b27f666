/* SPDX-License-Identifier: Apache-2.0 */
/* COCO's mean average precision of real detectors on photos with true boxes, imported with their labels and
 * the thresholds that COCO's evaluation asks for. Skipped without TROMMEL_TEST_DATA (a folder with models/
 * and coco-ccby/). */
#include "test.h"

#include "base/file.h"
#include "evaluate/evaluate.h"
#include "model_fixture.h"

#include <math.h>

enum { IMAGES_MAX = 100, TRUTHS_MAX = 2000, FILE_MAX_BYTES = 64 * 1024 * 1024 };

struct scene {
    int64_t id;
    const char *path;
};
struct measure {
    struct fixture *fixture;
    const char *data;
    struct model_card card;
    struct scene scenes[IMAGES_MAX];
    struct evaluate_image images[IMAGES_MAX];
    size_t count;
};

/* ---- the truth ---- */

static uint32_t label_of(const struct measure *measure, yyjson_val *root, int64_t category)
{
    size_t i, max;
    yyjson_val *each;
    yyjson_arr_foreach(yyjson_obj_get(root, "categories"), i, max, each)
    {
        if (json_integer(each, "id", -1) != category)
            continue;
        for (uint32_t label = 0; label < measure->card.labels.count; label++)
            if (strcmp(measure->card.labels.items[label], json_text(each, "name", "")) == 0)
                return label;
    }
    fail_msg("no label for category %lld", (long long)category);
    return 0;
}

static void add_truths(struct measure *measure, yyjson_val *root, size_t image)
{
    struct true_box *truths = arena_array(measure->fixture->arena, TRUTHS_MAX, sizeof(*truths));
    size_t i, max, count = 0;
    yyjson_val *each;
    assert_non_null(truths);
    yyjson_arr_foreach(yyjson_obj_get(root, "annotations"), i, max, each)
    {
        if (json_integer(each, "image_id", -1) != measure->scenes[image].id)
            continue;
        yyjson_val *box = yyjson_obj_get(each, "bbox"); /* left, top, width, height */
        double x = yyjson_get_num(yyjson_arr_get(box, 0)), y = yyjson_get_num(yyjson_arr_get(box, 1));
        double width = yyjson_get_num(yyjson_arr_get(box, 2)),
               height = yyjson_get_num(yyjson_arr_get(box, 3));
        assert_true(count < TRUTHS_MAX);
        truths[count++] =
            (struct true_box){.box = {(float)x, (float)y, (float)(x + width), (float)(y + height)},
                              .label = label_of(measure, root, json_integer(each, "category_id", -1)),
                              .is_crowd = json_integer(each, "iscrowd", 0) != 0,
                              .area = json_number(each, "area", 0)};
    }
    measure->images[image].truths = truths;
    measure->images[image].truth_count = count;
}

static void read_truth(struct measure *measure)
{
    struct fixture *fixture = measure->fixture;
    const char *path = arena_printf(fixture->arena, "%s/coco-ccby/annotations.json", measure->data);
    AUTO_BUFFER(text, FILE_MAX_BYTES);
    AUTO_JSON doc = NULL;
    if (!file_read(path, &text, &fixture->err) ||
        !json_parse((struct bytes){text.data, text.size}, path, &doc, &fixture->err))
        fail_msg("%s", fixture->err.message);
    yyjson_val *root = yyjson_doc_get_root(doc), *each;
    size_t i, max;
    yyjson_arr_foreach(yyjson_obj_get(root, "images"), i, max, each)
    {
        assert_true(measure->count < IMAGES_MAX);
        measure->scenes[measure->count].id = json_integer(each, "id", -1);
        measure->scenes[measure->count].path = arena_printf(fixture->arena, "%s/coco-ccby/images/%s",
                                                            measure->data, json_text(each, "file_name", ""));
        add_truths(measure, root, measure->count++);
    }
}

/* ---- the boxes ---- */

static void find_boxes(struct measure *measure, const struct model_runner *runner)
{
    struct fixture *fixture = measure->fixture;
    struct image image = {0};
    AUTO(model_scratch) scratch = NULL;
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    for (size_t i = 0; i < measure->count; i++) {
        AUTO_BUFFER(file, FILE_MAX_BYTES);
        struct image_info info;
        struct prediction prediction;
        if (!file_read(measure->scenes[i].path, &file, &fixture->err) ||
            !image_decode((struct bytes){file.data, file.size}, NULL, &image, &info, &fixture->err) ||
            !model_predict(runner, scratch, &image, &prediction, &fixture->err))
            fail_msg("%s", fixture->err.message);
        size_t count = prediction.candidate_count;
        struct candidate *kept = arena_array(fixture->arena, count + 1, sizeof(*kept));
        assert_non_null(kept);
        for (size_t box = 0; box < count; box++)
            kept[box] = prediction.candidates[box];
        measure->images[i].boxes = kept;
        measure->images[i].box_count = count;
    }
    image_release(&image);
}

static double average_precision(struct fixture *fixture, const char *name)
{
    static const char flags[] = "{\"candidate_floor\": 0.001, \"nms_iou\": 0.65}";
    static struct measure measure;
    measure = (struct measure){.fixture = fixture, .data = getenv("TROMMEL_TEST_DATA")};
    if (!measure.data) {
        print_message("# skipped: TROMMEL_TEST_DATA is not set\n");
        skip();
    }
    AUTO_JSON overrides = yyjson_read(flags, strlen(flags), 0);
    const struct model_import request = {
        .onnx_path = arena_printf(fixture->arena, "%s/models/%s.onnx", measure.data, name),
        .labels_path = arena_printf(fixture->arena, "%s/models/labels/coco80.txt", measure.data),
        .card_overrides = yyjson_doc_get_root(overrides)};
    struct model_runner *opened = NULL;
    struct coco_scores scores;
    assert_imported(fixture, &request);
    assert_true(model_card_read(&fixture->model, fixture->arena, &measure.card, &fixture->err));
    assert_true(model_runner_open(fixture->store, &fixture->model, &opened, &fixture->err));
    AUTO(model_runner) runner = opened;
    read_truth(&measure);
    find_boxes(&measure, runner);
    if (!evaluate_coco(measure.images, measure.count, (uint32_t)measure.card.labels.count, &scores, NULL,
                       &fixture->err))
        fail_msg("%s", fixture->err.message);
    print_message("# %s on %zu photos: AP %.3f, AP50 %.3f, AP75 %.3f; small %.3f, medium %.3f, large %.3f\n",
                  name, measure.count, scores.ap, scores.ap50, scores.ap75, scores.ap_small, scores.ap_medium,
                  scores.ap_large);
    return scores.ap;
}

static void yolox_nano_finds_what_is_there(void **state)
{
    assert_true(average_precision(*state, "yolox_nano_coco_416") > 0.35);
}

static void fastestdet_finds_what_is_there(void **state)
{
    assert_true(average_precision(*state, "fastestdet_coco_352") > 0.2);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(yolox_nano_finds_what_is_there),
        CASE(fastestdet_finds_what_is_there),
    };
    return cmocka_run_group_tests_name("coco detectors", tests, NULL, NULL);
}
