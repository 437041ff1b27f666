/* SPDX-License-Identifier: Apache-2.0 */
#include "work/inputs.h"

#include "base/text.h"
#include "formats/annotation_file.h"
#include "image/image.h"
#include "work/manifest_file.h"
#include "work/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_ARENA_BYTES = 128 * 1024 * 1024, INPUTS_JSON_MAX_BYTES = 64 * 1024 };

/* Files of these names are images to whoever put them there: when their content is not, they fail by name
 * instead of being skipped. */
static const char *const image_suffixes[] = {".jpg",  ".jpeg", ".png",  ".bmp", ".gif",
                                             ".webp", ".tif",  ".tiff", NULL};

struct making {
    const struct inputs_request *request;
    struct inputs inputs;
    char root_url[PATH_MAX_BYTES], common[PATH_MAX_BYTES];
    struct store *root;
    struct buffer chunk;
    uint32_t in_chunk;
    bool has_common; /* since the first key */
    struct annotation_files files;
};

static bool chunk_key(char *key, size_t size, const char *folder, uint32_t shard)
{
    int length = snprintf(key, size, "%s/inputs/%06u.jsonl", folder, shard);
    return length > 0 && (size_t)length < size;
}

static bool chunk_flush(struct making *making, struct error *err)
{
    char key[PATH_MAX_BYTES];
    if (making->in_chunk == 0)
        return true;
    if (!chunk_key(key, sizeof(key), making->request->folder, making->inputs.shards))
        return error_set(err, ERR_LIMIT, "the folder name '%s' is too long", making->request->folder);
    if (!buffer_check(&making->chunk, "the list of one shard's images", err) ||
        !store_put_fast(making->request->data, key, (struct bytes){making->chunk.data, making->chunk.size},
                        err))
        return false;
    buffer_clear(&making->chunk);
    making->in_chunk = 0;
    making->inputs.shards++;
    return true;
}

static void shorten_common(struct making *making, const char *key)
{
    const char *slash = strrchr(key, '/');
    size_t folder = slash ? (size_t)(slash - key) + 1 : 0;
    char *common = making->common;
    if (!making->has_common) {
        making->has_common = true;
        (void)snprintf(common, sizeof(making->common), "%.*s", (int)folder, key);
        return;
    }
    size_t same = 0;
    while (common[same] && common[same] == key[same])
        same++;
    while (same > 0 && common[same - 1] != '/')
        same--;
    common[same] = '\0';
}

/* Keys may be any bytes; as paths they take the form that sources have in manifests. */
static const char *encode_key(struct arena *arena, const char *key)
{
    char *path = arena_printf(arena, "/%s", key);
    return path ? manifest_source_encode(arena, path) : NULL;
}

static bool decode_key(struct arena *arena, const char *text, const char **ret, struct error *err)
{
    char *path = NULL;
    if (!manifest_source_decode(arena, text, &path, err))
        return false;
    *ret = path[0] == '/' ? path + 1 : path;
    return true;
}

static void write_truth(const struct input_item *item, yyjson_mut_doc *doc, yyjson_mut_val *row)
{
    yyjson_mut_val *truth = item->truth ? yyjson_mut_obj_add_arr(doc, row, "truth") : NULL;
    yyjson_mut_val *boxes = item->truth_boxes ? yyjson_mut_obj_add_arr(doc, row, "boxes") : NULL;
    for (uint32_t i = 0; i < item->truth_count; i++) {
        (void)yyjson_mut_arr_add_str(doc, truth, item->truth[i]);
        if (!boxes)
            continue;
        const struct box *box = &item->truth_boxes[i];
        const double values[] = {(double)box->x_min, (double)box->y_min, (double)box->x_max,
                                 (double)box->y_max};
        for (size_t side = 0; side < 4; side++)
            (void)yyjson_mut_arr_add_real(doc, boxes, values[side]);
    }
}

static bool write_item(const struct input_item *item, struct arena *arena, struct buffer *into,
                       struct error *err)
{
    const char *path = item->key ? encode_key(arena, item->key) : NULL;
    if (item->key && !path)
        return error_no_memory(err);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *row = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, row);
    (void)yyjson_mut_obj_add_str(doc, row, "source", item->source);
    if (path)
        (void)yyjson_mut_obj_add_str(doc, row, "path", path);
    if (item->error)
        (void)yyjson_mut_obj_add_str(doc, row, "error", item->error);
    if (item->usage)
        (void)yyjson_mut_obj_add_str(doc, row, "usage", item->usage);
    write_truth(item, doc, row);
    return json_write(doc, false, into, err) &&
           (buffer_add_text(into, "\n") || buffer_check(into, "the list", err));
}

