// The families of addresses besides the Internet's and Unix's: netlink, packets, VM sockets, CAN, TIPC, Qualcomm's router and
// the kernel's ciphers. Their addresses are laid out here field by field, as the kernel's headers have them (these are not
// among what the C library shows to Swift); whether a family exists is the kernel's to say.
import Glibc

extension SocketObject {
    /// Options of VM sockets are numbers of 64 bits; all others' of 32.
    public var hasLongOptions: Bool { family == SocketAddress.virtual }
}

extension SocketAddress {
    private static let netlink: Int32 = 16
    private static let packet: Int32 = 17
    private static let can: Int32 = 29
    private static let tipc: Int32 = 30
    private static let cipher: Int32 = 38
    fileprivate static let virtual: Int32 = 40
    private static let router: Int32 = 42

    private static let names: [Int32: String] = [
        netlink: "AF_NETLINK", packet: "AF_PACKET", can: "AF_CAN", tipc: "AF_TIPC", cipher: "AF_ALG", virtual: "AF_VSOCK",
        router: "AF_QIPCRTR",
    ]

    // MARK: From the language

    /// The address that a value means for one of these families; nil: it is none of them.
    init?(of family: Int32, _ value: Value, proto: Int32, _ function: String) throws(Raised) {
        guard let name = Self.names[family] else { return nil }
        guard value.isKind(.tuple) else { throw typeError("\(function)(): \(name) address must be tuple, not \(typeName(value))") }
        let parts = value.object(Tuple.self)
        self.init()
        put(UInt16(family), at: 0)
        switch family {
        case Self.netlink, Self.virtual, Self.router:
            guard parts.count == 2 else { throw typeError("\(name) address must be a pair") }
            let (first, second) = (try Self.number(parts.items[0]), try Self.number(parts.items[1]))
            // A VM socket's port stands before the number of its machine.
            put(family == Self.virtual ? second : first, at: 4)
            put(family == Self.virtual ? first : second, at: 8)
            length = family == Self.virtual ? 16 : 12
        case Self.packet:
            guard 2 ... 5 ~= parts.count else { throw typeError("\(name) address must be a tuple (interface, protocol[, pkttype[, hatype[, address]]])") }
            let number = try index(parts.items[1])
            guard 0 ... 0xFFFF ~= number else { throw raise(.overflowError, "\(function)(): proto must be 0-65535.") }
            put(UInt16(number).bigEndian, at: 2)
            put(try Self.interface(parts.items[0]), at: 4)
            if parts.count > 3 { put(UInt16(truncatingIfNeeded: try index(parts.items[3])), at: 8) }
            if parts.count > 2 { put(UInt8(truncatingIfNeeded: try index(parts.items[2])), at: 10) }
            if parts.count > 4 {
                let address = Array(try BufferView(parts.items[4]).octets)
                guard address.count <= 8 else { throw valueError("hardware address must be 8 bytes or less") }
                put(UInt8(address.count), at: 11)
                for (place, octet) in address.enumerated() { put(octet, at: 12 + place) }
            }
            length = 20
        case Self.can:
            try putBus(parts, proto)
        case Self.tipc:
            guard 4 ... 5 ~= parts.count else { throw typeError("\(name) address must be a tuple (addr_type, v1, v2, v3[, scope])") }
            put(UInt8(truncatingIfNeeded: try index(parts.items[0])), at: 2)
            put(UInt8(truncatingIfNeeded: parts.count > 4 ? try index(parts.items[4]) : 2), at: 3)
            for place in 0 ..< 3 { put(try Self.number(parts.items[place + 1]), at: 4 + 4 * place) }
            length = 16
        default:
            guard 2 ... 4 ~= parts.count else { throw typeError("\(name) address must be a tuple (type, name[, feat[, mask]])") }
            for (place, room, offset) in [(0, 14, 2), (1, 64, 24)] {
                let text = Array(try str(parts.items[place]).string.utf8)
                guard text.count < room else { throw valueError(place == 0 ? "AF_ALG type too long." : "AF_ALG name too long.") }
                for (index, octet) in text.enumerated() { put(octet, at: offset + index) }
            }
            if parts.count > 2 { put(try Self.number(parts.items[2]), at: 16) }
            if parts.count > 3 { put(try Self.number(parts.items[3]), at: 20) }
            length = 88
        }
    }

    /// An address on a bus: of CAN itself, of ISO-TP (7) or of J1939.
    private mutating func putBus(_ parts: TupleRef, _ proto: Int32) throws(Raised) {
        let expected = proto == 6 ? 3 : proto == 7 ? 4 : 1
        guard parts.count == expected else {
            throw typeError("AF_CAN address must be a tuple of \(expected == 1 ? "one item" : "\(expected) items") (interface first)")
        }
        put(try Self.interface(parts.items[0]), at: 4)
        if expected == 3 {
            put(try Self.number(parts.items[1]), at: 8)
            put(try Self.number(parts.items[2]), at: 12)
        } else if expected == 4 {
            put(UInt64(truncatingIfNeeded: try index(parts.items[1])), at: 8)
            put(try Self.number(parts.items[2]), at: 16)
            put(UInt8(truncatingIfNeeded: try index(parts.items[3])), at: 20)
        }
        length = 24
    }

