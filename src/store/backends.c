/* SPDX-License-Identifier: Apache-2.0 */
#include "store/backend.h"

const struct store_backend *const store_backends[] = {&store_backend_dir, NULL};
