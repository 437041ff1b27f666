/* SPDX-License-Identifier: Apache-2.0 */
/* WebP by libwebp, with its exact defaults. A picture with transparency, or an animation, takes a third more
 * memory while it is laid over the background. */
#include "image/decoder.h"
#include "image/orient.h"
#include "image/pixels.h"

#include <string.h>

#include <webp/decode.h>
#include <webp/demux.h>

enum {
    /* Frames and metadata; libwebpdemux keeps a note of each. */
    WEBP_CHUNKS_MAX = 65536,
    RIFF_HEADER_BYTES = 12,
    RIFF_CHUNK_BYTES = 8,
};

struct webp_reader {
    struct bytes file;
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    struct error *err;
    WebPBitstreamFeatures features;
    WebPDemuxer *demuxer; /* NULL when the file is damaged outside the first picture */
};

static const char *describe_status(VP8StatusCode status)
{
    switch (status) {
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
        return "the file is cut short";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
        return "it uses a feature that libwebp does not know";
    default:
        return "its data make no sense";
    }
}

static bool is_animation_past_limit(struct bytes file)
{
    const uint8_t *bytes = file.data;
    size_t at = RIFF_HEADER_BYTES, chunks = 0;
    while (file.size - at >= RIFF_CHUNK_BYTES && chunks <= WEBP_CHUNKS_MAX) {
        size_t size = read_u32_le(bytes + at + 4);
        size += size & 1;
        if (size > file.size - at - RIFF_CHUNK_BYTES)
            break;
        at += RIFF_CHUNK_BYTES + size;
        chunks++;
    }
    return chunks > WEBP_CHUNKS_MAX;
}

static bool read_header(struct webp_reader *reader)
{
    const struct bytes *file = &reader->file;
    VP8StatusCode status = WebPGetFeatures(file->data, file->size, &reader->features);
    if (status != VP8_STATUS_OK)
        return error_set(reader->err, ERR_INVALID, "unreadable WebP: %s", describe_status(status));
    if (!image_check_size((uint64_t)reader->features.width, (uint64_t)reader->features.height,
                          reader->options->pixels_max, reader->err))
        return false;
    if (is_animation_past_limit(*file))
        return error_set(reader->err, ERR_LIMIT, "a WebP of more than %d frames and other chunks",
                         WEBP_CHUNKS_MAX);
    WebPData data = {file->data, file->size};
    WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
    reader->demuxer = WebPDemuxPartial(&data, &state);
    if (state != WEBP_DEMUX_DONE)
        reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    return true;
}

/* Rows are whole from the top on: what lies below *ret_rows is missing. */
static VP8StatusCode decode_rows(struct bytes data, WEBP_CSP_MODE mode, const struct image *into,
                                 size_t offset, int *ret_rows)
{
    size_t pixel_bytes = mode == MODE_RGBA ? 4 : 3, stride = into->width * pixel_bytes;
    size_t bytes = stride * into->height - offset * pixel_bytes;
    *ret_rows = 0;
    WebPIDecoder *decoder = WebPINewRGB(mode, into->pixels + offset * pixel_bytes, bytes, (int)stride);
    if (!decoder)
        return VP8_STATUS_OUT_OF_MEMORY;
    VP8StatusCode status = WebPIUpdate(decoder, data.data, data.size);
    int width, height, row_bytes;
    if (!WebPIDecGetRGB(decoder, ret_rows, &width, &height, &row_bytes))
        *ret_rows = 0;
    WebPIDelete(decoder);
    return status;
}

/* True when the rows that are there are good enough. */
static bool judge_rows(struct webp_reader *reader, VP8StatusCode status, int rows, int height)
{
    if (status == VP8_STATUS_OK)
        return true;
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        return error_no_memory(reader->err);
    if (!reader->options->accept_partial)
        return error_set(reader->err, ERR_INVALID, "damaged WebP, pixels are missing: near row %d of %d: %s",
                         rows, height, describe_status(status));
    reader->found->warnings |= IMAGE_WARNING_PARTIAL;
    return true;
}

static bool make_room(struct webp_reader *reader, bool has_alpha)
{
    uint32_t width = (uint32_t)reader->features.width, height = (uint32_t)reader->features.height;
    return (!has_alpha || image_reserve(reader->into, (size_t)width * height * 4, reader->err)) &&
           image_resize_buffer(reader->into, width, height, reader->err);
}

