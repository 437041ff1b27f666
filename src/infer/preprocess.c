/* SPDX-License-Identifier: Apache-2.0 */
#include "infer/preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct preprocess_scratch {
    struct image_scratch *image_scratch;
    struct image resized;
};

/* The image is resized to width × height; the tensor shows it from (left, top) on. Negative: it starts inside
 * the tensor, the rest is fill. */
struct plan {
    uint32_t width, height;
    int64_t left, top;
};

static bool check_options(const struct preprocess_options *options, struct error *err)
{
    if (options->width < 1 || options->height < 1 || options->width > PREPROCESS_SIDE_MAX_PX ||
        options->height > PREPROCESS_SIDE_MAX_PX)
        return error_set(err, ERR_INVALID, "the model's input must be 1 to %d px wide and high, not %u × %u",
                         PREPROCESS_SIDE_MAX_PX, options->width, options->height);
    if (options->resize == RESIZE_CENTER_CROP &&
        !(options->crop_fraction >= 0.1 && options->crop_fraction <= 1))
        return error_set(err, ERR_INVALID, "crop_fraction must be a number from 0.1 to 1, not %g",
                         options->crop_fraction);
    if (options->element == ELEMENT_UINT8)
        return true;
    if (options->element != ELEMENT_FLOAT32)
        return error_set(err, ERR_INVALID, "the input takes %s; float32 and uint8 are supported",
                         element_type_name(options->element));
    bool is_usable = isfinite(options->scale) && options->scale != 0;
    for (int i = 0; i < PREPROCESS_CHANNELS_MAX; i++)
        is_usable =
            is_usable && isfinite(options->mean[i]) && isfinite(options->std[i]) && options->std[i] != 0;
    return is_usable ||
           error_set(err, ERR_INVALID, "scale, mean and std must be finite, scale and std not 0");
}

bool preprocess_init(const struct preprocess_options *options, struct preprocess *ret, struct error *err)
{
    if (!check_options(options, err))
        return false;
    *ret = (struct preprocess){.options = *options, .channels = options->color == COLOR_GRAY ? 1 : 3};
    for (uint32_t c = 0; c < ret->channels && options->element == ELEMENT_FLOAT32; c++) {
        for (int level = 0; level < PREPROCESS_LEVELS; level++) {
            double value = (level * options->scale - options->mean[c]) / options->std[c];
            if (!(fabs(value) <= 1e30))
                return error_set(err, ERR_INVALID, "scale, mean and std give values beyond 1e30");
            ret->levels[c][level] = (float)value;
        }
    }
    return true;
}

struct tensor_type preprocess_tensor_type(const struct preprocess *preprocess)
{
    const struct preprocess_options *options = &preprocess->options;
    struct tensor_type type = {.element = options->element, .dim_count = 4, .dims = {1}};
    bool is_planar = options->layout == LAYOUT_NCHW;
    type.dims[is_planar ? 1 : 3] = preprocess->channels;
    type.dims[is_planar ? 2 : 1] = options->height;
    type.dims[is_planar ? 3 : 2] = options->width;
    return type;
}

struct preprocess_scratch *preprocess_scratch_new(void)
{
    AUTO(preprocess_scratch) scratch = calloc(1, sizeof(*scratch));
    if (!scratch || !(scratch->image_scratch = image_scratch_new()))
        return NULL;
    return TAKE(scratch);
}

struct preprocess_scratch *preprocess_scratch_free(struct preprocess_scratch *scratch)
{
    if (!scratch)
        return NULL;
    (void)image_scratch_free(scratch->image_scratch);
    image_release(&scratch->resized);
    free(scratch);
    return NULL;
}

/* ---- geometry ---- */

/* The side that decides is exact, the other is cut to whole px, as torchvision does; the crop starts at half
 * the rest, rounded half to even, as Python's round does. */
static struct plan plan_center_crop(const struct preprocess_options *options, const struct image *image)
{
    uint64_t width = image->width, height = image->height;
    struct plan plan;
    if (width * options->height <= height * options->width) {
        plan.width = (uint32_t)rint(options->width / options->crop_fraction);
        plan.height = (uint32_t)(plan.width * height / width);
    } else {
        plan.height = (uint32_t)rint(options->height / options->crop_fraction);
        plan.width = (uint32_t)(plan.height * width / height);
    }
    plan.left = (int64_t)rint(((double)plan.width - options->width) / 2);
    plan.top = (int64_t)rint(((double)plan.height - options->height) / 2);
    return plan;
}

