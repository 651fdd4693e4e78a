#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: clock.sh BUILD_DIR
#
# A simulated month is only true if nobody looks past the simulated clock, and one loop is only one
# loop if nobody starts threads in a corner. So the daemon's objects are held to this table: the
# functions on the left are for the files on the right alone.
set -eu
cd "$1"
mapfile -d '' objects < <(find daemon -name '*.o' -print0 2>/dev/null)
[ ${#objects[@]} -gt 0 ] || { echo 'skipped: the daemon is not built here'; exit 77; }
if nm "${objects[@]}" | grep -qE '__(asan|ubsan|gcov|sanitizer)_'; then
    echo 'skipped: instrumented objects'
    exit 77
fi

failed=0
only() # WHAT FUNCTIONS FILES
{
    local found
    found=$(nm -A -u "${objects[@]}" | sed 's/@.*//' |
            awk -v functions="^($2)\$" -v files="(^|[/_])($3)\\\\.c\\\\.o\$" '{
                object = $1; sub(/:.*/, "", object)
                if ($NF ~ functions && object !~ files) print "  " object ": " $NF
            }' | sort -u)
    [ -z "$found" ] || { printf '%s outside of %s.c:\n%s\n' "$1" "$3" "$found"; failed=1; }
}

only 'clocks and timers' \
    '(__)?(clock_gettime|clock_getres|clock_nanosleep|gettimeofday|time|ftime|timespec_get|nanosleep|usleep|sleep|setitimer|timer_create|timerfd_create|timerfd_settime)(64)?|sd_event_add_time(_relative)?|sd_event_source_set_time(_relative)?|sd_event_now' \
    'clock'
only 'the alarm that ends a stop' 'alarm' 'stop_limit'
only 'threads' '(__)?(pthread_(create|join|detach|mutex_.*|cond_.*|rwlock_.*|once|setname_np)|thrd_.*|mtx_.*|cnd_.*|sem_.*)' 'paho|paho_exchange|paho_handshake|worker'
only 'Paho' 'MQTTAsync_.*' 'paho_calls|paho_callbacks|paho_shelf|doctor_mqtt_try'
only 'OpenSSL' '(SSL|X509|EVP|PEM|BIO|ERR|OPENSSL)_.*' 'keypair|openssl|paho_handshake|paho_wire'
only 'SQLite' 'sqlite3_.*' 'store|store_[a-z_]*'
echo "${#objects[@]} objects"
exit $failed
