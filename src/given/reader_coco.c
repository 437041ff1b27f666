/* SPDX-License-Identifier: Apache-2.0 */
/* COCO results: a list of boxes in any order, docs/predictions-format.md. */
#include "base/file.h"
#include "given/given_reader.h"
#include "given/json_entries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX_BYTES ((size_t)1 << 30)
enum { ID_NAME_BYTES = 32 };
static const double edge_max = 1e7, id_max = 9007199254740991.0; /* the last whole number of JSON's readers */

/* ---- what ids mean ---- */

struct named_id {
    int64_t id;
    const char *name; /* of an image */
    uint32_t label;   /* of a category */
};
struct named_list {
    struct named_id *items; /* by id */
    size_t count;
};
struct given_coco_names {
    struct arena *arena;
    struct named_list images, categories;
};

static int compare_ids(const void *a, const void *b)
{
    int64_t one = ((const struct named_id *)a)->id, other = ((const struct named_id *)b)->id;
    return (one > other) - (one < other);
}

struct given_coco_names *given_coco_names_free(struct given_coco_names *names)
{
    if (names) {
        arena_free(names->arena);
        free(names);
    }
    return NULL;
}

static bool read_id(yyjson_val *object, const char *member, const struct given_field *field, int64_t *ret,
                    struct error *err)
{
    double id = 0;
    if (!given_number(yyjson_obj_get(object, member), field, -id_max, id_max, &id, err))
        return false;
    *ret = (int64_t)id;
    return (double)*ret == id || given_bad_field(field, err, "is %g, no whole number", id);
}

static bool read_one(yyjson_val *value, const struct given_field *at, const char *member, struct arena *arena,
                     struct named_id *ret, struct error *err)
{
    const struct given_field id = {at->name, at->index, "id"}, name = {at->name, at->index, member};
    const char *text = json_text(value, member, NULL);
    if (!read_id(value, "id", &id, &ret->id, err))
        return false;
    if (!text || !text[0])
        return given_bad_field(&name, err, "must be a text");
    ret->name = arena_text(arena, text);
    return ret->name || error_no_memory(err);
}

/* The member `list` of COCO's file, whose elements are named by their `member`. */
static bool read_named(yyjson_val *root, const char *list, const char *member, struct arena *arena,
                       struct named_list *ret, struct error *err)
{
    size_t index, max;
    yyjson_val *value, *array = yyjson_obj_get(root, list);
    const struct given_field whole = {list, SIZE_MAX, NULL};
    if (!yyjson_is_arr(array))
        return given_bad_field(&whole, err, "must be an array: of COCO's annotations file");
    size_t count = yyjson_arr_size(array);
    struct named_id *named = arena_array(arena, count + 1, sizeof(*named));
    if (!named)
        return error_no_memory(err);
    yyjson_arr_foreach(array, index, max, value)
    {
        const struct given_field at = {list, index, NULL};
        if (!read_one(value, &at, member, arena, &named[index], err))
            return false;
    }
    qsort(named, count, sizeof(*named), compare_ids);
    for (size_t i = 1; i < count; i++)
        if (named[i].id == named[i - 1].id)
            return given_bad_field(&whole, err, "has the id %" PRId64 " twice", named[i].id);
    *ret = (struct named_list){named, count};
    return true;
}

/* Categories are the classes, in the order of their ids. */
static bool take_categories(struct given_coco_names *names, struct given_labels *labels, struct error *err)
{
    for (size_t i = 0; i < names->categories.count; i++)
        if (!given_labels_take(labels, names->categories.items[i].name, &names->categories.items[i].label,
                               err))
            return error_wrap(err, "the category %" PRId64, names->categories.items[i].id);
    if (names->categories.count > 0)
        given_labels_close(labels);
    return true;
}

