// `_socket`: the module object, its functions and constants.
import CTiny
import Glibc
import TinyRuntime

enum SocketModule {
    static let nativeModule = NativeModule(
        "_socket", doc: "Implementation module for socket operations.", functions: { functions + NameResolution.functions + SocketMessages.functions },
        prepare: { contents throws(Raised) in
            SocketObject.cls = contents.add(SocketObject.nativeClass)
            contents.set("SocketType", Value(SocketObject.cls))
            contents.set("error", Value(ExceptionName.osError.cls))
            contents.set("timeout", Value(ExceptionName.timeoutError.cls))
            NameResolution.addressError = contents.addException("gaierror", base: .osError)
            NameResolution.hostError = contents.addException("herror", base: .osError)
            for (name, number) in constants + SocketAddress.familyConstants { contents.set(name, number) }
            NamedNumbers(SocketMessages.constants).install(in: contents.namespace)
            contents.set("has_ipv6", .true)
        })

    private static func packed(_ value: Value) throws(Raised) -> [UInt8] { Array(try BufferView(value).octets) }

    private static func short(_ value: Value, _ function: String) throws(Raised) -> UInt16 {
        let number = try index(value)
        guard number >= 0 else { throw raise(.overflowError, "\(function): can't convert negative Python int to C 16-bit unsigned integer") }
        guard let short = UInt16(exactly: number) else {
            throw raise(.overflowError, "\(function): Python int too large to convert to C 16-bit unsigned integer")
        }
        return short
    }

    private static func long(_ value: Value) throws(Raised) -> UInt32 {
        guard isInteger(value) else { throw typeError("expected int, \(typeName(value)) found") }
        let number = try index(value)
        guard number >= 0 else { throw raise(.overflowError, "can't convert negative value to unsigned int") }
        guard let long = UInt32(exactly: number) else { throw raise(.overflowError, "int larger than 32 bits") }
        return long
    }

    private static func interface(_ value: Value) throws(Raised) -> UInt32 {
        let number = try index(value)
        guard number >= 0 else { throw raise(.overflowError, "can't convert negative value to unsigned int") }
        guard let short = UInt32(exactly: number) else { throw raise(.overflowError, "Python int too large to convert to C int") }
        return short
    }

