/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Log lines: to the journal with structured fields when stderr is a journal stream, else to stderr
 * as "<level>: text". Whoever turns an error into a decision logs it, once. Never a credential,
 * never a heart rate.
 */
#include <errno.h>
#include <stdarg.h>
#include <syslog.h>

void log_init(void);
void log_set_max_level(int level);

/* Extra journal fields travel as "NAME=value" strings, NULL-terminated; they are not shown on stderr. */
__attribute__((format(printf, 3, 4))) void log_full(int level, const char *const *fields,
                                                    const char *format, ...);

#define log_debug(...)   log_full(LOG_DEBUG, NULL, __VA_ARGS__)
#define log_info(...)    log_full(LOG_INFO, NULL, __VA_ARGS__)
#define log_notice(...)  log_full(LOG_NOTICE, NULL, __VA_ARGS__)
#define log_warning(...) log_full(LOG_WARNING, NULL, __VA_ARGS__)
#define log_error(...)   log_full(LOG_ERR, NULL, __VA_ARGS__)

/* Sets errno to |error| so that %m works; evaluates to the negative error. */
#define log_error_errno(error, ...)                                                                \
    ({                                                                                             \
        int e_ = (error);                                                                          \
        errno = e_ < 0 ? -e_ : e_;                                                                 \
        log_full(LOG_ERR, NULL, __VA_ARGS__);                                                      \
        e_ < 0 ? e_ : -e_;                                                                         \
    })
#define log_warning_errno(error, ...)                                                              \
    ({                                                                                             \
        int e_ = (error);                                                                          \
        errno = e_ < 0 ? -e_ : e_;                                                                 \
        log_full(LOG_WARNING, NULL, __VA_ARGS__);                                                  \
        e_ < 0 ? e_ : -e_;                                                                         \
    })
