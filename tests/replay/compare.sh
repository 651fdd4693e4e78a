#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh REPLAY RECORDING EXPECTED: shows the difference and fails if there is one. Where REPLAY is
# for a foreign processor, meson says what runs it.
set -eu
# 1: lines of it could not be read, which the expected says in its first line
got=$(${MESON_EXE_WRAPPER-} "$1" --text "$2") || [ $? -eq 1 ]
printf '%s\n' "$got" | diff -u "$3" -
