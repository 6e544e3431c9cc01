// `_re`: what `re` (written in the language) is built on: patterns that are already in PCRE2's syntax.
import CPCRE2
import TinyRuntime

enum RegexModule {
    static let nativeModule = NativeModule(
        "_re", doc: "Regular expressions on PCRE2.", functions: { functions },
        prepare: { contents throws(Raised) in
            RegexPattern.cls = add(RegexPattern.nativeClass, contents, module: "re")
            RegexMatch.cls = add(RegexMatch.nativeClass, contents, module: "re")
            RegexScanner.scannerClass = add(RegexScanner.scanner, contents, module: "_sre")
            RegexScanner.iteratorClass = add(RegexScanner.iterator, contents, module: "builtins")
            contents.set("CASELESS", Int(PCRE2_CASELESS))
            contents.set("MULTILINE", Int(PCRE2_MULTILINE))
            contents.set("DOTALL", Int(PCRE2_DOTALL))
            contents.set("UCP", Int(PCRE2_UCP))
        })

    private static func add(_ table: NativeClass, _ contents: ModuleContents, module: String) -> ClassRef {
        let cls = ClassObject.makeNative(
            table.name.description, kind: table.kind, bases: [Runtime.objectClass], flags: table.flags, module: module,
            metaclass: nil)
        cls.fill(table)
        contents.set(table.name.description, Value(cls))
        return cls
    }

    private static let functions: [Native] = [
        Native(
            "compile(source, flags, text, options, groupindex, names, closings, marks, octets, /)",
            "A Pattern from a text in PCRE2's syntax. ValueError with PCRE2's message if there is something wrong with it."
        ) { args throws(Raised) in
            guard args[2].isKind(.str), args[4].isKind(.dict), args[5].isKind(.tuple), args[6].isKind(.tuple) else {
                throw typeError("compile() takes a str, a dict and two tuples")
            }
            let names = args[5].object(Tuple.self)
            let closings = args[6].object(Tuple.self)
            guard names.count == closings.count + 1 else { throw valueError("a name for each group is required") }
            var order: [Int] = []
            for place in 0 ..< closings.count { order.append(try index(closings.items[place])) }
            let isText = args[0].isKind(.str)
            guard let options = UInt32(exactly: try index(args[3])) else { throw valueError("options out of range") }
            let code = PatternCode(
                Array(args[2].object(Str.self).buffer), options: options, isText: isText, octetText: args[8].isKind(.str) ? Array(args[8].object(Str.self).buffer) : nil,
                groups: closings.count)
            try code.check()
            return BoxedObject.make(
                RegexPattern(
                    source: args[0], flags: try index(args[1]), code: code, isText: isText,
                    groupIndex: args[4].object(Dict.self), groupNames: names, closingOrder: order,
                    hasMarks: try truth(args[7])), RegexPattern.cls)
        }
    ]
}