static uint32_t at_least_one(double size)
{
    return size < 1 ? 1 : (uint32_t)size;
}

static double letterbox_ratio(const struct preprocess_options *options, const struct image *image)
{
    return fmin((double)options->width / image->width, (double)options->height / image->height);
}

/* Sizes are cut to whole px where the image goes to the corner, as YOLOX does, and rounded where it goes to
 * the middle, as Ultralytics does. */
static struct plan plan_letterbox(const struct preprocess_options *options, const struct image *image)
{
    double ratio = letterbox_ratio(options, image);
    double width = image->width * ratio, height = image->height * ratio;
    if (options->pad_place == PAD_TOP_LEFT)
        return (struct plan){.width = at_least_one(width), .height = at_least_one(height)};
    struct plan plan = {.width = at_least_one(rint(width)), .height = at_least_one(rint(height))};
    plan.left = -(int64_t)((options->width - plan.width) / 2);
    plan.top = -(int64_t)((options->height - plan.height) / 2);
    return plan;
}

static struct plan make_plan(const struct preprocess_options *options, const struct image *image)
{
    if (options->resize == RESIZE_CENTER_CROP)
        return plan_center_crop(options, image);
    if (options->resize == RESIZE_LETTERBOX)
        return plan_letterbox(options, image);
    return (struct plan){.width = options->width, .height = options->height};
}

/* ---- pixels to tensor ---- */

/* A rectangle of the tensor and the pixel of the resized image that its first place shows. */
struct window {
    const struct image *from;
    uint32_t from_x, from_y, x, y, width, height;
};

static struct window make_window(const struct preprocess_options *options, const struct plan *plan,
                                 const struct image *resized)
{
    struct window window = {.from = resized};
    window.from_x = plan->left > 0 ? (uint32_t)plan->left : 0;
    window.from_y = plan->top > 0 ? (uint32_t)plan->top : 0;
    window.x = plan->left < 0 ? (uint32_t)-plan->left : 0;
    window.y = plan->top < 0 ? (uint32_t)-plan->top : 0;
    uint32_t right = options->width - window.x, below = options->height - window.y;
    window.width = resized->width - window.from_x < right ? resized->width - window.from_x : right;
    window.height = resized->height - window.from_y < below ? resized->height - window.from_y : below;
    return window;
}

static uint8_t luma(const uint8_t *pixel)
{
    return (uint8_t)((pixel[0] * 19595u + pixel[1] * 38470u + pixel[2] * 7471u + 32768u) >> 16);
}

static uint8_t channel_level(enum preprocess_color color, const uint8_t *pixel, uint32_t channel)
{
    if (color == COLOR_GRAY)
        return luma(pixel);
    return pixel[color == COLOR_BGR ? 2 - channel : channel];
}

/* Where channel `c` of place (x, y) lies in the tensor, and how far apart neighbours in x are. */
static size_t place_of(const struct preprocess *preprocess, uint32_t c, uint32_t x, uint32_t y,
                       size_t *ret_step)
{
    const struct preprocess_options *options = &preprocess->options;
    bool is_planar = options->layout == LAYOUT_NCHW;
    size_t row = (size_t)y * options->width + x;
    *ret_step = is_planar ? 1 : preprocess->channels;
    return is_planar ? (size_t)c * options->width * options->height + row : row * preprocess->channels + c;
}

static void fill_row_float(const struct preprocess *preprocess, const struct window *window, uint32_t c,
                           uint32_t y, float *values)
{
    size_t step = 0, at = place_of(preprocess, c, window->x, window->y + y, &step);
    const uint8_t *pixel =
        window->from->pixels + ((size_t)(window->from_y + y) * window->from->width + window->from_x) * 3;
    const float *levels = preprocess->levels[c];
    enum preprocess_color color = preprocess->options.color;
    if (color == COLOR_GRAY) {
        for (uint32_t x = 0; x < window->width; x++, pixel += 3, at += step)
            values[at] = levels[luma(pixel)];
        return;
    }
    pixel += color == COLOR_BGR ? 2 - c : c;
    for (uint32_t x = 0; x < window->width; x++, pixel += 3, at += step)
        values[at] = levels[*pixel];
}

