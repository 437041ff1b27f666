/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/sample_requests.h"

#include "dataset/sample_query.h"

#include <math.h>
#include <string.h>

enum { REASON_ANY = 31, SCORE_ANY = -1, CURSOR_MAX_BYTES = 8 * 1024 };

static const char *const states[] = {"unlabeled", "to_be_confirmed", "tbc", "labeled", NULL};
static const char *const sorts[] = {"-hard_coefficient", "hard_coefficient", "source", "-source",
                                    "created",           "-created",         "id",     NULL};

static const char *const usages[] = {"TRAIN", "EVAL", "TEST", "INFERENCE", "none", NULL};
static const char *const origins[] = {"import", "synchronize", "hard_examples", NULL};

const struct param_spec sample_condition_params[] = {
    PARAM(struct sample_query, state, .type = PARAM_CHOICE, .choices = states,
          .help = "only in this state; tbc = to_be_confirmed"),
    PARAM(struct sample_query, hard, .type = PARAM_BOOL, .help = "only hard examples"),
    PARAM(struct sample_query, reason, .type = PARAM_COUNT, .fallback = REASON_ANY, .min = 0,
          .max = REASON_ANY, .help = "only with this reason, 0 to 30; 31 = any"),
    PARAM(struct sample_query, label, .type = PARAM_TEXT,
          .help = "only with this label, confirmed or suggested"),
    PARAM(struct sample_query, score_min, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with a suggestion of at least this score"),
    PARAM(struct sample_query, score_max, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with suggestions of at most this score"),
    PARAM(struct sample_query, coefficient_min, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at least this hard coefficient"),
    PARAM(struct sample_query, coefficient_max, .type = PARAM_NUMBER, .fallback = SCORE_ANY, .min = SCORE_ANY,
          .max = 1, .help = "only with at most this hard coefficient"),
    PARAM(struct sample_query, name, .type = PARAM_TEXT, .help = "only whose source contains this"),
    PARAM(struct sample_query, include_excluded, .type = PARAM_BOOL, .help = "excluded samples too"),
    PARAM(struct sample_query, usage, .type = PARAM_CHOICE, .choices = usages,
          .help = "only for this use; none = without one"),
    PARAM(struct sample_query, origin, .type = PARAM_CHOICE, .choices = origins,
          .help = "only what came this way"),
    PARAM(
        struct sample_query, filter, .type = PARAM_JSON, .value_name = "JSON",
        .help =
            "a tree of conditions, as {\"or\":[{\"reason\":7},{\"not\":{\"label\":\"cat\"}}]}; trommel help "
            "filters lists them"),
    PARAM_END,
};
const struct param_spec sample_page_params[] = {
    PARAM(struct sample_query, sort, .type = PARAM_CHOICE, .choices = sorts,
          .fallback_text = "-hard_coefficient", .help = "order; - is descending"),
    PARAM(struct sample_query, cursor, .type = PARAM_TEXT, .max = CURSOR_MAX_BYTES,
          .help = "next_cursor of the page before"),
    PARAM(struct sample_query, limit, .type = PARAM_COUNT, .fallback = 50, .min = 1, .max = DATASET_PAGE_MAX,
          .help = "at most so many"),
    PARAM_END,
};

static double or_any(double value)
{
    return value < 0 ? (double)NAN : value;
}

bool sample_filter_of(const struct sample_query *query, struct arena *arena, struct sample_filter *ret,
                      struct error *err)
{
    struct sample_filter filter;
    sample_filter_init(&filter);
    if (query->filter) {
        struct sample_term *where = arena_alloc(arena, sizeof(*where));
        if (!where)
            return error_no_memory(err);
        if (!sample_term_read(query->filter, "/filter", arena, where, err))
            return false;
        filter.where = where;
    }
    filter.state = query->state && strcmp(query->state, "tbc") == 0 ? SAMPLE_TO_BE_CONFIRMED : query->state;
    filter.only_hard = query->hard;
    filter.reason = query->reason == REASON_ANY ? -1 : (int64_t)query->reason;
    filter.label = query->label;
    filter.score_min = or_any(query->score_min);
    filter.score_max = or_any(query->score_max);
    filter.coefficient_min = or_any(query->coefficient_min);
    filter.coefficient_max = or_any(query->coefficient_max);
    filter.source_contains = query->name;
    filter.usage = query->usage;
    filter.origin = query->origin;
    filter.include_excluded = query->include_excluded;
    filter.sort = query->sort;
    filter.cursor = query->cursor;
    filter.offset = (int64_t)query->offset;
    filter.limit = (int64_t)query->limit;
    if (query->cursor && query->offset > 0) {
        (void)error_set(err, ERR_INVALID, "a page is found by its cursor or by its offset, not by both");
        return error_point(err, "/offset");
    }
    *ret = filter;
    return true;
}
