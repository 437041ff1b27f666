/* SPDX-License-Identifier: Apache-2.0 */
#include "api/native/images.h"

#include "base/path.h"
#include "base/text.h"
#include "manifest/manifest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024, REV_MIN_DIGITS = 8, BOXES_MAX = 100000 };

const char *const image_sizes[] = {"thumb", "mid", "orig", NULL};
const char *const image_crop_sizes[] = {"thumb", "mid", NULL};

bool image_of_sample(struct api_call *call, const struct sample *sample, struct image_source *ret,
                     struct error *err)
{
    const char *what = arena_printf(call->arena, "sample %s", sample->id);
    *ret = (struct image_source){sample->source, sample->content_hash, sample->revision, what};
    return what || error_no_memory(err);
}

/* The one place where a source becomes a path of this machine. */
bool image_path(const struct api_call *call, const struct image_source *source, const char **ret,
                struct error *err)
{
    char *path = NULL;
    bool is_here = source->source[0] == '/' || text_starts_with(source->source, "file:///");
    if (!is_here)
        return error_set_detail(err, DETAIL_IMAGE_MISSING, "the source of %s is not a file of this machine",
                                source->what);
    if (!manifest_source_decode(call->arena, source->source, &path, err) ||
        !path_absolute(call->arena, path, &path, err) ||
        (call->roots && !roots_check(call->roots, path, err)))
        return false;
    *ret = path;
    return true;
}

/* The content that `rev` names: its hash or the beginning of it, or the revision that has it. */
static bool names_content(const struct image_source *source, const char *rev)
{
    struct error ignored;
    uint64_t number = 0;
    if (!rev || !source->content_hash)
        return false;
    if (strlen(rev) >= REV_MIN_DIGITS && text_starts_with(source->content_hash, rev))
        return true;
    return source->revision > 0 && strlen(rev) < 18 &&
           text_to_count(rev, "rev", 1, (uint64_t)1 << 52, &number, &ignored) &&
           (int64_t)number == source->revision;
}

/* ---- the file itself ---- */

/* A manifest may name any file: only what is an image leaves. */
static bool check_is_image(struct api_call *call, const struct image_source *source, struct error *err)
{
    char start[IMAGE_SNIFF_BYTES];
    ssize_t bytes = pread(call->file.fd, start, sizeof(start), 0);
    const char *format = bytes > 0 ? image_sniff((struct bytes){start, (size_t)bytes}) : NULL;
    if (!format)
        return error_set_detail(err, DETAIL_IMAGE_MISSING, "the source of %s is not an image", source->what);
    call->file.content_type = arena_printf(call->arena, "image/%s", format);
    return call->file.content_type || error_no_memory(err);
}

/* What is promised for ever is looked at first. */
static bool has_content(int fd, const char *content_hash)
{
    char hex[HASH_HEX_BYTES];
    struct hash hash;
    off_t at = 0;
    ssize_t bytes = -1;
    char *piece = malloc(PIECE_BYTES);
    hash_start(&hash);
    while (piece && (bytes = pread(fd, piece, PIECE_BYTES, at)) > 0) {
        hash_add(&hash, piece, (size_t)bytes);
        at += bytes;
    }
    free(piece);
    hash_finish(&hash, hex);
    return bytes == 0 && strcmp(hex, content_hash) == 0;
}

static bool reply_original(struct api_call *call, const struct image_source *source,
                           const struct image_wish *wish, const char *path, struct error *err)
{
    if (!reply_file(call, call->roots, path, "the image file", err)) {
        if (err->code == ERR_NOT_FOUND)
            err->detail = DETAIL_IMAGE_MISSING;
        return false;
    }
    if (!check_is_image(call, source, err))
        return false;
    if (!names_content(source, wish->rev) || call->file.bytes > IMAGE_FILE_MAX_BYTES ||
        !has_content(call->file.fd, source->content_hash))
        return true;
    call->file.is_immutable = true;
    call->file.etag = source->content_hash;
    return true;
}

