// The methods of `_socket.socket`.
import CTiny
import Glibc
import TinyRuntime

extension SocketObject {
    /// Receives into memory that is made anew for each call, and makes something of it.
    private static func receive<Result>(
        _ socket: SocketObject, _ count: Int, _ flags: Int32, _ address: UnsafeMutablePointer<SocketAddress>?,
        _ body: (BytesBuffer, Int) throws(Raised) -> Result
    ) throws(Raised) -> Result {
        guard count >= 0 else { throw valueError("negative buffersize in recv") }
        try checkSize(count)
        guard let buffer = BytesBuffer(count) else { throw raise(.memoryError) }
        defer { buffer.free() }
        let descriptor = socket.descriptor
        let memory = buffer.octets
        let received = try socket.transfer(POLLIN, waits: flags & Int32(MSG_DONTWAIT) == 0) {
            guard let count = SystemFaults.room("recv", count) else { return -1 }
            guard let address else { return recv(descriptor, memory, count, flags | Int32(MSG_DONTWAIT)) }
            address.pointee.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            return address.pointee.withPointer {
                recvfrom(descriptor, memory, count, flags | Int32(MSG_DONTWAIT), $0, $1)
            }
        }
        return try body(buffer, received)
    }

    private static let receiving: [Native] = [
        Native("recv(self, bufsize, flags=0, /)", "Receive data from the socket.") { args throws(Raised) in
            try receive(try own(args[0]), try index(args[1]), try Posix.int32(args[2]), nil) { buffer, count throws(Raised) in
                buffer.taken(count)
            }
        },
        Native("recvfrom(self, bufsize, flags=0, /)", "Like recv(buffersize, flags) but also return the sender's address info.") { args throws(Raised) in
            var address = SocketAddress()
            let socket = try own(args[0])
            let octets = try receive(
                socket, try index(args[1]), try Posix.int32(args[2]), &address
            ) { buffer, count throws(Raised) in buffer.taken(count) }
            return Value(Tuple.make(octets, address.value(proto: socket.proto)))
        },
        Native("recv_into(self, buffer, nbytes=0, flags=0)", "A version of recv() that stores its data into a buffer.") { args throws(Raised) in
            try receive(try own(args[0]), try room(args[1], args[2]), try Posix.int32(args[3]), nil) { buffer, count throws(Raised) in
                try MutableOctets.fill(args[1], Octets(start: buffer.octets, count: count))
                return Value(count)
            }
        },
        Native("recvfrom_into(self, buffer, nbytes=0, flags=0)", "Like recv_into(buffer[, nbytes[, flags]]) but also return the sender's address info.") { args throws(Raised) in
            var address = SocketAddress()
            let socket = try own(args[0])
            let received = try receive(
                socket, try room(args[1], args[2]), try Posix.int32(args[3]), &address
            ) { buffer, count throws(Raised) in
                try MutableOctets.fill(args[1], Octets(start: buffer.octets, count: count))
                return count
            }
            return Value(Tuple.make(Value(received), address.value(proto: socket.proto)))
        },
    ]

    private static func room(_ buffer: Value, _ count: Value) throws(Raised) -> Int {
        let wanted = try index(count)
        guard wanted >= 0 else { throw valueError("negative buffersize in recv_into") }
        let size = try MutableOctets.count(buffer)
        guard wanted <= size else { throw valueError("buffer too small for requested bytes") }
        return wanted == 0 ? size : wanted
    }