    private static func number(_ value: Value) throws(Raised) -> UInt32 { UInt32(truncatingIfNeeded: try index(value)) }

    /// The number of a network interface; 0 for the empty name: all.
    private static func interface(_ value: Value) throws(Raised) -> UInt32 {
        let name = try str(value).string
        if name.isEmpty { return 0 }
        let number = Glibc.if_nametoindex(name)
        guard number != 0 else { throw osError(errno == 0 ? ENODEV : errno) }
        return number
    }

    private mutating func put<Number: FixedWidthInteger>(_ number: Number, at offset: Int) {
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: number, toByteOffset: offset, as: Number.self) }
    }

    // MARK: To the language

    private func get<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        withUnsafeBytes(of: storage) { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    /// The address of one of these families as a value; nil: it is none of them.
    func familyValue(proto: Int32) -> Value? {
        func number(_ offset: Int) -> Value { Value(Int(get(UInt32.self, at: offset))) }
        switch family {
        case Self.netlink, Self.router: return Value(Tuple.make(number(4), number(8)))
        case Self.virtual: return Value(Tuple.make(number(8), number(4)))
        case Self.tipc:
            let kind = get(UInt8.self, at: 2)
            let fields = kind == 3 ? [number(4), number(8), Value(0)] : kind == 2 ? [number(4), number(8), number(8)] : [number(4), number(8), number(12)]
            return Value(Tuple.make([Value(Int(kind))] + fields + [Value(Int(get(UInt8.self, at: 3)))]))
        case Self.can:
            let name = Value(Str.make(Self.interfaceName(get(UInt32.self, at: 4))))
            if proto == 6 { return Value(Tuple.make([name, number(8), number(12)])) }
            if proto == 7 {
                let own = Int(truncatingIfNeeded: get(UInt64.self, at: 8))
                return Value(Tuple.make([name, Value(own), number(16), Value(Int(get(UInt8.self, at: 20)))]))
            }
            return Value(Tuple.make(name))
        case Self.packet:
            let count = min(8, Int(get(UInt8.self, at: 11)))
            return Value(
                Tuple.make([
                    Value(Str.make(Self.interfaceName(get(UInt32.self, at: 4)))), Value(Int(UInt16(bigEndian: get(UInt16.self, at: 2)))),
                    Value(Int(get(UInt8.self, at: 10))), Value(Int(get(UInt16.self, at: 8))),
                    BytesObject.make((0 ..< count).map { get(UInt8.self, at: 12 + $0) }),
                ]))
        default: return nil
        }
    }

    private static func interfaceName(_ number: UInt32) -> String {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        return number != 0 && Glibc.if_indextoname(number, &name) != nil ? String(upToZero: name) : ""
    }

    // MARK: Constants

    /// What these families add to the module `socket`: names and numbers, as in the kernel's headers.
    public static let familyConstants: [(String, Int)] = [
        ("AF_ALG", 38), ("AF_CAN", 29), ("AF_QIPCRTR", 42), ("AF_RDS", 21), ("AF_TIPC", 30), ("AF_VSOCK", 40),
        ("ALG_OP_DECRYPT", 0), ("ALG_OP_ENCRYPT", 1), ("ALG_OP_SIGN", 2), ("ALG_OP_VERIFY", 3),
        ("ALG_SET_AEAD_ASSOCLEN", 4), ("ALG_SET_AEAD_AUTHSIZE", 5), ("ALG_SET_IV", 2), ("ALG_SET_KEY", 1),
        ("ALG_SET_OP", 3), ("ALG_SET_PUBKEY", 6), ("CAN_BCM", 2), ("CAN_BCM_CAN_FD_FRAME", 2048),
        ("CAN_BCM_RX_ANNOUNCE_RESUME", 256), ("CAN_BCM_RX_CHANGED", 12), ("CAN_BCM_RX_CHECK_DLC", 64),
        ("CAN_BCM_RX_DELETE", 6), ("CAN_BCM_RX_FILTER_ID", 32), ("CAN_BCM_RX_NO_AUTOTIMER", 128), ("CAN_BCM_RX_READ", 7),
        ("CAN_BCM_RX_RTR_FRAME", 1024), ("CAN_BCM_RX_SETUP", 5), ("CAN_BCM_RX_STATUS", 10), ("CAN_BCM_RX_TIMEOUT", 11),
        ("CAN_BCM_SETTIMER", 1), ("CAN_BCM_STARTTIMER", 2), ("CAN_BCM_TX_ANNOUNCE", 8), ("CAN_BCM_TX_COUNTEVT", 4),
        ("CAN_BCM_TX_CP_CAN_ID", 16), ("CAN_BCM_TX_DELETE", 2), ("CAN_BCM_TX_EXPIRED", 9), ("CAN_BCM_TX_READ", 3),
        ("CAN_BCM_TX_RESET_MULTI_IDX", 512), ("CAN_BCM_TX_SEND", 4), ("CAN_BCM_TX_SETUP", 1), ("CAN_BCM_TX_STATUS", 8),
        ("CAN_EFF_FLAG", 0x80000000), ("CAN_EFF_MASK", 0x1FFFFFFF), ("CAN_ERR_FLAG", 0x20000000),
        ("CAN_ERR_MASK", 0x1FFFFFFF), ("CAN_ISOTP", 6), ("CAN_J1939", 7), ("CAN_RAW", 1), ("CAN_RAW_FD_FRAMES", 5),
        ("CAN_RAW_FILTER", 1), ("CAN_RAW_JOIN_FILTERS", 6), ("CAN_RAW_LOOPBACK", 3), ("CAN_RAW_RECV_OWN_MSGS", 4),
        ("CAN_RTR_FLAG", 0x40000000), ("CAN_SFF_MASK", 2047), ("IOCTL_VM_SOCKETS_GET_LOCAL_CID", 1977),
        ("J1939_EE_INFO_NONE", 0), ("J1939_EE_INFO_TX_ABORT", 1), ("J1939_FILTER_MAX", 512), ("J1939_IDLE_ADDR", 254),
        ("J1939_MAX_UNICAST_ADDR", 253), ("J1939_NLA_BYTES_ACKED", 1), ("J1939_NLA_PAD", 0), ("J1939_NO_ADDR", 255),
        ("J1939_NO_NAME", 0), ("J1939_NO_PGN", 0x40000), ("J1939_PGN_ADDRESS_CLAIMED", 60928),
        ("J1939_PGN_ADDRESS_COMMANDED", 65240), ("J1939_PGN_MAX", 0x3FFFF), ("J1939_PGN_PDU1_MAX", 0x3FF00),
        ("J1939_PGN_REQUEST", 59904), ("PF_CAN", 29), ("PF_RDS", 21), ("SCM_J1939_DEST_ADDR", 1),
        ("SCM_J1939_DEST_NAME", 2), ("SCM_J1939_ERRQUEUE", 4), ("SCM_J1939_PRIO", 3), ("SOL_ALG", 279),
        ("SOL_CAN_BASE", 100), ("SOL_CAN_RAW", 101), ("SOL_RDS", 276), ("SOL_TIPC", 271), ("SO_J1939_ERRQUEUE", 4),
        ("SO_J1939_FILTER", 1), ("SO_J1939_PROMISC", 2), ("SO_J1939_SEND_PRIO", 3), ("SO_VM_SOCKETS_BUFFER_MAX_SIZE", 2),
        ("SO_VM_SOCKETS_BUFFER_MIN_SIZE", 1), ("SO_VM_SOCKETS_BUFFER_SIZE", 0), ("TIPC_ADDR_ID", 3), ("TIPC_ADDR_NAME", 2),
        ("TIPC_ADDR_NAMESEQ", 1), ("TIPC_CFG_SRV", 0), ("TIPC_CLUSTER_SCOPE", 2), ("TIPC_CONN_TIMEOUT", 130),
        ("TIPC_CRITICAL_IMPORTANCE", 3), ("TIPC_DEST_DROPPABLE", 129), ("TIPC_HIGH_IMPORTANCE", 2),
        ("TIPC_IMPORTANCE", 127), ("TIPC_LOW_IMPORTANCE", 0), ("TIPC_MEDIUM_IMPORTANCE", 1), ("TIPC_NODE_SCOPE", 3),
        ("TIPC_PUBLISHED", 1), ("TIPC_SRC_DROPPABLE", 128), ("TIPC_SUBSCR_TIMEOUT", 3), ("TIPC_SUB_CANCEL", 4),
        ("TIPC_SUB_PORTS", 1), ("TIPC_SUB_SERVICE", 2), ("TIPC_TOP_SRV", 1), ("TIPC_WAIT_FOREVER", -1),
        ("TIPC_WITHDRAWN", 2), ("TIPC_ZONE_SCOPE", 1), ("VMADDR_CID_ANY", 0xFFFFFFFF), ("VMADDR_CID_HOST", 2),
        ("VMADDR_PORT_ANY", 0xFFFFFFFF), ("VM_SOCKETS_INVALID_VERSION", 0xFFFFFFFF),
    ]
}