    private static let functions: [Native] = [
        Native("htons(integer, /)", "Convert a 16-bit unsigned integer from host to network byte order.") { args throws(Raised) in
            Value(Int(try short(args[0], "htons").bigEndian))
        },
        Native("ntohs(integer, /)", "Convert a 16-bit unsigned integer from network to host byte order.") { args throws(Raised) in
            Value(Int(try short(args[0], "ntohs").bigEndian))
        },
        Native("htonl(integer, /)", "Convert a 32-bit integer from host to network byte order.") { args throws(Raised) in
            Value(Int(try long(args[0]).bigEndian))
        },
        Native("ntohl(integer, /)", "Convert a 32-bit integer from network to host byte order.") { args throws(Raised) in
            Value(Int(try long(args[0]).bigEndian))
        },
        Native("inet_aton(ip_addr, /)", "Convert an IP address in string format to the 32-bit packed binary format.") { args throws(Raised) in
            var address = in_addr()
            guard Glibc.inet_aton(try str(args[0]).string, &address) != 0 else {
                throw raise(.osError, "illegal IP address string passed to inet_aton")
            }
            return withUnsafeBytes(of: &address) { BytesObject.make(Array($0)) }
        },
        Native("inet_ntoa(packed_ip, /)", "Convert an IP address from 32-bit packed binary format to string format.") { args throws(Raised) in
            let octets = try packed(args[0])
            guard octets.count == 4 else { throw raise(.osError, "packed IP wrong length") }
            return Value(Str.make(octets.map { String($0) }.joined(separator: ".")))
        },
        Native("inet_pton(address_family, ip_string, /)", "Convert an IP address from string format to a packed string.") { args throws(Raised) in
            let family = try Posix.int32(args[0])
            guard family == AF_INET || family == AF_INET6 else { throw osError(EAFNOSUPPORT) }
            var buffer = [UInt8](repeating: 0, count: family == AF_INET ? 4 : 16)
            guard Glibc.inet_pton(family, try str(args[1]).string, &buffer) == 1 else {
                throw raise(.osError, "illegal IP address string passed to inet_pton")
            }
            return BytesObject.make(buffer)
        },
        Native("inet_ntop(address_family, packed_ip, /)", "Convert a packed IP address of the given family to string format.") { args throws(Raised) in
            let family = try Posix.int32(args[0])
            let octets = try packed(args[1])
            guard family == AF_INET || family == AF_INET6 else { throw valueError("unknown address family \(family)") }
            guard octets.count == (family == AF_INET ? 4 : 16) else { throw valueError("invalid length of packed IP address string") }
            var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard Glibc.inet_ntop(family, octets, &buffer, socklen_t(buffer.count)) != nil else { throw osError(errno) }
            return Value(Str.make(String(upToZero: buffer)))
        },
        Native("socketpair(family=?, type=?, proto=0, /)", "Create a pair of connected sockets: their objects.") { args throws(Raised) in
            let family = args.has(0) && !args[0].isNone ? try Posix.int32(args[0]) : AF_UNIX
            let type = args.has(1) ? try Posix.int32(args[1]) : Int32(SOCK_STREAM.rawValue)
            let proto = try Posix.int32(args[2])
            var ends: [Int32] = [0, 0]
            guard Glibc.socketpair(family, type | Int32(SOCK_CLOEXEC.rawValue), proto, &ends) == 0 else { throw osError(errno) }
            let first = BoxedObject.make(try SocketObject(ends[0], family, type, proto), SocketObject.cls)
            let second = BoxedObject.make(try SocketObject(ends[1], family, type, proto), SocketObject.cls)
            return Value(Tuple.make(first, second))
        },
        Native("dup(fd, /)", "Duplicate a socket descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return Value(try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) })
        },
        Native("close(fd, /)", "Close an integer socket file descriptor.") { args throws(Raised) in
            guard Glibc.close(try descriptorNumber(args[0])) == 0 else { throw osError(errno) }
            return .none
        },
        Native("setdefaulttimeout(timeout, /)", "Set the default timeout in seconds (float) for new socket objects.") { args throws(Raised) in
            SocketObject.defaultTimeout = try SocketObject.timeout(args[0])
            return .none
        },
        Native("getdefaulttimeout()", "Returns the default timeout in seconds (float) for new socket objects.") { _ throws(Raised) in
            SocketObject.defaultTimeout.map { Value(Double($0) / 1e9) } ?? .none
        },
        Native("if_nameindex()", "Returns a list of network interface information (index, name) tuples.") { _ throws(Raised) in
            let list = List.make()
            // Numbers are given out from 1 upwards without large gaps.
            var number: UInt32 = 1
            var missing = 0
            while missing < 64 {
                var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
                if Glibc.if_indextoname(number, &name) != nil {
                    list.append(Value(Tuple.make(Value(Int(number)), Value(Str.make(String(upToZero: name))))))
                    missing = 0
                } else {
                    missing += 1
                }
                number += 1
            }
            return Value(list)
        },
        Native("if_nametoindex(oname, /)", "Returns the interface index corresponding to the interface name.") { args throws(Raised) in
            let number = Glibc.if_nametoindex(try Posix.text(args[0]))
            guard number != 0 else { throw osError(errno == 0 ? ENODEV : errno) }
            return Value(Int(number))
        },
        Native("if_indextoname(index, /)", "Returns the interface name corresponding to the interface index.") { args throws(Raised) in
            var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
            guard Glibc.if_indextoname(try interface(args[0]), &name) != nil else { throw osError(errno) }
            return Value(Str.make(String(upToZero: name)))
        },
    ]

