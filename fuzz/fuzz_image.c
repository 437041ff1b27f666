/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes: the decoder is chosen by what they look like. */
#include "fuzz_target.h"
#include "image_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_image((struct bytes){data, size});
    return 0;
}
