/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_fact(struct buffer *into, const char *name, const char *value)
{
    if (!value)
        return;
    (void)buffer_printf(into, " · %s ", name);
    page_name(into, value);
}

/* "2026-11-22T10:45:01.123Z" to the minute. */
static void add_time(struct buffer *into, const char *time)
{
    char text[32];
    bool is_whole = strlen(time) > 16 && time[10] == 'T';
    (void)snprintf(text, sizeof(text), "%.10s %.5s UTC", time, is_whole ? time + 11 : "");
    page_text(into, is_whole ? text : "–");
}

void page_head(struct page *page)
{
    struct buffer *into = page->into;
    yyjson_val *report = page->source->report;
    (void)buffer_add_text(into, "<header><h1>Hard examples of ");
    page_name(into, json_text(report, "service", "a service that is gone"));
    (void)buffer_add_text(into, "</h1>\n<p class=\"soft\">");
    add_time(into, json_text(report, "finished", ""));
    add_fact(into, "model", json_text(report, "model", NULL));
    add_fact(into, "training set", json_text(report, "train", NULL));
    add_fact(into, "imported into dataset", json_text(report, "dataset", NULL));
    add_fact(into, "task", json_text(report, "task", NULL));
    (void)buffer_add_text(into, "</p>\n<nav aria-label=\"Parts\"><a href=\"#reasons\">Reasons</a>"
                                "<a href=\"#examples\">Hardest examples</a><a href=\"#features\">Features</a>"
                                "<a href=\"#operations\">Augmented copies</a>"
                                "<a href=\"#combination\">Weights</a><a href=\"#settings\">Settings</a></nav>"
                                "</header>\n");
}

/* ---- cards ---- */

static void open_card(struct buffer *into, const char *name)
{
    (void)buffer_printf(into, "<div><dt>%s</dt><dd>", name);
}

static void close_card(struct buffer *into, const char *more)
{
    (void)buffer_printf(into, "<small>%s</small></dd></div>\n", more);
}

static void add_count_card(struct buffer *into, const char *name, double count, const char *more)
{
    open_card(into, name);
    page_count(into, count);
    close_card(into, more);
}

static void add_hard_card(struct buffer *into, yyjson_val *images)
{
    double hard = page_value(images, "hard"), analysed = page_value(images, "analysed");
    open_card(into, "Hard examples");
    page_count(into, hard);
    (void)buffer_add_text(into, "<small>");
    page_share(into, analysed > 0 ? hard / analysed : (double)NAN);
    (void)buffer_add_text(into, " of the images</small></dd></div>\n");
}

static void add_combiner_card(struct buffer *into, yyjson_val *learned)
{
    bool is_used = json_bool(learned, "is_used", false);
    open_card(into, "Coefficient");
    (void)buffer_add_text(into, is_used ? "learned" : "fixed");
    if (!is_used) {
        close_card(into, "weights of the methods");
        return;
    }
    (void)buffer_add_text(into, "<small>AUROC ");
    page_number(into, page_value(learned, "auroc"), 3);
    (void)buffer_add_text(into, ", fixed weights ");
    page_number(into, page_value(learned, "auroc_fixed"), 3);
    (void)buffer_add_text(into, "</small></dd></div>\n");
}

void page_cards(struct page *page)
{
    struct buffer *into = page->into;
    yyjson_val *report = page_stored(page), *images = yyjson_obj_get(report, "images");
    yyjson_val *training = yyjson_obj_get(report, "training");
    (void)buffer_add_text(into, "<dl class=\"cards\">\n");
    add_count_card(into, "Images of the run", page_value(images, "total"), "collected");
    add_count_card(into, "Analysed", page_value(images, "analysed"), "that could be read");
    add_hard_card(into, images);
    add_count_card(into, "Behind them", page_value(yyjson_obj_get(report, "list"), "others"),
                   "near-duplicates and consecutive frames that they stand for");
    add_count_card(into, "Training samples", training ? page_value(training, "samples") : (double)NAN,
                   yyjson_is_obj(training) ? "to compare with" : "none: the run is its own reference");
    open_card(into, "Inferences per image");
    double copies = json_number(yyjson_obj_get(report, "views"), "inferences_per_image", 0);
    page_number(into, 1 + copies, 2);
    close_card(into, "the run's own and of augmented copies");
    add_combiner_card(into, yyjson_obj_get(report, "learned"));
    (void)buffer_add_text(into, "</dl>\n");
}

/* ---- how hard ---- */

void page_hardness(struct page *page)
{
    struct buffer *into = page->into;
    yyjson_val *histogram = yyjson_obj_get(page_stored(page), "coefficients");
    const struct page_histogram drawn = {.label = "Images of the run by hard coefficient, from 0 to 1",
                                         .from = 0,
                                         .to = page_value(histogram, "bin_width") *
                                               (double)yyjson_arr_size(yyjson_obj_get(histogram, "bins")),
                                         .run = yyjson_obj_get(histogram, "bins"),
                                         .low = (double)NAN,
                                         .high = (double)NAN};
    (void)buffer_add_text(into, "<h2>How hard the images are</h2>\n<div class=\"card tall\">");
    page_histogram(into, &drawn);
    (void)buffer_add_text(into, "<p class=\"note\">Images of the run by hard coefficient: 0 nothing speaks "
                                "against the model's answer, 1 everything does.</p></div>\n");
}

