#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: unit-file.sh ROOT
# The files below systemd/, as systemd itself reads them.
set -eu
command -v systemd-analyze >/dev/null || { echo 'skipped: no systemd-analyze'; exit 77; }
files=$1/systemd
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What the project promised; it scores 1.1, so that two lost lines show.
systemd-analyze security --offline=yes --threshold=15 --no-pager "$files/strided.service" \
    >"$scratch/score" || { tail -n 1 "$scratch/score"; exit 1; }
tail -n 1 "$scratch/score"

# verify wants the program to be there, and complains about what it does not know on stderr only.
sed 's,^ExecStart=/usr/local/bin/strided,ExecStart=/bin/true,' "$files/strided.service" >"$scratch/strided.service"
systemd-analyze verify --man=no "$scratch/strided.service" 2>&1 | grep -F strided.service && exit 1

mkdir -p "$scratch/root/etc"
systemd-sysusers --root="$scratch/root" - <"$files/strided.sysusers" 2>"$scratch/errors" ||
    { cat "$scratch/errors"; exit 1; }
grep -q '^strided:' "$scratch/root/etc/passwd"
grep -q '^strided:' "$scratch/root/etc/group"
/usr/bin/python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$files/org.strided1.conf"
echo 'unit, sysusers and D-Bus policy parse'
