/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JPEG by libjpeg-turbo with its exact defaults (slow integer DCT, fancy upsampling): the pixels every Pillow
 * user knows. The plain libjpeg interface, because it tells each warning by number: some mean missing pixels,
 * some nothing.
 */
#include "image/decoder.h"
#include "image/orient.h"
#include "image/pixels.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

enum {
    JPEG_SCANS_MAX = 100,            /* a progressive file has about ten; each costs a pass over all pixels */
    JPEG_EXTRANEOUS_BYTES_MAX = 256, /* more left over among the pixels means that some were lost */
    JPEG_MISSING_GRAY = 128,         /* what libjpeg too leaves where data are missing */
    JPEG_ROWS_AT_ONCE = 16,
};

struct jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf on_error;
    const struct image_options *options;
    struct image *into;
    struct image_found *found;
    struct error *err;
    struct bytes exif; /* in the file; TIFF header first */
    uint64_t extraneous_bytes;
    bool is_cut_short; /* the end marker is missing */
    bool is_decoding;  /* past the header */
    bool has_rows;     /* rows are coming, so that a part of them may be kept */
    bool is_failed;    /* *err says why */
};

static struct jpeg_reader *reader_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

/* Leaves libjpeg for good; read_jpeg decides what becomes of the rows so far. */
static _Noreturn void leave(struct jpeg_reader *reader, bool is_failed)
{
    reader->is_failed = is_failed;
    longjmp(reader->on_error, 1);
}

/* "near row 7 of 100: " where rows come in order. */
static const char *describe_place(const struct jpeg_reader *reader, char *to, size_t to_bytes)
{
    to[0] = '\0';
    if (reader->has_rows && !reader->jpeg.progressive_mode)
        (void)snprintf(to, to_bytes, "near row %u of %u: ", reader->jpeg.output_scanline,
                       reader->jpeg.output_height);
    return to;
}

/* Pixels are missing. Returns when that is accepted. */
static void lose_pixels(struct jpeg_reader *reader, const char *why)
{
    if (reader->options->accept_partial) {
        reader->found->warnings |= IMAGE_WARNING_PARTIAL;
        return;
    }
    char place[48];
    (void)error_set(reader->err, ERR_INVALID, "damaged JPEG, pixels are missing: %s%s%s",
                    describe_place(reader, place, sizeof(place)),
                    reader->is_cut_short ? "the file is cut short; " : "", why);
    leave(reader, true);
}

static void on_fatal(j_common_ptr jpeg)
{
    struct jpeg_reader *reader = reader_of(jpeg);
    char why[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, why);
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY) {
        (void)error_no_memory(reader->err);
        leave(reader, true);
    }
    if (!reader->has_rows) {
        bool is_limit = jpeg->err->msg_code == JERR_IMAGE_TOO_BIG;
        (void)error_set(reader->err, is_limit ? ERR_LIMIT : ERR_INVALID, "unreadable JPEG: %s%s",
                        reader->is_cut_short ? "the file is cut short; " : "", why);
        leave(reader, true);
    }
    if (reader->jpeg.output_scanline < reader->jpeg.output_height)
        lose_pixels(reader, why);
    reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
    leave(reader, false);
}

static void on_message(j_common_ptr jpeg, int level)
{
    if (level >= 0)
        return; /* a trace, not a warning */
    struct jpeg_reader *reader = reader_of(jpeg);
    char why[JMSG_LENGTH_MAX];
    switch (jpeg->err->msg_code) {
    case JWRN_JPEG_EOF:
        reader->is_cut_short = true;
        break;
    case JWRN_EXTRANEOUS_DATA:
        if (reader->is_decoding)
            reader->extraneous_bytes += (uint64_t)jpeg->err->msg_parm.i[0];
        break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
        jpeg->err->format_message(jpeg, why);
        lose_pixels(reader, why);
        return;
    default:
        break;
    }
    reader->found->warnings |= IMAGE_WARNING_BAD_METADATA;
}

static void on_output(j_common_ptr jpeg)
{
    (void)jpeg; /* a library does not print */
}

