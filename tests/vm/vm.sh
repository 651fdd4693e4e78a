#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: vm.sh BUILD_DIR [--soak | [--whole] CASE[=COUNT]...]     (all cases once, if none is named: see cases.py)
#        vm.sh BUILD_DIR -c COMMAND
#
# Boots the guest, runs the cases in it with the source tree in /tree and the build in /build, shows
# their output as it comes and ends with their status (image.sh and qemu.sh say what a guest is).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
shift
case ${1-} in --list|--table) exec /usr/bin/python3 -B "$here/cases.py" "$1" ;; esac
if [ "${1-}" = -c ]; then command=$2
else command="STRIDED_VM_SUITE=$("$here/image.sh" --suite) python3 -B /tree/tests/vm/cases.py $*"
fi
limit_s=${STRIDED_VM_LIMIT:-2400}

die() { printf 'vm: %s\n0 passed, 1 failed, 0 skipped\n' "$*"; exit 1; }

# Made here, so that it is no part of the guest's time.
"$here/image.sh" >/dev/null || die 'there is no image for the guest (the reason is above)'

job=$(mktemp -d)
qemu=
finish()
{
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
    rm -rf "$job"
}
trap finish EXIT
printf '%s\n' "$command" >"$job/command"
: >"$job/output"

timeout --kill-after=5 "$limit_s" "$here/qemu.sh" "$job" "$build" systemd.show_status=0 </dev/null &
qemu=$!
tail -n +1 -f --pid=$qemu "$job/output" &
tail=$!
code=0
wait $qemu || code=$?
qemu=
wait $tail || true
if [ ! -e "$job/status" ]; then
    tail -n 40 "$job/console"
    [ $code != 124 ] || die "the guest did not end within $limit_s s"
    die "the guest ended without a status (qemu: $code); its console is above"
fi
exit "$(cat "$job/status")"
