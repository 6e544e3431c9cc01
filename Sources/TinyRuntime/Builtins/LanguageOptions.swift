// What the options of `python3` set, which `tinyrun` understands too: `-I`, `-X`, `-W` and their like. They change `sys.flags`,
// `sys.warnoptions` and `sys._xoptions`; programs that start `sys.executable` pass them.
import CTiny
import Glibc

public struct LanguageOptions: Sendable {
    /// How often each letter was given.
    public var counts: [Character: Int] = [:]
    /// `-X name[=value]`
    public var extended: [String] = []
    /// `-W filter`
    public var warnings: [String] = []

    public init() {}

    private static let flags: [(letter: Character, field: Int)] = [
        ("d", 0), ("i", 1), ("i", 2), ("O", 3), ("B", 4), ("s", 5), ("S", 6), ("E", 7), ("v", 8), ("b", 9), ("q", 10), ("I", 12), ("P", 16),
    ]

    /// `-I`: nothing of the environment, no folder of the script.
    private var isIsolated: Bool { counts["I"] != nil }
    /// The folder of the script is not searched for modules.
    public var hasSafePath: Bool { isIsolated || counts["P"] != nil }
    /// `-i`
    public var isInteractive: Bool { counts["i"] != nil }
    public var isQuiet: Bool { counts["q"] != nil }
    /// The prompt comes when the script has ended, whatever it did.
    public var inspects: Bool { isInteractive || variable("TINYINSPECT") != nil }

    /// `-X dev`: what a developer wants to hear of.
    private var isForDevelopers: Bool { extended.contains("dev") || variable("PYTHONDEVMODE") != nil }

    /// A variable of the environment that is not empty, unless `-E` or `-I` was given.
    public func variable(_ name: String) -> String? {
        guard !isIsolated, counts["E"] == nil, let text = getenv(name), text.pointee != 0 else { return nil }
        return String(cString: text)
    }

    /// After the runtime has started.
    public func apply() {
        let contents = Runtime.sysModule.pointee.namespace
        let flags = contents.get(StrTables.intern("flags"))
        if flags.isKind(.tuple) {
            let items = flags.object(Tuple.self)
            for (letter, field) in LanguageOptions.flags where field < items.count {
                guard let count = counts[letter] else { continue }
                items.items[field] = field == 16 ? .true : Value(count)
            }
            if counts["I"] != nil {
                for field in [5, 7] where field < items.count { items.items[field] = Value(1) }
                if items.count > 16 { items.items[16] = .true }
            }
        }
        if isForDevelopers, flags.isKind(.tuple), flags.object(Tuple.self).count > 13 { flags.object(Tuple.self).items[13] = .true }
        if counts["S"] == nil { SiteBuiltin.install() }
        if let level = counts["O"] {
            Runtime.compileOptions.optimizationLevel = level
            Runtime.builtins.set(StrTables.intern("__debug__"), .false)
        }
        if counts["B"] != nil || variable("TINYDONTWRITEBYTECODE") != nil {
            contents.set(StrTables.intern("dont_write_bytecode"), .true)
            if flags.isKind(.tuple) { flags.object(Tuple.self).items[4] = Value(1) }
        }
        let prefix = extended.last { $0.hasPrefix("pycache_prefix=") }.map { String($0.dropFirst("pycache_prefix=".count)) }
        if let prefix = prefix ?? variable("TINYPYCACHEPREFIX"), !prefix.isEmpty {
            contents.set(StrTables.intern("pycache_prefix"), Value(Str.make(prefix)))
        }
        let known = contents.get(StrTables.intern("_xoptions"))
        for option in extended where known.isKind(.dict) {
            let parts = option.split(separator: "=", maxSplits: 1).map { String($0) }
            guard let name = parts.first else { continue }
            known.object(Dict.self).set(StrTables.intern(name), parts.count > 1 ? Value(Str.make(parts[1])) : .true)
        }
        let filters = contents.get(StrTables.intern("warnoptions"))
        for filter in (isForDevelopers ? ["default"] : []) + warnings where filters.isKind(.list) { filters.object(List.self).append(Value(Str.make(filter))) }
        if counts["u"] != nil || variable("TINYUNBUFFERED") != nil { makeUnbuffered(contents) }
        if extended.contains("faulthandler") || isForDevelopers { enableFaultHandler() }
        if let option = extended.map({ $0.split(separator: "=") }).first(where: { $0.first == "gcstress" }) {
            heap.stress = option.dropFirst().first.flatMap { Int($0) } ?? 1
            requestBreak(.collect)
        }
    }

    private func makeUnbuffered(_ contents: DictRef) {
        let names = Tuple.make(Value(StrTables.intern("write_through")))
        for name in [Names.stdout, Names.stderr] {
            do throws(Raised) {
                let method = try getAttribute(contents.get(name), StrTables.intern("reconfigure"))
                let keywords = Dict.make()
                keywords.set(names.items[0].object(Str.self), .true)
                _ = try callValue(method, Tuple.make(), keywords)
            } catch { _ = currentThread().takeRaised() }
        }
    }

    private func enableFaultHandler() {
        do throws(Raised) {
            _ = try callValue(try getAttribute(try importModule("faulthandler"), StrTables.intern("enable")))
        } catch { _ = currentThread().takeRaised() }
    }
}
