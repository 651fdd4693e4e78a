/* SPDX-License-Identifier: MIT */
#include "daemon/openssl.h"

#include <openssl/crypto.h>

/* It fails for want of memory only, and then what comes after it fails as well. */
void openssl_keep_at_exit(void)
{
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}
