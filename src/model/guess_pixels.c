/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

enum {
    TINY_SIDE_PX = 28, /* inputs up to here are trained without normalisation as a rule: MNIST and its kin */
    STEPS_MAX = 16,
    RAW_SIZE = 16, /* numbers beyond are of pixels 0..255, not of 0..1 */
};

/* Ready-made answers. ImageNet's mean and std are those of torchvision's models. */
static const struct guess_values raw = {1, {0, 0, 0}, {1, 1, 1}};
static const struct guess_values unit = {1.0 / 255, {0, 0, 0}, {1, 1, 1}};
static const struct guess_values centered = {1, {128, 128, 128}, {1, 1, 1}};
static const struct guess_values symmetric = {1, {127.5, 127.5, 127.5}, {127.5, 127.5, 127.5}};
static const struct guess_values half_symmetric = {1, {127.5, 127.5, 127.5}, {255, 255, 255}};
static const struct guess_values imagenet = {1.0 / 255, {0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};

/* The range that an input quantised to 8 bits can hold tells how the pixels were prepared. */
static const struct {
    double low, high, slack;
    const struct guess_values *values;
    const char *says;
} ranges[] = {
    {-1, 1, 0.05, &symmetric, "pixels as (x - 127.5) / 127.5"},
    {0, 1, 0.05, &unit, "pixels as x / 255"},
    {-0.5, 0.5, 0.03, &half_symmetric, "pixels as (x - 127.5) / 255"},
    {0, 255, 8, &raw, "the pixels themselves"},
    {-128, 127, 8, &centered, "pixels as x - 128"},
    {-2.118, 2.64, 0.15, &imagenet, "ImageNet's mean and std"},
};

/* Numbers of a constant operand; 0 when it is none, or a large one. */
static size_t numbers_of(const struct guess *guess, const char *name, double ret[PREPROCESS_CHANNELS_MAX + 1])
{
    const struct onnx_constant *constant = onnx_graph_constant(guess->file, name);
    return constant ? onnx_constant_numbers(constant, ret, PREPROCESS_CHANNELS_MAX + 1) : 0;
}

static const struct guess_values *from_quantized(const struct guess *guess, const struct onnx_node *node,
                                                 const char **ret_why)
{
    double scale[PREPROCESS_CHANNELS_MAX + 1], zero[PREPROCESS_CHANNELS_MAX + 1] = {0};
    if (node->input_count < 3 || numbers_of(guess, node->inputs[1], scale) != 1 ||
        numbers_of(guess, node->inputs[2], zero) != 1)
        return NULL;
    const struct onnx_constant *constant = onnx_graph_constant(guess->file, node->inputs[2]);
    double first = constant->type.element == ELEMENT_INT8 ? -128 : 0;
    double low = (first - zero[0]) * scale[0], high = (first + 255 - zero[0]) * scale[0];
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (fabs(low - ranges[i].low) > ranges[i].slack || fabs(high - ranges[i].high) > ranges[i].slack)
            continue;
        *ret_why = arena_printf(guess->arena, "the graph quantises its input to %.3f … %.3f: %s", low, high,
                                ranges[i].says);
        return ranges[i].values;
    }
    return NULL;
}

static double largest(const double *values, size_t count)
{
    double max = 0;
    for (size_t i = 0; i < count; i++)
        max = fmax(max, fabs(values[i]));
    return max;
}

/* A graph that starts with arithmetic normalises for itself; its constants tell which pixels it expects. */
static const struct guess_values *from_arithmetic(const struct guess *guess, const struct onnx_node *node,
                                                  const char **ret_why)
{
    double values[PREPROCESS_CHANNELS_MAX + 1];
    bool is_norm = strcmp(node->op_type, "BatchNormalization") == 0;
    uint32_t operand = is_norm ? 3 : 1; /* of batch normalisation: the mean */
    size_t count = node->input_count > operand ? numbers_of(guess, node->inputs[operand], values) : 0;
    if (count == 0)
        return NULL;
    double size = largest(values, count);
    bool is_shift = is_norm || strcmp(node->op_type, "Sub") == 0 || strcmp(node->op_type, "Add") == 0;
    bool is_product = strcmp(node->op_type, "Mul") == 0;
    const struct guess_values *found = NULL;
    if (is_shift || strcmp(node->op_type, "Div") == 0)
        found = size > RAW_SIZE ? &raw : size > 0.1 && size < 1.01 ? &unit : NULL;
    else if (is_product)
        found = size < 1.0 / RAW_SIZE ? &raw : size > 0.9 && size < 8 ? &unit : NULL;
    if (found)
        *ret_why =
            arena_printf(guess->arena, "the graph starts with %.40s by numbers up to %.4g: it takes %s",
                         node->op_type, size, found == &raw ? "pixels as 0..255" : "pixels as 0..1");
    return found;
}

/* The operator that first does something to the values of the input. */
static const struct onnx_node *first_operator(const struct guess *guess)
{
    static const char *const keeping[] = {"Cast",    "Identity",  "Transpose", "Reshape",
                                          "Squeeze", "Unsqueeze", NULL};
    const char *name = guess->card->input;
    for (int step = 0; step < STEPS_MAX; step++) {
        size_t index = 0;
        const struct onnx_node *node = onnx_graph_next_user(guess->file, name, &index);
        while (node && strcmp(node->op_type, "Shape") == 0)
            node = onnx_graph_next_user(guess->file, name, &index);
        bool is_keeping = false;
        for (const char *const *op = keeping; node && *op; op++)
            is_keeping |= strcmp(node->op_type, *op) == 0;
        if (!is_keeping || node->output_count == 0)
            return node;
        name = node->outputs[0];
    }
    return NULL;
}

