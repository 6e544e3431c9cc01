// Messages of multiprocessing's connections: the number of octets (4, or -1 and 8, highest first), then the octets.
//
// Natively because every message of a queue, pool or manager passes here. A small message is one call to the system on
// either side where that is possible: the sender gathers it on the stack; the receiver of a pipe asks, beside the octets of
// a message, for the number in front of the next one, and keeps it where all processes that read there see it (ReadAhead).
// A call that would not block is made with the GIL held.
import CTiny
import Glibc
import TinyRuntime

/// What a process has read of the next message's number, for all that read from the same pipe, one at a time.
final class ReadAhead: UntracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// How many octets of the number are there, and they: in memory that children of fork share.
    struct State {
        var count: UInt32 = 0
        var octets: UInt32 = 0
    }

    let state: UnsafeMutablePointer<State>

    private init(_ state: UnsafeMutablePointer<State>) { self.state = state }

    deinit { munmap(state, MemoryLayout<State>.size) }

    static let nativeClass = NativeClass(
        "ReadAhead", kind: .box, doc: "What has been read of the next message, for the processes that share a pipe.",
        construct: { args throws(Raised) in
            let memory = tiny_map(MemoryLayout<State>.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
            guard let memory else { throw osError(errno) }
            return BoxedObject.make(ReadAhead(memory.assumingMemoryBound(to: State.self)), args[0].object(ClassObject.self))
        })
}

enum Messages {
    typealias Memory = UnsafeMutablePointer<UInt8>
    /// Octets up to which messages are gathered on the stack: what a pipe takes as a whole (PIPE_BUF).
    private static let small = 4096
    private static let numberSize = 4

    // MARK: Sending

    private static func bigEndian(_ number: Int, _ count: Int) -> [UInt8] {
        (0 ..< count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }

    /// Writes all of it. The octets stay where and as they are meanwhile.
    private static func write(_ descriptor: Int32, _ octets: Octets) throws(Raised) {
        var sent = 0
        while sent < octets.count {
            let rest = octets.part(sent, octets.count)
            sent += try Posix.transferring(descriptor, POLLOUT, count: rest.count) { Glibc.write(descriptor, rest.baseAddress, rest.count) }
        }
    }

    /// Sends messages one behind the other, in as few calls as they fit in.
    private static func send(_ descriptor: Int32, _ messages: UnsafeBufferPointer<Value>) throws(Raised) {
        var next = 0
        while next < messages.count {
            let first = messages[next].object(BytesObject.self).buffer
            if first.count > small - numberSize {
                try sendLarge(descriptor, first)
                next += 1
                continue
            }
            next = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: messages.count - next > 1 ? small * 4 : small) { memory throws(Raised) in
                var (count, end) = (0, next)
                while end < messages.count, case let octets = messages[end].object(BytesObject.self).buffer,
                    count + numberSize + octets.count <= memory.count, let base = memory.baseAddress
                {
                    UnsafeMutableRawPointer(base + count).storeBytes(of: UInt32(truncatingIfNeeded: octets.count).bigEndian, as: UInt32.self)
                    if let start = octets.baseAddress { memcpy(base + count + numberSize, start, octets.count) }
                    count += numberSize + octets.count
                    end += 1
                }
                try write(descriptor, Octets(start: memory.baseAddress, count: count))
                return end
            }
        }
    }

