// `_io.BufferedReader`, `BufferedWriter`, `BufferedRandom`: octets in a buffer over a raw stream.
//
// One Swift class does all three. Over a native FileIO the system is called directly; a raw stream of the script is
// called by its methods. Data on its way in or out without the GIL lies in arrays that nobody else knows.
import CTiny
import Glibc

final class BufferedStream: TracedObject {
    /// Absent: not initialised, or detached.
    var raw: Value = .absent
    /// The raw stream if it is exactly a FileIO.
    private(set) var file: FileStream?
    private(set) var canRead = false
    private(set) var canWrite = false
    var bufferSize = 8192
    /// Kept out of DirtyStreams.
    var isStandard = false
    private var wasDetached = false
    /// The thread that is closing the raw stream, which may take a while: nothing is to be written meanwhile.
    private var closer: ThreadRef?
    private var input: [UInt8] = []
    private var inputPosition = 0
    private var output: [UInt8] = []

    func trace(_ marker: inout Marker) { marker.mark(raw) }

    deinit {
        if !output.isEmpty {
            DirtyStreams.remove(self)
            writeQuietly()
        }
    }

    static func own(_ value: Value) throws(Raised) -> BufferedStream {
        guard let stream = value.boxed(BufferedStream.self) else { throw typeError("a buffered stream is required, not '\(typeName(value))'") }
        return stream
    }

    func attach(_ raw: Value, reading: Bool, writing: Bool, size: Int) {
        self.raw = raw
        file = raw.cls == IOClasses.file ? raw.boxed(FileStream.self) : nil
        canRead = reading
        canWrite = writing
        bufferSize = size
        wasDetached = false
        input = []
        inputPosition = 0
        output = []
    }

    /// Makes it one that is not initialised.
    func forget() {
        raw = .absent
        file = nil
        wasDetached = false
    }

    func checkAttached() throws(Raised) {
        if raw.isAbsent {
            throw valueError(wasDetached ? "raw stream has been detached" : "I/O operation on uninitialized object")
        }
    }

    func isClosed() throws(Raised) -> Bool {
        try checkAttached()
        if let file { return file.descriptor < 0 }
        if closer != nil { return true }
        return try IOBase.isClosed(raw)
    }

    /// What `closed` says: to who is closing it (the raw stream's own `flush`, say), that it is not closed before the raw stream is.
    func isShownClosed() throws(Raised) -> Bool { closer == currentThread() ? try IOBase.isClosed(raw) : try isClosed() }

    func check(_ action: StaticString) throws(Raised) {
        if let file, file.descriptor >= 0 { return }
        if try isClosed() { throw valueError(action.description) }
    }

    // MARK: The raw stream

    private func rawRead(_ count: Int) throws(Raised) -> [UInt8]? {
        if let file { return try file.read(count) }
        let array = ByteArray.make(Octets(start: nil, count: 0))
        let zeros = [UInt8](repeating: 0, count: count)
        try zeros.withUnsafeBufferPointer { view throws(Raised) in try array.replace(0, 0, view) }
        let view = Value(try MemoryView.make(Value(array)))
        let answer = try callMethod(raw, IOBase.readinto, view)
        if answer.isNone { return nil }
        let got: Int
        do throws(Raised) { got = try index(answer) } catch {
            let cause = currentThread().takeRaised()
            let failure = raise(.osError, "raw readinto() failed")
            currentThread().pointee.raised.object(ExceptionObject.self).pointee.cause = cause
            throw failure
        }
        guard got >= 0, got <= count else {
            throw raise(.osError, "raw readinto() returned invalid length \(got) (should have been between 0 and \(count))")
        }
        return Array(array.buffer.prefix(got))
    }

    private func rawWrite(_ data: [UInt8], _ offset: Int) throws(Raised) -> Int? {
        if let file { return try file.write(data, from: offset) }
        let answer = try callMethod(raw, Names.write, BytesObject.make(Array(data[offset...])))
        if answer.isNone { return nil }
        let written = try index(answer)
        guard written >= 0, written <= data.count - offset else {
            throw raise(.osError, "raw write() returned invalid length \(written) (should have been between 0 and \(data.count - offset))")
        }
        return written
    }

    private func rawSeek(_ offset: Int, _ whence: Int) throws(Raised) -> Int {
        if let file { return try file.seek(offset, whence) }
        let answer = try index(try callMethod(raw, IOBase.seek, Value(offset), Value(whence)))
        guard answer >= 0 else { throw raise(.osError, "Raw stream returned invalid position \(answer)") }
        return answer
    }

    private func rawTell() throws(Raised) -> Int {
        if let file { return try file.seek(0, 1) }
        let answer = try index(try callMethod(raw, IOBase.tell))
        guard answer >= 0 else { throw raise(.osError, "Raw stream returned invalid position \(answer)") }
        return answer
    }

    // MARK: Writing

