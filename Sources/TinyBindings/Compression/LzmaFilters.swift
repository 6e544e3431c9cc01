// Filter chains of liblzma: read from the dicts that a script gives, and back.
//
// liblzma keeps pointers to a chain and its options as long as a stream lives; a FilterChain owns both at fixed addresses.
import CLzma
import TinyRuntime

final class FilterChain {
    let filters: UnsafeMutablePointer<lzma_filter>
    private(set) var count = 0

    private static let most = 4
    /// Of an lzma_filter chain's end, and of sizes that nobody knows.
    static let unknown = UInt64.max
    static let (lzma1, lzma2, delta): (UInt64, UInt64, UInt64) = (0x4000_0000_0000_0001, 0x21, 3)
    private static let branches: Set<UInt64> = [4, 5, 6, 7, 8, 9]

    private init() {
        filters = .allocate(capacity: FilterChain.most + 1)
        for index in 0 ... FilterChain.most { filters[index] = lzma_filter(id: FilterChain.unknown, options: nil) }
    }

    /// The chain of `specifications`, a sequence of dicts.
    convenience init(_ specifications: Value) throws(Raised) {
        self.init()
        guard !specifications.isKind(.dict) else { throw typeError("dict is not a sequence") }
        let list = try makeList(specifications)
        guard list.count <= FilterChain.most else { throw valueError("Too many filters - liblzma supports a maximum of \(FilterChain.most)") }
        for index in 0 ..< list.count { try append(list.items[index]) }
    }

    /// A chain of this one filter.
    convenience init(only specification: Value) throws(Raised) {
        self.init()
        try append(specification)
    }

    /// A chain of LZMA1 or LZMA2 with the options of a preset.
    convenience init(_ id: UInt64, preset: UInt32) throws(Raised) {
        self.init()
        let options = UnsafeMutablePointer<lzma_options_lzma>.allocate(capacity: 1)
        options.initialize(to: lzma_options_lzma())
        add(id, options)
        guard lzma_lzma_preset(options, preset) == 0 else { throw LzmaModule.fail("Invalid compression preset: \(preset)") }
    }

    /// A chain of one filter whose options liblzma reads from what a raw stream's header holds.
    convenience init(_ id: UInt64, decoding properties: [UInt8]) throws(Raised) {
        self.init()
        filters[0].id = id
        let code = lzma_properties_decode(filters, nil, properties, properties.count)
        guard code == LZMA_OK else {
            filters[0] = lzma_filter(id: FilterChain.unknown, options: nil)
            try LzmaModule.check(code)
            throw LzmaModule.fail("Invalid or unsupported options")
        }
        count = 1
    }

    deinit {
        for index in 0 ..< count { filters[index].options?.deallocate() }
        filters.deallocate()
    }

    /// Calls liblzma with the chain, which lives at least that long.
    func use(_ body: (UnsafeMutablePointer<lzma_filter>) -> lzma_ret) -> lzma_ret { withExtendedLifetime(self) { body(filters) } }

    private func add(_ id: UInt64, _ options: UnsafeMutableRawPointer?) {
        filters[count] = lzma_filter(id: id, options: options)
        count += 1
    }

    /// The value of a key of a specification; absent if it has none.
    private static func entry(_ specification: Value, _ key: String) throws(Raised) -> Value {
        do throws(Raised) {
            return try getItem(specification, Value(StrTables.intern(key)))
        } catch {
            guard currentThread().raisedIs(.keyError) else { throw error }
            _ = currentThread().takeRaised()
            return .absent
        }
    }

    static func unsigned(_ value: Value) throws(Raised) -> UInt32 {
        guard let number = UInt32(exactly: try index(value)) else { throw raise(.overflowError, "Value too large for uint32_t type") }
        return number
    }

    static func identity(_ value: Value) throws(Raised) -> UInt64 {
        let int = try indexValue(value)
        if let machine = machineInt(int) {
            guard machine >= 0 else { throw raise(.overflowError, "can't convert negative int to unsigned") }
            return UInt64(machine)
        }
        throw raise(.overflowError, "int too big to convert")
    }

