// Certificates as dicts, the way `getpeercert()` gives them.
import CCrypto
import Glibc
import TinyRuntime

enum Certificate {
    /// subject, issuer, version, serialNumber, notBefore, notAfter, subjectAltName.
    static func fields(_ certificate: OpaquePointer) throws(Raised) -> Value {
        let result = Dict.make()
        result.set(StrTables.intern("subject"), names(X509_get_subject_name(certificate)))
        result.set(StrTables.intern("issuer"), names(X509_get_issuer_name(certificate)))
        result.set(StrTables.intern("version"), Value(Int(X509_get_version(certificate)) + 1))
        result.set(StrTables.intern("serialNumber"), Value(Str.make(serial(certificate))))
        result.set(StrTables.intern("notBefore"), Value(Str.make(printed { ASN1_TIME_print($0, X509_get0_notBefore(certificate)) })))
        result.set(StrTables.intern("notAfter"), Value(Str.make(printed { ASN1_TIME_print($0, X509_get0_notAfter(certificate)) })))
        if let alternatives = alternativeNames(certificate) { result.set(StrTables.intern("subjectAltName"), alternatives) }
        let lists: [(String, Int32, String)] = [
            ("OCSP", NID_info_access, "OCSP - URI:"), ("caIssuers", NID_info_access, "CA Issuers - URI:"),
            ("crlDistributionPoints", NID_crl_distribution_points, "URI:"),
        ]
        for (key, kind, start) in lists {
            if let found = addresses(certificate, kind, start) { result.set(StrTables.intern(key), found) }
        }
        return Value(result)
    }

    /// The addresses that an extension tells behind `start`, as OpenSSL prints it; nil if there are none.
    private static func addresses(_ certificate: OpaquePointer, _ number: Int32, _ start: String) -> Value? {
        let index = X509_get_ext_by_NID(certificate, number, -1)
        guard index >= 0, let found = X509_get_ext(certificate, index) else { return nil }
        let rows = List.make()
        for line in printed({ X509V3_EXT_print($0, found, 0, 0) }).split(separator: "\n") {
            let text = line.drop { $0 == " " }
            if text.hasPrefix(start) { rows.append(Value(Str.make(String(text.dropFirst(start.count))))) }
        }
        return rows.count > 0 ? tuple(rows) : nil
    }

    /// The octets in DER.
    static func encoded(_ certificate: OpaquePointer) -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &start)
        guard count > 0, let start else { return [] }
        defer { CRYPTO_free(start, nil, 0) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    /// What OpenSSL prints into a buffer.
    private static func printed(_ print: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        _ = print(bio)
        var start: UnsafeMutablePointer<CChar>?
        let count = tiny_bio_memory(bio, &start)
        guard count > 0, let start else { return "" }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private static func serial(_ certificate: OpaquePointer) -> String {
        printed { i2a_ASN1_INTEGER($0, X509_get0_serialNumber(certificate)) }
    }

    /// ((("commonName", "x"),), …): a tuple for each relative name.
    private static func names(_ name: OpaquePointer?) -> Value {
        let rows = List.make()
        for index in 0 ..< X509_NAME_entry_count(name) {
            guard let entry = X509_NAME_get_entry(name, index) else { continue }
            let object = X509_NAME_ENTRY_get_object(entry)
            let number = OBJ_obj2nid(object)
            let shown = number == NID_undef ? dotted(object) : OBJ_nid2ln(number).map { String(cString: $0) } ?? dotted(object)
            let data = X509_NAME_ENTRY_get_data(entry)
            let pair = Tuple.make(Value(Str.make(shown)), Value(Str.make(asn1Text(data))))
            rows.append(Value(Tuple.make(Value(pair))))
        }
        return tuple(rows)
    }

    /// An object's number with dots.
    static func dotted(_ object: OpaquePointer?) -> String {
        var text = [CChar](repeating: 0, count: 256)
        OBJ_obj2txt(&text, 256, object, 1)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The subject in one line, as RFC 2253 has it.
    static func subject(_ certificate: OpaquePointer) -> String {
        printed { X509_NAME_print_ex($0, X509_get_subject_name(certificate), 0, 0x111_0317 & ~4) }
    }

    private static func asn1Text(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> String {
        guard let string else { return "" }
        var start: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&start, string)
        guard count >= 0, let start else { return "" }
        defer { CRYPTO_free(start, nil, 0) }
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    private static func tuple(_ list: ListRef) -> Value {
        let tuple = Tuple.allocate(list.count)
        for index in 0 ..< list.count { tuple.items[index] = list.items[index] }
        return Value(tuple)
    }

    /// (("DNS", "example.org"), ("IP Address", "127.0.0.1"), …), or nil.
    private static func alternativeNames(_ certificate: OpaquePointer) -> Value? {
        guard let raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return nil }
        let names = OpaquePointer(raw)
        defer { tiny_names_free(names) }
        let rows = List.make()
        for index in 0 ..< tiny_names_count(names) {
            guard let name = tiny_name_at(names, index) else { continue }
            let (kind, value) = alternative(name)
            rows.append(Value(Tuple.make(Value(Str.make(kind)), value)))
        }
        return tuple(rows)
    }

    /// (kind, value) of an alternative name.
    private static func alternative(_ name: UnsafeMutablePointer<GENERAL_NAME>) -> (String, Value) {
        func octets() -> UnsafeBufferPointer<UInt8> {
            let string = tiny_name_text(name)
            return UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(max(0, ASN1_STRING_length(string))))
        }
        func text() -> Value { Value(Str.make(String(decoding: octets(), as: UTF8.self))) }
        switch tiny_name_kind(name) {
        case GEN_EMAIL: return ("email", text())
        case GEN_DNS: return ("DNS", text())
        case GEN_URI: return ("URI", text())
        case GEN_DIRNAME: return ("DirName", names(tiny_name_directory(name)))
        case GEN_RID: return ("Registered ID", Value(Str.make(dotted(tiny_name_registered(name)))))
        case GEN_IPADD:
            let address = octets()
            let shown = switch address.count {
            case 4: address.map { String($0) }.joined(separator: ".")
            case 16:
                (0 ..< 8).map { String(Int(address[2 * $0]) << 8 | Int(address[2 * $0 + 1]), radix: 16, uppercase: true) }.joined(separator: ":")
            default: "<invalid>"
            }
            return ("IP Address", Value(Str.make(shown)))
        default:
            let line = printed { GENERAL_NAME_print($0, name) }
            guard let colon = line.firstIndex(of: ":") else { return (line, Value(Str.make(""))) }
            return (String(line[..<colon]), Value(Str.make(String(line[line.index(after: colon)...]))))
        }
    }
}
