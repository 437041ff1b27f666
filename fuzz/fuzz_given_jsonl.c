/* SPDX-License-Identifier: Apache-2.0 */
/* Predictions as JSON Lines of any bytes: what is handed on is what given_checks.h promises. */
#include "fuzz_target.h"

#include "given_checks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    struct given_checks checks;
    struct given_stream stream = {data, size};
    if (given_checks_start(&checks))
        given_checks_error(given_jsonl_lines(given_feed, &stream, &checks.sink, "it", &err), &err);
    given_checks_end(&checks);
    return 0;
}
