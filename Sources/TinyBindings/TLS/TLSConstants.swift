// The numbers of `_ssl` that `ssl` makes enums of. They are OpenSSL's, save PROTOCOL_ and PROTO_MINIMUM/MAXIMUM, which are
// Python's own.
import TinyRuntime

enum TLSConstants {
    static func add(to contents: ModuleContents) {
        for (name, value) in numbers { contents.set(name, value) }
        for (name, value) in alerts { contents.set("ALERT_DESCRIPTION_" + name, value) }
        for (name, has) in abilities { contents.set("HAS_" + name, has ? .true : .false) }
    }

    private static let numbers: [(String, Int)] = [
        ("SSL_ERROR_ZERO_RETURN", 6), ("SSL_ERROR_WANT_READ", 2), ("SSL_ERROR_WANT_WRITE", 3), ("SSL_ERROR_WANT_X509_LOOKUP", 4),
        ("SSL_ERROR_SYSCALL", 5), ("SSL_ERROR_SSL", 1), ("SSL_ERROR_WANT_CONNECT", 7), ("SSL_ERROR_EOF", 8),
        ("SSL_ERROR_INVALID_ERROR_CODE", 10),
        ("CERT_NONE", 0), ("CERT_OPTIONAL", 1), ("CERT_REQUIRED", 2),
        ("VERIFY_DEFAULT", 0), ("VERIFY_CRL_CHECK_LEAF", 4), ("VERIFY_CRL_CHECK_CHAIN", 12), ("VERIFY_X509_STRICT", 32),
        ("VERIFY_ALLOW_PROXY_CERTS", 64), ("VERIFY_X509_TRUSTED_FIRST", 0x8000), ("VERIFY_X509_PARTIAL_CHAIN", 0x80000),
        ("PROTOCOL_SSLv23", 2), ("PROTOCOL_TLS", 2), ("PROTOCOL_TLS_CLIENT", 16), ("PROTOCOL_TLS_SERVER", 17), ("PROTOCOL_TLSv1", 3),
        ("PROTOCOL_TLSv1_1", 4), ("PROTOCOL_TLSv1_2", 5),
        ("OP_ALL", 0x8000_0050), ("OP_NO_SSLv2", 0), ("OP_NO_SSLv3", 0x0200_0000), ("OP_NO_TLSv1", 0x0400_0000),
        ("OP_NO_TLSv1_1", 0x1000_0000), ("OP_NO_TLSv1_2", 0x0800_0000), ("OP_NO_TLSv1_3", 0x2000_0000),
        ("OP_CIPHER_SERVER_PREFERENCE", 0x0040_0000), ("OP_SINGLE_DH_USE", 0), ("OP_NO_TICKET", 0x4000), ("OP_LEGACY_SERVER_CONNECT", 4),
        ("OP_SINGLE_ECDH_USE", 0), ("OP_NO_COMPRESSION", 0x0002_0000), ("OP_ENABLE_MIDDLEBOX_COMPAT", 0x0010_0000),
        ("OP_NO_RENEGOTIATION", 0x4000_0000), ("OP_IGNORE_UNEXPECTED_EOF", 0x80), ("OP_ENABLE_KTLS", 8),
        ("HOSTFLAG_ALWAYS_CHECK_SUBJECT", 1), ("HOSTFLAG_NO_WILDCARDS", 2), ("HOSTFLAG_NO_PARTIAL_WILDCARDS", 4),
        ("HOSTFLAG_MULTI_LABEL_WILDCARDS", 8), ("HOSTFLAG_SINGLE_LABEL_SUBDOMAINS", 16), ("HOSTFLAG_NEVER_CHECK_SUBJECT", 32),
        ("ENCODING_PEM", 1), ("ENCODING_DER", 2),
        ("PROTO_MINIMUM_SUPPORTED", -2), ("PROTO_MAXIMUM_SUPPORTED", -1), ("PROTO_SSLv3", 0x300), ("PROTO_TLSv1", 0x301),
        ("PROTO_TLSv1_1", 0x302), ("PROTO_TLSv1_2", 0x303), ("PROTO_TLSv1_3", 0x304),
    ]

    private static let alerts: [(String, Int)] = [
        ("CLOSE_NOTIFY", 0), ("UNEXPECTED_MESSAGE", 10), ("BAD_RECORD_MAC", 20), ("RECORD_OVERFLOW", 22), ("DECOMPRESSION_FAILURE", 30),
        ("HANDSHAKE_FAILURE", 40), ("BAD_CERTIFICATE", 42), ("UNSUPPORTED_CERTIFICATE", 43), ("CERTIFICATE_REVOKED", 44),
        ("CERTIFICATE_EXPIRED", 45), ("CERTIFICATE_UNKNOWN", 46), ("ILLEGAL_PARAMETER", 47), ("UNKNOWN_CA", 48), ("ACCESS_DENIED", 49),
        ("DECODE_ERROR", 50), ("DECRYPT_ERROR", 51), ("PROTOCOL_VERSION", 70), ("INSUFFICIENT_SECURITY", 71), ("INTERNAL_ERROR", 80),
        ("USER_CANCELLED", 90), ("NO_RENEGOTIATION", 100), ("UNSUPPORTED_EXTENSION", 110), ("CERTIFICATE_UNOBTAINABLE", 111),
        ("UNRECOGNIZED_NAME", 112), ("BAD_CERTIFICATE_STATUS_RESPONSE", 113), ("BAD_CERTIFICATE_HASH_VALUE", 114),
        ("UNKNOWN_PSK_IDENTITY", 115),
    ]

    private static let abilities: [(String, Bool)] = [
        ("SNI", true), ("TLS_UNIQUE", true), ("ECDH", true), ("NPN", false), ("ALPN", true), ("SSLv2", false), ("SSLv3", false),
        ("TLSv1", true), ("TLSv1_1", true), ("TLSv1_2", true), ("TLSv1_3", true), ("PSK", true),
    ]
}
