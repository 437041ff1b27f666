/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TIFF by libtiff: the first page, by its RGBA reader, which knows strips and tiles, palettes, bilevel, 16
 * bits, CMYK and YCbCr. That takes a third more memory meanwhile. libtiff's global error handlers are left
 * alone: each handle has its own.
 */
#include "image/decoder.h"
#include "image/pixels.h"

#include <stdio.h>
#include <string.h>

#include <tiffio.h>

enum {
    TIFF_HEADER_BYTES = 8,
    TIFF_ALLOCATION_MIN_BYTES = 16 * 1024 * 1024, /* even small pictures may have long tables */
    TIFF_ALLOCATION_PIXEL_BYTES = 4,              /* a single strip may hold the whole picture */
    TIFF_WHY_BYTES = 160,
};

struct tiff_reader {
    TIFF *tiff;
    struct bytes file;
    uint64_t at; /* in the file */
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    struct error *err;
    char why[TIFF_WHY_BYTES]; /* the first complaint of libtiff */
    bool is_decoding;         /* past the header */
    bool is_cut_short;        /* reading went past the end of the file */
    bool has_failed;          /* pixels are missing, or the header is unreadable */
    bool has_alpha;           /* the raster's alpha counts */
    bool is_straight;         /* alpha is not multiplied in: libtiff leaves gray as it is stored */
};

/* Returns 1: libtiff's global handlers are not asked. */
__attribute__((format(printf, 4, 0))) static int on_error(TIFF *tiff, void *state, const char *module,
                                                          const char *format, va_list args)
{
    struct tiff_reader *reader = state;
    (void)tiff, (void)module;
    if (!reader->has_failed)
        (void)vsnprintf(reader->why, sizeof(reader->why), format, args);
    reader->has_failed = true;
    return 1;
}

/* About pixels, the decoders of JPEG and fax warn only, whatever is missing; so does the reader of tags that
 * lie past the end of the file, and goes on with other colours. Tags that nobody knows are usual. */
__attribute__((format(printf, 4, 0))) static int on_warning(TIFF *tiff, void *state, const char *module,
                                                            const char *format, va_list args)
{
    struct tiff_reader *reader = state;
    if (reader->is_decoding || strstr(format, "IO error"))
        return on_error(tiff, state, module, format, args);
    if (!strstr(format, "Unknown field"))
        reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    return 1;
}

static tmsize_t on_read(thandle_t state, void *to, tmsize_t bytes)
{
    struct tiff_reader *reader = state;
    uint64_t left = reader->at < reader->file.size ? reader->file.size - reader->at : 0;
    size_t part = bytes > 0 && (uint64_t)bytes < left ? (size_t)bytes : (size_t)left;
    reader->is_cut_short |= bytes > 0 && part < (size_t)bytes;
    if (bytes <= 0 || part == 0)
        return 0;
    memcpy(to, (const uint8_t *)reader->file.data + reader->at, part);
    reader->at += part;
    return (tmsize_t)part;
}

static tmsize_t on_write(thandle_t state, void *from, tmsize_t bytes)
{
    (void)state, (void)from, (void)bytes;
    return -1;
}

static toff_t on_seek(thandle_t state, toff_t offset, int whence)
{
    struct tiff_reader *reader = state;
    reader->at = whence == SEEK_SET ? offset : (whence == SEEK_CUR ? reader->at : reader->file.size) + offset;
    return reader->at;
}

static toff_t on_size(thandle_t state)
{
    const struct tiff_reader *reader = state;
    return reader->file.size;
}

static int on_close(thandle_t state)
{
    (void)state;
    return 0;
}

/* libtiff's own words for a short file name internals. */
static const char *describe_failure(const struct tiff_reader *reader)
{
    if (reader->is_cut_short)
        return "the file is cut short";
    return reader->why[0] ? reader->why : "its data make no sense";
}

static bool refuse(const struct tiff_reader *reader)
{
    return error_set(reader->err, ERR_INVALID, "unreadable TIFF: %s", describe_failure(reader));
}

