#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: soak.sh BUILD_DIR [--list | PART...]
#
# What takes too long for every change, before an issue is closed: each part by its name, or all. What
# passed with this very tree is not run again, so that one who was interrupted goes on where he was. The
# last line sums up what stands for this tree. STRIDED_FUZZ_S is how many seconds each fuzz target gets
# (600): what passed in a shorter time stands for that time alone.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/.." && pwd)
fuzz_s=${STRIDED_FUZZ_S:-600} # for each target

parts='
faults    | every fault at its full count
vm        | thirty first connections with the real kernel and bluetoothd, and a bluetoothd that crashes on
vm-trixie | every case of the virtual machine on Debian 13
fuzz      | each fuzz target for ten minutes
valgrind  | sessions over kills and a reboot, under valgrind
'

die() { printf 'soak: %s\n0 passed, 1 failed, 0 skipped\n' "$*"; exit 1; }

if [ "${2-}" = --list ]; then
    sed '/^$/d' <<<"$parts"
    exit 0
fi
build=$(cd "$1" && pwd)
shift
[[ $fuzz_s =~ ^[1-9][0-9]*$ ]] || die "STRIDED_FUZZ_S=$fuzz_s is no number of seconds"

# The files as they are, whether git knows of them or not.
tree_id()
{
    (cd "$tree" && find .ci config daemon lib meson* run systemd tests -type f ! -name '*.pyc' -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum | cut -c1-16
}
done_folder=$build/soak/$(tree_id)
mkdir -p "$done_folder"

part_faults()
{
    /usr/bin/python3 -B "$here/faults/faults.py" "$build" --soak --resume "$done_folder/faults"
}

part_vm() { STRIDED_VM_LIMIT=7200 "$tree/run" test-vm --soak; }
part_vm_trixie() { STRIDED_VM_LIMIT=7200 STRIDED_VM_SUITE=trixie "$tree/run" test-vm; }

part_valgrind()
{
    meson test -C "$build" --no-rebuild --setup valgrind restarts </dev/null >&2
    /usr/bin/python3 "$here/summary.py" "$build/meson-logs/testlog-valgrind.json"
}

# A line a target, as it ends: what it did, or what it found.
fuzz_one() # BUILD TARGET
{
    local target=$2 corpus=$done_folder/corpus_$2 log=$done_folder/fuzz_$2.${fuzz_s}s line
    if [ ! -e "$log.passed" ]; then
        mkdir -p "$corpus"
        if "$1/tests/fuzz/libfuzzer_$target" -max_total_time="$fuzz_s" -max_len=16384 -timeout=10 \
            -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$done_folder/" \
            "$corpus" "$1/tests/fuzz/corpus_$target" >"$log" 2>&1
        then mv "$log" "$log.passed"
        else printf '%-16s FAILED\n' "$target"; tail -n 40 "$log"; return
        fi
    fi
    line=$(sed -n 's/^Done \([0-9]*\) runs in \([0-9]*\) second.*/\1 executions in \2 s/p' "$log.passed")
    printf '%-16s %s, %s new units\n' "$target" "$line" \
        "$(sed -n 's/^stat::new_units_added: *//p' "$log.passed")"
}

part_fuzz()
{
    local fuzz_build=$tree/build-fuzz targets count passed=0
    # a folder of a soak before may be of other options, which are given again in either case
    [ ! -f "$fuzz_build/build.ninja" ] || meson configure "$fuzz_build" -Ddaemon=true >"$done_folder/fuzz-setup" 2>&1
    [ -f "$fuzz_build/build.ninja" ] || CC=clang meson setup "$fuzz_build" "$tree" -Dfuzz=true \
        -Db_lundef=false >"$done_folder/fuzz-setup" 2>&1 || tail -n 20 "$done_folder/fuzz-setup"
    targets=$(ninja -C "$fuzz_build" -t targets all | sed -n 's,^tests/fuzz/libfuzzer_\([a-z_]*\): .*,\1,p' | sort)
    [ -n "$targets" ] || die 'there are no fuzz targets'
    # shellcheck disable=SC2046     # two targets a line
    ninja -C "$fuzz_build" --quiet $(sed 's,.*,tests/fuzz/libfuzzer_& tests/fuzz/corpus_&,' <<<"$targets") ||
        die 'the fuzz targets do not build'
    export -f fuzz_one
    export done_folder fuzz_s
    xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$@"' - "$fuzz_build" {} <<<"$targets"
    count=$(wc -l <<<"$targets")
    for target in $targets; do [ ! -e "$done_folder/fuzz_$target.${fuzz_s}s.passed" ] || passed=$((passed + 1)); done
    echo "$passed passed, $((count - passed)) failed, 0 skipped"
}

mark_of() # PART
{
    case $1 in
    fuzz) echo "$done_folder/fuzz.${fuzz_s}s.done" ;;
    *) echo "$done_folder/$1.done" ;;
    esac
}

names() { sed -n 's/^\([a-z-]\+\) *|.*/\1/p' <<<"$parts"; }

wanted=("$@")
[ $# -gt 0 ] || mapfile -t wanted < <(names)
for part in "${wanted[@]}"; do
    names | grep -qxF -- "$part" || die "there is no part \"$part\" (allowed: $(names | paste -sd ' '))"
done

passed=0 failed=0 skipped=0 summary=()
for part in "${wanted[@]}"; do
    mark=$(mark_of "$part")
    if [ -e "$mark" ]; then
        printf '\n==== %s: done before\n' "$part"
        line=$(cat "$mark")
    else
        printf '\n==== %s\n' "$part"
        "part_${part//-/_}" 2>&1 | tee "$done_folder/$part.log"
        line=$(tail -n 1 "$done_folder/$part.log")
    fi
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        skipped=$((skipped + BASH_REMATCH[3]))
        if [ "${BASH_REMATCH[2]}" = 0 ] && [ "${BASH_REMATCH[1]}" != 0 ]; then echo "$line" >"$mark"; fi
    else
        line='ended without its closing line'
        failed=$((failed + 1))
    fi
    summary+=("$part: $line")
done
printf '\n'
printf '%s\n' "${summary[@]}"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed != 0 ]