static void on_progress(j_common_ptr common)
{
    struct jpeg_reader *reader = reader_of(common);
    if (reader->jpeg.input_scan_number <= JPEG_SCANS_MAX)
        return;
    (void)error_set(reader->err, ERR_LIMIT, "a JPEG of more than %d scans", JPEG_SCANS_MAX);
    leave(reader, true);
}

static void note_segment(struct jpeg_reader *reader, const uint8_t *data, size_t bytes)
{
    static const char exif[] = {'E', 'x', 'i', 'f', 0, 0};
    static const char profile[] = "ICC_PROFILE";
    if (reader->jpeg.unread_marker == JPEG_APP0 + 1) {
        if (!reader->exif.data && bytes > sizeof(exif) && memcmp(data, exif, sizeof(exif)) == 0)
            reader->exif = (struct bytes){data + sizeof(exif), bytes - sizeof(exif)};
    } else if (bytes >= sizeof(profile) && memcmp(data, profile, sizeof(profile)) == 0) {
        reader->found->warnings |= IMAGE_WARNING_ICC_IGNORED;
    }
}

/* Looks at an APP1 or APP2 segment where it lies: jpeg_save_markers would copy as much of them as a file
 * holds. */
static boolean on_segment(j_decompress_ptr jpeg)
{
    struct jpeg_source_mgr *source = jpeg->src;
    if (source->bytes_in_buffer < 2) {
        source->skip_input_data(jpeg, (long)source->bytes_in_buffer);
        return TRUE; /* the missing next marker is reported */
    }
    const uint8_t *data = source->next_input_byte;
    size_t length = (size_t)data[0] << 8 | data[1];
    if (length < 2)
        ERREXIT(jpeg, JERR_BAD_LENGTH);
    if (length <= source->bytes_in_buffer)
        note_segment(reader_of((j_common_ptr)jpeg), data + 2, length - 2);
    source->skip_input_data(jpeg, (long)length);
    return TRUE;
}

static void start_reader(struct jpeg_reader *reader, struct bytes file)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg->err = jpeg_std_error(&reader->errors);
    reader->errors.error_exit = on_fatal;
    reader->errors.emit_message = on_message;
    reader->errors.output_message = on_output;
    jpeg->client_data = reader;
    jpeg_create_decompress(jpeg);
    reader->progress.progress_monitor = on_progress;
    jpeg->progress = &reader->progress;
    jpeg_mem_src(jpeg, file.data, (unsigned long)file.size);
    jpeg_set_marker_processor(jpeg, JPEG_APP0 + 1, on_segment);
    jpeg_set_marker_processor(jpeg, JPEG_APP0 + 2, on_segment);
}

static bool choose_colours(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE:
    case JCS_YCbCr:
    case JCS_RGB:
        jpeg->out_color_space = JCS_RGB;
        return true;
    case JCS_CMYK:
    case JCS_YCCK:
        jpeg->out_color_space = JCS_CMYK;
        return true;
    default:
        return error_set(reader->err, ERR_INVALID,
                         "a JPEG of %d colour components, which have no known meaning", jpeg->num_components);
    }
}

static void read_rgb(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t row_bytes = (size_t)jpeg->output_width * 3;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW rows[JPEG_ROWS_AT_ONCE];
        JDIMENSION count = 0;
        for (; count < JPEG_ROWS_AT_ONCE && count < jpeg->output_height - jpeg->output_scanline; count++)
            rows[count] = reader->into->pixels + (jpeg->output_scanline + count) * row_bytes;
        (void)jpeg_read_scanlines(jpeg, rows, count);
    }
}

/* Adobe's programs store 255 − ink, and say that they wrote the file. */
static void read_cmyk(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    JSAMPARRAY row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *rgb = reader->into->pixels + (size_t)jpeg->output_scanline * jpeg->output_width * 3;
        if (jpeg_read_scanlines(jpeg, row, 1) == 1)
            image_cmyk_to_rgb(row[0], jpeg->output_width, jpeg->saw_Adobe_marker, rgb);
    }
}

