/* SPDX-License-Identifier: MIT */
/* Certificates and keys that can't be shown to a broker, each told by the line it stands in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include "config_fixture.h"
#include "daemon/keypair.h"
#include "daemon/util.h"

#define TEXT_MAX 4096

struct pair {
    char certificate[TEXT_MAX], key[TEXT_MAX], locked_key[TEXT_MAX];
};
static struct pair ours, theirs;

static void take_text(BIO *bio, char ret[TEXT_MAX])
{
    int n = BIO_read(bio, ret, TEXT_MAX - 1);

    assert_true(n > 0);
    ret[n] = '\0';
    BIO_free(bio);
}

static void make_certificate(EVP_PKEY *key, char ret[TEXT_MAX])
{
    X509 *certificate = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());

    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
    take_text(bio, ret);
    X509_free(certificate);
}

static void make_key_text(EVP_PKEY *key, const char *passphrase, char ret[TEXT_MAX])
{
    BIO *bio = BIO_new(BIO_s_mem());

    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, key, passphrase ? EVP_aes_256_cbc() : NULL,
                                                   NULL, 0, NULL, (void *)passphrase),
                     1);
    take_text(bio, ret);
}

static void make_pair(struct pair *ret)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    assert_non_null(key);
    make_certificate(key, ret->certificate);
    make_key_text(key, NULL, ret->key);
    make_key_text(key, "open sesame", ret->locked_key);
    EVP_PKEY_free(key);
}

static int make_pairs(void **state)
{
    make_pair(&ours);
    make_pair(&theirs);
    return 0;
}

static void test_pairs(void **state)
{
    static const char old_style[] = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                                    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                                    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END RSA PRIVATE KEY-----\n";
    const struct {
        const char *label, *certificate, *key;
        int result;
    } rows[] = {
        { "ours", ours.certificate, ours.key, KEYPAIR_OK },
        { "another's key", ours.certificate, theirs.key, KEYPAIR_E_MISMATCH },
        { "a passphrase", ours.certificate, ours.locked_key, KEYPAIR_E_ENCRYPTED },
        { "a passphrase as it was of old", ours.certificate, old_style, KEYPAIR_E_ENCRYPTED },
        { "the wrong way round", ours.key, ours.certificate, KEYPAIR_E_CERTIFICATE },
        { "the certificate twice", ours.certificate, ours.certificate, KEYPAIR_E_KEY },
        { "nothing", "", "", KEYPAIR_E_CERTIFICATE },
        { "no key", ours.certificate, "", KEYPAIR_E_KEY },
        { "words", ours.certificate, "-----BEGIN PRIVATE KEY-----\nwords\n", KEYPAIR_E_KEY },
    };

    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        print_message("%s\n", rows[i].label);
        assert_int_equal(keypair_check(rows[i].certificate, strlen(rows[i].certificate),
                                       rows[i].key, strlen(rows[i].key)),
                         rows[i].result);
        assert_int_equal(ERR_peek_error(), 0); /* nothing is left for another to stumble over */
    }
}

/* Lines 3 and 4 name both. */
static void load_pair(const char *certificate, const char *key, mode_t key_mode)
{
    char text[512];

    remove(at("c.pem"));
    remove(at("k.pem"));
    if (certificate)
        put("c.pem", certificate);
    if (key) {
        put("k.pem", key);
        assert_int_equal(chmod(at("k.pem"), key_mode), 0);
    }
    snprintf(text, sizeof(text), "[MQTT]\nUri=mqtts://h\nClientCert=%s/c.pem\nClientKey=%s/k.pem\n",
             fixture.folder, fixture.folder);
    put("x.conf", text);
    load(fixture.file);
}

static void assert_one_problem(bool warning, unsigned line, const char *words)
{
    const struct conf_problems *problems = &fixture.config->problems;

    assert_int_equal(problems->n, 1);
    assert_int_equal(problems->items[0].warning, warning);
    assert_int_equal(problems->items[0].line, line);
    assert_non_null(strstr(problems->items[0].text, words));
}

static void test_what_cannot_be_shown_is_told_with_its_line(void **state)
{
    load_pair(ours.certificate, ours.key, 0600);
    assert_int_equal(fixture.config->problems.n, 0);
    load_pair(NULL, ours.key, 0600);
    assert_one_problem(false, 3, "No such file");
    load_pair(ours.certificate, NULL, 0);
    assert_one_problem(false, 4, "No such file");
    load_pair("words\n", ours.key, 0600);
    assert_one_problem(false, 3, "it is no certificate; allowed: PEM");
    load_pair(ours.certificate, ours.locked_key, 0600);
    assert_one_problem(false, 4, "openssl pkey -in OLD -out NEW");
    load_pair(ours.certificate, theirs.key, 0600);
    assert_one_problem(false, 4, "not the key of that certificate");
    load_pair(ours.certificate, ours.key, 0640);
    assert_one_problem(true, 0, "others may read the private key (mode 0640); better: chmod 0600");
}

static void test_a_key_that_systemd_hands_over_has_the_mode_that_systemd_gives_it(void **state)
{
    setenv("CREDENTIALS_DIRECTORY", fixture.folder, 1);
    load_pair(ours.certificate, ours.key, 0440);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_int_equal(fixture.config->problems.n, 0);
}

static void test_without_tls_they_are_not_looked_at(void **state)
{
    put("x.conf", "[MQTT]\nUri=mqtt://h\nClientCert=/nonexistent/c\nClientKey=/nonexistent/k\n");
    load(fixture.file);
    assert_int_equal(fixture.config->problems.errors, 0);
}

/* What holds a secret leaves no core, and is not looked into by other processes of its user. */
static void test_who_read_a_key_cannot_be_dumped(void **state)
{
    assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
    load_pair(NULL, ours.key, 0600);
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
    load_pair(ours.certificate, ours.key, 0600);
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs),
        WITH_FOLDER(test_what_cannot_be_shown_is_told_with_its_line),
        WITH_FOLDER(test_a_key_that_systemd_hands_over_has_the_mode_that_systemd_gives_it),
        WITH_FOLDER(test_without_tls_they_are_not_looked_at),
        WITH_FOLDER(test_who_read_a_key_cannot_be_dumped),
    };
    return cmocka_run_group_tests(tests, make_pairs, NULL);
}
