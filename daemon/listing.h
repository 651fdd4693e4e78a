/* SPDX-License-Identifier: MIT */
#pragma once
/* What is in a folder that is open. */
#include <dirent.h>

/* From its begin, whoever read the folder before: with a descriptor of its own, as a dup would share the
 * position. 0 or -errno; the caller closes. */
int listing_open(int folder_fd, DIR **ret);
