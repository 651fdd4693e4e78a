#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: vm.sh BUILD_DIR [[--whole] CASE[=COUNT]...]     (all cases once, if none is named: see cases.py)
#        vm.sh BUILD_DIR -c COMMAND
#
# Boots the guest, runs the cases in it with the source tree in /tree and the build in /build, shows
# their output as it comes and ends with their status. The image is made once and kept in the user's
# cache, under a name made from the script that makes it; the guest never writes to it. Which Debian it
# is, STRIDED_VM_SUITE says: this machine's, or a later one (trixie).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
build=$(cd "$1" && pwd)
shift
if [ "${1-}" = --list ]; then exec /usr/bin/python3 -B "$here/cases.py" --list; fi
if [ "${1-}" = -c ]; then command=$2
else command="python3 -B /tree/tests/vm/cases.py $*"
fi
limit_s=${STRIDED_VM_LIMIT:-2400}
# Emulation is slow and works everywhere; kvm may be there and not usable, so it has to be asked for.
accel=${STRIDED_VM_ACCEL:-tcg,thread=multi,tb-size=512}

die() { printf 'vm: %s\n0 passed, 1 failed, 0 skipped\n' "$*"; exit 1; }

[ "$(uname -m)" = x86_64 ] || die "the guest runs what was built here, and is made for x86_64 only"
for tool in qemu-system-x86_64 mmdebstrap mke2fs cpio; do
    command -v $tool >/dev/null || die "there is no $tool (./run test-vm installs it)"
done

suite=${STRIDED_VM_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
key=$(printf '%s\n' "$suite" | cat - "$here/mkimage.sh" | sha256sum | cut -c1-16)
image=${XDG_CACHE_HOME:-$HOME/.cache}/strided/vm/$key
if [ ! -e "$image/root.ext4" ]; then
    echo 'vm: making the image of the guest, once (a minute)'
    make=("$here/mkimage.sh" "$image" "$suite")
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die 'making the image needs root, and there is no sudo'
        mkdir -p "$(dirname "$image")"
        make=(sudo "${make[@]}")
    fi
    "${make[@]}" </dev/null || die 'the image could not be made'
fi

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

share() { echo "-virtfs local,path=$2,mount_tag=$1,security_model=none,id=$1${3-}"; }
# shellcheck disable=SC2046     # the shares are words
timeout --kill-after=5 "$limit_s" qemu-system-x86_64 -M pc -accel "$accel" -cpu max -smp 2 -m 1024 \
    -nodefaults -no-user-config -no-reboot -display none -monitor none -serial file:"$job/console" \
    -kernel "$image/kernel" -initrd "$image/initrd" \
    -append 'console=ttyS0 quiet panic=-1 mitigations=off systemd.show_status=0' \
    -drive file="$image/root.ext4",format=raw,if=virtio,snapshot=on -device virtio-rng-pci \
    $(share tree "$tree" ,readonly=on) $(share build "$build" ,readonly=on) $(share job "$job") \
    </dev/null &
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