static bool add_item(struct making *making, const struct input_item *item, struct arena *arena,
                     struct error *err)
{
    if (item->key)
        shorten_common(making, item->key);
    if (!write_item(item, arena, &making->chunk, err))
        return false;
    making->inputs.count++;
    if (making->request->done)
        atomic_fetch_add(making->request->done, 1);
    return ++making->in_chunk < making->request->shard_images || chunk_flush(making, err);
}

/* Nobody sees these when looking into the folder: thumbnails, what file managers and version control keep. */
static bool is_hidden(const char *key)
{
    return key[0] == '.' || strstr(key, "/.");
}

bool inputs_is_image_name(const char *key)
{
    for (const char *const *suffix = image_suffixes; *suffix; suffix++)
        if (text_equal_ignoring_case(path_suffix(key), *suffix))
            return true;
    return false;
}

static bool is_image_content(struct store *root, const char *key)
{
    struct error ignored = {0};
    struct store_reader *opened = NULL;
    unsigned char start[IMAGE_SNIFF_BYTES];
    size_t bytes = 0;
    if (!store_read_start(root, key, &opened, &ignored))
        return false;
    AUTO(store_reader) reader = opened;
    return store_read_some(reader, start, sizeof(start), &bytes, &ignored) &&
           image_sniff((struct bytes){start, bytes});
}

static bool was_stopped(const struct making *making, struct error *err)
{
    struct stop_flag *stop = making->request->stop;
    return stop && atomic_load(&stop->is_set) && !error_set(err, ERR_CANCELLED, "stopped");
}

static bool visit_file(void *state, const char *key, const struct store_stat *stat, struct error *err)
{
    (void)stat;
    struct making *making = state;
    if (was_stopped(making, err))
        return false;
    if (is_hidden(key) || (!inputs_is_image_name(key) && !is_image_content(making->root, key))) {
        making->inputs.skipped++;
        return true;
    }
    AUTO(arena) arena = arena_new(LINE_ARENA_BYTES);
    char *path = arena ? path_join(arena, making->root_url, key) : NULL;
    if (!path)
        return error_no_memory(err);
    struct input_item item = {.key = key, .source = manifest_source_encode(arena, path)};
    return item.source ? add_item(making, &item, arena, err) : error_no_memory(err);
}

static bool list_folder(struct making *making, struct error *err)
{
    uint64_t skipped = 0;
    if (!store_open_within(making->request->roots, making->request->input_url, false, &making->root, err))
        return error_wrap(err, "the input");
    if (!text_copy(making->root_url, sizeof(making->root_url), store_url(making->root)))
        return error_set(err, ERR_INVALID, "the input path is too long");
    if (!store_list(making->root, "", visit_file, making, &skipped, err))
        return false;
    making->inputs.skipped += skipped;
    return true;
}

/* Where a manifest's source lies: "/a/b", "file:///a/b" or relative to the manifest; other schemes have no
 * store here. A relative source becomes absolute: results and datasets lie elsewhere. */
static bool locate(const struct making *making, const char *source, struct arena *arena,
                   struct input_item *item, struct error *err)
{
    char *full = NULL, *decoded = NULL;
    item->source = source;
    if (strstr(source, "://") && !text_starts_with(source, "file://")) {
        item->error = "its store cannot be reached from here: this build reads local files";
        return true;
    }
    if (!manifest_source_decode(arena, source, &decoded, err))
        return false;
    char *joined =
        decoded[0] == '/' ? arena_text(arena, decoded) : path_join(arena, making->files.folder, decoded);
    if (!joined || !path_absolute(arena, joined, &full, err))
        return joined ? false : error_no_memory(err);
    struct error outside = {0};
    if (roots_check(making->request->roots, full, &outside))
        item->key = full + 1;
    else if (!(item->error = arena_text(arena, outside.message)))
        return error_no_memory(err);
    if (decoded[0] != '/')
        item->source = manifest_source_encode(arena, full);
    return item->source || error_no_memory(err);
}

