#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: certificates.sh FOLDER HOST [NAME|ADDRESS ...]
#
# Makes FOLDER/HOST.key and FOLDER/HOST.crt for a broker, signed by a CA of your own, which is made in
# FOLDER the first time. HOST is the name by which clients reach the broker; so are the others, names or
# IP addresses. FOLDER stays with you: whoever has ca.key can make certificates that all of yours trust.
# To the broker go HOST.key, HOST.crt and ca.crt; to clients ca.crt alone.
set -eu
[ $# -ge 2 ] || { sed -n '3,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1 host=$2
shift
umask 077
mkdir -p "$folder"

case $host in */* | -* | ca | '') echo "certificates.sh: \"$host\" is no name for a host" >&2; exit 2 ;; esac
names=''
for name; do
    case $name in
    *[!0-9A-Za-z.:-]*) echo "certificates.sh: \"$name\" is neither a name nor an address" >&2; exit 2 ;;
    *:* | *.*.*.*[0-9]) kind=IP ;;
    *) kind=DNS ;;
    esac
    case $kind$name in IP*[g-zG-Z]*) kind=DNS ;; esac
    names="$names${names:+,}$kind:$name"
done

new_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

if [ ! -e "$folder/ca.crt" ]; then
    new_key "$folder/ca.key"
    openssl req -x509 -new -key "$folder/ca.key" -sha256 -days 3650 -subj '/CN=strided CA' \
        -addext 'keyUsage=critical,keyCertSign,cRLSign' -out "$folder/ca.crt"
    echo "made $folder/ca.key (keep it to yourself) and $folder/ca.crt (for every client)"
fi

# 825 days are what most programs take; run this again before they are over.
extensions=$(mktemp)
trap 'rm -f "$extensions" "$folder/$host.csr"' EXIT
cat >"$extensions" <<X
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$names
X
new_key "$folder/$host.key"
openssl req -new -key "$folder/$host.key" -sha256 -subj "/CN=$host" -out "$folder/$host.csr"
openssl x509 -req -in "$folder/$host.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial \
    -sha256 -days 825 -extfile "$extensions" -out "$folder/$host.crt" 2>/dev/null
chmod 644 "$folder/ca.crt" "$folder/$host.crt"
echo "made $folder/$host.key and $folder/$host.crt (for the broker on $host: $names)"
