/* SPDX-License-Identifier: Apache-2.0 */
/* What of an import is wanted: hard examples only, some labels only. Pure. */
#ifndef WORK_IMPORT_FILTER_H
#define WORK_IMPORT_FILTER_H

#include "base/params.h"
#include "formats/format.h"

/* How a dataset is read, beside where it lies. */
struct import_settings {
    const char *format; /* NULL: by content */
    const char *images; /* NULL: as the format has it */
    bool difficult_only;
    struct param_list include_labels, exclude_labels; /* none: all, nothing */
};
extern const struct param_spec import_settings_params[];

/* Drops the labels that are not wanted. False when the item is not wanted at all: it is not hard, or no label
 * is left where labels are chosen. The item's lists are changed in place. */
bool import_filter(const struct import_settings *settings, struct format_item *item, struct voc *voc);
/* True when anything is filtered. */
bool import_is_filtered(const struct import_settings *settings);

#endif
