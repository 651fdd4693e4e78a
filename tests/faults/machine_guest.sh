#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: machine_guest.sh HOST BUS_PORT
#
# What a machine of machine.py does when its power is on, as /sbin/job. What it says goes to the second serial line,
# where the host reads it as it is said.
#
# The data disk is checked as Debian does with what stands in fstab, and mounted so that for minutes nothing comes to it
# but what the daemon syncs: by itself ext4 commits each 5 s, and a daemon that syncs nothing would seem to lose nothing.
# What is on it goes to /job/found before anything else comes near it; then the daemon runs, until there is a file
# /job/stop.
set -eu
host=$1 bus_port=$2
state=/var/lib/strided
stty -F /dev/ttyS1 -opost
exec >/dev/ttyS1 2>&1

copy() # NAME
{
    cp -r "$state" "/job/$1.part"
    mv "/job/$1.part" "/job/$1"
    echo "guest: $1"
}

join_host()
{
    modprobe virtio_net
    nic=$(basename /sys/class/net/e*)
    ip link set lo up
    ip addr add 10.0.2.15/24 dev "$nic"
    ip link set "$nic" up
    systemd-socket-activate -l /run/bus /lib/systemd/systemd-socket-proxyd "$host:$bus_port" 2>/dev/null &
}

# A daemon leaves out a line that it would have to wait for, and a serial line is slow: what it says goes through a pipe.
# What is told of its syncs does not, for it is worth nothing after a cut.
run_daemon()
{
    mkfifo /run/said
    cat /run/said &
    # shellcheck disable=SC2046     # settings, a word each
    env $(cat /job/environment) DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus \
        /build/daemon/strided --config /job/strided.conf --state-dir "$state" 3>&1 >/run/said 2>&1 &
    daemon=$!
    # a file of the host's: this kernel hears nothing of it
    while [ ! -e /job/stop ] && kill -0 $daemon; do sleep 0.5; done
    kill $daemon
    status=0
    wait $daemon || status=$?
    echo "guest: strided ended with $status"
}

read -r uptime rest </proc/uptime
echo "guest: boot $(tr -d - </proc/sys/kernel/random/boot_id) $uptime"
status=0
e2fsck -p /dev/vdb || status=$?
echo "guest: e2fsck ended with $status"
mkdir -p "$state"
echo 30000 >/proc/sys/vm/dirty_expire_centisecs
echo 30000 >/proc/sys/vm/dirty_writeback_centisecs
mount -t ext4 -o commit=300 /dev/vdb "$state"
copy found
join_host
run_daemon
copy left
umount "$state"
echo 'guest: done'