bool given_coco_names_read(struct bytes file, struct given_labels *labels, struct given_coco_names **ret,
                           struct error *err)
{
    AUTO_JSON doc = NULL;
    struct given_coco_names *names = calloc(1, sizeof(*names));
    if (!names)
        return error_no_memory(err);
    names->arena = arena_new(NAMES_MAX_BYTES);
    yyjson_val *root = NULL;
    bool is_read = names->arena ? json_parse(file, "it", &doc, err) : error_no_memory(err);
    root = is_read ? yyjson_doc_get_root(doc) : NULL;
    is_read = is_read && read_named(root, "images", "file_name", names->arena, &names->images, err) &&
              read_named(root, "categories", "name", names->arena, &names->categories, err) &&
              take_categories(names, labels, err);
    *ret = is_read ? names : given_coco_names_free(names);
    return is_read;
}

static const struct named_id *find_id(const struct named_list *list, int64_t id)
{
    const struct named_id wanted = {.id = id};
    return list->count > 0 ? bsearch(&wanted, list->items, list->count, sizeof(wanted), compare_ids) : NULL;
}

/* ---- the list ---- */

struct entry {
    union {
        int64_t id;
        const char *text; /* where image_id is a text: the name itself */
    } image;
    uint32_t place; /* in the list */
    struct given_box box;
};
struct collecting {
    const struct given_coco_names *names;
    struct given_sink *sink;
    struct arena *texts;
    struct entry *entries;
    size_t count, capacity;
    bool has_kind, are_texts;
};

static bool make_room(struct collecting *list, struct error *err)
{
    size_t most = list->sink->coco_boxes_max ? list->sink->coco_boxes_max : GIVEN_COCO_BOXES_MAX;
    if (list->count == most)
        return error_set(err, ERR_LIMIT,
                         "there are more than %zu boxes; give the images in parts, or as JSON Lines", most);
    if (list->count < list->capacity)
        return true;
    size_t capacity = list->capacity ? list->capacity * 2 : 1024;
    capacity = capacity < most ? capacity : most;
    struct entry *entries = realloc(list->entries, capacity * sizeof(*entries));
    if (!entries)
        return error_no_memory(err);
    list->entries = entries;
    list->capacity = capacity;
    return true;
}

static bool read_image_id(struct collecting *list, yyjson_val *object, struct entry *entry, struct error *err)
{
    const struct given_field field = {"image_id", SIZE_MAX, NULL};
    yyjson_val *value = yyjson_obj_get(object, "image_id");
    bool is_text = yyjson_is_str(value);
    if (list->has_kind && list->are_texts != is_text)
        return given_bad_field(&field, err, "is %s, those before are not", is_text ? "a text" : "no text");
    list->has_kind = true;
    list->are_texts = is_text;
    if (!is_text) {
        return read_id(object, "image_id", &field, &entry->image.id, err) &&
               (!list->names || find_id(&list->names->images, entry->image.id) ||
                given_bad_field(&field, err, "is %" PRId64 ", which --coco-images does not have",
                                entry->image.id));
    }
    const char *name = json_text(object, "image_id", ""), *last = NULL;
    if (list->count > 0)
        last = list->entries[list->count - 1].image.text;
    entry->image.text = last && strcmp(last, name) == 0 ? last : arena_text(list->texts, name);
    return entry->image.text ||
           error_set(err, ERR_LIMIT, "the image names take more than %zu bytes", NAMES_MAX_BYTES);
}

/* The category's name, or without names line n of the labels that were given, or the id itself. */
static bool read_category(struct collecting *list, yyjson_val *object, uint32_t *ret, struct error *err)
{
    const struct given_field whole = {"category_id", SIZE_MAX, NULL};
    struct given_labels *labels = list->sink->labels;
    char text[ID_NAME_BYTES];
    int64_t id = 0;
    if (!read_id(object, "category_id", &whole, &id, err))
        return false;
    if (list->names) {
        const struct named_id *found = find_id(&list->names->categories, id);
        if (!found)
            return given_bad_field(&whole, err, "is %" PRId64 ", which --coco-images does not have", id);
        *ret = found->label;
        return true;
    }
    if (given_labels_are_closed(labels)) {
        *ret = (uint32_t)(id - 1);
        return (id >= 1 && id <= (int64_t)given_labels_count(labels)) ||
               given_bad_field(&whole, err,
                               "is %" PRId64 "; there are %u labels, and line n names category n", id,
                               given_labels_count(labels));
    }
    (void)snprintf(text, sizeof(text), "%" PRId64, id);
    return given_labels_take(labels, text, ret, err);
}

