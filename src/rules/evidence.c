/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"

#include "base/buffer.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double evidence_unit(double value)
{
    if (!(value > 0))
        return 0;
    return value < 1 ? value : 1;
}

void evidence_number(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, double value)
{
    yyjson_mut_val *number =
        isfinite(value) ? yyjson_mut_real(doc, round(value * 1e6) / 1e6) : yyjson_mut_null(doc);
    (void)yyjson_mut_obj_add_val(doc, object, name, number);
}

void evidence_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *name, const char *text)
{
    /* File names may hold any bytes, JSON may not. */
    bool is_text = text && text_is_utf8(text, strlen(text));
    (void)yyjson_mut_obj_add_val(doc, object, name,
                                 is_text ? yyjson_mut_strcpy(doc, text) : yyjson_mut_null(doc));
}

enum { SAID_NUMBER_BYTES = 400, SAID_MESSAGE_MAX_BYTES = 4096 }; /* %f of the largest double has 309 digits */

/* Adds the value of the conversion that begins behind `at`'s percent sign; where the format goes on. */
static const char *add_value(yyjson_mut_doc *doc, yyjson_mut_val *values, const char *at, va_list *args)
{
    char number[SAID_NUMBER_BYTES];
    const char *text = number;
    bool has_precision = at[1] == '.';
    char kind = at[has_precision ? 3 : 1];
    if (kind == 's')
        text = va_arg(*args, const char *);
    else if (kind == 'u')
        (void)snprintf(number, sizeof(number), "%u", va_arg(*args, unsigned));
    else
        (void)snprintf(number, sizeof(number), "%.*f", has_precision ? at[2] - '0' : 6,
                       va_arg(*args, double));
    (void)yyjson_mut_arr_add_strcpy(doc, values, text);
    return at + (has_precision ? 4 : 2);
}

/* `said`: the sentence once more with {0}, {1} … where its values stand, and these: other languages have
 * other words for them. */
static void add_said(yyjson_mut_doc *doc, yyjson_mut_val *evidence, const char *format, va_list *args)
{
    AUTO_BUFFER(message, SAID_MESSAGE_MAX_BYTES);
    yyjson_mut_val *said = yyjson_mut_obj_add_obj(doc, evidence, "said");
    yyjson_mut_val *values = yyjson_mut_arr(doc);
    for (const char *at = format; *at;) {
        if (at[0] == '%' && at[1] != '%') {
            (void)buffer_printf(&message, "{%zu}", yyjson_mut_arr_size(values));
            at = add_value(doc, values, at, args);
            continue;
        }
        (void)buffer_add(&message, at, 1);
        at += at[0] == '%' ? 2 : 1;
    }
    (void)yyjson_mut_obj_add_strncpy(doc, said, "message", message.data ? message.data : "", message.size);
    (void)yyjson_mut_obj_add_val(doc, said, "values", values);
}

void evidence_sentence(yyjson_mut_doc *doc, yyjson_mut_val *evidence, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *text = NULL;
    int length = vasprintf(&text, format, args);
    if (length >= 0) {
        evidence_text(doc, evidence, "sentence", text);
        if (text_is_utf8(text, (size_t)length))
            add_said(doc, evidence, format, &again);
        free(text);
    }
    va_end(again);
    va_end(args);
}

const char *evidence_label(const struct record_header *header, uint32_t class_index)
{
    return class_index < header->classes ? header->labels[class_index] : "(a class the model does not know)";
}

void evidence_sample_labels(const struct rule_reference *reference, uint32_t sample, yyjson_mut_doc *doc,
                            yyjson_mut_val *object)
{
    if (!reference->class_sets) {
        evidence_text(doc, object, "label", evidence_label(reference->header, reference->labels[sample]));
        return;
    }
    const struct class_set *set = &reference->class_sets[sample];
    yyjson_mut_val *list = yyjson_mut_obj_add_arr(doc, object, "labels");
    for (uint32_t i = 0; i < set->count && i < EVIDENCE_LABELS_MAX; i++) {
        const char *label = evidence_label(reference->header, set->classes[i]);
        bool is_text = text_is_utf8(label, strlen(label));
        (void)yyjson_mut_arr_add_val(list, is_text ? yyjson_mut_strcpy(doc, label) : yyjson_mut_null(doc));
    }
}
