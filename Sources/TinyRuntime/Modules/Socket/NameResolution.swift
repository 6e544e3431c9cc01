// Names of hosts and services: getaddrinfo and its relatives, without the GIL.
import CTiny
import Glibc

/// Host and service names. The system is asked without the GIL.
public enum NameResolution {
    /// `socket.gaierror` and `herror`.
    nonisolated(unsafe) public static var addressError = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// `socket.herror`. Set, like `addressError`, when `_socket` is made.
    nonisolated(unsafe) public static var hostError = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// The gaierror for a code that getaddrinfo(3) returned, or OSError where that says errno; to be thrown.
    public static func failure(_ code: Int32) -> Raised {
        if code == EAI_SYSTEM { return osError(errno) }
        let message = Value(Str.make(String(cString: gai_strerror(code))))
        let exception = ExceptionObject.make(addressError, Tuple.make(Value(Int(code)), message))
        exception.setField(0, Value(Int(code)))
        exception.setField(1, message)
        return raise(exception)
    }

    /// A host argument: str (IDNA is left to the caller), bytes or None.
    public static func host(_ value: Value) throws(Raised) -> [CChar]? {
        if value.isNone || value.isAbsent { return nil }
        let octets: [UInt8]
        if value.isKind(.str) {
            octets = Array(value.object(Str.self).buffer)
        } else if value.isKind(.bytes) || value.isKind(.bytearray) {
            octets = Array(try BufferView(value).octets)
        } else {
            throw typeError("str, bytes or bytearray expected, not \(typeName(value))")
        }
        guard !octets.contains(0) else { throw typeError("host name must not contain null character") }
        return octets.map { CChar(bitPattern: $0) } + [0]
    }

    /// An IPv4 address from dotted numbers, `<broadcast>`, a name that is looked up, or empty text (any). Throws TypeError, gaierror.
    public static func address4(_ value: Value) throws(Raised) -> in_addr {
        guard let name = try host(value) else { throw typeError("str, bytes or bytearray expected, not NoneType") }
        var address = in_addr()
        if name.count == 1 { return address }
        if name == Array("<broadcast>".utf8CString) {
            address.s_addr = 0xFFFF_FFFF
            return address
        }
        if inet_pton(AF_INET, name, &address) == 1 { return address }
        let found = try look(name, AF_INET)
        return withUnsafeBytes(of: found.storage) { $0.loadUnaligned(as: sockaddr_in.self) }.sin_addr
    }

    static func address6(_ value: Value) throws(Raised) -> sockaddr_in6 {
        guard let name = try host(value) else { throw typeError("str, bytes or bytearray expected, not NoneType") }
        var address = sockaddr_in6()
        if name.count == 1 || inet_pton(AF_INET6, name, &address.sin6_addr) == 1 { return address }
        let found = try look(name, AF_INET6)
        return withUnsafeBytes(of: found.storage) { $0.loadUnaligned(as: sockaddr_in6.self) }
    }

    private static func look(_ name: [CChar], _ family: Int32) throws(Raised) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        let results = try query(name, nil, hints)
        defer { freeaddrinfo(results) }
        return copy(results)
    }

    /// The first of a list of results.
    public static func copy(_ result: UnsafeMutablePointer<addrinfo>) -> SocketAddress {
        var address = SocketAddress()
        let length = min(Int(result.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &address.storage) { bytes in
            if let source = result.pointee.ai_addr { bytes.baseAddress.map { _ = memcpy($0, source, length) } }
        }
        address.length = socklen_t(length)
        return address
    }

    /// The results of getaddrinfo; the caller frees them.
    public static func query(_ host: [CChar]?, _ service: [CChar]?, _ hints: addrinfo) throws(Raised) -> UnsafeMutablePointer<addrinfo> {
        var hints = hints
        var results: UnsafeMutablePointer<addrinfo>?
        let code = Threads.blocking { () -> Int32 in
            switch (host, service) {
            case (let host?, let service?): getaddrinfo(host, service, &hints, &results)
            case (let host?, nil): getaddrinfo(host, nil, &hints, &results)
            case (nil, let service?): getaddrinfo(nil, service, &hints, &results)
            case (nil, nil): EAI_NONAME
            }
        }
        guard code == 0, let results else { throw failure(code) }
        return results
    }
}