    private func append(_ specification: Value) throws(Raised) {
        guard specification.isKind(.dict) || specification.cls.has(.getitem) && !specification.isKind(.list) && !specification.isKind(.tuple)
            && !specification.isKind(.str) && !specification.isKind(.bytes)
        else { throw typeError("Filter specifier must be a dict or dict-like object") }
        let given = try FilterChain.entry(specification, "id")
        guard !given.isAbsent else { throw valueError("Filter specifier must have an \"id\" entry") }
        let id = try FilterChain.identity(given)
        if id == FilterChain.lzma1 || id == FilterChain.lzma2 {
            try appendLzma(id, specification)
        } else if id == FilterChain.delta {
            try FilterChain.checkKeys(specification, ["id", "dist"], "Invalid filter specifier for delta filter")
            let distance = try FilterChain.entry(specification, "dist")
            let options = UnsafeMutablePointer<lzma_options_delta>.allocate(capacity: 1)
            options.initialize(to: lzma_options_delta())
            add(id, options)
            options.pointee.type = LZMA_DELTA_TYPE_BYTE
            options.pointee.dist = distance.isAbsent ? 1 : try FilterChain.unsigned(distance)
        } else if FilterChain.branches.contains(id) {
            try FilterChain.checkKeys(specification, ["id", "start_offset"], "Invalid filter specifier for BCJ filter")
            let start = try FilterChain.entry(specification, "start_offset")
            let options = UnsafeMutablePointer<lzma_options_bcj>.allocate(capacity: 1)
            options.initialize(to: lzma_options_bcj())
            add(id, options)
            options.pointee.start_offset = start.isAbsent ? 0 : try FilterChain.unsigned(start)
        } else {
            throw valueError("Invalid filter ID: \(id)")
        }
    }

    private func appendLzma(_ id: UInt64, _ specification: Value) throws(Raised) {
        let preset = try FilterChain.entry(specification, "preset")
        let number = preset.isAbsent ? 6 : try FilterChain.unsigned(preset)
        let options = UnsafeMutablePointer<lzma_options_lzma>.allocate(capacity: 1)
        options.initialize(to: lzma_options_lzma())
        add(id, options)
        guard lzma_lzma_preset(options, number) == 0 else { throw LzmaModule.fail("Invalid compression preset: \(number)") }
        try FilterChain.checkKeys(
            specification, ["id", "preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"],
            "Invalid filter specifier for LZMA filter")
        func set(_ key: String, _ field: WritableKeyPath<lzma_options_lzma, UInt32>) throws(Raised) {
            let value = try FilterChain.entry(specification, key)
            if !value.isAbsent { options.pointee[keyPath: field] = try FilterChain.unsigned(value) }
        }
        try set("dict_size", \.dict_size)
        try set("lc", \.lc)
        try set("lp", \.lp)
        try set("pb", \.pb)
        try set("nice_len", \.nice_len)
        try set("depth", \.depth)
        let mode = try FilterChain.entry(specification, "mode")
        if !mode.isAbsent { options.pointee.mode = lzma_mode(rawValue: try FilterChain.unsigned(mode)) }
        let finder = try FilterChain.entry(specification, "mf")
        if !finder.isAbsent { options.pointee.mf = lzma_match_finder(rawValue: try FilterChain.unsigned(finder)) }
    }

    private static func checkKeys(_ specification: Value, _ known: [StaticString], _ complaint: String) throws(Raised) {
        guard specification.isKind(.dict) else { return }
        let dict = specification.object(Dict.self)
        var position = 0
        while let entry = dict.next(&position) {
            let key = entry.pointee.key
            guard key.isKind(.str), known.contains(where: { key.object(Str.self).equals($0) }) else { throw valueError(complaint) }
        }
    }

    /// The dict that would make the only filter of this chain.
    func specification() throws(Raised) -> Value {
        let dict = Dict.make()
        func set(_ key: String, _ number: UInt32) { dict.set(StrTables.intern(key), Value(Int(number))) }
        let filter = filters[0]
        dict.set(StrTables.intern("id"), Value(Int(filter.id)))
        guard let options = filter.options else { return Value(dict) }
        switch filter.id {
        case FilterChain.lzma1, FilterChain.lzma2:
            let lzma = options.assumingMemoryBound(to: lzma_options_lzma.self).pointee
            set("dict_size", lzma.dict_size)
            if filter.id == FilterChain.lzma1 {
                set("lc", lzma.lc)
                set("lp", lzma.lp)
                set("pb", lzma.pb)
            }
        case FilterChain.delta: set("dist", options.assumingMemoryBound(to: lzma_options_delta.self).pointee.dist)
        default: set("start_offset", options.assumingMemoryBound(to: lzma_options_bcj.self).pointee.start_offset)
        }
        return Value(dict)
    }
}
