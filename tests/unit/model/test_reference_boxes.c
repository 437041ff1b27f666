/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two real detectors, imported with no flag but their labels, against an independent computation: Pillow and
 * numpy prepare the same images, onnxruntime-node runs them, the authors' formulas find the boxes. Skipped
 * without TROMMEL_TEST_DATA (a folder with models/ and coco-ccby/), python3-onnx or node.
 */
#include "test.h"

#include "base/file.h"
#include "infer/nms.h"
#include "model_fixture.h"
#include "reference_run.h"

#include <dirent.h>
#include <math.h>

enum { IMAGES_MAX = 100, BOXES_MAX = 5000, ROW_NUMBERS = 7, FILE_MAX_BYTES = 64 * 1024 * 1024 };
static const double iou_wanted = 0.98, score_slack = 0.01;

struct found {
    unsigned image;
    struct candidate candidate;
};
struct reference {
    struct fixture *fixture;
    const char *data;
    const char *paths[IMAGES_MAX];
    size_t image_count;
    struct found boxes[BOXES_MAX]; /* of the independent computation, by image */
    size_t box_count;
};

static int is_jpeg(const struct dirent *entry)
{
    return strstr(entry->d_name, ".jpg") != NULL;
}

static void list_images(struct reference *reference)
{
    struct dirent **entries = NULL;
    struct arena *arena = reference->fixture->arena;
    const char *folder = arena_printf(arena, "%s/coco-ccby/images", reference->data);
    int found = scandir(folder, &entries, is_jpeg, alphasort);
    assert_in_range(found, 1, IMAGES_MAX);
    for (int i = 0; i < found; i++) {
        reference->paths[reference->image_count++] = arena_printf(arena, "%s/%s", folder, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* ---- the independent computation ---- */

static void read_boxes(struct reference *reference)
{
    AUTO_BUFFER(file, FILE_MAX_BYTES);
    if (!file_read(in_folder(reference->fixture, "boxes.f32"), &file, &reference->fixture->err))
        fail_msg("%s", reference->fixture->err.message);
    float row[ROW_NUMBERS]; /* image, class, score, edges */
    assert_int_equal(file.size % sizeof(row), 0);
    for (size_t at = 0; at < file.size; at += sizeof(row)) {
        memcpy(row, (const char *)file.data + at, sizeof(row));
        assert_true(reference->box_count < BOXES_MAX);
        reference->boxes[reference->box_count++] = (struct found){
            .image = (unsigned)row[0],
            .candidate = {
                .label = (uint32_t)row[1], .score = row[2], .box = {row[3], row[4], row[5], row[6]}}};
    }
    assert_true(reference->box_count > reference->image_count);
}

static void compute_reference(struct reference *reference, const char *model)
{
    struct fixture *fixture = reference->fixture;
    AUTO_BUFFER(list, 1U << 20);
    for (size_t i = 0; i < reference->image_count; i++)
        (void)buffer_printf(&list, "%s\n", reference->paths[i]);
    const char *list_path = write_file(fixture, "list.txt", (struct bytes){list.data, list.size});
    const char *python[] = {
        "/usr/bin/python3", REFERENCE_FOLDER "/reference_boxes.py", model, list_path, fixture->folder, NULL};
    run_program(python, in_folder(fixture, "python.txt"));
    const char *node[] = {
        "node", REFERENCE_FOLDER "/reference_boxes.js", NODE_MODULES, fixture->folder, model, NULL};
    run_program(node, in_folder(fixture, "node.txt"));
    read_boxes(reference);
}

/* ---- ours ---- */

struct agreement {
    double worst_iou, worst_score;
    size_t count;
};

/* Each of ours must be one of theirs that no other is. */
static void match_boxes(struct reference *reference, unsigned image, const struct prediction *ours,
                        size_t answers, struct agreement *agreement)
{
    bool is_taken[BOXES_MAX] = {false};
    for (size_t i = 0; i < answers; i++) {
        const struct candidate *mine = &ours->candidates[i];
        size_t best = 0;
        double best_iou = 0;
        for (size_t r = 0; r < reference->box_count; r++) {
            const struct found *theirs = &reference->boxes[r];
            double iou = theirs->image == image && theirs->candidate.label == mine->label && !is_taken[r]
                             ? box_iou(&theirs->candidate.box, &mine->box)
                             : 0;
            best = iou > best_iou ? r : best;
            best_iou = fmax(iou, best_iou);
        }
        if (best_iou < iou_wanted)
            fail_msg("%s: box %zu (class %u, %.3f) has no partner, the best overlaps by %.4f",
                     reference->paths[image], i, mine->label, (double)mine->score, best_iou);
        double difference = fabs((double)mine->score - (double)reference->boxes[best].candidate.score);
        is_taken[best] = true;
        agreement->worst_iou = fmin(agreement->worst_iou, best_iou);
        agreement->worst_score = fmax(agreement->worst_score, difference);
    }
}

static void compare_image(struct reference *reference, unsigned image, const struct model_shape *shape,
                          const struct prediction *ours, struct agreement *agreement)
{
    size_t answers = 0, theirs = 0;
    for (size_t i = 0; i < ours->candidate_count; i++) {
        const struct candidate *candidate = &ours->candidates[i];
        assert_true((double)candidate->score >= shape->candidate_floor);
        assert_true(i == 0 || candidate->score <= ours->candidates[i - 1].score);
        answers += (double)candidate->score >= shape->score_threshold;
    }
    for (size_t i = 0; i < reference->box_count; i++)
        theirs += reference->boxes[i].image == image;
    if (answers != theirs)
        fail_msg("%s: %zu boxes, independently %zu", reference->paths[image], answers, theirs);
    match_boxes(reference, image, ours, answers, agreement);
    agreement->count += answers;
}

static void compare(struct reference *reference, const struct model_runner *runner)
{
    struct fixture *fixture = reference->fixture;
    struct model_shape shape = model_runner_shape(runner);
    struct agreement agreement = {.worst_iou = 1};
    struct image image = {0};
    AUTO(model_scratch) scratch = NULL;
    assert_true(model_scratch_new(runner, &scratch, &fixture->err));
    for (unsigned i = 0; i < reference->image_count; i++) {
        AUTO_BUFFER(file, FILE_MAX_BYTES);
        struct image_info info;
        struct prediction prediction;
        if (!file_read(reference->paths[i], &file, &fixture->err) ||
            !image_decode((struct bytes){file.data, file.size}, NULL, &image, &info, &fixture->err) ||
            !model_predict(runner, scratch, &image, &prediction, &fixture->err))
            fail_msg("%s", fixture->err.message);
        compare_image(reference, i, &shape, &prediction, &agreement);
    }
    image_release(&image);
    print_message("# %zu images, %zu boxes: smallest IoU %.5f, largest difference of scores %.6f\n",
                  reference->image_count, agreement.count, agreement.worst_iou, agreement.worst_score);
    assert_true(agreement.worst_score <= score_slack);
}

static void check_detector(struct fixture *fixture, const char *name, const char *labels)
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
    assert_imported(fixture, &request);
    list_images(&reference);
    compute_reference(&reference, model);
    if (!model_runner_open(fixture->store, &fixture->model, &opened, &fixture->err))
        fail_msg("%s", fixture->err.message);
    AUTO(model_runner) runner = opened;
    compare(&reference, runner);
}

static void assert_yolox_card(const struct fixture *fixture)
{
    assert_guessed(fixture, "adapter", "yolox", "");
    assert_guessed(fixture, "outputs", "output", "");
    assert_guessed(fixture, "model_type", "object_detection", "yolox");
    assert_guessed(fixture, "color", "bgr", "usual for yolox");
    assert_guessed(fixture, "scale", "1", "usual for yolox");
    assert_guessed(fixture, "mean", "0", "");
    assert_guessed(fixture, "std", "1", "");
    assert_guessed(fixture, "resize", "letterbox", "usual for yolox");
    assert_guessed(fixture, "pad_place", "top_left", "usual for yolox");
    assert_guessed(fixture, "pad_value", "114", "");
    assert_guessed(fixture, "candidate_floor", "0.05", "");
    assert_guessed(fixture, "score_threshold", "0.3", "");
    assert_guessed(fixture, "embedding", "none", "");
}

static void yolox_nano_agrees(void **state)
{
    check_detector(*state, "yolox_nano_coco_416", "coco80");
    assert_yolox_card(*state);
}

static void fastestdet_agrees(void **state)
{
    check_detector(*state, "fastestdet_coco_352", "coco80");
    assert_guessed(*state, "adapter", "fastestdet", "");
    assert_guessed(*state, "color", "bgr", "usual for fastestdet");
    assert_guessed(*state, "scale", "0.00392156862745098", "");
    assert_guessed(*state, "resize", "squash", "usual for fastestdet");
}

static void a_yolox_of_three_classes_is_imported_the_same_way(void **state)
{
    struct fixture *fixture = *state;
    const char *data = getenv("TROMMEL_TEST_DATA");
    if (!data) {
        print_message("# skipped: TROMMEL_TEST_DATA is not set\n");
        skip();
    }
    const struct model_import request = {
        .project_id = "0",
        .onnx_path = arena_printf(fixture->arena, "%s/models/yolox_nano_weeds3_416.onnx", data),
        .labels_path = arena_printf(fixture->arena, "%s/models/labels/weeds3.txt", data)};
    assert_imported(fixture, &request);
    assert_yolox_card(fixture);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(yolox_nano_agrees),
        CASE(fastestdet_agrees),
        CASE(a_yolox_of_three_classes_is_imported_the_same_way),
    };
    return cmocka_run_group_tests_name("reference boxes", tests, NULL, NULL);
}
