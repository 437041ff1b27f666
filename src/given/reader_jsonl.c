/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Lines: one image a line, docs/predictions-format.md. */
#include "given/given_reader.h"

enum { LINE_ARENA_BYTES = 64 * 1024 * 1024 };
#define LOGIT_MAX 1e30

struct reading {
    struct given_sink *sink;
    struct arena *arena;
    uint32_t *labels; /* of the first line: what arrays of scores mean, by provisional number */
    size_t label_count;
    struct arena *kept; /* where they live */
};

/* The two members that scores may come in, and what their numbers may be. */
struct score_form {
    const char *member;
    double min, max;
};
static const struct score_form probabilities = {"scores", 0, 1}, logits = {"logits", -LOGIT_MAX, LOGIT_MAX};

/* {"cat": 0.9, "dog": 0.1} */
static bool named_scores(struct reading *reading, yyjson_val *object, const struct score_form *form,
                         struct given_score *scores, struct error *err)
{
    size_t index, count;
    yyjson_val *key, *value;
    yyjson_obj_foreach(object, index, count, key, value)
    {
        double number = 0;
        const struct given_field field = {form->member, index, NULL};
        const struct given_field named = {form->member, SIZE_MAX, yyjson_get_str(key)};
        if (!given_label(key, &field, reading->sink->labels, &scores[index].label, err) ||
            !given_number(value, &named, form->min, form->max, &number, err))
            return false;
        scores[index].value = (float)number;
    }
    return true;
}

/* [0.9, 0.1], in the order of the first line's labels */
static bool listed_scores(struct reading *reading, yyjson_val *array, const struct score_form *form,
                          struct given_score *scores, struct error *err)
{
    size_t index, count;
    yyjson_val *value;
    const struct given_field all = {form->member, SIZE_MAX, NULL};
    if (yyjson_arr_size(array) != reading->label_count)
        return given_bad_field(
            &all, err,
            "has %zu numbers for %zu labels; the first line must be {\"labels\": [...]}, or "
            "each score have its name",
            yyjson_arr_size(array), reading->label_count);
    yyjson_arr_foreach(array, index, count, value)
    {
        double number = 0;
        const struct given_field field = {form->member, index, NULL};
        if (!given_number(value, &field, form->min, form->max, &number, err))
            return false;
        scores[index] = (struct given_score){reading->labels[index], (float)number};
    }
    return true;
}

static bool read_scores(struct reading *reading, yyjson_val *line, struct given_image *image,
                        struct error *err)
{
    yyjson_val *value = yyjson_obj_get(line, "scores");
    const struct score_form *form = value ? &probabilities : &logits;
    const struct given_field field = {form->member, SIZE_MAX, NULL};
    value = value ? value : yyjson_obj_get(line, "logits");
    size_t count = yyjson_is_obj(value) ? yyjson_obj_size(value) : yyjson_arr_size(value);
    if (!yyjson_is_obj(value) && !yyjson_is_arr(value))
        return given_bad_field(&field, err, "must be an object of labels and numbers, or an array");
    struct given_score *scores = arena_array(reading->arena, count + 1, sizeof(*scores));
    if (!scores)
        return error_no_memory(err);
    image->type = MODEL_TYPE_CLASSIFICATION;
    image->are_logits = form == &logits;
    image->scores = scores;
    image->score_count = (uint32_t)count;
    return yyjson_is_obj(value) ? named_scores(reading, value, form, scores, err)
                                : listed_scores(reading, value, form, scores, err);
}

static bool read_box(struct reading *reading, yyjson_val *value, size_t index, struct given_box *ret,
                     struct error *err)
{
    float edges[4];
    double score = 0;
    const struct given_field label = {"boxes", index, "label"}, at = {"boxes", index, "score"},
                             box = {"boxes", index, "box"};
    if (!given_label(yyjson_obj_get(value, "label"), &label, reading->sink->labels, &ret->label, err) ||
        !given_number(yyjson_obj_get(value, "score"), &at, 0, 1, &score, err) ||
        !given_numbers(yyjson_obj_get(value, "box"), &box, 4, edges, err))
        return false;
    ret->score = (float)score;
    ret->box = (struct box){edges[0], edges[1], edges[2], edges[3]};
    return true;
}

