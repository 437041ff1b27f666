/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include <stdio.h>
#include <string.h>

enum { IMAGE_DIMS = 4 };

/* NULL with *err filled when there is not exactly one, or another was asked for. */
static const struct engine_port *find_input(struct guess *guess, struct error *err)
{
    const struct engine_model *engine = guess->engine;
    char names[160] = "";
    for (size_t i = 0; i < engine->input_count; i++) {
        size_t used = strlen(names);
        (void)snprintf(names + used, sizeof(names) - used, "%s%.60s", i > 0 ? ", " : "",
                       engine->inputs[i].name);
    }
    if (engine->input_count != 1) {
        (void)error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                               "the model takes %zu inputs (%s); only models that take one image can be run",
                               engine->input_count, names);
        return NULL;
    }
    const struct engine_port *port = &engine->inputs[0];
    if (guess_given_by(guess, "input") && strcmp(guess->card->input, port->name) != 0) {
        (void)error_set_detail(err, DETAIL_MODEL_UNUSABLE, "the model has no input '%.100s', only '%.100s'",
                               guess->card->input, names);
        return NULL;
    }
    guess_text(guess, "input", &guess->card->input, port->name, "the only input");
    return port;
}

static bool is_channels(int64_t dim)
{
    return dim == 1 || dim == 3;
}

/* The place of the channels among the dimensions: 1 or 3; 0 when it is no image. */
static uint32_t find_channels(const struct guess *guess, const struct tensor_type *type)
{
    if (guess_given_by(guess, "layout"))
        return strcmp(guess->card->layout, "nhwc") == 0 ? 3 : 1;
    const struct guess_note *note = &guess->note;
    bool may_be_planar = is_channels(type->dims[1]) || type->dims[1] < 0;
    bool may_be_pixels = is_channels(type->dims[3]) || type->dims[3] < 0;
    if (note->layout && may_be_planar && may_be_pixels)
        return strcmp(note->layout, "nhwc") == 0 ? 3 : 1;
    if (is_channels(type->dims[1]))
        return 1;
    return is_channels(type->dims[3]) ? 3 : 0;
}

static bool check_type(const struct engine_port *input, struct error *err)
{
    const struct tensor_type *type = &input->type;
    char text[TENSOR_TEXT_BYTES];
    (void)tensor_type_text(type, text);
    if (type->dim_count != IMAGE_DIMS)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "input '%.100s' is %s: not an image, which has 4 dimensions, one of them 1 or 3 "
            "channels",
            input->name, text);
    if (type->element != ELEMENT_FLOAT32 && type->element != ELEMENT_UINT8)
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "input '%.100s' is %s; float32 and uint8 are supported, export it so",
                                input->name, text);
    if (type->dims[0] != 1 && type->dims[0] >= 0)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "input '%.100s' is %s: a fixed batch; export it with a batch of 1 or an open one", input->name,
            text);
    return true;
}

static bool guess_layout(struct guess *guess, const struct engine_port *input, uint32_t *ret_channels,
                         struct error *err)
{
    const struct tensor_type *type = &input->type;
    char text[TENSOR_TEXT_BYTES];
    uint32_t at = find_channels(guess, type);
    if (at == 0)
        return error_set_detail(
            err, DETAIL_MODEL_UNUSABLE,
            "input '%.100s' is %s: neither dimension 1 nor 3 is 1 or 3 channels; if it is an "
            "image, set layout",
            input->name, tensor_type_text(type, text));
    if (type->dims[at] >= 0 && !is_channels(type->dims[at]))
        return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                                "input '%.100s' is %s: %lld channels; 1 and 3 are supported", input->name,
                                tensor_type_text(type, text), (long long)type->dims[at]);
    const char *why = arena_printf(guess->arena, "the input is %s", tensor_type_text(type, text));
    guess_text(guess, "layout", &guess->card->layout, at == 1 ? "nchw" : "nhwc", why);
    *ret_channels = at;
    return true;
}

/* One side: from the shape, else from the file's note. 0 when nobody says. */
static bool guess_side(struct guess *guess, const char *field, uint64_t *member, int64_t dim, uint64_t noted)
{
    if (dim > 0)
        guess_count(guess, field, member, (uint64_t)dim, "the input's shape");
    else if (guess_given_by(guess, field) || noted > 0)
        guess_count(guess, field, member, noted, guess->note.said_by);
    return *member > 0;
}

static bool check_stride(const struct guess *guess, struct error *err)
{
    uint64_t stride = guess->note.stride;
    const struct model_card *card = guess->card;
    return stride == 0 || (card->width % stride == 0 && card->height % stride == 0) ||
           error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "width %llu and height %llu must be multiples of %llu, the stride that the "
                            "file's metadata tell",
                            (unsigned long long)card->width, (unsigned long long)card->height,
                            (unsigned long long)stride);
}

static bool guess_size(struct guess *guess, const struct engine_port *input, uint32_t channels,
                       struct error *err)
{
    const struct guess_note *note = &guess->note;
    struct model_card *card = guess->card;
    int64_t height = input->type.dims[channels == 1 ? 2 : 1], width = input->type.dims[channels == 1 ? 3 : 2];
    char text[TENSOR_TEXT_BYTES];
    if (guess_side(guess, "width", &card->width, width, note->width) &&
        guess_side(guess, "height", &card->height, height, note->height))
        return check_stride(guess, err);
    return error_set_detail(err, DETAIL_MODEL_UNUSABLE,
                            "input '%.100s' is %s: its size is open; set width and height", input->name,
                            tensor_type_text(&input->type, text));
}

bool guess_input(struct guess *guess, struct error *err)
{
    const struct engine_port *input = find_input(guess, err);
    uint32_t channels = 0;
    if (!input || !check_type(input, err) || !guess_layout(guess, input, &channels, err) ||
        !guess_size(guess, input, channels, err))
        return false;
    guess->channels = (uint32_t)(input->type.dims[channels] == 1 ? 1 : PREPROCESS_CHANNELS_MAX);
    return true;
}
