// `_locale`: the C library's locales.
import CTiny
import Glibc
import TinyRuntime

enum LocaleModule {
    static let nativeModule = NativeModule(
        "_locale", doc: "Support for POSIX locales.", functions: { functions },
        prepare: { contents throws(Raised) in
            error = contents.addException("Error")
            for (name, value) in [
                ("LC_CTYPE", LC_CTYPE), ("LC_NUMERIC", LC_NUMERIC), ("LC_TIME", LC_TIME), ("LC_COLLATE", LC_COLLATE),
                ("LC_MONETARY", LC_MONETARY), ("LC_MESSAGES", LC_MESSAGES), ("LC_ALL", LC_ALL), ("CHAR_MAX", 127),
            ] { contents.set(name, Int(value)) }
            for (name, value) in items { contents.set(name, Int(value)) }
            adoptCharacters()
        })

    /// What python3 does when it starts (PEP 538), here before anybody can ask: the environment's locale goes for characters, in UTF-8
    /// where that would be the plain C locale.
    private static func adoptCharacters() {
        guard let name = setlocale(LC_CTYPE, ""), ["C", "POSIX"].contains(String(cString: name)) else { return }
        if getenv("LC_ALL").map({ $0.pointee == 0 }) ?? true { setlocale(LC_CTYPE, "C.UTF-8") }
    }

