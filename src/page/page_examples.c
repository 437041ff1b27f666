/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"
#include "page/page_parts.h"

#include <string.h>

/* ---- what the model said ---- */

static void add_labels(struct buffer *into, yyjson_val *labels)
{
    enum { SHOWN = 6 };
    size_t index, max;
    yyjson_val *label;
    yyjson_arr_foreach(labels, index, max, label)
    {
        if (index == SHOWN) {
            (void)buffer_add_text(into, ", …");
            return;
        }
        (void)buffer_add_text(into, index > 0 ? ", " : "");
        page_name(into, yyjson_get_str(label));
    }
    if (max == 0)
        (void)buffer_add_text(into, "nothing");
}

static void add_found(struct buffer *into, yyjson_val *detections)
{
    size_t boxes = yyjson_arr_size(yyjson_obj_get(detections, "boxes"));
    size_t near = yyjson_arr_size(yyjson_obj_get(detections, "near_misses"));
    (void)buffer_printf(into, " · %zu box%s (solid), %zu near miss%s (dotted)", boxes, boxes == 1 ? "" : "es",
                        near, near == 1 ? "" : "es");
}

static void add_answer(struct buffer *into, yyjson_val *example)
{
    yyjson_val *detections = yyjson_obj_get(example, "detections");
    yyjson_val *confirmed = yyjson_obj_get(example, "confirmed");
    (void)buffer_add_text(into, "<p>Model: ");
    if (json_text(example, "label", NULL)) {
        page_name(into, json_text(example, "label", NULL));
        (void)buffer_add_text(into, " ");
        page_number(into, page_value(example, "score"), 3);
    } else {
        (void)buffer_add_text(into, detections ? "nothing found" : "not known any more");
    }
    if (detections)
        add_found(into, detections);
    if (yyjson_is_arr(confirmed)) {
        (void)buffer_add_text(into, " · a person says: ");
        add_labels(into, confirmed);
    }
    (void)buffer_add_text(into, "</p>\n");
}

static void add_reasons(struct buffer *into, yyjson_val *reasons)
{
    size_t index, max;
    yyjson_val *reason;
    (void)buffer_add_text(into, "<ul class=\"reasons\">\n");
    yyjson_arr_foreach(reasons, index, max, reason)
    {
        const char *sentence = json_text(reason, "sentence", NULL);
        (void)buffer_add_text(into, "<li>");
        page_code(into, json_text(reason, "code", NULL));
        (void)buffer_add_text(into, "<strong>");
        page_text(into, json_text(reason, "name", NULL));
        (void)buffer_add_text(into, "</strong> <span class=\"soft\">");
        page_number(into, page_value(reason, "strength"), 2);
        (void)buffer_add_text(into, "</span>");
        if (sentence) {
            (void)buffer_add_text(into, "<br>");
            page_text(into, sentence);
        }
        (void)buffer_add_text(into, "</li>\n");
    }
    (void)buffer_add_text(into, "</ul>\n");
}

/* ---- pictures ---- */

static bool add_frame(struct page *page, const struct page_image *image, yyjson_val *detections,
                      struct error *err)
{
    (void)buffer_add_text(page->into, "<div class=\"frame\">");
    size_t pictures = page->pictures;
    if (!page_add_image(page, image, err))
        return false;
    if (page->pictures > pictures)
        page_boxes(page->into, detections, image->width, image->height);
    (void)buffer_add_text(page->into, "</div>");
    return true;
}

static bool add_neighbor(struct page *page, size_t place, yyjson_val *neighbor, struct error *err)
{
    const struct page_image image = {.picture = {.kind = PAGE_PICTURE_NEIGHBOR,
                                                 .example = place,
                                                 .number = (uint64_t)json_integer(neighbor, "number", 0),
                                                 .is_small = true},
                                     .alt = "Training sample"};
    (void)buffer_add_text(page->into, "<li><figure>");
    if (!add_frame(page, &image, NULL, err))
        return false;
    (void)buffer_add_text(page->into, "<figcaption>");
    add_labels(page->into, yyjson_obj_get(neighbor, "labels"));
    (void)buffer_add_text(page->into, " · cosine ");
    page_number(page->into, page_value(neighbor, "cosine"), 3);
    (void)buffer_add_text(page->into, "</figcaption></figure></li>\n");
    return true;
}

static bool add_neighbors(struct page *page, size_t place, yyjson_val *example, struct error *err)
{
    size_t index, max;
    yyjson_val *neighbor, *neighbors = yyjson_obj_get(example, "neighbors");
    if (yyjson_arr_size(neighbors) == 0)
        return true;
    (void)buffer_add_text(page->into,
                          "<p class=\"part\">Nearest training samples</p>\n<ul class=\"strip\">\n");
    yyjson_arr_foreach(neighbors, index, max, neighbor)
    {
        if (index < PAGE_NEIGHBORS_MAX && !add_neighbor(page, place, neighbor, err))
            return false;
    }
    (void)buffer_add_text(page->into, "</ul>\n");
    return true;
}

static void add_copy_answer(struct buffer *into, yyjson_val *copy, const char *label, const char *score,
                            const char *boxes)
{
    double count = page_value(copy, boxes);
    if (json_text(copy, label, NULL)) {
        page_name(into, json_text(copy, label, NULL));
        (void)buffer_add_text(into, " ");
        page_number(into, page_value(copy, score), 2);
    } else {
        page_count(into, count);
        (void)buffer_add_text(into, count == 1 ? " box" : " boxes");
    }
}

