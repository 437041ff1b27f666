/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/path.h"
#include "dataset/sample_rows.h"
#include "image/near_hashes.h"
#include "work/look_set.h"
#include "work/measure_looks.h"
#include "work/work.h"

#include <string.h>

enum {
    REFUSED_LISTED = 100,
    MEMBERS_LISTED = 100, /* of one group */
    CHUNK = 50,           /* samples read at once, at most DB_MANY_MAX */
    CHUNK_ARENA_BYTES = 256 * 1024 * 1024,
    LINE_MAX_BYTES = 64 * 1024 * 1024,
    FLUSH_BYTES = 256 * 1024,
};

const struct param_spec find_duplicates_params[] = {
    PARAM(struct find_duplicates_request, dataset, .type = PARAM_TEXT, .is_required = true,
          .help = "id of the dataset"),
    PARAM(struct find_duplicates_request, against, .type = PARAM_TEXT,
          .help = "id of another dataset: only duplicates across the two count"),
    PARAM(struct find_duplicates_request, distance, .type = PARAM_COUNT,
          .fallback = DUPLICATES_DISTANCE_USUAL, .max = NEAR_HASHES_DISTANCE_MAX, .unit = "bits",
          .help = "in which perceptual hashes of near-duplicates may differ"),
    PARAM_END,
};

struct finding {
    struct task_context *context;
    struct work *work;
    struct arena *arena, *chunk;
    struct find_duplicates_request request;
    const struct roots *roots;
    struct dataset dataset, other; /* other.id NULL: there is none */
    struct look_set set;
    yyjson_mut_val *root, *refused_rows;
    int64_t refused;
    int64_t groups, samples, exact, leaks, contradictions; /* samples: in groups, without the first of each */
    struct store_writer *file;
    struct buffer lines;
};

bool duplicates_list_key(const char *task_id, char *ret, size_t bytes)
{
    int length = snprintf(ret, bytes, "tasks/%s/duplicates.jsonl", task_id);
    return length > 0 && (size_t)length < bytes;
}

/* ---- looks ---- */

static void refuse(void *state, const struct sample_unseen *sample, const struct error *why)
{
    struct finding *finding = state;
    yyjson_mut_doc *doc = finding->context->result;
    atomic_fetch_add(&finding->context->progress->failed, 1);
    if (finding->refused++ >= REFUSED_LISTED)
        return;
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, finding->refused_rows);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "id", sample->id);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "source", sample->source);
    (void)yyjson_mut_obj_add_strcpy(doc, row, "reason", why->message);
}

static bool measure(struct finding *finding, struct error *err)
{
    struct task_context *context = finding->context;
    const struct dataset *const datasets[] = {&finding->dataset, &finding->other};
    int64_t total = 0;
    for (size_t i = 0; i < 2 && datasets[i]->id; i++) {
        const struct sample_looks_of of = {.dataset_id = datasets[i]->id};
        int64_t missing = 0;
        if (!sample_looks_count_missing(context->db, &of, &missing, err))
            return false;
        total += missing;
    }
    task_progress_stage(context->progress, "measuring", total);
    for (size_t i = 0; i < 2 && datasets[i]->id; i++) {
        const struct looks_request request = {
            .db = context->db,
            .roots = finding->roots,
            .of = {.dataset_id = datasets[i]->id},
            .is_detection = strcmp(datasets[i]->dataset_type, DATASET_TYPE_DETECTION) == 0,
            .threads = workers_cores(),
            .stop = context->stop,
            .done = &context->progress->done,
            .refuse = refuse,
            .state = finding};
        if (!measure_looks(&request, err))
            return false;
    }
    return true;
}

static bool compare(struct finding *finding, struct error *err)
{
    struct task_context *context = finding->context;
    const struct look_grouping how = {
        .distance = (uint32_t)finding->request.distance, .threads = workers_cores(), .stop = context->stop};
    task_progress_stage(context->progress, "comparing", 0);
    if (!look_set_load(&finding->set, context->db, finding->dataset.id, false, err))
        return false;
    if (finding->other.id && !look_set_load(&finding->set, context->db, finding->other.id, true, err))
        return false;
    return look_set_group(&finding->set, &how, err);
}

/* ---- the list ---- */

static bool flush(struct finding *finding, struct error *err)
{
    const struct bytes piece = {finding->lines.data, finding->lines.size};
    if (piece.size > 0 && !store_write_add(finding->file, piece, err))
        return false;
    buffer_clear(&finding->lines);
    return true;
}

static bool add_labels(const struct sample *sample, yyjson_mut_doc *doc, yyjson_mut_val *row)
{
    yyjson_mut_val *labels = yyjson_mut_obj_add_arr(doc, row, "labels");
    bool is_labeled = strcmp(sample->state, SAMPLE_LABELED) == 0;
    for (size_t i = 0; is_labeled && i < sample->annotation_count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < i && !is_known; j++)
            is_known = strcmp(sample->annotations[j].name, sample->annotations[i].name) == 0;
        if (!is_known && !yyjson_mut_arr_add_strcpy(doc, labels, sample->annotations[i].name))
            return false;
    }
    return labels != NULL;
}

