/* SPDX-License-Identifier: Apache-2.0 */
#include "garment_labels.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

bool garment_labels_read(const char *path, struct garment_labels *ret, struct error *err)
{
    char line[GARMENT_LABEL_BYTES * 2];
    FILE *file = fopen(path, "re");
    int count = 0;
    while (file && count < DEMO_CLASSES && fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0' || !text_copy(ret->names[count], GARMENT_LABEL_BYTES, line))
            break;
        count++;
    }
    if (file)
        (void)fclose(file);
    return count == DEMO_CLASSES ||
           error_set(err, ERR_INVALID, "%s: no %d labels, one a line", path, DEMO_CLASSES);
}
