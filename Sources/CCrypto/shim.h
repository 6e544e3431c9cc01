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
