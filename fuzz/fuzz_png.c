/* SPDX-License-Identifier: Apache-2.0 */
/* PNG, also with checksums that fit. */
#include "fuzz_target.h"
#include "image_checks.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { PNG_SIGNATURE_BYTES = 8, PNG_CHUNK_EMPTY_BYTES = 12 /* length, name, checksum */ };

/* Makes the checksums of a PNG fit what the fuzzer made of its chunks, which would be refused otherwise. */
static void repair_png(uint8_t *file, size_t size)
{
    for (size_t at = PNG_SIGNATURE_BYTES; size - at >= PNG_CHUNK_EMPTY_BYTES;) {
        size_t bytes =
            (size_t)file[at] << 24 | (size_t)file[at + 1] << 16 | (size_t)file[at + 2] << 8 | file[at + 3];
        if (bytes > size - at - PNG_CHUNK_EMPTY_BYTES)
            return;
        unsigned long sum = crc32(0, file + at + 4, (unsigned int)bytes + 4);
        for (size_t i = 0; i < 4; i++)
            file[at + 8 + bytes + i] = (uint8_t)(sum >> (24 - 8 * i));
        at += PNG_CHUNK_EMPTY_BYTES + bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct bytes signature = {"\x89PNG\r\n\x1a\n", PNG_SIGNATURE_BYTES};
    check_image_as("png", 0, signature, (struct bytes){data, size});
    uint8_t *repaired = size >= PNG_SIGNATURE_BYTES ? malloc(size) : NULL;
    if (repaired) {
        memcpy(repaired, data, size);
        repair_png(repaired, size);
        check_image_as("png", 0, signature, (struct bytes){repaired, size});
    }
    free(repaired);
    return 0;
}
