/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preprocess: an upright RGB image into the tensor a model takes, exactly as the usual Python tools do it
 * (Pillow's bilinear resize, torchvision's size and crop arithmetic).
 *
 * A float32 value is (pixel × scale − mean) / std, computed in double precision for each of the 256 pixel
 * values and rounded once: within 1 unit in the last place of the same formula in real numbers.
 */
#ifndef INFER_PREPROCESS_H
#define INFER_PREPROCESS_H

#include "image/image.h"
#include "infer/tensor.h"

enum {
    PREPROCESS_CHANNELS_MAX = 3,
    PREPROCESS_SIDE_MAX_PX = 4096,
    PREPROCESS_LEVELS = 256,
    PREPROCESS_WHOLE_FACTOR = 16
};

enum preprocess_layout {
    LAYOUT_NCHW, /* planes: all of the first channel, then all of the second… */
    LAYOUT_NHWC  /* pixels: the channels of one pixel side by side */
};
enum preprocess_resize {
    RESIZE_SQUASH, /* both sides to the model's, whatever the aspect ratio */
    /* Keep the aspect ratio, cover the model's size ÷ crop_fraction, cut the middle. An image that would
     * become more than PREPROCESS_WHOLE_FACTOR times as long as the model's side is cut first; its pixels may
     * then differ by one level from those of cutting last. */
    RESIZE_CENTER_CROP,
    /* Keep the aspect ratio, fit into the model's size, fill the rest. Sizes become whole px as the usual
     * tools have it: cut for PAD_TOP_LEFT (YOLOX), rounded for PAD_CENTER (Ultralytics). */
    RESIZE_LETTERBOX
};
enum preprocess_color { COLOR_RGB, COLOR_BGR, COLOR_GRAY };
enum preprocess_pad { PAD_CENTER, PAD_TOP_LEFT };

struct preprocess_options {
    enum preprocess_layout layout;
    enum preprocess_resize resize;
    enum preprocess_color color; /* gray: Pillow's luma, (19595 R + 38470 G + 7471 B + 32768) >> 16 */
    enum element_type element;   /* ELEMENT_FLOAT32, or ELEMENT_UINT8: the pixels themselves */
    uint32_t width, height;      /* px */
    double crop_fraction;        /* RESIZE_CENTER_CROP: 0 < … <= 1 */
    /* In the order of the tensor's channels: for bgr the first is of blue. */
    double scale, mean[PREPROCESS_CHANNELS_MAX], std[PREPROCESS_CHANNELS_MAX];
    uint8_t pad_value; /* RESIZE_LETTERBOX: gray level of the fill */
    enum preprocess_pad pad_place;
};

struct preprocess {
    struct preprocess_options options;
    uint32_t channels;
    float levels[PREPROCESS_CHANNELS_MAX][PREPROCESS_LEVELS];
};

/* Where the image went: x in the tensor = x in the image × scale_x + offset_x, in px of both. */
struct placement {
    double scale_x, scale_y, offset_x, offset_y;
    uint32_t image_width, image_height;
    uint32_t tensor_width, tensor_height; /* px; for outputs in fractions of the tensor */
};

/* ERR_INVALID names the option. */
MUST_CHECK bool preprocess_init(const struct preprocess_options *options, struct preprocess *ret,
                                struct error *err);
/* [1, channels, height, width] or [1, height, width, channels] */
struct tensor_type preprocess_tensor_type(const struct preprocess *preprocess);

/* Memory of one thread, reused from image to image. */
struct preprocess_scratch;
struct preprocess_scratch *preprocess_scratch_new(void); /* NULL when memory is out */
struct preprocess_scratch *preprocess_scratch_free(struct preprocess_scratch *scratch);

/* Writes the whole tensor at `values`. Errors are those of image_resize. */
MUST_CHECK bool preprocess_run(const struct preprocess *preprocess, struct preprocess_scratch *scratch,
                               const struct image *image, void *values, struct placement *ret,
                               struct error *err);

DEFINE_AUTO(preprocess_scratch)

#endif
