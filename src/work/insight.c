/* SPDX-License-Identifier: Apache-2.0 */
#include "work/insight.h"

#include "base/hash.h"
#include "base/workers.h"
#include "mining/batch_sample.h"
#include "mining/sequence.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct opening {
    struct insights *insights;
    struct store *data;
    const char *records_key, *folder, *sequence_order, *features;
    const struct profile_manifest *manifest;
    const struct model *model;
};
enum insight_kind { INSIGHT_RUN, INSIGHT_TRAINING, INSIGHT_STRENGTHS, INSIGHT_PLACE };
typedef bool insight_opener(const struct opening *opening, struct insight *insight, uint64_t *ret_bytes,
                            struct error *err);

enum entry_state { ENTRY_OPENS, ENTRY_OPEN, ENTRY_FAILED };
struct entry {
    struct insight insight; /* first: both are turned into each other */
    struct entry *next;
    enum insight_kind kind;
    char key[INSIGHT_KEY_BYTES];
    enum entry_state state;
    unsigned users; /* those who wait for it too */
    uint64_t bytes, used;
    struct error err;
};

struct insights {
    pthread_mutex_t lock;
    pthread_cond_t opened;
    struct entry *entries;
    uint64_t max_bytes, clock;
};

static void close_entry(struct entry *entry)
{
    struct insight *insight = &entry->insight;
    insight->run.index = run_index_free(insight->run.index);
    insight->run.set = record_set_free(insight->run.set);
    insight->training.profile = profile_free(insight->training.profile);
    insight->strengths = mining_strengths_free(insight->strengths);
    free(entry);
}

struct insights *insights_new(uint64_t max_bytes)
{
    struct insights *insights = calloc(1, sizeof(*insights));
    if (!insights)
        return NULL;
    insights->max_bytes = max_bytes;
    (void)pthread_mutex_init(&insights->lock, NULL);
    (void)pthread_cond_init(&insights->opened, NULL);
    return insights;
}

struct insights *insights_free(struct insights *insights)
{
    if (!insights)
        return NULL;
    while (insights->entries) {
        struct entry *entry = insights->entries;
        insights->entries = entry->next;
        close_entry(entry);
    }
    (void)pthread_cond_destroy(&insights->opened);
    (void)pthread_mutex_destroy(&insights->lock);
    free(insights);
    return NULL;
}

/* ---- keeping; with the lock held ---- */

static struct entry *find(struct insights *insights, enum insight_kind kind, const char *key)
{
    struct entry *entry = insights->entries;
    while (entry && (entry->kind != kind || entry->state == ENTRY_FAILED || strcmp(entry->key, key) != 0))
        entry = entry->next;
    return entry;
}

static void drop(struct insights *insights, struct entry *entry)
{
    struct entry **at = &insights->entries;
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    close_entry(entry);
}

/* The unused one that was not used longest, when all unused together are too many or too large. */
static struct entry *one_too_much(const struct insights *insights)
{
    struct entry *oldest = NULL;
    uint64_t bytes = 0;
    unsigned count = 0;
    for (struct entry *entry = insights->entries; entry; entry = entry->next) {
        if (entry->users > 0)
            continue;
        bytes += entry->bytes;
        count++;
        if (!oldest || entry->used < oldest->used)
            oldest = entry;
    }
    return bytes > insights->max_bytes || count > INSIGHTS_MAX ? oldest : NULL;
}

static void leave(struct insights *insights, struct entry *entry)
{
    if (--entry->users == 0 && entry->state == ENTRY_FAILED)
        drop(insights, entry);
    for (struct entry *old = one_too_much(insights); old; old = one_too_much(insights))
        drop(insights, old);
}

/* ---- taking ---- */

static struct entry *new_entry(enum insight_kind kind, const char *key)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    if (entry) {
        entry->kind = kind;
        entry->users = 1;
        (void)snprintf(entry->key, sizeof(entry->key), "%s", key);
    }
    return entry;
}

static bool take_alone(enum insight_kind kind, const char *key, insight_opener *open,
                       const struct opening *opening, const struct insight **ret, struct error *err)
{
    struct entry *entry = new_entry(kind, key);
    if (!entry)
        return error_no_memory(err);
    if (!open(opening, &entry->insight, &entry->bytes, err)) {
        close_entry(entry);
        return false;
    }
    *ret = &entry->insight;
    return true;
}

/* *ret_is_new: the caller opens it. NULL: no memory. */
static struct entry *board(struct insights *insights, enum insight_kind kind, const char *key,
                           bool *ret_is_new)
{
    struct entry *entry = find(insights, kind, key);
    *ret_is_new = !entry;
    if (entry) {
        entry->users++;
    } else if ((entry = new_entry(kind, key))) {
        entry->next = insights->entries;
        insights->entries = entry;
    }
    return entry;
}

