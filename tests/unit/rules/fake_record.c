/* SPDX-License-Identifier: Apache-2.0 */
#include "record/profile.h"

const char *record_feature_name(enum record_feature feature)
{
    return feature == FEATURE_BRIGHTNESS ? "brightness" : "feature";
}

const char *profile_source(const struct profile *profile, uint32_t sample)
{
    return "s3://train/image.png";
}
