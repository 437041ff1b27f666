/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/evidence.h"

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

void evidence_sentence(yyjson_mut_doc *doc, yyjson_mut_val *evidence, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = NULL;
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0)
        return;
    evidence_text(doc, evidence, "sentence", text);
    free(text);
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
