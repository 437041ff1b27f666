/* SPDX-License-Identifier: Apache-2.0 */
/* GIF. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("gif", 0, (struct bytes){"GIF89a", 6}, input);
    return 0;
}
