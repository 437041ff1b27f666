/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

enum { PIECE_BYTES = 4 * 1024 };

struct jpeg_writer {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf on_error;
    struct buffer *into;
    struct error *err;
    uint8_t piece[PIECE_BYTES];
};

static _Noreturn void on_fatal(j_common_ptr jpeg)
{
    struct jpeg_writer *writer = jpeg->client_data;
    char why[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, why);
    if (buffer_check(writer->into, "a JPEG file", writer->err))
        (void)error_set(writer->err, ERR_FAILED, "write JPEG: %s", why);
    longjmp(writer->on_error, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    (void)jpeg, (void)level; /* none matters to 8-bit RGB */
}

static void add_piece(struct jpeg_writer *writer, size_t bytes)
{
    if (buffer_add(writer->into, writer->piece, bytes))
        return;
    if (buffer_check(writer->into, "a JPEG file", writer->err))
        (void)error_no_memory(writer->err);
    longjmp(writer->on_error, 1);
}

static void start_piece(j_compress_ptr jpeg)
{
    struct jpeg_writer *writer = jpeg->client_data;
    writer->destination.next_output_byte = writer->piece;
    writer->destination.free_in_buffer = PIECE_BYTES;
}

static boolean write_piece(j_compress_ptr jpeg)
{
    add_piece(jpeg->client_data, PIECE_BYTES);
    start_piece(jpeg);
    return TRUE;
}

static void write_rest(j_compress_ptr jpeg)
{
    struct jpeg_writer *writer = jpeg->client_data;
    add_piece(writer, PIECE_BYTES - writer->destination.free_in_buffer);
}

static bool write_pixels(struct jpeg_writer *writer, const struct image *image, int quality)
{
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    if (setjmp(writer->on_error))
        return false;
    jpeg->image_width = image->width;
    jpeg->image_height = image->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < jpeg->image_height) {
        JSAMPROW row = image->pixels + (size_t)jpeg->next_scanline * image->width * 3;
        (void)jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return true;
}

bool image_encode_jpeg(const struct image *image, int quality, struct buffer *into, struct error *err)
{
    struct jpeg_writer writer = {.into = into, .err = err};
    writer.jpeg.err = jpeg_std_error(&writer.errors);
    writer.errors.error_exit = on_fatal;
    writer.errors.emit_message = on_message;
    writer.jpeg.client_data = &writer;
    if (setjmp(writer.on_error))
        return false;
    jpeg_create_compress(&writer.jpeg);
    writer.destination.init_destination = start_piece;
    writer.destination.empty_output_buffer = write_piece;
    writer.destination.term_destination = write_rest;
    writer.jpeg.dest = &writer.destination;
    bool done = write_pixels(&writer, image, quality);
    jpeg_destroy_compress(&writer.jpeg);
    return done;
}