static void fill_row_uint8(const struct preprocess *preprocess, const struct window *window, uint32_t c,
                           uint32_t y, uint8_t *values)
{
    size_t step = 0, at = place_of(preprocess, c, window->x, window->y + y, &step);
    const uint8_t *pixel =
        window->from->pixels + ((size_t)(window->from_y + y) * window->from->width + window->from_x) * 3;
    for (uint32_t x = 0; x < window->width; x++, pixel += 3, at += step)
        values[at] = channel_level(preprocess->options.color, pixel, c);
}

static void fill_background(const struct preprocess *preprocess, void *values)
{
    const struct preprocess_options *options = &preprocess->options;
    size_t places = (size_t)options->width * options->height;
    if (options->element == ELEMENT_UINT8) {
        memset(values, options->pad_value, places * preprocess->channels);
        return;
    }
    float *to = values;
    for (uint32_t c = 0; c < preprocess->channels; c++) {
        size_t step = 0, at = place_of(preprocess, c, 0, 0, &step);
        for (size_t i = 0; i < places; i++, at += step)
            to[at] = preprocess->levels[c][options->pad_value];
    }
}

static void fill_tensor(const struct preprocess *preprocess, const struct window *window, void *values)
{
    const struct preprocess_options *options = &preprocess->options;
    if (window->width < options->width || window->height < options->height)
        fill_background(preprocess, values);
    for (uint32_t y = 0; y < window->height; y++) {
        for (uint32_t c = 0; c < preprocess->channels; c++) {
            if (options->element == ELEMENT_UINT8)
                fill_row_uint8(preprocess, window, c, y, values);
            else
                fill_row_float(preprocess, window, c, y, values);
        }
    }
}

/* A strip of paper would be resized to a very long one of which little is shown. */
static bool is_strip(const struct preprocess_options *options, const struct plan *plan)
{
    return options->resize == RESIZE_CENTER_CROP &&
           (plan->width > (uint64_t)options->width * PREPROCESS_WHOLE_FACTOR ||
            plan->height > (uint64_t)options->height * PREPROCESS_WHOLE_FACTOR);
}

/* Resizes as planned, or only what is shown: *plan is then of that part. */
static bool resize_image(const struct preprocess_options *options, struct preprocess_scratch *scratch,
                         const struct image *image, struct plan *plan, struct error *err)
{
    struct image_resizing how = {
        .width = plan->width, .height = plan->height, .filter = IMAGE_FILTER_BILINEAR};
    if (is_strip(options, plan)) {
        double x_step = (double)image->width / plan->width, y_step = (double)image->height / plan->height;
        double left = (double)plan->left * x_step, top = (double)plan->top * y_step;
        how.part = (struct image_box){left, top, fmin(left + options->width * x_step, image->width),
                                      fmin(top + options->height * y_step, image->height)};
        *plan = (struct plan){.width = options->width, .height = options->height};
        how.width = plan->width;
        how.height = plan->height;
    }
    return image_resize(image, &how, scratch->image_scratch, &scratch->resized, err);
}

/* Of a letterbox the ratio counts, not the whole px it came to: so the families' own tools place true boxes
 * in training and found ones afterwards. */
static struct placement make_placement(const struct preprocess_options *options, const struct plan *plan,
                                       const struct image *image)
{
    bool is_letterbox = options->resize == RESIZE_LETTERBOX;
    double ratio = letterbox_ratio(options, image);
    return (struct placement){.scale_x = is_letterbox ? ratio : (double)plan->width / image->width,
                              .scale_y = is_letterbox ? ratio : (double)plan->height / image->height,
                              .offset_x = -(double)plan->left,
                              .offset_y = -(double)plan->top,
                              .image_width = image->width,
                              .image_height = image->height,
                              .tensor_width = options->width,
                              .tensor_height = options->height};
}

bool preprocess_run(const struct preprocess *preprocess, struct preprocess_scratch *scratch,
                    const struct image *image, void *values, struct placement *ret, struct error *err)
{
    const struct preprocess_options *options = &preprocess->options;
    if (image->width < 1 || image->height < 1)
        return error_set(err, ERR_INVALID, "the image has no pixels");
    struct plan plan = make_plan(options, image);
    const struct placement placement = make_placement(options, &plan, image);
    const struct image *resized = image;
    if (plan.width != image->width || plan.height != image->height) {
        if (!resize_image(options, scratch, image, &plan, err))
            return false;
        resized = &scratch->resized;
    }
    struct window window = make_window(options, &plan, resized);
    fill_tensor(preprocess, &window, values);
    *ret = placement;
    return true;
}
