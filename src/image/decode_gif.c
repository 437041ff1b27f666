/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GIF by giflib: the first frame on its canvas, which grows where the frame is larger, as in browsers and
 * Pillow. What no frame covers is as transparent as what the frame leaves out.
 */
#include "image/decoder.h"
#include "image/pixels.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

enum {
    GIF_HEADER_BYTES = 13,
    GIF_COLOURS = 256,
    /* A code of at least 3 bits stands for at most this many pixels, so a file has a least size. */
    GIF_PIXELS_PER_BYTE_MAX = 4096 * 8 / 3,
};

struct gif_reader {
    GifFileType *gif;
    struct bytes rest; /* of the file */
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    struct error *err;
    uint8_t *row;                /* palette indices of one row of the frame */
    uint8_t rgb[GIF_COLOURS][3]; /* the transparent one is already the background */
    bool is_known[GIF_COLOURS];
    int transparent; /* index, or NO_TRANSPARENT_COLOR */
    bool is_past_end;
};

/* Rows of a frame: every `step`-th from `first` on; step 0 ends. */
struct gif_pass {
    uint32_t first, step;
};
static const struct gif_pass whole[] = {{0, 1}, {0, 0}};
static const struct gif_pass interlaced[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}, {0, 0}};

/* The last byte of a file ends its data; when only that is missing, so is nothing of the picture. */
static int on_read(GifFileType *gif, GifByteType *to, int bytes)
{
    struct gif_reader *reader = gif->UserData;
    size_t part = (size_t)bytes < reader->rest.size ? (size_t)bytes : reader->rest.size;
    if (part == 0 && bytes == 1 && !reader->is_past_end) {
        reader->is_past_end = true;
        *to = 0;
        return 1;
    }
    if (part > 0)
        memcpy(to, reader->rest.data, part);
    reader->rest = (struct bytes){(const uint8_t *)reader->rest.data + part, reader->rest.size - part};
    return (int)part;
}

static const char *describe_error(int code)
{
    const char *text = GifErrorString(code);
    return code == D_GIF_ERR_READ_FAILED ? "the file is cut short" : text ? text : "its data make no sense";
}

static bool refuse(const struct gif_reader *reader, int code)
{
    if (code == D_GIF_ERR_NOT_ENOUGH_MEM)
        return error_no_memory(reader->err);
    return error_set(reader->err, ERR_INVALID, "unreadable GIF: %s", describe_error(code));
}

static void note_extension(struct gif_reader *reader, int code, const GifByteType *block)
{
    static const char profile[] = "ICCRGBG1012";
    GraphicsControlBlock control;
    if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
        reader->transparent = control.TransparentColor;
    if (code == APPLICATION_EXT_FUNC_CODE && block[0] == sizeof(profile) - 1 &&
        memcmp(block + 1, profile, sizeof(profile) - 1) == 0)
        reader->found->warnings |= IMAGE_WARNING_ICC_IGNORED;
}

static bool read_extension(struct gif_reader *reader)
{
    int code;
    GifByteType *block;
    if (DGifGetExtension(reader->gif, &code, &block) != GIF_OK)
        return false;
    if (block)
        note_extension(reader, code, block);
    while (block) {
        if (DGifGetExtensionNext(reader->gif, &block) != GIF_OK)
            return false;
    }
    return true;
}

/* Goes on to the next frame. False at the end of the file, and when it is damaged: then gif->Error is set. */
static bool find_frame(struct gif_reader *reader)
{
    GifRecordType type;
    reader->gif->Error = 0;
    while (DGifGetRecordType(reader->gif, &type) == GIF_OK) {
        if (type == IMAGE_DESC_RECORD_TYPE)
            return true;
        if (type != EXTENSION_RECORD_TYPE || !read_extension(reader))
            return false;
    }
    return false;
}

/* The canvas with room for the first frame. */
static bool measure_canvas(const struct gif_reader *reader, uint32_t *ret_width, uint32_t *ret_height)
{
    const GifFileType *gif = reader->gif;
    const GifImageDesc *frame = &gif->Image;
    int64_t right = (int64_t)frame->Left + frame->Width, bottom = (int64_t)frame->Top + frame->Height;
    int64_t width = right > gif->SWidth ? right : gif->SWidth;
    int64_t height = bottom > gif->SHeight ? bottom : gif->SHeight;
    if (!image_check_size((uint64_t)width, (uint64_t)height, reader->options->pixels_max, reader->err))
        return false;
    *ret_width = (uint32_t)width;
    *ret_height = (uint32_t)height;
    return true;
}

static bool make_canvas(struct gif_reader *reader)
{
    const GifImageDesc *frame = &reader->gif->Image;
    bool is_readable = DGifGetImageDesc(reader->gif) == GIF_OK;
    int code = reader->gif->Error;
    uint32_t width, height;
    if (!measure_canvas(reader, &width, &height))
        return false;
    if (!is_readable)
        return refuse(reader, code);
    if (frame->Width <= 0 || frame->Height <= 0)
        return error_set(reader->err, ERR_INVALID, "unreadable GIF: its first frame has no pixels");
    if ((uint64_t)frame->Width * (uint64_t)frame->Height / GIF_PIXELS_PER_BYTE_MAX > reader->rest.size)
        return error_set(reader->err, ERR_INVALID, "unreadable GIF: %zu bytes cannot hold %d × %d px",
                         reader->rest.size, frame->Width, frame->Height);
    reader->row = malloc((size_t)frame->Width);
    if (!reader->row)
        return error_no_memory(reader->err);
    if (!image_resize_buffer(reader->into, width, height, reader->err))
        return false;
    image_fill_rows(reader->into, 0, reader->options->background);
    if (width > (uint32_t)frame->Width || height > (uint32_t)frame->Height)
        reader->found->warnings |= IMAGE_WARNING_ALPHA_BLENDED;
    return true;
}

