// `_warnings`: the filters of `warnings`, and what gives a warning.
//
// What a warning leads to is decided in the language (stdlib/_warning_rules.tr): it returns the exception that a filter makes of it, which is
// raised here, so that a traceback ends where the warning was given.
import TinyRuntime

enum WarningsModule {
    /// Counts how often the filters changed: what registries remember of an earlier state no longer counts.
    nonisolated(unsafe) private static var version = 1

    static let nativeModule = NativeModule("_warnings", doc: "Basic support for the warnings module: its filters, and what asks them.", functions: {
        [
            Native("warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=())", "Issue a warning, or maybe ignore it or raise an exception.") {
                a throws(Raised) in
                try conclude("warn", [a[0], a[1], Value(inline: try index(a[2])), a[3], a[4]])
            },
            Native(
                "warn_explicit(message, category, filename, lineno, module=?, registry=None, module_globals=None, source=None)",
                "Issue a warning, or maybe ignore it or raise an exception."
            ) { a throws(Raised) in
                try conclude("warn_explicit", [a[0], a[1], a[2], a[3], a.has(4) ? a[4] : .none, a[5], a[6], a[7]])
            },
            Native("_filters_mutated()", "The filters changed.") { _ in
                version += 1
                return .none
            },
            Native("_filters_version()", "How often the filters have changed.") { _ in Value(version) },
        ]
    }, prepare: { contents throws(Raised) in
        func filter(_ action: String, _ category: ExceptionName, _ module: Value = .none) -> Value {
            Value(Tuple.make(Value(Str.make(action)), .none, Value(category.cls), module, Value(inline: 0)))
        }
        let filters = List.make()
        filters.append(filter("default", .deprecationWarning, Value(Str.make("__main__"))))
        for category in [ExceptionName.deprecationWarning, .pendingDeprecationWarning, .importWarning, .resourceWarning] {
            filters.append(filter("ignore", category))
        }
        contents.set("filters", Value(filters))
        contents.set("_defaultaction", Value(Str.make("default")))
        contents.set("_onceregistry", Value(Dict.make()))
    })

    private static func conclude(_ name: String, _ arguments: [Value]) throws(Raised) -> Value {
        let list = List.make()
        for argument in arguments { list.append(argument) }
        let rule = try getAttribute(try importModule("_warning_rules"), StrTables.intern(name))
        let outcome = try callValue(rule, try makeTuple(Value(list)), Dict.make())
        guard outcome.isKind(.exception) else { return .none }
        throw raise(outcome.object(ExceptionObject.self))
    }
}
