/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page_parts.h"

#include <math.h>
#include <string.h>

enum { CHART_HEIGHT = 100, COLOURS = 7, BOX_TEXTS = 12 };

static size_t read_bins(yyjson_val *list, double bins[PAGE_BINS_MAX], double *ret_max)
{
    size_t index, max, count = 0;
    yyjson_val *value;
    *ret_max = 0;
    yyjson_arr_foreach(list, index, max, value)
    {
        double bin = yyjson_get_num(value);
        if (count == PAGE_BINS_MAX)
            break;
        bins[count] = bin > 0 ? bin : 0;
        *ret_max = fmax(*ret_max, bins[count++]);
    }
    return count;
}

/* What holds at least one image is seen. */
static double height_of(double bin, double max)
{
    return bin > 0 ? fmax(1.5, bin / max * (CHART_HEIGHT - 4)) : 0;
}

static void add_bars(struct buffer *into, const double *bins, size_t count, double max)
{
    for (size_t i = 0; i < count; i++) {
        double height = height_of(bins[i], max);
        if (height > 0)
            (void)buffer_printf(into,
                                "<rect class=\"run\" x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"%.1f\"/>",
                                (double)i * 10 + 0.5, CHART_HEIGHT - height, height);
    }
}

static void add_outline(struct buffer *into, const double *bins, size_t count, double max)
{
    (void)buffer_printf(into, "<path class=\"train\" d=\"M0 %d", CHART_HEIGHT);
    for (size_t i = 0; i < count; i++)
        (void)buffer_printf(into, "V%.1fH%zu", CHART_HEIGHT - height_of(bins[i], max), (i + 1) * 10);
    (void)buffer_printf(into, "V%d\"/>", CHART_HEIGHT);
}

static void add_range(struct buffer *into, const struct page_histogram *histogram, size_t count)
{
    double width = histogram->to - histogram->from, all = (double)count * 10;
    if (!(width > 0) || !isfinite(histogram->low) || !isfinite(histogram->high))
        return;
    double low = fmin(fmax((histogram->low - histogram->from) / width, 0), 1);
    double high = fmin(fmax((histogram->high - histogram->from) / width, low), 1);
    (void)buffer_printf(into, "<rect class=\"range\" x=\"%.1f\" y=\"0\" width=\"%.1f\" height=\"%d\"/>",
                        low * all, (high - low) * all, CHART_HEIGHT);
}

void page_histogram(struct buffer *into, const struct page_histogram *histogram)
{
    double run[PAGE_BINS_MAX], training[PAGE_BINS_MAX], run_max, training_max;
    size_t count = read_bins(histogram->run, run, &run_max);
    size_t others = read_bins(histogram->training, training, &training_max);
    size_t most = count > others ? count : others;
    if (most == 0)
        return;
    (void)buffer_printf(into,
                        "<svg class=\"chart\" viewBox=\"0 0 %zu %d\" preserveAspectRatio=\"none\" "
                        "role=\"img\" aria-label=\"",
                        most * 10, CHART_HEIGHT);
    page_text(into, histogram->label);
    (void)buffer_add_text(into, "\">");
    add_range(into, histogram, most);
    add_bars(into, run, count, run_max);
    if (others > 0)
        add_outline(into, training, others, training_max);
    (void)buffer_add_text(into, "</svg><div class=\"axis\"><span>");
    page_measure(into, histogram->from);
    (void)buffer_add_text(into, "</span><span>");
    page_measure(into, histogram->to);
    (void)buffer_add_text(into, "</span></div>");
}

void page_bar(struct buffer *into, double share)
{
    double width = share > 0 ? fmin(share, 1) * 100 : 0;
    (void)buffer_printf(into,
                        "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" "
                        "aria-hidden=\"true\"><rect class=\"well\" width=\"100\" height=\"10\"/>"
                        "<rect class=\"run\" width=\"%.1f\" height=\"10\"/></svg>",
                        width);
}

/* ---- boxes ---- */

struct corners {
    double x0, y0, x1, y1;
};

/* False when nothing of it lies in the image. */
static bool read_corners(yyjson_val *box, double width, double height, struct corners *ret)
{
    *ret = (struct corners){fmax(json_number(box, "xmin", (double)NAN), 0),
                            fmax(json_number(box, "ymin", (double)NAN), 0),
                            fmin(json_number(box, "xmax", (double)NAN), width),
                            fmin(json_number(box, "ymax", (double)NAN), height)};
    return ret->x1 > ret->x0 && ret->y1 > ret->y0; /* fmax and fmin pass over NaN: the whole side */
}

/* The same label has the same colour on the whole page. */
static const char *colour_of(const char *label)
{
    static const char *const colours[COLOURS] = {"#E69F00", "#56B4E9", "#009E73", "#F0E442",
                                                 "#CC79A7", "#D55E00", "#7FB8FF"};
    uint32_t sum = 2166136261U; /* FNV-1a */
    for (const char *at = label; *at; at++)
        sum = (sum ^ (unsigned char)*at) * 16777619U;
    return colours[sum % COLOURS];
}

static void add_rect(struct buffer *into, const struct corners *at, const char *class, const char *stroke)
{
    (void)buffer_printf(into,
                        "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"%s%s%s/>",
                        class, at->x0, at->y0, at->x1 - at->x0, at->y1 - at->y0, stroke ? " stroke=\"" : "",
                        stroke ? stroke : "", stroke ? "\"" : "");
}

static void add_box_text(struct buffer *into, yyjson_val *box, const struct corners *at, double side)
{
    double size = side / 18;
    bool is_right = at->x0 > side / 2; /* where the words might not fit */
    (void)buffer_printf(into, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%.1f\" stroke-width=\"%.1f\"%s>",
                        is_right ? at->x1 - size / 4 : at->x0 + size / 4, at->y0 + size, size, size / 5,
                        is_right ? " text-anchor=\"end\"" : "");
    page_text(into, json_text(box, "label", ""));
    (void)buffer_add_text(into, " ");
    page_number(into, json_number(box, "score", (double)NAN), 2);
    (void)buffer_add_text(into, "</text>");
}

void page_boxes(struct buffer *into, yyjson_val *detections, double width, double height)
{
    yyjson_val *boxes = yyjson_obj_get(detections, "boxes"),
               *near = yyjson_obj_get(detections, "near_misses");
    size_t index, max;
    yyjson_val *box;
    struct corners at;
    if (!(width > 0) || !(height > 0) || yyjson_arr_size(boxes) + yyjson_arr_size(near) == 0)
        return;
    (void)buffer_printf(into, "<svg viewBox=\"0 0 %.0f %.0f\" aria-hidden=\"true\">", width, height);
    yyjson_arr_foreach(near, index, max, box)
    {
        if (index < PAGE_NEAR_MISSES_MAX && read_corners(box, width, height, &at))
            add_rect(into, &at, "near", NULL);
    }
    yyjson_arr_foreach(boxes, index, max, box)
    {
        if (index >= PAGE_BOXES_MAX || !read_corners(box, width, height, &at))
            continue;
        add_rect(into, &at, "under", NULL);
        add_rect(into, &at, "kept", colour_of(json_text(box, "label", "")));
    }
    yyjson_arr_foreach(boxes, index, max, box)
    {
        if (index < BOX_TEXTS && read_corners(box, width, height, &at))
            add_box_text(into, box, &at, fmax(width, height));
    }
    (void)buffer_add_text(into, "</svg>");
}
