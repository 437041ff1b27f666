/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes of samples share: which ones, how one is shown, how a decision is said. */
#ifndef API_NATIVE_SAMPLE_REQUESTS_H
#define API_NATIVE_SAMPLE_REQUESTS_H

#include "api/native/native.h"
#include "dataset/sample_index.h"

/* Which samples, and which page of them. */
struct sample_query {
    const char *state, *label, *usage, *origin, *name, *sort, *cursor;
    bool hard, include_excluded;
    uint64_t reason;
    double score_min, score_max, coefficient_min, coefficient_max;
    yyjson_val *filter;
    uint64_t offset, limit;
};
/* The rows of a sample_query: conditions, then order, cursor and limit of a page. */
extern const struct param_spec sample_condition_params[], sample_page_params[];
/* ERR_INVALID and ERR_LIMIT of the filter point to "/filter". */
MUST_CHECK bool sample_filter_of(const struct sample_query *query, struct arena *arena,
                                 struct sample_filter *ret, struct error *err);

/* Members to show, in the order of the table whatever their order; none: all. ERR_INVALID points to
 * "/fields". */
MUST_CHECK bool sample_fields_of(struct param_list names, uint64_t *ret, struct error *err);
enum { SAMPLE_FIELDS_ALL = -1 }; /* as uint64_t: every bit */
void reply_sample(yyjson_mut_doc *doc, yyjson_mut_val *object, const struct sample *sample, uint64_t fields);
/* "samples", "total", "next_cursor". */
MUST_CHECK bool reply_sample_page(struct api_call *call, const char *dataset_id,
                                  const struct sample_filter *filter, uint64_t fields, struct error *err);

/* What is decided. */
struct decision_words {
    const char *action, *by;
    struct param_list labels, box;
    bool nothing;
};
extern const struct param_spec decision_words_params[];
MUST_CHECK bool read_decision_words(struct api_call *call, const struct decision_words *words,
                                    struct sample_decision *ret, struct error *err);
/* The same without an action. */
MUST_CHECK bool read_decision_answer(struct api_call *call, const struct decision_words *words,
                                     struct sample_decision *ret, struct error *err);
/* The `finish` of a decision, with the call as its state: the reply is made where it can be kept together
 * with what was decided. */
MUST_CHECK bool reply_outcomes(void *state, const struct samples_decided *decided, struct error *err);

#endif