static bool take(enum insight_kind kind, const char *key, insight_opener *open, const struct opening *opening,
                 const struct insight **ret, struct error *err)
{
    struct insights *insights = opening->insights;
    bool is_new = false;
    if (!insights)
        return take_alone(kind, key, open, opening, ret, err);
    (void)pthread_mutex_lock(&insights->lock);
    struct entry *entry = board(insights, kind, key, &is_new);
    if (entry && is_new) {
        struct error why = {0};
        (void)pthread_mutex_unlock(&insights->lock);
        bool is_open = open(opening, &entry->insight, &entry->bytes, &why);
        (void)pthread_mutex_lock(&insights->lock);
        entry->state = is_open ? ENTRY_OPEN : ENTRY_FAILED;
        entry->err = why;
        (void)pthread_cond_broadcast(&insights->opened);
    }
    while (entry && entry->state == ENTRY_OPENS)
        (void)pthread_cond_wait(&insights->opened, &insights->lock);
    bool is_done = entry && entry->state == ENTRY_OPEN;
    if (is_done) {
        entry->used = ++insights->clock;
        *ret = &entry->insight;
    } else if (entry) {
        *err = entry->err;
        leave(insights, entry);
    }
    (void)pthread_mutex_unlock(&insights->lock);
    return is_done || (entry ? false : error_no_memory(err));
}

void insight_give_back(struct insights *insights, const struct insight *insight)
{
    struct entry *entry = (struct entry *)(uintptr_t)insight;
    if (!entry)
        return;
    if (!insights) {
        close_entry(entry);
        return;
    }
    (void)pthread_mutex_lock(&insights->lock);
    leave(insights, entry);
    (void)pthread_mutex_unlock(&insights->lock);
}

/* ---- what there is to open ---- */

static bool open_run(const struct opening *opening, struct insight *insight, uint64_t *ret_bytes,
                     struct error *err)
{
    if (!record_set_open(opening->data, opening->records_key, &insight->run.set, err) ||
        !run_index_open(opening->data, opening->records_key, insight->run.set, &insight->run.index, err))
        return false;
    *ret_bytes = run_index_bytes(insight->run.index);
    return true;
}

bool insight_take_run(struct insights *insights, struct store *data, const char *records_key,
                      const struct insight **ret, struct error *err)
{
    const struct opening opening = {.insights = insights, .data = data, .records_key = records_key};
    return take(INSIGHT_RUN, records_key, open_run, &opening, ret, err);
}

static void choose_space(struct insight *insight)
{
    const struct profile *profile = insight->training.profile;
    const struct record_header *header = profile_header(profile);
    const float *rows = header->embedding_length > 0 ? profile_embeddings(profile) : NULL;
    insight->training.space = rows ? "embedding" : "appearance";
    insight->training.rows =
        (struct similar_rows){rows ? rows : profile_appearance(profile), profile_count(profile),
                              rows ? header->embedding_length : header->appearance_length};
}

static bool open_training(const struct opening *opening, struct insight *insight, uint64_t *ret_bytes,
                          struct error *err)
{
    enum { OTHER_BYTES = 400 }; /* features, labels, source */
    if (!profile_open(opening->data, opening->folder, &insight->training.profile, err))
        return err->code == ERR_NOT_FOUND
                   ? error_set_detail(err, DETAIL_NO_PROFILE, "the training profile is not there any more")
                   : false;
    const struct record_header *header = profile_header(insight->training.profile);
    uint64_t numbers = (uint64_t)header->embedding_length + header->appearance_length;
    *ret_bytes = profile_count(insight->training.profile) * (numbers * sizeof(float) + OTHER_BYTES);
    choose_space(insight);
    return true;
}

bool insight_take_training(struct insights *insights, struct store *data, const char *folder,
                           const struct insight **ret, struct error *err)
{
    const struct opening opening = {.insights = insights, .data = data, .folder = folder};
    return take(INSIGHT_TRAINING, folder, open_training, &opening, ret, err);
}

static enum sequence_order order_of(const struct strengths_of *of)
{
    return sequence_order_find(of->sequence_order);
}

void insight_strengths_key(const struct strengths_of *of, char ret_key[RECORD_FOLDER_MAX_BYTES])
{
    char hash[HASH_HEX_BYTES];
    hash_of((struct bytes){of->folder, strlen(of->folder)}, hash);
    bool has_features = of->features && of->features[0];
    (void)snprintf(ret_key, RECORD_FOLDER_MAX_BYTES, "%.300s/strengths-%d-%.16s-%s%s%.16s.npy",
                   of->records_key, STRENGTHS_FORMAT, of->folder[0] ? hash : "alone",
                   sequence_order_names[order_of(of)], has_features ? "-" : "",
                   has_features ? of->features : "");
}

