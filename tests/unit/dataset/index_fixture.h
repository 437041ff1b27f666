/* SPDX-License-Identifier: Apache-2.0 */
/* Random samples, changes and queries from a seed. Include after test.h. */
#ifndef TESTS_INDEX_FIXTURE_H
#define TESTS_INDEX_FIXTURE_H

#include "dataset/sample_feature.h"
#include "dataset/sample_index.h"
#include "dataset/sample_query.h"
#include "dataset_fixture.h"

/* xorshift64*: the same everywhere */
static inline uint32_t any(uint64_t *seed, uint32_t below)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return (uint32_t)((*seed * 2685821657736338717U) >> 33) % below;
}

static const char *const any_labels[] = {"owl", "robin", "wren", "Kauz", "zebra finch", "ö"};
static const char *const any_reasons[] = {"1", "11-21", "1-7-20", "30", "0-30", "2-12"};
static const char *const any_usages[] = {"TRAIN", "EVAL", NULL, "TEST", NULL};
static const char *const any_tasks[] = {"4f", "4f4f", NULL, "00ff"};
static const char *const any_sorts[] = {"-hard_coefficient", "hard_coefficient", "source", "-source",
                                        "created",           "-created",         "id"};
#define ANY_OF(seed, list) ((list)[any((seed), sizeof(list) / sizeof((list)[0]))])

static inline struct sample_new any_sample(struct fixture *f, uint64_t *seed, uint32_t sources)
{
    static const char *const names[] = {"/In/%04u.PNG", "/in/%04u.png", "/out_%%/%u", "/x!y/%u"};
    const char *format = ANY_OF(seed, names);
    char source[64];
    size_t used = 0;
    uint32_t number = any(seed, sources);
    for (const char *at = format; *at; at++) {
        if (at[0] == '%' && (at[1] == '0' || at[1] == 'u')) {
            used += (size_t)snprintf(source + used, sizeof(source) - used, "%04u", number);
            at += at[1] == 'u' ? 1 : 3;
        } else {
            source[used++] = *at;
        }
    }
    source[used] = '\0';
    struct annotation *said = arena_array(f->arena, 3, sizeof(*said));
    uint32_t state = any(seed, 3);
    uint32_t count = state == 0 ? 0 : 1 + any(seed, 3);
    uint32_t first = any(seed, 6);
    for (uint32_t i = 0; i < count; i++)
        said[i] = state == 1 ? suggestion(any_labels[(first + i) % 6], any(seed, 21) / 20.0)
                             : label(any_labels[(first + i) % 6]);
    struct sample_new sample = unlabeled(arena_text(f->arena, source));
    if (state == 1)
        sample = hard(sample.source, said, any(seed, 6) / 5.0, ANY_OF(seed, any_reasons));
    else if (state == 2)
        sample = labeled(sample.source, said);
    sample.annotation_count = count;
    sample.origin_task = ANY_OF(seed, any_tasks);
    sample.usage = ANY_OF(seed, any_usages);
    return sample;
}

static inline void add_any(struct fixture *f, uint64_t *seed, uint32_t count, uint32_t sources)
{
    struct sample_new *samples = arena_array(f->arena, count, sizeof(*samples));
    for (uint32_t i = 0; i < count; i++)
        samples[i] = any_sample(f, seed, sources);
    (void)add(f, samples, count, any(seed, 2) ? SAMPLE_MERGE_HARD : SAMPLE_MERGE_IMPORT);
}

static inline void decide_any(struct fixture *f, struct db *db, struct param_list ids, uint64_t *seed)
{
    const char *items[] = {ANY_OF(seed, any_labels)};
    struct sample_decision decision = {.project_id = "0",
                                       .action = (enum sample_action)any(seed, SAMPLE_INCLUDE + 1)};
    struct sample_outcome *outcomes = NULL;
    if (decision.action <= SAMPLE_REJECT && any(seed, 2))
        decision.labels = list_of(items, 1);
    ASSERT_DONE(f, samples_decide(db, f->arena, ids, &decision, &outcomes, &f->err));
}

