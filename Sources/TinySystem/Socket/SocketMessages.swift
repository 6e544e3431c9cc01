// Messages of sockets: several buffers at once, with ancillary data beside them (descriptors, credentials, packet options).
//
// The buffers are gathered into, or scattered from, memory that nobody else knows: while the thread waits, without the GIL,
// the script may resize them. Control messages are walked by their lengths, which the kernel may have cut short.
import CTiny
import Glibc
import TinyRuntime

enum SocketMessages {
    private static let headerSize = MemoryLayout<cmsghdr>.size
    private static func aligned(_ count: Int) -> Int { (count + 7) & ~7 }

    /// The octets of control messages, of an iterable of (level, type, data).
    private static func control(_ value: Value) throws(Raised) -> [UInt8] {
        guard !value.isAbsent else { return [] }
        let list = try makeList(value)
        var octets: [UInt8] = []
        for position in 0 ..< list.count {
            let item = list.items[position]
            guard item.isKind(.tuple) || item.isKind(.list) || item.isPointer && item.cls.has(.getitem), !item.isKind(.str) else {
                throw typeError("[sendmsg() ancillary data items] must be a sequence of length 3, not \(typeName(item))")
            }
            let parts = try makeTuple(item)
            guard parts.count == 3 else {
                throw typeError("[sendmsg() ancillary data items] must be a sequence of length 3, not \(parts.count)")
            }
            var header = cmsghdr()
            header.cmsg_level = try Posix.int32(parts.items[0])
            header.cmsg_type = try Posix.int32(parts.items[1])
            let data = Array(try BufferView(parts.items[2]).octets)
            guard octets.count + data.count < 0x7FFF_0000 else { throw raise(.osError, "ancillary data item too large") }
            header.cmsg_len = tiny_cmsg_len(data.count)
            withUnsafeBytes(of: header) { octets.append(contentsOf: $0) }
            octets += data
            octets += [UInt8](repeating: 0, count: aligned(data.count) - data.count)
        }
        return octets
    }

