#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: mkimage.sh DIR SUITE          (as root)
#
# Makes the guest: DIR/kernel, DIR/initrd and DIR/root.ext4, from Debian's packages only. SUITE is
# the host's own release or a later one, so that what was compiled here runs there. The guest boots the real
# systemd; a job that the host puts into a shared folder is run, and the guest powers off. With init=/sbin/job on
# the kernel's command line the job is all there is, and runs some seconds after the power is on.
set -euo pipefail
dir=$1 suite=$2

packages=(systemd systemd-sysv udev kmod procps dbus bluez python3 iproute2 mosquitto mosquitto-clients openssl busybox-static
          libpaho-mqtt1.3 libsqlite3-0 libjansson4 libsystemd0 zlib1g libexpat1)
# What mounts the root, then what the radio and the shared folders need. Names a kernel has built in
# resolve to nothing.
root_modules=(virtio_pci virtio_blk ext4 crc32c_generic 9pnet_virtio 9p)
more_modules=(virtio_rng virtio_net hci_vhci cmac ecb aes_generic algif_hash algif_skcipher uhid autofs4)

[ "$(id -u)" = 0 ] || { echo 'mkimage.sh: making the image needs root' >&2; exit 1; }
say() { echo "mkimage: $*"; }

mirror=${STRIDED_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
                           grep -E '/debian/?$' | head -n 1)}
work=$dir/work root=$dir/work/root kernel=$dir/work/kernel ram=$dir/work/ram
rm -rf "$dir"
mkdir -p "$kernel" "$ram"/{bin,dev,proc,sys,root,modules}

say "Debian $suite from ${mirror:=http://deb.debian.org/debian}"
# The kernel's package is unpacked beside the root, not installed: installing it would build an
# initrd with everything in it. mmdebstrap's own apt knows where it is.
mmdebstrap --quiet --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --customize-hook="export APT_CONFIG=\$MMDEBSTRAP_APT_CONFIG; cd '$kernel';
        apt-get -qq -o APT::Sandbox::User=root download \$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \\(linux-image-[^ ]*\\).*/\\1/p' | head -n 1)" \
    "$suite" "$root" "$mirror"

# An emulated processor takes as long to unpack a kernel as to boot it. One that is packed otherwise stays so.
unpack_kernel() # FROM TO
{
    local at
    at=$(LC_ALL=C grep -abom1 -P '\xfd7zXZ' "$1" | cut -d: -f1) || true
    [ -n "$at" ] && xz -dc --single-stream < <(tail -c +$((at + 1)) "$1") >"$2" || cp "$1" "$2"
}

say 'kernel and modules'
dpkg-deb --fsys-tarfile "$kernel"/linux-image-*.deb | tar -x -C "$kernel"
mkdir -p "$kernel/lib"
[ -d "$kernel/lib/modules" ] || ln -s ../usr/lib/modules "$kernel/lib/modules"
version=$(ls "$kernel/lib/modules")
unpack_kernel "$kernel/boot/vmlinuz-$version" "$dir/kernel"
find "$kernel/" -name '*.ko.xz' -exec xz -d {} +
depmod -b "$kernel" "$version"
closure() # MODULE...: the files, in the order in which they load
{
    for module; do modprobe -d "$kernel" -S "$version" --show-depends "$module" 2>/dev/null || true; done |
        awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}
closure "${root_modules[@]}" "${more_modules[@]}" | while read -r file; do
    install -D -m 0644 "$file" "$root/lib/modules/$version/${file#*/modules/"$version"/}"
done
cp "$kernel/lib/modules/$version"/modules.{builtin,builtin.modinfo,order} "$root/lib/modules/$version/"
depmod -b "$root" "$version"

say 'initrd'
cp "$root/bin/busybox" "$ram/bin/"
closure "${root_modules[@]}" | while read -r file; do
    cp "$file" "$ram/modules/"
    basename "$file"
done >"$ram/modules/order"
cat >"$ram/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
mount -t ext4 /dev/vda /root || poweroff -f
init=/sbin/init
for word in $(cat /proc/cmdline); do case $word in init=*) init=${word#init=} ;; esac; done
for place in dev proc sys; do mount --move /$place /root/$place; done
exec switch_root /root "$init"
INIT
chmod +x "$ram/init"
(cd "$ram" && find . | cpio -o -H newc --quiet) >"$dir/initrd"

say 'settings of the guest'
mkdir -p "$root"/{tree,build,job}
echo vm >"$root/etc/hostname"
echo '127.0.0.1 localhost vm' >"$root/etc/hosts"
: >"$root/etc/fstab"
echo 'strided virtual machine' | md5sum | cut -c1-32 >"$root/etc/machine-id"
cat >"$root/sbin/job" <<'JOB'
#!/bin/sh
export HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin
for tag in tree build job; do mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144 $tag /$tag; done
cd /job
sh /job/command </dev/null >/job/output 2>&1
echo $? >/job/status
sync
[ $$ != 1 ] || busybox poweroff -f
JOB
chmod +x "$root/sbin/job"
cat >"$root/etc/systemd/system/job.service" <<'UNIT'
[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/sbin/job
ExecStopPost=/bin/systemctl poweroff --force --force
UNIT
wants=$root/etc/systemd/system/multi-user.target.wants
mkdir -p "$wants"
ln -sf ../job.service "$wants/"
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
# The smoke starts the broker and bluetoothd itself; the rest is of no use to a machine of one minute.
rm -f "$wants"/{mosquitto,e2scrub_reap,remote-fs}*
for unit in getty.target systemd-timesyncd.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
            e2scrub_all.timer systemd-update-utmp.service systemd-firstboot.service systemd-hwdb-update.service systemd-binfmt.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

say 'disk'
truncate -s 1G "$dir/root.part"
mke2fs -q -t ext4 -O ^has_journal -m 0 -d "$root" "$dir/root.part"
rm -rf "$work"
chmod -R a+rX "$dir"
mv "$dir/root.part" "$dir/root.ext4"      # last: its name says that the image is whole
say "kernel $version, $(du -sh "$dir/root.ext4" | cut -f1) in $dir"
