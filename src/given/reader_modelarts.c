/* SPDX-License-Identifier: Apache-2.0 */
/* ModelArts result files: one for each image, NAME_result.txt, with a result manifest beside them or without.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"
#include "given/given_reader.h"

#include <string.h>

#define RESULT_SUFFIX "_result.txt"
#define RESULT_PREFIX "infer-result-"

enum { FILE_ARENA_BYTES = 64 * 1024 * 1024, LINE_ARENA_BYTES = MANIFEST_ARENA_BYTES };
static const double edge_max = 1e7;

/* ---- one result ---- */

/* [["cat", "0.91"], …]: numbers, or texts of numbers. */
static bool read_scores(yyjson_val *root, struct given_sink *sink, struct arena *arena,
                        struct given_image *image, struct error *err)
{
    size_t index, max;
    yyjson_val *pair, *pairs = yyjson_obj_get(root, "scores");
    const struct given_field whole = {"scores", SIZE_MAX, NULL};
    if (!yyjson_is_arr(pairs))
        return given_bad_field(&whole, err, "must be an array of [label, score]");
    struct given_score *scores = arena_array(arena, yyjson_arr_size(pairs) + 1, sizeof(*scores));
    if (!scores)
        return error_no_memory(err);
    yyjson_arr_foreach(pairs, index, max, pair)
    {
        double number = 0;
        const struct given_field field = {"scores", index, NULL};
        if (yyjson_arr_size(pair) != 2)
            return given_bad_field(&field, err, "must be [label, score]");
        if (!given_label(yyjson_arr_get(pair, 0), &field, sink->labels, &scores[index].label, err) ||
            !given_number(yyjson_arr_get(pair, 1), &field, 0, 1, &number, err))
            return false;
        scores[index].value = (float)number;
    }
    image->type = MODEL_TYPE_CLASSIFICATION;
    image->scores = scores;
    image->score_count = (uint32_t)yyjson_arr_size(pairs);
    return true;
}

/* [y_min, x_min, y_max, x_max] */
static bool read_edges(yyjson_val *corners, size_t index, struct box *ret, struct error *err)
{
    double edges[4] = {0};
    const struct given_field field = {"detection_boxes", index, NULL};
    if (yyjson_arr_size(corners) != 4)
        return given_bad_field(&field, err, "must be [y_min, x_min, y_max, x_max]");
    for (size_t i = 0; i < 4; i++)
        if (!given_number(yyjson_arr_get(corners, i), &field, -edge_max, edge_max, &edges[i], err))
            return false;
    *ret = (struct box){(float)edges[1], (float)edges[0], (float)edges[3], (float)edges[2]};
    return true;
}

static bool read_boxes(yyjson_val *root, struct given_sink *sink, struct arena *arena,
                       struct given_image *image, struct error *err)
{
    static const char *const names[] = {"detection_classes", "detection_boxes", "detection_scores"};
    yyjson_val *lists[3];
    for (size_t i = 0; i < 3; i++) {
        const struct given_field field = {names[i], SIZE_MAX, NULL};
        lists[i] = yyjson_obj_get(root, names[i]);
        if (!yyjson_is_arr(lists[i]) || yyjson_arr_size(lists[i]) != yyjson_arr_size(lists[0]))
            return given_bad_field(&field, err, "must be an array with an element for each box");
    }
    size_t count = yyjson_arr_size(lists[0]), index, max;
    struct given_box *boxes = arena_array(arena, count + 1, sizeof(*boxes));
    yyjson_val *name;
    if (!boxes)
        return error_no_memory(err);
    yyjson_val *corners = yyjson_arr_get_first(lists[1]), *score = yyjson_arr_get_first(lists[2]);
    yyjson_arr_foreach(lists[0], index, max, name)
    {
        double number = 0;
        const struct given_field label = {names[0], index, NULL}, at = {names[2], index, NULL};
        if (!given_label(name, &label, sink->labels, &boxes[index].label, err) ||
            !read_edges(corners, index, &boxes[index].box, err) ||
            !given_number(score, &at, 0, 1, &number, err))
            return false;
        boxes[index].score = (float)number;
        corners = unsafe_yyjson_get_next(corners);
        score = unsafe_yyjson_get_next(score);
    }
    image->type = MODEL_TYPE_DETECTION;
    image->boxes = boxes;
    image->box_count = (uint32_t)count;
    return true;
}

static bool read_result(struct bytes file, struct given_image *image, struct given_sink *sink,
                        struct arena *arena, struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json_parse(file, "it", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc);
    bool has_boxes = yyjson_obj_get(root, "detection_boxes") || yyjson_obj_get(root, "detection_classes");
    if (!has_boxes && !yyjson_obj_get(root, "scores"))
        return error_set(err, ERR_INVALID,
                         "scores (classification) or detection_classes, detection_boxes and detection_scores "
                         "must be there");
    return (has_boxes ? read_boxes(root, sink, arena, image, err)
                      : read_scores(root, sink, arena, image, err)) &&
           given_sink_put(sink, image, err);
}

bool given_modelarts_result(struct bytes file, const char *name, struct given_sink *sink, struct arena *arena,
                            struct error *err)
{
    struct given_image image = {.name = name};
    return read_result(file, &image, sink, arena, err);
}

/* ---- a folder of them ---- */

struct results {
    const struct given_options *options;
    struct given_sink *sink;
    struct store *store;
    const char *folder; /* absolute */
    struct arena *arena, *line;
    struct buffer file;
    char manifest[GIVEN_NAME_MAX_BYTES + 1]; /* the one result manifest; "" none */
    uint64_t manifests, others;
};

static bool fail_in(struct error *err, const char *path)
{
    return err->code != ERR_CANCELLED && error_wrap(err, "%s", path);
}

