// Addresses of sockets: tuples and paths of the language, and what the system takes.
import CTiny
import Glibc

/// A `sockaddr` of any family with its length.
public struct SocketAddress {
    var storage = sockaddr_storage()
    /// Octets in use; for an address that the system will write, the room there is.
    public var length = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// Calls `body` with the address as the system's calls take it.
    public mutating func withPointer<Result>(_ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result) -> Result {
        withUnsafeMutablePointer(to: &storage) { storage in
            withUnsafeMutablePointer(to: &length) { length in
                storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    private mutating func write<Address>(_ address: Address) {
        withUnsafeMutableBytes(of: &storage) { bytes in
            withUnsafeBytes(of: address) { bytes.copyMemory(from: $0) }
        }
        length = socklen_t(MemoryLayout<Address>.size)
    }

    private func read<Address>(_ type: Address.Type) -> Address {
        withUnsafeBytes(of: storage) { $0.loadUnaligned(as: type) }
    }

    var family: Int32 { Int32(storage.ss_family) }

    // MARK: From the language

    /// The address that a value means for a family. May ask a name server, without the GIL.
    public init(_ value: Value, _ family: Int32, _ function: String, proto: Int32 = 0) throws(Raised) {
        switch family {
        case AF_INET:
            guard value.isKind(.tuple) else {
                throw typeError("\(function)(): AF_INET address must be tuple, not \(typeName(value))")
            }
            let parts = value.object(Tuple.self)
            guard parts.count == 2 else { throw typeError("AF_INET address must be a pair (host, port)") }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = try SocketAddress.port(parts.items[1], function).bigEndian
            address.sin_addr = try NameResolution.address4(parts.items[0])
            write(address)
        case AF_INET6:
            guard value.isKind(.tuple) else {
                throw typeError("\(function)(): AF_INET6 address must be tuple, not \(typeName(value))")
            }
            let parts = value.object(Tuple.self)
            guard 2 ... 4 ~= parts.count else {
                throw typeError("AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
            }
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = try SocketAddress.port(parts.items[1], function).bigEndian
            let flow = parts.count > 2 ? try index(parts.items[2]) : 0
            guard 0 ... 0xFFFFF ~= flow else { throw raise(.overflowError, "\(function)(): flowinfo must be 0-1048575.") }
            let found = try NameResolution.address6(parts.items[0])
            address.sin6_addr = found.sin6_addr
            address.sin6_flowinfo = UInt32(flow).bigEndian
            let scope = parts.count > 3 ? try index(parts.items[3]) : Int(found.sin6_scope_id)
            address.sin6_scope_id = UInt32(truncatingIfNeeded: scope)
            write(address)
        case AF_UNIX:
            let path = value.isKind(.str) ? try SystemPath.encode(value).map { UInt8(bitPattern: $0) } : Array(try BufferView(value).octets)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let room = MemoryLayout.size(ofValue: address.sun_path)
            // A path that begins with zero is an abstract name, which needs no zero at its end.
            guard path.count < room || path.first == 0 && path.count == room else { throw raise(.osError, "AF_UNIX path too long") }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            write(address)
            length = socklen_t(2 + path.count + (path.first == 0 || path.isEmpty ? 0 : 1))
        default:
            guard let other = try SocketAddress(of: family, value, proto: proto, function) else { throw raise(.osError, "\(function)(): bad family") }
            self = other
        }
    }

    private static func port(_ value: Value, _ function: String) throws(Raised) -> UInt16 {
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
            throw typeError("'\(typeName(value))' object cannot be interpreted as an integer")
        }
        guard let number = machineInt(try indexValue(value)), let port = UInt16(exactly: number) else {
            throw raise(.overflowError, "\(function)(): port must be 0-65535.")
        }
        return port
    }

    /// No address yet, with room for any: for the system to write to.
    public init() {}

    /// The parts of an IPv6 address that its text does not have.
    public mutating func setScope(flow: UInt32, scope: UInt32) {
        guard family == AF_INET6 else { return }
        var address = read(sockaddr_in6.self)
        address.sin6_flowinfo = flow.bigEndian
        if scope != 0 { address.sin6_scope_id = scope }
        write(address)
    }

    // MARK: To the language

    /// The address as a value.
    public func value(proto: Int32 = 0) -> Value {
        guard length > 0 else { return .none }
        switch family {
        case AF_INET:
            let address = read(sockaddr_in.self)
            return Value(Tuple.make(Value(Str.make(SocketAddress.text(address.sin_addr))), Value(Int(UInt16(bigEndian: address.sin_port)))))
        case AF_INET6:
            let address = read(sockaddr_in6.self)
            return Value(
                Tuple.make([
                    Value(Str.make(SocketAddress.text(address))), Value(Int(UInt16(bigEndian: address.sin6_port))),
                    Value(Int(UInt32(bigEndian: address.sin6_flowinfo))), Value(Int(address.sin6_scope_id)),
                ]))
        case AF_UNIX:
            let count = max(0, Int(length) - 2)
            var address = read(sockaddr_un.self)
            return withUnsafeBytes(of: &address.sun_path) { raw -> Value in
                let octets = Octets(start: raw.baseAddress?.assumingMemoryBound(to: UInt8.self), count: min(count, raw.count))
                if octets.first == 0, count > 0 { return BytesObject.make(octets) }
                let end = octets.firstIndex(of: 0) ?? octets.count
                return (try? SystemPath.decode(octets.part(0, end))) ?? BytesObject.make(octets.part(0, end))
            }
        default:
            return familyValue(proto: proto) ?? .none
        }
    }

    /// An IPv4 address as dotted numbers.
    public static func text(_ address: in_addr) -> String {
        var address = address
        var buffer = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        inet_ntop(AF_INET, &address, &buffer, socklen_t(buffer.count))
        return String(upToZero: buffer)
    }

    static func text(_ address: sockaddr_in6) -> String {
        var number = address.sin6_addr
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(AF_INET6, &number, &buffer, socklen_t(buffer.count))
        return String(upToZero: buffer)
    }
}
