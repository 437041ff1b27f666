/* SPDX-License-Identifier: Apache-2.0 */
#include "work/feature_set.h"

#include "base/json.h"
#include "base/path.h"
#include "base/text.h"
#include "record/npy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SET_FORMAT = 1,
    SET_COLUMNS = 2,
    JSON_MAX_BYTES = 64 * 1024 * 1024,
    NAMES_ARENA_BYTES = 128 * 1024 * 1024,
    FLUSH_BYTES = 1024 * 1024,
};
#define COLUMN_MAX_BYTES ((size_t)NPY_FILE_MAX_BYTES)

enum set_file { FILE_FEATURES, FILE_SAMPLES, FILE_LABELS, FILE_COUNT };
static const char *const file_names[FILE_COUNT] = {"features.npy", "samples.npy", "labels.npy"};
#define INFO_NAME "set.json"

static const char *const usage_names[FEATURE_USAGE_COUNT] = {"none", "TRAIN", "EVAL", "TEST", "INFERENCE"};

const char *feature_usage_name(enum feature_usage usage)
{
    return usage_names[usage];
}

int feature_usage_of(const char *name)
{
    for (int usage = 0; name && usage < FEATURE_USAGE_COUNT; usage++)
        if (strcmp(usage_names[usage], name) == 0)
            return usage;
    return -1;
}

static bool key_of(const struct feature_set_place *place, const char *name,
                   char ret[FEATURE_SET_KEY_BYTES + 32], struct error *err)
{
    int length = snprintf(ret, FEATURE_SET_KEY_BYTES + 32, "%s/%s", place->folder, name);
    return (length > 0 && length < FEATURE_SET_KEY_BYTES + 32) ||
           error_set(err, ERR_LIMIT, "the folder of features is longer than %d bytes", FEATURE_SET_KEY_BYTES);
}

static bool place_in(struct store *data, const char *folder, size_t length, const char *of,
                     struct feature_set_place *ret, struct error *err)
{
    int bytes = snprintf(ret->folder, sizeof(ret->folder), "%.*s/features", (int)length, folder);
    ret->data = data;
    if (bytes < 0 || (size_t)bytes >= sizeof(ret->folder) || !text_copy(ret->of, sizeof(ret->of), of))
        return error_set(err, ERR_LIMIT,
                         "the features of '%.60s' have no place: its folder's name is too long", of);
    return true;
}

bool feature_place_of_version(struct store *data, const struct dataset_version *version,
                              struct feature_set_place *ret, struct error *err)
{
    size_t folder = strlen(version->manifest_key) - strlen(path_base(version->manifest_key));
    return place_in(data, version->manifest_key, folder > 0 ? folder - 1 : 0, version->manifest_hash, ret,
                    err);
}

bool feature_place_of_run(struct store *data, const struct run *run, struct feature_set_place *ret,
                          struct error *err)
{
    return place_in(data, run->records_key, strlen(run->records_key), run->id, ret, err);
}

/* ---- making ---- */

struct feature_set_writer {
    struct feature_set_place place;
    struct arena *arena;
    struct store_writer *file;
    struct buffer rows; /* of features, until there are enough to be written */
    struct buffer samples, labels;
    const char **names; /* in the order of their places */
    uint32_t *sorted;   /* places by name */
    uint32_t *last;     /* the sample that had the label last, from 1 */
    uint32_t name_count;
    uint64_t count, added;
};

struct feature_set_writer *feature_set_writer_free(struct feature_set_writer *writer)
{
    if (!writer)
        return NULL;
    (void)store_writer_free(writer->file);
    buffer_release(&writer->rows);
    buffer_release(&writer->samples);
    buffer_release(&writer->labels);
    (void)arena_free(writer->arena);
    free(writer);
    return NULL;
}

