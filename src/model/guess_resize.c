/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guess.h"

#include <string.h>

/* From here on classifiers are evaluated on the middle of the image as a rule. */
enum { CROPPED_SIDE_PX = 96 };
static const double usual_crop_fraction = 0.875;

static const char *usual_for_adapter(const struct guess *guess)
{
    return arena_printf(guess->arena, "usual for %s; " GUESS_CONVENTION, guess->adapter->name);
}

static void guess_way(struct guess *guess)
{
    struct model_card *card = guess->card;
    const char **member = &card->resize, *usual = guess->adapter->convention.resize;
    bool is_cropped = guess->adapter->type == MODEL_TYPE_CLASSIFICATION && card->width == card->height &&
                      card->width >= CROPPED_SIDE_PX;
    if (guess->note.resize)
        guess_text(guess, "resize", member, guess->note.resize, guess->note.said_by);
    else if (usual)
        guess_text(guess, "resize", member, usual, usual_for_adapter(guess));
    else if (is_cropped)
        guess_text(guess, "resize", member, "center_crop",
                   "usual for classifiers of this size; " GUESS_CONVENTION);
    else
        guess_text(guess, "resize", member, "squash",
                   guess->adapter->type == MODEL_TYPE_CLASSIFICATION
                       ? "usual for small inputs; " GUESS_CONVENTION
                       : "the plainest; " GUESS_CONVENTION);
}

static void guess_crop(struct guess *guess)
{
    double *member = &guess->card->crop_fraction;
    if (guess->note.crop_fraction > 0)
        guess_number(guess, "crop_fraction", member, guess->note.crop_fraction, guess->note.said_by);
    else
        guess_number(guess, "crop_fraction", member, usual_crop_fraction,
                     "256 px for 224, usual for ImageNet; " GUESS_CONVENTION);
}

static void guess_pad(struct guess *guess)
{
    struct model_card *card = guess->card;
    const char *usual = guess->adapter->convention.pad_place;
    if (usual)
        guess_text(guess, "pad_place", &card->pad_place, usual, usual_for_adapter(guess));
    else
        guess_text(guess, "pad_place", &card->pad_place, card->pad_place,
                   "the usual place; " GUESS_CONVENTION);
    guess_count(guess, "pad_value", &card->pad_value, card->pad_value, "the usual gray; " GUESS_CONVENTION);
}

void guess_resize(struct guess *guess)
{
    guess_way(guess);
    if (strcmp(guess->card->resize, "center_crop") == 0)
        guess_crop(guess);
    else if (strcmp(guess->card->resize, "letterbox") == 0)
        guess_pad(guess);
}
