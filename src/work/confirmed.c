/* SPDX-License-Identifier: Apache-2.0 */
#include "work/confirmed.h"

#include "dataset/dataset.h"
#include "record/mistake.h"
#include "work/truth.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_SAMPLES = 500, PAGE_BYTES = 256 * 1024 * 1024, KEPT_BYTES = 512 * 1024 * 1024 };

struct said {
    const char *source;
    struct truth truth;
    size_t place; /* in the order in which they were read */
};
struct confirmed {
    const struct confirmed_query *query;
    const struct record_header *header;
    const char *datasets[CONFIRMED_DATASETS_MAX];
    size_t dataset_count;
    struct said *said; /* once read: by source, each once */
    size_t count;
    struct arena *kept, *page;
};

/* ---- which datasets ---- */

static void add_dataset(struct confirmed *confirmed, const char *id)
{
    for (size_t i = 0; i < confirmed->dataset_count; i++)
        if (strcmp(confirmed->datasets[i], id) == 0)
            return;
    if (confirmed->dataset_count < CONFIRMED_DATASETS_MAX)
        confirmed->datasets[confirmed->dataset_count++] = id;
}

static bool find_datasets(struct confirmed *confirmed, struct error *err)
{
    const struct confirmed_query *query = confirmed->query;
    const struct task_filter filter = {.project_id = query->project_id,
                                       .kind = task_mine_hard.name,
                                       .subject = query->service_id,
                                       .state = task_state_name(TASK_SUCCEEDED),
                                       .limit = CONFIRMED_DATASETS_MAX};
    struct task *tasks = NULL;
    size_t count = 0;
    if (query->dataset_id)
        add_dataset(confirmed, query->dataset_id);
    if (!task_list(query->db, confirmed->kept, &filter, &tasks, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        AUTO_JSON result = NULL;
        struct error damaged = {0};
        const char *text = tasks[i].result_json ? tasks[i].result_json : "{}";
        if (!json_parse((struct bytes){text, strlen(text)}, "the result of a task", &result, &damaged))
            continue;
        const char *id = yyjson_get_str(yyjson_obj_get(yyjson_doc_get_root(result), "dataset_id"));
        const char *copy = id ? arena_text(confirmed->kept, id) : NULL;
        if (copy)
            add_dataset(confirmed, copy);
    }
    return true;
}

/* ---- what was said ---- */

static bool keep_page(struct confirmed *confirmed, const struct sample_page *page, struct error *err)
{
    for (size_t i = 0; i < page->count && confirmed->count < CONFIRMED_SAMPLES_MAX; i++) {
        struct said said = {.source = arena_text(confirmed->kept, page->samples[i].source),
                            .place = confirmed->count};
        if (!said.source)
            return error_no_memory(err);
        if (!truth_of_sample(&page->samples[i], confirmed->header->type, confirmed->kept, &said.truth, err))
            return false;
        if (said.truth.labels)
            confirmed->said[confirmed->count++] = said;
    }
    return true;
}

static bool read_dataset(struct confirmed *confirmed, const char *id, struct error *err)
{
    struct sample_filter filter;
    sample_filter_init(&filter);
    filter.state = SAMPLE_LABELED;
    filter.sort = "-created";
    filter.limit = PAGE_SAMPLES;
    do {
        struct sample_page page = {0};
        arena_reset(confirmed->page);
        if (!samples_page(confirmed->query->db, confirmed->page, id, &filter, &page, err) ||
            !keep_page(confirmed, &page, err))
            return false;
        filter.cursor = page.cursor ? arena_text(confirmed->kept, page.cursor) : NULL;
        if (page.cursor && !filter.cursor)
            return error_no_memory(err);
    } while (filter.cursor && confirmed->count < CONFIRMED_SAMPLES_MAX);
    return true;
}

static int by_source(const void *a, const void *b)
{
    const struct said *one = a, *other = b;
    int order = strcmp(one->source, other->source);
    return order ? order : (one->place > other->place) - (one->place < other->place);
}

/* Of one source the first dataset has the word. */
static void settle(struct confirmed *confirmed)
{
    struct said *said = confirmed->said;
    size_t kept = 0;
    qsort(said, confirmed->count, sizeof(*said), by_source);
    for (size_t i = 0; i < confirmed->count; i++)
        if (kept == 0 || strcmp(said[kept - 1].source, said[i].source) != 0)
            said[kept++] = said[i];
    confirmed->count = kept;
}

static int same_source(const void *source, const void *said)
{
    return strcmp(source, ((const struct said *)said)->source);
}

/* ---- which records ---- */

static bool judge_shard(const struct confirmed *confirmed, uint32_t number, double *scores, uint8_t *verdicts,
                        struct error *err)
{
    AUTO(record_shard) shard = NULL;
    if (!record_shard_open(confirmed->query->records, number, &shard, err))
        return false;
    for (uint32_t row = 0; row < record_shard_count(shard); row++) {
        struct record record;
        record_shard_get(shard, row, &record);
        const struct said *said =
            bsearch(record.source, confirmed->said, confirmed->count, sizeof(*said), same_source);
        if (!said)
            continue;
        record.truth_labels = said->truth.labels;
        record.truth_boxes = said->truth.boxes;
        record.truth_count = said->truth.count;
        verdicts[record_shard_first(shard) + row] =
            (uint8_t)record_verdict(confirmed->header, &record, scores);
    }
    return true;
}

static bool judge(const struct confirmed *confirmed, uint8_t **ret, struct error *err)
{
    const struct record_set *records = confirmed->query->records;
    uint8_t *verdicts = calloc(record_set_count(records) + 1, sizeof(*verdicts));
    double *scores = calloc((size_t)confirmed->header->classes + 1, sizeof(*scores));
    bool is_done = (verdicts && scores) || error_no_memory(err);
    for (uint32_t s = 0; is_done && s < record_set_shards(records); s++)
        is_done = judge_shard(confirmed, s, scores, verdicts, err);
    free(scores);
    if (is_done)
        *ret = verdicts;
    else
        free(verdicts);
    return is_done;
}

static bool find(struct confirmed *confirmed, uint8_t **ret, struct error *err)
{
    if (!confirmed->kept || !confirmed->page || !confirmed->said)
        return error_no_memory(err);
    if (!find_datasets(confirmed, err))
        return false;
    for (size_t i = 0; i < confirmed->dataset_count; i++)
        if (!read_dataset(confirmed, confirmed->datasets[i], err))
            return false;
    settle(confirmed);
    return confirmed->count == 0 || judge(confirmed, ret, err);
}

bool confirmed_verdicts(const struct confirmed_query *query, uint8_t **ret, struct error *err)
{
    struct confirmed confirmed = {.query = query, .header = record_set_header(query->records)};
    AUTO(arena) kept = arena_new(KEPT_BYTES);
    AUTO(arena) page = arena_new(PAGE_BYTES);
    confirmed.kept = kept;
    confirmed.page = page;
    confirmed.said = calloc(CONFIRMED_SAMPLES_MAX, sizeof(*confirmed.said));
    *ret = NULL;
    bool is_done = find(&confirmed, ret, err);
    free(confirmed.said);
    return is_done;
}
