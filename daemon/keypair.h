/* SPDX-License-Identifier: MIT */
#pragma once
/*
 * Whether a certificate and a private key can be shown to a broker. Each of the ways in which they can't
 * is found out here, before OpenSSL has a word: it would ask a terminal for the passphrase of a key, and
 * hold up the link until somebody answers.
 */
#include <stddef.h>

#define KEYPAIR_PEM_MAX 65536 /* bytes of a certificate and those above it, or of a key */

enum keypair_result {
    KEYPAIR_OK = 0,
    KEYPAIR_E_CERTIFICATE = 1, /* it is none */
    KEYPAIR_E_KEY = 2,         /* it is none */
    KEYPAIR_E_ENCRYPTED = 3,   /* the key, and nobody is there to type its passphrase */
    KEYPAIR_E_MISMATCH = 4,    /* it is another certificate's key */
};

/* Texts as PEM, with a NUL behind them. Also < 0: -ENOMEM. */
int keypair_check(const char *certificate, size_t certificate_length, const char *key,
                  size_t key_length);

/* What is wrong, of the key or the certificate, and what is allowed; ends no sentence. */
const char *keypair_text(enum keypair_result result);