static bool read_opaque(struct webp_reader *reader)
{
    int rows;
    if (!make_room(reader, false))
        return false;
    VP8StatusCode status = decode_rows(reader->file, MODE_RGB, reader->into, 0, &rows);
    if (!judge_rows(reader, status, rows, reader->features.height))
        return false;
    if (status != VP8_STATUS_OK)
        image_fill_rows(reader->into, (uint32_t)rows, reader->options->background);
    return true;
}

/* The part of a transparent canvas that `frame` covers; blended with the background afterwards. */
static bool read_frame(struct webp_reader *reader, const WebPIterator *frame)
{
    struct image *into = reader->into;
    if (!make_room(reader, true))
        return false;
    int rows;
    size_t row_bytes = (size_t)into->width * 4;
    size_t offset = (size_t)frame->y_offset * into->width + (size_t)frame->x_offset;
    memset(into->pixels, 0, row_bytes * into->height);
    VP8StatusCode status = decode_rows((struct bytes){frame->fragment.bytes, frame->fragment.size}, MODE_RGBA,
                                       into, offset, &rows);
    if (!judge_rows(reader, status, rows, frame->height))
        return false;
    if (status != VP8_STATUS_OK)
        memset(into->pixels + (size_t)(frame->y_offset + rows) * row_bytes, 0,
               (into->height - (size_t)(frame->y_offset + rows)) * row_bytes);
    image_blend_pixels(into->pixels, (size_t)into->width * into->height, reader->options->background,
                       into->pixels, reader->found);
    return true;
}

static bool read_first_frame(struct webp_reader *reader)
{
    WebPIterator frame = {0};
    if (!reader->demuxer || !WebPDemuxGetFrame(reader->demuxer, 1, &frame))
        return error_set(reader->err, ERR_INVALID,
                         "unreadable WebP: the first frame of the animation is cut short or damaged");
    bool is_inside = frame.x_offset >= 0 && frame.y_offset >= 0 && frame.width > 0 && frame.height > 0 &&
                     frame.width <= reader->features.width - frame.x_offset &&
                     frame.height <= reader->features.height - frame.y_offset;
    if (frame.num_frames > 1)
        reader->found->warnings |= IMAGE_WARNING_FIRST_FRAME;
    bool done = is_inside ? read_frame(reader, &frame)
                          : error_set(reader->err, ERR_INVALID,
                                      "unreadable WebP: its first frame lies outside the canvas");
    WebPDemuxReleaseIterator(&frame);
    return done;
}

static bool read_picture(struct webp_reader *reader)
{
    if (reader->features.has_animation)
        return read_first_frame(reader);
    if (!reader->features.has_alpha)
        return read_opaque(reader);
    const WebPIterator whole = {.width = reader->features.width,
                                .height = reader->features.height,
                                .fragment = {reader->file.data, reader->file.size}};
    return read_frame(reader, &whole);
}

static bool note_chunks(const struct webp_reader *reader)
{
    static const char start[6] = {'E', 'x', 'i', 'f', 0, 0}; /* some writers keep it from JPEG */
    WebPChunkIterator chunk;
    bool done = true;
    if (!reader->demuxer)
        return true;
    if (WebPDemuxGetChunk(reader->demuxer, "ICCP", 1, &chunk)) {
        reader->found->warnings |= IMAGE_WARNING_ICC_IGNORED;
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    if (WebPDemuxGetChunk(reader->demuxer, "EXIF", 1, &chunk)) {
        struct bytes exif = {chunk.chunk.bytes, chunk.chunk.size};
        if (exif.size > sizeof(start) && memcmp(exif.data, start, sizeof(start)) == 0)
            exif = (struct bytes){(const uint8_t *)exif.data + sizeof(start), exif.size - sizeof(start)};
        done = image_read_orientation(exif, reader->found, reader->err);
        WebPDemuxReleaseChunkIterator(&chunk);
    }
    return done;
}

static bool sniff_webp(struct bytes start)
{
    return start.size >= RIFF_HEADER_BYTES && memcmp(start.data, "RIFF", 4) == 0 &&
           memcmp((const uint8_t *)start.data + 8, "WEBP", 4) == 0;
}

static bool decode_webp(struct bytes file, const struct image_options *options, struct image *into,
                        struct image_found *found, struct error *err)
{
    struct webp_reader reader = {.file = file, .options = options, .into = into, .found = found, .err = err};
    bool done = read_header(&reader) && read_picture(&reader) && note_chunks(&reader);
    WebPDemuxDelete(reader.demuxer);
    return done;
}

const struct image_decoder image_decoder_webp = {
    .name = "webp",
    .title = "WebP",
    .sniff = sniff_webp,
    .decode = decode_webp,
};
