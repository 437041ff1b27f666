/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF, of both byte orders, and BigTIFF. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("tiff", 0, (struct bytes){"II*\0", 4}, input);
    check_image_as("tiff", 0, (struct bytes){"MM\0*", 4}, input);
    check_image_as("tiff", 0, (struct bytes){"II+\0", 4}, input);
    return 0;
}
