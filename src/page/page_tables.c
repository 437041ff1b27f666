/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page_parts.h"

#include "rules/rule.h"

#include <stdio.h>
#include <string.h>

static yyjson_val *stored(const struct page *page, const char *name)
{
    return yyjson_obj_get(page_stored(page), name);
}

/* NULL: a reason that this build does not know. */
static const struct rule *rule_of(yyjson_val *row)
{
    int64_t id = json_integer(row, "id", -1);
    return id >= 0 && id < REASON_COUNT ? all_rules[id] : NULL;
}

void page_code(struct buffer *into, const char *code)
{
    bool is_family = code && code[0] && strchr("NCTQSBAX", code[0]);
    (void)buffer_printf(into, "<span class=\"code%s%.*s\">", is_family ? " " : "", is_family ? 1 : 0,
                        is_family ? code : "");
    page_text(into, code);
    (void)buffer_add_text(into, "</span>");
}

/* ---- reasons ---- */

static void add_reason(struct buffer *into, yyjson_val *row, double all)
{
    const struct rule *rule = rule_of(row);
    double hard = json_number(row, "hard", 0);
    (void)buffer_add_text(into, "<tr><td>");
    page_code(into, json_text(row, "code", NULL));
    (void)buffer_add_text(into, "</td><th scope=\"row\">");
    page_text(into, json_text(row, "name", NULL));
    (void)buffer_add_text(into, "<small>");
    page_text(into, rule ? rule->suggestion : NULL);
    (void)buffer_add_text(into, "</small></th><td class=\"wider\">");
    page_bar(into, all > 0 ? hard / all : 0);
    (void)buffer_add_text(into, "</td><td class=\"num\">");
    page_count(into, hard);
    (void)buffer_add_text(into, "</td><td class=\"num wider\">");
    page_share(into, all > 0 ? hard / all : 0);
    (void)buffer_add_text(into, "</td></tr>\n");
}

static void add_silent(struct buffer *into, yyjson_val *row, const char *why)
{
    (void)buffer_add_text(into, "<tr><td>");
    page_code(into, json_text(row, "code", NULL));
    (void)buffer_add_text(into, "</td><th scope=\"row\">");
    page_text(into, json_text(row, "name", NULL));
    (void)buffer_add_text(into, "</th><td>");
    page_text(into, why);
    (void)buffer_add_text(into, "</td></tr>\n");
}

static void add_silent_reasons(struct page *page)
{
    size_t index, max;
    yyjson_val *row, *on = stored(page, "reasons"), *off = stored(page, "reasons_off");
    (void)buffer_add_text(page->into, "<details><summary>Reasons that did not speak, and why</summary>\n"
                                      "<div class=\"wide\"><table class=\"soft\"><thead><tr><th></th>"
                                      "<th>Reason</th><th>Why it is silent</th></tr></thead><tbody>\n");
    yyjson_arr_foreach(on, index, max, row)
    {
        if (json_number(row, "hard", 0) <= 0)
            add_silent(page->into, row, "looked, and found it in no hard example");
    }
    yyjson_arr_foreach(off, index, max, row)
    {
        add_silent(page->into, row, json_text(row, "why", NULL));
    }
    (void)buffer_add_text(page->into, "</tbody></table></div></details>\n");
}

void page_reasons(struct page *page)
{
    struct buffer *into = page->into;
    size_t index, max;
    yyjson_val *row, *rows = stored(page, "reasons");
    double all = json_number(stored(page, "images"), "hard", 0);
    (void)buffer_add_text(into, "<h2 id=\"reasons\">Why they are hard</h2>\n<div class=\"wide\">"
                                "<table><thead><tr><th></th><th>Reason, and what to do</th><th "
                                "class=\"wider\"></th><th class=\"num\">Examples</th>"
                                "<th class=\"num wider\">Share</th></tr></thead><tbody>\n");
    yyjson_arr_foreach(rows, index, max, row)
    {
        if (json_number(row, "hard", 0) > 0)
            add_reason(into, row, all);
    }
    (void)buffer_add_text(into, "</tbody></table></div>\n");
    add_silent_reasons(page);
}

/* ---- features ---- */

static void add_feature_numbers(struct buffer *into, yyjson_val *row, bool has_training)
{
    double outside = page_value(row, "share_outside");
    (void)buffer_printf(into, "<p>%s ", has_training ? "Training" : "Usual in the run");
    page_measure(into, page_value(row, "median"));
    (void)buffer_add_text(into, " [");
    page_measure(into, page_value(row, "low"));
    (void)buffer_add_text(into, " – ");
    page_measure(into, page_value(row, "high"));
    (void)buffer_add_text(into, "], run ");
    page_measure(into, page_value(row, "run_median"));
    (void)buffer_printf(into, "; <span%s>", outside > 0.05 ? " class=\"out\"" : "");
    page_share(into, outside);
    (void)buffer_add_text(into, " outside</span></p>");
}

