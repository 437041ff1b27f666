/* SPDX-License-Identifier: Apache-2.0 */
#include "dataset/sample_voc.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/dataset_check.h"
#include "dataset/sample_manifest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIFFICULT SAMPLE_VOC_PREFIX "difficult"
#define HARD_COEFFICIENT SAMPLE_VOC_PREFIX "hard_coefficient"
#define HARD_REASONS SAMPLE_VOC_PREFIX "hard_reasons"
#define FILENAME SAMPLE_VOC_PREFIX "filename"
#define DEPTH SAMPLE_VOC_PREFIX "depth"
#define AUTHOR SAMPLE_VOC_PREFIX "annotated_by"   /* of a file without objects */
#define CREATED SAMPLE_VOC_PREFIX "creation_time" /* the same */
#define PROPERTY SAMPLE_VOC_PREFIX "property"     /* of the annotation in the manifest's line */

enum { USUAL_DEPTH = 3 };

/* Texts that go both ways: member of the JSON object and of the struct, and the value that is not kept. */
struct kept {
    const char *name;
    size_t offset;
    const char *usual;
};
static const struct kept object_kept[] = {
    {SAMPLE_VOC_PREFIX "pose", offsetof(struct voc_object, pose), "Unspecified"},
    {SAMPLE_VOC_PREFIX "truncated", offsetof(struct voc_object, truncated), "0"},
    {SAMPLE_VOC_PREFIX "occluded", offsetof(struct voc_object, occluded), "0"},
    {DIFFICULT, offsetof(struct voc_object, difficult), "0"},
    {SAMPLE_VOC_PREFIX "mask_color", offsetof(struct voc_object, mask_color), NULL},
    {HARD_REASONS, offsetof(struct voc_object, hard_reasons), NULL},
    {SAMPLE_VOC_PREFIX "xml", offsetof(struct voc_object, extra_xml), NULL},
    {NULL},
};
static const struct kept file_kept[] = {
    {SAMPLE_VOC_PREFIX "folder", offsetof(struct voc, folder), "NA"},
    {FILENAME, offsetof(struct voc, filename), NULL},
    {SAMPLE_VOC_PREFIX "database", offsetof(struct voc, database), "Unknown"},
    {SAMPLE_VOC_PREFIX "source_xml", offsetof(struct voc, source_xml), NULL},
    {SAMPLE_VOC_PREFIX "segmented", offsetof(struct voc, segmented), "0"},
    {SAMPLE_VOC_PREFIX "mask_source", offsetof(struct voc, mask_source), NULL},
    {SAMPLE_VOC_PREFIX "xml", offsetof(struct voc, extra_xml), NULL},
    {NULL},
};

static const char **text_at(const void *from, const struct kept *kept)
{
    return (const char **)((uintptr_t)from + kept->offset);
}

static void keep_texts(const void *from, const struct kept *rows, yyjson_mut_doc *doc, yyjson_mut_val *into)
{
    for (; rows->name; rows++) {
        const char *text = *text_at(from, rows);
        if (text && (!rows->usual || strcmp(text, rows->usual) != 0))
            (void)yyjson_mut_obj_add_str(doc, into, rows->name, text);
    }
}

/* True when the member is one of the rows; its text is copied into the struct. */
static bool give_back(const char *name, yyjson_val *value, const struct kept *rows, struct arena *arena,
                      void *into)
{
    for (; rows->name; rows++) {
        if (strcmp(rows->name, name) != 0)
            continue;
        *text_at(into, rows) = arena_text(arena, yyjson_get_str(value));
        return true;
    }
    return false;
}

/* The value as text in the arena; NULL for an object without members. */
static bool json_as_text(yyjson_mut_val *value, struct arena *arena, const char **ret, struct error *err)
{
    size_t bytes = 0;
    *ret = NULL;
    if (yyjson_mut_is_obj(value) && yyjson_mut_obj_size(value) == 0)
        return true;
    char *text = yyjson_mut_val_write(value, 0, &bytes);
    *ret = text ? arena_text_n(arena, text, bytes) : NULL;
    free(text);
    return *ret || error_no_memory(err);
}

