/* SPDX-License-Identifier: Apache-2.0 */

/* What a server says when it refuses: the first byte chooses the status, the rest is the body. Whatever it
 * is, it is an error with printable words. */

#include "fuzz_target.h"

#include "base/text.h"
#include "client/client.h"

#include <assert.h>
#include <string.h>

enum { STATUS_FIRST = 400, STATUSES = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = {0};
    if (size == 0)
        return 0;
    bool is_fine =
        client_problem(STATUS_FIRST + data[0] % STATUSES, (struct bytes){data + 1, size - 1}, &err);
    assert(!is_fine && err.code > ERR_NONE && err.code < ERR_CODE_COUNT && err.detail < DETAIL_COUNT);
    assert(err.detail == DETAIL_NONE || error_detail_row(err.detail)->code == err.code);
    assert(text_is_utf8(err.message, strlen(err.message)) && text_is_utf8(err.pointer, strlen(err.pointer)));
    return 0;
}