/* A file cut between two scans has every row, but some only roughly or without colour. */
static bool has_all_scans(const struct jpeg_reader *reader)
{
    const struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    for (int i = 0; i < jpeg->num_components; i++) {
        if (!jpeg->comp_info[i].quant_table)
            return false;
        if (!jpeg->coef_bits || !reader->is_cut_short)
            continue;
        for (int k = 0; k < DCTSIZE2; k++) {
            if (jpeg->coef_bits[i][k] != 0)
                return false;
        }
    }
    return true;
}

/* A failed upload leaves zeros behind, which decode as pixels. */
static bool ends_in_zeros(struct bytes file)
{
    enum { ZEROS_MIN = 16 };
    const uint8_t *bytes = file.data;
    size_t zeros = 0;
    while (zeros < file.size && zeros < ZEROS_MIN && bytes[file.size - 1 - zeros] == 0)
        zeros++;
    return zeros == ZEROS_MIN;
}

static void judge_end(struct jpeg_reader *reader, struct bytes file)
{
    if (reader->extraneous_bytes > JPEG_EXTRANEOUS_BYTES_MAX)
        lose_pixels(reader, "many bytes among the pixels belong to none");
    if (reader->is_cut_short && ends_in_zeros(file))
        lose_pixels(reader, "it ends in zero bytes");
}

/* What never came is gray, as libjpeg itself leaves it. */
static void fill_missing_rows(struct jpeg_reader *reader)
{
    size_t row_bytes = (size_t)reader->into->width * 3;
    JDIMENSION rows = reader->has_rows ? reader->jpeg.output_scanline : 0;
    memset(reader->into->pixels + rows * row_bytes, JPEG_MISSING_GRAY,
           (reader->into->height - rows) * row_bytes);
}

/* The inverse transform itself gives a smaller picture: it skips what would be averaged away. */
static void choose_scale(struct jpeg_reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    uint32_t enough = reader->options->long_side_enough_px;
    uint32_t side = jpeg->image_width > jpeg->image_height ? jpeg->image_width : jpeg->image_height;
    if (enough == 0)
        return;
    jpeg->dct_method = JDCT_IFAST;
    jpeg->do_fancy_upsampling = FALSE;
    jpeg->scale_num = 1;
    jpeg->scale_denom = 8;
    while (jpeg->scale_denom > 1 && side / jpeg->scale_denom < enough)
        jpeg->scale_denom /= 2;
}

static bool read_jpeg(struct jpeg_reader *reader, struct bytes file)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (setjmp(reader->on_error)) {
        if (!reader->is_failed)
            fill_missing_rows(reader);
        return !reader->is_failed;
    }
    start_reader(reader, file);
    (void)jpeg_read_header(jpeg, TRUE);
    if (!image_check_size(jpeg->image_width, jpeg->image_height, reader->options->pixels_max, reader->err) ||
        !choose_colours(reader))
        return false;
    choose_scale(reader);
    jpeg_calc_output_dimensions(jpeg);
    if (!image_resize_buffer(reader->into, jpeg->output_width, jpeg->output_height, reader->err))
        return false;
    reader->is_decoding = true;
    (void)jpeg_start_decompress(jpeg);
    reader->has_rows = true;
    if (jpeg->out_color_space == JCS_CMYK)
        read_cmyk(reader);
    else
        read_rgb(reader);
    if (!has_all_scans(reader))
        lose_pixels(reader, "scans are missing");
    (void)jpeg_finish_decompress(jpeg);
    judge_end(reader, file);
    return true;
}

static bool sniff_jpeg(struct bytes start)
{
    return start.size >= 3 && memcmp(start.data, "\xff\xd8\xff", 3) == 0;
}

static bool decode_jpeg(struct bytes file, const struct image_options *options, struct image *into,
                        struct image_found *found, struct error *err)
{
    struct jpeg_reader reader = {.options = options, .into = into, .found = found, .err = err};
    bool done = read_jpeg(&reader, file);
    jpeg_destroy_decompress(&reader.jpeg);
    if (!done)
        return false;
    return !reader.exif.data || image_read_orientation(reader.exif, found, err);
}

const struct image_decoder image_decoder_jpeg = {
    .name = "jpeg",
    .title = "JPEG",
    .sniff = sniff_jpeg,
    .decode = decode_jpeg,
};
