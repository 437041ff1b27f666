/* SPDX-License-Identifier: Apache-2.0 */
/* What the images of a case really show, and which predictions are wrong. */
#include "quality.h"

#include "base/json.h"
#include "base/path.h"
#include "evaluate/evaluate.h"
#include "record/mistake.h"
#include "work/manifest_file.h"
#include "work/truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RULES_MAX_BYTES = 1024 * 1024 };

struct truth_entry {
    const char *source;
    struct truth truth;
};
struct truths {
    struct truth_entry *entries; /* by source */
    size_t count;
    double *scores;       /* of one image */
    uint32_t only_class;  /* detection: boxes of other classes are not looked at; UINT32_MAX: of all */
    int64_t most_allowed; /* detection: an image with more errors is wrong */
};

static int by_source(const void *a, const void *b)
{
    const struct truth_entry *one = a, *other = b;
    return strcmp(one->source, other->source);
}

static bool read_lines(struct quality_case *opened, struct manifest_file *file,
                       struct annotation_files *files, struct truths *truths, struct error *err)
{
    for (;;) {
        struct bytes line;
        uint64_t number = 0;
        struct manifest_sample sample;
        if (!manifest_lines_next(file->lines, &line, &number, err))
            return false;
        if (!line.data)
            return true;
        struct truth_entry entry = {0};
        if (truths->count >= opened->images)
            return error_set(err, ERR_INVALID, "truth.manifest has more lines than the run has images");
        if (!manifest_line_read(line, opened->finished.arena, &sample, err) ||
            !truth_read(&sample, record_set_header(opened->finished.records)->type, files,
                        opened->finished.arena, &entry.truth, err))
            return false;
        entry.source = sample.source;
        if (entry.truth.labels)
            truths->entries[truths->count++] = entry;
    }
}

static bool read_manifest(struct quality_case *opened, struct truths *truths, struct error *err)
{
    struct manifest_file file = {0};
    struct annotation_files files = {0};
    const char *path = path_join(opened->finished.arena, opened->folder, "truth.manifest");
    truths->entries = calloc(opened->images + 1, sizeof(*truths->entries));
    if (!path || !truths->entries)
        return error_no_memory(err);
    bool is_done = manifest_file_open(NULL, path, &file, err) &&
                   annotation_files_open(NULL, file.folder, &files, err) &&
                   read_lines(opened, &file, &files, truths, err);
    annotation_files_release(&files);
    manifest_file_release(&file);
    qsort(truths->entries, truths->count, sizeof(*truths->entries), by_source);
    return is_done;
}

static uint32_t class_of(const struct record_header *header, const char *label)
{
    uint32_t found = 0;
    while (found < header->classes && strcmp(header->labels[found], label) != 0)
        found++;
    return found;
}

/* truth.json, which may be missing: {"only_class": "person", "errors_allowed": 2}. */
static bool read_rules(struct quality_case *opened, struct truths *truths, struct error *err)
{
    const struct record_header *header = record_set_header(opened->finished.records);
    AUTO_BUFFER(text, RULES_MAX_BYTES);
    AUTO(store) folder = NULL;
    AUTO_JSON rules = NULL;
    bool is_there = false;
    truths->only_class = UINT32_MAX;
    if (!store_open(opened->folder, false, &folder, err) ||
        !store_exists(folder, "truth.json", &is_there, err))
        return false;
    if (!is_there)
        return true;
    if (!store_get(folder, "truth.json", &text, err) ||
        !json_parse((struct bytes){text.data, text.size}, "truth.json", &rules, err))
        return false;
    const char *only = json_text(yyjson_doc_get_root(rules), "only_class", NULL);
    truths->most_allowed = json_integer(yyjson_doc_get_root(rules), "errors_allowed", 0);
    truths->only_class = only ? class_of(header, only) : UINT32_MAX;
    return truths->only_class != header->classes ||
           error_set(err, ERR_INVALID, "truth.json: the model knows no class '%s'", only);
}