static bool flush(struct feature_set_writer *writer, struct error *err)
{
    const struct bytes piece = {writer->rows.data, writer->rows.size};
    if (!buffer_check(&writer->rows, "features", err) || !store_write_add(writer->file, piece, err))
        return false;
    buffer_clear(&writer->rows);
    return true;
}

static bool start(struct feature_set_writer *writer, struct error *err)
{
    char key[FEATURE_SET_KEY_BYTES + 32];
    size_t most = FEATURE_SET_LABELS_MAX;
    writer->arena = arena_new(NAMES_ARENA_BYTES);
    if (writer->arena) {
        writer->names = arena_array(writer->arena, most, sizeof(*writer->names));
        writer->sorted = arena_array(writer->arena, most, sizeof(*writer->sorted));
        writer->last = arena_array(writer->arena, most, sizeof(*writer->last));
    }
    if (!writer->names || !writer->sorted || !writer->last)
        return error_no_memory(err);
    return key_of(&writer->place, file_names[FILE_FEATURES], key, err) &&
           store_write_start(writer->place.data, key, &writer->file, err) &&
           npy_start(&writer->rows, NPY_F8, writer->count, FEATURE_COUNT, err) && flush(writer, err);
}

bool feature_set_start(const struct feature_set_place *place, uint64_t count, struct feature_set_writer **ret,
                       struct error *err)
{
    if (count > FEATURE_SET_MAX)
        return error_set(err, ERR_LIMIT, "features are compared of at most %d images, not of %llu",
                         FEATURE_SET_MAX, (unsigned long long)count);
    AUTO(feature_set_writer) writer = calloc(1, sizeof(*writer));
    if (!writer)
        return error_no_memory(err);
    writer->place = *place;
    writer->count = count;
    buffer_init(&writer->rows, 2 * (size_t)FLUSH_BYTES);
    buffer_init(&writer->samples, COLUMN_MAX_BYTES);
    buffer_init(&writer->labels, COLUMN_MAX_BYTES);
    if (!start(writer, err))
        return false;
    *ret = TAKE(writer);
    return true;
}

static bool place_of_name(struct feature_set_writer *writer, const char *name, uint32_t *ret,
                          struct error *err)
{
    uint32_t low = 0, high = writer->name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(writer->names[writer->sorted[middle]], name);
        *ret = writer->sorted[middle];
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (writer->name_count >= FEATURE_SET_LABELS_MAX)
        return error_set(err, ERR_LIMIT, "features are compared of at most %d labels",
                         FEATURE_SET_LABELS_MAX);
    memmove(&writer->sorted[low + 1], &writer->sorted[low],
            (writer->name_count - low) * sizeof(*writer->sorted));
    writer->sorted[low] = writer->name_count;
    writer->last[writer->name_count] = 0;
    writer->names[writer->name_count] = arena_text(writer->arena, name);
    *ret = writer->name_count;
    return writer->names[writer->name_count++] || error_no_memory(err);
}

bool feature_set_add(struct feature_set_writer *writer, const double features[FEATURE_COUNT],
                     enum feature_usage usage, struct param_list labels, struct error *err)
{
    uint32_t number = (uint32_t)++writer->added;
    for (size_t i = 0; i < labels.count; i++) {
        uint32_t place = 0;
        if (!place_of_name(writer, labels.items[i], &place, err))
            return false;
        if (writer->last[place] == number)
            continue;
        writer->last[place] = number;
        (void)buffer_add(&writer->labels, &place, sizeof(place));
    }
    const uint32_t row[SET_COLUMNS] = {(uint32_t)usage, (uint32_t)(writer->labels.size / sizeof(uint32_t))};
    (void)buffer_add(&writer->samples, row, sizeof(row));
    (void)buffer_add(&writer->rows, features, FEATURE_COUNT * sizeof(*features));
    return writer->rows.size < FLUSH_BYTES || flush(writer, err);
}

