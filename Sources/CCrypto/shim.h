// Diffie-Hellman parameters and a few others have no successor with the same errors.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>

// What OpenSSL offers only as macros.
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>
static inline long tiny_tls_minimum(SSL_CTX *context, int version) { return SSL_CTX_set_min_proto_version(context, version); }
static inline long tiny_tls_maximum(SSL_CTX *context, int version) { return SSL_CTX_set_max_proto_version(context, version); }
static inline long tiny_tls_server_name(SSL *connection, const char *name) { return SSL_set_tlsext_host_name(connection, name); }
static inline void tiny_tls_plain_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_AUTO_RETRY);
}
static inline int tiny_tls_error_library(unsigned long code) { return ERR_GET_LIB(code); }
static inline int tiny_tls_error_reason(unsigned long code) { return ERR_GET_REASON(code); }
static inline long tiny_bio_memory(BIO *bio, char **start) { return BIO_get_mem_data(bio, start); }
static inline int tiny_names_count(GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline GENERAL_NAME *tiny_name_at(GENERAL_NAMES *names, int index) { return sk_GENERAL_NAME_value(names, index); }
static inline void tiny_names_free(GENERAL_NAMES *names) { sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free); }
static inline int tiny_chain_count(STACK_OF(X509) *chain) { return sk_X509_num(chain); }
static inline X509 *tiny_chain_at(STACK_OF(X509) *chain, int index) { return sk_X509_value(chain, index); }
static inline int tiny_ciphers_count(STACK_OF(SSL_CIPHER) *ciphers) { return sk_SSL_CIPHER_num(ciphers); }
static inline const SSL_CIPHER *tiny_cipher_at(STACK_OF(SSL_CIPHER) *ciphers, int index) { return sk_SSL_CIPHER_value(ciphers, index); }
static inline void tiny_ciphers_free(STACK_OF(SSL_CIPHER) *ciphers) { sk_SSL_CIPHER_free(ciphers); }

// The kind of an alternative name, and what it holds.
static inline int tiny_name_kind(const GENERAL_NAME *name) { return name->type; }
static inline ASN1_STRING *tiny_name_text(GENERAL_NAME *name) { return name->d.ia5; }
static inline X509_NAME *tiny_name_directory(GENERAL_NAME *name) { return name->d.directoryName; }
static inline ASN1_OBJECT *tiny_name_registered(GENERAL_NAME *name) { return name->d.registeredID; }

static inline void tiny_tls_on_server_name(SSL_CTX *context, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}
static inline long tiny_tls_groups(SSL_CTX *context, const char *names) { return SSL_CTX_set1_groups_list(context, names); }
static inline long tiny_tls_get_minimum(SSL_CTX *context) { return SSL_CTX_get_min_proto_version(context); }
static inline long tiny_tls_get_maximum(SSL_CTX *context) { return SSL_CTX_get_max_proto_version(context); }
/// 1: done; 0: OpenSSL has noted why not.
static inline int tiny_tls_load_dh(SSL_CTX *context, BIO *file) {
    DH *parameters = PEM_read_bio_DHparams(file, NULL, NULL, NULL);
    if (!parameters) return 0;
    long done = SSL_CTX_set_tmp_dh(context, parameters);
    DH_free(parameters);
    return done == 1;
}
/// Whether the reason is one that all libraries share ("PEM lib"), which has no name of its own.
static inline int tiny_tls_reason_is_common(unsigned long code) { return ERR_COMMON_ERROR(code); }
static inline int tiny_store_count(STACK_OF(X509_OBJECT) *objects) { return sk_X509_OBJECT_num(objects); }
static inline int tiny_store_kind(STACK_OF(X509_OBJECT) *objects, int index) { return X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, index)); }
/// The method of one version: 1 for TLS 1.0, 2 for 1.1, 3 for 1.2.
static inline const SSL_METHOD *tiny_tls_method(int version) {
    return version == 1 ? TLSv1_method() : version == 2 ? TLSv1_1_method() : TLSv1_2_method();
}
