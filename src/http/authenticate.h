/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authenticate: who sends a request, and whether it may. A caller shows an API token (Authorization: Bearer,
 * or X-Auth-Token) or the cookie of a session; with the cookie, a request that changes something must bring
 * the session's X-CSRF-Token too.
 */
#ifndef HTTP_AUTHENTICATE_H
#define HTTP_AUTHENTICATE_H

#include "http/exchange.h"

/* Sets exchange->caller. False: the exchange has a problem: 401, 403, or what the database says. */
MUST_CHECK bool exchange_authenticate(struct exchange *exchange, struct api *api);
/* The same as a job of the pool, for requests whose body is not read before they are known to be allowed. */
void exchange_check(struct pool_job *job, struct api *api);
/* True when only some may send such a request. */
bool exchange_needs_caller(const struct exchange *exchange);

#endif
