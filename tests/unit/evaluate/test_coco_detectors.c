/* SPDX-License-Identifier: Apache-2.0 */
/* Two real detectors over photographs with true boxes: COCO's numbers agree with the reference, and are what
 * such detectors reach. Skipped without TROMMEL_TEST_DATA (models/ and coco-ccby/), ONNX Runtime or numpy. */
#include "test.h"

#include "coco_fixture.h"

#include "base/file.h"
#include "base/json.h"
#include "infer/adapter.h"
#include "infer/engine.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, CLASSES = 80 };
static const double floor_for_precision = 0.01, overlap_for_precision = 0.65;

struct detector {
    const char *file, *input, *output;
    const struct adapter *adapter;
    struct preprocess_options feed;
    double ap_min, ap50_min;
};
static const struct detector detectors[] = {
    {"yolox_nano_coco_416",
     "images",
     "output",
     &adapter_yolox,
     {LAYOUT_NCHW,
      RESIZE_LETTERBOX,
      COLOR_BGR,
      ELEMENT_FLOAT32,
      416,
      416,
      1,
      1,
      {0},
      {1, 1, 1},
      114,
      PAD_TOP_LEFT},
     0.2,
     0.35},
    {"fastestdet_coco_352",
     "input.1",
     "758",
     &adapter_fastestdet,
     {LAYOUT_NCHW,
      RESIZE_SQUASH,
      COLOR_BGR,
      ELEMENT_FLOAT32,
      352,
      352,
      1,
      1.0 / 255,
      {0},
      {1, 1, 1},
      0,
      PAD_CENTER},
     0.05,
     0.15},
};

struct session {
    const char *data;
    yyjson_doc *annotations;
    struct engine_model *model;
    struct engine_call *call;
    struct preprocess preprocess;
    struct preprocess_scratch *scratch;
    struct arena *arena;
    struct image image;
    struct coco_fixture *fixture;
    struct error err;
};

static void must(const struct session *session, bool is_done)
{
    if (!is_done)
        fail_msg("%s", session->err.message);
}

static void read_file(struct session *session, const char *folder, const char *name, const char *ending,
                      struct buffer *into)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s/%s%s", session->data, folder, name, ending);
    must(session, file_read(path, into, &session->err));
}

static int set_up(void **state)
{
    struct session *session = calloc(1, sizeof(*session));
    assert_non_null(session);
    session->data = getenv("TROMMEL_TEST_DATA");
    *state = session;
    return 0;
}

static int tear_down(void **state)
{
    struct session *session = *state;
    (void)engine_call_free(session->call);
    (void)engine_model_free(session->model);
    (void)preprocess_scratch_free(session->scratch);
    (void)arena_free(session->arena);
    yyjson_doc_free(session->annotations);
    image_release(&session->image);
    free(session->fixture);
    free(session);
    return 0;
}

/* ---- truth ---- */

static uint32_t label_of(yyjson_val *categories, uint64_t id)
{
    for (uint32_t i = 0; i < CLASSES; i++)
        if (yyjson_get_uint(yyjson_obj_get(yyjson_arr_get(categories, i), "id")) == id)
            return i;
    fail_msg("no category %llu", (unsigned long long)id);
    return 0;
}

static void add_truth(struct session *session, size_t index, uint64_t image_id)
{
    yyjson_val *root = yyjson_doc_get_root(session->annotations), *annotation = NULL;
    size_t at = 0, count = 0;
    yyjson_arr_foreach(yyjson_obj_get(root, "annotations"), at, count, annotation)
    {
        yyjson_val *box = yyjson_obj_get(annotation, "bbox");
        if (yyjson_get_uint(yyjson_obj_get(annotation, "image_id")) != image_id)
            continue;
        double edges[4];
        for (size_t i = 0; i < 4; i++)
            edges[i] = yyjson_get_num(yyjson_arr_get(box, i));
        coco_fixture_add_truth(
            session->fixture, index,
            (struct true_box){
                .box = {(float)edges[0], (float)edges[1], (float)(edges[0] + edges[2]),
                        (float)(edges[1] + edges[3])},
                .label = label_of(yyjson_obj_get(root, "categories"),
                                  yyjson_get_uint(yyjson_obj_get(annotation, "category_id"))),
                .is_crowd = yyjson_get_uint(yyjson_obj_get(annotation, "iscrowd")) == 1,
                .area = yyjson_get_num(yyjson_obj_get(annotation, "area")),
            });
    }
}

