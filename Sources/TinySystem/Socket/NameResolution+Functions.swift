// What `socket` has of names: hosts, services and protocols.
import CTiny
import Glibc
import TinyRuntime

extension NameResolution {
    static let functions: [Native] = [
        Native("getaddrinfo(host, port, family=0, type=0, proto=0, flags=0)", "Resolve host and port into addrinfo struct.") { args throws(Raised) in
            let host = try host(args[0])
            var service: [CChar]?
            if isInteger(args[1]) {
                service = Array(try str(args[1]).string.utf8CString)
            } else if !args[1].isNone {
                guard args[1].isKind(.str) || args[1].isKind(.bytes) else {
                    throw raise(.osError, "Int or String expected")
                }
                // A name with half a surrogate is none.
                service = try NameResolution.host(args[1].isKind(.str) ? try Codecs.encode(args[1].object(Str.self), .utf8, .strict) : args[1])
            }
            var hints = addrinfo()
            hints.ai_family = try Posix.int32(args[2])
            hints.ai_socktype = try Posix.int32(args[3])
            hints.ai_protocol = try Posix.int32(args[4])
            hints.ai_flags = try Posix.int32(args[5])
            let results = try query(host, service, hints)
            defer { freeaddrinfo(results) }
            let list = List.make()
            var next: UnsafeMutablePointer<addrinfo>? = results
            while let result = next {
                let name = result.pointee.ai_canonname.map { String(cString: $0) } ?? ""
                list.append(
                    Value(
                        Tuple.make([
                            Value(Int(result.pointee.ai_family)), Value(Int(result.pointee.ai_socktype)),
                            Value(Int(result.pointee.ai_protocol)), Value(Str.make(name)), copy(result).value(),
                        ])))
                next = result.pointee.ai_next
            }
            return Value(list)
        }.telling("socket.getaddrinfo", 0, 1, 2, 3, 4),
        Native("getnameinfo(sockaddr, flags, /)", "Get host and port for a sockaddr.") { args throws(Raised) in
            guard args[0].isKind(.tuple) else { throw typeError("getnameinfo() argument 1 must be a tuple") }
            let parts = args[0].object(Tuple.self)
            guard 2 ... 4 ~= parts.count else { throw typeError("getnameinfo(): illegal sockaddr argument") }
            guard let name = try host(parts.items[0]) else { throw typeError("getnameinfo(): illegal sockaddr argument") }
            let port = try Posix.int32(parts.items[1])
            let flow = parts.count > 2 ? try index(parts.items[2]) : 0
            guard 0 ... 0xFFFFF ~= flow else { throw raise(.overflowError, "getnameinfo(): flowinfo must be 0-1048575.") }
            let scope = parts.count > 3 ? try index(parts.items[3]) : 0
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
            hints.ai_flags = AI_NUMERICHOST
            let found = try query(name, Array(String(port).utf8CString), hints)
            defer { freeaddrinfo(found) }
            guard found.pointee.ai_next == nil else { throw raise(.osError, "sockaddr resolved to multiple addresses") }
            if found.pointee.ai_family == AF_INET, parts.count != 2 { throw raise(.osError, "IPv4 sockaddr must be 2 tuple") }
            var address = copy(found)
            address.setScope(flow: UInt32(flow), scope: UInt32(truncatingIfNeeded: scope))
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            var service = [CChar](repeating: 0, count: 32)
            let flags = try Posix.int32(args[1])
            let code = Threads.blocking {
                address.withPointer { pointer, length in
                    getnameinfo(pointer, length.pointee, &host, socklen_t(host.count), &service, socklen_t(service.count), flags)
                }
            }
            guard code == 0 else { throw failure(code) }
            return Value(Tuple.make(Value(Str.make(String(upToZero: host))), Value(Str.make(String(upToZero: service)))))
        }.telling("socket.getnameinfo", 0),
        Native("gethostbyname(host, /)", "Return the IP address (a string of the form '255.255.255.255') for a host.") { args throws(Raised) in
            Value(Str.make(SocketAddress.text(try address4(args[0]))))
        }.telling("socket.gethostbyname", 0),
        Native("gethostbyname_ex(host, /)", "Return the true host name, a list of aliases, and a list of IP addresses, for a host.") { args throws(Raised) in
            let address = Value(Str.make(SocketAddress.text(try address4(args[0]))))
            return Value(Tuple.make(args[0], Value(List.make()), Value(makeListOf(address))))
        }.telling("socket.gethostbyname", 0),
        Native("gethostbyaddr(ip_address, /)", "Return the true host name, a list of aliases, and a list of IP addresses, for a host.") { args throws(Raised) in
            let isSix = args[0].isKind(.str) && args[0].object(Str.self).string.contains(":")
            var address = try SocketAddress(Value(Tuple.make(args[0], Value(inline: 0))), isSix ? AF_INET6 : AF_INET, "gethostbyaddr")
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let code = Threads.blocking {
                address.withPointer { pointer, length in
                    getnameinfo(pointer, length.pointee, &name, socklen_t(name.count), nil, 0, NI_NAMEREQD)
                }
            }
            guard code == 0 else {
                let exception = ExceptionObject.make(hostError, Tuple.make(Value(inline: 1), Value(Str.make("Unknown host"))))
                exception.setField(0, Value(inline: 1))
                exception.setField(1, Value(Str.make("Unknown host")))
                throw raise(exception)
            }
            let numeric = address.value().object(Tuple.self).items[0]
            return Value(Tuple.make(Value(Str.make(String(upToZero: name))), Value(List.make()), Value(makeListOf(numeric))))
        }.telling("socket.gethostbyaddr", 0),
        Native("gethostname()", "Return the current host name.") { _ throws(Raised) in
            if AuditHooks.listen { try AuditHooks.tell("socket.gethostname") }
            var name = [CChar](repeating: 0, count: 256)
            guard Glibc.gethostname(&name, 255) == 0 else { throw osError(errno) }
            return Value(Str.make(String(upToZero: name)))
        },
        Native("getservbyname(servicename, protocolname=?, /)", "Return a port number from a service name and protocol name.") { args throws(Raised) in
            let proto = args.has(1) ? try str(args[1]).string : nil
            guard let entry = Glibc.getservbyname(try str(args[0]).string, proto) else {
                throw raise(.osError, "service/proto not found")
            }
            return Value(Int(UInt16(bigEndian: UInt16(truncatingIfNeeded: entry.pointee.s_port))))
        }.telling("socket.getservbyname", 0, 1),
        Native("getservbyport(port, protocolname=?, /)", "Return the service name from a port number and protocol name.") { args throws(Raised) in
            guard let port = UInt16(exactly: try index(args[0])) else {
                throw raise(.overflowError, "getservbyport: port must be 0-65535.")
            }
            let proto = args.has(1) ? try str(args[1]).string : nil
            guard let entry = Glibc.getservbyport(Int32(port.bigEndian), proto), let name = entry.pointee.s_name else {
                throw raise(.osError, "port/proto not found")
            }
            return Value(Str.make(String(cString: name)))
        }.telling("socket.getservbyport", 0, 1),
        Native("getprotobyname(name, /)", "Return the protocol number for the named protocol.") { args throws(Raised) in
            guard let entry = Glibc.getprotobyname(try str(args[0]).string) else { throw raise(.osError, "protocol not found") }
            return Value(Int(entry.pointee.p_proto))
        },
    ]

    private static func makeListOf(_ value: Value) -> ListRef {
        let list = List.make()
        list.append(value)
        return list
    }
}
