/* SPDX-License-Identifier: Apache-2.0 */
/* Log: one line per event on stderr, written whole. Only the edges (cli, work, app) log; libraries return
 * errors. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines above this level are dropped; LOG_WARNING at start. Call before threads start. */
void log_set_level(enum log_level level);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
