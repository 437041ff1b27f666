/* SPDX-License-Identifier: Apache-2.0 */
#include "work/measure_version.h"

#include "base/path.h"
#include "work/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PAGE_OF_BOXES = 50, /* samples may have 10,000 boxes */
    WHOLE_ARENA_BYTES = 64 * 1024,
    PAGE_ARENA_BYTES = 256 * 1024 * 1024,
    LINE_ARENA_BYTES = MANIFEST_ARENA_BYTES + VOC_ARENA_BYTES + 64 * 1024 * 1024,
};

struct measured_line {
    enum feature_usage usage;
    struct param_list labels;
};
struct measuring {
    const struct version_measuring *request;
    enum model_type type;
    struct look_crew *crew;
    struct arena *whole, *page, *line; /* of the version, of a page of lines, of one */
    struct store_reader *reader;
    struct manifest_lines *lines;
    struct annotation_files files;
    struct feature_set_writer *set;
    char last_id[HASH_HEX_BYTES];
    uint64_t unreadable;
    size_t count;
    /* SAMPLE_LOOKS_PAGE each: lines, their images, those of them that must be read, and what was seen. */
    struct measured_line *read;
    struct look_wish *wishes, *unseen;
    struct look_seen *seen;
    const struct sample_features *known[SAMPLE_LOOKS_PAGE]; /* of the lines */
};

/* ---- a page of lines ---- */

static bool read_piece(void *state, void *into, size_t capacity, size_t *ret_bytes, struct error *err)
{
    return store_read_some(state, into, capacity, ret_bytes, err);
}

static bool check_id(struct measuring *measuring, const char *id, uint64_t number, struct error *err)
{
    if (!id || strlen(id) != HASH_HEX_BYTES - 1 || strcmp(id, measuring->last_id) <= 0)
        return error_set(err, ERR_INVALID,
                         "line %llu of the manifest of version '%s' is not behind the one before it: it was "
                         "changed since it was published",
                         (unsigned long long)number, measuring->request->version->name);
    memcpy(measuring->last_id, id, sizeof(measuring->last_id));
    return true;
}

/* Copies what is needed of a line into the page. */
static bool keep_line(struct measuring *measuring, const struct manifest_sample *line,
                      const struct truth *truth, struct error *err)
{
    struct arena *page = measuring->page;
    struct look_wish *wish = &measuring->wishes[measuring->count];
    const char **labels = arena_array(page, truth->count + 1, sizeof(*labels));
    struct box *boxes = truth->boxes ? arena_array(page, truth->count + 1, sizeof(*boxes)) : NULL;
    int usage = feature_usage_of(manifest_usage(line->usage));
    *wish = (struct look_wish){.id = arena_text(page, line->id), .source = arena_text(page, line->source)};
    if (!wish->id || !wish->source || !labels || (truth->boxes && !boxes))
        return error_no_memory(err);
    for (uint32_t i = 0; i < truth->count; i++) {
        labels[i] = arena_text(page, truth->labels[i]);
        if (!labels[i])
            return error_no_memory(err);
    }
    if (boxes && truth->count > 0)
        memcpy(boxes, truth->boxes, truth->count * sizeof(*boxes));
    wish->has_boxes = measuring->type == MODEL_TYPE_DETECTION && truth->labels;
    wish->boxes = boxes;
    wish->box_count = wish->has_boxes ? truth->count : 0;
    look_hash_boxes(wish);
    measuring->read[measuring->count++] = (struct measured_line){
        usage < 0 ? FEATURE_USAGE_NONE : (enum feature_usage)usage, {labels, truth->count}};
    return true;
}

static bool read_line(struct measuring *measuring, bool *ret_over, struct error *err)
{
    struct bytes text;
    struct manifest_sample line;
    struct truth truth;
    uint64_t number = 0;
    const char *version = measuring->request->version->name;
    arena_reset(measuring->line);
    if (!manifest_lines_next(measuring->lines, &text, &number, err))
        return error_wrap(err, "the manifest of version '%s'", version);
    *ret_over = text.data == NULL;
    if (*ret_over)
        return true;
    if (!manifest_line_read(text, measuring->line, &line, err) ||
        !truth_read(&line, measuring->type, &measuring->files, measuring->line, &truth, err))
        return error_wrap(err, "line %llu of the manifest of version '%s'", (unsigned long long)number,
                          version);
    return check_id(measuring, line.id, number, err) && keep_line(measuring, &line, &truth, err);
}

static bool read_page(struct measuring *measuring, bool *ret_over, struct error *err)
{
    size_t most = measuring->type == MODEL_TYPE_DETECTION ? PAGE_OF_BOXES : SAMPLE_LOOKS_PAGE;
    arena_reset(measuring->page);
    measuring->count = 0;
    *ret_over = false;
    while (measuring->count < most && !*ret_over)
        if (!read_line(measuring, ret_over, err))
            return false;
    return true;
}

/* ---- its images ---- */

static bool is_known(const struct sample_features *known, const struct look_wish *wish)
{
    return known && (!wish->has_boxes || strcmp(known->boxes, wish->boxes_hash) == 0);
}

