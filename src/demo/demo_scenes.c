/* SPDX-License-Identifier: Apache-2.0 */
#include "base/workers.h"
#include "demo/demo_kind.h"
#include "demo/filters.h"
#include "demo/scene.h"
#include "evaluate/evaluate.h"
#include "manifest/voc.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRAIN_SCENES = 1000, /* numbers 0..999; the stream goes on from there */
    GARMENTS = 60000,
    PNG_MAX_BYTES = 256 * 1024,
    XML_MAX_BYTES = 64 * 1024,
    LISTS_MAX_BYTES = 64 * 1024 * 1024,
    KEY_BYTES = 64,
    SOURCE_MAX_BYTES = 8192,
    BOX_TEXT_BYTES = 160,
};
#define MATCH_IOU_MIN 0.5

/* ---- making ---- */

struct making {
    const struct demo_data *data;
    struct scene_recipe training, stream;
    struct scene *scenes; /* of all numbers */
    uint32_t count;
    struct store *store;
    atomic_uint next;
};

static bool is_training(uint32_t number)
{
    return number < TRAIN_SCENES;
}

static void image_key(uint32_t number, char key[KEY_BYTES])
{
    (void)snprintf(key, KEY_BYTES, "scenes/%s/%05u.png", is_training(number) ? "train" : "stream", number);
}

static void annotation_key(uint32_t number, char key[KEY_BYTES])
{
    (void)snprintf(key, KEY_BYTES, "scenes/annotation/%05u.xml", number);
}

static bool write_annotation(const struct making *making, uint32_t number, struct error *err)
{
    char key[KEY_BYTES], name[16];
    const struct scene *scene = &making->scenes[number];
    struct voc_object objects[SCENE_BOXES_MAX];
    double corners[SCENE_BOXES_MAX][4];
    AUTO_BUFFER(xml, XML_MAX_BYTES);
    for (uint32_t i = 0; i < scene->box_count; i++) {
        const struct scene_box *box = &scene->boxes[i];
        const double edges[4] = {box->x_min, box->y_min, box->x_max, box->y_max};
        memcpy(corners[i], edges, sizeof(edges));
        objects[i] = voc_object_none();
        objects[i].name = making->data->labels[box->label];
        objects[i].shape = (struct voc_shape){VOC_BNDBOX, corners[i], 4};
    }
    (void)snprintf(name, sizeof(name), "%05u.png", number);
    const struct voc voc = {.filename = name,
                            .database = "scenes of Fashion-MNIST",
                            .width = SCENE_SIDE_PX,
                            .height = SCENE_SIDE_PX,
                            .depth = 3,
                            .objects = objects,
                            .object_count = scene->box_count};
    annotation_key(number, key);
    return voc_write(&voc, &xml, err) &&
           store_put_fast(making->store, key, (struct bytes){xml.data, xml.size}, err);
}

static bool write_scene(struct making *making, uint32_t number, struct image *image, struct buffer *png,
                        struct error *err)
{
    char key[KEY_BYTES];
    const struct scene_recipe *recipe = is_training(number) ? &making->training : &making->stream;
    uint32_t index = is_training(number) ? number : number - TRAIN_SCENES;
    image_key(number, key);
    buffer_clear(png);
    return scene_compose(recipe, index, image, &making->scenes[number], err) &&
           image_encode_png(image, png, err) &&
           store_put_fast(making->store, key, (struct bytes){png->data, png->size}, err) &&
           (!is_training(number) || write_annotation(making, number, err));
}

static bool write_scenes(void *state, uint32_t worker, struct error *err)
{
    (void)worker;
    struct making *making = state;
    struct image image = {0};
    AUTO_BUFFER(png, PNG_MAX_BYTES);
    bool is_ok = true;
    while (is_ok) {
        uint32_t number = atomic_fetch_add(&making->next, 1);
        if (number >= making->count)
            break;
        is_ok = write_scene(making, number, &image, &png, err);
    }
    image_release(&image);
    return is_ok;
}

static bool training_line(const struct making *making, uint32_t number, struct buffer *into,
                          struct error *err)
{
    char key[KEY_BYTES];
    AUTO_BUFFER(source, SOURCE_MAX_BYTES);
    AUTO_BUFFER(location, SOURCE_MAX_BYTES);
    image_key(number, key);
    (void)buffer_printf(&source, "%s/%s", store_url(making->store), key);
    annotation_key(number, key);
    (void)buffer_printf(&location, "%s/%s", store_url(making->store), key);
    if (!buffer_check(&source, "a path", err) || !buffer_check(&location, "a path", err))
        return false;
    const struct manifest_annotation annotation = {
        .type = MANIFEST_TYPE_DETECTION, .annotation_loc = location.data, .annotation_format = "PASCAL VOC"};
    return demo_training_line(source.data, &annotation, into, err);
}

