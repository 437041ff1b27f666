/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page.h"

#include "page/page_parts.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

yyjson_val *page_stored(const struct page *page)
{
    return yyjson_obj_get(page->source->report, "report");
}

double page_value(yyjson_val *object, const char *name)
{
    return json_number(object, name, (double)NAN);
}

static void add_policy(struct buffer *into)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; page_style[i]; i++)
        (void)crypto_hash_sha256_update(&state, (const unsigned char *)page_style[i], strlen(page_style[i]));
    (void)crypto_hash_sha256_final(&state, hash);
    (void)sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    (void)buffer_printf(into,
                        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src "
                        "data:; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
                        text);
}

static void begin(struct page *page)
{
    struct buffer *into = page->into;
    (void)buffer_add_text(into, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    add_policy(into);
    (void)buffer_add_text(into, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>Hard examples of ");
    page_text(into, json_text(page->source->report, "service", "a service"));
    (void)buffer_add_text(into, " · Trommel</title>\n<style>");
    for (size_t i = 0; page_style[i]; i++)
        (void)buffer_add_text(into, page_style[i]);
    (void)buffer_add_text(into, "</style>\n</head>\n<body>\n<main>\n");
}

static void end(struct page *page)
{
    struct buffer *into = page->into;
    (void)buffer_add_text(into, "<footer>");
    if (page->left_out > 0) {
        (void)buffer_add_text(into, "<p>");
        page_count(into, (double)page->left_out);
        (void)buffer_add_text(into, " pictures are left out: the page is as large as it may be.</p>");
    }
    (void)buffer_add_text(into, "<p>Made by Trommel " TROMMEL_VERSION
                                ". This file needs no server and loads nothing.</p></footer>\n"
                                "</main>\n</body>\n</html>\n");
}

bool page_write(const struct page_source *source, struct buffer *into, struct error *err)
{
    struct page page = {.source = source, .into = into};
    begin(&page);
    page_head(&page);
    page_cards(&page);
    page_hardness(&page);
    page_reasons(&page);
    if (!page_examples(&page, err))
        return false;
    page_features(&page);
    page_operations(&page);
    page_combination(&page);
    page_settings(&page);
    end(&page);
    return buffer_check(into, "the page of the report", err);
}

/* ---- pictures ---- */

static void say_gone(struct buffer *into, const char *why)
{
    (void)buffer_add_text(into, "<div class=\"gone\"><span>");
    page_text(into, why);
    (void)buffer_add_text(into, "</span></div>");
}

static bool has_room(const struct page *page, size_t jpeg_bytes)
{
    return page->pictures < PAGE_PICTURES_MAX &&
           page->picture_bytes + page_jpeg_bytes(jpeg_bytes) <= PAGE_PICTURES_MAX_BYTES;
}

/* Of a JPEG's frame header: what the page lays out by. */
static bool read_jpeg_size(const struct buffer *jpeg, unsigned *ret_width, unsigned *ret_height)
{
    const unsigned char *data = (const unsigned char *)jpeg->data;
    for (size_t at = 2; at + 9 < jpeg->size && data[at] == 0xFF;) {
        unsigned marker = data[at + 1];
        if (marker >= 0xC0 && marker <= 0xC2) {
            *ret_height = data[at + 5] * 256U + data[at + 6];
            *ret_width = data[at + 7] * 256U + data[at + 8];
            return *ret_width > 0 && *ret_height > 0;
        }
        at += 2 + data[at + 2] * 256U + data[at + 3];
    }
    return false;
}

static void add_jpeg(struct page *page, const struct page_image *image, const struct buffer *jpeg)
{
    enum { TINY_PX = 96 };
    unsigned width = 0, height = 0;
    bool is_known = read_jpeg_size(jpeg, &width, &height);
    bool is_tiny = is_known && width < TINY_PX && height < TINY_PX;
    struct buffer *into = page->into;
    (void)buffer_printf(into, "<img%s alt=\"", is_tiny ? " class=\"tiny\"" : "");
    page_text(into, image->alt);
    (void)buffer_add_text(into, "\"");
    if (is_known)
        (void)buffer_printf(into, " width=\"%u\" height=\"%u\"", width, height);
    (void)buffer_add_text(into, " src=\"");
    (void)page_jpeg(into, (struct bytes){jpeg->data, jpeg->size});
    (void)buffer_add_text(into, "\">");
    page->pictures++;
    page->picture_bytes += page_jpeg_bytes(jpeg->size);
}

bool page_add_image(struct page *page, const struct page_image *image, struct error *err)
{
    struct error why = {0};
    AUTO_BUFFER(jpeg, PAGE_PICTURE_MAX_BYTES);
    if (!has_room(page, 0)) {
        page->left_out++;
        say_gone(page->into, "left out: the page is as large as it may be");
        return true;
    }
    if (!page->source->picture(page->source->state, &image->picture, &jpeg, &why)) {
        if (why.code == ERR_NO_MEMORY)
            return *err = why, false;
        say_gone(page->into, why.message);
        return true;
    }
    if (jpeg.is_full || jpeg.size == 0 || !has_room(page, jpeg.size)) {
        page->left_out++;
        say_gone(page->into, jpeg.is_full ? "left out: the picture is too large"
                                          : "left out: the page is as large as it may be");
        return true;
    }
    add_jpeg(page, image, &jpeg);
    return true;
}
