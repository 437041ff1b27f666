/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the garments, from demo/garments.labels.txt: one a line, in the order of the classes. */
#ifndef BENCH_GARMENT_LABELS_H
#define BENCH_GARMENT_LABELS_H

#include "demo/demo.h"

enum { GARMENT_LABEL_BYTES = 64 };

struct garment_labels {
    char names[DEMO_CLASSES][GARMENT_LABEL_BYTES];
};
MUST_CHECK bool garment_labels_read(const char *path, struct garment_labels *ret, struct error *err);

#endif
