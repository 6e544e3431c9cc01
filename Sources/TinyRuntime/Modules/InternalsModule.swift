// `_testinternalcapi`: what the tests of the language ask of the interpreter's own state. Each answer is Tiny's, measured on
// its own structures; what only CPython has (its optimiser, its instruction sequences) is not there.
import TinyCompiler

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
            Native("has_inline_values(obj, /)", "Whether an object keeps its attributes in slots rather than in a dict.") { args throws(Raised) in
                guard args[0].isKind(.instance) else { return .false }
                return Value(!args[0].object(Instance.self).shape.pointee.isDictionary)
            },
        ]
    })

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