static bool open_tiff(struct tiff_reader *reader)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (!options)
        return error_no_memory(reader->err);
    uint64_t most = reader->options->pixels_max * TIFF_ALLOCATION_PIXEL_BYTES;
    most = most > TIFF_ALLOCATION_MIN_BYTES ? most : TIFF_ALLOCATION_MIN_BYTES;
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, reader);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, reader);
    /* m: no mapping, the file is in memory already */
    reader->tiff = TIFFClientOpenExt("TIFF", "rm", reader, on_read, on_write, on_seek, on_close, on_size,
                                     NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return (reader->tiff && !reader->has_failed) || refuse(reader);
}

/* Ways to pack pixels whose decoders need no memory beyond the picture. */
static bool check_compression(const struct tiff_reader *reader)
{
    static const uint16_t known[] = {
        COMPRESSION_NONE,      COMPRESSION_CCITTRLE, COMPRESSION_CCITTRLEW, COMPRESSION_CCITTFAX3,
        COMPRESSION_CCITTFAX4, COMPRESSION_LZW,      COMPRESSION_JPEG,      COMPRESSION_ADOBE_DEFLATE,
        COMPRESSION_DEFLATE,   COMPRESSION_PACKBITS,
    };
    uint16_t found = COMPRESSION_NONE;
    (void)TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_COMPRESSION, &found);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i] == found)
            return true;
    }
    return error_set(reader->err, ERR_INVALID,
                     "a TIFF of compression %u, which is not supported; save it with LZW or Deflate", found);
}

/* What the RGBA reader would get wrong without a word. */
static bool check_samples(struct tiff_reader *reader)
{
    uint16_t format = SAMPLEFORMAT_UINT, depth = 1, samples = 1, extras = 0, photometric = 0;
    const uint16_t *kinds = NULL;
    TIFF *tiff = reader->tiff;
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &depth);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
    (void)TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
    (void)TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric);
    if (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID)
        return error_set(reader->err, ERR_INVALID,
                         "a TIFF of signed or floating-point samples, which have no known white");
    reader->has_alpha =
        extras > 0 && (kinds[0] == EXTRASAMPLE_ASSOCALPHA || kinds[0] == EXTRASAMPLE_UNASSALPHA);
    bool is_gray = photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
    reader->is_straight = is_gray && reader->has_alpha && kinds[0] == EXTRASAMPLE_UNASSALPHA;
    if (reader->has_alpha && is_gray && depth != 8)
        return error_set(reader->err, ERR_INVALID, "a TIFF of %u-bit gray with transparency is not supported",
                         depth);
    if (depth == 16)
        reader->found->warnings |= IMAGE_WARNING_SCALED_16_BIT;
    return true;
}

static bool check_page(struct tiff_reader *reader)
{
    uint32_t width = 0, height = 0, kind = 0;
    const uint8_t *version = NULL;
    TIFF *tiff = reader->tiff;
    (void)TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width);
    (void)TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height);
    if (!image_check_size(width, height, reader->options->pixels_max, reader->err))
        return false;
    (void)TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind);
    if (kind & FILETYPE_REDUCEDIMAGE || TIFFGetField(tiff, TIFFTAG_DNGVERSION, &version))
        return error_set(reader->err, ERR_INVALID,
                         "a TIFF whose first page is only a preview, as in a camera's raw file");
    return check_compression(reader) && check_samples(reader);
}

static void note_tags(struct tiff_reader *reader)
{
    uint16_t orientation = 1;
    uint32_t profile_bytes = 0;
    const void *profile = NULL;
    (void)TIFFGetFieldDefaulted(reader->tiff, TIFFTAG_ORIENTATION, &orientation);
    if (orientation >= 1 && orientation <= 8)
        reader->found->orientation = (uint8_t)orientation;
    else
        reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    if (TIFFGetField(reader->tiff, TIFFTAG_ICCPROFILE, &profile_bytes, &profile))
        reader->found->warnings |= IMAGE_WARNING_ICC_IGNORED;
    if (!TIFFLastDirectory(reader->tiff))
        reader->found->warnings |= IMAGE_WARNING_FIRST_FRAME;
}

