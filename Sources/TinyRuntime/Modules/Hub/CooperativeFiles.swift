// Plain files (`open`) after `monkey.patch_all()`: reading and writing let other greenlets run.
//
// What can be waited for (pipes, terminals, sockets) is waited for in the hub. A file on a disk always says that it is ready:
// what the system has in memory is read at once, and what it would have to fetch, in a thread of the hub's pool; so a file
// that was read before costs no more than without the patch. Whoever is alone in the loop simply waits, as do the hub itself
// and other threads. The standard streams stay as they are (`patch_all(sys=True)` is for those).
import CTiny
import Glibc

enum CooperativeFiles {
    /// Set by patch_all; until then a call costs a test of this.
    nonisolated(unsafe) private(set) static var isOn = false
    /// `gevent._files`: what waits, and what a thread of the pool does.
    nonisolated(unsafe) private static var waitUntilReady = Value.none
    nonisolated(unsafe) private static var readElsewhere = Value.none
    nonisolated(unsafe) private static var writeElsewhere = Value.none
    nonisolated(unsafe) private static var openElsewhere = Value.none
    /// Writing more to a disk is a thread's work: less goes into the system's memory.
    private static let largeWrite = 1 << 16
    /// A pipe that is ready takes this much without waiting.
    private static let pipeWrite = 4096

    static let letFilesWait = Native(
        "_let_files_wait_in_hub(wait, read, write, open, /)", "Plain files let other greenlets run from now on."
    ) { args throws(Raised) in
        (waitUntilReady, readElsewhere, writeElsewhere, openElsewhere) = (args[0], args[1], args[2], args[3])
        for index in 0 ..< 4 { heap.permanentRoots.append(args[index]) }
        isOn = true
        return .none
    }

    /// Whether others could run if the current greenlet waited.
    private static func hasCompany(_ t: ThreadRef) -> Bool {
        guard let hub = t.pointee.hub, t.currentFiber() != hub else { return false }
        return EventLoop.hasWork(t)
    }

    /// Waits until a descriptor that blocks is ready; at once if it is, or never blocks.
    private static func wait(_ descriptor: Int32, _ events: Int32) throws(Raised) {
        var question = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        guard poll(&question, 1, 0) == 0, !neverBlocks(descriptor) else { return }
        let wanted = events == POLLIN ? HubWatchers.readable : HubWatchers.writable
        _ = try callValue(waitUntilReady, Value(Int(descriptor)), Value(wanted))
    }

    private static func neverBlocks(_ descriptor: Int32) -> Bool { tiny_status_flags(descriptor) & O_NONBLOCK != 0 }

    /// Up to `count` octets. Nil: the call itself does not block, or may.
    static func read(_ stream: FileStream, _ count: Int) throws(Raised) -> [UInt8]? {
        let descriptor = stream.descriptor
        guard descriptor > 2, count > 0, hasCompany(currentThread()) else { return nil }
        guard stream.isOnDisk else {
            try wait(descriptor, POLLIN)
            return nil
        }
        if SystemFaults.isActive { return nil }
        var data: [UInt8] = []
        while data.count < count {
            var got = 0
            let part = [UInt8](unsafeUninitializedCapacity: count - data.count) { buffer, filled in
                got = tiny_read_cached(descriptor, buffer.baseAddress, buffer.count)
                filled = max(0, got)
            }
            if got < 0 { break }
            if data.isEmpty { data = part } else { data += part }
            if got == 0 { return data }
        }
        if data.count == count { return data }
        let rest = try callValue(readElsewhere, Value(Int(descriptor)), Value(count - data.count))
        guard rest.isKind(.bytes) else { throw typeError("read() should have returned a bytes object, not '\(typeName(rest))'") }
        data.append(contentsOf: rest.object(BytesObject.self).buffer)
        return data
    }

    /// How many octets were written. Nil: the call itself does not block, or may.
    static func write(_ stream: FileStream, _ data: [UInt8], from offset: Int) throws(Raised) -> Int? {
        let descriptor = stream.descriptor
        guard descriptor > 2, hasCompany(currentThread()) else { return nil }
        let count = data.count - offset
        if stream.isOnDisk {
            guard count > largeWrite else { return nil }
            return try index(try callValue(writeElsewhere, Value(Int(descriptor)), BytesObject.make(Array(data[offset...]))))
        }
        guard count > pipeWrite, !neverBlocks(descriptor) else {
            try wait(descriptor, POLLOUT)
            return nil
        }
        var written = 0
        while written < count {
            try wait(descriptor, POLLOUT)
            let result = data.withUnsafeBufferPointer { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset + written }, min(pipeWrite, count - written))
            }
            if result >= 0 { written += result } else if errno == EINTR { try Signals.handleArrived() } else if errno != EAGAIN {
                // What is written is told first; the next write fails again.
                if written > 0 { break }
                throw osError(errno)
            }
        }
        return written
    }

    /// The descriptor of a path whose opening waits for somebody else (a named pipe). Nil: as usual.
    static func open(_ path: SystemPath, _ flags: Int32) throws(Raised) -> Int32? {
        guard flags & O_ACCMODE != O_RDWR, hasCompany(currentThread()) else { return nil }
        var status = stat()
        let isPipe = path.text.withUnsafeBufferPointer { stat($0.baseAddress.unsafelyUnwrapped, &status) == 0 } && status.st_mode & S_IFMT == S_IFIFO
        guard isPipe else { return nil }
        return try Posix.int32(try callValue(openElsewhere, path.value, Value(Int(flags | O_CLOEXEC))))
    }
}