/* Of some samples, in ascending order of their ids, some numbers; the last feature is of nobody. */
static inline void measure_any(struct fixture *f, struct db *db, struct param_list ids, uint64_t *seed)
{
    struct sample_features *features = arena_array(f->arena, ids.count + 1, sizeof(*features));
    for (size_t i = 0; i < ids.count; i++) {
        features[i] = (struct sample_features){.sample_id = ids.items[i], .boxes = ""};
        for (int k = 0; k < SAMPLE_FEATURES; k++)
            features[i].values[k] =
                k + 1 < SAMPLE_FEATURES && any(seed, 4) ? any(seed, 11) / 10.0 : (double)NAN;
    }
    ASSERT_DONE(f, db_begin(db, &f->err));
    ASSERT_DONE(f, sample_features_keep(db, f->arena, features, ids.count, &f->err));
    ASSERT_DONE(f, db_commit(db, &f->err));
}

static inline void any_range(uint64_t *seed, double *min, double *max)
{
    *min = any(seed, 3) ? any(seed, 11) / 10.0 : (double)NAN;
    *max = any(seed, 3) ? any(seed, 11) / 10.0 : (double)NAN;
}

static inline struct sample_term any_term(struct fixture *f, uint64_t *seed, int depth)
{
    static const char *const states[] = {SAMPLE_UNLABELED, SAMPLE_TO_BE_CONFIRMED, SAMPLE_LABELED};
    static const char *const origins[] = {"import", "synchronize", "hard_examples", "elsewhere"};
    static const char *const tasks[] = {"4f", "00ff", "ff"};
    static const char *const parts[] = {"/in/", "IN/0", "01", "_%", "!y", ".png", "zzz", ""};
    enum sample_term_kind kind = (enum sample_term_kind)(
        depth > 0 ? any(seed, TERM_KIND_COUNT) : TERM_STATE + any(seed, TERM_KIND_COUNT - TERM_STATE));
    struct sample_term term = {.kind = kind, .min = (double)NAN, .max = (double)NAN};
    if (kind <= TERM_NOT) {
        term.count = kind == TERM_NOT ? 1 : any(seed, 4);
        struct sample_term *items = arena_array(f->arena, term.count + 1, sizeof(*items));
        for (size_t i = 0; i < term.count; i++)
            items[i] = any_term(f, seed, depth - 1);
        term.items = items;
    }
    term.number = kind == TERM_REASON    ? any(seed, SAMPLE_REASON_MAX + 1)
                  : kind == TERM_FEATURE ? any(seed, SAMPLE_FEATURES)
                                         : any(seed, 2);
    term.text = kind == TERM_STATE         ? ANY_OF(seed, states)
                : kind == TERM_USAGE       ? ANY_OF(seed, any_usages)
                : kind == TERM_ORIGIN      ? ANY_OF(seed, origins)
                : kind == TERM_ORIGIN_TASK ? ANY_OF(seed, tasks)
                : kind == TERM_NAME        ? ANY_OF(seed, parts)
                                           : ANY_OF(seed, any_labels);
    if (kind == TERM_COEFFICIENT || kind == TERM_SCORE || kind == TERM_FEATURE)
        any_range(seed, &term.min, &term.max);
    return term;
}

/* A filter with few or many conditions, half of them in a tree. */
static inline struct sample_filter any_filter(struct fixture *f, uint64_t *seed)
{
    struct sample_filter filter;
    sample_filter_init(&filter);
    filter.sort = ANY_OF(seed, any_sorts);
    filter.limit = 1 + any(seed, 70);
    filter.include_excluded = any(seed, 2);
    filter.only_hard = any(seed, 4) == 0;
    if (any(seed, 3) == 0)
        filter.reason = any(seed, SAMPLE_REASON_MAX + 1);
    if (any(seed, 3) == 0)
        filter.label = ANY_OF(seed, any_labels);
    if (any(seed, 4) == 0)
        filter.usage = any(seed, 2) ? "train" : "none";
    if (any(seed, 4) == 0)
        any_range(seed, &filter.score_min, &filter.score_max);
    if (any(seed, 4) == 0)
        any_range(seed, &filter.coefficient_min, &filter.coefficient_max);
    if (any(seed, 4) == 0)
        filter.source_contains = "N/00";
    if (any(seed, 2)) {
        struct sample_term *where = arena_alloc(f->arena, sizeof(*where));
        *where = any_term(f, seed, 3);
        filter.where = where;
    }
    return filter;
}

#endif
