/* SPDX-License-Identifier: Apache-2.0 */
/* Orient: which way up an image is (EXIF tag 0x0112), and turning it. */
#ifndef IMAGE_ORIENT_H
#define IMAGE_ORIENT_H

#include "image/decoder.h"

/* Reads the orientation into found->orientation from EXIF data that start with their TIFF header. Data
 * without one, or damaged (found->warnings then has IMAGE_WARNING_BAD_METADATA), change nothing.
 * ERR_NO_MEMORY only. */
MUST_CHECK bool image_read_orientation(struct bytes tiff, struct image_found *found, struct error *err);
/* Turns pixels stored with this orientation upright. 5..8 need a second buffer for the time of the call. */
MUST_CHECK bool image_turn_upright(struct image *image, uint8_t orientation, struct error *err);

#endif
