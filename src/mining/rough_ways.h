/* SPDX-License-Identifier: Apache-2.0 */
/* For rough*.c alone. */
#ifndef MINING_ROUGH_WAYS_H
#define MINING_ROUGH_WAYS_H

#include "mining/rough.h"

#include <oneapi/dnnl/dnnl_version.h>

#define ROUGH_HAS_BFLOAT16 (DNNL_VERSION_MAJOR == 2)

extern const struct rough_way rough_bfloat16, rough_single;

#endif