static const struct guess_values *from_graph(const struct guess *guess, const char **ret_why)
{
    const struct onnx_node *node = first_operator(guess);
    if (!node)
        return NULL;
    if (strcmp(node->op_type, "QuantizeLinear") == 0)
        return from_quantized(guess, node, ret_why);
    return from_arithmetic(guess, node, ret_why);
}

static struct guess_values from_convention(const struct guess *guess, const char **ret_why)
{
    const struct model_card *card = guess->card;
    const struct adapter_convention *usual = &guess->adapter->convention;
    bool is_tiny = card->width <= TINY_SIDE_PX && card->height <= TINY_SIDE_PX;
    if (usual->scale > 0) {
        struct guess_values values = {.scale = usual->scale};
        memcpy(values.mean, usual->mean, sizeof(values.mean));
        memcpy(values.std, usual->std, sizeof(values.std));
        *ret_why = arena_printf(guess->arena, "usual for %s; " GUESS_CONVENTION, guess->adapter->name);
        return values;
    }
    if (strcmp(card->color, "gray") == 0 || is_tiny) {
        *ret_why = "x / 255, usual for small or gray images; " GUESS_CONVENTION;
        return unit;
    }
    *ret_why = "ImageNet's mean and std, usual for RGB networks; " GUESS_CONVENTION;
    return imagenet;
}

static bool is_uint8_input(const struct guess *guess)
{
    const struct engine_port *input = engine_find_input(guess->engine, guess->card->input);
    return input && input->type.element == ELEMENT_UINT8;
}

/* Means and deviations are kept in RGB order, or in that of the note or convention they come from; a model
 * that takes the other order wants them turned round. */
static void order_channels(const struct guess *guess, const char *order, struct guess_values *values)
{
    bool is_bgr = strcmp(guess->card->color, "bgr") == 0, was_bgr = order && strcmp(order, "bgr") == 0;
    if (is_bgr == was_bgr)
        return;
    double mean = values->mean[0], deviation = values->std[0];
    values->mean[0] = values->mean[2];
    values->std[0] = values->std[2];
    values->mean[2] = mean;
    values->std[2] = deviation;
}

static struct guess_values find_values(const struct guess *guess, const char **ret_why)
{
    const struct guess_values *found = NULL;
    if (is_uint8_input(guess)) {
        *ret_why = "the input takes 8-bit pixels";
        return raw;
    }
    if (guess->note.has_values) {
        *ret_why = guess->note.said_by;
        return guess->note.values;
    }
    struct guess_values values;
    if ((found = from_graph(guess, ret_why))) {
        values = *found;
        order_channels(guess, NULL, &values);
        return values;
    }
    values = from_convention(guess, ret_why);
    order_channels(guess, guess->adapter->convention.scale > 0 ? guess->adapter->convention.color : NULL,
                   &values);
    return values;
}

static bool make_list(struct arena *arena, const double values[PREPROCESS_CHANNELS_MAX], size_t channels,
                      struct param_list *ret)
{
    bool is_same = channels == 1 || (values[0] == values[1] && values[1] == values[2]);
    ret->count = is_same ? 1 : channels;
    ret->items = arena_array(arena, PREPROCESS_CHANNELS_MAX, sizeof(char *));
    for (size_t i = 0; ret->items && i < ret->count; i++) {
        char text[TEXT_NUMBER_BYTES];
        if (!(ret->items[i] = arena_text(arena, text_of_double(values[i], text))))
            return false;
    }
    return ret->items != NULL;
}

/* Who gives one of scale, mean and std knows what the model wants: the others are then neutral. */
static bool complete_given(const struct guess *guess, struct guess_values *ret, const char **ret_why)
{
    const struct param_list *mean = &guess->card->mean;
    bool has_mean = guess_given_by(guess, "mean") != NULL;
    if (!has_mean && !guess_given_by(guess, "scale") && !guess_given_by(guess, "std"))
        return false;
    double largest_mean = 0, value = 0;
    struct error ignored = {0};
    for (size_t i = 0; has_mean && i < mean->count; i++)
        if (text_to_double(mean->items[i], "mean", -1e9, 1e9, &value, &ignored))
            largest_mean = fmax(largest_mean, fabs(value));
    *ret = largest_mean > RAW_SIZE ? raw : unit;
    *ret_why = "goes with the numbers given";
    return true;
}

static void guess_color(struct guess *guess)
{
    const char **member = &guess->card->color;
    const char *usual = guess->adapter->convention.color;
    if (guess->channels == 1)
        guess_text(guess, "color", member, "gray", "the input has one channel");
    else if (guess->note.color)
        guess_text(guess, "color", member, guess->note.color, guess->note.said_by);
    else if (usual)
        guess_text(guess, "color", member, usual,
                   arena_printf(guess->arena, "usual for %s; " GUESS_CONVENTION, guess->adapter->name));
    else
        guess_text(guess, "color", member, "rgb", "the usual order; " GUESS_CONVENTION);
}

bool guess_pixels(struct guess *guess, struct error *err)
{
    struct model_card *card = guess->card;
    const char *why = "";
    struct guess_values values;
    guess_color(guess);
    if (!complete_given(guess, &values, &why))
        values = find_values(guess, &why);
    struct param_list mean = {0}, deviation = {0};
    size_t channels = strcmp(card->color, "gray") == 0 ? 1 : PREPROCESS_CHANNELS_MAX;
    if (!make_list(guess->arena, values.mean, channels, &mean) ||
        !make_list(guess->arena, values.std, channels, &deviation))
        return error_no_memory(err);
    guess_number(guess, "scale", &card->scale, values.scale, why);
    guess_list(guess, "mean", &card->mean, mean, why);
    guess_list(guess, "std", &card->std, deviation, why);
    return true;
}
