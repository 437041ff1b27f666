/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/coco_parts.h"
#include "formats/json_walk.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An image without a number, a name … is a bad one; its boxes are not looked for. */
struct coco_image {
    int64_t id;
    const char *name;
    int64_t width, height;
};
struct coco_box {
    int64_t image, category;
    uint64_t number; /* in the file */
    double box[4];   /* x, y, width, height */
    double score;    /* NaN: none */
    bool is_crowd;
};
struct coco_category {
    int64_t id;
    const char *name;
};
struct coco {
    const struct coco_files *files;
    struct format_sink *sink;
    struct arena *texts;
    struct coco_image *images;
    struct coco_box *boxes;
    struct coco_category *categories;
    size_t image_count, box_count, category_count;
};

static bool wants(void *state, const char *name)
{
    (void)state;
    return strcmp(name, "images") == 0 || strcmp(name, "annotations") == 0 || strcmp(name, "categories") == 0;
}

/* Room for one more: lists double. */
static bool grow(void **list, size_t count, size_t size, size_t limit, struct error *err)
{
    if (count >= limit)
        return error_set(err, ERR_LIMIT, "more than %zu entries; cut the file into parts", limit);
    if (count != 0 && (count < 64 || (count & (count - 1)) != 0))
        return true;
    void *grown = realloc(*list, (count ? 2 * count : 64) * size);
    if (!grown)
        return error_no_memory(err);
    *list = grown;
    return true;
}

static bool read_id(yyjson_val *entry, const char *name, int64_t *ret, struct error *err)
{
    yyjson_val *value = yyjson_obj_get(entry, name);
    if (!yyjson_is_int(value) || (yyjson_is_uint(value) && yyjson_get_uint(value) > INT64_MAX))
        return error_set(err, ERR_INVALID, "\"%s\" is no whole number", name);
    *ret = yyjson_get_sint(value);
    return true;
}

static bool read_text(yyjson_val *entry, const char *name, struct arena *arena, const char **ret,
                      struct error *err)
{
    const char *text = json_text(entry, name, NULL);
    if (!text || text[0] == '\0')
        return error_set(err, ERR_INVALID, "\"%s\" is no text", name);
    *ret = arena_text(arena, text);
    return *ret || error_set(err, ERR_LIMIT, "names take more than %d bytes", COCO_TEXTS_MAX_BYTES);
}

static bool read_side(yyjson_val *entry, const char *name, int64_t *ret, struct error *err)
{
    int64_t value = json_integer(entry, name, 0);
    if (value < 0 || value > VOC_SIDE_MAX_PX)
        return error_set(err, ERR_INVALID, "\"%s\" is beyond 0 to %d px", name, VOC_SIDE_MAX_PX);
    *ret = value;
    return true;
}

static bool add_image(struct coco *coco, yyjson_val *entry, struct error *err)
{
    struct coco_image image;
    if (!read_id(entry, "id", &image.id, err) ||
        !read_text(entry, "file_name", coco->texts, &image.name, err) ||
        !read_side(entry, "width", &image.width, err) || !read_side(entry, "height", &image.height, err) ||
        !grow((void **)&coco->images, coco->image_count, sizeof(image), COCO_IMAGES_MAX, err))
        return false;
    coco->images[coco->image_count++] = image;
    return true;
}

static bool add_category(struct coco *coco, yyjson_val *entry, struct error *err)
{
    struct coco_category category;
    if (!read_id(entry, "id", &category.id, err) ||
        !read_text(entry, "name", coco->texts, &category.name, err) ||
        !format_check_label(category.name, strlen(category.name), err) ||
        !grow((void **)&coco->categories, coco->category_count, sizeof(category), FORMAT_LABELS_MAX, err))
        return false;
    coco->categories[coco->category_count++] = category;
    return true;
}

