/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold for every image file, whatever its bytes; shared by the targets of the decoders. */
#ifndef FUZZ_IMAGE_CHECKS_H
#define FUZZ_IMAGE_CHECKS_H

#include "image/image.h"

/* Decodes strictly and leniently, measures, writes a PNG and reads it back. Aborts when anything is off. */
void check_image(struct bytes file);
/* The same for a copy of the input that begins with `magic` at `offset`, so that every input reaches the
 * decoder of that name. */
void check_image_as(const char *decoder, size_t offset, struct bytes magic, struct bytes file);

#endif
