/* SPDX-License-Identifier: Apache-2.0 */
/* Render: one picture from the bytes of an image file. For picture/ only. */
#ifndef PICTURE_RENDER_H
#define PICTURE_RENDER_H

#include "picture/picture.h"

/* Appends a JPEG file of `content_hash`, which chooses what an augmentation draws. Errors as picture_get. */
MUST_CHECK bool picture_render(struct bytes file, const char *content_hash, const struct picture_wish *wish,
                               struct buffer *into, struct error *err);

#endif