static bool put(const struct feature_set_writer *writer, enum set_file file, const struct buffer *from,
                uint64_t rows, uint64_t columns, struct error *err)
{
    char key[FEATURE_SET_KEY_BYTES + 32];
    const struct npy_array array = {NPY_U4, rows, columns, from->data};
    return buffer_check(from, file_names[file], err) && key_of(&writer->place, file_names[file], key, err) &&
           npy_put(writer->place.data, key, &array, err);
}

static bool put_info(const struct feature_set_writer *writer, uint64_t unreadable, struct error *err)
{
    char key[FEATURE_SET_KEY_BYTES + 32];
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_int(doc, root, "format", SET_FORMAT);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "of", writer->place.of);
    (void)yyjson_mut_obj_add_uint(doc, root, "unreadable", unreadable);
    yyjson_mut_val *names = yyjson_mut_obj_add_arr(doc, root, "labels");
    for (uint32_t i = 0; i < writer->name_count; i++)
        if (!yyjson_mut_arr_add_str(doc, names, writer->names[i]))
            return error_no_memory(err);
    return key_of(&writer->place, INFO_NAME, key, err) && json_write(doc, false, &text, err) &&
           store_put(writer->place.data, key, (struct bytes){text.data, text.size}, err);
}

bool feature_set_finish(struct feature_set_writer *writer, uint64_t unreadable, struct error *err)
{
    uint64_t labels = writer->labels.size / sizeof(uint32_t);
    if (writer->added != writer->count)
        return error_set(err, ERR_INVALID, "%llu images were measured where %llu were expected",
                         (unsigned long long)writer->added, (unsigned long long)writer->count);
    return flush(writer, err) && store_write_finish(writer->file, err) &&
           put(writer, FILE_SAMPLES, &writer->samples, writer->added, SET_COLUMNS, err) &&
           put(writer, FILE_LABELS, &writer->labels, labels, 0, err) && put_info(writer, unreadable, err);
}

/* ---- reading ---- */

void feature_set_release(struct feature_set *set)
{
    for (int file = 0; file < FILE_COUNT; file++)
        store_map_release(&set->maps[file]);
    (void)arena_free(set->arena);
    *set = (struct feature_set){0};
}

static bool read_names(struct feature_set *set, yyjson_val *list)
{
    size_t index, max;
    yyjson_val *name;
    size_t count = yyjson_arr_size(list);
    if (count > FEATURE_SET_LABELS_MAX)
        return false;
    const char **names = arena_array(set->arena, count + 1, sizeof(*names));
    yyjson_arr_foreach(list, index, max, name)
    {
        const char *text = yyjson_get_str(name);
        char *copy = text && names ? arena_text(set->arena, text) : NULL;
        if (!copy)
            return false;
        names[index] = copy;
    }
    set->names = names;
    set->name_count = count;
    return names != NULL;
}

static bool read_info(const struct feature_set_place *place, struct feature_set *set, struct error *err)
{
    char key[FEATURE_SET_KEY_BYTES + 32];
    AUTO_JSON doc = NULL;
    AUTO_BUFFER(text, JSON_MAX_BYTES);
    if (!key_of(place, INFO_NAME, key, err) || !store_get(place->data, key, &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, key, &doc, err))
        return false;
    yyjson_val *root = yyjson_doc_get_root(doc);
    bool is_it =
        json_integer(root, "format", 0) == SET_FORMAT && strcmp(json_text(root, "of", ""), place->of) == 0;
    if (!is_it)
        return error_set(err, ERR_NOT_FOUND, "%s is of something else", key);
    set->unreadable = (uint64_t)json_integer(root, "unreadable", 0);
    return read_names(set, yyjson_obj_get(root, "labels")) ||
           error_set(err, ERR_INVALID, "%s is damaged: measure the features again", key);
}

static bool map(const struct feature_set_place *place, enum set_file file, struct feature_set *set,
                struct npy_array *ret, struct error *err)
{
    char key[FEATURE_SET_KEY_BYTES + 32];
    if (!key_of(place, file_names[file], key, err) || !store_map(place->data, key, &set->maps[file], err))
        return false;
    return npy_read(set->maps[file].bytes, ret, err) || error_wrap(err, "%s", key);
}

