#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: qemu.sh JOB_DIR BUILD_DIR KERNEL_WORDS [QEMU_OPTION...]
#
# Becomes the QEMU of one guest, with the source tree in /tree and the build in /build. It runs JOB_DIR/command, in
# /job, which is JOB_DIR, and leaves there what it said (output), its status and the kernel's words (console). The
# guest never writes to its image.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
image=$("$here/image.sh")
job=$1 build=$2 words=$3
shift 3
# Emulation is slow and works everywhere; kvm may be there and not usable, so it has to be asked for.
accel=${STRIDED_VM_ACCEL:-tcg,thread=multi,tb-size=512}

share() { echo "-virtfs local,path=$2,mount_tag=$1,security_model=none,id=$1${3-}"; }
# shellcheck disable=SC2046     # the shares are words
exec qemu-system-x86_64 -M pc -accel "$accel" -cpu max -smp 2 -m 1024 \
    -nodefaults -no-user-config -no-reboot -display none -monitor none -serial file:"$job/console" \
    -kernel "$image/kernel" -initrd "$image/initrd" \
    -append "console=ttyS0 quiet panic=-1 mitigations=off $words" \
    -drive file="$image/root.ext4",format=raw,if=virtio,snapshot=on -device virtio-rng-pci \
    $(share tree "$here/../.." ,readonly=on) $(share build "$build" ,readonly=on) $(share job "$job") "$@"
