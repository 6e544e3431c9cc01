// re.Pattern: what the script sees.
import TinyRuntime

extension RegexPattern {
    static let nativeClass = NativeClass(
        "Pattern", kind: .box, doc: "Compiled regular expression object.", flags: [.isWeakReferenceable],
        methods: matching + replacing + general,
        attributes: [
            Accessors("pattern", "The pattern string from which the RE object was compiled.") { object throws(Raised) in try of(object).source },
            Accessors("flags", "The regex matching flags.") { object throws(Raised) in Value(try of(object).flags) },
            Accessors("groups", "The number of capturing groups in the pattern.") { object throws(Raised) in Value(try of(object).code.groups) },
            Accessors("groupindex", "A dictionary mapping group names to group numbers.") { object throws(Raised) in
                MappingProxy.make(Value(try of(object).groupIndex))
            },
        ])

    private static let matching: [Native] = [
        Native("match(self, /, string, pos=0, endpos=9223372036854775807)", "Matches zero or more characters at the beginning of the string.", .method) { args throws(Raised) in
            try of(args[0]).findObject(.match, args)
        },
        Native("fullmatch(self, /, string, pos=0, endpos=9223372036854775807)", "Matches against all of the string.", .method) { args throws(Raised) in
            try of(args[0]).findObject(.fullmatch, args)
        },
        Native("search(self, /, string, pos=0, endpos=9223372036854775807)", "Scan through string looking for a match, and return a corresponding match object instance.", .method) { args throws(Raised) in
            try of(args[0]).findObject(.search, args)
        },
        Native("findall(self, /, string, pos=0, endpos=9223372036854775807)", "Return a list of all non-overlapping matches of pattern in string.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(try own.findAll(try own.subject(args[1], args[2], args[3])))
        },
        Native("finditer(self, /, string, pos=0, endpos=9223372036854775807)", "Return an iterator over all non-overlapping matches for the RE pattern in string.", .method) { args throws(Raised) in
            BoxedObject.make(try RegexScanner(args[0], args[1], args[2], args[3]), RegexScanner.iteratorClass)
        },
        Native("scanner(self, /, string, pos=0, endpos=9223372036854775807)", "", .method) { args throws(Raised) in
            BoxedObject.make(try RegexScanner(args[0], args[1], args[2], args[3]), RegexScanner.scannerClass)
        },
        Native("split(self, /, string, maxsplit=0)", "Split string by the occurrences of pattern.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(try own.split(try own.subject(args[1]), limit: try index(args[2])))
        },
    ]

    private static let replacing: [Native] = [
        Native("sub(self, /, repl, string, count=0)", "Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by replacement repl.", .method) { args throws(Raised) in
            try RegexSubstitution.run(args[0], args[1], args[2], limit: try index(args[3])).text
        },
        Native("subn(self, /, repl, string, count=0)", "Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.", .method) { args throws(Raised) in
            let (text, count) = try RegexSubstitution.run(args[0], args[1], args[2], limit: try index(args[3]))
            return Value(Tuple.make(text, Value(count)))
        },
    ]

    private static let general: [Native] = [
        Native("__copy__(self, /)", "", .method) { args in args[0] },
        Native("__deepcopy__(self, memo, /)", "", .method) { args in args[0] },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try of(args[0])
            return Value(Str.make(try own.shown()))
        },
        Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
            let own = try of(args[0])
            return Value(inline: (try hash(own.source) ^ own.flags &* 0x9E37) >> 14)
        },
        classGetItem,
    ] + comparisonRows { operatorIndex, a, b throws(Raised) in
        guard operatorIndex == 2 || operatorIndex == 3, let x = a.boxed(RegexPattern.self), let y = b.boxed(RegexPattern.self)
        else { return .notImplemented }
        let sameSources = try equal(x.source, y.source)
        let isEqual = sameSources && x.flags == y.flags && x.isText == y.isText
        return Value(isEqual == (operatorIndex == 2))
    }

    private static let flagNames: [(Int, String)] = [
        (2, "re.IGNORECASE"), (4, "re.LOCALE"), (8, "re.MULTILINE"), (16, "re.DOTALL"), (64, "re.VERBOSE"),
        (128, "re.DEBUG"), (256, "re.ASCII"),
    ]

    private func shown() throws(Raised) -> String {
        var rest = flags
        // Unicode is what text patterns have anyway.
        if isText, rest & (4 | 32 | 256) == 32 { rest &= ~32 }
        var names: [String] = []
        for (flag, name) in Self.flagNames where rest & flag != 0 {
            names.append(name)
            rest &= ~flag
        }
        if rest & 32 != 0 { names.append("re.UNICODE") }
        rest &= ~32
        if rest != 0 { names.append("0x" + String(rest, radix: 16)) }
        let text = String(try repr(source).string.unicodeScalars.prefix(200).map { Character($0) })
        return "re.compile(\(text)\(names.isEmpty ? "" : ", ")\(names.joined(separator: "|")))"
    }
}
