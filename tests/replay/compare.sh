#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh REPLAY RECORDING EXPECTED: shows the difference and fails if there is one. Where REPLAY is
# for a foreign processor, meson says what runs it.
set -eu
got=$(${MESON_EXE_WRAPPER-} "$1" "$2")
printf '%s\n' "$got" | diff -u "$3" -
