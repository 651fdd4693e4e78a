#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: tree.sh ROOT
# The tree as an owner meets it: the agreed rooms at the top level and no others, nothing that names
# the machine of whoever wrote it, no file that grew past reading in one go.
set -eu
cd "$1"
git() { command git -c safe.directory='*' "$@"; }
git rev-parse --git-dir >/dev/null 2>&1 || { echo 'skipped: not a git tree'; exit 77; }
failed=0

agreed='meson\.build|meson_options\.txt|daemon|lib|systemd|config|tests|README\.md|run|LICENSE|CHANGELOG\.md|\..*'
if strangers=$(git ls-files | sed 's,/.*,,' | sort -u | grep -vxE "$agreed"); then
    printf 'at the top level, beyond what was agreed:\n%s\n' "$strangers"
    failed=1
fi

if paths=$(git grep -nIE '(^|[^A-Za-z0-9_.$}*-])/(home|root|work|mnt|Users)/[A-Za-z0-9]' |
           grep -v '/home/pi\b'); then
    printf 'paths of one machine:\n%s\n' "$paths"
    failed=1
fi

if ! git ls-files -z '*.[ch]' '*.py' '*.sh' run | xargs -0 -r grep -L 'SPDX-License-Identifier: MIT' |
        sed 's/^/no SPDX line: /' | { ! grep .; }; then
    failed=1
fi

git ls-files -z '*.[ch]' '*.py' '*.sh' run | xargs -0 -r wc -l |
    awk '$2 != "total" && $1 > 600 { print "warning: " $1 " lines, more than 600: " $2 }'
exit $failed