static bool write_lists(const struct making *making, struct error *err)
{
    AUTO_BUFFER(manifest, LISTS_MAX_BYTES);
    AUTO_BUFFER(truth, LISTS_MAX_BYTES);
    for (uint32_t i = 0; i < making->count; i++) {
        char name[16];
        (void)snprintf(name, sizeof(name), "%05u.png", i);
        if (is_training(i) && !training_line(making, i, &manifest, err))
            return false;
        if (!is_training(i))
            scene_describe(&making->scenes[i], name, &truth);
    }
    return buffer_check(&truth, "the list of truths", err) &&
           store_put(making->store, "scenes/train.manifest", (struct bytes){manifest.data, manifest.size},
                     err) &&
           store_put(making->store, "scenes/stream.jsonl", (struct bytes){truth.data, truth.size}, err);
}

static bool make_all(struct demo_data *data, const struct idx_images *garments, struct error *err)
{
    struct making making = {
        .data = data,
        .training = {garments, 0, DEMO_TRAIN_IMAGES, SCENE_TRAINING_SEED, false},
        .stream = {garments, DEMO_TRAIN_IMAGES, GARMENTS - DEMO_TRAIN_IMAGES, SCENE_STREAM_SEED, true},
        .count = TRAIN_SCENES + data->stream_images};
    making.scenes = calloc(making.count, sizeof(*making.scenes));
    data->truth = making.scenes;
    if (!making.scenes)
        return error_no_memory(err);
    if (!store_open(data->folder, true, &making.store, err))
        return false;
    bool is_ok = workers_run(workers_cores(), write_scenes, &making, err) && write_lists(&making, err);
    store_free(making.store);
    return is_ok;
}

static bool make(struct demo_data *data, struct error *err)
{
    struct idx_images garments;
    if (!idx_read(DEMO_DATASET_FOLDER, GARMENTS, &garments, err))
        return false;
    bool is_ok = make_all(data, &garments, err);
    idx_release(&garments);
    return is_ok;
}

/* ---- the truth ---- */

static const struct scene *find_truth(const struct demo_data *data, const char *source, struct error *err)
{
    uint32_t number = 0;
    const struct scene *scenes = data->truth;
    if (demo_image_number(source, TRAIN_SCENES, data->stream_images, &number))
        return &scenes[number];
    (void)error_set(err, ERR_INVALID, "%s is not an image of the demo", source);
    return NULL;
}

static uint32_t answered(const struct record_header *header, const struct record *record)
{
    return record_answers(header, record->candidates, record->candidate_count);
}

/* Does anything in the scene differ from what these boxes say? */
static bool has_error(const struct scene *scene, const struct candidate *boxes, uint32_t count, bool *ret,
                      struct error *err)
{
    struct true_box truths[SCENE_BOXES_MAX];
    struct image_errors errors;
    for (uint32_t i = 0; i < scene->box_count; i++) {
        const struct scene_box *box = &scene->boxes[i];
        truths[i] =
            (struct true_box){.box = {box->x_min, box->y_min, box->x_max, box->y_max}, .label = box->label};
    }
    const struct evaluate_image image = {truths, scene->box_count, boxes, count};
    if (!evaluate_image_errors(&image, MATCH_IOU_MIN, &errors, err))
        return false;
    *ret = evaluate_has_error(&errors);
    return true;
}

static bool is_wrong(const struct demo_data *data, const struct record_header *header,
                     const struct record *record, bool *ret, struct error *err)
{
    const struct scene *scene = find_truth(data, record->source, err);
    return scene && has_error(scene, record->candidates, answered(header, record), ret, err);
}

/* ---- a person's answer ---- */

