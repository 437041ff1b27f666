/* SPDX-License-Identifier: Apache-2.0 */
#include "image/augment/augment_parts.h"

#include "base/hash.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct augment_op *const all_augment_ops[AUGMENT_OPS] = {
    &augment_gaussianblur, &augment_fliplr,    &augment_crop,   &augment_flipud,
    &augment_scale,        &augment_translate, &augment_shear,  &augment_superpixels,
    &augment_sharpen,      &augment_add,       &augment_invert,
};

const struct augment_op *augment_find(const char *name)
{
    for (int i = 0; i < AUGMENT_OPS; i++)
        if (strcmp(all_augment_ops[i]->name, name) == 0)
            return all_augment_ops[i];
    return NULL;
}

/* ---- settings ---- */

static bool read_amount(const struct augment_op *op, const char *text, double *ret, struct error *err)
{
    const struct augment_parameter *parameter = &op->parameter;
    if (!parameter->name)
        return error_set(err, ERR_INVALID, "%s has no parameter; write it without @%.40s", op->name, text);
    if (text_to_double(text, parameter->name, parameter->low, parameter->high, ret, err))
        return true;
    return error_wrap(err, "%s", op->name);
}

static bool refuse_name(const char *name, struct error *err)
{
    return error_set(
        err, ERR_INVALID,
        "unknown operation '%.60s'; known are gaussianblur, fliplr, crop, flipud, scale, translate, "
        "shear, superpixels, sharpen, add and invert",
        name);
}

/* "crop:0.1" or "crop:0.1@0.05" */
static bool read_item(char *item, struct augment_settings *settings, bool named[AUGMENT_OPS],
                      struct error *err)
{
    char *number = strchr(item, ':'), *at = strchr(item, '@');
    if (!number || (at && at < number))
        return error_set(err, ERR_INVALID,
                         "expected op:number or op:number@amount, joined by '+', not '%.60s'", item);
    *number++ = '\0';
    if (at)
        *at++ = '\0';
    const struct augment_op *op = augment_find(item);
    if (!op)
        return refuse_name(item, err);
    struct augment_setting one = {.op = op, .amount = op->parameter.usual};
    if (!text_to_double(number, op->name, 0, 1, &one.weight, err) ||
        (at && !read_amount(op, at, &one.amount, err)))
        return false;
    uint32_t place = op->reason - (uint32_t)AUGMENT_REASON_FIRST;
    if (named[place])
        return error_set(err, ERR_INVALID, "%s is named twice", op->name);
    named[place] = true;
    if (one.weight > 0)
        settings->ops[settings->count++] = one; /* each once: there is room */
    return true;
}

static bool read_items(const char *text, struct augment_settings *ret, struct error *err)
{
    char copy[AUGMENT_CONFIG_MAX_BYTES + 1];
    bool named[AUGMENT_OPS] = {false};
    if (!text_copy(copy, sizeof(copy), text))
        return error_set(err, ERR_INVALID, "longer than %d bytes", AUGMENT_CONFIG_MAX_BYTES);
    for (char *item = copy, *next = NULL; item; item = next) {
        next = strchr(item, '+');
        if (next)
            *next++ = '\0';
        if (!read_item(item, ret, named, err))
            return false;
    }
    return ret->count > 0 ||
           error_set(err, ERR_INVALID, "every operation has the number 0; give one above 0");
}

bool augment_settings_read(const char *text, struct augment_settings *ret, struct error *err)
{
    struct augment_settings settings = {0};
    bool is_all = strcmp(text, "all") == 0;
    for (int i = 0; is_all && i < AUGMENT_OPS; i++)
        settings.ops[settings.count++] =
            (struct augment_setting){all_augment_ops[i], 1, all_augment_ops[i]->parameter.usual};
    if (!is_all && !read_items(text, &settings, err))
        return error_wrap(err, "aug_op_config");
    *ret = settings;
    return true;
}

/* ---- scratch ---- */

struct augment_scratch *augment_scratch_new(void)
{
    AUTO(augment_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch || !(scratch->resize = image_scratch_new()))
        return NULL;
    return TAKE(scratch);
}

struct augment_scratch *augment_scratch_free(struct augment_scratch *scratch)
{
    if (!scratch)
        return NULL;
    scratch->resize = image_scratch_free(scratch->resize);
    free(scratch->padded.data);
    free(scratch->ring.data);
    free(scratch->sums.data);
    free(scratch->segments.data);
    free(scratch->centres.data);
    image_release(&scratch->small);
    free(scratch);
    return NULL;
}

