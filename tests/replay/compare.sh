#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh [WRAPPER ...] REPLAY RECORDING EXPECTED: shows the difference and fails if there is one.
set -eu
command=
while [ $# -gt 2 ]; do
    command="$command $1"
    shift
done
got=$($command "$1")
printf '%s\n' "$got" | diff -u "$2" -