static bool read_bbox(yyjson_val *entry, double ret[4], struct error *err)
{
    yyjson_val *bbox = yyjson_obj_get(entry, "bbox");
    if (!yyjson_is_arr(bbox) || yyjson_arr_size(bbox) != 4)
        return error_set(err, ERR_INVALID, "\"bbox\" is no list of 4 numbers");
    for (size_t i = 0; i < 4; i++) {
        yyjson_val *value = yyjson_arr_get(bbox, i);
        ret[i] = yyjson_get_num(value);
        if (!yyjson_is_num(value) || !(fabs(ret[i]) <= VOC_COORDINATE_MAX))
            return error_set(err, ERR_INVALID, "\"bbox\" holds no number up to %d", VOC_COORDINATE_MAX);
    }
    return true;
}

static bool add_annotation(struct coco *coco, yyjson_val *entry, uint64_t number, struct error *err)
{
    struct coco_box box = {.number = number, .score = json_number(entry, "score", (double)NAN)};
    if (!read_id(entry, "image_id", &box.image, err) || !read_id(entry, "category_id", &box.category, err) ||
        !read_bbox(entry, box.box, err) ||
        !grow((void **)&coco->boxes, coco->box_count, sizeof(box), COCO_BOXES_MAX, err))
        return false;
    box.is_crowd = json_integer(entry, "iscrowd", 0) != 0 || json_bool(entry, "iscrowd", false);
    if (!(box.score >= 0 && box.score <= 1))
        box.score = (double)NAN;
    coco->boxes[coco->box_count++] = box;
    return true;
}

/* What is wrong with one entry does not stop the others. */
static bool take_entry(void *state, const char *name, uint64_t number, yyjson_val *entry, struct error *err)
{
    struct coco *coco = state;
    const struct format_item item = format_item_of(NULL, coco->files->file, number);
    bool is_good = false;
    if (!yyjson_is_obj(entry))
        is_good = error_set(err, ERR_INVALID, "it is no object");
    else if (strcmp(name, "images") == 0)
        is_good = add_image(coco, entry, err);
    else if (strcmp(name, "annotations") == 0)
        is_good = add_annotation(coco, entry, number, err);
    else
        is_good = add_category(coco, entry, err);
    if (is_good)
        return true;
    (void)error_wrap(err, "%s, entry %" PRIu64, name, number);
    return err->code == ERR_INVALID && format_give(coco->files->reading, coco->sink, false, &item, err);
}

/* ---- putting together ---- */