/* The boxes of the image's truth, and of the model's answer, in the classes that are looked at. */
static bool judge_boxes(struct quality_case *opened, const struct truths *truths, const struct record *record,
                        const struct truth *truth, bool *ret_is_wrong, struct error *err)
{
    const struct record_header *header = record_set_header(opened->finished.records);
    uint32_t answers = record_answers(header, record->candidates, record->candidate_count);
    struct candidate *boxes = calloc(answers + 1U, sizeof(*boxes));
    struct true_box *drawn = calloc(truth->count + 1U, sizeof(*drawn));
    struct evaluate_image image = {.truths = drawn, .boxes = boxes};
    struct image_errors errors = {0};
    bool is_done = (boxes && drawn) || error_no_memory(err);
    for (uint32_t i = 0; is_done && i < answers; i++)
        if (truths->only_class == UINT32_MAX || record->candidates[i].label == truths->only_class)
            boxes[image.box_count++] = record->candidates[i];
    for (uint32_t i = 0; is_done && i < truth->count; i++)
        drawn[image.truth_count++] =
            (struct true_box){.box = truth->boxes[i], .label = class_of(header, truth->labels[i])};
    is_done = is_done && evaluate_image_errors(&image, 0.5, &errors, err);
    uint32_t count = errors.misses + errors.false_boxes + errors.wrong_classes;
    *ret_is_wrong = (int64_t)count > truths->most_allowed;
    free(boxes);
    free(drawn);
    return is_done;
}

static bool judge(struct quality_case *opened, const struct truths *truths, struct record *record,
                  uint64_t index, struct error *err)
{
    const struct record_header *header = record_set_header(opened->finished.records);
    const struct truth_entry wanted = {.source = record->source};
    opened->hashes[index] = record->perceptual_hash;
    const struct truth_entry *entry =
        truths->count == 0 ? NULL
                           : bsearch(&wanted, truths->entries, truths->count, sizeof(wanted), by_source);
    if (!entry || record->error)
        return true;
    opened->is_known[index] = true;
    if (header->type == MODEL_TYPE_DETECTION)
        return judge_boxes(opened, truths, record, &entry->truth, &opened->is_wrong[index], err);
    record->truth_labels = entry->truth.labels;
    record->truth_count = entry->truth.count;
    opened->is_wrong[index] = record_verdict(header, record, truths->scores) == VERDICT_WRONG;
    return true;
}

static bool judge_all(struct quality_case *opened, const struct truths *truths, struct error *err)
{
    uint64_t known = 0;
    for (uint32_t number = 0; number < record_set_shards(opened->finished.records); number++) {
        AUTO(record_shard) shard = NULL;
        if (!record_shard_open(opened->finished.records, number, &shard, err))
            return false;
        for (uint32_t row = 0; row < record_shard_count(shard); row++) {
            struct record record;
            record_shard_get(shard, row, &record);
            if (!judge(opened, truths, &record, record_shard_first(shard) + row, err))
                return false;
            known += opened->is_known[record_shard_first(shard) + row];
        }
    }
    return known > 0 || truths->count == 0 ||
           error_set(err, ERR_INVALID,
                     "no line of truth.manifest names an image of the run: sources must be "
                     "absolute paths");
}

bool quality_read_truth(struct quality_case *opened, struct error *err)
{
    const char *path = path_join(opened->finished.arena, opened->folder, "truth.manifest");
    struct truths truths = {
        .scores = calloc(record_set_header(opened->finished.records)->classes + 1U, sizeof(double))};
    if (!path || !truths.scores)
        return error_no_memory(err);
    bool is_there = access(path, R_OK) == 0;
    bool is_done = read_rules(opened, &truths, err) && (!is_there || read_manifest(opened, &truths, err)) &&
                   judge_all(opened, &truths, err);
    free(truths.entries);
    free(truths.scores);
    return is_done;
}
