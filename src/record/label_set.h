/* SPDX-License-Identifier: Apache-2.0 */
/* Label set: the classes that an image shows. */
#ifndef RECORD_LABEL_SET_H
#define RECORD_LABEL_SET_H

#include <stdbool.h>
#include <stdint.h>

struct label_set {
    const uint32_t *classes; /* ascending, each once */
    uint32_t count;
};
bool label_set_has(const struct label_set *set, uint32_t class_index);

#endif
