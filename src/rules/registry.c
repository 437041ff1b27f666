/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/families.h"

#include <string.h>

static const struct method_row methods[METHOD_COUNT] = {
    [METHOD_CLUSTERING] = {"clustering_mining", 0.2020,
                           "the training images nearest to this one are labelled otherwise than predicted"},
    [METHOD_AUG_CONSISTENT] = {"aug_consistent_mining", 0.4265,
                               "the prediction changes when the image is augmented"},
    [METHOD_FEATURE_DISTRIBUTION] =
        {"feature_distribution_mining", 0.0451,
         "a measured feature of the image or its boxes lies far from the training set's"},
    [METHOD_SEQUENTIAL] = {"sequential_mining", 0.4250,
                           "images next to each other look alike and are predicted differently"},
    [METHOD_IMAGE_SIMILARITY] = {"image_similarity_mining", 0.0949,
                                 "the image is unlike the training data of the class predicted"},
    [METHOD_PREDICT_SCORE] = {"predict_score_mining", 0.3900, "the model found nothing, or is not sure"},
    [METHOD_ANOMALY_DETECTION] = {"anomaly_detection_mining", 0.2020,
                                  "the image is unlike all that is known"},
};

const struct rule *const all_rules[REASON_COUNT] = {
    &nothing_found_rule,
    &low_confidence_rule,
    &clustering_rule,
    &image_similarity_rule,
    &sequential_rule,
    &feature_rules[FEATURE_RESOLUTION],
    &feature_rules[FEATURE_ASPECT_RATIO],
    &feature_rules[FEATURE_BRIGHTNESS],
    &feature_rules[FEATURE_SATURATION],
    &feature_rules[FEATURE_COLORFULNESS],
    &feature_rules[FEATURE_CLARITY],
    &feature_rules[FEATURE_BOX_COUNT],
    &feature_rules[FEATURE_BOX_AREA_DEVIATION],
    &feature_rules[FEATURE_BOX_ASPECT_RATIO],
    &feature_rules[FEATURE_BOX_AREA_RATIO],
    &feature_rules[FEATURE_BOX_MARGINALIZATION],
    &feature_rules[FEATURE_BOX_BRIGHTNESS],
    &feature_rules[FEATURE_BOX_CLARITY],
    &feature_rules[FEATURE_BOX_OVERLAP],
    &augmentation_rules[0],
    &augmentation_rules[1],
    &augmentation_rules[2],
    &augmentation_rules[3],
    &augmentation_rules[4],
    &augmentation_rules[5],
    &augmentation_rules[6],
    &augmentation_rules[7],
    &augmentation_rules[8],
    &augmentation_rules[9],
    &augmentation_rules[10],
    &anomaly_rule,
};
_Static_assert(FEATURE_RULES_FIRST + FEATURE_COUNT == AUGMENTATION_RULES_FIRST, "5 to 18 are the features");
_Static_assert(AUGMENTATION_RULES_FIRST + AUGMENTATION_RULES == REASON_COUNT - 1, "30 is the last");

const struct method_row *method_row(enum method method)
{
    return &methods[method];
}

enum method method_find(const char *name)
{
    for (int i = 0; i < METHOD_COUNT; i++)
        if (strcmp(methods[i].name, name) == 0)
            return (enum method)i;
    return METHOD_COUNT;
}

const char *rule_off_reason(const struct rule *rule, const struct rule_reference *reference)
{
    if (rule->only_detection && reference->header->type != MODEL_TYPE_DETECTION)
        return "for object detection only";
    if (rule->profile == PROFILE_REQUIRED && !reference->labels)
        return "needs a training manifest";
    return rule->off ? rule->off(rule, reference) : NULL;
}
