/* SPDX-License-Identifier: MIT */
/*
 * On a Raspberry Pi's own radio Bluetooth and 2.4 GHz Wi-Fi take turns at one antenna, and links starve
 * under traffic. The channel is asked of the kernel by its old wireless call, which the driver of that chip
 * has; one that does not answer is not known.
 */
#include <limits.h>
#include <linux/wireless.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "daemon/doctor/private.h"
#include "daemon/doctor/wifi.h"
#include "daemon/util.h"

#define NAMES_MAX 64

/* ---- the channel ---- */

int wifi_mhz_of(int32_t mantissa, int exponent)
{
    double hz = mantissa;

    if (exponent == 0 && mantissa > 0 && mantissa < 1000) /* a channel's number */
        return mantissa == 14 ? 2484 : mantissa < 14 ? 2407 + 5 * mantissa : 5000 + 5 * mantissa;
    for (int i = 0; i < exponent && i < 12; i++)
        hz *= 10;
    return hz >= 1e9 && hz < 1e11 ? (int)(hz / 1e6) : 0;
}

int wifi_mhz(const char *interface)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct iwreq request = { 0 };

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    if (fd < 0 || ioctl(fd, SIOCGIWFREQ, &request) < 0)
        return 0;
    return wifi_mhz_of(request.u.freq.m, request.u.freq.e);
}

/* ---- the machine ---- */

/* Where a device of the kernel's classes hangs: "../../devices/platform/soc/…"; "" where that is not told. */
static void place_of(const struct doctor *doctor, const char *class, const char *name, char *ret,
                     size_t size)
{
    char path[4096], below[160];
    ssize_t n;

    snprintf(below, sizeof(below), "/sys/class/%s/%s", class, name);
    doctor_path(doctor, below, path, sizeof(path));
    n = readlink(path, ret, size - 1);
    ret[n > 0 ? n : 0] = '\0';
}

/* "…/soc/fe201000.serial/…/hci0": on the board; "…/usb1/…/hci1": plugged in. */
static bool is_on_board(const struct doctor *doctor, const char *hci)
{
    char place[PATH_MAX];

    place_of(doctor, "bluetooth", hci, place, sizeof(place));
    return !strstr(place, "/usb") && (strstr(place, "serial") || strstr(place, "/tty"));
}

/* The adapter that strided takes is on the board; without bluetoothd the first may be it. */
static bool uses_own_radio(const struct doctor *doctor, char *ret, size_t size)
{
    char names[NAMES_MAX][DOCTOR_NAME_MAX];
    const struct objects_adapter *adapter = doctor_adapter(doctor);
    const char *wanted = adapter          ? adapter->name
                         : doctor->config ? doctor->config->conf.adapter
                                          : "";
    size_t n = doctor_list(doctor, "/sys/class/bluetooth", names, NAMES_MAX);

    for (size_t i = 0; i < n; i++) {
        if (strchr(names[i], ':') || (wanted[0] && strcmp(names[i], wanted) != 0))
            continue; /* hci0:64 is a link */
        snprintf(ret, size, "%.*s", DOCTOR_NAME_MAX - 1, names[i]);
        return is_on_board(doctor, names[i]);
    }
    return false;
}

static bool is_plugged_in(const struct doctor *doctor, const char *wifi)
{
    char place[PATH_MAX];

    place_of(doctor, "net", wifi, place, sizeof(place));
    return strstr(place, "/usb") != NULL;
}

/* The first Wi-Fi interface of the board that is up. */
static bool find_wifi(const struct doctor *doctor, char *ret, size_t size)
{
    char names[NAMES_MAX][DOCTOR_NAME_MAX], path[160], word[16];
    size_t n = doctor_list(doctor, "/sys/class/net", names, NAMES_MAX);

    for (size_t i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "/sys/class/net/%.*s/phy80211", DOCTOR_NAME_MAX - 1, names[i]);
        if (!doctor_stands(doctor, path) || is_plugged_in(doctor, names[i]))
            continue;
        snprintf(path, sizeof(path), "/sys/class/net/%.*s/operstate", DOCTOR_NAME_MAX - 1,
                 names[i]);
        doctor_read_word(doctor, path, word, sizeof(word));
        if (strcmp(word, "up") != 0)
            continue;
        snprintf(ret, size, "%.*s", DOCTOR_NAME_MAX - 1, names[i]);
        return true;
    }
    return false;
}

static void say_band(struct doctor *doctor, const char *hci, const char *wifi)
{
    int mhz = doctor->places.wifi_mhz(wifi);

    if (mhz == 0)
        doctor_say(doctor, WIFI_PERHAPS, wifi,
                   "%s and %s share the Pi's own radio; at which frequency %s is does not show",
                   hci, wifi, wifi);
    else if (mhz < 3000)
        doctor_say(doctor, WIFI_SHARED, NULL,
                   "%s and %s share the Pi's own radio, and %s is at 2.4 GHz (%d MHz): links "
                   "starve under traffic",
                   hci, wifi, wifi, mhz);
    else
        doctor_say(doctor, WIFI_APART, NULL, "%s is at %d MHz, out of the way of %s", wifi, mhz,
                   hci);
}

void doctor_look_wifi(struct doctor *doctor)
{
    char model[128], hci[DOCTOR_NAME_MAX] = "", wifi[DOCTOR_NAME_MAX];

    doctor_read_word(doctor, "/proc/device-tree/model", model, sizeof(model));
    if (strncmp(model, "Raspberry Pi", 12) != 0)
        doctor_say(doctor, WIFI_SKIPPED, NULL, "this is no Raspberry Pi");
    else if (!uses_own_radio(doctor, hci, sizeof(hci)))
        doctor_say(doctor, WIFI_APART, NULL, "the Pi's own Bluetooth is not used");
    else if (!find_wifi(doctor, wifi, sizeof(wifi)))
        doctor_say(doctor, WIFI_APART, NULL, "no Wi-Fi of the Pi's own is up beside %s", hci);
    else
        say_band(doctor, hci, wifi);
}