    private static let constants: [(String, Int)] = [
        ("AF_UNSPEC", 0), ("AF_UNIX", 1), ("AF_INET", 2), ("AF_INET6", 10), ("AF_NETLINK", 16), ("AF_PACKET", 17),
        ("SOCK_STREAM", 1), ("SOCK_DGRAM", 2), ("SOCK_RAW", 3), ("SOCK_RDM", 4), ("SOCK_SEQPACKET", 5),
        ("SOCK_CLOEXEC", 0o2000000), ("SOCK_NONBLOCK", 0o4000), ("SOMAXCONN", 4096),
        ("SOL_SOCKET", 1), ("SOL_IP", 0), ("SOL_TCP", 6), ("SOL_UDP", 17), ("IPPROTO_IP", 0), ("IPPROTO_ICMP", 1),
        ("IPPROTO_TCP", 6), ("IPPROTO_UDP", 17), ("IPPROTO_IPV6", 41), ("IPPROTO_ICMPV6", 58), ("IPPROTO_RAW", 255),
        ("SO_DEBUG", 1), ("SO_REUSEADDR", 2), ("SO_TYPE", 3), ("SO_ERROR", 4), ("SO_DONTROUTE", 5), ("SO_BROADCAST", 6),
        ("SO_SNDBUF", 7), ("SO_RCVBUF", 8), ("SO_KEEPALIVE", 9), ("SO_OOBINLINE", 10), ("SO_PRIORITY", 12), ("SO_LINGER", 13),
        ("SO_REUSEPORT", 15), ("SO_PASSCRED", 16), ("SO_PEERCRED", 17), ("SO_RCVLOWAT", 18), ("SO_SNDLOWAT", 19),
        ("SO_RCVTIMEO", 20), ("SO_SNDTIMEO", 21), ("SO_ACCEPTCONN", 30), ("SO_PROTOCOL", 38), ("SO_DOMAIN", 39),
        ("SO_BINDTODEVICE", 25), ("SO_MARK", 36),
        ("TCP_NODELAY", 1), ("TCP_MAXSEG", 2), ("TCP_CORK", 3), ("TCP_KEEPIDLE", 4), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 6),
        ("TCP_SYNCNT", 7), ("TCP_LINGER2", 8), ("TCP_DEFER_ACCEPT", 9), ("TCP_WINDOW_CLAMP", 10), ("TCP_INFO", 11),
        ("TCP_QUICKACK", 12), ("TCP_USER_TIMEOUT", 18), ("TCP_FASTOPEN", 23),
        ("IP_TOS", 1), ("IP_TTL", 2), ("IP_HDRINCL", 3), ("IP_OPTIONS", 4), ("IP_MULTICAST_IF", 32), ("IP_MULTICAST_TTL", 33),
        ("IP_MULTICAST_LOOP", 34), ("IP_ADD_MEMBERSHIP", 35), ("IP_DROP_MEMBERSHIP", 36),
        ("IPV6_V6ONLY", 26), ("IPV6_UNICAST_HOPS", 16), ("IPV6_MULTICAST_IF", 17), ("IPV6_MULTICAST_HOPS", 18),
        ("IPV6_MULTICAST_LOOP", 19), ("IPV6_JOIN_GROUP", 20), ("IPV6_LEAVE_GROUP", 21),
        ("MSG_OOB", 1), ("MSG_PEEK", 2), ("MSG_DONTROUTE", 4), ("MSG_CTRUNC", 8), ("MSG_TRUNC", 0x20), ("MSG_DONTWAIT", 0x40),
        ("MSG_EOR", 0x80), ("MSG_WAITALL", 0x100), ("MSG_NOSIGNAL", 0x4000), ("MSG_MORE", 0x8000), ("MSG_CMSG_CLOEXEC", 0x4000_0000),
        ("SHUT_RD", 0), ("SHUT_WR", 1), ("SHUT_RDWR", 2),
        ("INADDR_ANY", 0), ("INADDR_BROADCAST", 0xFFFF_FFFF), ("INADDR_LOOPBACK", 0x7F00_0001), ("INADDR_NONE", 0xFFFF_FFFF),
        ("AI_PASSIVE", 1), ("AI_CANONNAME", 2), ("AI_NUMERICHOST", 4), ("AI_V4MAPPED", 8), ("AI_ALL", 16), ("AI_ADDRCONFIG", 32),
        ("AI_NUMERICSERV", 1024), ("NI_NUMERICHOST", 1), ("NI_NUMERICSERV", 2), ("NI_NOFQDN", 4), ("NI_NAMEREQD", 8),
        ("NI_DGRAM", 16), ("NI_MAXHOST", 1025), ("NI_MAXSERV", 32),
        ("EAI_BADFLAGS", -1), ("EAI_NONAME", -2), ("EAI_AGAIN", -3), ("EAI_FAIL", -4), ("EAI_NODATA", -5), ("EAI_FAMILY", -6),
        ("EAI_SOCKTYPE", -7), ("EAI_SERVICE", -8), ("EAI_ADDRFAMILY", -9), ("EAI_MEMORY", -10), ("EAI_SYSTEM", -11),
        ("EAI_OVERFLOW", -12), ("SCM_RIGHTS", 1), ("SCM_CREDENTIALS", 2),
    ]
}
