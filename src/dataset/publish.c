/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/path.h"
#include "base/text.h"
#include "dataset/dataset_check.h"
#include "dataset/sample_manifest.h"
#include "dataset/sample_voc.h"
#include "dataset/split.h"
#include "dataset/version.h"

#include <math.h>
#include <string.h>

/* A page is in memory at once: small enough for samples of the largest size. */
enum {
    PAGE_SAMPLES = 200,
    PAGE_SAMPLES_OF_BOXES = 50, /* SAMPLE_BOXES_MAX boxes take about 4 MB */
    PAGE_ARENA_BYTES = 512 * 1024 * 1024,
    FILE_ARENA_BYTES = 64 * 1024 * 1024,
    LINES_MAX_BYTES = 16 * 1024 * 1024,
    FLUSH_BYTES = 256 * 1024,
    DESCRIPTION_MAX_CHARACTERS = 256,
    STEM_MAX_BYTES = 100, /* of the image's name in the name of its annotation file */
};

struct publishing {
    const struct dataset_publish *request;
    struct store *data;
    const char *folder; /* key of the version's */
    bool is_detection;
    struct arena *page, *of_sample; /* of one page of samples, of one annotation file */
    struct buffer *lines;
    struct store_writer *file;
    struct split *split; /* NULL: none */
    struct hash hash;
    int64_t samples, labeled;
};

static bool flush(struct publishing *publishing, struct error *err)
{
    struct bytes piece = {publishing->lines->data, publishing->lines->size};
    if (piece.size == 0)
        return true;
    hash_add(&publishing->hash, piece.data, piece.size);
    if (!store_write_add(publishing->file, piece, err))
        return false;
    buffer_clear(publishing->lines);
    return true;
}

/* "cat_1-HASH.xml" for "/in/cat 1.jpg". The hash is of the sample and of what the file says, so no two
 * publications ever write different bytes to the same file. */
static const char *file_key(const struct publishing *publishing, const struct sample *sample,
                            struct bytes file)
{
    char stem[STEM_MAX_BYTES + 1], hash_hex[HASH_HEX_BYTES];
    const char *name = path_base(sample->source);
    size_t length = strlen(name) - strlen(path_suffix(name));
    struct hash hash;
    length = length < STEM_MAX_BYTES ? length : STEM_MAX_BYTES;
    for (size_t i = 0; i < length; i++) {
        bool is_plain = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-", name[i]);
        stem[i] = '_';
        if (is_plain)
            stem[i] = name[i];
    }
    stem[length] = '\0';
    hash_start(&hash);
    hash_add_text(&hash, sample->id);
    hash_add(&hash, file.data, file.size);
    hash_finish(&hash, hash_hex);
    return arena_printf(publishing->page, "%s/annotation/%s-%s.xml", publishing->folder, stem, hash_hex);
}

static bool write_boxes(struct publishing *publishing, const struct sample *sample, const char **ret_loc,
                        struct error *err)
{
    struct voc voc;
    AUTO_BUFFER(file, VOC_FILE_MAX_BYTES);
    arena_reset(publishing->of_sample);
    if (!sample_make_voc(sample, publishing->request->hard_attributes, publishing->of_sample, &voc, err) ||
        !voc_write(&voc, &file, err))
        return false;
    const struct bytes bytes = {file.data, file.size};
    const char *key = file_key(publishing, sample, bytes);
    char *path = key ? path_join(publishing->page, store_url(publishing->data), key) : NULL;
    *ret_loc = path ? manifest_source_encode(publishing->page, path) : NULL;
    return *ret_loc ? store_put_fast(publishing->data, key, bytes, err) : error_no_memory(err);
}

static bool is_labeled(const struct sample *sample)
{
    return strcmp(sample->state, SAMPLE_LABELED) == 0;
}

/* Whether the split, not the sample itself, says what it is for. */
static bool is_split_anew(const struct publishing *publishing, const struct sample *sample)
{
    return publishing->split && (!publishing->request->keep_usage || !sample->usage);
}