static bool add_pair(struct page *page, size_t place, yyjson_val *copy, struct error *err)
{
    const char *operation = json_text(copy, "operation", "");
    struct page_image image = {.picture = {.kind = PAGE_PICTURE_IMAGE, .example = place, .is_small = true},
                               .alt = "The image"};
    (void)buffer_add_text(page->into, "<li><figure class=\"pair\">");
    if (!add_frame(page, &image, NULL, err))
        return false;
    image.picture = (struct page_picture){PAGE_PICTURE_COPY, place, 0, operation, true};
    image.alt = "Its augmented copy";
    if (!add_frame(page, &image, NULL, err))
        return false;
    (void)buffer_add_text(page->into, "<figcaption>");
    page_text(page->into, operation);
    (void)buffer_add_text(page->into, ": ");
    add_copy_answer(page->into, copy, "label", "score", "boxes");
    (void)buffer_add_text(page->into, " → ");
    add_copy_answer(page->into, copy, "copy_label", "copy_score", "copy_boxes");
    (void)buffer_add_text(page->into, "</figcaption></figure></li>\n");
    return true;
}

static bool add_pairs(struct page *page, size_t place, yyjson_val *example, struct error *err)
{
    size_t index, max, shown = 0;
    yyjson_val *reason;
    yyjson_arr_foreach(yyjson_obj_get(example, "reasons"), index, max, reason)
    {
        yyjson_val *copy = yyjson_obj_get(reason, "augmented");
        if (!yyjson_is_obj(copy) || shown == PAGE_COPIES_MAX)
            continue;
        if (shown++ == 0)
            (void)buffer_add_text(page->into, "<p class=\"part\">The image, and the augmented copies that "
                                              "its reasons speak of</p>\n<ul class=\"strip\">\n");
        if (!add_pair(page, place, copy, err))
            return false;
    }
    (void)buffer_add_text(page->into, shown > 0 ? "</ul>\n" : "");
    return true;
}

/* ---- one example ---- */

static void add_heading(struct buffer *into, size_t place, yyjson_val *example)
{
    (void)buffer_printf(into, "<div class=\"head\"><h3>%zu · ", place + 1);
    page_name(into, json_text(example, "name", NULL));
    (void)buffer_add_text(into, "</h3><b>");
    page_number(into, page_value(example, "hard_coefficient"), 3);
    (void)buffer_add_text(into, "</b><span class=\"soft\">");
    const char *state = json_text(example, "state", "");
    page_text(into, strcmp(state, "to_be_confirmed") == 0 ? "to be confirmed" : state);
    (void)buffer_add_text(into, "</span></div>\n");
}

/* "Stands for 7 others: a.png, b.png, …" */
static void add_group(struct buffer *into, yyjson_val *group)
{
    enum { NAMED = 4 };
    size_t index, max;
    yyjson_val *image;
    double count = page_value(group, "count");
    if (!(count > 0))
        return;
    (void)buffer_add_text(into, "<p class=\"soft\">Stands for ");
    page_count(into, count);
    (void)buffer_add_text(into, count == 1 ? " other: " : " others: ");
    yyjson_arr_foreach(yyjson_obj_get(group, "images"), index, max, image)
    {
        if (index == NAMED)
            break;
        (void)buffer_add_text(into, index > 0 ? ", " : "");
        page_name(into, path_base(json_text(image, "source", "")));
    }
    (void)buffer_add_text(into, count > NAMED ? ", …</p>\n" : "</p>\n");
}

static bool add_example(struct page *page, size_t place, yyjson_val *example, struct error *err)
{
    struct buffer *into = page->into;
    const struct page_image image = {.picture = {.kind = PAGE_PICTURE_IMAGE, .example = place},
                                     .alt = json_text(example, "name", "image"),
                                     .width = page_value(example, "width"),
                                     .height = page_value(example, "height")};
    (void)buffer_add_text(into, "<article class=\"example\"><div>");
    if (!add_frame(page, &image, yyjson_obj_get(example, "detections"), err))
        return false;
    (void)buffer_add_text(into, "</div>\n<div>");
    add_heading(into, place, example);
    add_answer(into, example);
    add_group(into, yyjson_obj_get(example, "group"));
    add_reasons(into, yyjson_obj_get(example, "reasons"));
    if (!add_pairs(page, place, example, err) || !add_neighbors(page, place, example, err))
        return false;
    (void)buffer_add_text(into, "</div></article>\n");
    return true;
}

bool page_examples(struct page *page, struct error *err)
{
    struct buffer *into = page->into;
    size_t index, max;
    yyjson_val *example, *report = page->source->report;
    (void)buffer_add_text(into,
                          "<h2 id=\"examples\">The hardest examples</h2>\n<p class=\"note\">The first ");
    page_count(into, (double)yyjson_arr_size(yyjson_obj_get(report, "examples")));
    (void)buffer_add_text(into, " of ");
    page_count(into, page_value(report, "hard"));
    (void)buffer_add_text(into, ", hardest first: the hard coefficient, what the model says, and each reason "
                                "with its strength and numbers.");
    if (json_text(report, "examples_note", NULL)) {
        (void)buffer_add_text(into, " ");
        page_text(into, json_text(report, "examples_note", NULL));
        (void)buffer_add_text(into, ".");
    }
    (void)buffer_add_text(into, "</p>\n");
    yyjson_arr_foreach(yyjson_obj_get(report, "examples"), index, max, example)
    {
        if (!add_example(page, index, example, err))
            return false;
    }
    return true;
}