static bool read_entry(struct collecting *list, yyjson_val *object, uint64_t place, struct error *err)
{
    float sides[4];
    double score = 0;
    struct entry entry = {.place = (uint32_t)place};
    const struct given_field bbox = {"bbox", SIZE_MAX, NULL}, at = {"score", SIZE_MAX, NULL};
    if (!make_room(list, err) || !read_image_id(list, object, &entry, err) ||
        !read_category(list, object, &entry.box.label, err) ||
        !given_numbers(yyjson_obj_get(object, "bbox"), &bbox, 4, sides, err) ||
        !given_number(yyjson_obj_get(object, "score"), &at, 0, 1, &score, err))
        return false;
    for (size_t i = 0; i < 4; i++)
        if (!((double)sides[i] <= edge_max && (double)sides[i] >= (i < 2 ? -edge_max : 0)))
            return given_bad_field(&bbox, err, "is [x, y, width, height] in px; %g is none of these",
                                   (double)sides[i]);
    entry.box.score = (float)score;
    entry.box.box = (struct box){sides[0], sides[1], sides[0] + sides[2], sides[1] + sides[3]};
    list->entries[list->count++] = entry;
    return true;
}

static bool collect(struct collecting *list, manifest_feed *feed, void *state, struct error *err)
{
    struct json_entries entries;
    bool is_end = false, is_done = json_entries_start(&entries, feed, state, GIVEN_COCO_ENTRY_MAX_BYTES, err);
    while (is_done && !is_end) {
        AUTO_JSON doc = NULL;
        struct stop_flag *stop = list->sink->stop;
        is_done = json_entries_next(&entries, &is_end, err);
        if (!is_done || is_end)
            break;
        if (stop && atomic_load(&stop->is_set))
            is_done = error_set(err, ERR_CANCELLED, "stopped");
        else
            is_done = (json_parse((struct bytes){entries.entry.data, entries.entry.size}, "it", &doc, err) &&
                       read_entry(list, yyjson_doc_get_root(doc), entries.number, err)) ||
                      error_wrap(err, "entry %" PRIu64, entries.number);
    }
    json_entries_release(&entries);
    return is_done;
}

static int compare_places(const struct entry *one, const struct entry *other)
{
    return (one->place > other->place) - (one->place < other->place);
}

static int compare_numbers(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    if (one->image.id != other->image.id)
        return one->image.id > other->image.id ? 1 : -1;
    return compare_places(one, other);
}

static int compare_texts(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    int order = strcmp(one->image.text, other->image.text);
    return order ? order : compare_places(one, other);
}

/* Without names, COCO's own file names: twelve digits. */
static const char *image_name(const struct collecting *list, const struct entry *entry,
                              char text[ID_NAME_BYTES])
{
    if (list->are_texts)
        return entry->image.text;
    const struct named_id *named = list->names ? find_id(&list->names->images, entry->image.id) : NULL;
    if (named)
        return named->name;
    (void)snprintf(text, ID_NAME_BYTES, "%012" PRId64 ".jpg", entry->image.id);
    return text;
}

static bool put_boxes(struct collecting *list, size_t first, size_t end, struct given_box *boxes,
                      struct error *err)
{
    char text[ID_NAME_BYTES];
    for (size_t i = first; i < end; i++)
        boxes[i - first] = list->entries[i].box;
    const struct given_image image = {.name = image_name(list, &list->entries[first], text),
                                      .place = list->entries[first].place,
                                      .type = MODEL_TYPE_DETECTION,
                                      .boxes = boxes,
                                      .box_count = (uint32_t)(end - first)};
    return given_sink_put(list->sink, &image, err) || error_wrap(err, "image %s", image.name);
}

