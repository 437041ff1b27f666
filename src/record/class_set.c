/* SPDX-License-Identifier: Apache-2.0 */
#include "record/class_set.h"

bool class_set_has(const struct class_set *set, uint32_t class_index)
{
    uint32_t from = 0, to = set->count;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (set->classes[middle] < class_index)
            from = middle + 1;
        else
            to = middle;
    }
    return from < set->count && set->classes[from] == class_index;
}
