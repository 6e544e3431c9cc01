// `array`: numbers of one native type in one piece of memory.
//
// The octets are kept in a Swift-managed buffer that views export; while views exist the size stays. Type "u"/"w" holds
// code points of four octets.
import Glibc

final class NumberArray: BufferExporter, ComparedSequence {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let code: UInt8
    let size: Int
    private(set) var octets: UnsafeMutablePointer<UInt8>?
    private(set) var count = 0
    private var capacity = 0
    let exports = ExportCounter()

    init(_ code: UInt8, _ size: Int) {
        self.code = code
        self.size = size
    }

    deinit { free(octets) }

    /// A letter and its size; nil if it is no array's.
    static func size(_ code: UInt8) -> Int? {
        switch code {
        case 0x62, 0x42: 1 // b B
        case 0x68, 0x48: 2 // h H
        case 0x69, 0x49, 0x66, 0x75, 0x77: 4 // i I f u w
        case 0x6C, 0x4C, 0x71, 0x51, 0x64: 8 // l L q Q d
        default: nil
        }
    }

    var isText: Bool { code == 0x75 || code == 0x77 }
    var isFloat: Bool { code == 0x66 || code == 0x64 }
    var buffer: UnsafeMutableBufferPointer<UInt8> { UnsafeMutableBufferPointer(start: octets, count: count * size) }

    func exportedBuffer() -> (octets: UnsafeMutableBufferPointer<UInt8>, format: UInt8, itemSize: Int, isReadOnly: Bool) {
        (buffer, isText ? 0x77 : code, size, false)
    }

    // MARK: Items

    subscript(index: Int) -> Value {
        guard let octets else { return .none }
        let memory = UnsafeRawPointer(octets + index * size)
        if isText { return Value(Str.make(codePoint: memory.loadUnaligned(as: UInt32.self))) }
        return NativeItem(code)?.load(memory) ?? .none
    }

    /// An item's octets, checked.
    func encoded(_ value: Value) throws(Raised) -> UInt64 {
        if isText {
            guard value.isKind(.str) else {
                throw typeError("array item must be a unicode character, not \(typeName(value))")
            }
            guard value.object(Str.self).count == 1 else {
                throw typeError("array item must be a string of length 1, not a string of length \(value.object(Str.self).count)")
            }
            return UInt64(value.object(Str.self).codePoint(at: 0))
        }
        if isFloat {
            let double = try FloatMethods.real(value)
            return code == 0x64 ? double.storedBits : UInt64(Float(double).bitPattern)
        }
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
            throw typeError("'\(typeName(value))' object cannot be interpreted as an integer")
        }
        let int = try indexValue(value)
        let isSigned = code >= 0x61
        if size == 8 {
            if isSigned {
                guard let machine = machineInt(int) else { throw raise(.overflowError, "int too big to convert") }
                return UInt64(bitPattern: Int64(machine))
            }
            guard !isNegative(int) else { throw raise(.overflowError, "can't convert negative value to unsigned int") }
            guard bitLength(int) <= 64 else { throw raise(.overflowError, "int too big to convert") }
            return machineInt(int).map { UInt64($0) } ?? UInt64(int.object(IntObject.self).limbs[0])
        }
        let bits = size * 8
        let low = isSigned ? -(1 << (bits - 1)) : 0
        let high = isSigned ? 1 << (bits - 1) - 1 : 1 << bits - 1
        let noun = ["signed char", "unsigned byte integer", "signed short integer", "unsigned short", "signed integer", "unsigned int"][
            (size == 1 ? 0 : size == 2 ? 2 : 4) + (isSigned ? 0 : 1)]
        guard let machine = machineInt(int) else { throw raise(.overflowError, "Python int too large to convert to C \(isSigned ? "long" : "unsigned long")") }
        guard machine >= low else { throw raise(.overflowError, "\(noun) is less than minimum") }
        guard machine <= high else { throw raise(.overflowError, "\(noun) is greater than maximum") }
        return UInt64(bitPattern: Int64(machine))
    }

    func store(_ word: UInt64, at index: Int) {
        guard let octets else { return }
        withUnsafeBytes(of: word) { source in
            if let base = source.baseAddress { memcpy(octets + index * size, base, size) }
        }
    }

    // MARK: Size

    func checkResizable() throws(Raised) {
        if exports.count == 0 { return }
        heap.collect()
        heap.collect()
        if exports.count > 0 { throw raise(.bufferError, "cannot resize an array that is exporting buffers") }
    }

    private func reserve(_ wanted: Int) throws(Raised) {
        guard wanted > capacity else { return }
        let room = wanted + wanted >> 3 + 8
        guard room <= largestBuffer / 8, let memory = realloc(octets, room * size) else { throw raise(.memoryError) }
        octets = memory.assumingMemoryBound(to: UInt8.self)
        capacity = room
    }

    /// Replaces the items `start ..< end` by those whose octets are given.
    func replace(_ start: Int, _ end: Int, _ replacement: [UInt8]) throws(Raised) {
        let delta = replacement.count / size - (end - start)
        if delta != 0 { try checkResizable() }
        try reserve(count + delta)
        if let octets {
            memmove(octets + (end + delta) * size, octets + end * size, (count - end) * size)
            if !replacement.isEmpty { memcpy(octets + start * size, replacement, replacement.count) }
        }
        count += delta
    }

    func append(_ value: Value) throws(Raised) {
        let word = try encoded(value)
        try checkResizable()
        try reserve(count + 1)
        count += 1
        store(word, at: count - 1)
    }

    func octetsCopy(_ slice: ResolvedSlice) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(slice.count * size)
        for step in 0 ..< slice.count {
            let offset = (slice.start + step * slice.step) * size
            result.append(contentsOf: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(buffer)[offset ..< offset + size]))
        }
        return result
    }
}

enum ArrayModule {
    static let nativeModule = NativeModule(
        "array", doc: "This module defines an object type which can efficiently represent an array of basic values.",
        functions: {
            [
                Native("_array_reconstructor(arraytype, typecode, mformat_code, items, /)", "Internal. Used for pickling support.") { args throws(Raised) in
                    try NumberArray.reconstruct(args)
                }
            ]
        },
        prepare: { contents throws(Raised) in
            NumberArray.cls = contents.add(NumberArray.nativeClass)
            NumberArray.shape = NumberArray.cls.shapeID
            contents.set("ArrayType", Value(NumberArray.cls))
            contents.set("typecodes", "bBuwhHiIlLqQfd")
            let sequence = try getAttribute(try importModule("_collections_abc"), "MutableSequence")
            _ = try callMethod(sequence, StrTables.intern("register"), Value(NumberArray.cls))
        })
}