/* ---- smaller ones ---- */

static bool make_small(struct api_call *call, const struct image_source *source,
                       const struct image_wish *wish, const char *path, struct picture *ret,
                       struct error *err)
{
    bool is_thumb = strcmp(wish->size, "thumb") == 0;
    uint32_t usual_px = is_thumb ? PICTURE_THUMB_PX : PICTURE_MID_PX;
    struct picture_cache *pictures = wish->pictures ? wish->pictures : call->api->pictures;
    struct picture_wish wanted = {.roots = call->roots,
                                  .path = path,
                                  .content_hash = source->content_hash,
                                  .long_side_px = wish->long_side_px ? wish->long_side_px : usual_px,
                                  .quality = is_thumb ? PICTURE_THUMB_QUALITY : PICTURE_MID_QUALITY,
                                  .has_part = wish->part != NULL,
                                  .augment = wish->augment,
                                  .augment_side_px = wish->augment_side_px};
    if (wish->part)
        wanted.part = *wish->part;
    if (!pictures)
        return error_set(err, ERR_INVALID, "small pictures are made by a server: trommel serve");
    if (!picture_get(pictures, &wanted, ret, err)) {
        struct error why = *err;
        (void)error_wrap(err, "the image of %s", source->what);
        err->detail = why.detail;
        return false;
    }
    return true;
}

bool image_small(struct api_call *call, const struct image_source *source, const struct image_wish *wish,
                 struct picture *ret, struct error *err)
{
    const char *path = NULL;
    return image_path(call, source, &path, err) && make_small(call, source, wish, path, ret, err);
}

static bool reply_picture(struct api_call *call, const struct image_source *source,
                          const struct image_wish *wish, const char *path, struct error *err)
{
    struct picture picture;
    if (!make_small(call, source, wish, path, &picture, err))
        return false;
    call->file = (struct api_file){.fd = picture.fd,
                                   .bytes = picture.bytes,
                                   .content_type = "image/jpeg",
                                   .etag = arena_text(call->arena, picture.etag),
                                   .is_immutable = picture.is_of_content && names_content(source, wish->rev)};
    return call->file.etag || error_no_memory(err);
}

bool reply_image(struct api_call *call, const struct image_source *source, const struct image_wish *wish,
                 struct error *err)
{
    const char *path = NULL;
    if (!image_path(call, source, &path, err))
        return false;
    if (!wish->part && !wish->augment && strcmp(wish->size, "orig") == 0)
        return reply_original(call, source, wish, path, err);
    return reply_picture(call, source, wish, path, err);
}

/* ---- boxes ---- */

static bool read_corners(const char *text, struct image_box *ret)
{
    double *const corners[] = {&ret->x0, &ret->y0, &ret->x1, &ret->y1};
    for (size_t i = 0; i < 4; i++) {
        char *end = NULL;
        *corners[i] = strtod(text, &end);
        if (end == text || !isfinite(*corners[i]) || fabs(*corners[i]) > IMAGE_SIDE_MAX_PX ||
            *end != (i < 3 ? ',' : '\0'))
            return false;
        text = end + 1;
    }
    return ret->x0 < ret->x1 && ret->y0 < ret->y1;
}

bool image_read_box(const char *text, image_box_of *box_of, const void *state, struct image_box *ret,
                    struct error *err)
{
    uint64_t number = 0;
    if (strchr(text, ',')) {
        if (read_corners(text, ret))
            return true;
        (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT,
                               "box is XMIN,YMIN,XMAX,YMAX in px with min below max, not '%.60s'", text);
        return error_point(err, "/box");
    }
    if (!text_to_count(text, "box", 0, BOXES_MAX, &number, err)) {
        err->detail = DETAIL_INVALID_ARGUMENT;
        return error_point(err, "/box");
    }
    if (box_of(state, number, ret))
        return true;
    (void)error_set_detail(err, DETAIL_INVALID_ARGUMENT, "there is no box %llu", (unsigned long long)number);
    return error_point(err, "/box");
}
