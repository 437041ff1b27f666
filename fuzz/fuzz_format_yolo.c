/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before the first NUL is a data.yaml and a list of classes, the rest a file of labels. */
#include "fuzz_target.h"

#include "formats/yolo_set.h"
#include "formats_checks.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
    const struct bytes description = {size > 0 ? (const void *)data : "", end ? (size_t)(end - data) : size};
    const struct bytes lines = {end ? (const void *)(end + 1) : "", end ? size - description.size - 1 : 0};
    AUTO(arena) arena = arena_new(FORMAT_ARENA_BYTES);
    if (!arena)
        return 0;
    for (int is_list = 0; is_list < 2; is_list++) {
        struct error err = {0};
        struct yolo_set set = {0};
        struct voc voc;
        arena_reset(arena);
        bool is_read = is_list ? yolo_classes_read(description, arena, &set, &err)
                               : yolo_set_read(description, arena, &set, &err);
        formats_check_error(is_read, &err);
        if (!is_read)
            continue;
        is_read = yolo_labels_read(lines, &set, (struct yolo_size){640, 480}, arena, &voc, &err);
        formats_check_error(is_read, &err);
        if (is_read)
            formats_check_voc(&voc);
    }
    return 0;
}
