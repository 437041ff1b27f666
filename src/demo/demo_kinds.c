/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo_kind.h"

#include "base/path.h"

#include <stdlib.h>

const struct demo_kind *const demo_kinds[] = {&demo_garments, &demo_scenes, NULL};

bool demo_image_number(const char *source, uint32_t first, uint32_t count, uint32_t *ret)
{
    const char *base = path_base(source);
    char *end = NULL;
    unsigned long number = strtoul(base, &end, 10);
    if (end == base || number < first || number - first >= count)
        return false;
    *ret = (uint32_t)number;
    return true;
}
