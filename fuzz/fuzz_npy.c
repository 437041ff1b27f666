/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an array file: what is accepted lies within the file, is aligned, and has the header that we
 * would write, but for blanks at its end. */
#include "fuzz_target.h"

#include "record/npy.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct npy_array array;
    AUTO_BUFFER(ours, 4096);
    if (!npy_read((struct bytes){data, size}, &array, &err)) {
        must(err.code == ERR_INVALID);
        return 0;
    }
    const uint8_t *items = array.data;
    uint64_t columns = array.columns > 0 ? array.columns : 1;
    size_t start = (size_t)(items - data);
    must(start % NPY_ALIGNMENT_BYTES == 0 && start <= size);
    must(array.rows * columns * npy_item_bytes(array.type) == size - start);
    must(npy_start(&ours, array.type, array.rows, array.columns, &err));
    const char *end = strstr(ours.data + 10, "), }");
    must(end && (size_t)(end - ours.data) + 4 <= start);
    /* A number of the shape may have zeros before it. */
    const char *shape = strstr(ours.data + 10, "'shape'");
    must(shape && memcmp(data + 10, ours.data + 10, (size_t)(shape - ours.data - 10)) == 0);
    return 0;
}