static bool add_line(struct making *making, struct bytes line, struct arena *arena, struct error *err)
{
    struct manifest_sample sample;
    struct input_item item = {0};
    if (!manifest_line_read(line, arena, &sample, err) || !locate(making, sample.source, arena, &item, err))
        return false;
    if (making->request->is_training) {
        struct truth truth;
        if (!truth_read(&sample, making->request->type, &making->files, arena, &truth, err))
            return false;
        if (!truth.labels) {
            making->inputs.skipped++;
            return true;
        }
        item.truth = truth.labels;
        item.truth_boxes = truth.boxes;
        item.truth_count = truth.count;
        item.usage = manifest_usage(sample.usage);
    }
    return add_item(making, &item, arena, err);
}

static bool add_lines(struct making *making, struct manifest_lines *lines, struct error *err)
{
    AUTO(arena) arena = arena_new(LINE_ARENA_BYTES);
    if (!arena)
        return error_no_memory(err);
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        if (was_stopped(making, err) || !manifest_lines_next(lines, &line, &number, err))
            return false;
        if (!line.data)
            return true;
        arena_reset(arena);
        if (add_line(making, line, arena, err))
            continue;
        struct error cause = *err;
        return error_set_detail(err, DETAIL_BAD_MANIFEST, "line %llu of %s: %s", (unsigned long long)number,
                                making->request->input_url, cause.message);
    }
}

static bool list_manifest(struct making *making, struct error *err)
{
    struct manifest_file file;
    making->root_url[0] = '/';
    bool is_done = manifest_file_open(making->request->roots, making->request->input_url, &file, err) &&
                   annotation_files_open(making->request->roots, file.folder, &making->files, err) &&
                   add_lines(making, file.lines, err);
    annotation_files_release(&making->files);
    manifest_file_release(&file);
    return is_done;
}

static bool write_summary(struct making *making, struct error *err)
{
    char key[PATH_MAX_BYTES];
    AUTO_BUFFER(text, INPUTS_JSON_MAX_BYTES);
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    AUTO(arena) arena = arena_new(LINE_ARENA_BYTES);
    const char *url = arena ? manifest_source_encode(arena, making->root_url) : NULL;
    const char *common = url ? encode_key(arena, making->common) : NULL;
    if (!common)
        return error_no_memory(err);
    (void)yyjson_mut_obj_add_uint(doc, root, "images", making->inputs.count);
    (void)yyjson_mut_obj_add_uint(doc, root, "skipped", making->inputs.skipped);
    (void)yyjson_mut_obj_add_uint(doc, root, "shard_images", making->inputs.shard_images);
    (void)yyjson_mut_obj_add_uint(doc, root, "shards", making->inputs.shards);
    (void)yyjson_mut_obj_add_str(doc, root, "root", url);
    (void)yyjson_mut_obj_add_str(doc, root, "common", common);
    (void)snprintf(key, sizeof(key), "%s/inputs.json", making->request->folder);
    return json_write(doc, true, &text, err) &&
           store_put(making->request->data, key, (struct bytes){text.data, text.size}, err);
}

static bool make(struct making *making, struct error *err)
{
    const struct inputs_request *request = making->request;
    bool is_manifest = text_ends_with(request->input_url, ".manifest");
    if (!(is_manifest ? list_manifest(making, err) : list_folder(making, err)) || !chunk_flush(making, err))
        return false;
    if (making->inputs.count == 0)
        return error_set_detail(err, DETAIL_NO_SAMPLES, "%s holds no %s (%llu skipped)", request->input_url,
                                request->is_training ? "labeled sample" : "image",
                                (unsigned long long)making->inputs.skipped);
    return write_summary(making, err);
}

bool inputs_make(const struct inputs_request *request, struct arena *arena, struct inputs *ret,
                 struct error *err)
{
    struct error missing = {0};
    if (inputs_open(request->data, request->folder, arena, ret, &missing))
        return true;
    if (missing.code != ERR_NOT_FOUND) {
        *err = missing;
        return false;
    }
    struct making *making = calloc(1, sizeof(*making));
    if (!making)
        return error_no_memory(err);
    making->request = request;
    making->inputs.shard_images = request->shard_images;
    buffer_init(&making->chunk, INPUTS_CHUNK_MAX_BYTES);
    bool is_made = make(making, err);
    buffer_release(&making->chunk);
    store_free(making->root);
    free(making);
    return is_made && inputs_open(request->data, request->folder, arena, ret, err);
}