static bool same_image(const struct collecting *list, const struct entry *one, const struct entry *other)
{
    return list->are_texts ? strcmp(one->image.text, other->image.text) == 0
                           : one->image.id == other->image.id;
}

static bool put_images(struct collecting *list, struct error *err)
{
    struct given_box *boxes = calloc(PREDICTION_CANDIDATES_MAX + 1, sizeof(*boxes));
    bool is_done = boxes != NULL || error_no_memory(err);
    if (list->count > 0)
        qsort(list->entries, list->count, sizeof(*list->entries),
              list->are_texts ? compare_texts : compare_numbers);
    for (size_t first = 0, end = 0; is_done && first < list->count; first = end) {
        while (end < list->count && same_image(list, &list->entries[first], &list->entries[end]))
            end++;
        is_done =
            end - first <= PREDICTION_CANDIDATES_MAX
                ? put_boxes(list, first, end, boxes, err)
                : error_set(err, ERR_LIMIT, "the image of entry %u has %zu boxes; %d may be in an image",
                            list->entries[first].place, end - first, PREDICTION_CANDIDATES_MAX);
    }
    free(boxes);
    return is_done;
}

/* A list of results does not name images in which nothing was found; the list of images does. */
static bool put_empty_images(struct collecting *list, struct error *err)
{
    size_t at = 0;
    for (size_t i = 0; list->names && !list->are_texts && i < list->names->images.count; i++) {
        const struct named_id *named = &list->names->images.items[i];
        while (at < list->count && list->entries[at].image.id < named->id)
            at++;
        if (at < list->count && list->entries[at].image.id == named->id)
            continue;
        const struct given_image image = {.name = named->name, .type = MODEL_TYPE_DETECTION};
        if (!given_sink_put(list->sink, &image, err))
            return false;
    }
    return true;
}

bool given_coco_list(manifest_feed *feed, void *state, const struct given_coco_names *names,
                     struct given_sink *sink, const char *what, struct error *err)
{
    AUTO(arena) texts = arena_new(NAMES_MAX_BYTES);
    struct collecting list = {.names = names, .sink = sink, .texts = texts};
    if (!texts)
        return error_no_memory(err);
    bool is_done = collect(&list, feed, state, err) && put_images(&list, err) && put_empty_images(&list, err);
    free(list.entries);
    return is_done || (err->code == ERR_CANCELLED ? false : error_wrap(err, "%s", what));
}

static bool read_names(const struct given_options *options, struct given_labels *labels,
                       struct given_coco_names **ret, struct error *err)
{
    AUTO_BUFFER(file, GIVEN_COCO_IMAGES_MAX_BYTES);
    if (!options->coco_images)
        return true;
    if (!file_read(options->coco_images, &file, err))
        return error_wrap(err, "images and categories of COCO");
    return given_coco_names_read((struct bytes){file.data, file.size}, labels, ret, err) ||
           error_wrap(err, "%s", options->coco_images);
}

static bool read_file(const struct given_options *options, struct given_sink *sink, struct error *err)
{
    AUTO(store) store = NULL;
    AUTO(store_reader) reader = NULL;
    struct given_coco_names *names = NULL;
    bool is_done = given_file_open(options->path, &store, &reader, err) &&
                   read_names(options, sink->labels, &names, err) &&
                   given_coco_list(given_file_feed, reader, names, sink, options->path, err);
    given_coco_names_free(names);
    return is_done;
}

static bool fits(const char *path, bool is_folder, struct bytes start)
{
    (void)path;
    return !is_folder && given_file_starts(start, '[');
}

const struct given_reader given_reader_coco = {
    .name = "coco",
    .summary = "COCO results ('[' comes first): a list of boxes",
    .fits = fits,
    .read = read_file,
};