/* The raster's colours have alpha multiplied in. */
static void blend_pixel(const struct tiff_reader *reader, uint32_t pixel, uint8_t rgb[3])
{
    const uint8_t *under = reader->options->background;
    uint32_t alpha = TIFFGetA(pixel);
    for (uint32_t c = 0; c < 3; c++) {
        uint32_t over = (pixel >> (8 * c)) & 255;
        if (reader->is_straight)
            over = image_blend_channel(over, 0, alpha);
        uint32_t sum = over + image_blend_channel(0, under[c], alpha);
        rgb[c] = (uint8_t)(sum < 255 ? sum : 255);
    }
}

/* In place, because a pixel shrinks from 4 bytes to 3. */
static void flatten(struct tiff_reader *reader)
{
    uint8_t *pixels = reader->into->pixels;
    size_t count = (size_t)reader->into->width * reader->into->height;
    for (size_t i = 0; i < count; i++) {
        uint32_t pixel;
        memcpy(&pixel, pixels + i * 4, sizeof(pixel));
        uint8_t rgb[3] = {(uint8_t)TIFFGetR(pixel), (uint8_t)TIFFGetG(pixel), (uint8_t)TIFFGetB(pixel)};
        if (reader->has_alpha && TIFFGetA(pixel) != 255) {
            reader->found->warnings |= IMAGE_WARNING_ALPHA_BLENDED;
            blend_pixel(reader, pixel, rgb);
        }
        memcpy(pixels + i * 3, rgb, sizeof(rgb));
    }
}

/* What libtiff leaves out stays as it is here: the background, opaque. */
static void prepare(struct tiff_reader *reader)
{
    const uint8_t *under = reader->options->background;
    uint32_t pixel = under[0] | (uint32_t)under[1] << 8 | (uint32_t)under[2] << 16 | 0xff000000U;
    size_t count = (size_t)reader->into->width * reader->into->height;
    for (size_t i = 0; i < count; i++)
        memcpy(reader->into->pixels + i * 4, &pixel, sizeof(pixel));
}

static bool read_raster(struct tiff_reader *reader, TIFFRGBAImage *raster)
{
    uint32_t width = raster->width, height = raster->height;
    /* Stored order: turning is done later. */
    raster->orientation = raster->req_orientation = ORIENTATION_TOPLEFT;
    if (!image_reserve(reader->into, (size_t)width * height * 4, reader->err) ||
        !image_resize_buffer(reader->into, width, height, reader->err))
        return false;
    prepare(reader);
    int done = TIFFRGBAImageGet(raster, (uint32_t *)(void *)reader->into->pixels, width, height);
    if ((!done || reader->has_failed) && !reader->options->accept_partial)
        return error_set(reader->err, ERR_INVALID, "damaged TIFF, pixels are missing: %s",
                         describe_failure(reader));
    if (!done || reader->has_failed)
        reader->found->warnings |= IMAGE_WARNING_PARTIAL;
    flatten(reader);
    return true;
}

static bool read_page(struct tiff_reader *reader)
{
    TIFFRGBAImage raster;
    char why[1024] = "";
    if (!check_page(reader))
        return false;
    note_tags(reader);
    reader->is_decoding = true;
    reader->has_failed = false;
    if (!TIFFRGBAImageBegin(&raster, reader->tiff, !reader->options->accept_partial, why))
        return error_set(reader->err, ERR_INVALID, "unreadable TIFF: %s", why[0] ? why : reader->why);
    bool done = read_raster(reader, &raster);
    TIFFRGBAImageEnd(&raster);
    return done;
}

static bool sniff_tiff(struct bytes start)
{
    return start.size >= TIFF_HEADER_BYTES &&
           (memcmp(start.data, "II*\0", 4) == 0 || memcmp(start.data, "MM\0*", 4) == 0 ||
            memcmp(start.data, "II+\0", 4) == 0 || memcmp(start.data, "MM\0+", 4) == 0);
}

static bool decode_tiff(struct bytes file, const struct image_options *options, struct image *into,
                        struct image_found *found, struct error *err)
{
    struct tiff_reader reader = {.file = file, .options = options, .into = into, .found = found, .err = err};
    bool done = open_tiff(&reader) && read_page(&reader);
    if (reader.tiff)
        TIFFClose(reader.tiff);
    return done;
}

const struct image_decoder image_decoder_tiff = {
    .name = "tiff",
    .title = "TIFF",
    .sniff = sniff_tiff,
    .decode = decode_tiff,
};