/* ---- weights, or what was learned ---- */

static double largest(yyjson_val *numbers)
{
    yyjson_obj_iter members = yyjson_obj_iter_with(numbers); /* unlike foreach, it takes what is no object */
    yyjson_val *key;
    double most = 0;
    while ((key = yyjson_obj_iter_next(&members)) != NULL)
        most = fmax(most, yyjson_get_num(yyjson_obj_iter_get_val(key)));
    return most;
}

static void add_numbers(struct buffer *into, const char *caption, yyjson_val *numbers)
{
    yyjson_obj_iter members = yyjson_obj_iter_with(numbers);
    yyjson_val *key;
    double most = largest(numbers);
    (void)buffer_printf(into,
                        "<div class=\"wide\"><table><thead><tr><th>%s</th><th></th><th class=\"num\">Value"
                        "</th></tr></thead><tbody>\n",
                        caption);
    while ((key = yyjson_obj_iter_next(&members)) != NULL) {
        yyjson_val *value = yyjson_obj_iter_get_val(key);
        (void)buffer_add_text(into, "<tr><th scope=\"row\">");
        page_words(into, yyjson_get_str(key));
        (void)buffer_add_text(into, "</th><td>");
        page_bar(into, most > 0 ? yyjson_get_num(value) / most : 0);
        (void)buffer_add_text(into, "</td><td class=\"num\">");
        page_number(into, yyjson_get_num(value), 4);
        (void)buffer_add_text(into, "</td></tr>\n");
    }
    (void)buffer_add_text(into, "</tbody></table></div>\n");
}

static void tell_learned(struct buffer *into, yyjson_val *learned)
{
    (void)buffer_add_text(into, "<p class=\"note\">The coefficient is learned from ");
    page_count(into, page_value(learned, "held_out"));
    (void)buffer_add_text(into, " held-out training images and ");
    page_count(into, page_value(learned, "confirmed"));
    (void)buffer_add_text(into, " that people decided, of which the model had ");
    page_count(into, page_value(learned, "wrong"));
    (void)buffer_add_text(into, " wrong. It estimates how likely a prediction is wrong: AUROC ");
    page_number(into, page_value(learned, "auroc"), 3);
    (void)buffer_add_text(into, " on images it did not learn from; the fixed weights ");
    page_number(into, page_value(learned, "auroc_fixed"), 3);
    (void)buffer_add_text(into, ".</p>\n");
}

void page_combination(struct page *page)
{
    struct buffer *into = page->into;
    yyjson_val *learned = yyjson_obj_get(page_stored(page), "learned");
    bool is_used = json_bool(learned, "is_used", false);
    (void)buffer_add_text(into, "<h2 id=\"combination\">What the coefficient is made of</h2>\n");
    if (is_used) {
        tell_learned(into, learned);
        add_numbers(into, "Signal", yyjson_obj_get(learned, "slopes"));
        (void)buffer_add_text(into, "<details><summary>The fixed weights, which were not used</summary>\n");
    } else if (json_text(learned, "why_not", NULL)) {
        (void)buffer_add_text(into, "<p class=\"note\">Fixed weights. Nothing was learned: ");
        page_text(into, json_text(learned, "why_not", NULL));
        (void)buffer_add_text(into, ".</p>\n");
    }
    add_numbers(into, "Method", yyjson_obj_get(page_stored(page), "weights"));
    (void)buffer_add_text(into, is_used ? "</details>\n" : "");
}

/* ---- settings ---- */

static void add_value(struct buffer *into, yyjson_val *value)
{
    char *text = yyjson_is_str(value) ? NULL : yyjson_val_write(value, 0, NULL);
    (void)buffer_add_text(into, "<code>");
    page_text(into, yyjson_is_str(value) ? yyjson_get_str(value) : text);
    (void)buffer_add_text(into, "</code>");
    free(text);
}

void page_settings(struct page *page)
{
    struct buffer *into = page->into;
    yyjson_obj_iter members = yyjson_obj_iter_with(yyjson_obj_get(page_stored(page), "settings"));
    yyjson_val *key;
    (void)buffer_add_text(into, "<h2 id=\"settings\">Settings</h2>\n<div class=\"wide\"><table><tbody>\n");
    while ((key = yyjson_obj_iter_next(&members)) != NULL) {
        (void)buffer_add_text(into, "<tr><th scope=\"row\">");
        page_text(into, yyjson_get_str(key));
        (void)buffer_add_text(into, "</th><td>");
        add_value(into, yyjson_obj_iter_get_val(key));
        (void)buffer_add_text(into, "</td></tr>\n");
    }
    (void)buffer_add_text(into, "</tbody></table></div>\n");
}
