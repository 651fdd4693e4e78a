/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * One strided for one state folder. Two would write one database, and fight for the same sensors and
 * the same name at the broker: each end of a link looks like a fault to the other.
 *
 * The lock is flock(2) on the folder itself. The kernel holds it as long as the process lives, so
 * nothing stale is left by a crash; it needs no file, so a full or read-only disk is no trouble.
 */
enum state_lock_result { STATE_LOCK_OK = 0, STATE_LOCK_E_TAKEN = 1 };

/* ret_fd: to be kept open for life. < 0: there is no folder that could be locked, and then nothing in it
 * that two could damage. */
int state_lock_take(int *ret_fd, const char *state_dir);