static bool is_same_number(double a, double b)
{
    return !(a < b) && !(a > b) && isnan(a) == isnan(b);
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* ---- from a file ---- */

struct taking {
    const struct manifest_annotation *annotation;
    const struct voc *voc;
    bool is_suggested, is_hard_marked; /* every object is difficult because the sample is hard */
    struct arena *arena;
    struct sample_new *sample;
};

/* Keys are known to be different from each other. */
static bool keep_properties(const struct voc_object *object, yyjson_mut_doc *doc, yyjson_mut_val *into,
                            struct error *err)
{
    for (size_t i = 0; i < object->property_count; i++) {
        const char *key = object->properties[i].key;
        if (strcmp(key, DIFFICULT) == 0)
            continue;
        if (text_starts_with(key, SAMPLE_VOC_PREFIX))
            return error_set(err, ERR_INVALID,
                             "line %u: names of properties do not begin with "
                             "'" SAMPLE_VOC_PREFIX "', as '%.60s' does",
                             object->line, key);
        (void)yyjson_mut_obj_add_str(doc, into, key, object->properties[i].value);
    }
    return true;
}

/* What the object said before its sample made it difficult, see give_hard; NULL when it did not. */
static const char *own_difficult(const struct voc_object *object)
{
    for (size_t i = 0; i < object->property_count; i++)
        if (strcmp(object->properties[i].key, DIFFICULT) == 0)
            return object->properties[i].value;
    return NULL;
}

/* What all objects have from the sample is the sample's; only what differs is the object's own. */
static bool property_of(const struct taking *taking, const struct voc_object *object, const char **ret,
                        struct error *err)
{
    const struct sample_new *sample = taking->sample;
    struct voc_object own = *object;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *into = yyjson_mut_obj(doc);
    if (!into)
        return error_no_memory(err);
    if (taking->is_hard_marked || own_difficult(object))
        own.difficult = own_difficult(object);
    if (sample->is_hard && is_same_text(object->hard_reasons, sample->hard_reasons))
        own.hard_reasons = NULL;
    keep_texts(&own, object_kept, doc, into);
    if (!isnan(object->hard_coefficient) &&
        !(sample->is_hard && is_same_number(object->hard_coefficient, sample->hard_coefficient)))
        (void)yyjson_mut_obj_add_real(doc, into, HARD_COEFFICIENT, object->hard_coefficient);
    return keep_properties(object, doc, into, err) && json_as_text(into, taking->arena, ret, err);
}

static bool take_object(const struct taking *taking, const struct voc_object *object, struct annotation *ret,
                        struct error *err)
{
    *ret = (struct annotation){
        .name = object->name,
        .is_suggested = taking->is_suggested,
        .confidence = isnan(object->confidence) ? taking->annotation->confidence : object->confidence,
        .annotated_by = annotation_author(taking->annotation),
        .created_ms = annotation_time_ms(taking->annotation->creation_time),
    };
    if (object->hard_reasons && !sample_check_reasons(object->hard_reasons, err))
        return error_wrap(err, "line %u", object->line);
    return voc_shape_json_write(&object->shape, taking->arena, &ret->shape_json, err) &&
           property_of(taking, object, &ret->property_json, err);
}

static bool take_objects(const struct taking *taking, struct error *err)
{
    size_t count = taking->voc->object_count;
    struct annotation *annotations = arena_array(taking->arena, count + 1, sizeof(*annotations));
    if (!annotations)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        if (!take_object(taking, &taking->voc->objects[i], &annotations[i], err))
            return false;
    taking->sample->annotations = annotations;
    taking->sample->annotation_count = count;
    return true;
}

static yyjson_mut_val *copy_of_json(const char *json, yyjson_mut_doc *doc)
{
    AUTO_JSON parsed = json ? yyjson_read(json, strlen(json), 0) : NULL;
    return parsed ? yyjson_val_mut_copy(doc, yyjson_doc_get_root(parsed)) : NULL;
}

static bool has_own_name(yyjson_mut_val *property)
{
    size_t index, max;
    yyjson_mut_val *key, *value;
    yyjson_mut_obj_foreach(property, index, max, key, value)
    {
        if (text_starts_with(yyjson_mut_get_str(key), SAMPLE_VOC_PREFIX))
            return true;
    }
    return false;
}

static bool take_metadata(const struct taking *taking, struct error *err)
{
    struct voc own = *taking->voc;
    const struct manifest_annotation *annotation = taking->annotation;
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *into = copy_of_json(taking->sample->metadata_json, doc);
    yyjson_mut_val *property = copy_of_json(annotation->property_json, doc);
    into = into ? into : yyjson_mut_obj(doc);
    if (!into)
        return error_no_memory(err);
    if (!yyjson_mut_is_obj(into) || has_own_name(into))
        return error_set_detail(err, DETAIL_BAD_MANIFEST,
                                "\"property\" must be an object whose names do not begin "
                                "with '" SAMPLE_VOC_PREFIX "'");
    if (own.filename && strcmp(own.filename, path_base(taking->sample->source)) == 0)
        own.filename = NULL;
    keep_texts(&own, file_kept, doc, into);
    if (own.depth > 0 && own.depth != USUAL_DEPTH)
        (void)yyjson_mut_obj_add_int(doc, into, DEPTH, own.depth);
    if (property)
        (void)yyjson_mut_obj_add_val(doc, into, PROPERTY, property);
    if (own.object_count == 0 && strcmp(annotation_author(annotation), ANNOTATED_BY_HUMAN) != 0)
        (void)yyjson_mut_obj_add_str(doc, into, AUTHOR, annotation->annotated_by);
    if (own.object_count == 0 && annotation_time_ms(annotation->creation_time) > 0)
        (void)yyjson_mut_obj_add_str(doc, into, CREATED, annotation->creation_time);
    return json_as_text(into, taking->arena, &taking->sample->metadata_json, err);
}

static bool are_all_difficult(const struct voc *voc)
{
    for (size_t i = 0; i < voc->object_count; i++)
        if (!is_same_text(voc->objects[i].difficult, "1"))
            return false;
    return true;
}

bool sample_take_voc(const struct manifest_annotation *annotation, const struct voc *voc, bool is_suggested,
                     struct arena *arena, struct sample_new *sample, struct error *err)
{
    double highest = (double)NAN;
    for (size_t i = 0; i < voc->object_count; i++)
        highest = fmax(highest, voc->objects[i].hard_coefficient);
    if (isnan(sample->hard_coefficient))
        sample->hard_coefficient = highest;
    const struct taking taking = {
        .annotation = annotation,
        .voc = voc,
        .is_suggested = is_suggested,
        .is_hard_marked = sample->is_hard && are_all_difficult(voc),
        .arena = arena,
        .sample = sample,
    };
    sample->width = voc->width;
    sample->height = voc->height;
    return take_objects(&taking, err) && take_metadata(&taking, err);
}

/* ---- to a file ---- */

struct making {
    const struct sample *sample;
    bool hard_attributes;
    struct arena *arena;
};

static bool give_property(const struct making *making, yyjson_val *key, yyjson_val *value,
                          struct voc_object *object, struct error *err)
{
    const char *text = yyjson_get_str(value);
    char *json = text ? NULL : yyjson_val_write(value, 0, NULL);
    struct voc_property *property = &object->properties[object->property_count];
    property->key = arena_text(making->arena, yyjson_get_str(key));
    property->value = arena_text(making->arena, text ? text : json);
    free(json);
    object->property_count++;
    return (property->key && property->value) || error_no_memory(err);
}

static bool give_properties(const struct making *making, const char *json, struct voc_object *object,
                            struct error *err)
{
    AUTO_JSON doc = NULL;
    if (!json)
        return true;
    if (!json_parse((struct bytes){json, strlen(json)}, "the property of an annotation", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
    size_t index, max;
    object->properties = arena_array(making->arena, yyjson_obj_size(root) + 1, sizeof(*object->properties));
    if (!object->properties)
        return error_no_memory(err);
    yyjson_obj_foreach(root, index, max, key, value)
    {
        const char *name = yyjson_get_str(key);
        if (strcmp(name, HARD_COEFFICIENT) == 0)
            object->hard_coefficient = yyjson_get_num(value);
        else if (!give_back(name, value, object_kept, making->arena, object) &&
                 !give_property(making, key, value, object, err))
            return false;
    }
    return true;
}

/* A hard sample's objects are difficult to readers of the file; their own word on that moves to a property.
 */
static void give_hard(const struct making *making, struct voc_object *object)
{
    const struct sample *sample = making->sample;
    if (!making->hard_attributes) {
        object->hard_coefficient = (double)NAN;
        object->hard_reasons = NULL;
        return;
    }
    if (!sample->is_hard)
        return;
    if (isnan(object->hard_coefficient))
        object->hard_coefficient = sample->hard_coefficient;
    if (!object->hard_reasons)
        object->hard_reasons = sample->hard_reasons;
    if (object->difficult) /* there is room for one more than the members of property_json */
        object->properties[object->property_count++] = (struct voc_property){DIFFICULT, object->difficult};
    object->difficult = "1";
}

static bool make_object(const struct making *making, const struct annotation *from, struct voc_object *ret,
                        struct error *err)
{
    *ret = voc_object_none();
    ret->name = from->name;
    ret->confidence = from->confidence;
    if (!voc_shape_json_read(from->shape_json, making->arena, &ret->shape, err) ||
        !give_properties(making, from->property_json, ret, err))
        return error_wrap(err, "label '%.100s'", from->name);
    give_hard(making, ret);
    return true;
}

static bool give_metadata(const struct making *making, struct voc *voc, struct error *err)
{
    AUTO_JSON doc = NULL;
    const char *json = making->sample->metadata_json;
    if (!json)
        return true;
    if (!json_parse((struct bytes){json, strlen(json)}, "the metadata", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
    size_t index, max;
    yyjson_obj_foreach(root, index, max, key, value)
    {
        (void)give_back(yyjson_get_str(key), value, file_kept, making->arena, voc);
    }
    voc->depth = json_integer(root, DEPTH, USUAL_DEPTH);
    return true;
}

bool sample_make_voc(const struct sample *sample, bool hard_attributes, struct arena *arena, struct voc *ret,
                     struct error *err)
{
    const struct making making = {sample, hard_attributes, arena};
    struct voc voc = {.width = sample->width, .height = sample->height};
    voc.objects = arena_array(arena, sample->annotation_count + 1, sizeof(*voc.objects));
    if (!voc.objects)
        return error_no_memory(err);
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (!make_object(&making, &sample->annotations[i], &voc.objects[voc.object_count++], err))
            return false;
    if (!give_metadata(&making, &voc, err))
        return false;
    if (!voc.filename)
        voc.filename = path_base(sample->source);
    *ret = voc;
    return true;
}

/* ---- to a line ---- */

/* One annotation stands for all objects: the first one's author, the latest time. */
static void author_of_objects(const struct sample *sample, const char **author, int64_t *latest_ms)
{
    *author = sample->annotations[0].annotated_by;
    for (size_t i = 0; i < sample->annotation_count; i++)
        if (sample->annotations[i].created_ms > *latest_ms)
            *latest_ms = sample->annotations[i].created_ms;
}

/* When a sample came in as showing nothing is no time of labeling; when it was changed since is. */
static void author_of_nothing(const struct sample *sample, yyjson_val *metadata, const char **author,
                              int64_t *latest_ms)
{
    int64_t told_ms = annotation_time_ms(json_text(metadata, CREATED, NULL));
    int64_t changed_ms = sample->updated_ms > sample->created_ms ? sample->updated_ms : 0;
    *author = json_text(metadata, AUTHOR, ANNOTATED_BY_HUMAN);
    *latest_ms = told_ms > 0 ? told_ms : changed_ms;
}

static bool make_author(const struct sample *sample, yyjson_val *metadata, struct arena *arena,
                        struct manifest_annotation *ret, struct error *err)
{
    char text[CLOCK_TEXT_BYTES];
    const char *author = NULL;
    int64_t latest_ms = 0;
    if (sample->annotation_count > 0)
        author_of_objects(sample, &author, &latest_ms);
    else
        author_of_nothing(sample, metadata, &author, &latest_ms);
    ret->annotated_by = arena_text(arena, author);
    ret->creation_time = latest_ms > 0 ? arena_text(arena, clock_manifest_time(latest_ms, text)) : NULL;
    return (ret->annotated_by && (ret->creation_time || latest_ms == 0)) || error_no_memory(err);
}

bool sample_make_voc_annotation(const struct sample *sample, struct arena *arena,
                                struct manifest_annotation *ret, const char **ret_property, struct error *err)
{
    const char *metadata = sample->metadata_json ? sample->metadata_json : "{}";
    AUTO_JSON doc = NULL;
    AUTO_MUT_JSON out = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *line = yyjson_mut_obj(out), *own = NULL;
    *ret = manifest_annotation_none();
    ret->type = MANIFEST_TYPE_DETECTION;
    ret->annotation_format = "PASCAL VOC";
    if (!line)
        return error_no_memory(err);
    if (!json_parse((struct bytes){metadata, strlen(metadata)}, "the metadata", &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
    size_t index, max;
    yyjson_obj_foreach(root, index, max, key, value)
    {
        if (strcmp(yyjson_get_str(key), PROPERTY) == 0)
            own = yyjson_val_mut_copy(out, value);
        else if (!text_starts_with(yyjson_get_str(key), SAMPLE_VOC_PREFIX))
            (void)yyjson_mut_obj_add(line, yyjson_val_mut_copy(out, key), yyjson_val_mut_copy(out, value));
    }
    return json_as_text(line, arena, ret_property, err) &&
           (!own || json_as_text(own, arena, &ret->property_json, err)) &&
           make_author(sample, root, arena, ret, err);
}
