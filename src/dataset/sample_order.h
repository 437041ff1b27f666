/* SPDX-License-Identifier: Apache-2.0 */
/* Order: a total order of samples, by key, then by id in the same direction, so that one index serves both
 * directions. */
#ifndef DATASET_SAMPLE_ORDER_H
#define DATASET_SAMPLE_ORDER_H

#include "dataset/sample_cursor.h"

struct sample_order {
    const char *name;
    enum sample_key key;
    bool is_descending;
    const char *after; /* SQL, completed by the parameters of key and id and ")" */
    const char *by;    /* SQL */
};
/* ERR_INVALID lists those that exist. */
MUST_CHECK bool sample_order_find(const char *name, const struct sample_order **ret, struct error *err);
/* The cursor of a page that ends with this sample; NULL when the arena is full. Only the key of the order,
 * the source or the time, and the id of the sample are read. */
const char *sample_order_cursor(const struct sample_order *order, const struct sample *sample,
                                struct arena *arena);

#endif