static bool find_known(struct measuring *measuring, struct error *err)
{
    const char **ids = arena_array(measuring->page, measuring->count + 1, sizeof(*ids));
    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < measuring->count; i++)
        ids[i] = measuring->wishes[i].id;
    return sample_features_find(measuring->request->db, measuring->page, ids, measuring->count,
                                measuring->known, err);
}

static bool look_at_unknown(struct measuring *measuring, struct error *err)
{
    const struct version_measuring *wanted = measuring->request;
    size_t unseen = 0;
    for (size_t i = 0; i < measuring->count; i++)
        if (!is_known(measuring->known[i], &measuring->wishes[i]))
            measuring->unseen[unseen++] = measuring->wishes[i];
    atomic_fetch_add(wanted->done, (int_fast64_t)(measuring->count - unseen));
    const struct look_request request = {wanted->roots, wanted->stop, wanted->done, measuring->unseen,
                                         unseen};
    return look_at(measuring->crew, &request, measuring->seen, err) &&
           look_keep(wanted->db, measuring->page, measuring->unseen, measuring->seen, unseen, err);
}

/* Of an image whose boxes are not known those of others do not count. */
static bool add(struct measuring *measuring, size_t index, const struct sample_features *features,
                struct error *err)
{
    const struct measured_line *line = &measuring->read[index];
    double values[FEATURE_COUNT];
    for (int f = 0; f < FEATURE_COUNT; f++) {
        bool counts = features && (f < FEATURE_BOX_COUNT || measuring->wishes[index].has_boxes);
        values[f] = counts ? features->values[f] : (double)NAN;
    }
    return feature_set_add(measuring->set, values, line->usage, line->labels, err);
}

static bool add_page(struct measuring *measuring, struct error *err)
{
    const struct version_measuring *request = measuring->request;
    size_t at = 0;
    for (size_t i = 0; i < measuring->count; i++) {
        const struct look_wish *wish = &measuring->wishes[i];
        const struct sample_features *features = measuring->known[i];
        if (!is_known(features, wish)) {
            const struct look_seen *seen = &measuring->seen[at++];
            features = seen->is_measured ? &seen->features : NULL;
            if (!seen->is_measured) {
                const struct sample_unseen sample = {wish->id, wish->source};
                measuring->unreadable++;
                request->refuse(request->state, &sample, &seen->why);
            }
        }
        if (!add(measuring, i, features, err))
            return false;
    }
    return true;
}

/* ---- all of them ---- */

static bool measure_all(struct measuring *measuring, struct error *err)
{
    bool is_over = false;
    while (!is_over) {
        if (atomic_load(&measuring->request->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if (!read_page(measuring, &is_over, err) || !find_known(measuring, err) ||
            !look_at_unknown(measuring, err) || !add_page(measuring, err))
            return false;
    }
    return feature_set_finish(measuring->set, measuring->unreadable, err);
}

static bool open_all(struct measuring *measuring, struct error *err)
{
    const struct version_measuring *request = measuring->request;
    struct feature_set_place place;
    const char *folder = path_folder(measuring->whole, request->version->manifest_key);
    const char *beside = folder ? path_join(measuring->whole, store_url(request->data), folder) : NULL;
    if (!beside)
        return error_no_memory(err);
    /* The manifest is our own, and so are the files that it names. */
    return feature_place_of_version(request->data, request->version, &place, err) &&
           annotation_files_open(NULL, beside, &measuring->files, err) &&
           feature_set_start(&place, (uint64_t)request->version->samples, &measuring->set, err) &&
           store_read_start(request->data, request->version->manifest_key, &measuring->reader, err) &&
           manifest_lines_new(read_piece, measuring->reader, &measuring->lines, err);
}

static void close_all(struct measuring *measuring)
{
    measuring->lines = manifest_lines_free(measuring->lines);
    measuring->reader = store_reader_free(measuring->reader);
    measuring->set = feature_set_writer_free(measuring->set);
    annotation_files_release(&measuring->files);
    free(measuring->read);
    free(measuring->wishes);
    free(measuring->unseen);
    free(measuring->seen);
}

bool measure_version(const struct version_measuring *request, struct error *err)
{
    AUTO(arena) whole = arena_new(WHOLE_ARENA_BYTES);
    AUTO(arena) page = arena_new(PAGE_ARENA_BYTES);
    AUTO(arena) line = arena_new(LINE_ARENA_BYTES);
    AUTO(look_crew) crew = look_crew_new(request->threads);
    struct measuring measuring = {
        .request = request, .crew = crew, .whole = whole, .page = page, .line = line};
    measuring.type = strcmp(request->dataset->dataset_type, DATASET_TYPE_DETECTION) == 0
                         ? MODEL_TYPE_DETECTION
                         : MODEL_TYPE_CLASSIFICATION;
    measuring.read = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.read));
    measuring.wishes = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.wishes));
    measuring.unseen = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.unseen));
    measuring.seen = calloc(SAMPLE_LOOKS_PAGE, sizeof(*measuring.seen));
    bool is_whole = whole && page && line && crew && measuring.read && measuring.wishes && measuring.unseen &&
                    measuring.seen;
    bool is_done =
        is_whole ? open_all(&measuring, err) && measure_all(&measuring, err) : error_no_memory(err);
    close_all(&measuring);
    return is_done;
}
