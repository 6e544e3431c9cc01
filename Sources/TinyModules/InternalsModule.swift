// `_testinternalcapi`: what the tests of the language ask of the interpreter's own state. Each answer is Tiny's, measured on
// its own structures; what only CPython has (its optimiser, its instruction sequences) is not there.
import TinyCompiler
import TinyRuntime

enum InternalsModule {
    static let nativeModule = NativeModule("_testinternalcapi", doc: "The interpreter's own state, for tests.", functions: {
        [
            Native("get_config()", "How the interpreter was started.") { args throws(Raised) in Value(configuration()) },
            Native("get_configs()", "How the interpreter was started, in one more level.") { args throws(Raised) in
                let all = Dict.make()
                all.set(StrTables.intern("config"), Value(configuration()))
                return Value(all)
            },
            Native("get_recursion_depth()", "How many frames of the script lie on each other.") { args throws(Raised) in
                Value(currentThread().pointee.depth)
            },
            Native("suppress_immortalization(suppressed, /)", "Objects die when nobody can reach them, whatever is wanted here.") { args throws(Raised) in
                _ = try truth(args[0])
                return .none
            },
            Native("get_immortalize_deferred()", "Whether objects that many threads use are kept for ever: none are.") { _ in .false },
            Native("EncodeLocaleEx(text, current_locale=0, errors=None, /)", "Text in the encoding of the locale, which is UTF-8.") { args throws(Raised) in
                guard args[0].isKind(.str) else { throw typeError("EncodeLocaleEx() argument 1 must be str, not \(typeName(args[0]))") }
                let policy = try localePolicy(args[2])
                do throws(Raised) { return try Codecs.encode(args[0].object(Str.self), .utf8, policy) } catch { throw try localeError("encode") }
            },
            Native("DecodeLocaleEx(data, current_locale=0, errors=None, /)", "Text from the encoding of the locale, which is UTF-8.") { args throws(Raised) in
                let policy = try localePolicy(args[2])
                do throws(Raised) { return Value(try Codecs.decode(try BufferView(args[0]), .utf8, policy)) } catch { throw try localeError("decode") }
            },
            Native("normalize_path(path, /)", "A path without what can be left out.") { args throws(Raised) in
                try callValue(try getAttribute(try importModule("posixpath"), "normpath"), args[0])
            },
            Native("has_inline_values(obj, /)", "Whether an object keeps its attributes in slots rather than in a dict.") { args throws(Raised) in
                guard args[0].isKind(.instance) else { return .false }
                return Value(!args[0].object(Instance.self).shape.pointee.isDictionary)
            },
        ]
    })

    private static func localePolicy(_ errors: Value) throws(Raised) -> ErrorPolicy {
        let policy = ErrorPolicy(errors.isNone ? nil : try str(errors))
        switch policy {
        case .strict, .surrogateEscape, .surrogatePass: return policy
        case .ignore, .replace, .backslashReplace, .xmlReplace, .nameReplace, .registered: throw valueError("unsupported error handler")
        }
    }

    /// What the C library's conversion would say, of the UnicodeError that the thread has raised.
    private static func localeError(_ action: String) throws(Raised) -> Raised {
        let exception = currentThread().takeRaised()
        let start = try getAttribute(exception, StrTables.intern("start"), default: .none)
        let reason = try getAttribute(exception, StrTables.intern("reason"), default: .none)
        guard !start.isNone else { return raise(exception.object(ExceptionObject.self)) }
        return raise(.runtimeError, "\(action) error: pos=\(try str(start).string), reason=\(try str(reason).string)")
    }

    private static func configuration() -> DictRef {
        let options = Runtime.compileOptions
        let all = Dict.make()
        for (name, value) in [
            ("code_debug_ranges", Value(inline: 1)), ("optimization_level", Value(options.optimizationLevel)),
            ("int_max_str_digits", Value(SysModule.maximumDigits)),
        ] {
            all.set(StrTables.intern(name), value)
        }
        return all
    }
}
