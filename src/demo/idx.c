/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

enum { IMAGES_MAGIC = 2051, LABELS_MAGIC = 2049, IMAGE_BYTES = DEMO_SIDE_PX * DEMO_SIDE_PX };

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static bool read_exactly(gzFile file, void *into, size_t bytes)
{
    return gzread(file, into, (unsigned)bytes) == (int)bytes;
}

static bool read_file(const char *path, uint32_t magic, size_t header_bytes, void *into, size_t bytes,
                      struct error *err)
{
    unsigned char header[16];
    gzFile file = gzopen(path, "rb");
    if (!file)
        return error_set(err, ERR_NOT_FOUND,
                         "%s is not there: install it with apt-get install dataset-fashion-mnist", path);
    bool is_ok = read_exactly(file, header, header_bytes) && big_endian(header) == magic &&
                 read_exactly(file, into, bytes);
    (void)gzclose(file);
    return is_ok || error_set(err, ERR_INVALID,
                              "%s is damaged or another format; install dataset-fashion-mnist again", path);
}

bool idx_read(const char *folder, uint32_t count, struct idx_images *ret, struct error *err)
{
    char images[512], labels[512];
    struct idx_images read = {malloc((size_t)count * IMAGE_BYTES), malloc(count), count};
    (void)snprintf(images, sizeof(images), "%s/train-images-idx3-ubyte.gz", folder);
    (void)snprintf(labels, sizeof(labels), "%s/train-labels-idx1-ubyte.gz", folder);
    bool is_ok = (read.pixels && read.labels) || error_no_memory(err);
    is_ok = is_ok && read_file(images, IMAGES_MAGIC, 16, read.pixels, (size_t)count * IMAGE_BYTES, err) &&
            read_file(labels, LABELS_MAGIC, 8, read.labels, count, err);
    for (uint32_t i = 0; is_ok && i < count; i++)
        if (read.labels[i] >= DEMO_CLASSES)
            is_ok = error_set(err, ERR_INVALID, "%s holds a label beyond 9", labels);
    if (!is_ok) {
        idx_release(&read);
        return false;
    }
    *ret = read;
    return true;
}

void idx_release(struct idx_images *images)
{
    free(images->pixels);
    free(images->labels);
    *images = (struct idx_images){0};
}