static const char *usage_of(const struct publishing *publishing, const struct sample *sample)
{
    if (!is_split_anew(publishing, sample))
        return sample->usage;
    return is_labeled(sample) ? split_usage(publishing->split, sample) : NULL;
}

static bool write_sample(struct publishing *publishing, const struct sample *stored, struct error *err)
{
    struct sample written = *stored, *sample = &written;
    sample->usage = usage_of(publishing, stored);
    struct manifest_sample line;
    struct manifest_form form = {.is_detection = publishing->is_detection,
                                 .hard_attributes = publishing->request->hard_attributes};
    bool has_file = publishing->is_detection && is_labeled(sample);
    if ((has_file && !write_boxes(publishing, sample, &form.annotation_loc, err)) ||
        !manifest_of_sample(sample, &form, publishing->page, &line, err) ||
        !manifest_line_write(&line, publishing->lines, err))
        return error_wrap(err, "sample '%s'", sample->id);
    publishing->samples++;
    publishing->labeled += line.annotation_count > 0;
    return publishing->lines->size < FLUSH_BYTES || flush(publishing, err);
}

static bool go_on(const struct dataset_publish *request, struct error *err)
{
    bool is_stopped = request->stop && atomic_load(&request->stop->is_set);
    return !is_stopped || error_set(err, ERR_CANCELLED, "publishing was stopped");
}

static bool write_page(struct publishing *publishing, const struct sample_page *page, struct error *err)
{
    const struct dataset_publish *request = publishing->request;
    for (size_t i = 0; i < page->count; i++)
        if (!write_sample(publishing, &page->samples[i], err))
            return false;
    if (request->done)
        atomic_fetch_add(request->done, (int_fast64_t)page->count);
    return true;
}

static bool split_page(struct publishing *publishing, const struct sample_page *page, struct error *err)
{
    for (size_t i = 0; i < page->count; i++) {
        const struct sample *sample = &page->samples[i];
        if (!split_add(publishing->split, sample, is_split_anew(publishing, sample), err))
            return false;
    }
    return true;
}

/* Gives all samples, or those of a state, to `take`, page by page. */
typedef bool page_taker(struct publishing *publishing, const struct sample_page *page, struct error *err);
static bool visit_samples(struct publishing *publishing, struct db *db, const char *dataset_id,
                          const char *state, page_taker *take, struct error *err)
{
    struct sample_filter filter;
    char cursor[256];
    sample_filter_init(&filter);
    filter.state = state;
    filter.sort = "id";
    filter.limit = publishing->is_detection ? PAGE_SAMPLES_OF_BOXES : PAGE_SAMPLES;
    do {
        struct sample_page page;
        arena_reset(publishing->page);
        if (!samples_page(db, publishing->page, dataset_id, &filter, &page, err) ||
            !go_on(publishing->request, err) || !take(publishing, &page, err))
            return false;
        if (page.cursor && !text_copy(cursor, sizeof(cursor), page.cursor))
            return error_set(err, ERR_LIMIT, "a cursor is longer than %zu bytes", sizeof(cursor));
        filter.cursor = page.cursor ? cursor : NULL;
    } while (filter.cursor);
    return true;
}

static bool write_samples(struct publishing *publishing, struct db *db, const char *dataset_id,
                          struct error *err)
{
    if (publishing->split && (!visit_samples(publishing, db, dataset_id, SAMPLE_LABELED, split_page, err) ||
                              !split_settle(publishing->split, err)))
        return false;
    return visit_samples(publishing, db, dataset_id, NULL, write_page, err) && flush(publishing, err);
}

static bool nothing_to_publish(const struct dataset *dataset, struct error *err)
{
    return error_set_detail(err, DETAIL_NOTHING_TO_PUBLISH, "dataset '%s' has no labeled sample",
                            dataset->name);
}