/* Indices past the table are black. */
static bool choose_colours(struct gif_reader *reader)
{
    const GifFileType *gif = reader->gif;
    const ColorMapObject *map = gif->Image.ColorMap ? gif->Image.ColorMap : gif->SColorMap;
    if (!map || !map->Colors)
        return error_set(reader->err, ERR_INVALID, "unreadable GIF: it has no table of colours");
    for (int i = 0; i < map->ColorCount && i < GIF_COLOURS; i++) {
        const uint8_t rgb[3] = {map->Colors[i].Red, map->Colors[i].Green, map->Colors[i].Blue};
        memcpy(reader->rgb[i], rgb, sizeof(rgb));
        reader->is_known[i] = true;
    }
    if (reader->transparent >= 0 && reader->transparent < GIF_COLOURS) {
        memcpy(reader->rgb[reader->transparent], reader->options->background, 3);
        reader->is_known[reader->transparent] = true;
    }
    return true;
}

static void put_row(struct gif_reader *reader, uint32_t y)
{
    const GifImageDesc *frame = &reader->gif->Image;
    struct image *into = reader->into;
    uint8_t *to = into->pixels + (((size_t)frame->Top + y) * into->width + (size_t)frame->Left) * 3;
    for (int x = 0; x < frame->Width; x++) {
        uint8_t index = reader->row[x];
        memcpy(to + (size_t)x * 3, reader->rgb[index], 3);
        if (index == reader->transparent)
            reader->found->warnings |= IMAGE_WARNING_ALPHA_BLENDED;
        else if (!reader->is_known[index])
            reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    }
}

static bool lose_rows(struct gif_reader *reader, uint32_t rows_done)
{
    int code = reader->gif->Error;
    if (code == D_GIF_ERR_NOT_ENOUGH_MEM)
        return error_no_memory(reader->err);
    if (!reader->options->accept_partial)
        return error_set(reader->err, ERR_INVALID, "damaged GIF, pixels are missing: near row %u of %d: %s",
                         rows_done, reader->gif->Image.Height, describe_error(code));
    reader->found->warnings |= IMAGE_WARNING_PARTIAL;
    return true;
}

static bool read_rows(struct gif_reader *reader)
{
    const GifImageDesc *frame = &reader->gif->Image;
    uint32_t rows_done = 0;
    for (const struct gif_pass *pass = frame->Interlace ? interlaced : whole; pass->step; pass++) {
        for (uint32_t y = pass->first; y < (uint32_t)frame->Height; y += pass->step) {
            if (DGifGetLine(reader->gif, reader->row, frame->Width) != GIF_OK)
                return lose_rows(reader, rows_done);
            put_row(reader, y);
            rows_done++;
        }
    }
    return true;
}

static bool read_gif(struct gif_reader *reader)
{
    if (!find_frame(reader)) {
        int code = reader->gif->Error;
        return refuse(reader, code ? code : D_GIF_ERR_NO_IMAG_DSCR);
    }
    if (!make_canvas(reader) || !choose_colours(reader) || !read_rows(reader))
        return false;
    if (reader->found->warnings & IMAGE_WARNING_PARTIAL)
        return true;
    if (find_frame(reader))
        reader->found->warnings |= IMAGE_WARNING_FIRST_FRAME;
    else if (reader->gif->Error || reader->is_past_end)
        reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    return true;
}

static bool sniff_gif(struct bytes start)
{
    return start.size >= 6 &&
           (memcmp(start.data, GIF87_STAMP, 6) == 0 || memcmp(start.data, GIF89_STAMP, 6) == 0);
}

static bool decode_gif(struct bytes file, const struct image_options *options, struct image *into,
                       struct image_found *found, struct error *err)
{
    const uint8_t *bytes = file.data;
    int code = 0;
    if (file.size < GIF_HEADER_BYTES)
        return error_set(err, ERR_INVALID, "unreadable GIF: the file is cut short");
    /* A canvas without a side takes that of its frame. */
    uint64_t width = read_u16_le(bytes + 6), height = read_u16_le(bytes + 8);
    if (!image_check_size(width ? width : 1, height ? height : 1, options->pixels_max, err))
        return false;
    struct gif_reader reader = {.rest = file,
                                .options = options,
                                .into = into,
                                .found = found,
                                .err = err,
                                .transparent = NO_TRANSPARENT_COLOR};
    reader.gif = DGifOpen(&reader, on_read, &code);
    bool done = reader.gif ? read_gif(&reader) : refuse(&reader, code);
    if (reader.gif)
        (void)DGifCloseFile(reader.gif, &code);
    free(reader.row);
    return done;
}

const struct image_decoder image_decoder_gif = {
    .name = "gif",
    .title = "GIF",
    .sniff = sniff_gif,
    .decode = decode_gif,
};