/* ---- drawing ---- */

double augment_roll(uint64_t *dice)
{
    uint64_t value = *dice += 0x9E3779B97F4A7C15ULL;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return (double)((value ^ (value >> 31)) >> 11) * 0x1p-53;
}

uint32_t augment_reflect(int64_t at, uint32_t size)
{
    int64_t period = size > 1 ? 2 * ((int64_t)size - 1) : 1;
    int64_t place = (at % period + period) % period;
    return (uint32_t)(place < size ? place : period - place);
}

static uint32_t longer_side(const struct image *image)
{
    return image->width > image->height ? image->width : image->height;
}

bool augment_picture(const struct image *image, uint32_t side_px, struct augment_scratch *scratch,
                     struct image *room, const struct image **ret, struct error *err)
{
    uint32_t longer = longer_side(image);
    double most = (double)side_px * AUGMENT_FACTOR, scale = most / longer;
    *ret = image;
    if (side_px == 0 || longer <= most)
        return true;
    const struct image_resizing smaller = {.width = (uint32_t)fmax(1, round(image->width * scale)),
                                           .height = (uint32_t)fmax(1, round(image->height * scale)),
                                           .filter = IMAGE_FILTER_AREA};
    *ret = room;
    return image_resize(image, &smaller, scratch->resize, room, err);
}

static uint64_t seed_of(const char *op, const char *content_hash)
{
    struct hash hash;
    char hex[HASH_HEX_BYTES], first[17];
    hash_start(&hash);
    hash_add_text(&hash, op);
    hash_add_text(&hash, content_hash);
    hash_finish(&hash, hex);
    memcpy(first, hex, 16);
    first[16] = '\0';
    return strtoull(first, NULL, 16);
}

void augment_plan(const struct augment_setting *setting, const char *content_hash, uint32_t side_px,
                  const struct image *picture, struct augment_draw *ret)
{
    const struct augment_op *op = setting->op;
    double pixel = side_px > 0 ? (double)longer_side(picture) / side_px : 1;
    *ret = (struct augment_draw){.op = op,
                                 .dice = seed_of(op->name, content_hash ? content_hash : ""),
                                 .width = picture->width,
                                 .height = picture->height,
                                 .pixel = fmax(pixel, 1),
                                 .value = setting->amount,
                                 .map = {.xx = 1, .yy = 1}};
    if (op->parameter.name && !op->parameter.is_exact)
        ret->value *= 0.5 + 0.5 * augment_roll(&ret->dice);
    if (op->plan)
        op->plan(ret);
}

bool augment_apply(const struct augment_draw *draw, const struct image *from, struct augment_scratch *scratch,
                   struct image *into, struct error *err)
{
    if (from->width != draw->width || from->height != draw->height)
        return error_set(err, ERR_INVALID, "%s was drawn for %u x %u px, not for %u x %u", draw->op->name,
                         draw->width, draw->height, from->width, from->height);
    return image_resize_buffer(into, from->width, from->height, err) &&
           draw->op->apply(draw, from, scratch, into, err);
}

/* ---- boxes ---- */

struct image_box augment_box(const struct augment_draw *draw, struct image_box box)
{
    const struct augment_map *map = &draw->map;
    double x = (box.x0 + box.x1) / 2, y = (box.y0 + box.y1) / 2;
    double half_width = fabs(map->xx) * (box.x1 - box.x0) / 2,
           half_height = fabs(map->yy) * (box.y1 - box.y0) / 2;
    double at_x = map->xx * x + map->xy * y + map->x0, at_y = map->yx * x + map->yy * y + map->y0;
    return (struct image_box){at_x - half_width, at_y - half_height, at_x + half_width, at_y + half_height};
}

struct image_box augment_box_back(const struct augment_draw *draw, struct image_box box)
{
    const struct augment_map *map = &draw->map;
    double u = (box.x0 + box.x1) / 2 - map->x0, v = (box.y0 + box.y1) / 2 - map->y0;
    double determinant = map->xx * map->yy - map->xy * map->yx;
    double x = (map->yy * u - map->xy * v) / determinant, y = (map->xx * v - map->yx * u) / determinant;
    double half_width = (box.x1 - box.x0) / 2 / fabs(map->xx),
           half_height = (box.y1 - box.y0) / 2 / fabs(map->yy);
    return (struct image_box){x - half_width, y - half_height, x + half_width, y + half_height};
}
