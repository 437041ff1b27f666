/* SPDX-License-Identifier: Apache-2.0 */
/* What a server answers beside a status of 400 or more; the first two bytes choose the status. Whatever it
 * is, the caller gets an error: of a known kind, with a message and a pointer that are whole texts. */
#include "fuzz_target.h"

#include "base/text.h"
#include "client/client.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_FIRST = 400, STATUSES = 200 };

static void check(int status, struct bytes body)
{
    struct error err = {.code = ERR_NONE}, again = {.code = ERR_NONE};
    assert(!client_problem(status, body, &err));
    assert(err.code > ERR_NONE && err.code < ERR_CODE_COUNT);
    assert(err.detail < DETAIL_COUNT);
    assert(err.detail == DETAIL_NONE || error_detail_row(err.detail)->code == err.code);
    size_t message = strnlen(err.message, sizeof(err.message)),
           pointer = strnlen(err.pointer, sizeof(err.pointer));
    assert(message > 0 && message < sizeof(err.message) && pointer < sizeof(err.pointer));
    assert(text_is_utf8(err.message, message) && text_is_utf8(err.pointer, pointer));
    assert(!client_problem(status, body, &again));
    assert(again.code == err.code && again.detail == err.detail && strcmp(again.message, err.message) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    /* A copy of just that size: a byte read past it is found. */
    size_t length = size - 2;
    char *body = malloc(length > 0 ? length : 1);
    assert(body);
    memcpy(body, data + 2, length);
    check(STATUS_FIRST + (data[0] + 256 * data[1]) % STATUSES, (struct bytes){body, length});
    free(body);
    return 0;
}
