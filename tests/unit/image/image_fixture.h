/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures, files and a reference for the tests of image/. Include after test.h. */
#ifndef TESTS_IMAGE_FIXTURE_H
#define TESTS_IMAGE_FIXTURE_H

#include "image/image.h"

#include <stdio.h>

#include <jpeglib.h>

enum { FILE_LIMIT_BYTES = 64 * 1024 * 1024 };

/* A picture with edges, slopes and some noise; the same for the same seed. */
void paint(struct image *image, uint32_t width, uint32_t height, uint32_t seed);
/* Every pixel random. */
void paint_noise(struct image *image, uint32_t width, uint32_t height, uint32_t seed);
void paint_flat(struct image *image, uint32_t width, uint32_t height, uint8_t level);
uint32_t next_random(uint32_t *seed);

void assert_same_pixels(const struct image *a, const struct image *b);
/* Mean difference of two images of one size, in levels. */
double mean_difference(const struct image *a, const struct image *b);

struct bytes bytes_of(const struct buffer *buffer);
void read_file(const char *path, struct buffer *into);
void write_file(const char *folder, const char *name, const void *data, size_t bytes);
/* A file of the development data, whose folder TROMMEL_TEST_DATA names; false without it. */
bool data_path(const char *name, char *to, size_t to_bytes);

/* Decodes what must decode. */
struct image_info decode(struct bytes file, const struct image_options *options, struct image *into);
/* Decodes what must not; the message holds `part`. */
void assert_refused(struct bytes file, const struct image_options *options, enum error_code code,
                    const char *part);

/* Every prefix of a file is refused, or has the whole file's pixels, or is partial when that is accepted.
 * What is refused as past a limit spends no memory. Gives how many prefixes passed strictly and partially. */
struct prefix_counts {
    size_t passed, partial;
};
struct prefix_counts assert_prefixes(struct bytes file);
/* The file is refused without memory for pixels. */
void assert_costs_nothing(struct bytes file, enum error_code code, const char *part);

/* JPEG files as libjpeg writes them. */
struct jpeg_kind {
    const char *name;
    J_COLOR_SPACE colours; /* as stored */
    int across, down;      /* sampling of luma */
    unsigned int restart_blocks;
    bool is_progressive, has_no_adobe_marker;
    struct bytes exif;    /* APP1 after "Exif\0\0"; empty: none */
    struct bytes profile; /* APP2 after "ICC_PROFILE\0" */
};
/* CMYK kinds store the picture's 255 − RGB as inks with a little black. */
void make_jpeg(const struct image *image, const struct jpeg_kind *kind, struct buffer *into);

/* TIFF header and one entry, 0x0112 = value, in either byte order. */
enum { EXIF_BYTES = 26 };
void make_exif(uint16_t value, bool is_big_endian, uint8_t to[EXIF_BYTES]);

/* Runs reference.py with these arguments. False when there is no Python with Pillow: then skip(). */
bool run_reference(const char *mode, const char *folder);

#endif
