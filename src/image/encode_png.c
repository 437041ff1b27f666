/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <png.h>

struct png_writer {
    struct buffer *into;
    struct error *err;
};

static _Noreturn void on_error(png_structp png, const char *why)
{
    struct png_writer *writer = png_get_error_ptr(png);
    if (buffer_check(writer->into, "a PNG file", writer->err))
        (void)error_set(writer->err, ERR_FAILED, "write PNG: %s", why);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, const char *why)
{
    (void)png, (void)why; /* none matters to 8-bit RGB */
}

static void on_write(png_structp png, png_bytep data, size_t bytes)
{
    struct png_writer *writer = png_get_io_ptr(png);
    if (!buffer_add(writer->into, data, bytes))
        png_error(png, "no room");
}

static void on_flush(png_structp png)
{
    (void)png;
}

static bool write_pixels(png_structp png, png_infop info, const struct image *image)
{
    if (setjmp(png_jmpbuf(png)))
        return false;
    png_set_IHDR(png, info, image->width, image->height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (uint32_t y = 0; y < image->height; y++)
        png_write_row(png, image->pixels + (size_t)y * image->width * 3);
    png_write_end(png, NULL);
    return true;
}

bool image_encode_png(const struct image *image, struct buffer *into, struct error *err)
{
    struct png_writer writer = {into, err};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &writer, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    bool done = false;
    if (info) {
        png_set_write_fn(png, &writer, on_write, on_flush);
        done = write_pixels(png, info, image);
    } else {
        (void)error_no_memory(err);
    }
    png_destroy_write_struct(&png, &info);
    return done;
}
