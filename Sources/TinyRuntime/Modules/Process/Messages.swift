// Messages of multiprocessing's connections: the number of octets (4, or -1 and 8, highest first), then the octets.
//
// Natively because every message of a queue, pool or manager passes here: one call to the system to send a message, two to
// receive one, without objects in between. The octets are copied before the GIL is let go if a script could change them.
import CTiny
import Glibc

enum Messages {
    private static func write(_ descriptor: Int32, _ header: [UInt8], _ octets: Octets) throws(Raised) {
        var sent = 0
        let total = header.count + octets.count
        while sent < total {
            let done = sent
            sent += try Posix.transferring(descriptor, POLLOUT, count: total - sent) {
                if done >= header.count {
                    return Glibc.write(descriptor, octets.baseAddress.map { $0 + (done - header.count) }, total - done)
                }
                return header.withUnsafeBytes { start in
                    let base = UnsafeMutableRawPointer(mutating: start.baseAddress)
                    let parts = [
                        iovec(iov_base: base.map { $0 + done }, iov_len: header.count - done),
                        iovec(iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count),
                    ]
                    return writev(descriptor, parts, octets.isEmpty ? 1 : 2)
                }
            }
        }
    }

    private static func bigEndian(_ number: Int, _ count: Int) -> [UInt8] {
        (0 ..< count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }

    static let send: NativeBody = { args throws(Raised) in
        let descriptor = try descriptorNumber(args[0])
        DirtyStreams.flushAll()
        let view = try BufferView(args[1])
        let header = view.count > Int(Int32.max) ? [255, 255, 255, 255] + bigEndian(view.count, 8) : bigEndian(view.count, 4)
        if args[1].isKind(.bytes) {
            try write(descriptor, header, view.octets)
        } else {
            let count = view.count
            let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, count))
            defer { copy.deallocate() }
            if let base = view.octets.baseAddress { copy.initialize(from: base, count: count) }
            try write(descriptor, header, Octets(start: copy, count: count))
        }
        return .none
    }

    /// Reads so many octets. EOFError at the end if `atStart`, else OSError.
    private static func read(_ descriptor: Int32, _ memory: UnsafeMutablePointer<UInt8>, _ count: Int, atStart: Bool) throws(Raised) {
        var received = 0
        while received < count {
            let done = received
            let part = try Posix.transferring(descriptor, POLLIN) { Glibc.read(descriptor, memory + done, count - done) }
            if part == 0 {
                if atStart, received == 0 { throw raise(.eofError) }
                throw raise(.osError, "got end of file during message")
            }
            received += part
        }
    }

    static let receive: NativeBody = { args throws(Raised) in
        let descriptor = try descriptorNumber(args[0])
        let most = try index(args[1])
        let header = UnsafeMutablePointer<UInt8>.allocate(capacity: 8)
        defer { header.deallocate() }
        try read(descriptor, header, 4, atStart: true)
        var count = (0 ..< 4).reduce(0) { $0 << 8 | Int(header[$1]) }
        if count == 0xFFFF_FFFF {
            try read(descriptor, header, 8, atStart: false)
            count = (0 ..< 8).reduce(0) { $0 << 8 | Int(header[$1]) }
        }
        if most >= 0, count > most { return .none }
        guard count >= 0, count <= largestBuffer else { throw raise(.osError, "bad message length") }
        // Grows with what arrives: a wrong length must not take memory for octets that never come.
        var capacity = min(max(count, 1), 1 << 24)
        guard var memory = malloc(capacity) else { throw raise(.memoryError) }
        defer { free(memory) }
        var received = 0
        while received < count {
            if received == capacity {
                capacity = min(count, capacity * 2)
                guard let larger = realloc(memory, capacity) else { throw raise(.memoryError) }
                memory = larger
            }
            let octets = memory.assumingMemoryBound(to: UInt8.self)
            try read(descriptor, octets + received, min(count, capacity) - received, atStart: false)
            received = min(count, capacity)
        }
        return BytesObject.make(Octets(start: memory.assumingMemoryBound(to: UInt8.self), count: count))
    }
}
