/* SPDX-License-Identifier: Apache-2.0 */
/* Class set: the classes that an image shows. */
#ifndef RECORD_CLASS_SET_H
#define RECORD_CLASS_SET_H

#include <stdbool.h>
#include <stdint.h>

struct class_set {
    const uint32_t *classes; /* ascending, each once */
    uint32_t count;
};
bool class_set_has(const struct class_set *set, uint32_t class_index);

#endif
