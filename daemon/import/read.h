/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the reading process does: standard input is a file, standard output a pipe that gets one
 * struct report, or one struct way; or an empty file without a name that gets a FIT file, of at most
 * READ_FIT_MAX bytes, or stays empty when there is no such session in what is read. It takes every right
 * from itself before it reads a byte.
 */

#include "daemon/import/orders.h"
#include "lib/activity/fit_write.h"
#include "lib/activity/report.h"
#include "lib/activity/way.h"

#define READ_ARGUMENT "--read-activity" /* of strided itself; then its orders (orders.h) */
#define READ_FIT_MAX  (64u << 20)       /* a day of points each second is 3 MB */

/* The exit status; only 0 says that what it wrote is whole. Of ERRAND_FIT: it would be larger than
 * READ_FIT_MAX, or the disk is full. */
enum { READ_EXIT_LARGE = 2, READ_EXIT_FULL = 3 };
int read_main(const char *orders);

/* The part of it that reads, from standard input: 0, or -errno of that. */
int read_report(const struct orders *orders, struct report *report);
int read_way(struct way *way);
/* Out goes the file, in order. */
int read_fit(const struct orders *orders, fit_out *out, void *context);
