/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * strided --scan: listens and prints what advertises (name, address, services, signal, whose), with
 * the [Sensor …] lines to paste. Works beside a running daemon. Returns the exit status.
 */
int scan_print(const char *config_file, const char *state_dir, unsigned seconds);
