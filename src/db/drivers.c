/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

const struct db_driver *const db_drivers[] = {&db_driver_sqlite, &db_driver_postgresql, NULL};
