/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka needs these four headers first, in this order: every test includes only this file. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

/* A test with the set_up and tear_down of its file. */
#define TEST_CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#endif