/* ---- prediction ---- */

static void open_detector(struct session *session, const struct detector *detector)
{
    AUTO_BUFFER(bytes, FILE_MAX_BYTES);
    read_file(session, "models", detector->file, ".onnx", &bytes);
    if (!engine_open(&engine_onnxruntime, (struct bytes){bytes.data, bytes.size}, &session->model,
                     &session->err)) {
        if (strstr(session->err.message, "not installed"))
            skip();
        fail_msg("%s", session->err.message);
    }
    must(session, preprocess_init(&detector->feed, &session->preprocess, &session->err));
    const struct engine_request request = {.input = detector->input,
                                           .input_type = preprocess_tensor_type(&session->preprocess),
                                           .outputs = &detector->output,
                                           .output_count = 1};
    must(session, engine_call_new(session->model, &request, &session->call, &session->err));
    session->scratch = preprocess_scratch_new();
    session->arena = arena_new(ADAPTER_ARENA_BYTES);
    assert_true(session->scratch && session->arena);
}

static void add_boxes(struct session *session, const struct detector *detector, size_t index,
                      const char *name)
{
    AUTO_BUFFER(bytes, FILE_MAX_BYTES);
    const struct adapter_options options = {.output_kind = OUTPUT_SIGMOID_PROBABILITIES,
                                            .outputs = {detector->output},
                                            .output_count = 1,
                                            .candidate_floor = floor_for_precision,
                                            .nms_iou = overlap_for_precision};
    struct image_info info;
    struct placement placement;
    struct prediction prediction = {0};
    read_file(session, "coco-ccby/images", name, "", &bytes);
    arena_reset(session->arena);
    must(session,
         image_decode((struct bytes){bytes.data, bytes.size}, NULL, &session->image, &info, &session->err));
    must(session, preprocess_run(&session->preprocess, session->scratch, &session->image,
                                 session->call->input_tensor.data, &placement, &session->err));
    must(session, engine_run(session->call, &session->err));
    must(session, detector->adapter->decode(&options, session->call->output_tensors, &placement,
                                            session->arena, &prediction, &session->err));
    for (uint32_t i = 0; i < prediction.candidate_count && i < COCO_FIXTURE_BOXES; i++)
        coco_fixture_add_box(session->fixture, index, prediction.candidates[i]);
}

static void run(struct session *session, const struct detector *detector)
{
    if (!session->data) {
        print_message("# skipped: no TROMMEL_TEST_DATA\n");
        skip();
    }
    AUTO_BUFFER(bytes, FILE_MAX_BYTES);
    read_file(session, "coco-ccby", "annotations", ".json", &bytes);
    session->annotations = yyjson_read(bytes.data, bytes.size, 0);
    session->fixture = calloc(1, sizeof(*session->fixture));
    assert_true(session->annotations && session->fixture);
    session->fixture->classes = CLASSES;
    open_detector(session, detector);
    yyjson_val *image = NULL;
    size_t count = 0;
    yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(session->annotations), "images"),
                       session->fixture->image_count, count, image)
    {
        size_t index = session->fixture->image_count;
        assert_true(index < COCO_FIXTURE_IMAGES);
        add_truth(session, index, yyjson_get_uint(yyjson_obj_get(image, "id")));
        add_boxes(session, detector, index, yyjson_get_str(yyjson_obj_get(image, "file_name")));
    }
    struct coco_scores scores;
    double ap = coco_fixture_compare(session->fixture, 1e-3);
    assert_true(evaluate_coco(session->fixture->images, session->fixture->image_count, CLASSES, &scores, NULL,
                              &session->err));
    print_message("# %s: AP %.4f, AP50 %.4f, AP75 %.4f, AR100 %.4f over %zu photographs\n", detector->file,
                  scores.ap, scores.ap50, scores.ap75, scores.ar_100, session->fixture->image_count);
    assert_true(ap >= detector->ap_min && scores.ap50 >= detector->ap50_min);
}

static void yolox_reaches_its_precision(void **state)
{
    run(*state, &detectors[0]);
}

static void fastestdet_reaches_its_precision(void **state)
{
    run(*state, &detectors[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(yolox_reaches_its_precision, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fastestdet_reaches_its_precision, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("coco detectors", tests, NULL, NULL);
}