static bool read_boxes(struct reading *reading, yyjson_val *line, struct given_image *image,
                       struct error *err)
{
    size_t index, max;
    yyjson_val *value, *array = yyjson_obj_get(line, "boxes");
    const struct given_field field = {"boxes", SIZE_MAX, NULL};
    if (!yyjson_is_arr(array))
        return given_bad_field(&field, err, "must be an array");
    struct given_box *boxes = arena_array(reading->arena, yyjson_arr_size(array) + 1, sizeof(*boxes));
    if (!boxes)
        return error_no_memory(err);
    yyjson_arr_foreach(array, index, max, value)
    {
        if (!read_box(reading, value, index, &boxes[index], err))
            return false;
    }
    image->type = MODEL_TYPE_DETECTION;
    image->boxes = boxes;
    image->box_count = (uint32_t)yyjson_arr_size(array);
    return true;
}

/* {"labels": ["cat", "dog"]} */
static bool read_labels(struct reading *reading, yyjson_val *array, struct error *err)
{
    size_t index, max;
    yyjson_val *value;
    reading->label_count = yyjson_arr_size(array);
    reading->labels = arena_array(reading->kept, reading->label_count + 1, sizeof(*reading->labels));
    if (!reading->labels)
        return error_no_memory(err);
    bool was_closed = given_labels_are_closed(reading->sink->labels);
    yyjson_arr_foreach(array, index, max, value)
    {
        const struct given_field field = {"labels", index, NULL};
        if (!given_label(value, &field, reading->sink->labels, &reading->labels[index], err))
            return false;
    }
    if (!was_closed && reading->label_count > 0)
        given_labels_close(reading->sink->labels);
    return true;
}

static bool read_line(struct reading *reading, struct bytes text, uint64_t number, bool is_first,
                      struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse(text, "it", &doc, err))
        return false;
    yyjson_val *line = yyjson_doc_get_root(doc), *labels = yyjson_obj_get(line, "labels");
    if (is_first && yyjson_is_arr(labels) && !yyjson_obj_get(line, "image"))
        return read_labels(reading, labels, err);
    struct given_image image = {
        .name = json_text(line, "image", NULL), .place = number, .error = json_text(line, "error", NULL)};
    if (!image.name)
        return error_set(err, ERR_INVALID, "image must name the image, a text");
    bool has_boxes = yyjson_obj_get(line, "boxes") != NULL;
    bool has_scores = yyjson_obj_get(line, "scores") || yyjson_obj_get(line, "logits");
    if (!image.error && has_boxes == has_scores)
        return error_set(err, ERR_INVALID,
                         "one of scores, logits (classification) or boxes (detection) must be there");
    if (!image.error &&
        (!(has_boxes ? read_boxes(reading, line, &image, err) : read_scores(reading, line, &image, err)) ||
         !given_embedding(line, reading->arena, &image, err)))
        return false;
    return given_sink_put(reading->sink, &image, err);
}

bool given_jsonl_lines(manifest_feed *feed, void *state, struct given_sink *sink, const char *what,
                       struct error *err)
{
    AUTO(arena) arena = arena_new(LINE_ARENA_BYTES);
    AUTO(arena) kept = arena_new(MANIFEST_ARENA_BYTES);
    AUTO(manifest_lines) lines = NULL;
    struct reading reading = {.sink = sink, .arena = arena, .kept = kept};
    if (!arena || !kept)
        return error_no_memory(err);
    if (!manifest_lines_new(feed, state, &lines, err))
        return false;
    for (bool is_first = true;; is_first = false) {
        struct bytes line;
        uint64_t number = 0;
        if (!manifest_lines_next(lines, &line, &number, err))
            return error_wrap(err, "%s", what);
        if (!line.data)
            return true;
        arena_reset(arena);
        if (!read_line(&reading, line, number, is_first, err))
            return err->code == ERR_CANCELLED
                       ? false
                       : error_wrap(err, "line %llu of %s", (unsigned long long)number, what);
    }
}

static bool read_file(const struct given_options *options, struct given_sink *sink, struct error *err)
{
    AUTO(store) store = NULL;
    AUTO(store_reader) reader = NULL;
    return given_file_open(options->path, &store, &reader, err) &&
           given_jsonl_lines(given_file_feed, reader, sink, options->path, err);
}

static bool fits(const char *path, bool is_folder, struct bytes start)
{
    (void)path;
    return !is_folder && given_file_starts(start, '{');
}

const struct given_reader given_reader_jsonl = {
    .name = "jsonl",
    .summary = "JSON Lines ('{' comes first): an image a line",
    .fits = fits,
    .read = read_file,
};
