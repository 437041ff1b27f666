/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appearance "grid-hog-1": 6 × 6 cells × 8 gradient directions, then 4 × 4 cells × 3 colours.
 *
 * Gradients are of the root of luma, so that shadows count as much as lights. Each goes to its two nearest
 * directions and four nearest cells (Dalal & Triggs 2005), a cell is normalised by the energy of its 3 × 3
 * neighbourhood. The constants were chosen by nearest neighbours on garments (gray, 28 px) and small photos.
 */
#include "image/measure.h"

#include <math.h>
#include <string.h>

enum {
    CELLS = 6,
    CELL_PX = APPEARANCE_SIDE_PX / CELLS,
    DIRECTIONS = 8,
    GRADIENT_LENGTH = CELLS * CELLS * DIRECTIONS,
    COLOUR_CELLS = 4,
    COLOUR_CELL_PX = APPEARANCE_SIDE_PX / COLOUR_CELLS,
    COLOUR_LENGTH = COLOUR_CELLS * COLOUR_CELLS * 3,
    SIDE = APPEARANCE_SIDE_PX,
};
_Static_assert(GRADIENT_LENGTH + COLOUR_LENGTH == IMAGE_APPEARANCE_LENGTH, "the header names the length");

static const float cell_floor = 400.0F;   /* gradient sum of a cell that counts as texture, not noise */
static const float cell_ceiling = 1.0F;   /* no single edge outweighs all others */
static const float gradient_floor = 1.0F; /* keeps the noise of flat images small */
static const float colour_floor = 0.06F;  /* black too has a colour part, so the norm is never 0 */
static const float colour_weight = 0.6F;  /* beside 1 for the gradients */

struct cells {
    float energy[CELLS][CELLS][DIRECTIONS];
};

/* A gradient's direction as 0..8 eighths of a turn, linear in the tangent between two of them: no arc
 * tangent, whose last bit differs between libraries. */
static float direction_of(float dx, float dy)
{
    float across = fabsf(dx), up = fabsf(dy);
    float quarter = up <= across ? up / across : 2.0F - across / up;
    float half = dx >= 0.0F ? quarter : 4.0F - quarter;
    float turn = dy >= 0.0F ? half : 8.0F - half;
    return turn < 8.0F ? turn : 0.0F;
}

/* Where position p of 0..SIDE-1 lies among the cell centres: between *ret_cell and the next, both within the
 * grid. */
static float place_between_cells(uint32_t p, uint32_t *ret_cell, uint32_t *ret_next)
{
    float place = ((float)p + 0.5F) / CELL_PX - 0.5F;
    if (place < 0.0F)
        place = 0.0F;
    *ret_cell = (uint32_t)place;
    *ret_next = *ret_cell + 1 < CELLS ? *ret_cell + 1 : *ret_cell;
    return place - (float)*ret_cell;
}

static float difference(const float *line, size_t stride, size_t at)
{
    size_t before = at > 0 ? at - 1 : at, after = at + 1 < SIDE ? at + 1 : at;
    return line[after * stride] - line[before * stride];
}

static void add_row(const float *roots, uint32_t y, float row[CELLS][DIRECTIONS])
{
    for (uint32_t x = 0; x < SIDE; x++) {
        float dx = difference(roots + (size_t)y * SIDE, 1, x), dy = difference(roots + x, SIDE, y);
        float strength = sqrtf(dx * dx + dy * dy);
        if (strength == 0.0F)
            continue;
        float turn = direction_of(dx, dy);
        uint32_t direction = (uint32_t)turn, next_direction = (direction + 1) % DIRECTIONS, cell, next_cell;
        float part = strength * (turn - (float)direction), rest = strength - part;
        float share = place_between_cells(x, &cell, &next_cell);
        row[cell][direction] += rest * (1.0F - share);
        row[cell][next_direction] += part * (1.0F - share);
        row[next_cell][direction] += rest * share;
        row[next_cell][next_direction] += part * share;
    }
}

