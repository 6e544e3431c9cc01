// Writing pickles: the output with its frames, the memo, and the built-in types.
//
// The bytes are CPython's (its C pickler's), opcode by opcode: frames close at the same places, batches are as long,
// the memo numbers the same objects. Nested data nests calls here; too deep is a RecursionError.
import Glibc
import TinyRuntime

final class Pickler: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    // The output lies in raw memory: an Array asks at each octet whether it is its memory's only owner.
    private var octets = UnsafeMutablePointer<UInt8>.allocate(capacity: firstCapacity)
    private var count = 0
    private var capacity = firstCapacity
    /// Where the open frame begins, or -1.
    private var frameStart = -1
    private var isFraming = false
    /// The next octet opens a frame.
    private var beginsFrame = false
    /// The file's write method; absent: everything stays in the output.
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
    /// A table that is asked before copyreg's (`_multiprocessing.dumps`), or absent.
    var extraTable = Value.absent
    /// What the running dump found of hooks.
    private(set) var hook = Value.absent
    var override = Value.absent
    var table = Value.absent
    /// copyreg's table, while a dump runs that has met an object of a script's class.
    var copyregTable = Value.absent
    /// The attributes of the shape that was last written.
    private var named: (shape: ShapeRef, names: [StrRef])?
    private var fastNesting = 0

    private static let firstCapacity = 256
    /// What an idle pickler keeps.
    private static let keptCapacity = 64 << 10

    deinit {
        octets.deallocate()
        memo.deallocate()
    }

    func trace(_ marker: inout Marker) {
        for value in [write, bufferCallback, persistentID, dispatchTable, extraTable, hook, override, table, copyregTable] { marker.mark(value) }
        marker.mark(memo.objects)
    }

    /// The idle pickler, or a new one, in its box.
    static func take() -> Value {
        let idle = Pickle.sparePickler
        Pickle.sparePickler = .none
        return idle.isNone ? BoxedObject.make(Pickler(), cls) : idle
    }

    /// Makes a pickler that nobody else knows the idle one.
    static func giveBack(_ box: Value, _ own: Pickler) {
        own.memo.clear()
        own.startOutput()
        own.bufferCallback = .none
        own.extraTable = .absent
        if own.capacity > keptCapacity {
            own.octets.deallocate()
            own.octets = .allocate(capacity: firstCapacity)
            own.capacity = firstCapacity
        }
        Pickle.sparePickler = box
    }

    /// What has been written and not handed to a file.
    var output: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: octets, count: count) }

    func startOutput() { count = 0 }

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
            copyregTable = .absent
            isFraming = false
            beginsFrame = false
            frameStart = -1
            fastNesting = 0
        }
        if version >= 2 {
            put(PickleOpcode.proto, UInt8(version))
            if version >= 4 {
                isFraming = true
                beginsFrame = true
            }
        }
        try save(value)
        put(PickleOpcode.stop)
        closeFrame()
        isFraming = false
        beginsFrame = false
        try flush()
    }

    // MARK: Output

    /// Makes room for so many octets and a frame's header.
    @inline(__always)
    private func reserve(_ more: Int) {
        if count + more + Pickle.frameHeader > capacity { growOutput(more) }
        if beginsFrame { openFrame() }
    }

    @inline(never)
    private func growOutput(_ more: Int) {
        let larger = max(capacity * 2, count + more + Pickle.frameHeader)
        guard let memory = realloc(octets, larger) else { outOfMemory() }
        octets = memory.assumingMemoryBound(to: UInt8.self)
        capacity = larger
    }

    @inline(__always)
    func put(_ byte: UInt8) {
        reserve(1)
        octets[count] = byte
        count += 1
    }

    @inline(__always)
    func put(_ first: UInt8, _ second: UInt8) {
        reserve(2)
        octets[count] = first
        octets[count + 1] = second
        count += 2
    }

    func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        reserve(bytes.count)
        if let base = bytes.baseAddress { memcpy(octets + count, base, bytes.count) }
        count += bytes.count
    }

    func put(_ text: String) {
        for byte in text.utf8 { put(byte) }
    }

    /// An opcode and a little-endian number.
    @inline(__always)
    func put(_ opcode: UInt8, _ number: Int, bytes: Int) {
        reserve(9)
        octets[count] = opcode
        // There is room for all eight octets; those beyond `bytes` are written over.
        UnsafeMutableRawPointer(octets + count + 1).storeBytes(of: number.littleEndian, as: Int.self)
        count += 1 + bytes
    }

    /// SHORT_BINUNICODE.
    @inline(__always)
    func putShort(_ text: UnsafeBufferPointer<UInt8>) {
        reserve(2 + text.count)
        octets[count] = PickleOpcode.shortBinunicode
        octets[count + 1] = UInt8(truncatingIfNeeded: text.count)
        if let base = text.baseAddress { memcpy(octets + count + 2, base, text.count) }
        count += 2 + text.count
    }

    private func openFrame() {
        beginsFrame = false
        frameStart = count
        count += Pickle.frameHeader
    }

    private func closeFrame() {
        guard frameStart >= 0 else { return }
        let length = count - frameStart - Pickle.frameHeader
        if length >= Pickle.frameMinimum {
            octets[frameStart] = PickleOpcode.frame
            UnsafeMutableRawPointer(octets + frameStart + 1).storeBytes(of: length.littleEndian, as: Int.self)
        } else {
            memmove(octets + frameStart, octets + frameStart + Pickle.frameHeader, length)
            count -= Pickle.frameHeader
        }
        frameStart = -1
        beginsFrame = isFraming
    }

    /// Between two opcodes: a frame that is long enough ends.
    @inline(never)
    private func endFrame() throws(Raised) {
        closeFrame()
        try flush()
    }

    /// Hands what is complete to the file.
    private func flush() throws(Raised) {
        guard !write.isAbsent, count > 0 else { return }
        let bytes = BytesObject.make(output)
        count = 0
        _ = try callValue(write, bytes)
    }

    /// A header and its payload; large ones stand outside of the frames.
    func put(header: (UInt8, Int, bytes: Int), _ payload: UnsafeBufferPointer<UInt8>) throws(Raised) {
        let isLarge = payload.count >= Pickle.frameTarget
        let framing = isFraming
        if isLarge {
            closeFrame()
            isFraming = false
            beginsFrame = false
        }
        put(header.0, header.1, bytes: header.bytes)
        if isLarge, !write.isAbsent {
            try flush()
            _ = try callValue(write, BytesObject.make(payload))
        } else {
            put(payload)
        }
        if isLarge {
            isFraming = framing
            beginsFrame = framing
        }
    }

    /// The names of the attributes of a shape.
    func names(_ shape: ShapeRef) -> [StrRef] {
        if let named, named.shape == shape { return named.names }
        let names = shape.names
        named = (shape, names)
        return names
    }

    // MARK: The memo

    func memoize(_ value: Value) {
        if isFast { return }
        putMemoized(memo.add(value))
    }

    /// As `memoize`, for what stands in the pickle without being an object here.
    func memoizeNameless() {
        if isFast { return }
        memo.addNameless()
        putMemoized(memo.count - 1)
    }

    private func putMemoized(_ number: Int) {
        if version >= 4 {
            put(PickleOpcode.memoize)
        } else if !isBinary {
            put("p\(number)\n")
        } else if number < 256 {
            put(PickleOpcode.binput, UInt8(number))
        } else {
            put(PickleOpcode.longBinput, number, bytes: 4)
        }
    }

    func putGet(_ number: Int) {
        if !isBinary {
            put("g\(number)\n")
        } else if number < 256 {
            put(PickleOpcode.binget, UInt8(number))
        } else {
            put(PickleOpcode.longBinget, number, bytes: 4)
        }
    }

    // MARK: Any object

    func save(_ value: Value, asksHook: Bool = true) throws(Raised) {
        if frameStart >= 0, count - frameStart >= Pickle.frameTarget + Pickle.frameHeader { try endFrame() }
        if asksHook, !hook.isAbsent, try savePersistent(value) { return }
        guard value.isPointer else {
            if value.isInlineInt { return try saveInt(value) }
            if value.isFloat { return saveFloat(value.float) }
            if value.isNone { return put(PickleOpcode.none) }
            if value.isBool { return saveBool(value.isTrue) }
            return try saveOther(value)
        }
        // The shape of an object of exactly a built-in class is its kind.
        let shape = value.header.pointee.shape
        if shape == ShapeID(Kind.int.rawValue) { return try saveInt(value) }
        if let number = memo.number(value) { return putGet(number) }
        if shape == ShapeID(Kind.str.rawValue) { return try saveText(value) }
        if shape == ShapeID(Kind.bytes.rawValue) { return try saveBytes(value) }
        try saveOther(value)
    }

    /// What may hold other objects.
    private func saveOther(_ value: Value) throws(Raised) {
        try currentThread().checkNativeStack()
        if isFast, fastNesting > 50 { try checkFastCycle(value) }
        fastNesting += 1
        defer { fastNesting -= 1 }
        if value.isExactly(.dict) { return try saveDict(value) }
        if value.isExactly(.list) { return try saveList(value) }
        if value.isExactly(.tuple) { return try saveTuple(value) }
        if value.isKind(.instance), try savePlainInstance(value) { return }
        if value.isExactly(.set) { return try saveSet(value) }
        if value.isExactly(.frozenset) { return try saveFrozenSet(value) }
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
}
