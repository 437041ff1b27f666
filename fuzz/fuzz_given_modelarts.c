/* SPDX-License-Identifier: Apache-2.0 */
/* A ModelArts result file of any bytes. */
#include "fuzz_target.h"

#include "given_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct given_checks checks;
    AUTO(arena) arena = arena_new((size_t)64 * 1024 * 1024);
    if (given_checks_start(&checks) && arena)
        given_checks_error(
            given_modelarts_result((struct bytes){data, size}, "a.jpg", &checks.sink, arena, &err), &err);
    given_checks_end(&checks);
    return 0;
}
