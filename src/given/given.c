/* SPDX-License-Identifier: Apache-2.0 */
#include "given/given.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/text.h"
#include "given/given_reader.h"
#include "given/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const struct given_reader *const given_readers[] = {&given_reader_modelarts, &given_reader_coco,
                                                    &given_reader_jsonl, NULL};

enum { START_BYTES = 4096, NAME_ARENA_BYTES = 256 * 1024, KNOWN_BYTES = 320 };

struct entry {
    uint64_t whole, base; /* keys of its name and base name */
    uint64_t offset;      /* in the spool */
    uint32_t image;       /* its number */
};
_Static_assert(sizeof(struct entry) == GIVEN_INDEX_BYTES, "as the header says");

struct given {
    const struct given_reader *reader;
    struct given_labels *labels;
    enum activation activation;
    enum model_type type;
    uint32_t embedding_length;
    double lowest_score;
    struct entry *entries; /* by image */
    uint64_t count, capacity;
    struct store_map spool;
    /* While it is read. */
    const struct given_options *options;
    struct store_writer *writer;
    struct arena *name;
    struct buffer row;
    uint64_t bytes;
};

struct given *given_free(struct given *given)
{
    if (!given)
        return NULL;
    store_map_release(&given->spool);
    given->writer = store_writer_free(given->writer);
    given->name = arena_free(given->name);
    buffer_release(&given->row);
    free(given->entries);
    free(given);
    return NULL;
}

uint64_t given_count(const struct given *given)
{
    return given->count;
}

const char *given_format(const struct given *given)
{
    return given->reader->name;
}

enum model_type given_type(const struct given *given)
{
    return given->type;
}

uint32_t given_embedding_length(const struct given *given)
{
    return given->embedding_length;
}

double given_lowest_score(const struct given *given)
{
    return given->lowest_score;
}

bool given_is_answers_only(const struct given *given)
{
    return given->reader->answers_only;
}

const char *given_name(const struct given *given, uint64_t image)
{
    return spool_name(given->spool.bytes, given->entries[image].offset);
}

/* ---- keys ---- */

/* 64 bits of BLAKE2b: two of ten million names share a key once in 400,000 runs. */
static uint64_t key_of(const char *name)
{
    uint64_t key = 0;
    unsigned char hash[crypto_generichash_BYTES_MIN];
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)name, strlen(name), NULL, 0);
    memcpy(&key, hash, sizeof(key));
    return key;
}

void given_keys_of(const char *key, const char *common, struct given_keys *ret)
{
    ret->whole = key_of(key);
    ret->below = key_of(text_starts_with(key, common) ? key + strlen(common) : key);
    ret->base = key_of(path_base(key));
}

/* A path below the folder of the images becomes relative to it; "./a" is "a". */
static bool settle_name(const struct given *given, const char *name, const char **ret, struct error *err)
{
    char *path = NULL;
    const char *folder = given->options->images_folder;
    if (!manifest_source_decode(given->name, name, &path, err))
        return error_wrap(err, "the image name '%.100s'", name);
    while (text_starts_with(path, "./"))
        path += 2;
    bool is_below = folder && path[0] == '/' && path_is_below(path, folder) && strlen(path) > strlen(folder);
    *ret = is_below ? path + strlen(folder) + (folder[1] != '\0') : path;
    return true;
}

/* ---- reading ---- */

static bool make_room(struct given *given, struct error *err)
{
    if (given->count < given->capacity)
        return true;
    uint64_t capacity = given->capacity ? given->capacity * 2 : 1024;
    struct entry *entries = realloc(given->entries, capacity * sizeof(*entries));
    if (!entries)
        return error_no_memory(err);
    given->entries = entries;
    given->capacity = capacity;
    return true;
}

static bool take(void *state, const struct given_image *image, struct error *err)
{
    struct given *given = state;
    const char *name = NULL;
    arena_reset(given->name);
    buffer_clear(&given->row);
    if (!make_room(given, err) || !settle_name(given, image->name, &name, err) ||
        !spool_write(image, &given->row, err) ||
        !store_write_add(given->writer, (struct bytes){given->row.data, given->row.size}, err))
        return false;
    given->entries[given->count] = (struct entry){.whole = key_of(name),
                                                  .base = key_of(path_base(name)),
                                                  .offset = given->bytes,
                                                  .image = (uint32_t)given->count};
    given->count++;
    given->bytes += given->row.size;
    if (given->options->done)
        atomic_fetch_add(given->options->done, 1);
    return true;
}