    /// The list of (level, type, data) in what was received. The last data may be shorter than its header says.
    private static func messages(_ octets: [UInt8]) -> Value {
        let list = List.make()
        var offset = 0
        while offset + headerSize <= octets.count {
            let header = octets.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: cmsghdr.self) }
            let length = Int(clamping: header.cmsg_len)
            guard length >= headerSize else { break }
            let end = min(octets.count, offset + length)
            let data = BytesObject.make(Array(octets[offset + headerSize ..< end]))
            list.append(Value(Tuple.make(Value(Int(header.cmsg_level)), Value(Int(header.cmsg_type)), data)))
            offset += aligned(length)
        }
        return Value(list)
    }

    /// Receives into memory: how much came, the control messages, the flags and the address. Descriptors that came with a
    /// message which cannot be told to the script are closed by the kernel only if there was no room for them.
    private static func receive(
        _ socket: SocketObject, _ memory: UnsafeMutableRawPointer?, _ count: Int, _ control: Value, _ flags: Value
    ) throws(Raised) -> (Int, Value, Value, Value) {
        let room = control.isAbsent ? 0 : try index(control)
        guard 0 ... 0x7FFF_FFFF ~= room else { throw valueError("invalid ancillary data buffer length") }
        let asked = try Posix.int32(flags)
        let flags = asked | Int32(MSG_DONTWAIT)
        var octets = [UInt8](repeating: 0, count: room)
        var address = SocketAddress()
        var message = msghdr()
        let received = try socket.transfer(POLLIN, waits: asked & Int32(MSG_DONTWAIT) == 0) {
            address.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            var part = iovec(iov_base: memory, iov_len: count)
            return octets.withUnsafeMutableBytes { buffer in
                withUnsafeMutablePointer(to: &part) { part in
                    address.withPointer { name, length in
                        message.msg_name = UnsafeMutableRawPointer(name)
                        message.msg_namelen = length.pointee
                        message.msg_iov = part
                        message.msg_iovlen = 1
                        message.msg_control = room > 0 ? buffer.baseAddress : nil
                        message.msg_controllen = room
                        let result = Glibc.recvmsg(socket.descriptor, &message, flags)
                        length.pointee = result >= 0 ? message.msg_namelen : 0
                        return result
                    }
                }
            }
        }
        let used = min(octets.count, Int(clamping: message.msg_controllen))
        return (received, messages(Array(octets.prefix(used))), Value(Int(message.msg_flags)), address.value(proto: socket.proto))
    }

    static let methods: [Native] = [
        Native("sendmsg(self, buffers, ancdata=?, flags=0, address=?, /)", "Send normal and ancillary data to the socket, gathering the non-ancillary data from a series of buffers.") { args throws(Raised) in
            let socket = try SocketObject.own(args[0])
            let list = try makeList(args[1])
            let parts = try ScatteredOctets(Value(list), isWritable: false, "sendmsg(): argument 1 must be iterable")
            defer { parts.deallocate() }
            var control = try control(args.has(2) ? args[2] : .absent)
            let asked = try Posix.int32(args[3])
            let flags = asked | Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            var address = args.has(4) && !args[4].isNone ? try SocketAddress(args[4], socket.family, "sendmsg", proto: socket.proto) : nil
            return Value(
                try socket.transfer(POLLOUT, waits: asked & Int32(MSG_DONTWAIT) == 0) {
                    control.withUnsafeMutableBytes { buffer in
                        func send(_ name: UnsafeMutableRawPointer?, _ length: socklen_t) -> Int {
                            var message = msghdr()
                            message.msg_name = name
                            message.msg_namelen = length
                            message.msg_iov = parts.vectors.baseAddress
                            message.msg_iovlen = parts.vectors.count
                            message.msg_control = buffer.isEmpty ? nil : buffer.baseAddress
                            message.msg_controllen = buffer.count
                            return Glibc.sendmsg(socket.descriptor, &message, flags)
                        }
                        guard address != nil else { return send(nil, 0) }
                        return address?.withPointer { send(UnsafeMutableRawPointer($0), $1.pointee) } ?? -1
                    }
                })
        },
        Native("recvmsg(self, bufsize, ancbufsize=?, flags=0, /)", "Receive normal data (up to bufsize bytes) and ancillary data from the socket.") { args throws(Raised) in
            let socket = try SocketObject.own(args[0])
            let count = try index(args[1])
            guard count >= 0 else { throw valueError("negative buffer size in recvmsg()") }
            try checkSize(count)
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(count, 1))
            defer { memory.deallocate() }
            let (received, control, flags, address) = try receive(socket, memory, count, args.has(2) ? args[2] : .absent, args[3])
            let octets = BytesObject.make(Octets(start: memory, count: received))
            return Value(Tuple.make([octets, control, flags, address]))
        },
        Native("recvmsg_into(self, buffers, ancbufsize=?, flags=0, /)", "Receive normal data and ancillary data from the socket, scattering the non-ancillary data into a series of buffers.") { args throws(Raised) in
            let socket = try SocketObject.own(args[0])
            let list = try makeList(args[1])
            let parts = try ScatteredOctets(Value(list), isWritable: true, "recvmsg_into(): argument 1 must be iterable")
            defer { parts.deallocate() }
            let (received, control, flags, address) = try receive(
                socket, parts.memory, parts.total, args.has(2) ? args[2] : .absent, args[3])
            try parts.scatter(min(received, parts.total))
            return Value(Tuple.make([Value(received), control, flags, address]))
        },
    ]

    /// The room for a control message with so many octets, which the kernel's lengths (32 bits) must be able to say.
    private static func length(_ value: Value, _ name: String, most: Int, _ body: (Int) -> Int) throws(Raised) -> Value {
        let count = try index(value)
        guard 0 ... 0x7FFF_FFFF - most ~= count else { throw raise(.overflowError, "\(name)() argument out of range") }
        return Value(body(count))
    }

    static let functions: [Native] = [
        Native("CMSG_LEN(length, /)", "Return the total length, without trailing padding, of an ancillary data item with associated data of the given length.") { args throws(Raised) in
            try length(args[0], "CMSG_LEN", most: tiny_cmsg_len(0)) { tiny_cmsg_len($0) }
        },
        Native("CMSG_SPACE(length, /)", "Return the buffer size needed for recvmsg() to receive an ancillary data item with associated data of the given length.") { args throws(Raised) in
            try length(args[0], "CMSG_SPACE", most: tiny_cmsg_space(1)) { tiny_cmsg_space($0) }
        },
        Native("sethostname(name, /)", "Sets the hostname to name.") { args throws(Raised) in
            let name = try SystemPath.encode(args[0])
            guard tiny_sethostname(name, name.count) == 0 else { throw osError(errno) }
            return .none
        }.telling("socket.sethostname", 0),
    ]

    static let constants: StaticString = """
        AF_APPLETALK 5 AF_ASH 18 AF_ATMPVC 8 AF_ATMSVC 20 AF_AX25 3 AF_BRIDGE 7 AF_DECnet 12 AF_ECONET 19 AF_IPX 4 AF_IRDA \
        23 AF_KEY 15 AF_LLC 26 AF_NETBEUI 13 AF_NETROM 6 AF_PPPOX 24 AF_ROSE 11 AF_ROUTE 16 AF_SECURITY 14 AF_SNA 22 \
        AF_WANPIPE 25 AF_X25 9 ETHERTYPE_ARP 2054 ETHERTYPE_IP 2048 ETHERTYPE_IPV6 34525 ETHERTYPE_VLAN 33024 ETH_P_ALL 3 \
        INADDR_ALLHOSTS_GROUP 3758096385 INADDR_MAX_LOCAL_GROUP 3758096639 INADDR_UNSPEC_GROUP 3758096384 IPPORT_RESERVED \
        1024 IPPORT_USERRESERVED 5000 IPPROTO_AH 51 IPPROTO_DSTOPTS 60 IPPROTO_EGP 8 IPPROTO_ESP 50 IPPROTO_FRAGMENT 44 \
        IPPROTO_GRE 47 IPPROTO_HOPOPTS 0 IPPROTO_IDP 22 IPPROTO_IGMP 2 IPPROTO_IPIP 4 IPPROTO_MPTCP 262 IPPROTO_NONE 59 \
        IPPROTO_PIM 103 IPPROTO_PUP 12 IPPROTO_ROUTING 43 IPPROTO_RSVP 46 IPPROTO_SCTP 132 IPPROTO_TP 29 IPPROTO_UDPLITE 136 \
        IPV6_CHECKSUM 7 IPV6_DONTFRAG 62 IPV6_DSTOPTS 59 IPV6_HOPLIMIT 52 IPV6_HOPOPTS 54 IPV6_NEXTHOP 9 IPV6_PATHMTU 61 \
        IPV6_PKTINFO 50 IPV6_RECVDSTOPTS 58 IPV6_RECVHOPLIMIT 51 IPV6_RECVHOPOPTS 53 IPV6_RECVPATHMTU 60 IPV6_RECVPKTINFO 49 \
        IPV6_RECVRTHDR 56 IPV6_RECVTCLASS 66 IPV6_RTHDR 57 IPV6_RTHDRDSTOPTS 55 IPV6_RTHDR_TYPE_0 0 IPV6_TCLASS 67 \
        IP_ADD_SOURCE_MEMBERSHIP 39 IP_BIND_ADDRESS_NO_PORT 24 IP_BLOCK_SOURCE 38 IP_DEFAULT_MULTICAST_LOOP 1 \
        IP_DEFAULT_MULTICAST_TTL 1 IP_DROP_SOURCE_MEMBERSHIP 40 IP_MAX_MEMBERSHIPS 20 IP_PKTINFO 8 IP_RECVOPTS 6 \
        IP_RECVRETOPTS 7 IP_RECVTOS 13 IP_RETOPTS 7 IP_TRANSPARENT 19 IP_UNBLOCK_SOURCE 37 MSG_CONFIRM 2048 MSG_ERRQUEUE \
        8192 MSG_FASTOPEN 536870912 NETLINK_CRYPTO 21 NETLINK_DNRTMSG 14 NETLINK_FIREWALL 3 NETLINK_IP6_FW 13 NETLINK_NFLOG \
        5 NETLINK_ROUTE 0 NETLINK_USERSOCK 2 NETLINK_XFRM 6 NI_IDN 32 PACKET_BROADCAST 1 PACKET_FASTROUTE 6 PACKET_HOST 0 \
        PACKET_LOOPBACK 5 PACKET_MULTICAST 2 PACKET_OTHERHOST 3 PACKET_OUTGOING 4 PF_PACKET 17 SO_BINDTOIFINDEX 62 \
        SO_INCOMING_CPU 49 SO_PASSSEC 34 SO_PEERSEC 31 TCP_CC_INFO 26 TCP_CONGESTION 13 TCP_FASTOPEN_CONNECT 30 \
        TCP_FASTOPEN_KEY 33 TCP_FASTOPEN_NO_COOKIE 34 TCP_INQ 36 TCP_MD5SIG 14 TCP_MD5SIG_EXT 32 TCP_NOTSENT_LOWAT 25 \
        TCP_QUEUE_SEQ 21 TCP_REPAIR 19 TCP_REPAIR_OPTIONS 22 TCP_REPAIR_QUEUE 20 TCP_REPAIR_WINDOW 29 TCP_SAVED_SYN 28 \
        TCP_SAVE_SYN 27 TCP_THIN_DUPACK 17 TCP_THIN_LINEAR_TIMEOUTS 16 TCP_TIMESTAMP 24 TCP_TX_DELAY 37 TCP_ULP 31 \
        TCP_ZEROCOPY_RECEIVE 35 UDPLITE_RECV_CSCOV 11 UDPLITE_SEND_CSCOV 10
        """
}
