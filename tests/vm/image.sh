#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: image.sh [--suite]
#
# Prints the folder of the guest's image, which is made once and kept in the user's cache, under a name made from
# the script that makes it. Which Debian it is, STRIDED_VM_SUITE says: this machine's, or a later one (trixie); --suite prints that
# name alone.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
die() { printf 'vm: %s\n' "$*" >&2; exit 1; }

suite=${STRIDED_VM_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
[ "${1-}" != --suite ] || { echo "$suite"; exit; }
[ "$(uname -m)" = x86_64 ] || die "the guest runs what was built here, and is made for x86_64 only"
for tool in qemu-system-x86_64 mmdebstrap mke2fs cpio; do
    command -v $tool >/dev/null || die "there is no $tool (./run test-vm and test-faults install it)"
done

key=$(printf '%s\n' "$suite" | cat - "$here/mkimage.sh" | sha256sum | cut -c1-16)
image=${XDG_CACHE_HOME:-$HOME/.cache}/strided/vm/$key
if [ ! -e "$image/root.ext4" ]; then
    echo 'vm: making the image of the guest, once (a minute)' >&2
    make=("$here/mkimage.sh" "$image" "$suite")
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die 'making the image needs root, and there is no sudo'
        mkdir -p "$(dirname "$image")"
        make=(sudo "${make[@]}")
    fi
    "${make[@]}" </dev/null >&2 || die 'the image could not be made'
fi
echo "$image"