static bool add_sample(const struct finding *finding, const struct look *look, const struct look *head,
                       const struct sample *sample, yyjson_mut_doc *doc, yyjson_mut_val *rows)
{
    yyjson_mut_val *row = yyjson_mut_arr_add_obj(doc, rows);
    const struct dataset *dataset = look->is_of_other ? &finding->other : &finding->dataset;
    const char *usage = sample->usage;
    return yyjson_mut_obj_add_strcpy(doc, row, "id", sample->id) &&
           yyjson_mut_obj_add_strcpy(doc, row, "dataset", dataset->name) &&
           yyjson_mut_obj_add_strcpy(doc, row, "source", sample->source) &&
           yyjson_mut_obj_add_strcpy(doc, row, "state", sample->state) &&
           (usage ? yyjson_mut_obj_add_strcpy(doc, row, "usage", usage)
                  : yyjson_mut_obj_add_null(doc, row, "usage")) &&
           yyjson_mut_obj_add_bool(doc, row, "is_copy",
                                   memcmp(look->content, head->content, LOOK_ID_BYTES) == 0) &&
           yyjson_mut_obj_add_uint(doc, row, "distance", near_hashes_apart(look->hash, head->hash)) &&
           add_labels(sample, doc, row);
}

/* Members of a group, and the look that they are compared with. */
struct chunk {
    uint32_t first, count, head;
};

/* A sample that was deleted meanwhile is left out. */
static bool add_chunk(struct finding *finding, struct chunk chunk, yyjson_mut_doc *doc, yyjson_mut_val *rows,
                      struct error *err)
{
    char ids[CHUNK][HASH_HEX_BYTES];
    const char *wanted[CHUNK];
    struct sample *samples[CHUNK];
    const struct look_set *set = &finding->set;
    arena_reset(finding->chunk);
    for (uint32_t i = 0; i < chunk.count; i++) {
        look_set_id(&set->looks[set->members[chunk.first + i]], ids[i]);
        wanted[i] = ids[i];
    }
    if (!samples_stored(finding->context->db, finding->chunk, wanted, chunk.count, samples, err))
        return false;
    for (uint32_t i = 0; i < chunk.count; i++)
        if (samples[i] && !add_sample(finding, &set->looks[set->members[chunk.first + i]],
                                      &set->looks[chunk.head], samples[i], doc, rows))
            return error_no_memory(err);
    return true;
}

static const char *words_of(const struct look_group *group)
{
    if (group->is_leak)
        return group->is_contradiction ? "leak, contradiction" : "leak";
    return group->is_contradiction ? "contradiction" : "";
}

/* What a table of groups shows of each; null where a sample was deleted meanwhile. */
static void name_first(yyjson_mut_doc *doc, yyjson_mut_val *root, yyjson_mut_val *rows)
{
    static const char *const names[] = {"first", "second"};
    for (size_t i = 0; i < 2; i++) {
        const char *source = yyjson_mut_get_str(yyjson_mut_obj_get(yyjson_mut_arr_get(rows, i), "source"));
        if (source)
            (void)yyjson_mut_obj_add_strcpy(doc, root, names[i], source);
        else
            (void)yyjson_mut_obj_add_null(doc, root, names[i]);
    }
}

static bool write_group(struct finding *finding, const struct look_group *group, struct error *err)
{
    AUTO_MUT_JSON doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    uint32_t listed = group->count < MEMBERS_LISTED ? group->count : MEMBERS_LISTED;
    uint32_t head = finding->set.members[group->first];
    yyjson_mut_doc_set_root(doc, root);
    (void)yyjson_mut_obj_add_str(doc, root, "kind", group->is_exact ? "exact" : "near");
    (void)yyjson_mut_obj_add_bool(doc, root, "is_leak", group->is_leak);
    (void)yyjson_mut_obj_add_bool(doc, root, "is_contradiction", group->is_contradiction);
    (void)yyjson_mut_obj_add_uint(doc, root, "count", group->count);
    (void)yyjson_mut_obj_add_str(doc, root, "words", words_of(group));
    yyjson_mut_val *rows = yyjson_mut_obj_add_arr(doc, root, "samples");
    if (!rows)
        return error_no_memory(err);
    for (uint32_t i = 0; i < listed; i += CHUNK) {
        uint32_t count = listed - i < CHUNK ? listed - i : CHUNK;
        if (!add_chunk(finding, (struct chunk){group->first + i, count, head}, doc, rows, err))
            return false;
    }
    name_first(doc, root, rows);
    if (!json_write(doc, false, &finding->lines, err) || !buffer_add(&finding->lines, "\n", 1))
        return buffer_check(&finding->lines, "the list of duplicates", err);
    return finding->lines.size < FLUSH_BYTES || flush(finding, err);
}

/* What a person must look at comes first. */
enum { RANK_LEAK, RANK_CONTRADICTION, RANK_OTHER, RANK_COUNT };

static int rank_of(const struct look_group *group)
{
    if (group->is_leak)
        return RANK_LEAK;
    return group->is_contradiction ? RANK_CONTRADICTION : RANK_OTHER;
}