static bool read_paths(yyjson_val *summary, struct arena *arena, struct inputs *inputs, struct error *err)
{
    char *root = NULL;
    if (!manifest_source_decode(arena, json_text(summary, "root", ""), &root, err))
        return false;
    inputs->root = root;
    return decode_key(arena, json_text(summary, "common", ""), &inputs->common, err);
}

bool inputs_open(struct store *data, const char *folder, struct arena *arena, struct inputs *ret,
                 struct error *err)
{
    char *key = arena_printf(arena, "%s/inputs.json", folder);
    AUTO_BUFFER(text, INPUTS_JSON_MAX_BYTES);
    AUTO_JSON doc = NULL;
    if (!key)
        return error_no_memory(err);
    if (!store_get(data, key, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, key, &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc);
    struct inputs inputs = {.count = (uint64_t)json_integer(root, "images", 0),
                            .skipped = (uint64_t)json_integer(root, "skipped", 0),
                            .shard_images = (uint32_t)json_integer(root, "shard_images", 0),
                            .shards = (uint32_t)json_integer(root, "shards", 0)};
    if (inputs.count == 0 || inputs.shard_images == 0 ||
        inputs.shards != (inputs.count + inputs.shard_images - 1) / inputs.shard_images)
        return error_set(err, ERR_INVALID,
                         "%s is damaged: its counts do not fit; delete it to list the input anew", key);
    if (!read_paths(root, arena, &inputs, err))
        return false;
    *ret = inputs;
    return true;
}

static bool read_truth(yyjson_val *row, struct arena *arena, struct input_item *ret, struct error *err)
{
    yyjson_val *truth = yyjson_obj_get(row, "truth"), *boxes = yyjson_obj_get(row, "boxes"), *value;
    size_t count = yyjson_arr_size(truth), index, max;
    const char **labels = arena_array(arena, count + 1, sizeof(*labels));
    struct box *sides = arena_array(arena, count + 1, sizeof(*sides));
    if (!labels || !sides)
        return error_no_memory(err);
    if (boxes && yyjson_arr_size(boxes) != 4 * count)
        return error_set(err, ERR_INVALID,
                         "the list of input images is damaged: delete it to list the input anew");
    yyjson_arr_foreach(truth, index, max, value)
    {
        labels[index] = arena_text(arena, yyjson_get_str(value));
        if (!labels[index])
            return error_no_memory(err);
    }
    yyjson_arr_foreach(boxes, index, max, value)
    {
        float side = (float)yyjson_get_num(value);
        struct box *box = &sides[index / 4];
        *(float *[]){&box->x_min, &box->y_min, &box->x_max, &box->y_max}[index % 4] = side;
    }
    ret->truth = truth ? labels : NULL;
    ret->truth_boxes = boxes ? sides : NULL;
    ret->truth_count = (uint32_t)count;
    return true;
}

static bool read_item(yyjson_val *row, struct arena *arena, struct input_item *ret, struct error *err)
{
    const char *path = json_text(row, "path", NULL);
    ret->source = arena_text(arena, json_text(row, "source", ""));
    ret->error = arena_text(arena, json_text(row, "error", NULL));
    ret->usage = arena_text(arena, json_text(row, "usage", NULL));
    if (!ret->source)
        return error_no_memory(err);
    return read_truth(row, arena, ret, err) && (!path || decode_key(arena, path, &ret->key, err));
}

bool inputs_shard(struct store *data, const char *folder, uint32_t shard, struct arena *arena,
                  struct input_list *ret, struct error *err)
{
    char key[PATH_MAX_BYTES];
    AUTO_BUFFER(text, INPUTS_CHUNK_MAX_BYTES);
    if (!chunk_key(key, sizeof(key), folder, shard) || !store_get(data, key, &text, err))
        return error_wrap(err, "the list of input images");
    uint32_t lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    struct input_item *items = arena_array(arena, (size_t)lines + 1, sizeof(*items));
    if (!items)
        return error_no_memory(err);
    const char *at = text.data;
    for (uint32_t i = 0; i < lines; i++) {
        const char *end = strchr(at, '\n');
        AUTO_JSON doc = NULL;
        if (!json_parse((struct bytes){at, (size_t)(end - at)}, key, &doc, err) ||
            !read_item(yyjson_doc_get_root(doc), arena, &items[i], err))
            return false;
        at = end + 1;
    }
    *ret = (struct input_list){items, lines};
    return true;
}
