/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

#define AUGMENTATION_RULE(place, code_text, name_text, suggestion_text, misleads_text)                       \
    {                                                                                                        \
        .id = AUGMENTATION_RULES_FIRST + (place), .code = (code_text), .name = (name_text),                  \
        .method = METHOD_AUG_CONSISTENT, .needs = NEEDS_PREDICTION | NEEDS_REINFERENCE,                      \
        .profile = PROFILE_NEVER, .for_classification = true, .for_detection = true, .speaks_from = 0.25,    \
        .suggestion = (suggestion_text), .misleads = (misleads_text),                                        \
        .formula = "1 - mean score of the predicted class over the image and its augmented copy, where the " \
                   "copy's prediction differs",                                                              \
        .source = "test-time augmentation; consistency as in CALD, Yu et al. 2022",                          \
    }

const struct rule augmentation_rules[AUGMENTATION_RULES] = {
    AUGMENTATION_RULE(0, "A19", "Changes when blurred", "Add blur to the training, and blurred images.",
                      "Blur removes small things that rightly decide the class."),
    AUGMENTATION_RULE(1, "A20", "Changes when mirrored", "Add left-right mirroring to the training.",
                      "Some classes are not the same mirrored: text, hands, arrows."),
    AUGMENTATION_RULE(2, "A21", "Changes when cropped", "Add cropping to the training, and objects cut off.",
                      "A crop may remove the very object."),
    AUGMENTATION_RULE(3, "A22", "Changes when flipped",
                      "Add flipping top to bottom to the training if it can happen.",
                      "Most cameras never stand on their heads."),
    AUGMENTATION_RULE(4, "A23", "Changes when scaled",
                      "Add scaling to the training, and objects at this distance.",
                      "Scaling down removes detail that rightly decides the class."),
    AUGMENTATION_RULE(5, "A24", "Changes when shifted", "Add shifting to the training.",
                      "A shift may move the object out of the image."),
    AUGMENTATION_RULE(6, "A25", "Changes when sheared", "Add shearing to the training, and slanted views.",
                      "Strong shear makes shapes that no camera sees."),
    AUGMENTATION_RULE(7, "A26", "Changes when superpixelled",
                      "Look at textures: the model may lean on them too much.",
                      "Superpixels remove texture that rightly decides the class."),
    AUGMENTATION_RULE(8, "A27", "Changes when sharpened", "Add sharpening to the training.",
                      "Sharpening raises noise."),
    AUGMENTATION_RULE(9, "A28", "Changes when brightened", "Vary the brightness in training.",
                      "Brightening an image that is bright already wipes it out."),
    AUGMENTATION_RULE(10, "A29", "Changes when inverted",
                      "Add inverted images to the training if they can happen.",
                      "Negatives hardly ever happen; few models survive them."),
};