    nonisolated(unsafe) private static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func fail(_ message: String) -> Raised {
        raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(message)))))
    }

    /// The constants of langinfo.h.
    private static let items: [(String, Int)] = [
        ("CODESET", 14), ("RADIXCHAR", 0x10000), ("THOUSEP", 0x10001), ("YESEXPR", 0x50000), ("NOEXPR", 0x50001),
        ("CRNCYSTR", 0x4000F), ("D_T_FMT", 0x20028), ("D_FMT", 0x20029), ("T_FMT", 0x2002A), ("T_FMT_AMPM", 0x2002B),
        ("AM_STR", 0x20026), ("PM_STR", 0x20027), ("ERA", 0x2002C), ("ERA_D_FMT", 0x2002E), ("ALT_DIGITS", 0x2002F),
        ("ERA_D_T_FMT", 0x20030), ("ERA_T_FMT", 0x20031),
    ] + (0 ..< 7).map { ("ABDAY_\($0 + 1)", 0x20000 + $0) } + (0 ..< 7).map { ("DAY_\($0 + 1)", 0x20007 + $0) }
        + (0 ..< 12).map { ("ABMON_\($0 + 1)", 0x2000E + $0) } + (0 ..< 12).map { ("MON_\($0 + 1)", 0x2001A + $0) }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> Value {
        guard let pointer else { return Value(Str.make("")) }
        return Value(Str.make(String(cString: pointer)))
    }

    /// What gettext(3) and its like return, which is the message itself where there is no translation: it must live until it is read.
    private static func translation(of message: String, _ look: (UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?) -> Value {
        message.withCString { text(look($0)) }
    }

    private static func grouping(_ pointer: UnsafePointer<CChar>?) -> Value {
        let list = List.make()
        guard var pointer, pointer.pointee != 0 else { return Value(list) }
        while pointer.pointee != 0, pointer.pointee != 127 {
            list.append(Value(Int(pointer.pointee)))
            pointer += 1
        }
        list.append(Value(Int(pointer.pointee)))
        return Value(list)
    }

    private static func string(_ value: Value, _ what: String) throws(Raised) -> String {
        guard value.isKind(.str) else { throw typeError("\(what) must be str, not \(typeName(value))") }
        for byte in value.object(Str.self).buffer where byte == 0 { throw valueError("embedded null character") }
        return value.object(Str.self).string
    }

    private static let functions: [Native] = [
        Native("setlocale(category, locale=None, /)", "Activates/queries locale processing.") { args throws(Raised) in
            guard let category = Int32(exactly: try index(args[0])), 0 ... 12 ~= category else { throw fail("invalid locale category") }
            if args[1].isNone {
                guard let current = setlocale(category, nil) else { throw fail("locale query failed") }
                return text(current)
            }
            guard let set = setlocale(category, try string(args[1], "setlocale() argument 2")) else { throw fail("unsupported locale setting") }
            return text(set)
        },
        Native("localeconv()", "Returns numeric and monetary locale-specific parameters.") { _ throws(Raised) in
            let dict = Dict.make()
            guard let known = localeconv() else { return Value(dict) }
            let convention = known.pointee
            for (name, value) in [
                ("decimal_point", text(convention.decimal_point)), ("thousands_sep", text(convention.thousands_sep)),
                ("grouping", grouping(convention.grouping)), ("int_curr_symbol", text(convention.int_curr_symbol)),
                ("currency_symbol", text(convention.currency_symbol)), ("mon_decimal_point", text(convention.mon_decimal_point)),
                ("mon_thousands_sep", text(convention.mon_thousands_sep)), ("mon_grouping", grouping(convention.mon_grouping)),
                ("positive_sign", text(convention.positive_sign)), ("negative_sign", text(convention.negative_sign)),
                ("int_frac_digits", Value(Int(convention.int_frac_digits))), ("frac_digits", Value(Int(convention.frac_digits))),
                ("p_cs_precedes", Value(Int(convention.p_cs_precedes))), ("p_sep_by_space", Value(Int(convention.p_sep_by_space))),
                ("n_cs_precedes", Value(Int(convention.n_cs_precedes))), ("n_sep_by_space", Value(Int(convention.n_sep_by_space))),
                ("p_sign_posn", Value(Int(convention.p_sign_posn))), ("n_sign_posn", Value(Int(convention.n_sign_posn))),
            ] { dict.set(StrTables.intern(name), value) }
            return Value(dict)
        },
        Native("strcoll(os1, os2, /)", "Compares two strings according to the locale.") { args throws(Raised) in
            Value(Int(strcoll(try string(args[0], "strcoll() argument 1"), try string(args[1], "strcoll() argument 2"))))
        },
        Native("strxfrm(string, /)", "Return a string that can be used as a key for locale-aware comparisons.") { args throws(Raised) in
            let source = try string(args[0], "strxfrm() argument")
            let size = strxfrm(nil, source, 0)
            var result = [CChar](repeating: 0, count: size + 1)
            strxfrm(&result, source, size + 1)
            return Value(Str.make(String(decoding: result[0 ..< size].map { UInt8(bitPattern: $0) }, as: UTF8.self)))
        },
        Native("nl_langinfo(key, /)", "Return the value for the locale information associated with key.") { args throws(Raised) in
            let key = try index(args[0])
            guard items.contains(where: { $0.1 == key }) else { throw valueError("unsupported langinfo constant") }
            return text(nl_langinfo(nl_item(key)))
        },
        Native("gettext(msg, /)", "gettext(msg) -> string\nReturn translation of msg.") { args throws(Raised) in
            translation(of: try string(args[0], "gettext() argument")) { gettext($0) }
        },
        Native("dgettext(domain, msg, /)", "dgettext(domain, msg) -> string\nReturn translation of msg in domain.") { args throws(Raised) in
            let message = try string(args[1], "dgettext() argument 2")
            if args[0].isNone { return translation(of: message) { dgettext(nil, $0) } }
            let domain = try string(args[0], "dgettext() argument 1")
            return translation(of: message) { dgettext(domain, $0) }
        },
        Native("dcgettext(domain, msg, category, /)", "Return translation of msg in domain and category.") { args throws(Raised) in
            let message = try string(args[1], "dcgettext() argument 2")
            let category = Int32(truncatingIfNeeded: try index(args[2]))
            if args[0].isNone { return translation(of: message) { dcgettext(nil, $0, category) } }
            let domain = try string(args[0], "dcgettext() argument 1")
            return translation(of: message) { dcgettext(domain, $0, category) }
        },
        Native("textdomain(domain, /)", "Set the C library's textdmain to domain, returning the new domain.") { args throws(Raised) in
            if args[0].isNone { return text(textdomain(nil)) }
            guard let domain = textdomain(try string(args[0], "textdomain() argument")) else { throw osError(errno) }
            return text(domain)
        },
        Native("bindtextdomain(domain, dir, /)", "Bind the C library's domain to dir.") { args throws(Raised) in
            let domain = try string(args[0], "bindtextdomain() argument 1")
            guard !domain.isEmpty else { throw fail("domain must be a non-empty string") }
            let directory: UnsafeMutablePointer<CChar>? = args[1].isNone
                ? bindtextdomain(domain, nil) : bindtextdomain(domain, try string(args[1], "bindtextdomain() argument 2"))
            guard let directory else { throw osError(errno) }
            return text(directory)
        },
        Native("bind_textdomain_codeset(domain, codeset, /)", "Bind the C library's domain to codeset.") { args throws(Raised) in
            let domain = try string(args[0], "bind_textdomain_codeset() argument 1")
            if args[1].isNone { return bind_textdomain_codeset(domain, nil).map { text($0) } ?? .none }
            let codeset = try string(args[1], "bind_textdomain_codeset() argument 2")
            return bind_textdomain_codeset(domain, codeset).map { text($0) } ?? .none
        },
        Native("getencoding()", "Get the current locale encoding.") { _ in Value(Str.make("utf-8")) },
    ]
}
