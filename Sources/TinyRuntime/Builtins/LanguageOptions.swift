// What the options of `python3` set, which `tinyrun` understands too: `-I`, `-X`, `-W` and their like. They change `sys.flags`,
// `sys.warnoptions` and `sys._xoptions`; programs that start `sys.executable` pass them.
import CTiny
import Glibc

/// How often each of the letters a to z and A to Z was given. (No dictionary: finding its type is a good part of start-up.)
public struct LetterCounts: Sendable {
    private var counts = [UInt8](repeating: 0, count: 128)
    /// Whether no letter was given at all.
    public private(set) var isEmpty = true

    /// Letters that are no ASCII were never given.
    public subscript(letter: Unicode.Scalar) -> Int { letter.isASCII ? Int(counts[Int(letter.value)]) : 0 }

    /// Counts one more; a letter (ASCII) is counted up to 255 times.
    public mutating func add(_ letter: UInt8) {
        guard letter < 128, counts[Int(letter)] < .max else { return }
        counts[Int(letter)] += 1
        isEmpty = false
    }
}

/// The options that `python3` has too, as they were given.
public struct LanguageOptions: Sendable {
    /// How often each letter was given.
    public var counts = LetterCounts()
    /// `-X name[=value]`
    public var extended: [String] = []
    /// `-W filter`
    public var warnings: [String] = []

    /// Those of a command line without options.
    public init() {}

    private static let flags: [(letter: Unicode.Scalar, field: Int)] = [
        ("d", 0), ("i", 1), ("i", 2), ("O", 3), ("B", 4), ("s", 5), ("S", 6), ("E", 7), ("v", 8), ("b", 9), ("q", 10), ("I", 12), ("P", 16),
    ]

    /// `-I`: nothing of the environment, no folder of the script.
    private var isIsolated: Bool { counts["I"] > 0 }
    /// The folder of the script is not searched for modules.
    public var hasSafePath: Bool { isIsolated || counts["P"] > 0 || variable("SAFEPATH") != nil }
    /// `-S`: `site` is not imported, nor are packages of a virtual environment found.
    public var leavesOutSite: Bool { counts["S"] > 0 }
    /// `-i`
    public var isInteractive: Bool { counts["i"] > 0 }
    /// `-q`: the prompt comes without a greeting.
    public var isQuiet: Bool { counts["q"] > 0 }
    /// The prompt comes when the script has ended, whatever it did.
    public var inspects: Bool { isInteractive || variable("INSPECT") != nil }
    /// `-X dev`
    private var isDevelopment: Bool { extended.contains("dev") || variable("DEVMODE") != nil }

    /// Whether the environment holds any variable for us. Most often it holds none, and start-up needs not ask for each by name.
    private static let hasVariables: Bool = {
        guard var entry = tiny_environ() else { return false }
        while let text = entry.pointee {
            if strncmp(text, "TINY", 4) == 0 || strncmp(text, "PYTHON", 6) == 0 { return true }
            entry += 1
        }
        return false
    }()

    private var heedsVariables: Bool { LanguageOptions.hasVariables && !isIsolated && counts["E"] == 0 }

    /// `TINY<name>` or, as programs for python3 set it, `PYTHON<name>` of the environment, if one is not empty; nil with `-E` or `-I`.
    public func variable(_ name: String) -> String? {
        guard heedsVariables else { return nil }
        for prefix in ["TINY", "PYTHON"] {
            if let text = getenv(prefix + name), text.pointee != 0 { return String(cString: text) }
        }
        return nil
    }

    /// Folders of the environment's for `sys.path`: those of TINYPATH, then those of PYTHONPATH, which programs set for what they start.
    public var searchPath: String? {
        guard heedsVariables else { return nil }
        var parts: [String] = []
        for name in ["TINYPATH", "PYTHONPATH"] {
            if let text = getenv(name), text.pointee != 0 { parts.append(String(cString: text)) }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ":")
    }

    /// What `-X name=value` says; "" without a value.
    private func option(_ name: String) -> String? {
        for option in extended.reversed() {
            let parts = option.split(separator: "=", maxSplits: 1).map { String($0) }
            if parts.first == name { return parts.count > 1 ? parts[1] : "" }
        }
        return nil
    }

    /// What makes no sense in the options and variables; looked at before the runtime starts.
    public var problem: String? {
        if let text = variable("HASHSEED"), text != "random", UInt32(text) == nil {
            return "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]"
        }
        if option("gil") == "0" || option("gil") == nil && variable("_GIL") == "0" {
            return "Disabling the GIL is not supported by this build"
        }
        if let text = option("int_max_str_digits"), !LanguageOptions.isDigitLimit(text) {
            return "-X int_max_str_digits: invalid limit; must be >= 640 or 0 for unlimited."
        }
        if option("int_max_str_digits") == nil, let text = variable("INTMAXSTRDIGITS"), !LanguageOptions.isDigitLimit(text) {
            return "PYTHONINTMAXSTRDIGITS: invalid limit; must be >= 640 or 0 for unlimited."
        }
        if let text = option("tracemalloc"), !text.isEmpty, !(0 ... 65535 ~= (Int(text) ?? -1)) {
            return "-X tracemalloc=NFRAME: invalid number of frames"
        }
        if let text = option("utf8"), !["", "0", "1"].contains(text) { return "invalid -X utf8 option value" }
        if option("utf8") == nil, let text = variable("UTF8"), !["0", "1"].contains(text) {
            return "invalid PYTHONUTF8 environment variable value"
        }
        if let text = variable("TRACEMALLOC"), !(0 ... 65535 ~= (Int(text) ?? -1)) { return "PYTHONTRACEMALLOC: invalid number of frames" }
        return nil
    }