/* A failure to look inside is told by the reader that tries. */
static bool look(const char *path, bool *ret_is_folder, char start[START_BYTES], size_t *ret_bytes,
                 struct error *err)
{
    struct stat stat_of;
    AUTO(store) store = NULL;
    AUTO(store_reader) reader = NULL;
    *ret_bytes = 0;
    *ret_is_folder = stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
    if (*ret_is_folder)
        return true;
    if (given_file_open(path, &store, &reader, err) &&
        store_read_some(reader, start, START_BYTES, ret_bytes, err))
        return true;
    return err->code == ERR_NOT_FOUND
               ? error_set_detail(err, DETAIL_PATH_NOT_FOUND, "there is no file or folder %s", path)
               : false;
}

static bool unknown_form(const char *path, struct error *err)
{
    char known[KNOWN_BYTES] = "";
    for (const struct given_reader *const *reader = given_readers; *reader; reader++) {
        size_t used = strlen(known);
        (void)snprintf(known + used, sizeof(known) - used, "; %s", (*reader)->summary);
    }
    return error_set(err, ERR_INVALID, "%.100s is not a form of predictions that is known%s", path, known);
}

static bool choose_reader(const struct given_options *options, const struct given_reader **ret,
                          struct error *err)
{
    char start[START_BYTES];
    size_t bytes = 0;
    bool is_folder = false;
    if (!look(options->path, &is_folder, start, &bytes, err))
        return false;
    for (const struct given_reader *const *reader = given_readers; *reader; reader++) {
        *ret = *reader;
        if (options->format ? strcmp(options->format, (*reader)->name) == 0
                            : (*reader)->fits(options->path, is_folder, (struct bytes){start, bytes}))
            return true;
    }
    if (options->format)
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "there is no format of predictions '%.40s'",
                                options->format);
    return unknown_form(options->path, err);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    if (one->whole != other->whole)
        return one->whole > other->whole ? 1 : -1;
    return (one->image > other->image) - (one->image < other->image);
}

static int compare_images(const void *a, const void *b)
{
    const struct entry *one = a, *other = b;
    return (one->image > other->image) - (one->image < other->image);
}

static bool refuse_twins(const struct given *given, const struct entry *entry, struct error *err)
{
    uint64_t first = spool_place(given->spool.bytes, entry[0].offset),
             second = spool_place(given->spool.bytes, entry[1].offset);
    return error_set(err, ERR_INVALID,
                     "%s has two predictions of the image '%.100s', at %llu and %llu; leave one out",
                     given->options->path, spool_name(given->spool.bytes, entry[1].offset),
                     (unsigned long long)first, (unsigned long long)second);
}

static bool check_twins(struct given *given, struct error *err)
{
    bool is_ok = true;
    if (given->count > 0)
        qsort(given->entries, given->count, sizeof(*given->entries), compare_entries);
    for (uint64_t i = 1; is_ok && i < given->count; i++)
        if (given->entries[i].whole == given->entries[i - 1].whole)
            is_ok = refuse_twins(given, &given->entries[i - 1], err);
    if (given->count > 0)
        qsort(given->entries, given->count, sizeof(*given->entries), compare_images);
    return is_ok;
}

static bool read_all(struct given *given, struct error *err)
{
    const struct given_options *options = given->options;
    struct given_sink sink = {.labels = given->labels,
                              .activation = options->activation,
                              .stop = options->stop,
                              .state = given,
                              .take = take,
                              .lowest_score = 1};
    if (!choose_reader(options, &given->reader, err) ||
        !store_write_start(options->data, options->spool, &given->writer, err) ||
        !given->reader->read(options, &sink, err))
        return false;
    if (given->count == 0 || !sink.has_type)
        return error_set(err, ERR_INVALID, "%s holds no prediction", options->path);
    given->type = sink.type;
    given->embedding_length = sink.embedding_length;
    given->lowest_score = sink.lowest_score;
    bool is_done = store_write_finish(given->writer, err);
    given->writer = store_writer_free(given->writer);
    return is_done && store_map(options->data, options->spool, &given->spool, err) && check_twins(given, err);
}

