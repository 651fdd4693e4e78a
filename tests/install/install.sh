#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: install.sh ROOT BUILD_DIR
#
# `./run install` and `./run uninstall` below a folder of the test's own: what lies there afterwards,
# twice in a row, with an owner's changes in between. The virtual machine's smoke does the same with
# a running systemd. TAP on stdout.
set -u
source_root=$1
export STRIDED_BUILD=$2
[ "$(id -u)" = 0 ] || { echo 'skipped: needs root (owners of folders are set)'; exit 77; }
for tool in systemd-sysusers systemctl; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
[ -e "$2/daemon/strided" ] && [ -e "$2/daemon/stridectl" ] || { echo 'the daemon is not built'; exit 1; }

box=$(mktemp -d)
trap 'rm -rf "$box"' EXIT
mkdir -p "$box/etc"
number=0 failures=0

check() # LABEL COMMAND...
{
    local label=$1 word=ok
    shift
    number=$((number + 1))
    if ! "$@" >"$box.log" 2>&1; then
        word='not ok' failures=$((failures + 1))
        sed 's/^/# /' "$box.log"
    fi
    rm -f "$box.log"
    echo "$word $number - $label"
}
umask 077 # an administrator's own may be as strict, and the service still has to read its settings
run() { "$source_root/run" "$@" --root "$box" </dev/null; }
fails() { ! "$@"; }
mode_is() { [ "$(stat -c '%a' "$box$1")" = "$2" ] || { stat "$box$1"; false; }; }
has_line() { grep -qxF "$2" "$box$1"; }
nothing_left() # the empty folders of the root itself do not count
{
    ! find "$box" -path '*strided*' ! -path "$box" | grep .
    ! grep -r strided "$box/etc/passwd" "$box/etc/group"
}

check 'a first install ends well'                run install --broker mqtt://broker.lan:1883
check 'the daemon is there'                      mode_is /usr/local/bin/strided 755
check 'stridectl is there'                       mode_is /usr/local/bin/stridectl 755
check 'strided-replay is there'                  mode_is /usr/local/bin/strided-replay 755
check 'the man page is there'                    mode_is /usr/local/share/man/man8/strided.8 644
check 'that of strided-replay, too'              mode_is /usr/local/share/man/man1/strided-replay.1 644
check 'and a shell completes'                    mode_is /usr/local/share/bash-completion/completions/stridectl 644
check 'the schemas are there'                    mode_is /usr/local/share/strided/schema/live.schema.json 644
check 'where the man page says they are'         grep -qF '/share/strided/schema/' "$box/usr/local/share/man/man8/strided.8"
check 'the unit is there'                        mode_is /usr/local/lib/systemd/system/strided.service 644
check 'the unit is enabled'                      test -L "$box/etc/systemd/system/multi-user.target.wants/strided.service"
check 'the user is there'                        grep -q '^strided:' "$box/etc/passwd"
check 'files go into a folder of the group'      mode_is /srv/strided/import 2775
check 'the broker is in a drop-in of its own'    has_line /etc/strided/strided.conf.d/10-broker.conf Uri=mqtt://broker.lan:1883
check 'the service may read it'                  mode_is /etc/strided/strided.conf.d/10-broker.conf 644
check 'files come in from there'                 has_line /etc/strided/strided.conf.d/20-import.conf Folder=/srv/strided/import
check 'and what it lies in'                      mode_is /etc/strided 755
check 'what was installed is a good config'      "$box/usr/local/bin/strided" --check-config --config "$box/etc/strided/strided.conf"

# meson install places the same, for packages; the unit but for its folder of programs, which is the same here
places() { (cd "$1" && find usr etc/dbus-1 -type f -printf '%m %p ' -exec md5sum {} \; | sort -k 2); }
same_places() { diff <(places "$box") <(places "$box/meson"); }
check 'meson installs, too'                      meson install -C "$2" --no-rebuild --quiet --destdir "$box/meson"
check 'the same files in the same places'        same_places
rm -rf "$box/meson"

