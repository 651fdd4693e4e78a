#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: format.sh ROOT
# clang-format's taste changes from version to version; 14 is the one that .clang-format was chosen
# with, so another version skips.
set -eu
cd "$1"
tool=$(command -v clang-format-14 || command -v clang-format) || { echo 'skipped: no clang-format'; exit 77; }
version=$("$tool" --version | sed 's/.*version \([0-9]*\).*/\1/')
[ "$version" = 14 ] || { echo "skipped: clang-format is version $version, not 14"; exit 77; }
mapfile -d '' files < <(find lib daemon tests -name '*.[ch]' -print0)
[ ${#files[@]} -gt 0 ] || { echo 'no C file found'; exit 1; }
# One line a place: the report names where, clang-format -i mends it.
"$tool" --dry-run -Werror "${files[@]}" 2>&1 | { ! grep "error:"; }
echo "${#files[@]} files"