    /// Without the interpreter: for the sweep, and for whoever must not raise.
    func writeQuietly() {
        guard let file, file.descriptor >= 0 else { return }
        var offset = 0
        while offset < output.count {
            let written = output.withUnsafeBufferPointer { Glibc.write(file.descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
            if written < 0 {
                if errno == EINTR { continue }
                output.removeFirst(offset)
                return
            }
            offset += written
        }
        output.removeAll(keepingCapacity: output.capacity <= 1 << 16)
        DirtyStreams.remove(self)
    }

    func flushOutput() throws(Raised) {
        if try !drain() { throw BufferedStream.wouldBlock(written: 0) }
    }

    private static func wouldBlock(written: Int) -> Raised {
        let raised = osError(EAGAIN)
        let error = currentThread().pointee.raised.object(ExceptionObject.self)
        let message = Value(Str.make("write could not complete without blocking"))
        error.pointee.args = Value(Tuple.make(Value(Int(EAGAIN)), message, Value(written)))
        error.setField(1, message)
        error.setField(4, Value(written))
        return raised
    }

    /// Writes what is in the buffer; false if the raw stream takes no more, the rest being kept.
    private func drain() throws(Raised) -> Bool {
        if output.isEmpty { return true }
        let data = output
        output = []
        DirtyStreams.remove(self)
        var offset = 0
        do throws(Raised) {
            while offset < data.count {
                guard let written = try rawWrite(data, offset) else {
                    output = Array(data[offset...]) + output
                    if file != nil, !isStandard { DirtyStreams.add(self) }
                    return false
                }
                offset += written
                // A signal may have cut it short: its handler runs before the rest is tried.
                if offset < data.count { try Signals.handleArrived() }
            }
        } catch {
            output = Array(data[offset...]) + output
            if file != nil, !isStandard { DirtyStreams.add(self) }
            throw error
        }
        // Reuse the memory unless another thread wrote meanwhile.
        if output.isEmpty, data.capacity <= 1 << 16 {
            output = data
            output.removeAll(keepingCapacity: true)
        }
        return true
    }

    /// Forgets read-ahead and puts the raw stream where the script thinks it is.
    private func dropInput() throws(Raised) {
        let ahead = input.count - inputPosition
        input = []
        inputPosition = 0
        if ahead > 0 { _ = try rawSeek(-ahead, 1) }
    }

    func write(_ octets: Octets) throws(Raised) {
        if !input.isEmpty {
            // `octets` may belong to what a script's raw stream could change.
            let copy = Array(octets)
            try dropInput()
            return try copy.withUnsafeBufferPointer { view throws(Raised) in try write(view) }
        }
        if octets.count == 0 { return }
        if output.isEmpty, file != nil, !isStandard { DirtyStreams.add(self) }
        output.append(contentsOf: octets)
        if output.count > bufferSize, try !drain(), output.count > bufferSize {
            let surplus = output.count - bufferSize
            output.removeLast(surplus)
            throw BufferedStream.wouldBlock(written: max(0, octets.count - surplus))
        }
    }

    func flush() throws(Raised) {
        try flushOutput()
        if canRead, canWrite { try dropInput() }
    }

    // MARK: Reading

    /// The next piece: what is read ahead, or one raw read. Empty at the end; nil if it would block.
    func piece(_ size: Int) throws(Raised) -> [UInt8]? {
        if inputPosition < input.count {
            let result = Array(input[inputPosition...])
            input = []
            inputPosition = 0
            return result
        }
        if !output.isEmpty { try flushOutput() }
        return try rawRead(size)
    }

    /// Makes at least one octet available; false at the end, nil if it would block.
    private func fill() throws(Raised) -> Bool? {
        if inputPosition < input.count { return true }
        if !output.isEmpty { try flushOutput() }
        guard let data = try rawRead(bufferSize) else { return nil }
        input = data
        inputPosition = 0
        return !data.isEmpty
    }

    private func taken(_ count: Int) -> ArraySlice<UInt8> {
        let end = min(input.count, inputPosition + count)
        let result = input[inputPosition ..< end]
        inputPosition = end
        return result
    }

    func readAll() throws(Raised) -> [UInt8]? {
        if !output.isEmpty { try flushOutput() }
        var all = Array(taken(.max - inputPosition))
        input = []
        inputPosition = 0
        if let file {
            guard let rest = try file.readAll() else { return all.isEmpty ? nil : all }
            return all.isEmpty ? rest : all + rest
        }
        if !(try getOptionalAttribute(raw, IOBase.readall)).isAbsent {
            let rest = try callMethod(raw, IOBase.readall)
            if rest.isNone { return all.isEmpty ? nil : all }
            guard rest.isKind(.bytes) else { throw typeError("readall() should return bytes") }
            return all + Array(rest.object(BytesObject.self).buffer)
        }
        while true {
            let piece = try callMethod(raw, IOBase.read)
            if piece.isNone { return all.isEmpty ? nil : all }
            guard piece.isKind(.bytes) else { throw typeError("read() should return bytes") }
            let octets = piece.object(BytesObject.self).buffer
            if octets.count == 0 { return all }
            all.append(contentsOf: octets)
        }
    }

    func read(_ count: Int) throws(Raised) -> [UInt8]? {
        if input.count - inputPosition >= count { return Array(taken(count)) }
        var result = Array(taken(count))
        while result.count < count {
            if !output.isEmpty { try flushOutput() }
            let missing = count - result.count
            if missing >= bufferSize {
                guard let data = try rawRead(min(missing / bufferSize * bufferSize, 1 << 26)) else { return result.isEmpty ? nil : result }
                if data.isEmpty { return result }
                result.append(contentsOf: data)
                continue
            }
            guard let more = try fill() else { return result.isEmpty ? nil : result }
            if !more { return result }
            result.append(contentsOf: taken(missing))
        }
        return result
    }

    func read1(_ size: Int) throws(Raised) -> [UInt8] {
        let count = size < 0 ? bufferSize : size
        if count == 0 { return [] }
        if inputPosition < input.count { return Array(taken(count)) }
        if !output.isEmpty { try flushOutput() }
        return try rawRead(count) ?? []
    }

    /// As `read1`, for a buffer of the caller's: one that is larger than ours gets what is here and one raw read more.
    func readInto1(_ count: Int) throws(Raised) -> [UInt8]? {
        var data = Array(taken(count))
        let missing = count - data.count
        if missing > bufferSize {
            if !output.isEmpty { try flushOutput() }
            guard let more = try rawRead(missing) else { return data.isEmpty ? nil : data }
            data += more
        } else if missing > 0, data.isEmpty {
            guard try fill() != nil else { return nil }
            data = Array(taken(count))
        }
        return data
    }

    func peek() throws(Raised) -> [UInt8] {
        _ = try fill()
        return Array(input[inputPosition...])
    }

    func readLine(_ limit: Int) throws(Raised) -> [UInt8] {
        var line: [UInt8] = []
        while limit < 0 || line.count < limit {
            guard try fill() == true else { return line }
            let available = input.count - inputPosition
            let wanted = limit < 0 ? available : min(available, limit - line.count)
            let start = inputPosition
            let found = input.withUnsafeBufferPointer { buffer in
                memchr(buffer.baseAddress.unsafelyUnwrapped + start, 0x0A, wanted).map { UnsafeRawPointer($0) - UnsafeRawPointer(buffer.baseAddress.unsafelyUnwrapped) }
            }
            if let found {
                let part = taken(found + 1 - start)
                return line.isEmpty ? Array(part) : line + part
            }
            line.append(contentsOf: taken(wanted))
        }
        return line
    }

    // MARK: Positions

    /// A device may say that it is at its beginning always.
    func tell() throws(Raised) -> Int { max(0, try rawTell() - (input.count - inputPosition)) + output.count }

    func seek(_ target: Int, _ whence: Int) throws(Raised) -> Int {
        try flushOutput()
        if whence != 2, !input.isEmpty {
            let position = max(0, try rawTell() - (input.count - inputPosition))
            let wanted = whence == 1 ? position + target : target
            let moved = wanted - position + inputPosition
            if moved >= 0, moved <= input.count {
                inputPosition = moved
                return wanted
            }
            input = []
            inputPosition = 0
            return try rawSeek(wanted, 0)
        }
        input = []
        inputPosition = 0
        return try rawSeek(target, whence)
    }

    func truncate(_ size: Value) throws(Raised) -> Value {
        let wanted = size.isNone ? Value(try tell()) : size
        try flush()
        if let file {
            guard file.isWritable else { throw unsupportedOperation("File not open for writing") }
            try file.truncate(try index(wanted))
            return wanted
        }
        return try callMethod(raw, IOBase.truncate, wanted)
    }

    func close(_ object: Value) throws(Raised) {
        if try isClosed() { return }
        let isPlain = IOBase.isPlain(object, IOClasses.reader, IOClasses.writer, IOClasses.random)
        try IOBase.both({ () throws(Raised) in
            // What only reads has nothing of its own to flush; the raw stream below may.
            if isPlain, canWrite || file != nil { try flushOutput() } else { _ = try callMethod(object, Names.flush) }
        }, { () throws(Raised) in
            if let file, IOBase.isPlain(raw, IOClasses.file) { return try file.close() }
            closer = currentThread()
            defer { closer = nil }
            _ = try callMethod(raw, Names.close)
        })
        input = []
        inputPosition = 0
        output = []
        DirtyStreams.remove(self)
    }

    func detach() throws(Raised) -> Value {
        try flush()
        let result = raw
        raw = .absent
        file = nil
        wasDetached = true
        return result
    }
}