echo '[Runner anna]' >>"$box/etc/strided/strided.conf"
check 'a second install ends well'               run install
check "the owner's settings are kept"            has_line /etc/strided/strided.conf '[Runner anna]'
check 'the broker is kept'                       has_line /etc/strided/strided.conf.d/10-broker.conf Uri=mqtt://broker.lan:1883
check 'another broker takes its place'           run install --broker mqtts://broker.lan
check 'and is written'                           has_line /etc/strided/strided.conf.d/10-broker.conf Uri=mqtts://broker.lan
broker_conf=/etc/strided/strided.conf.d/10-broker.conf
echo word >"$box/word"
printf '%s\n' Username=pi "PasswordFile=$box/word" '[Gateway]' Name=attic >>"$box$broker_conf"
check 'a broker is named again'                  run install --broker mqtts://other.lan
check 'the old one is out'                       fails has_line $broker_conf Uri=mqtts://broker.lan
check 'a login beside it is kept'                has_line $broker_conf Username=pi
check 'with its password'                        has_line $broker_conf "PasswordFile=$box/word"
check 'and what else stands there'               has_line $broker_conf Name=attic
check 'it is read as it was meant'               "$box/usr/local/bin/strided" --check-config --config "$box/etc/strided/strided.conf"
printf '[Gateway]\n#Uri=\n' >"$box$broker_conf"
check 'a file without a broker gets one'         run install --broker mqtts://broker.lan
check 'in its section'                           test "$(tail -n 2 "$box$broker_conf")" = $'[MQTT]\nUri=mqtts://broker.lan'
touch "$box/usr/local/share/strided/schema/gone.schema.json"
check 'the next install ends well'               run install
check 'a schema that is no more is gone'         test ! -e "$box/usr/local/share/strided/schema/gone.schema.json"
check 'a wrong scheme is refused'                fails run install --broker http://broker.lan
check 'a password in the URI is refused'         fails run install --broker mqtt://me:secret@broker.lan
check 'an unknown option is refused'             fails run install --brokr mqtt://broker.lan
check 'a refused install changes nothing'        has_line /etc/strided/strided.conf.d/10-broker.conf Uri=mqtts://broker.lan

mkdir -p "$box/data/anna/My runs"
drop_in=/etc/systemd/system/strided.service.d/import-anna.conf
check 'a synced folder is bound'                 run install --import-from "anna=/data/anna/My runs"
check 'as the folder of its runner'              has_line $drop_in 'BindPaths="-/data/anna/My runs:/srv/strided/import/anna"'
check 'which is there to be bound to'            mode_is /srv/strided/import/anna 2775
echo '# none' >"$box/etc/strided/strided.conf.d/20-import.conf"
check 'a plain install leaves it so'             run install
check 'and what the owner changed'               has_line /etc/strided/strided.conf.d/20-import.conf '# none'
check 'and it stays'                             test -e "$box$drop_in"
for wrong in /data/anna =/data/anna anna= anna=data Anna=/data/anna anna=/data/nobody 'anna=/data/../%h' 'anna=/data:/x' ''; do
    check "refused: --import-from '$wrong'"      fails run install --import-from "$wrong"
done

mkdir -p "$box/var/lib/strided/sessions"
touch "$box/srv/strided/import/anna/run.fit"
check 'uninstall ends well'                      run uninstall
check 'the daemon is gone'                       test ! -e "$box/usr/local/bin/strided"
check 'the schemas are gone'                     test ! -e "$box/usr/local/share/strided"
check 'the unit is gone'                         test ! -e "$box/usr/local/lib/systemd/system/strided.service"
check 'it is no longer enabled'                  test ! -L "$box/etc/systemd/system/multi-user.target.wants/strided.service"
check 'settings stay'                            has_line /etc/strided/strided.conf '[Runner anna]'
check 'recordings stay'                          test -d "$box/var/lib/strided/sessions"
check 'uninstall again ends well'                run uninstall
check 'purge ends well'                          run uninstall --purge
check 'recordings are gone'                      test ! -e "$box/var/lib/strided"
check 'no folder is bound any more'              test ! -e "$box$drop_in"
check "the runner's own files are not"           test -e "$box/srv/strided/import/anna/run.fit"
rm "$box/srv/strided/import/anna/run.fit"
check 'purge again ends well'                    run uninstall --purge
check 'nothing is left'                          nothing_left
echo "1..$number"
[ $failures = 0 ]
