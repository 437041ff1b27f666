/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of predictions: numbers that are what they say, or an error that names the field. */
#include "base/text.h"
#include "given/given_reader.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIELD_NAME_BYTES = 120, WHY_BYTES = 200 };

bool given_bad_field(const struct given_field *field, struct error *err, const char *format, ...)
{
    char name[FIELD_NAME_BYTES], index[32] = "", why[WHY_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(why, sizeof(why), format, arguments);
    va_end(arguments);
    if (field->index != SIZE_MAX)
        (void)snprintf(index, sizeof(index), "[%zu]", field->index);
    (void)snprintf(name, sizeof(name), "%.60s%s%s%.20s", field->name, index, field->part ? "." : "",
                   field->part ? field->part : "");
    return error_set(err, ERR_INVALID, "%s %s", name, why);
}

bool given_label(yyjson_val *value, const struct given_field *field, struct given_labels *labels,
                 uint32_t *ret, struct error *err)
{
    const char *name = yyjson_get_str(value);
    if (!name || strlen(name) != yyjson_get_len(value))
        return given_bad_field(field, err, "must be the name of a label");
    return given_labels_take(labels, name, ret, err) || error_wrap(err, "%s[%zu]", field->name, field->index);
}

bool given_number(yyjson_val *value, const struct given_field *field, double min, double max, double *ret,
                  struct error *err)
{
    double number = (double)NAN;
    struct error ignored = {0};
    if (yyjson_is_num(value))
        number = yyjson_get_num(value);
    else if (!yyjson_is_str(value))
        return given_bad_field(field, err, "is %s; a number must be there", value ? "no number" : "missing");
    else if (!text_to_double(yyjson_get_str(value), field->name, min, max, &number, &ignored))
        return given_bad_field(field, err, "is '%.40s'; a number from %g to %g must be there",
                               yyjson_get_str(value), min, max);
    if (!(number >= min && number <= max))
        return given_bad_field(field, err, "is %g; it may be %g to %g", number, min, max);
    *ret = number;
    return true;
}

bool given_numbers(yyjson_val *array, const struct given_field *field, size_t count, float *ret,
                   struct error *err)
{
    static const double far = 1e30;
    size_t index, max;
    yyjson_val *value;
    if (!yyjson_is_arr(array) || yyjson_arr_size(array) != count)
        return given_bad_field(field, err, "must be an array of %zu numbers", count);
    yyjson_arr_foreach(array, index, max, value)
    {
        double number = 0;
        if (!given_number(value, field, -far, far, &number, err))
            return false;
        ret[index] = (float)number;
    }
    return true;
}

bool given_embedding(yyjson_val *object, struct arena *arena, struct given_image *image, struct error *err)
{
    const struct given_field field = {"embedding", SIZE_MAX, NULL};
    yyjson_val *array = yyjson_obj_get(object, "embedding");
    size_t count = yyjson_arr_size(array);
    if (!array || yyjson_is_null(array))
        return true;
    if (count == 0 || count > PREDICTION_EMBEDDING_MAX)
        return given_bad_field(&field, err, "must be an array of 1 to %d numbers", PREDICTION_EMBEDDING_MAX);
    float *numbers = arena_array(arena, count, sizeof(*numbers));
    if (!numbers)
        return error_no_memory(err);
    image->embedding = numbers;
    image->embedding_length = (uint32_t)count;
    return given_numbers(array, &field, count, numbers, err);
}
