/* SPDX-License-Identifier: MIT */
#pragma once
/* Which bluetoothd is installed, and what is known to be wrong with that version. */
#include <stdbool.h>
#include <stddef.h>

/* "5.66" of "5.66-1+deb12u2" or of what bluetoothd --version says; false: it is none. */
bool bluez_version_parse(const char *text, unsigned *ret_major, unsigned *ret_minor);
/* Of the package bluez in a text of dpkg's status file; false: it is not installed there. */
bool bluez_version_of_dpkg(const char *path, char *ret, size_t size);
/* What the program says; false: there is none, or it says nothing. */
bool bluez_version_of_program(const char *path, char *ret, size_t size);

struct bluez_bug {
    unsigned first, last; /* 5.first to 5.last have it */
    bool hurts;           /* strided, and not only other programs beside it */
    const char *what;
    const char *source; /* where that can be read */
};
/* The i-th of this version; NULL: there are no more. */
const struct bluez_bug *bluez_bug_of(unsigned major, unsigned minor, size_t i);
