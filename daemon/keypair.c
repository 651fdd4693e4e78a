/* SPDX-License-Identifier: MIT */
#include "daemon/keypair.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include "daemon/openssl.h"
#include "daemon/util.h"

static void bio_freep(BIO **bio)
{
    BIO_free(*bio);
}

static void certificate_freep(X509 **certificate)
{
    X509_free(*certificate);
}

static void key_freep(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

/* Instead of the terminal. */
static int on_passphrase(char *text, int size, int for_writing, void *userdata)
{
    bool *asked = userdata;

    *asked = true;
    return -1;
}

static BIO *open_text(const char *text, size_t length)
{
    return length > INT_MAX ? NULL : BIO_new_mem_buf(text, (int)length);
}

static int read_certificate(const char *text, size_t length, X509 **ret)
{
    _cleanup_(bio_freep) BIO *bio = open_text(text, length);
    bool asked = false;

    if (!bio)
        return -ENOMEM;
    *ret = PEM_read_bio_X509(bio, NULL, on_passphrase, &asked);
    return *ret ? KEYPAIR_OK : KEYPAIR_E_CERTIFICATE;
}

static int read_key(const char *text, size_t length, EVP_PKEY **ret)
{
    _cleanup_(bio_freep) BIO *bio = open_text(text, length);
    bool asked = false;

    if (!bio)
        return -ENOMEM;
    *ret = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &asked);
    if (*ret)
        return KEYPAIR_OK;
    return asked ? KEYPAIR_E_ENCRYPTED : KEYPAIR_E_KEY;
}

int keypair_check(const char *certificate, size_t certificate_length, const char *key,
                  size_t key_length)
{
    _cleanup_(certificate_freep) X509 *the_certificate = NULL;
    _cleanup_(key_freep) EVP_PKEY *the_key = NULL;
    int r;

    openssl_keep_at_exit(); /* the settings are read before there is a link to the broker */
    r = read_certificate(certificate, certificate_length, &the_certificate);
    if (r == KEYPAIR_OK)
        r = read_key(key, key_length, &the_key);
    if (r == KEYPAIR_OK && X509_check_private_key(the_certificate, the_key) != 1)
        r = KEYPAIR_E_MISMATCH;
    ERR_clear_error(); /* of this thread; else the next call of OpenSSL's would be blamed for them */
    return r;
}

const char *keypair_text(enum keypair_result result)
{
    switch (result) {
    case KEYPAIR_OK:
        break;
    case KEYPAIR_E_CERTIFICATE:
        return "it is no certificate; allowed: PEM, from -----BEGIN CERTIFICATE----- on";
    case KEYPAIR_E_KEY:
        return "it is no private key; allowed: PEM, from -----BEGIN PRIVATE KEY----- on";
    case KEYPAIR_E_ENCRYPTED:
        return "the key has a passphrase, and nobody is there to type it; allowed: one without, as "
               "by openssl pkey -in OLD -out NEW";
    case KEYPAIR_E_MISMATCH:
        return "it is not the key of that certificate; allowed: the one it was made with";
    }
    return "nothing is wrong with it";
}
