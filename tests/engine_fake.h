/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An engine that reads the ports of an ONNX file and makes up what comes out: each element of an output is a
 * fixed mixture of the whole input, seeded by the output's name and the element's place. Same input, same
 * bytes, in any thread. Outputs whose names begin with "shares" have elements between 0 and 1. For tests of
 * what stands on an engine where the real one cannot be: under the thread sanitizer, and where none is
 * installed.
 */
#ifndef TESTS_ENGINE_FAKE_H
#define TESTS_ENGINE_FAKE_H

#include "infer/engine.h"

enum { ENGINE_FAKE_TAPPED_LENGTH = 6 }; /* of an output without a declared shape */

extern const struct engine_backend engine_fake;

#endif
