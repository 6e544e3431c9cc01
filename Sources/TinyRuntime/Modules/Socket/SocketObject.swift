// `_socket.socket`: a descriptor, its family and its timeout.
//
// Sending and receiving are tried at once, with the GIL (MSG_DONTWAIT); only where that would block does the thread wait,
// in `poll`, without it. So the lock is not let go for calls that return at once, and the timeout is the poll's.
import CTiny
import Glibc

/// A socket of the language. Fields are read and written with the GIL.
public final class SocketObject: TracedObject {
    /// -1 once closed or detached.
    public var descriptor: Int32
    /// AF_INET and the like.
    public let family: Int32
    /// SOCK_STREAM and the like, without flags.
    public let type: Int32
    /// The number of the protocol; 0: the usual one.
    public let proto: Int32
    /// Nanoseconds; nil: block for ever; 0: never wait.
    public var timeout: UInt64?
    /// What makes it one of gevent's.
    var cooperation: Cooperation?

    /// `_socket.socket`. Set when that module is made.
    nonisolated(unsafe) public static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// `setdefaulttimeout`.
    nonisolated(unsafe) public static var defaultTimeout: UInt64?

    /// Takes over a descriptor, with the default timeout. Throws OSError if it can't be made non-blocking for that.
    public init(_ descriptor: Int32, _ family: Int32, _ type: Int32, _ proto: Int32) throws(Raised) {
        self.descriptor = descriptor
        self.family = family
        self.type = type
        self.proto = proto
        timeout = SocketObject.defaultTimeout
        if timeout != nil { try setBlocking(false) }
    }

    deinit { closeQuietly() }

    /// Closes it when nobody needs it any more.
    public func closeQuietly() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Marks the greenlets that wait for it. For the collector, which holds the GIL.
    public func trace(_ marker: inout Marker) {
        guard let cooperation else { return }
        marker.mark(cooperation.reader)
        marker.mark(cooperation.writer)
    }

    /// The socket in a box that holds one.
    @inline(__always)
    static func known(_ value: Value) -> SocketObject? {
        guard value.isKind(.box) else { return nil }
        let box = value.object(BoxedObject.self)
        return box.pointee.header.detail == BoxedObject.socketDetail ? unsafeDowncast(box.swiftObject, to: SocketObject.self) : nil
    }

    /// The socket behind a value of the script. Throws TypeError if it is none.
    public static func own(_ value: Value) throws(Raised) -> SocketObject {
        guard let socket = known(value) else { throw typeError("a socket is required") }
        return socket
    }

    /// Sets the descriptor's own mode: one with a timeout does not block.
    func setBlocking(_ isBlocking: Bool) throws(Raised) {
        var flag: Int32 = isBlocking ? 0 : 1
        guard tiny_ioctl(descriptor, UInt(FIONBIO), &flag) == 0 else { throw osError(errno) }
    }

    /// Sets the timeout (nanoseconds) and the descriptor's mode to fit. Throws OSError.
    public func setTimeout(_ value: UInt64?) throws(Raised) {
        timeout = value
        try setBlocking(value == nil)
    }

    /// A timeout argument: seconds or None. In nanoseconds.
    public static func timeout(_ value: Value) throws(Raised) -> UInt64? {
        if value.isNone { return nil }
        let seconds = try ThreadModule.seconds(value)
        guard seconds >= 0 else { throw valueError("Timeout value out of range") }
        guard seconds < 9.2e9 else { throw raise(.overflowError, "timestamp too large to convert to C PyTime_t") }
        return UInt64((seconds * 1e9).rounded(.up))
    }

    // MARK: Waiting

    /// Calls the system until it does not say "would block", waiting in between unless the script asked not to
    /// (MSG_DONTWAIT). `body` must not block.
    public func transfer(_ events: Int32, deadline: UInt64?? = nil, waits: Bool = true, _ body: () throws(Raised) -> Int) throws(Raised) -> Int {
        let limit = deadline ?? timeout.map { Clock.now() &+ $0 }
        while true {
            let result = try body()
            if result >= 0 { return result }
            let code = errno
            if code == EINTR {
                try Signals.handleArrived()
                continue
            }
            guard code == EAGAIN, timeout != 0, waits else { throw osError(code) }
            try wait(events, until: limit)
        }
    }

    /// Waits until the descriptor is ready. Throws TimeoutError.
    func wait(_ events: Int32, until deadline: UInt64?) throws(Raised) {
        while true {
            var question = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
            var milliseconds: Int32 = -1
            if let deadline {
                let now = Clock.now()
                guard deadline > now else { throw raise(.timeoutError, "timed out") }
                milliseconds = Int32(truncatingIfNeeded: min((deadline - now + 999_999) / 1_000_000, 0x7FFF_FFFF))
            }
            let isIdle = IdleCollection.isDue(milliseconds)
            if isIdle { milliseconds = IdleCollection.patience }
            var code: Int32 = 0
            let result = Threads.blocking { () -> Int32 in
                let result = poll(&question, 1, milliseconds)
                code = errno
                return result
            }
            if result > 0 { return }
            if result == 0, isIdle { try IdleCollection.run() }
            if result < 0 {
                guard code == EINTR else { throw osError(code) }
                try Signals.handleArrived()
            }
        }
    }

    /// Connects; the errno, or 0.
    public func connect(_ address: SocketAddress) throws(Raised) -> Int32 {
        var address = address
        let descriptor = descriptor
        let isBlocking = timeout == nil
        var code: Int32 = 0
        if SystemFaults.room("connect", 1) == nil { return errno }
        let result = isBlocking
            ? Threads.blocking { () -> Int32 in
                let result = address.withPointer { Glibc.connect(descriptor, $0, $1.pointee) }
                code = errno
                return result
            } : address.withPointer { Glibc.connect(descriptor, $0, $1.pointee) }
        if result == 0 { return 0 }
        if !isBlocking { code = errno }
        if code == EINTR {
            try Signals.handleArrived()
        } else if code != EINPROGRESS || timeout == 0 || isBlocking {
            return code
        }
        try wait(POLLOUT, until: timeout.map { Clock.now() &+ $0 })
        var outcome: Int32 = 0
        var length = socklen_t(4)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &outcome, &length) == 0 else { return errno }
        return outcome
    }

    /// A connection's descriptor, which no child inherits, and who is at its other end. Waits without the GIL.
    /// - Throws: TimeoutError, OSError, and what a handler of a signal raises meanwhile.
    public func accept() throws(Raised) -> (Int32, SocketAddress) {
        var address = SocketAddress()
        let descriptor = descriptor
        if timeout == nil { try wait(POLLIN, until: nil) }
        let accepted = try transfer(POLLIN) {
            address.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            guard SystemFaults.room("accept", 1) != nil else { return -1 }
            return address.withPointer { Int(tiny_accept4(descriptor, $0, $1, Int32(SOCK_CLOEXEC.rawValue))) }
        }
        return (Int32(accepted), address)
    }
}