static bool measure(const struct opening *opening, const struct insight *run, struct insight *insight,
                    struct error *err)
{
    const struct insight *training = NULL;
    bool is_done = true;
    if (opening->features && opening->features[0])
        return error_set_detail(err, DETAIL_NO_PROFILE,
                                "this run was not yet filtered with this feature extractor: filter it once, "
                                "then estimates take no time");
    if (opening->folder[0])
        is_done = insight_take_training(opening->insights, opening->data, opening->folder, &training, err);
    struct mining_input input = {.records = run->run.set, .threads = workers_cores()};
    uint64_t others = BATCH_SAMPLE_IMAGES;
    if (is_done && training) {
        input.profile = training->training.profile;
        others = profile_count(input.profile);
    }
    if (is_done && record_set_count(run->run.set) * others > INSIGHT_MEASURE_MAX)
        is_done =
            error_set_detail(err, DETAIL_NO_PROFILE,
                             "this run was not yet held against %s, and is too large to do it now: filter "
                             "it once, then estimates take no time",
                             training ? "that training set" : "itself");
    is_done = is_done && mining_strengths_measure(&input, opening->sequence_order, &insight->strengths, err);
    insight_give_back(opening->insights, training);
    return is_done;
}

static bool open_strengths(const struct opening *opening, struct insight *insight, uint64_t *ret_bytes,
                           struct error *err)
{
    char key[RECORD_FOLDER_MAX_BYTES];
    const struct insight *run = NULL;
    struct error missing = {0};
    const struct strengths_of of = {opening->records_key, opening->folder, opening->sequence_order,
                                    opening->features};
    insight_strengths_key(&of, key);
    if (!insight_take_run(opening->insights, opening->data, opening->records_key, &run, err))
        return false;
    uint64_t images = record_set_count(run->run.set);
    bool is_done = mining_strengths_get(opening->data, key, images, &insight->strengths, &missing);
    if (!is_done)
        is_done = measure(opening, run, insight, err) &&
                  mining_strengths_put(opening->data, key, insight->strengths->values, images, err);
    insight_give_back(opening->insights, run);
    *ret_bytes = images * STRENGTHS_COLUMNS * sizeof(double);
    return is_done;
}

bool insight_take_strengths(struct insights *insights, struct store *data, const struct strengths_of *of,
                            const struct insight **ret, struct error *err)
{
    char key[INSIGHT_KEY_BYTES];
    const struct opening opening = {.insights = insights,
                                    .data = data,
                                    .records_key = of->records_key,
                                    .folder = of->folder,
                                    .sequence_order = of->sequence_order,
                                    .features = of->features};
    (void)snprintf(key, sizeof(key), "%s %s %s %s", of->records_key, of->folder,
                   sequence_order_names[order_of(of)], of->features ? of->features : "");
    return take(INSIGHT_STRENGTHS, key, open_strengths, &opening, ret, err);
}

static bool open_place(const struct opening *opening, struct insight *insight, uint64_t *ret_bytes,
                       struct error *err)
{
    struct work work = {.data = opening->data};
    struct task_progress progress = {0};
    bool is_made = false;
    const struct profile_build build = {
        .work = &work, .model = opening->model, .manifest = opening->manifest, .progress = &progress};
    *ret_bytes = 0;
    if (!profile_find(&build, insight->place, &is_made, err))
        return false;
    return is_made || error_set_detail(err, DETAIL_NO_PROFILE,
                                       "the training manifest has no profile under this model yet");
}

bool insight_find_profile(struct insights *insights, struct store *data, const struct model *model,
                          const struct profile_manifest *manifest, char ret_folder[PROFILE_FOLDER_BYTES],
                          struct error *err)
{
    char key[INSIGHT_KEY_BYTES], hash[HASH_HEX_BYTES];
    struct stat about = {0};
    const struct insight *insight = NULL;
    const struct opening opening = {.insights = insights, .data = data, .manifest = manifest, .model = model};
    hash_of((struct bytes){manifest->path, strlen(manifest->path)}, hash);
    if (stat(manifest->path, &about) != 0)
        return error_set_errno(err, errno, "look at the training manifest");
    (void)snprintf(key, sizeof(key), "%s %lld %lld.%09ld %s", hash, (long long)about.st_size,
                   (long long)about.st_mtim.tv_sec, about.st_mtim.tv_nsec, model->id);
    if (!take(INSIGHT_PLACE, key, open_place, &opening, &insight, err))
        return false;
    (void)snprintf(ret_folder, PROFILE_FOLDER_BYTES, "%s", insight->place);
    insight_give_back(insights, insight);
    return true;
}