/* One suggested box as the API gives it. */
static bool read_suggestion(const struct demo_data *data, yyjson_mut_val *label, struct candidate *ret)
{
    const char *name = yyjson_mut_get_str(yyjson_mut_obj_get(label, "name"));
    yyjson_mut_val *points = yyjson_mut_obj_get(yyjson_mut_obj_get(label, "shape"), "@modelarts:feature");
    yyjson_mut_val *low = yyjson_mut_arr_get(points, 0), *high = yyjson_mut_arr_get(points, 1);
    uint32_t class = 0;
    while (name && class < DEMO_CLASSES && strcmp(data->labels[class], name) != 0)
        class ++;
    if (!name || class == DEMO_CLASSES || !high)
        return false;
    *ret = (struct candidate){
        .box = {(float)yyjson_mut_get_num(yyjson_mut_arr_get(low, 0)),
                (float)yyjson_mut_get_num(yyjson_mut_arr_get(low, 1)),
                (float)yyjson_mut_get_num(yyjson_mut_arr_get(high, 0)),
                (float)yyjson_mut_get_num(yyjson_mut_arr_get(high, 1))},
        .score = (float)yyjson_mut_get_num(yyjson_mut_obj_get(label, "score")),
        .label = class,
    };
    return true;
}

static bool read_suggestions(const struct demo_data *data, yyjson_mut_val *labels, struct candidate *boxes,
                             struct error *err)
{
    size_t index, max;
    yyjson_mut_val *label;
    yyjson_mut_arr_foreach(labels, index, max, label)
    {
        if (!read_suggestion(data, label, &boxes[index]))
            return error_set(err, ERR_INVALID,
                             "a suggestion for a scene is not a box of the demo's garments");
    }
    return true;
}

/* The boxes that are there: "LABEL:XMIN,YMIN,XMAX,YMAX" each. */
static void add_true_boxes(const struct demo_data *data, const struct scene *scene, yyjson_mut_doc *doc,
                           yyjson_mut_val *request)
{
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, request, "box");
    for (uint32_t i = 0; i < scene->box_count; i++) {
        char text[BOX_TEXT_BYTES];
        const struct scene_box *box = &scene->boxes[i];
        (void)snprintf(text, sizeof(text), "%s:%u,%u,%u,%u", data->labels[box->label], box->x_min, box->y_min,
                       box->x_max, box->y_max);
        (void)yyjson_mut_arr_add_strcpy(doc, list, text);
    }
}

/* Right boxes are confirmed; where anything is wrong, all boxes are drawn anew. */
static bool answer(const struct demo_data *data, yyjson_mut_val *sample, yyjson_mut_doc *doc,
                   yyjson_mut_val *request, bool *ret_is_right, struct error *err)
{
    bool has_wrong = false;
    yyjson_mut_val *labels = yyjson_mut_obj_get(sample, "labels");
    size_t count = yyjson_mut_arr_size(labels);
    struct candidate *boxes = calloc(count + 1, sizeof(*boxes));
    const struct scene *scene =
        find_truth(data, yyjson_mut_get_str(yyjson_mut_obj_get(sample, "source")), err);
    bool is_ok = boxes || error_no_memory(err);
    is_ok = is_ok && scene && read_suggestions(data, labels, boxes, err) &&
            has_error(scene, boxes, (uint32_t)count, &has_wrong, err);
    free(boxes);
    if (!is_ok)
        return false;
    (void)yyjson_mut_obj_add_str(doc, request, "action", has_wrong ? "reject" : "confirm");
    if (has_wrong)
        add_true_boxes(data, scene, doc, request);
    *ret_is_right = !has_wrong;
    return true;
}

/* ---- the lists of others ---- */

static double by_threshold(const struct record_header *header, const struct record *record)
{
    return filter_threshold(record->candidates, answered(header, record));
}

static double by_ibt(const struct record_header *header, const struct record *record)
{
    return filter_ibt(record->candidates, answered(header, record));
}

static double by_csf(const struct record_header *header, const struct record *record)
{
    return filter_csf(record->candidates, answered(header, record));
}

static const struct demo_rival rivals[] = {
    {"sedna_threshold", "Sedna's Threshold", by_threshold},
    {"sedna_ibt", "Sedna's IBT", by_ibt},
    {"hilens_csf", "HiLens' CSF", by_csf},
    {NULL},
};

const struct demo_kind demo_scenes = {
    .type = "det",
    .model = "scenes",
    .script = "demo/train_scenes.py",
    .service = "scenes-nightly",
    .training = "scenes-train",
    .hard = "scenes-hard",
    .images = "scenes",
    .stream_images = 2000,
    .training_images = TRAIN_SCENES,
    .making = "Making 1,000 training scenes and the unseen stream",
    .made = "half of the stream dark, blurred, noisy, faded, covered, crowded, too far or too near",
    .wrong = "scenes have a garment missed, misnamed or made up",
    .correction = "reject ID --box LABEL:XMIN,YMIN,XMAX,YMAX",
    .rivals = rivals,
    .make = make,
    .answer = answer,
    .is_wrong = is_wrong,
};