    private static func sendLarge(_ descriptor: Int32, _ octets: Octets) throws(Raised) {
        let header = octets.count > Int(Int32.max) ? [255, 255, 255, 255] + bigEndian(octets.count, 8) : bigEndian(octets.count, numberSize)
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
                    return writev(descriptor, parts, 2)
                }
            }
        }
    }

    static let send: NativeBody = { args throws(Raised) in
        let descriptor = try descriptorNumber(args[0])
        DirtyStreams.flushAll()
        // What a script could change meanwhile is copied.
        var message = args[1].isExactly(.bytes) ? args[1] : BytesObject.make(try BufferView(args[1]).octets)
        try withUnsafePointer(to: &message) { start throws(Raised) in try send(descriptor, UnsafeBufferPointer(start: start, count: 1)) }
        return .none
    }

    static let sendAll: NativeBody = { args throws(Raised) in
        let descriptor = try descriptorNumber(args[0])
        DirtyStreams.flushAll()
        // A tuple: nobody changes it while the GIL is free.
        let messages = Value(try makeTuple(args[1]))
        let items = UnsafeBufferPointer(start: UnsafePointer(messages.object(Tuple.self).items), count: messages.object(Tuple.self).count)
        for item in items where !item.isExactly(.bytes) { throw typeError("messages must be bytes, not \(typeName(item))") }
        try send(descriptor, items)
        return .none
    }

    // MARK: Receiving

    /// Reads what is there, at most `count` octets and, behind them, `more`; waits until there is anything. Within a message that
    /// other readers of a pipe count on (`isWhole`) a signal's handler has to wait: what it raises would leave half of it behind.
    private static func readSome(
        _ descriptor: Int32, _ memory: Memory, _ count: Int, _ more: Memory?, _ moreCount: Int, isWhole: Bool = false
    ) throws(Raised) -> Int {
        while true {
            // With the GIL, if that does not block; where the kernel can't say so (EOPNOTSUPP), poll is asked first.
            let arrived = tiny_read_ready(descriptor, memory, count, more, moreCount)
            if arrived >= 0 { return arrived }
            let code = errno
            if code == EAGAIN, isWhole {
                var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                Threads.blocking { _ = poll(&wanted, 1, -1) }
                continue
            }
            if code == EAGAIN { return try Posix.blocking(nil) { tiny_read_two(descriptor, memory, count, more, moreCount) } }
            if code == EINTR {
                if !isWhole { try Signals.handleArrived() }
                continue
            }
            guard code == EOPNOTSUPP || code == ENOSYS || code == EINVAL else { throw osError(code) }
            return try Posix.transferring(descriptor, POLLIN) { tiny_read_two(descriptor, memory, count, more, moreCount) }
        }
    }

    private static func endOfFile(atStart: Bool) -> Raised {
        atStart ? raise(.eofError) : raise(.osError, "got end of file during message")
    }

    private static func octets(_ state: UnsafeMutablePointer<ReadAhead.State>) -> Memory {
        (UnsafeMutableRawPointer(state) + numberSize).assumingMemoryBound(to: UInt8.self)
    }

    /// Reads so many octets of a message and, if `ahead` is given, what is there of the number behind them.
    private static func read(
        _ descriptor: Int32, _ memory: Memory, _ count: Int, ahead: UnsafeMutablePointer<ReadAhead.State>? = nil, isWhole: Bool
    ) throws(Raised) {
        var received = 0
        let more = ahead.map { octets($0) }
        while received < count {
            let part = try readSome(
                descriptor, memory + received, count - received, more, more == nil ? 0 : numberSize, isWhole: isWhole)
            if part == 0 { throw endOfFile(atStart: false) }
            received += part
        }
        if received > count { ahead?.pointee.count = UInt32(received - count) }
    }

    /// The number of octets of the next message, of which the state may know a part.
    private static func number(_ descriptor: Int32, _ state: UnsafeMutablePointer<ReadAhead.State>, isWhole: Bool) throws(Raised) -> Int {
        while case let known = Int(state.pointee.count), known < numberSize {
            // What is known of a number stays in the state, whatever happens.
            let part = try readSome(descriptor, octets(state) + known, numberSize - known, nil, 0)
            if part == 0 { throw endOfFile(atStart: known == 0) }
            state.pointee.count += UInt32(part)
        }
        let number = UInt32(bigEndian: state.pointee.octets)
        state.pointee.count = 0
        if number != .max { return Int(number) }
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { memory throws(Raised) in
            guard let base = memory.baseAddress else { return 0 }
            try read(descriptor, base, 8, isWhole: isWhole)
            return memory.reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// The next message; nil if it has more than `most` octets (unless that is negative).
    static func next(_ descriptor: Int32, most: Int = -1, _ ahead: UnsafeMutablePointer<ReadAhead.State>?) throws(Raised) -> Value? {
        var own = ReadAhead.State()
        let count = if let ahead {
            try number(descriptor, ahead, isWhole: true)
        } else {
            try withUnsafeMutablePointer(to: &own) { state throws(Raised) in try number(descriptor, state, isWhole: false) }
        }
        if most >= 0, count > most { return nil }
        guard count >= 0, count <= largestBuffer else { throw raise(.osError, "bad message length") }
        if count <= 1 << 16 {
            let message = BytesObject.allocate(count)
            try read(descriptor, message.bytes, count, ahead: ahead, isWhole: ahead != nil)
            return Value(message)
        }
        // Grows with what arrives: a wrong length must not take memory for octets that never come.
        var capacity = min(count, 1 << 24)
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
            try read(descriptor, octets + received, min(count, capacity) - received, isWhole: ahead != nil)
            received = min(count, capacity)
        }
        return BytesObject.make(Octets(start: memory.assumingMemoryBound(to: UInt8.self), count: count))
    }

    private static func state(_ value: Value) throws(Raised) -> UnsafeMutablePointer<ReadAhead.State>? {
        if value.isNone { return nil }
        guard let ahead = value.boxed(ReadAhead.self) else { throw typeError("a ReadAhead is required, not \(typeName(value))") }
        return ahead.state
    }

    static let receive: NativeBody = { args throws(Raised) in
        DirtyStreams.flushAll()
        return try next(try descriptorNumber(args[0]), most: try index(args[1]), try state(args[2])) ?? .none
    }

    /// `Queue.get`: the next message, under the lock of those that read; then there is room for one more.
    static let take: NativeBody = { args throws(Raised) in
        DirtyStreams.flushAll()
        let lock = try SharedSemaphore.of(args[0])
        let room = args[1].isNone ? nil : try SharedSemaphore.of(args[1])
        let descriptor = try descriptorNumber(args[2])
        let ahead = try state(args[3])
        _ = try lock.acquire(until: nil, isBlocking: true)
        let message: Value
        do throws(Raised) { message = try next(descriptor, ahead) ?? .none } catch {
            try lock.release()
            throw error
        }
        try lock.release()
        try room?.release()
        return message
    }
}
