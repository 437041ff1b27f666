/* SPDX-License-Identifier: Apache-2.0 */
/* Gzip: compresses a reply. */
#ifndef HTTP_GZIP_H
#define HTTP_GZIP_H

#include "base/buffer.h"

/* Appends the gzip file of the bytes. */
MUST_CHECK bool http_gzip(struct bytes bytes, struct buffer *into, struct error *err);

#endif