/* Ends of labels grow up to their number, and all places are those of names. */
static bool is_sound(const struct feature_set *set)
{
    uint32_t end = 0;
    for (uint64_t i = 0; i < set->count; i++) {
        uint32_t next = set->samples[SET_COLUMNS * i + 1];
        if (set->samples[SET_COLUMNS * i] >= FEATURE_USAGE_COUNT || next < end)
            return false;
        end = next;
    }
    for (uint64_t i = 0; i < set->label_count; i++)
        if (set->labels[i] >= set->name_count)
            return false;
    return end == set->label_count;
}

static bool read_arrays(const struct feature_set_place *place, struct feature_set *set, struct error *err)
{
    struct npy_array features, samples, labels;
    if (!map(place, FILE_FEATURES, set, &features, err) || !map(place, FILE_SAMPLES, set, &samples, err) ||
        !map(place, FILE_LABELS, set, &labels, err))
        return false;
    bool fits = features.type == NPY_F8 && features.columns == FEATURE_COUNT && samples.type == NPY_U4 &&
                samples.columns == SET_COLUMNS && samples.rows == features.rows && labels.type == NPY_U4 &&
                labels.columns == 0 && features.rows <= FEATURE_SET_MAX;
    set->features = features.data;
    set->samples = samples.data;
    set->labels = labels.data;
    set->count = features.rows;
    set->label_count = labels.rows;
    return (fits && is_sound(set)) ||
           error_set(err, ERR_INVALID, "the files in %s do not belong together: measure the features again",
                     place->folder);
}

bool feature_set_open(const struct feature_set_place *place, struct feature_set *ret, struct error *err)
{
    *ret = (struct feature_set){.arena = arena_new(NAMES_ARENA_BYTES)};
    return (ret->arena || error_no_memory(err)) && read_info(place, ret, err) && read_arrays(place, ret, err);
}

/* ---- choosing ---- */

int64_t feature_set_label(const struct feature_set *set, const char *name)
{
    for (size_t i = 0; name && i < set->name_count; i++)
        if (strcmp(set->names[i], name) == 0)
            return (int64_t)i;
    return name ? -2 : -1;
}

static bool has_label(const struct feature_set *set, uint64_t sample, int64_t label)
{
    uint32_t from = sample > 0 ? set->samples[SET_COLUMNS * sample - 1] : 0;
    for (uint32_t i = from; i < set->samples[SET_COLUMNS * sample + 1]; i++)
        if (set->labels[i] == label)
            return true;
    return false;
}

static bool is_chosen(const struct feature_set *set, const struct feature_choice *choice, uint64_t sample)
{
    return (choice->usage < 0 || set->samples[SET_COLUMNS * sample] == (uint32_t)choice->usage) &&
           (choice->label == -1 || has_label(set, sample, choice->label));
}

void feature_set_count(const struct feature_set *set, const struct feature_choice *choice,
                       uint64_t ret[FEATURE_USAGE_COUNT])
{
    memset(ret, 0, FEATURE_USAGE_COUNT * sizeof(*ret));
    for (uint64_t i = 0; i < set->count; i++)
        ret[set->samples[SET_COLUMNS * i]] += is_chosen(set, choice, i);
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return (one > other) - (one < other);
}

struct shift_values feature_set_values(const struct feature_set *set, const struct feature_choice *choice,
                                       enum record_feature feature, double *into)
{
    uint32_t count = 0;
    for (uint64_t i = 0; i < set->count; i++) {
        double value = set->features[FEATURE_COUNT * i + feature];
        if (isfinite(value) && is_chosen(set, choice, i))
            into[count++] = value;
    }
    if (count > 1)
        qsort(into, count, sizeof(*into), by_value);
    return (struct shift_values){into, count};
}