    private static func isDigitLimit(_ text: String) -> Bool {
        guard let limit = Int(text) else { return false }
        return limit == 0 || limit >= 640
    }

    /// The seed of the hashes of strings; nil: a random one.
    public var hashSeed: UInt64? {
        let seed = variable("HASHSEED").flatMap { UInt64($0) }
        // -R: random all the same, where the variable only says that it should not be.
        return seed == 0 && counts["R"] > 0 ? nil : seed
    }

    /// After the runtime has started.
    public func apply() {
        let contents = Runtime.sysModule.pointee.namespace
        let optimization = max(counts["O"], level("OPTIMIZE"))
        let flags = contents.get(StrTables.intern("flags"))
        if flags.isKind(.tuple) { setFlags(flags.object(Tuple.self), optimization) }
        if !leavesOutSite { SiteBuiltin.install() }
        if leavesOutSite || isIsolated { _ = contents.remove(StrTables.intern("__interactivehook__")) }
        if optimization > 0 {
            Runtime.compileOptions.optimizationLevel = optimization
            Runtime.builtins.set(StrTables.intern("__debug__"), .false)
        }
        if counts["B"] > 0 || variable("DONTWRITEBYTECODE") != nil {
            contents.set(StrTables.intern("dont_write_bytecode"), .true)
            if flags.isKind(.tuple) { flags.object(Tuple.self).items[4] = Value(1) }
        }
        if let prefix = option("pycache_prefix") ?? variable("PYCACHEPREFIX"), !prefix.isEmpty {
            contents.set(StrTables.intern("pycache_prefix"), Value(Str.make(prefix)))
        }
        let known = contents.get(StrTables.intern("_xoptions"))
        for option in extended where known.isKind(.dict) {
            let parts = option.split(separator: "=", maxSplits: 1).map { String($0) }
            guard let name = parts.first else { continue }
            known.object(Dict.self).set(StrTables.intern(name), parts.count > 1 ? Value(Str.make(parts[1])) : .true)
        }
        let filters = contents.get(StrTables.intern("warnoptions"))
        if filters.isKind(.list) {
            for filter in allWarnings { filters.object(List.self).append(Value(Str.make(filter))) }
            // It says at once which of them make no sense.
            if !allWarnings.isEmpty {
                do throws(Raised) { _ = try importModule("warnings") } catch { _ = currentThread().takeRaised() }
            }
        }
        if let limit = (option("int_max_str_digits") ?? variable("INTMAXSTRDIGITS")).flatMap({ Int($0) }) {
            SysModule.maximumDigits = limit
        }
        if let names = variable("IOENCODING") {
            let parts = names.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            let errors = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
            setStreamEncoding(parts[0].isEmpty ? .absent : Value(codecName(parts[0])), errors, contents)
        } else if usesUTF8Mode || isPlainLocale {
            setStreamEncoding(.absent, nil, contents)
        }
        if counts["u"] > 0 || variable("UNBUFFERED") != nil { makeUnbuffered(contents) }
        Runtime.isDevelopment = isDevelopment
        Runtime.warnsOfDefaultEncoding = option("warn_default_encoding") != nil || variable("WARNDEFAULTENCODING") != nil
        Runtime.hasColumns = option("no_debug_ranges") == nil && variable("NODEBUGRANGES") == nil
        Runtime.processorCount = (option("cpu_count") ?? variable("_CPU_COUNT")).flatMap { Int($0) }
        if extended.contains("faulthandler") || variable("FAULTHANDLER") != nil || isDevelopment { enableFaultHandler() }
        if let frames = option("tracemalloc") ?? variable("TRACEMALLOC"), frames != "0" { TraceMallocModule.begin(limit: Int(frames) ?? 1) }
        if let period = option("gcstress") {
            heap.stress = Int(period) ?? 1
            requestBreak(.collect)
        }
    }

    /// UTF-8 is what there is; this says whether the locale would have had a say under python3.
    private var usesUTF8Mode: Bool {
        if let text = option("utf8") { return text != "0" }
        if let text = variable("UTF8") { return text != "0" }
        return isLocale("C") || isLocale("POSIX")
    }

    /// Whether the locale of characters, as the environment names it, has a name, or none at all.
    private func isLocale(_ name: String) -> Bool {
        for variable in ["LC_ALL", "LC_CTYPE", "LANG"] {
            if let value = getenv(variable), value.pointee != 0 { return strcmp(value, name) == 0 }
        }
        return true
    }