static void add_feature(struct buffer *into, yyjson_val *row)
{
    char label[160];
    const char *feature = json_text(row, "feature", "?");
    yyjson_val *histogram = yyjson_obj_get(row, "histogram");
    bool has_training = strcmp(json_text(row, "reference", ""), "training") == 0;
    (void)snprintf(label, sizeof(label), "%.40s: images of the run as bars%s", feature,
                   has_training ? ", the training set as an outline" : "");
    const struct page_histogram drawn = {.label = label,
                                         .from = page_value(histogram, "from"),
                                         .to = page_value(histogram, "to"),
                                         .run = yyjson_obj_get(histogram, "run"),
                                         .training = yyjson_obj_get(histogram, "training"),
                                         .low = page_value(row, "low"),
                                         .high = page_value(row, "high")};
    (void)buffer_add_text(into, "<div class=\"card\"><h3>");
    page_words(into, feature);
    (void)buffer_add_text(into, "</h3>");
    if (drawn.to > drawn.from)
        page_histogram(into, &drawn);
    else
        (void)buffer_add_text(into, "<p class=\"soft\">The same in all images.</p>");
    add_feature_numbers(into, row, has_training);
    (void)buffer_add_text(into, "</div>\n");
}

void page_features(struct page *page)
{
    struct buffer *into = page->into;
    size_t index, max;
    yyjson_val *row;
    (void)buffer_add_text(
        into,
        "<h2 id=\"features\">What the images are like</h2>\n<p class=\"note\"><span class=\"key\"></span>run"
        "<span class=\"key train\"></span>training set, each at its own height; shaded: the range of 98 % of "
        "the training set (without one: of what is usual in the run). Numbers: median [range].</p>\n"
        "<div class=\"grid\">\n");
    yyjson_arr_foreach(stored(page, "features"), index, max, row)
    {
        add_feature(into, row);
    }
    (void)buffer_add_text(into, "</div>\n");
}

/* ---- operations ---- */

static const struct augment_op *op_of(yyjson_val *row)
{
    return augment_find(json_text(row, "operation", ""));
}

static void add_amount(struct buffer *into, yyjson_val *row)
{
    const struct augment_op *op = op_of(row);
    if (!op || !op->parameter.name) {
        (void)buffer_add_text(into, "–");
        return;
    }
    page_text(into, op->parameter.name);
    (void)buffer_add_text(into, " ");
    page_measure(into, page_value(row, op->parameter.name));
}

static void add_cell(struct buffer *into, double value, void (*write)(struct buffer *into, double value))
{
    (void)buffer_add_text(into, "<td class=\"num\">");
    write(into, value);
    (void)buffer_add_text(into, "</td>");
}

static void three_digits(struct buffer *into, double value)
{
    page_number(into, value, 3);
}

static void add_operation(struct buffer *into, yyjson_val *row)
{
    const struct augment_op *op = op_of(row);
    (void)buffer_add_text(into, "<tr><th scope=\"row\">");
    page_text(into, json_text(row, "operation", NULL));
    (void)buffer_add_text(into, "</th><td>");
    page_text(into, op ? op->summary : NULL);
    (void)buffer_add_text(into, "</td><td>");
    add_amount(into, row);
    (void)buffer_add_text(into, "</td>");
    add_cell(into, page_value(row, "copies"), page_count);
    add_cell(into, page_value(row, "tried"), page_count);
    add_cell(into, page_value(row, "upset"), page_share);
    add_cell(into, page_value(row, "telling"), three_digits);
    add_cell(into, page_value(row, "worth"), three_digits);
    (void)buffer_add_text(into, "</tr>\n");
}

void page_operations(struct page *page)
{
    struct buffer *into = page->into;
    size_t index, max;
    yyjson_val *row, *views = stored(page, "views");
    (void)buffer_add_text(into, "<h2 id=\"operations\">What augmented copies told</h2>\n");
    if (!yyjson_is_obj(views)) {
        (void)buffer_add_text(into,
                              "<p class=\"note\">The model was not asked about augmented copies.</p>\n");
        return;
    }
    (void)buffer_add_text(into, "<p class=\"note\">The model was asked again about ");
    page_count(into, page_value(views, "copies"));
    (void)buffer_add_text(into, " copies of ");
    page_count(into, page_value(views, "images"));
    (void)buffer_add_text(
        into, " images of the run, where it could change the outcome. Upset: how far answers that are right "
              "change. AUROC: how well the change tells wrong answers of the training set from right ones. "
              "Worth: how far the operation is believed; 0 for one that changes what an image means.</p>\n"
              "<div class=\"wide\"><table><thead><tr><th>Operation</th><th>The image is</th><th>Amount</th>"
              "<th class=\"num\">Copies</th><th class=\"num\">Tried on</th><th class=\"num\">Upset</th>"
              "<th class=\"num\">AUROC</th><th class=\"num\">Worth</th></tr></thead><tbody>\n");
    yyjson_arr_foreach(yyjson_obj_get(views, "operations"), index, max, row)
    {
        add_operation(into, row);
    }
    (void)buffer_add_text(into, "</tbody></table></div>\n");
}
