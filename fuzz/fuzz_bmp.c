/* SPDX-License-Identifier: Apache-2.0 */
/* BMP. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("bmp", 0, (struct bytes){"BM", 2}, input);
    return 0;
}
