/* SPDX-License-Identifier: Apache-2.0 */
/* PNG by libpng, row by row into the image. Only an interlaced one with transparency needs a third more
 * memory meanwhile. */
#include "image/decoder.h"
#include "image/orient.h"
#include "image/pixels.h"

#include <stdlib.h>
#include <string.h>

#include <png.h>

enum {
    PNG_SIGNATURE_BYTES = 8,
    PNG_CHUNK_MAX_BYTES = 8 * 1024 * 1024, /* one profile or EXIF block */
    PNG_CHUNKS_KEPT_MAX = 16,
    PNG_PARTIAL_BLOCK_BYTES = 256,
    PNG_HEADER_BYTES = PNG_SIGNATURE_BYTES + 4 + 4 + 13,
};

enum png_stage { PNG_STAGE_HEADER, PNG_STAGE_ROWS, PNG_STAGE_END };

struct png_reader {
    png_structp png;
    png_infop info;
    struct bytes rest; /* of the file */
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    struct error *err;
    uint8_t *alpha_row; /* one row of RGBA */
    uint32_t rows_done; /* of the last pass */
    enum png_stage stage;
    bool has_alpha, is_interlaced;
    bool is_failed; /* *err says why */
};

static _Noreturn void on_error(png_structp png, const char *why)
{
    struct png_reader *reader = png_get_error_ptr(png);
    switch (reader->stage) {
    case PNG_STAGE_HEADER:
        (void)error_set(reader->err, ERR_INVALID, "unreadable PNG: %s", why);
        reader->is_failed = true;
        break;
    case PNG_STAGE_ROWS:
        if (reader->options->accept_partial) {
            reader->found->warnings |= IMAGE_WARNING_PARTIAL;
            break;
        }
        (void)error_set(reader->err, ERR_INVALID, "damaged PNG, pixels are missing: near row %u of %u: %s",
                        reader->rows_done, reader->into->height, why);
        reader->is_failed = true;
        break;
    case PNG_STAGE_END:
        reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
        break;
    }
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, const char *why)
{
    struct png_reader *reader = png_get_error_ptr(png);
    (void)why;
    reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
}

static void on_read(png_structp png, png_bytep to, size_t bytes)
{
    struct png_reader *reader = png_get_io_ptr(png);
    if (bytes > reader->rest.size)
        png_error(png, "the file is cut short");
    memcpy(to, reader->rest.data, bytes);
    reader->rest = (struct bytes){(const uint8_t *)reader->rest.data + bytes, reader->rest.size - bytes};
}

static uint32_t read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The header is always the first chunk, so its limits are checked before libpng allocates a byte. */
static bool check_header(struct bytes file, const struct image_options *options, struct error *err)
{
    const uint8_t *bytes = file.data;
    if (file.size < PNG_HEADER_BYTES)
        return error_set(err, ERR_INVALID, "unreadable PNG: the file is cut short");
    if (memcmp(bytes + 12, "IHDR", 4) != 0)
        return error_set(err, ERR_INVALID, "unreadable PNG: it does not begin with its header");
    return image_check_size(read_u32(bytes + 16), read_u32(bytes + 20), options->pixels_max, err);
}

static void set_limits_and_chunks(struct png_reader *reader)
{
    static const png_byte ours[] = "iCCP\0eXIf\0acTL";
    png_structp png = reader->png;
    png_set_user_limits(png, IMAGE_SIDE_MAX_PX, IMAGE_SIDE_MAX_PX);
    png_set_chunk_malloc_max(png, PNG_CHUNK_MAX_BYTES);
    png_set_read_fn(png, reader, on_read);
    /* What a cut file holds of its last block cannot be read, so blocks are small when a part is wanted. */
    if (reader->options->accept_partial)
        png_set_compression_buffer_size(png, PNG_PARTIAL_BLOCK_BYTES);
    /* Texts, times and the like are skipped unread, so that none can unpack to megabytes. */
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, ours, sizeof(ours) / 5);
    png_set_chunk_cache_max(png, PNG_CHUNKS_KEPT_MAX);
}

/* 8-bit RGB or RGBA from whatever is stored. */
static void set_transformations(struct png_reader *reader)
{
    png_structp png = reader->png;
    if (png_get_bit_depth(png, reader->info) == 16) {
        png_set_scale_16(png);
        reader->found->warnings |= IMAGE_WARNING_SCALED_16_BIT;
    }
    png_set_expand(png);
    png_set_gray_to_rgb(png);
    reader->is_interlaced = png_set_interlace_handling(png) > 1;
    png_read_update_info(png, reader->info);
    reader->has_alpha = png_get_channels(png, reader->info) == 4;
}