    private static let sendFlags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)

    private static let sending: [Native] = [
        Native("send(self, data, flags=0, /)", "Send a data string to the socket.") { args throws(Raised) in
            let socket = try own(args[0])
            let asked = try Posix.int32(args[2])
            let flags = asked | sendFlags
            return Value(
                try socket.transfer(POLLOUT, waits: asked & Int32(MSG_DONTWAIT) == 0) { () throws(Raised) in
                    // Looked at anew each time: while it waited the buffer may have been resized.
                    let view = try BufferView(args[1])
                    guard let count = SystemFaults.room("send", view.count) else { return -1 }
                    return Glibc.send(socket.descriptor, view.octets.baseAddress, count, flags)
                })
        },
        Native("sendall(self, data, flags=0, /)", "Send a data string to the socket, all of it.") { args throws(Raised) in
            let socket = try own(args[0])
            let asked = try Posix.int32(args[2])
            let flags = asked | sendFlags
            let limit = socket.timeout.map { Clock.now() &+ $0 }
            var sent = 0
            var count = try BufferView(args[1]).count
            while sent < count {
                sent += try socket.transfer(POLLOUT, deadline: .some(limit), waits: asked & Int32(MSG_DONTWAIT) == 0) { () throws(Raised) in
                    let view = try BufferView(args[1])
                    count = min(count, view.count)
                    guard sent < count, let base = view.octets.baseAddress else { return 0 }
                    guard let part = SystemFaults.room("send", count - sent) else { return -1 }
                    return Glibc.send(socket.descriptor, base + sent, part, flags)
                }
                if sent < count { try Signals.handleArrived() }
            }
            return .none
        },
        Native("sendto(self, data, *rest)", "Like send(data, flags) but allows specifying the destination address.") { args throws(Raised) in
            let socket = try own(args[0])
            let rest = args[2].object(Tuple.self)
            guard 1 ... 2 ~= rest.count else { throw typeError("sendto() takes 2 or 3 arguments (\(rest.count + 1) given)") }
            let flags = rest.count == 2 ? try Posix.int32(rest.items[0]) : 0
            var address = try SocketAddress(rest.items[rest.count - 1], socket.family, "sendto", proto: socket.proto)
            return Value(
                try socket.transfer(POLLOUT, waits: flags & Int32(MSG_DONTWAIT) == 0) { () throws(Raised) in
                    let view = try BufferView(args[1])
                    return address.withPointer {
                        Glibc.sendto(socket.descriptor, view.octets.baseAddress, view.count, flags | sendFlags, $0, $1.pointee)
                    }
                })
        },
    ]

    private static let connecting: [Native] = [
        Native("bind(self, address, /)", "Bind the socket to a local address.") { args throws(Raised) in
            let socket = try own(args[0])
            var address = try SocketAddress(args[1], socket.family, "bind", proto: socket.proto)
            guard address.withPointer({ Glibc.bind(socket.descriptor, $0, $1.pointee) }) == 0 else { throw osError(errno) }
            return .none
        }.telling("socket.bind", 0, 1),
        Native("connect(self, address, /)", "Connect the socket to a remote address.") { args throws(Raised) in
            let socket = try own(args[0])
            let code = try socket.connect(try SocketAddress(args[1], socket.family, "connect", proto: socket.proto))
            if code != 0 { throw osError(code) }
            return .none
        }.telling("socket.connect", 0, 1),
        Native("connect_ex(self, address, /)", "This is like connect(address), but returns an error code instead of raising an exception.") { args throws(Raised) in
            let socket = try own(args[0])
            let address = try SocketAddress(args[1], socket.family, "connect_ex", proto: socket.proto)
            do throws(Raised) { return Value(Int(try socket.connect(address))) } catch {
                guard currentThread().raisedIs(.timeoutError) else { throw error }
                _ = currentThread().takeRaised()
                return Value(Int(EAGAIN))
            }
        }.telling("socket.connect", 0, 1),
        Native("listen(self, backlog=?, /)", "Enable a server to accept connections.") { args throws(Raised) in
            let backlog = args.has(1) ? max(0, try Posix.int32(args[1])) : 128
            guard Glibc.listen(try own(args[0]).descriptor, backlog) == 0 else { throw osError(errno) }
            return .none
        },
        Native("_accept(self, /)", "Wait for an incoming connection: its descriptor and address.") { args throws(Raised) in
            let (descriptor, address) = try own(args[0]).accept()
            return Value(Tuple.make(Value(Int(descriptor)), address.value()))
        },
        Native("shutdown(self, flag, /)", "Shut down the reading side of the socket, the writing side, or both.") { args throws(Raised) in
            guard Glibc.shutdown(try own(args[0]).descriptor, try Posix.int32(args[1])) == 0 else { throw osError(errno) }
            return .none
        },
        Native("close(self, /)", "Close the socket.") { args throws(Raised) in
            let socket = try own(args[0])
            let descriptor = socket.descriptor
            guard descriptor >= 0 else { return .none }
            socket.descriptor = -1
            let result = Glibc.close(descriptor)
            if result < 0, errno != ECONNRESET, errno != EINTR { throw osError(errno) }
            return .none
        },
        Native("detach(self, /)", "Close the socket object without closing the underlying file descriptor.") { args throws(Raised) in
            let socket = try own(args[0])
            defer { socket.descriptor = -1 }
            return Value(Int(socket.descriptor))
        },
        Native("fileno(self, /)", "Return the integer file descriptor of the socket.") { args throws(Raised) in
            Value(Int(try own(args[0]).descriptor))
        },
        Native("getpeername(self, /)", "Return the address of the remote endpoint.") { args throws(Raised) in
            try address(of: args[0], Glibc.getpeername)
        },
        Native("getsockname(self, /)", "Return the address of the local endpoint.") { args throws(Raised) in
            try address(of: args[0], Glibc.getsockname)
        },
    ]

    private static func address(
        of value: Value, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) throws(Raised) -> Value {
        let socket = try own(value)
        var address = SocketAddress()
        guard address.withPointer({ call(socket.descriptor, $0, $1) }) == 0 else { throw osError(errno) }
        return address.value(proto: socket.proto)
    }

    private static let options: [Native] = [
        Native("setblocking(self, flag, /)", "Set the socket to blocking (flag is true) or non-blocking (false).") { args throws(Raised) in
            try own(args[0]).setTimeout(try truth(args[1]) ? nil : 0)
            return .none
        },
        Native("getblocking(self, /)", "Returns True if socket is in blocking mode, or False if it is in non-blocking mode.") { args throws(Raised) in
            Value(try own(args[0]).timeout != 0)
        },
        Native("settimeout(self, timeout, /)", "Set a timeout on socket operations.") { args throws(Raised) in
            try own(args[0]).setTimeout(try timeout(args[1]))
            return .none
        },
        Native("gettimeout(self, /)", "Returns the timeout in seconds (float) associated with socket operations.") { args throws(Raised) in
            try own(args[0]).timeout.map { Value(Double($0) / 1e9) } ?? .none
        },
        Native("setsockopt(self, level, option, value, optlen=?, /)", "Set a socket option.") { args throws(Raised) in
            let socket = try own(args[0])
            let descriptor = socket.descriptor
            let level = try Posix.int32(args[1])
            let option = try Posix.int32(args[2])
            let result: Int32
            if args[3].isNone {
                result = Glibc.setsockopt(descriptor, level, option, nil, socklen_t(try index(args.has(4) ? args[4] : Value(inline: 0))))
            } else if isInteger(args[3]), socket.hasLongOptions {
                var number = UInt64(truncatingIfNeeded: try index(args[3]))
                result = Glibc.setsockopt(descriptor, level, option, &number, 8)
            } else if isInteger(args[3]) {
                var number = try Posix.int32(args[3])
                result = Glibc.setsockopt(descriptor, level, option, &number, 4)
            } else {
                let view = try BufferView(args[3])
                result = Glibc.setsockopt(descriptor, level, option, view.octets.baseAddress, socklen_t(view.count))
            }
            guard result == 0 else { throw osError(errno) }
            return .none
        },
        Native("getsockopt(self, level, option, buflen=0, /)", "Get a socket option.") { args throws(Raised) in
            let socket = try own(args[0])
            let descriptor = socket.descriptor
            let level = try Posix.int32(args[1])
            let option = try Posix.int32(args[2])
            let count = try index(args[3])
            if count == 0, socket.hasLongOptions {
                var number: UInt64 = 0
                var length = socklen_t(8)
                guard Glibc.getsockopt(descriptor, level, option, &number, &length) == 0 else { throw osError(errno) }
                return Value(Int(truncatingIfNeeded: number))
            }
            if count == 0 {
                var number: Int32 = 0
                var length = socklen_t(4)
                guard Glibc.getsockopt(descriptor, level, option, &number, &length) == 0 else { throw osError(errno) }
                return Value(Int(number))
            }
            guard 1 ... 1024 ~= count else { throw raise(.osError, "getsockopt buflen out of range") }
            var buffer = [UInt8](repeating: 0, count: count)
            var length = socklen_t(count)
            guard Glibc.getsockopt(descriptor, level, option, &buffer, &length) == 0 else { throw osError(errno) }
            return BytesObject.make(Array(buffer.prefix(Int(length))))
        },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            let socket = try own(args[0])
            return Value(
                Str.make("<socket object, fd=\(socket.descriptor), family=\(socket.family), type=\(socket.type), proto=\(socket.proto)>"))
        },
        Native("__del__(self, /)", "Warns if nobody has closed it, and closes it.") { args throws(Raised) in
            let socket = try own(args[0])
            guard socket.descriptor >= 0 else { return .none }
            defer { socket.closeQuietly() }
            try UnclosedStreams.warn(args[0])
            return .none
        },
    ]

    static let nativeClass = NativeClass(
        "socket", kind: .box, doc: "An endpoint of a connection.", flags: [.isBase, .isWeakReferenceable, .hasDel],
        methods: connecting + receiving + sending + options + SocketMessages.methods,
        attributes: [
            Accessors("family") { object throws(Raised) in Value(Int(try own(object).family)) },
            Accessors("type") { object throws(Raised) in Value(Int(try own(object).type)) },
            Accessors("proto") { object throws(Raised) in Value(Int(try own(object).proto)) },
            Accessors("timeout") { object throws(Raised) in try own(object).timeout.map { Value(Double($0) / 1e9) } ?? .none },
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["family", "type", "proto", "fileno"], required: 0, function: "socket")
            defer { values.deallocate() }
            func number(_ place: Int) throws(Raised) -> Int32 { values[place].isAbsent ? -1 : try Posix.int32(values[place]) }
            var (family, type, proto) = (try number(0), try number(1), try number(2))
            let cls = args[0].object(ClassObject.self)
            if !values[3].isAbsent, !values[3].isNone {
                let descriptor = try Posix.int32(values[3])
                guard descriptor >= 0 else { throw valueError("negative file descriptor") }
                func ask(_ option: Int32) throws(Raised) -> Int32 {
                    var answer: Int32 = 0
                    var length = socklen_t(4)
                    guard Glibc.getsockopt(descriptor, SOL_SOCKET, option, &answer, &length) == 0 else { throw osError(errno) }
                    return answer
                }
                if family == -1 { family = try ask(SO_DOMAIN) }
                if type == -1 { type = try ask(SO_TYPE) }
                if proto == -1 { proto = try ask(SO_PROTOCOL) }
                return try told(BoxedObject.make(try SocketObject(descriptor, family, type, proto), cls))
            }
            if family == -1 { family = AF_INET }
            if type == -1 { type = Int32(SOCK_STREAM.rawValue) }
            if proto == -1 { proto = 0 }
            let descriptor = try make(family, type, proto)
            let plain = type & ~(Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue))
            let socket = try SocketObject(descriptor, family, plain, proto)
            if type & Int32(SOCK_NONBLOCK.rawValue) != 0 { socket.timeout = 0 }
            return try told(BoxedObject.make(socket, cls))
        })

    /// A new socket, of which the audit hooks have heard.
    private static func told(_ object: Value) throws(Raised) -> Value {
        guard AuditHooks.listen else { return object }
        let socket = try own(object)
        try AuditHooks.tell(
            "socket.__new__", object, Value(Int(socket.family)), Value(Int(socket.type)), Value(Int(socket.proto)))
        return object
    }

    /// A new descriptor. Sockets that nobody refers to are closed by the sweep: collects once if there are too many.
    private static func make(_ family: Int32, _ type: Int32, _ proto: Int32) throws(Raised) -> Int32 {
        var hasCollected = false
        while true {
            let descriptor = Glibc.socket(family, type | Int32(SOCK_CLOEXEC.rawValue), proto)
            if descriptor >= 0 { return descriptor }
            guard errno == EMFILE, !hasCollected else { throw osError(errno) }
            hasCollected = true
            heap.collect()
            heap.collect()
        }
    }
}
