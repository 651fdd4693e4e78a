/* SPDX-License-Identifier: MIT */
#include "daemon/doctor/doctor.h"
#include "daemon/doctor/wifi.h"

const struct doctor_places doctor_here = {
    .root = "",
    .state_dir = "/var/lib/strided",
    .user = "strided",
    .wifi_mhz = wifi_mhz,
};
