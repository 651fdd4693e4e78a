/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * OpenSSL, which Paho brings along and we use beside it.
 */

/*
 * Leave OpenSSL as it is when the process ends. MQTTAsync_destroy() does not wait for Paho's own threads,
 * and a thread in a name look-up is left behind. OpenSSL cleans up at exit() all the same, and what such a
 * thread then still does in it (its own last step is a destructor of OpenSSL's) meets freed locks: seen as
 * a leak, a crash, and a process that never ends. The kernel takes everything back.
 * It counts in the first call of OpenSSL that a process makes: each file that may make it says this before.
 */
void openssl_keep_at_exit(void);
