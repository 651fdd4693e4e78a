/* SPDX-License-Identifier: MIT */
#pragma once
#include <stdint.h>

/* MHz of the channel that a Wi-Fi interface is on; 0: not known. */
int wifi_mhz(const char *interface);
/* Of the kernel's figure, mantissa * 10^exponent Hz, or a channel's number. */
int wifi_mhz_of(int32_t mantissa, int exponent);