bool given_open(const struct given_options *options, struct given_labels *labels, struct given **ret,
                struct error *err)
{
    AUTO(given) given = calloc(1, sizeof(*given));
    if (!given)
        return error_no_memory(err);
    given->options = options;
    given->labels = labels;
    given->activation = options->activation;
    given->name = arena_new(NAME_ARENA_BYTES);
    buffer_init(&given->row, SPOOL_ROW_MAX_BYTES);
    if (!given->name)
        return error_no_memory(err);
    if (!read_all(given, err))
        return false;
    given->options = NULL;
    *ret = TAKE(given);
    return true;
}

bool given_read(const struct given *given, uint64_t image, const struct given_shape *shape,
                struct arena *arena, struct prediction *ret, struct error *err)
{
    const struct spool_asked asked = {given->labels, given->activation, shape};
    return spool_read(given->spool.bytes, given->entries[image].offset, &asked, arena, ret, err);
}

/* ---- matching ---- */

struct place {
    uint64_t key;
    uint32_t index;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *one = a, *other = b;
    if (one->key != other->key)
        return one->key > other->key ? 1 : -1;
    return (one->index > other->index) - (one->index < other->index);
}

static const struct place *find(const struct place *places, uint64_t count, uint64_t key)
{
    uint64_t low = 0, high = count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (places[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && places[low].key == key ? &places[low] : NULL;
}

static bool is_alone(const struct place *places, uint64_t count, const struct place *place)
{
    return place + 1 == places + count || place[1].key != place->key;
}

static void match_paths(const struct place *places, uint64_t predictions, const struct given_keys *images,
                        uint64_t count, uint32_t *ret, bool *ret_is_used)
{
    for (int round = 0; round < 2; round++)
        for (uint64_t i = 0; i < count; i++) {
            const struct place *found = NULL;
            if (ret[i] == GIVEN_NONE)
                found = find(places, predictions, round == 0 ? images[i].whole : images[i].below);
            if (!found || ret_is_used[found->index])
                continue;
            ret[i] = found->index;
            ret_is_used[found->index] = true;
        }
}

static uint64_t list_bases(const struct given_keys *images, uint64_t count, struct place *ret)
{
    for (uint64_t i = 0; i < count; i++)
        ret[i] = (struct place){images[i].base, (uint32_t)i};
    if (count > 0)
        qsort(ret, count, sizeof(*ret), compare_places);
    return count;
}

static void match_bases(const struct given *given, struct place *places, const struct place *bases,
                        uint64_t count, uint32_t *ret, bool *ret_is_used)
{
    for (uint64_t i = 0; i < given->count; i++)
        places[i] = (struct place){given->entries[i].base, (uint32_t)i};
    if (given->count > 0)
        qsort(places, given->count, sizeof(*places), compare_places);
    for (uint64_t i = 0; i < given->count; i++) {
        bool is_first = i == 0 || places[i - 1].key != places[i].key;
        if (!is_first || !is_alone(places, given->count, &places[i]) || ret_is_used[places[i].index])
            continue;
        const struct place *found = find(bases, count, places[i].key);
        if (!found || !is_alone(bases, count, found) || ret[found->index] != GIVEN_NONE)
            continue;
        ret[found->index] = places[i].index;
        ret_is_used[places[i].index] = true;
    }
}

bool given_match(const struct given *given, const struct given_keys *images, uint64_t count, uint32_t *ret,
                 bool *ret_is_used, struct error *err)
{
    struct place *places = calloc(given->count + 1, sizeof(*places));
    struct place *bases = calloc(count + 1, sizeof(*bases));
    bool has_memory = places && bases;
    if (has_memory) {
        for (uint64_t i = 0; i < given->count; i++)
            places[i] = (struct place){given->entries[i].whole, (uint32_t)i};
        if (given->count > 0)
            qsort(places, given->count, sizeof(*places), compare_places);
        memset(ret_is_used, 0, given->count * sizeof(*ret_is_used));
        for (uint64_t i = 0; i < count; i++)
            ret[i] = GIVEN_NONE;
        match_paths(places, given->count, images, count, ret, ret_is_used);
        match_bases(given, places, bases, list_bases(images, count, bases), ret, ret_is_used);
    }
    free(places);
    free(bases);
    return has_memory || error_no_memory(err);
}
