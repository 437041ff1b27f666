/* SPDX-License-Identifier: Apache-2.0 */
/* TIFF, of whichever byte order the input has. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("tiff", "", 0, input);
    return 0;
}