static void sum_gradients(const struct image *small, float *roots, struct cells *cells)
{
    for (uint32_t i = 0; i < SIDE * SIDE; i++)
        roots[i] = 16.0F * sqrtf((float)luma_of(small->pixels + (size_t)i * 3));
    for (uint32_t y = 0; y < SIDE; y++) {
        float row[CELLS][DIRECTIONS] = {{0}};
        uint32_t cell, next_cell;
        float share = place_between_cells(y, &cell, &next_cell);
        add_row(roots, y, row);
        for (uint32_t i = 0; i < CELLS; i++) {
            for (uint32_t k = 0; k < DIRECTIONS; k++) {
                cells->energy[cell][i][k] += row[i][k] * (1.0F - share);
                cells->energy[next_cell][i][k] += row[i][k] * share;
            }
        }
    }
}

static float sum_squares(const float *values, size_t count)
{
    float sum = 0.0F;
    for (size_t i = 0; i < count; i++)
        sum += values[i] * values[i];
    return sum;
}

static uint32_t clamp_cell(uint32_t cell, uint32_t step)
{
    /* step 0, 1, 2 is one before, the same, one after */
    uint32_t moved = cell + step;
    return moved == 0 ? 0 : moved > CELLS ? CELLS - 1 : moved - 1;
}

static float neighbourhood_energy(float squares[CELLS][CELLS], uint32_t i, uint32_t j)
{
    float sum = 0.0F;
    for (uint32_t a = 0; a < 3; a++) {
        for (uint32_t b = 0; b < 3; b++)
            sum += squares[clamp_cell(i, a)][clamp_cell(j, b)];
    }
    return sum / 9.0F;
}

static void normalise_cells(const struct cells *cells, float *ret)
{
    float squares[CELLS][CELLS];
    for (uint32_t i = 0; i < CELLS; i++) {
        for (uint32_t j = 0; j < CELLS; j++)
            squares[i][j] = sum_squares(cells->energy[i][j], DIRECTIONS);
    }
    for (uint32_t i = 0; i < CELLS; i++) {
        for (uint32_t j = 0; j < CELLS; j++) {
            float scale = 1.0F / sqrtf(neighbourhood_energy(squares, i, j) + cell_floor * cell_floor);
            for (uint32_t k = 0; k < DIRECTIONS; k++)
                *ret++ = fminf(cells->energy[i][j][k] * scale, cell_ceiling);
        }
    }
}

static void mean_colours(const struct image *small, float ret[COLOUR_LENGTH])
{
    uint32_t sums[COLOUR_LENGTH] = {0};
    for (size_t y = 0; y < SIDE; y++) {
        for (size_t x = 0; x < SIDE; x++) {
            const uint8_t *rgb = small->pixels + (y * SIDE + x) * 3;
            uint32_t *sum = sums + (y / COLOUR_CELL_PX * COLOUR_CELLS + x / COLOUR_CELL_PX) * 3;
            for (uint32_t c = 0; c < 3; c++)
                sum[c] += rgb[c];
        }
    }
    for (uint32_t i = 0; i < COLOUR_LENGTH; i++)
        ret[i] = (float)sums[i] / (255.0F * COLOUR_CELL_PX * COLOUR_CELL_PX) + colour_floor;
}

/* Scales to the norm `norm`, or less where the values themselves are within `floor`. */
static void normalise(float *values, size_t count, float norm, float floor)
{
    float scale = norm / sqrtf(sum_squares(values, count) + floor * floor);
    for (size_t i = 0; i < count; i++)
        values[i] *= scale;
}

void image_describe_appearance(const struct image *small, struct image_scratch *scratch,
                               float ret[IMAGE_APPEARANCE_LENGTH])
{
    struct cells cells = {0};
    sum_gradients(small, scratch->luma_roots, &cells);
    normalise_cells(&cells, ret);
    normalise(ret, GRADIENT_LENGTH, 1.0F, gradient_floor);
    mean_colours(small, ret + GRADIENT_LENGTH);
    normalise(ret + GRADIENT_LENGTH, COLOUR_LENGTH, colour_weight, 0.0F);
    normalise(ret, IMAGE_APPEARANCE_LENGTH, 1.0F, 0.0F);
}
