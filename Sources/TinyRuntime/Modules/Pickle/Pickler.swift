// Writing pickles: the output with its frames, the memo, and the built-in types.
//
// The bytes are CPython's (its C pickler's), opcode by opcode: frames close at the same places, batches are as long,
// the memo numbers the same objects. Nested data nests calls here; too deep is a RecursionError.
import Glibc

final class Pickler: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    var output: [UInt8] = []
    private var frameStart = -1
    private var isFraming = false
    /// The file's write method; absent: everything stays in `output`.
    var write = Value.absent
    var version = Pickle.defaultProtocol
    var isBinary = true
    var isFast = false
    var fixesImports = true
    var bufferCallback = Value.none
    var memo = PickleMemo()
    /// Attributes that the script may set; absent if it has not.
    var persistentID = Value.absent
    var dispatchTable = Value.absent
    /// What the running dump found of hooks.
    private(set) var hook = Value.absent
    var override = Value.absent
    var table = Value.absent
    private var fastNesting = 0

    func trace(_ marker: inout Marker) {
        for value in [write, bufferCallback, persistentID, dispatchTable, hook, override, table] { marker.mark(value) }
        marker.mark(memo.objects)
    }

    static func of(_ value: Value) throws(Raised) -> Pickler {
        guard let pickler = value.boxed(Pickler.self) else { throw typeError("a Pickler is required") }
        return pickler
    }

    // MARK: A whole pickle

    /// Sets what `Pickler(…)` and `dumps(…)` are given.
    func configure(protocol version: Value, fixImports: Value, bufferCallback: Value) throws(Raised) {
        var number = Pickle.defaultProtocol
        if !version.isNone {
            number = try index(version)
            if number < 0 { number = Pickle.highestProtocol }
            if number > Pickle.highestProtocol { throw valueError("pickle protocol must be <= \(Pickle.highestProtocol)") }
        }
        self.version = number
        isBinary = number > 0
        fixesImports = try truth(fixImports) && number < 3
        if !bufferCallback.isNone, number < 5 { throw valueError("buffer_callback needs protocol >= 5") }
        self.bufferCallback = bufferCallback
    }

    /// Writes an object's pickle; `own` is the script's object of this pickler, whose hooks are asked.
    func dump(_ value: Value, own: Value) throws(Raised) {
        if own.cls == Pickler.cls {
            hook = persistentID
            override = .absent
            table = dispatchTable
        } else {
            hook = try getOptionalAttribute(own, StrTables.intern("persistent_id"))
            override = try getOptionalAttribute(own, StrTables.intern("reducer_override"))
            table = try getOptionalAttribute(own, StrTables.intern("dispatch_table"))
        }
        if hook.isKind(.native), hook.object(NativeFunction.self).pointee.record.pointee.owner == Pickler.cls { hook = .absent }
        defer {
            hook = .absent
            override = .absent
            table = .absent
            isFraming = false
            frameStart = -1
        }
        if version >= 2 {
            put(PickleOpcode.proto)
            put(UInt8(version))
            if version >= 4 { isFraming = true }
        }
        try save(value)
        put(PickleOpcode.stop)
        closeFrame()
        isFraming = false
        try flush()
    }

    // MARK: Output

    @inline(__always)
    func put(_ byte: UInt8) {
        if isFraming, frameStart < 0 { openFrame() }
        output.append(byte)
    }

    func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        if isFraming, frameStart < 0 { openFrame() }
        output.append(contentsOf: bytes)
    }

    func put(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { put($0) } }
    func put(_ text: String) { put(Array(text.utf8)) }

    /// Little-endian.
    func put(_ number: Int, bytes: Int) {
        if isFraming, frameStart < 0 { openFrame() }
        withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[0 ..< bytes])) }
    }

    private func openFrame() {
        frameStart = output.count
        output.append(contentsOf: repeatElement(0, count: 9))
    }

    private func closeFrame() {
        guard frameStart >= 0 else { return }
        let count = output.count - frameStart - 9
        if count >= Pickle.frameMinimum {
            output[frameStart] = PickleOpcode.frame
            for shift in 0 ..< 8 { output[frameStart + 1 + shift] = UInt8(truncatingIfNeeded: count >> (shift * 8)) }
        } else {
            output.removeSubrange(frameStart ..< frameStart + 9)
        }
        frameStart = -1
    }

    /// Between two opcodes: a frame that is long enough ends.
    private func boundary() throws(Raised) {
        guard frameStart >= 0, output.count - frameStart - 9 >= Pickle.frameTarget else { return }
        closeFrame()
        try flush()
    }

    /// Hands what is complete to the file.
    private func flush() throws(Raised) {
        guard !write.isAbsent, !output.isEmpty else { return }
        let bytes = BytesObject.make(output)
        output.removeAll(keepingCapacity: true)
        _ = try callValue(write, bytes)
    }

    /// A header and its payload; large ones stand outside of the frames.
    func put(header: (UInt8, Int, bytes: Int), _ payload: UnsafeBufferPointer<UInt8>) throws(Raised) {
        let isLarge = payload.count >= Pickle.frameTarget
        let framing = isFraming
        if isLarge {
            closeFrame()
            isFraming = false
        }
        put(header.0)
        put(header.1, bytes: header.bytes)
        if isLarge, !write.isAbsent {
            try flush()
            _ = try callValue(write, BytesObject.make(payload))
        } else {
            put(payload)
        }
        isFraming = framing
    }

    // MARK: The memo

    func memoize(_ value: Value) {
        if isFast { return }
        let number = memo.add(value)
        if version >= 4 {
            put(PickleOpcode.memoize)
        } else if !isBinary {
            put("p\(number)\n")
        } else if number < 256 {
            put(PickleOpcode.binput)
            put(UInt8(number))
        } else {
            put(PickleOpcode.longBinput)
            put(number, bytes: 4)
        }
    }

    func putGet(_ number: Int) {
        if !isBinary {
            put("g\(number)\n")
        } else if number < 256 {
            put(PickleOpcode.binget)
            put(UInt8(number))
        } else {
            put(PickleOpcode.longBinget)
            put(number, bytes: 4)
        }
    }

    // MARK: Any object

    func save(_ value: Value, asksHook: Bool = true) throws(Raised) {
        try boundary()
        if asksHook, !hook.isAbsent, try savePersistent(value) { return }
        if value.isNone { return put(PickleOpcode.none) }
        if value.isBool { return saveBool(value.isTrue) }
        if value.isInlineInt || value.isExactly(.int) { return try saveInt(value) }
        if value.isFloat { return saveFloat(value.float) }
        if let number = memo.number(value) { return putGet(number) }
        if value.isExactly(.str) { return try saveText(value) }
        if value.isExactly(.bytes) { return try saveBytes(value) }
        try currentThread().checkNativeStack()
        if isFast, fastNesting > 50 { try checkFastCycle(value) }
        fastNesting += 1
        defer { fastNesting -= 1 }
        if value.isExactly(.dict) { return try saveDict(value) }
        if value.isExactly(.set) { return try saveSet(value) }
        if value.isExactly(.frozenset) { return try saveFrozenSet(value) }
        if value.isExactly(.list) { return try saveList(value) }
        if value.isExactly(.tuple) { return try saveTuple(value) }
        if value.isExactly(.bytearray) { return try saveByteArray(value) }
        if value.boxed(PickleBuffer.self) != nil { return try savePickleBuffer(value) }
        try saveObject(value)
    }

    /// Without a memo a cycle would never end.
    private func checkFastCycle(_ value: Value) throws(Raised) {
        if fastNesting > 10_000 {
            throw valueError("fast mode: can't pickle cyclic objects including object type \(typeName(value)) at \(addressText(value))")
        }
    }

    private func savePersistent(_ value: Value) throws(Raised) -> Bool {
        let id = try callValue(hook, value)
        if id.isNone { return false }
        if isBinary {
            try save(id, asksHook: false)
            put(PickleOpcode.binpersid)
        } else {
            let text = try str(id)
            guard text.isASCII else { throw Pickle.cannotPickle("persistent IDs in protocol 0 must be ASCII strings") }
            put(PickleOpcode.persid)
            put(text.buffer)
            put(0x0A)
        }
        return true
    }

    // MARK: Atoms

    private func saveBool(_ flag: Bool) {
        if version >= 2 { put(flag ? PickleOpcode.newtrue : PickleOpcode.newfalse) } else { put(flag ? "I01\n" : "I00\n") }
    }

    private func saveInt(_ value: Value) throws(Raised) {
        if let number = machineInt(value), number >= -0x8000_0000, number <= 0x7FFF_FFFF {
            if !isBinary { return put("I\(number)\n") }
            if number >= 0, number <= 0xFF {
                put(PickleOpcode.binint1)
                put(UInt8(number))
            } else if number >= 0, number <= 0xFFFF {
                put(PickleOpcode.binint2)
                put(number, bytes: 2)
            } else {
                put(PickleOpcode.binint)
                put(number, bytes: 4)
            }
            return
        }
        if version < 2 {
            put(PickleOpcode.long)
            put(IntObject.text(value))
            return put("L\n")
        }
        // As few octets of two's complement as hold the number.
        var size = bitLength(value) / 8 + 1
        var bytes = try IntMethods.toBytes(value, size, isLittle: true, signed: true)
        let octets = bytes.object(BytesObject.self).buffer
        if isNegative(value), size > 1, octets[size - 1] == 0xFF, octets[size - 2] & 0x80 != 0 {
            size -= 1
            bytes = try IntMethods.toBytes(value, size, isLittle: true, signed: true)
        }
        if size < 256 {
            put(PickleOpcode.long1)
            put(UInt8(size))
        } else {
            put(PickleOpcode.long4)
            put(size, bytes: 4)
        }
        put(bytes.object(BytesObject.self).buffer)
    }

    private func saveFloat(_ double: Double) {
        if !isBinary { return put("F\(floatText(double))\n") }
        put(PickleOpcode.binfloat)
        let bits = double.storedBits
        put(Int(bitPattern: UInt(bits.byteSwapped)), bytes: 8)
    }

    private func saveText(_ value: Value) throws(Raised) {
        let text = value.object(Str.self)
        if !isBinary {
            put(PickleOpcode.unicode)
            put(Pickler.rawEscaped(text))
            put(0x0A)
        } else {
            let count = text.pointee.byteCount
            if count <= 0xFF, version >= 4 {
                try put(header: (PickleOpcode.shortBinunicode, count, bytes: 1), text.buffer)
            } else if count <= 0xFFFF_FFFF {
                try put(header: (PickleOpcode.binunicode, count, bytes: 4), text.buffer)
            } else {
                try put(header: (PickleOpcode.binunicode8, count, bytes: 8), text.buffer)
            }
        }
        memoize(value)
    }

    /// Latin-1 with `\u` escapes for the rest and for what would end or spoil a line.
    private static func rawEscaped(_ text: StrRef) -> [UInt8] {
        var result = TextBuffer(capacity: text.pointee.byteCount)
        var offset = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + offset)
            offset += length
            switch codePoint {
            case 0x5C, 0, 0x0A, 0x0D, 0x1A: result.append(escape: 0x75, codePoint, digits: 4)
            case 0 ..< 0x100: result.append(UInt8(codePoint))
            case 0x100 ..< 0x10000: result.append(escape: 0x75, codePoint, digits: 4)
            default: result.append(escape: 0x55, codePoint, digits: 8)
            }
        }
        return result.bytes
    }
}
