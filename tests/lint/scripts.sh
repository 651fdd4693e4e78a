#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: scripts.sh ROOT
# A script that no test happens to run is at least to parse.
set -eu
cd "$1"
failed=0 count=0
while IFS= read -r -d '' file; do
    read -r first <"$file" || continue
    case $first in
    '#!/bin/bash'* | '#!/bin/sh'* | '#!/bin/busybox sh'*) bash -n "$file" || failed=1 ;;
    '#!'*python3*)
        /usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' \
            "$file" || failed=1 ;;
    *) continue ;;
    esac
    count=$((count + 1))
done < <(find run .ci config tests -type f \( -name '*.sh' -o -name '*.py' -o -name run -o -perm -u+x \) -print0)
[ $count -gt 0 ] || { echo 'no script found'; exit 1; }
echo "$count scripts"
exit $failed