static bool check_request(const struct dataset *dataset, const struct dataset_publish *request,
                          struct error *err)
{
    if (request->name &&
        !dataset_check_name(request->name, "version name", DATASET_VERSION_NAME_MAX_CHARACTERS, err))
        return false;
    bool has_description = request->description && request->description[0] != '\0';
    if (has_description &&
        !text_check_name(request->description, "description", DESCRIPTION_MAX_CHARACTERS, "", err))
        return false;
    if (!(request->train_ratio >= 0 && request->train_ratio <= 1))
        return error_set_detail(err, DETAIL_INVALID_ARGUMENT, "a train ratio is from 0 to 1, not %g",
                                request->train_ratio);
    return dataset->labeled > 0 || nothing_to_publish(dataset, err);
}

/* Everything of the version but what writing the file tells. */
static bool start_version(struct publishing *publishing, struct db *db, struct arena *arena,
                          const struct dataset *dataset, struct dataset_version *ret, struct error *err)
{
    const struct dataset_publish *request = publishing->request;
    struct dataset_version version = {
        .dataset_id = dataset->id,
        .description = request->description ? arena_text(arena, request->description) : "",
        .has_hard_attributes = request->hard_attributes,
        .train_ratio = publishing->split ? request->train_ratio : (double)NAN,
        .seed = (int64_t)request->seed,
    };
    const char *name = NULL;
    if (!version_choose_name(db, arena, dataset->id, request->name, &name, err))
        return false;
    version.name = arena_text(arena, name);
    const char *folder =
        arena_printf(arena, "datasets/%s-%s/annotation/%s", dataset->name, dataset->id, name);
    version.manifest_key = folder ? arena_printf(arena, "%s/%s.manifest", folder, name) : NULL;
    publishing->folder = folder;
    publishing->is_detection = strcmp(dataset->dataset_type, DATASET_TYPE_DETECTION) == 0;
    if (!version.description || !version.name || !version.manifest_key)
        return error_no_memory(err);
    *ret = version;
    return true;
}

static bool write_version(struct publishing *publishing, struct db *db, struct arena *arena,
                          const struct dataset *dataset, struct dataset_version *version, struct error *err)
{
    char hash[HASH_HEX_BYTES];
    hash_start(&publishing->hash);
    if (!write_samples(publishing, db, dataset->id, err))
        return error_wrap(err, "publish dataset '%s'", dataset->name);
    if (publishing->labeled == 0)
        return nothing_to_publish(dataset, err);
    if (publishing->is_detection && !store_flush(publishing->data, err))
        return error_wrap(err, "publish dataset '%s'", dataset->name);
    hash_finish(&publishing->hash, hash);
    version->manifest_hash = arena_text(arena, hash);
    version->samples = publishing->samples;
    version->labeled = publishing->labeled;
    version->created_ms = clock_now_ms();
    if (!version->manifest_hash)
        return error_no_memory(err);
    return version_register(db, version, publishing->file, err);
}

bool dataset_publish(struct db *db, struct store *data, struct arena *arena,
                     const struct dataset_publish *request, struct dataset_version *ret, struct error *err)
{
    AUTO(arena) page = arena_new(PAGE_ARENA_BYTES);
    AUTO(arena) of_sample = arena_new(FILE_ARENA_BYTES);
    AUTO(store_writer) file = NULL;
    bool is_split = request->train_ratio > 0 && request->train_ratio < 1;
    AUTO(split) split = is_split ? split_new(request->train_ratio, request->seed) : NULL;
    AUTO_BUFFER(lines, LINES_MAX_BYTES);
    struct dataset dataset;
    struct dataset_version version;
    struct publishing publishing = {
        .request = request, .data = data, .page = page, .of_sample = of_sample, .split = split};
    if (!page || !of_sample || (is_split && !split))
        return error_no_memory(err);
    if (!dataset_find(db, request->project_id, arena, request->dataset_id, &dataset, err) ||
        !check_request(&dataset, request, err) ||
        !start_version(&publishing, db, arena, &dataset, &version, err) ||
        !store_write_start(data, version.manifest_key, &file, err))
        return false;
    publishing.lines = &lines;
    publishing.file = file;
    if (!write_version(&publishing, db, arena, &dataset, &version, err))
        return false;
    *ret = version;
    return true;
}
