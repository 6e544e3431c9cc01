// `_ssl.Certificate`: one certificate of a chain. It keeps the octets in DER, by which certificates are compared.
import CCrypto
import TinyRuntime

final class CertificateObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let octets: [UInt8]

    init(_ octets: [UInt8]) { self.octets = octets }

    static func make(_ certificate: OpaquePointer) -> Value { BoxedObject.make(CertificateObject(Certificate.encoded(certificate)), cls) }

    private static func own(_ value: Value) throws(Raised) -> CertificateObject {
        guard let own = value.boxed(CertificateObject.self) else { throw typeError("a Certificate is required") }
        return own
    }

    private func decoded() throws(Raised) -> OpaquePointer {
        let certificate = octets.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_X509(nil, &start, buffer.count)
        }
        guard let certificate else { throw valueError("not a certificate") }
        return certificate
    }

    static let nativeClass = NativeClass("Certificate", kind: .box, doc: "A certificate of a chain.", methods: [
        Native("public_bytes(self, /, format=1)", "The certificate in PEM (1) or DER (2).") { args throws(Raised) in
            let octets = try own(args[0]).octets
            switch try index(args[1]) {
            case 2: return BytesObject.make(octets)
            case 1:
                let encode = try getAttribute(try importModule("ssl"), "DER_cert_to_PEM_cert")
                return try callValue(encode, BytesObject.make(octets))
            default: throw valueError("Unsupported format")
            }
        },
        Native("get_info(self, /)", "What the certificate tells, as getpeercert() has it.") { args throws(Raised) in
            let certificate = try own(args[0]).decoded()
            defer { X509_free(certificate) }
            return try Certificate.fields(certificate)
        },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            let certificate = try own(args[0]).decoded()
            defer { X509_free(certificate) }
            return Value(Str.make("<\(qualifiedClassName(args[0].cls)) '\(Certificate.subject(certificate))'>"))
        },
        Native("__eq__(self, other, /)", "") { args throws(Raised) in
            guard let other = args[1].boxed(CertificateObject.self) else { return .notImplemented }
            return Value(try own(args[0]).octets == other.octets)
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in
            var hash = 0
            for octet in try own(args[0]).octets { hash = (hash &* 31 &+ Int(octet)) & 0xFFFF_FFFF_FFFF }
            return Value(hash)
        },
    ])
}
