#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: arm.sh [arm64|armhf]...
#
# Builds everything for the Pi's processors and runs the unit and replay tests and the fuzz targets'
# corpora under qemu-user: there `char` is unsigned, on armhf a pointer has 32 bits and a time 64. The
# other suites need a bus, a broker or a system that runs programs of that processor.
#
# Debian's own ARM packages are unpacked (not installed: nothing of theirs has to run for that) into a
# folder in the user's cache, and the cross compiler and qemu both take it for the root. The machine's
# own packages are not touched, so nothing can conflict with them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
cd "$tree"

packages=libc6-dev,linux-libc-dev,libcmocka-dev,libjansson-dev,libsystemd-dev,libpaho-mqtt-dev
packages+=,libsqlite3-dev,libssl-dev,zlib1g-dev,libexpat1-dev
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
key=$(printf '%s\n' "$suite $packages" | sha256sum | cut -c1-16)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/strided/arm/$key
mirror=${STRIDED_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
                           grep -E '/debian/?$' | head -n 1)}

die() { printf 'arm: %s\n0 passed, 1 failed, 0 skipped\n' "$*"; exit 1; }

as_root()
{
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "this needs root, and there is no sudo: $*"
    fi
}

make_sysroot() # ARCHITECTURE
{
    [ ! -e "$cache/$1/usr/include" ] || return 0
    echo "arm: unpacking Debian $suite for $1, once (half a minute)"
    mkdir -p "$cache"
    as_root rm -rf "$cache/$1" "$cache/$1.part"
    as_root mmdebstrap --quiet --variant=extract --architectures="$1" --include="$packages" \
        "$suite" "$cache/$1.part" "${mirror:-http://deb.debian.org/debian}" </dev/null ||
        die "Debian's packages for $1 could not be unpacked"
    as_root chmod a+rX "$cache/$1.part"
    as_root mv "$cache/$1.part" "$cache/$1"
}

# meson.cross is written from the table below: the paths in it are those of this machine's cache.
cross_file() # ARCHITECTURE TRIPLET QEMU CPU_FAMILY CPU
{
    sed "s,@SYSROOT@,$cache/$1,g; s,@TRIPLET@,$2,g; s,@QEMU@,$3,g; s,@FAMILY@,$4,g; s,@CPU@,$5,g" \
        "$here/meson.cross.in"
}

test_architecture() # ARCHITECTURE TRIPLET QEMU CPU_FAMILY CPU
{
    local dir=build-$1
    make_sysroot "$1"
    if [ ! -f "$dir/build.ninja" ] || ! cross_file "$@" | cmp -s - "$dir/meson.cross"; then
        rm -rf "$dir"
        mkdir "$dir"
        cross_file "$@" >"$dir/meson.cross"
        meson setup "$dir" --cross-file "$dir/meson.cross" >"$dir/setup.log" 2>&1 ||
            { tail -n 20 "$dir/setup.log"; die "meson setup for $1 failed"; }
    fi
    ninja -C "$dir" --quiet | sed '/^ninja: no work to do/d' || die "the build for $1 failed"
    file -L "$dir/daemon/strided" | sed 's/, BuildID.*//'
    rm -f "$dir/meson-logs/testlog.json"
    # Emulated, a test takes ten times as long.
    meson test -C "$dir" --no-rebuild --print-errorlogs --timeout-multiplier 10 \
        --suite unit --suite replay --suite fuzz </dev/null || true
    [ -s "$dir/meson-logs/testlog.json" ] || die "the tests for $1 left no log"
}

logs=()
for architecture in "${@:-arm64 armhf}"; do
    for name in $architecture; do
        printf '\n== %s\n' "$name"
        case $name in
        arm64) test_architecture arm64 aarch64-linux-gnu qemu-aarch64 aarch64 cortex-a72 ;;
        armhf) test_architecture armhf arm-linux-gnueabihf qemu-arm arm cortex-a7 ;;
        *) die "there is no \"$name\" (allowed: arm64, armhf)" ;;
        esac
        logs+=("build-$name/meson-logs/testlog.json")
    done
done
echo
exec /usr/bin/python3 tests/summary.py "${logs[@]}"
