/* SPDX-License-Identifier: MIT */
#pragma once
/* Bluetooth device addresses, as people and bluetoothd write them. */
#include <stdbool.h>

bool address_is_valid(const char *text); /* AA:BB:CC:DD:EE:FF, either case */
