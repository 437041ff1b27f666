/* SPDX-License-Identifier: Apache-2.0 */
#include "image/decoder.h"

#include <stdio.h>
#include <string.h>

const struct image_decoder *const image_decoders[] = {
    &image_decoder_jpeg,
    &image_decoder_png,
    &image_decoder_webp,
    &image_decoder_gif,
    &image_decoder_bmp,
    &image_decoder_tiff,
    NULL,
};

/* Content that people hand in by mistake or hope. Decoders are asked first. */
static const struct foreign {
    const char *what;
    size_t offset;
    const char *magic;
    size_t magic_bytes;
} foreigners[] = {
    {"an AVIF image", 4, "ftypavi", 7},
    {"a HEIF image", 4, "ftyphei", 7},
    {"a HEIF image", 4, "ftyphev", 7},
    {"a HEIF image", 4, "ftypmif1", 8},
    {"a HEIF image", 4, "ftypmsf1", 8},
    {"a JPEG XL image", 0, "\xff\x0a", 2},
    {"a JPEG XL image", 4, "JXL ", 4},
    {"a JPEG 2000 image", 4, "jP  ", 4},
    {"a JPEG 2000 image", 0, "\xff\x4f\xff\x51", 4},
    {"an ICO icon", 0, "\0\0\1\0", 4},
    {"a Photoshop file", 0, "8BPS", 4},
    {"an MNG animation", 0, "\x8aMNG", 4},
    {"a PNM image", 0, "P1", 2},
    {"a PNM image", 0, "P2", 2},
    {"a PNM image", 0, "P3", 2},
    {"a PNM image", 0, "P4", 2},
    {"a PNM image", 0, "P5", 2},
    {"a PNM image", 0, "P6", 2},
    {"a PDF document", 0, "%PDF-", 5},
    {"an SVG drawing", 0, "<svg", 4},
    {"an XML file", 0, "<?xml", 5},
    {"an HTML page", 0, "<html", 5},
    {"an HTML page", 0, "<HTML", 5},
    {"an HTML page", 0, "<!doctype html", 14},
    {"an HTML page", 0, "<!DOCTYPE html", 14},
    {"a ZIP archive", 0, "PK\3\4", 4},
};

const struct image_decoder *image_find_decoder(struct bytes start)
{
    if (start.size > IMAGE_SNIFF_BYTES)
        start.size = IMAGE_SNIFF_BYTES;
    for (const struct image_decoder *const *decoder = image_decoders; *decoder; decoder++) {
        if ((*decoder)->sniff(start))
            return *decoder;
    }
    return NULL;
}

const char *image_sniff(struct bytes start)
{
    const struct image_decoder *decoder = image_find_decoder(start);
    return decoder ? decoder->name : NULL;
}

static const char *name_foreigner(struct bytes file)
{
    for (size_t i = 0; i < sizeof(foreigners) / sizeof(foreigners[0]); i++) {
        const struct foreign *row = &foreigners[i];
        if (file.size >= row->offset + row->magic_bytes &&
            memcmp((const char *)file.data + row->offset, row->magic, row->magic_bytes) == 0)
            return row->what;
    }
    return NULL;
}

/* "JPEG, PNG and WebP", from the table. */
static void list_decoders(char *to, size_t to_bytes)
{
    size_t used = 0;
    to[0] = '\0';
    for (size_t i = 0; image_decoders[i] && used < to_bytes; i++) {
        const char *joint = i == 0 ? "" : image_decoders[i + 1] ? ", " : " and ";
        int length = snprintf(to + used, to_bytes - used, "%s%s", joint, image_decoders[i]->title);
        used += length > 0 ? (size_t)length : 0;
    }
}

static bool is_all_zero(struct bytes file)
{
    const uint8_t *bytes = file.data;
    for (size_t i = 0; i < file.size; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

bool image_refuse(struct bytes file, struct error *err)
{
    char readable[128];
    list_decoders(readable, sizeof(readable));
    if (file.size == 0)
        return error_set(err, ERR_INVALID, "the file is empty");
    const char *what = name_foreigner(file);
    if (what)
        return error_set(err, ERR_INVALID, "%s; this build reads %s", what, readable);
    if (is_all_zero(file))
        return error_set(err, ERR_INVALID, "not an image: all %zu bytes are zero", file.size);
    char digits[8 * 3 + 1] = "";
    for (size_t i = 0; i < file.size && i < 8; i++)
        (void)snprintf(digits + i * 3, 4, " %02x", ((const uint8_t *)file.data)[i]);
    return error_set(err, ERR_INVALID, "not an image of a known type (starts with%s); this build reads %s",
                     digits, readable);
}
