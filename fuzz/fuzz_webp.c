/* SPDX-License-Identifier: Apache-2.0 */
/* WebP. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    /* RIFF is not checked further than its name, so a wrong one only costs this input */
    check_image_as("webp", "WEBP", 8, input);
    return 0;
}
