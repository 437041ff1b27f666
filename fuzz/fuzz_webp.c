/* SPDX-License-Identifier: Apache-2.0 */
/* WebP. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("webp", 8, (struct bytes){"WEBP", 4}, input);
    return 0;
}