static int compare_ids(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_images(const void *a, const void *b)
{
    return compare_ids(((const struct coco_image *)a)->id, ((const struct coco_image *)b)->id);
}

static int compare_categories(const void *a, const void *b)
{
    return compare_ids(((const struct coco_category *)a)->id, ((const struct coco_category *)b)->id);
}

static int compare_boxes(const void *a, const void *b)
{
    const struct coco_box *one = a, *other = b;
    int order = compare_ids(one->image, other->image);
    return order ? order : (one->number > other->number) - (one->number < other->number);
}

static const char *category_of(const struct coco *coco, int64_t id)
{
    const struct coco_category wanted = {.id = id};
    const struct coco_category *found =
        coco->category_count
            ? bsearch(&wanted, coco->categories, coco->category_count, sizeof(wanted), compare_categories)
            : NULL;
    return found ? found->name : NULL;
}

static bool add_box(const struct coco *coco, const struct coco_box *from, struct voc *voc, struct error *err)
{
    const char *label = category_of(coco, from->category);
    struct voc_object *object = NULL;
    const double box[] = {from->box[0], from->box[1], from->box[0] + from->box[2],
                          from->box[1] + from->box[3]};
    if (!label)
        return error_set(err, ERR_INVALID, "annotation %" PRIu64 ": there is no category %" PRId64,
                         from->number, from->category);
    if (!format_add_box(voc, label, box, coco->sink->arena, &object, err))
        return error_wrap(err, "annotation %" PRIu64, from->number);
    object->confidence = from->score;
    object->difficult = from->is_crowd ? "1" : NULL;
    return true;
}

static bool make_item(const struct coco *coco, const char *folder, const struct coco_image *image,
                      struct bytes boxes, struct format_item *item, struct error *err)
{
    struct arena *arena = coco->sink->arena;
    struct voc *voc = arena_alloc(arena, sizeof(*voc));
    const struct coco_box *box = boxes.data;
    if (!voc)
        return error_no_memory(err);
    *voc = (struct voc){.width = image->width, .height = image->height};
    item->sample.usage = coco->files->usage;
    if (!format_absolute(folder, image->name, arena, &item->sample.source, err))
        return error_wrap(err, "image %" PRId64, image->id);
    for (size_t i = 0; i < boxes.size; i++)
        if (!add_box(coco, &box[i], voc, err))
            return error_wrap(err, "image %" PRId64, image->id);
    return format_set_boxes(item, voc, arena, err);
}

/* Boxes of images that are not there: each is told. */
static bool skip_to(const struct coco *coco, size_t *at, int64_t id, bool is_end, struct error *err)
{
    for (; *at < coco->box_count && (is_end || coco->boxes[*at].image < id); ++*at) {
        const struct format_item item = format_item_of(NULL, coco->files->file, coco->boxes[*at].number);
        (void)error_set(err, ERR_INVALID, "annotations, entry %" PRIu64 ": there is no image %" PRId64,
                        coco->boxes[*at].number, coco->boxes[*at].image);
        if (!format_give(coco->files->reading, coco->sink, false, &item, err))
            return false;
    }
    return true;
}

static bool give_image(const struct coco *coco, const char *folder, size_t index, size_t *at,
                       struct error *err)
{
    const struct coco_image *image = &coco->images[index];
    struct format_item item = format_item_of(image->name, coco->files->file, index + 1);
    bool is_twice = index > 0 && coco->images[index - 1].id == image->id;
    if (!skip_to(coco, at, image->id, false, err))
        return false;
    size_t first = *at;
    while (*at < coco->box_count && coco->boxes[*at].image == image->id)
        ++*at;
    bool is_good = is_twice ? error_set(err, ERR_INVALID, "image %" PRId64 " is there twice", image->id)
                            : make_item(coco, folder, image,
                                        (struct bytes){coco->boxes ? coco->boxes + first : NULL, *at - first},
                                        &item, err);
    return format_give(coco->files->reading, coco->sink, is_good, &item, err);
}

static void sort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 0)
        qsort(list, count, size, compare);
}

static bool give_all(struct coco *coco, struct error *err)
{
    const char *folder = coco->files->reading->images;
    size_t at = 0;
    sort(coco->images, coco->image_count, sizeof(*coco->images), compare_images);
    sort(coco->boxes, coco->box_count, sizeof(*coco->boxes), compare_boxes);
    sort(coco->categories, coco->category_count, sizeof(*coco->categories), compare_categories);
    if (!folder && coco->image_count > 0 &&
        !coco->files->find(coco->files->state, coco->images[0].name, &folder, err))
        return false;
    for (size_t i = 0; i < coco->image_count; i++)
        if (!give_image(coco, folder, i, &at, err))
            return false;
    return skip_to(coco, &at, 0, true, err);
}

bool format_coco_read(manifest_feed *feed, void *state, const struct coco_files *files,
                      struct format_sink *sink, struct error *err)
{
    AUTO(arena) texts = arena_new(COCO_TEXTS_MAX_BYTES);
    struct coco coco = {.files = files, .sink = sink, .texts = texts};
    const struct json_walker walker = {&coco, wants, take_entry};
    if (!texts)
        return error_no_memory(err);
    bool is_done = json_walk(feed, state, &walker, err);
    if (!is_done)
        (void)format_bad_file(files->file, err);
    is_done = is_done && give_all(&coco, err);
    free(coco.images);
    free(coco.boxes);
    free(coco.categories);
    return is_done;
}