static void count_group(struct finding *finding, const struct look_group *group)
{
    finding->groups++;
    finding->samples += (int64_t)group->count - 1;
    finding->exact += group->is_exact;
    finding->leaks += group->is_leak;
    finding->contradictions += group->is_contradiction;
}

static bool write_groups(struct finding *finding, int rank, struct error *err)
{
    struct look_group group;
    for (uint32_t at = 0; look_set_next(&finding->set, &at, &group);) {
        if (atomic_load(&finding->context->stop->is_set))
            return error_set(err, ERR_CANCELLED, "stopped");
        if ((finding->other.id && !group.is_across) || rank_of(&group) != rank)
            continue;
        count_group(finding, &group);
        if (!write_group(finding, &group, err))
            return false;
        atomic_fetch_add(&finding->context->progress->done, 1);
    }
    return true;
}

static bool write_list(struct finding *finding, const char *key, struct error *err)
{
    AUTO(store_writer) file = NULL;
    task_progress_stage(finding->context->progress, "writing", 0);
    if (!store_write_start(finding->work->data, key, &file, err))
        return false;
    finding->file = file;
    for (int rank = 0; rank < RANK_COUNT; rank++)
        if (!write_groups(finding, rank, err))
            return false;
    return flush(finding, err) && store_write_finish(file, err);
}

/* ---- the task ---- */

static bool report(struct finding *finding, const char *key, struct error *err)
{
    yyjson_mut_doc *doc = finding->context->result;
    yyjson_mut_val *root = finding->root;
    char *path = path_join(finding->arena, store_url(finding->work->data), key);
    if (!path)
        return error_no_memory(err);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "task", finding->context->task->id);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "dataset", finding->dataset.name);
    if (finding->other.id)
        (void)yyjson_mut_obj_add_strcpy(doc, root, "against", finding->other.name);
    (void)yyjson_mut_obj_add_uint(doc, root, "distance", finding->request.distance);
    (void)yyjson_mut_obj_add_uint(doc, root, "compared", finding->set.count);
    (void)yyjson_mut_obj_add_int(doc, root, "unreadable", finding->refused);
    (void)yyjson_mut_obj_add_int(doc, root, "groups", finding->groups);
    (void)yyjson_mut_obj_add_int(doc, root, "exact", finding->exact);
    (void)yyjson_mut_obj_add_int(doc, root, "near", finding->groups - finding->exact);
    (void)yyjson_mut_obj_add_int(doc, root, "duplicates", finding->samples);
    (void)yyjson_mut_obj_add_int(doc, root, "leaks", finding->leaks);
    (void)yyjson_mut_obj_add_int(doc, root, "contradictions", finding->contradictions);
    (void)yyjson_mut_obj_add_uint(doc, root, "not_told_apart", finding->set.unheld);
    (void)yyjson_mut_obj_add_strcpy(doc, root, "list", path);
    return true;
}

static bool find_datasets(struct finding *finding, struct error *err)
{
    struct task_context *context = finding->context;
    const char *project = context->task->project_id, *against = finding->request.against;
    if (!dataset_find_uncounted(context->db, project, finding->arena, finding->request.dataset,
                                &finding->dataset, err))
        return false;
    if (!against)
        return true;
    if (!dataset_find_uncounted(context->db, project, finding->arena, against, &finding->other, err))
        return false;
    return strcmp(finding->dataset.id, finding->other.id) != 0 ||
           error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                            "dataset '%s' is compared with itself when no other is named",
                            finding->dataset.name);
}

static bool find(struct finding *finding, struct error *err)
{
    struct task_context *context = finding->context;
    char key[128];
    finding->root = yyjson_mut_obj(context->result);
    yyjson_mut_doc_set_root(context->result, finding->root);
    finding->refused_rows = yyjson_mut_obj_add_arr(context->result, finding->root, "unreadable_samples");
    return duplicates_list_key(context->task->id, key, sizeof(key)) &&
           work_request(context, find_duplicates_params, &finding->request, finding->arena, err) &&
           work_roots(context, finding->arena, &finding->roots, err) && find_datasets(finding, err) &&
           measure(finding, err) && compare(finding, err) && write_list(finding, key, err) &&
           report(finding, key, err);
}

static bool find_duplicates(struct task_context *context, struct error *err)
{
    AUTO(arena) arena = arena_new(WORK_ARENA_MAX_BYTES);
    AUTO(arena) chunk = arena_new(CHUNK_ARENA_BYTES);
    struct finding finding = {.context = context, .work = context->app, .arena = arena, .chunk = chunk};
    buffer_init(&finding.lines, LINE_MAX_BYTES);
    bool is_done = arena && chunk ? find(&finding, err) : error_no_memory(err);
    look_set_release(&finding.set);
    buffer_release(&finding.lines);
    return is_done;
}

const struct task_kind task_find_duplicates = {
    .name = "find_duplicates",
    .summary = "Finds samples that show the same in a dataset or across two, leaks and contradictions.",
    .run = find_duplicates,
};
