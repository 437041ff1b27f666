/* SPDX-License-Identifier: Apache-2.0 */
/* COCO results of any bytes; what stands before the first NUL is tried as the file of images and categories.
 */
#include "fuzz_target.h"

#include "given_checks.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct given_checks checks;
    struct given_coco_names *names = NULL;
    const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
    const uint8_t *list = end ? end + 1 : data;
    struct given_stream stream = {list, size - (size_t)(list - data)};
    if (given_checks_start(&checks)) {
        if (end)
            given_checks_error(given_coco_names_read((struct bytes){data, (size_t)(end - data)},
                                                     checks.labels, &names, &err),
                               &err);
        given_checks_error(given_coco_list(given_feed, &stream, names, &checks.sink, "it", &err), &err);
    }
    given_coco_names_free(names);
    given_checks_end(&checks);
    return 0;
}
