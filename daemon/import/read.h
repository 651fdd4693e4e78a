/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * What the reading process does: standard input is a file, standard output a pipe that gets one
 * struct report, or one struct way. It takes every right from itself before it reads a byte.
 */

#define READ_ARGUMENT "--read-activity" /* of strided itself; then its orders (orders.h) */

/* The exit status; only 0 says that what it wrote is whole. */
int read_main(const char *orders);