static bool make_room(struct png_reader *reader)
{
    uint32_t width = png_get_image_width(reader->png, reader->info);
    uint32_t height = png_get_image_height(reader->png, reader->info);
    size_t pixels = (size_t)width * height;
    if (reader->has_alpha && reader->is_interlaced && !image_reserve(reader->into, pixels * 4, reader->err))
        return false;
    if (!image_resize_buffer(reader->into, width, height, reader->err))
        return false;
    if (reader->has_alpha && !reader->is_interlaced) {
        reader->alpha_row = malloc((size_t)width * 4);
        if (!reader->alpha_row)
            return error_no_memory(reader->err);
    }
    return true;
}

static void read_rows(struct png_reader *reader)
{
    struct image *into = reader->into;
    for (uint32_t y = 0; y < into->height; y++) {
        uint8_t *rgb = into->pixels + (size_t)y * into->width * 3;
        png_read_row(reader->png, reader->has_alpha ? reader->alpha_row : rgb, NULL);
        if (reader->has_alpha)
            image_blend_pixels(reader->alpha_row, into->width, reader->options->background, rgb,
                               reader->found);
        reader->rows_done = y + 1;
    }
}

/* Each pass refines the whole picture, so what is missing in the end shows as coarse blocks. */
static void read_passes(struct png_reader *reader)
{
    struct image *into = reader->into;
    size_t row_bytes = (size_t)into->width * (reader->has_alpha ? 4 : 3);
    if (reader->has_alpha)
        memset(into->pixels, 0, row_bytes * into->height);
    else
        image_fill_rows(into, 0, reader->options->background);
    for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++) {
        for (uint32_t y = 0; y < into->height; y++) {
            reader->rows_done = y;
            png_read_row(reader->png, NULL, into->pixels + y * row_bytes);
        }
    }
}

static bool read_pixels(struct png_reader *reader)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return !reader->is_failed;
    set_limits_and_chunks(reader);
    png_read_info(reader->png, reader->info);
    set_transformations(reader);
    if (!make_room(reader))
        return false;
    reader->stage = PNG_STAGE_ROWS;
    if (reader->is_interlaced)
        read_passes(reader);
    else
        read_rows(reader);
    reader->stage = PNG_STAGE_END;
    png_read_end(reader->png, reader->info);
    return true;
}

static bool read_png(struct png_reader *reader)
{
    reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_error, on_warning);
    reader->info = reader->png ? png_create_info_struct(reader->png) : NULL;
    if (!reader->info)
        return error_no_memory(reader->err);
    if (!read_pixels(reader))
        return false;
    struct image *into = reader->into;
    if (reader->is_interlaced && reader->has_alpha)
        image_blend_pixels(into->pixels, (size_t)into->width * into->height, reader->options->background,
                           into->pixels, reader->found);
    else if (!reader->is_interlaced)
        image_fill_rows(into, reader->rows_done, reader->options->background);
    return true;
}

static bool note_chunk(const png_unknown_chunk *chunk, struct image_found *found, struct error *err)
{
    if (memcmp(chunk->name, "eXIf", 4) == 0)
        return image_read_orientation((struct bytes){chunk->data, chunk->size}, found, err);
    if (memcmp(chunk->name, "iCCP", 4) == 0)
        found->warnings |= IMAGE_WARNING_ICC_IGNORED;
    else if (memcmp(chunk->name, "acTL", 4) == 0 && chunk->size >= 4 && read_u32(chunk->data) > 1)
        found->warnings |= IMAGE_WARNING_FIRST_FRAME;
    return true;
}

static bool note_chunks(const struct png_reader *reader)
{
    png_unknown_chunkp chunks = NULL;
    int count = png_get_unknown_chunks(reader->png, reader->info, &chunks);
    for (int i = 0; i < count; i++) {
        if (!note_chunk(&chunks[i], reader->found, reader->err))
            return false;
    }
    return true;
}

static bool sniff_png(struct bytes start)
{
    return start.size >= PNG_SIGNATURE_BYTES && png_sig_cmp(start.data, 0, PNG_SIGNATURE_BYTES) == 0;
}

static bool decode_png(struct bytes file, const struct image_options *options, struct image *into,
                       struct image_found *found, struct error *err)
{
    if (!check_header(file, options, err))
        return false;
    struct png_reader reader = {.rest = file, .options = options, .into = into, .found = found, .err = err};
    bool done = read_png(&reader) && note_chunks(&reader);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    free(reader.alpha_row);
    return done;
}

const struct image_decoder image_decoder_png = {
    .name = "png",
    .title = "PNG",
    .sniff = sniff_png,
    .decode = decode_png,
};
