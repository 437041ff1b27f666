/* SPDX-License-Identifier: Apache-2.0 */
#include "service/service.h"

const struct param_spec service_settings_params[] = {
    PARAM(struct service_settings, threads, .type = PARAM_COUNT, .fallback = 0, .min = 0, .max = 256,
          .help = "worker threads; 0 = all cores"),
    PARAM(struct service_settings, shard_images, .type = PARAM_COUNT, .fallback = SERVICE_SHARD_IMAGES,
          .min = 1, .max = 8192, .unit = "images",
          .help = "images per record shard; a killed run repeats at most the unfinished shards"),
    PARAM(struct service_settings, accept_partial, .type = PARAM_BOOL,
          .help = "predict damaged images from what they have, with a warning, instead of failing them"),
    PARAM(struct service_settings, allow_foreign_output, .type = PARAM_BOOL,
          .help = "accept an output folder that holds files of others"),
    PARAM_END,
};
