/* SPDX-License-Identifier: Apache-2.0 */
/* JPEG. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct bytes input = {data, size};
    check_image_as("jpeg", 0, (struct bytes){"\xff\xd8\xff", 3}, input);
    return 0;
}