static bool look_for_manifest(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    struct results *results = state;
    if (!text_starts_with(key, RESULT_PREFIX) || !text_ends_with(key, ".manifest") || strchr(key, '/'))
        return true;
    results->manifests++;
    return text_copy(results->manifest, sizeof(results->manifest), key) ||
           error_set(err, ERR_LIMIT, "the path '%.100s...' is too long", key);
}

static bool read_one(struct results *results, const char *key, struct given_image *image, struct error *err)
{
    arena_reset(results->arena);
    return store_get(results->store, key, &results->file, err) &&
           read_result((struct bytes){results->file.data, results->file.size}, image, results->sink,
                       results->arena, err);
}

static bool visit_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    struct results *results = state;
    char name[GIVEN_NAME_MAX_BYTES + 1];
    struct given_image image = {.name = name};
    if (!text_ends_with(key, RESULT_SUFFIX)) {
        results->others++;
        return true;
    }
    if (!text_copy(name, sizeof(name), key))
        return error_set(err, ERR_LIMIT, "the path '%.100s...' is too long", key);
    name[strlen(key) - strlen(RESULT_SUFFIX)] = '\0';
    return read_one(results, key, &image, err) || fail_in(err, key);
}

/* Where a result lies: as the line has it, or, when the results were moved, from its "infer-result-…" on
 * beside the manifest. */
static bool locate(struct results *results, const char *location, const char **ret, struct error *err)
{
    char *path = NULL;
    if (!manifest_source_decode(results->line, location, &path, err))
        return false;
    if (path_is_below(path, results->folder) && strlen(path) > strlen(results->folder)) {
        *ret = path + strlen(results->folder) + 1;
        return true;
    }
    const char *part = strstr(path, "/" RESULT_PREFIX);
    *ret = part ? part + 1 : path_base(path);
    return true;
}

static bool read_line(struct results *results, struct bytes text, uint64_t number, struct error *err)
{
    struct manifest_sample line;
    const char *key = NULL;
    AUTO_JSON doc = NULL;
    arena_reset(results->line);
    if (!manifest_line_read(text, results->line, &line, err) || !json_parse(text, "it", &doc, err))
        return false;
    struct given_image image = {.name = line.source, .place = number};
    if (!line.inference_loc) {
        image.error = json_text(yyjson_doc_get_root(doc), "error_message", "it has no inference-loc");
        return given_sink_put(results->sink, &image, err);
    }
    return locate(results, line.inference_loc, &key, err) &&
           (read_one(results, key, &image, err) || fail_in(err, key));
}

static bool read_manifest(struct results *results, const char *key, struct error *err)
{
    AUTO(store_reader) reader = NULL;
    AUTO(manifest_lines) lines = NULL;
    if (!store_read_start(results->store, key, &reader, err) ||
        !manifest_lines_new(given_file_feed, reader, &lines, err))
        return false;
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (!manifest_lines_next(lines, &line, &number, err))
            return error_wrap(err, "%s", key);
        if (!line.data)
            return true;
        if (!read_line(results, line, number, err))
            return err->code != ERR_CANCELLED &&
                   error_wrap(err, "line %llu of %s", (unsigned long long)number, key);
    }
}

static bool read_folder(struct results *results, struct error *err)
{
    const struct given_options *options = results->options;
    if (!store_open(options->path, false, &results->store, err) ||
        !store_list(results->store, "", look_for_manifest, results, NULL, err))
        return false;
    results->folder = store_url(results->store);
    if (results->manifests > 1)
        return error_set(err, ERR_INVALID, "%s holds the results of %llu runs; name the manifest of one",
                         options->path, (unsigned long long)results->manifests);
    if (results->manifests == 1)
        return read_manifest(results, results->manifest, err);
    return store_list(results->store, "", visit_file, results, NULL, err) &&
           (results->sink->images > 0 || error_set(err, ERR_INVALID,
                                                   "%s holds no file NAME" RESULT_SUFFIX
                                                   " and no " RESULT_PREFIX "*.manifest among %llu files",
                                                   options->path, (unsigned long long)results->others));
}

static bool read_path(struct results *results, struct error *err)
{
    const char *path = results->options->path;
    if (!file_exists(NULL, path))
        return read_folder(results, err);
    const char *folder = path_folder(results->line, path);
    if (!folder)
        return error_no_memory(err);
    if (!store_open(folder, false, &results->store, err))
        return false;
    results->folder = store_url(results->store);
    if (text_ends_with(path, ".manifest"))
        return read_manifest(results, path_base(path), err);
    return visit_file(results, path_base(path), NULL, err) &&
           (results->sink->images > 0 ||
            error_set(err, ERR_INVALID, "%s is not named NAME" RESULT_SUFFIX ", so its image is not known",
                      path));
}

static bool read_results(const struct given_options *options, struct given_sink *sink, struct error *err)
{
    AUTO(arena) arena = arena_new(FILE_ARENA_BYTES);
    AUTO(arena) line = arena_new(LINE_ARENA_BYTES);
    struct results results = {.options = options, .sink = sink, .arena = arena, .line = line};
    if (!arena || !line)
        return error_no_memory(err);
    buffer_init(&results.file, GIVEN_RESULT_MAX_BYTES);
    bool is_done = read_path(&results, err);
    buffer_release(&results.file);
    results.store = store_free(results.store);
    return is_done;
}

static bool fits(const char *path, bool is_folder, struct bytes start)
{
    (void)start;
    return is_folder || text_ends_with(path, RESULT_SUFFIX) || text_ends_with(path, ".manifest");
}

const struct given_reader given_reader_modelarts = {
    .name = "modelarts",
    .summary = "ModelArts results: a folder of NAME_result.txt, or its manifest",
    .answers_only = true,
    .fits = fits,
    .read = read_results,
};
