// Where an unpickler reads from: the octets of `loads`, or a file, read in the pieces that the opcodes ask for.
//
// A file that can `peek` is read ahead and the octets that were used are skipped later, so that it ends up exactly
// behind the pickle.
import TinyRuntime

final class PickleInput {
    /// A bytes object, so that its octets stay where they are.
    private(set) var buffer: Value
    private var octets: UnsafeBufferPointer<UInt8>
    private(set) var position = 0
    private var read = Value.absent
    private var readLine = Value.absent
    private var peek = Value.absent
    /// What is asked for is followed by a look at more only if it is less than this.
    private static let prefetch = 16 << 10
    /// How much of the buffer the file has already moved past.
    private var skipped = 0

    init(_ bytes: Value) {
        buffer = bytes
        octets = bytes.object(BytesObject.self).buffer
    }

    /// Takes other octets.
    func begin(_ bytes: Value) {
        buffer = bytes
        octets = bytes.object(BytesObject.self).buffer
        position = 0
    }

    /// Holds on to nothing.
    func forget() {
        buffer = .none
        octets = UnsafeBufferPointer(start: nil, count: 0)
        position = 0
    }

    /// - Throws: TypeError if the file can't be read.
    init(file: Value) throws(Raised) {
        buffer = BytesObject.make([])
        octets = buffer.object(BytesObject.self).buffer
        peek = try getOptionalAttribute(file, StrTables.intern("peek"))
        read = try getOptionalAttribute(file, StrTables.intern("read"))
        readLine = try getOptionalAttribute(file, StrTables.intern("readline"))
        guard !read.isAbsent, !readLine.isAbsent else { throw typeError("file must have 'read' and 'readline' attributes") }
    }

    func trace(_ marker: inout Marker) {
        for value in [buffer, read, readLine, peek] { marker.mark(value) }
    }

    private func fill(_ bytes: Value) throws(Raised) {
        guard let view = try BufferView.view(bytes) else {
            throw typeError("a bytes-like object is required, not '\(typeName(bytes))'")
        }
        buffer = bytes.isExactly(.bytes) ? bytes : BytesObject.make(view.octets)
        octets = buffer.object(BytesObject.self).buffer
        position = 0
        skipped = octets.count
    }

    /// Moves the file behind what was used of what was only peeked at.
    func skipUsed() throws(Raised) {
        let used = position - skipped
        guard used > 0, !read.isAbsent else { return }
        _ = try callValue(read, Value(used))
        skipped = position
    }

    /// Reads from the file; `count` nil: a line.
    private func fetch(_ count: Int?) throws(Raised) -> Int {
        guard !read.isAbsent else { throw PickleInput.truncated() }
        try skipUsed()
        guard let count else {
            try fill(try callValue(readLine, Tuple.make()))
            return octets.count
        }
        // Looked at before it is read: behind the last octet a pipe would make the look wait for what is never sent.
        if !peek.isAbsent, count < PickleInput.prefetch {
            do {
                try fill(try callValue(peek, Value(PickleInput.prefetch)))
                skipped = 0
                if octets.count >= count { return octets.count }
            } catch {
                // A file that has the method and nothing behind it is read without it.
                guard currentThread().raisedIs(.notImplementedError) else { throw error }
                _ = currentThread().takeRaised()
                peek = .absent
            }
        }
        try fill(try callValue(read, Value(count)))
        return octets.count
    }

    static func truncated() -> Raised { Pickle.cannotUnpickle("pickle data was truncated") }

    /// The next octets. Valid until the next call.
    func take(_ count: Int) throws(Raised) -> UnsafeBufferPointer<UInt8> {
        if count > octets.count - position {
            guard try fetch(count) >= count else { throw PickleInput.truncated() }
        }
        let start = position
        position += count
        return UnsafeBufferPointer(rebasing: octets[start ..< position])
    }

    /// The next opcode, or nil at the end.
    @inline(__always)
    func opcode() throws(Raised) -> UInt8? {
        if position < octets.count {
            position += 1
            return octets[position - 1]
        }
        if read.isAbsent { return nil }
        if try fetch(1) < 1 { return nil }
        position += 1
        return octets[position - 1]
    }

    /// The next line without its newline.
    func line() throws(Raised) -> UnsafeBufferPointer<UInt8> {
        if let end = octets[position...].firstIndex(of: 0x0A) {
            let start = position
            position = end + 1
            return UnsafeBufferPointer(rebasing: octets[start ..< end])
        }
        let size = try fetch(nil)
        guard size > 0, octets[size - 1] == 0x0A else { throw PickleInput.truncated() }
        position = size
        return UnsafeBufferPointer(rebasing: octets[0 ..< size - 1])
    }

    /// The next line, which must not be empty.
    func fullLine() throws(Raised) -> UnsafeBufferPointer<UInt8> {
        let line = try line()
        if line.isEmpty { throw PickleInput.truncated() }
        return line
    }

    /// Makes sure that a frame is here as a whole.
    func enterFrame(_ count: Int) throws(Raised) {
        _ = try take(count)
        position -= count
    }

    /// An unsigned little-endian number.
    @inline(__always)
    func number(_ bytes: Int) throws(Raised) -> Int {
        if octets.count - position >= 8, bytes < 8, let base = octets.baseAddress {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            position += bytes
            return Int(truncatingIfNeeded: UInt64(littleEndian: word) & (1 << UInt64(bytes * 8) &- 1))
        }
        return try slowNumber(bytes)
    }

    private func slowNumber(_ bytes: Int) throws(Raised) -> Int {
        var result: UInt64 = 0
        let octets = try take(bytes)
        for index in 0 ..< bytes { result |= UInt64(octets[index]) << UInt64(index * 8) }
        return result > UInt64(Int.max) ? Int.max : Int(result)
    }
}