    /// Whether the locale is one that stands for none, so that octets of any encoding may come through the standard streams.
    private var isPlainLocale: Bool {
        isLocale("C") || isLocale("POSIX") || isLocale("C.UTF-8") || isLocale("C.utf8") || isLocale("UTF-8")
    }

    /// A variable that holds a number, or anything for 1.
    private func level(_ name: String) -> Int {
        guard let text = variable(name) else { return 0 }
        return Int(text).map { max($0, 0) } ?? 1
    }

    private func setFlags(_ flags: TupleRef, _ optimization: Int) {
        func set(_ field: Int, _ value: Value) { if field < flags.count { flags.items[field] = value } }
        if !counts.isEmpty {
            for (letter, field) in LanguageOptions.flags where counts[letter] > 0 {
                set(field, field == 16 ? .true : Value(counts[letter]))
            }
        }
        for (name, field, letter) in [("DEBUG", 0, "d"), ("INSPECT", 1, "i"), ("VERBOSE", 8, "v"), ("NOUSERSITE", 5, "s")] as [(String, Int, Unicode.Scalar)]
        where variable(name) != nil {
            set(field, Value(max(counts[letter], field == 5 ? 1 : field == 0 ? min(level(name), 1) : level(name))))
        }
        set(3, Value(optimization))
        if isIsolated {
            set(5, Value(1))
            set(7, Value(1))
        }
        if hasSafePath { set(16, .true) }
        if let seed = hashSeed { set(11, Value(seed == 0 ? 0 : 1)) }
        if isDevelopment { set(13, .true) }
        set(14, Value(usesUTF8Mode ? 1 : 0))
        if option("warn_default_encoding") != nil || variable("WARNDEFAULTENCODING") != nil { set(15, Value(1)) }
        if let limit = (option("int_max_str_digits") ?? variable("INTMAXSTRDIGITS")).flatMap({ Int($0) }) { set(17, Value(limit)) }
    }

    /// The filters of warnings, those that count more behind the others.
    private var allWarnings: [String] {
        var filters = isDevelopment ? ["default"] : []
        if let text = variable("WARNINGS") { filters += text.split(separator: ",").map { String($0) } }
        filters += warnings
        if counts["b"] > 0 { filters.append(counts["b"] > 1 ? "error::BytesWarning" : "default::BytesWarning") }
        return filters
    }

    /// The encoding of the standard streams (absent: it stays) and what they do about errors; what can't be shown on stderr is
    /// always escaped.
    private func setStreamEncoding(_ encoding: Value, _ errors: String?, _ contents: DictRef) {
        let usual = encoding.isAbsent && (usesUTF8Mode || isPlainLocale) ? "surrogateescape" : "strict"
        for name in [Names.stdin, Names.stdout, Names.stderr] {
            guard let stream = contents.get(name).boxed(TextStream.self) else { continue }
            let errors = name == Names.stderr ? "backslashreplace" : errors ?? usual
            do throws(Raised) {
                try stream.setEncoding(encoding.isAbsent ? stream.encoding : encoding, Value(StrTables.intern(errors)), stream.newline)
                try stream.startEncoding()
            } catch { _ = currentThread().takeRaised() }
        }
    }

    /// What the codec itself calls an encoding; the name that was given where there is none.
    private func codecName(_ name: String) -> StrRef {
        let given = Str.make(name)
        // The usual one needs no look into the library.
        if ["utf-8", "utf8"].contains(name.lowercased()) { return StrTables.intern("utf-8") }
        do throws(Raised) {
            let own = try getAttribute(try CodecRegistry.lookup(given), StrTables.intern("name"))
            return own.isKind(.str) ? own.object(Str.self) : given
        } catch {
            _ = currentThread().takeRaised()
            return given
        }
    }

    private func makeUnbuffered(_ contents: DictRef) {
        for name in [Names.stdout, Names.stderr] {
            do throws(Raised) {
                let old = contents.get(name)
                guard !old.isNone else { continue }
                let keywords = Dict.make()
                for attribute in ["encoding", "errors", "line_buffering"] {
                    keywords.set(StrTables.intern(attribute), try getAttribute(old, StrTables.intern(attribute)))
                }
                keywords.set(StrTables.intern("newline"), Value(Str.make("\n")))
                keywords.set(StrTables.intern("write_through"), .true)
                // Not only the text: what is written to `sys.stdout.buffer` goes out at once as well.
                let detach = StrTables.intern("detach")
                let raw = try callMethod(try callMethod(old, detach), detach)
                let stream = try callValue(Value(IOClasses.wrapper), Tuple.make(raw), keywords)
                try setAttribute(stream, StrTables.intern("mode"), Value(StrTables.intern("w")))
                contents.set(name, stream)
                contents.set(StrTables.intern("__\(name.string)__"), stream)
            } catch { _ = currentThread().takeRaised() }
        }
    }

    private func enableFaultHandler() {
        do throws(Raised) {
            _ = try callValue(try getAttribute(try importModule("faulthandler"), StrTables.intern("enable")))
        } catch { _ = currentThread().takeRaised() }
    }
}
