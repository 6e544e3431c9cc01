// What OpenSSL calls while it shakes hands: the script's functions for a server's name and for pre-shared keys, what sees the
// messages, the log of keys, and the choice of an application protocol.
//
// An exception can't go through OpenSSL's frames. From the watcher of messages it is kept in the connection, which raises it
// when the operation has returned; from the others it is told as unraisable, and the handshake fails.
import CCrypto
import Glibc
import TinyRuntime

extension TLSContext {
    /// The connection that OpenSSL means.
    private static func connection(_ pointer: OpaquePointer?) -> TLSConnection? {
        guard let pointer, let raw = SSL_get_ex_data(pointer, 0) else { return nil }
        return Unmanaged<TLSConnection>.fromOpaque(raw).takeUnretainedValue()
    }

    private static func tell(_ function: Value) {
        reportUnraisable(currentThread().takeRaised(), function)
    }

    // MARK: Application protocols

    func setApplicationProtocols(_ wire: [UInt8]) {
        applicationProtocols = wire
        SSL_CTX_set_alpn_protos(context, wire, UInt32(wire.count))
        SSL_CTX_set_alpn_select_cb(context, TLSContext.choose, Unmanaged.passUnretained(self).toOpaque())
    }

    /// On the server's side: the first of the server's protocols that the client offers.
    private static let choose: @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, UInt32,
        UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, length, client, count, user in
        guard let chosen, let length, let client, let user else { return SSL_TLSEXT_ERR_NOACK }
        let own = Unmanaged<TLSContext>.fromOpaque(user).takeUnretainedValue().applicationProtocols
        var index = 0
        while index < own.count {
            let size = Int(own[index])
            var place = 0
            while place < Int(count) {
                let other = Int(client[place])
                if other == size, place + 1 + other <= Int(count), index + 1 + size <= own.count,
                    (0 ..< size).allSatisfy({ own[index + 1 + $0] == client[place + 1 + $0] }) {
                    chosen.pointee = client + place + 1
                    length.pointee = UInt8(size)
                    return SSL_TLSEXT_ERR_OK
                }
                place += 1 + other
            }
            index += 1 + size
        }
        return SSL_TLSEXT_ERR_NOACK
    }

    // MARK: The name of the server that the client wants

    private static let serverName: @convention(c) (OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32 = {
        pointer, alert, user in
        guard let connection = connection(pointer), let user else { return SSL_TLSEXT_ERR_OK }
        let own = Unmanaged<TLSContext>.fromOpaque(user).takeUnretainedValue()
        let function = own.onServerName
        if function.isNone { return SSL_TLSEXT_ERR_OK }
        do throws(Raised) {
            let name: Value = SSL_get_servername(pointer, TLSEXT_NAMETYPE_host_name).map { Value(Str.make(String(cString: $0))) } ?? .none
            let answer = try callValue(function, connection.face, name, connection.contextValue)
            if answer.isNone { return SSL_TLSEXT_ERR_OK }
            do throws(Raised) { alert?.pointee = Int32(truncatingIfNeeded: try index(answer)) } catch {
                tell(answer)
                alert?.pointee = SSL_AD_INTERNAL_ERROR
            }
        } catch {
            tell(function)
            alert?.pointee = SSL_AD_HANDSHAKE_FAILURE
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }

    // MARK: Messages

    private static let message: @convention(c) (
        Int32, Int32, Int32, UnsafeRawPointer?, Int, OpaquePointer?, UnsafeMutableRawPointer?
    ) -> Void = { isWritten, version, kind, start, count, pointer, user in
        guard let connection = connection(pointer), let user, connection.failure.isNone else { return }
        let function = Unmanaged<TLSContext>.fromOpaque(user).takeUnretainedValue().onMessage
        if function.isNone { return }
        let octets = UnsafeRawBufferPointer(start: start, count: count)
        let type = switch kind {
        case SSL3_RT_CHANGE_CIPHER_SPEC: 0x0101
        case SSL3_RT_ALERT where count > 1: Int(octets[1])
        case SSL3_RT_HANDSHAKE where count > 0, SSL3_RT_HEADER where count > 0, SSL3_RT_INNER_CONTENT_TYPE where count > 0: Int(octets[0])
        default: -1
        }
        do throws(Raised) {
            _ = try callValue(
                function, connection.face, Value(StrTables.intern(isWritten == 1 ? "write" : "read")), Value(Int(version)), Value(Int(kind)),
                Value(type), BytesObject.make(Array(octets)))
        } catch { connection.failure = currentThread().takeRaised() }
    }

    // MARK: The log of keys

    private static let key: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Void = { pointer, line in
        guard let line, let file = connection(pointer)?.context.keyLog else { return }
        fputs(line, file)
        fputs("\n", file)
        fflush(file)
    }

    private func setKeyLog(_ name: Value) throws(Raised) {
        SSL_CTX_set_keylog_callback(context, nil)
        if let keyLog { fclose(keyLog) }
        (keyLog, keyLogName) = (nil, .none)
        if name.isNone { return }
        let path = try TLSContext.path(name)
        guard let file = fopen(path, "a") else { throw osError(errno, name) }
        fseek(file, 0, SEEK_END)
        if ftell(file) == 0 { fputs("# TLS secrets log file, generated by OpenSSL / Python\n", file) }
        fflush(file)
        (keyLog, keyLogName) = (file, name)
        SSL_CTX_set_keylog_callback(context, TLSContext.key)
    }

    // MARK: Pre-shared keys

    /// Copies octets to where OpenSSL wants them, with a zero behind if there is room; how many, or ValueError.
    private static func copy(_ octets: UnsafeBufferPointer<UInt8>, to place: UnsafeMutableRawPointer?, limit: UInt32) throws(Raised) -> UInt32 {
        guard let place, octets.count <= Int(limit) else { throw valueError("psk too long") }
        if let start = octets.baseAddress { memcpy(place, start, octets.count) }
        return UInt32(octets.count)
    }

    private static let clientKey: @convention(c) (
        OpaquePointer?, UnsafePointer<CChar>?, UnsafeMutablePointer<CChar>?, UInt32, UnsafeMutablePointer<UInt8>?, UInt32
    ) -> UInt32 = { pointer, hint, identity, identityLimit, place, limit in
        guard let function = connection(pointer)?.context.onClientKey, !function.isNone else { return 0 }
        do throws(Raised) {
            let given: Value = hint.map { strlen($0) > 0 ? Value(Str.make(String(cString: $0))) : .none } ?? .none
            let answer = try callValue(function, given)
            guard answer.isKind(.tuple), answer.object(Tuple.self).count == 2 else { throw typeError("psk client callback must return (identity, psk)") }
            let pair = answer.object(Tuple.self)
            identity?.pointee = 0
            if !pair.items[0].isNone {
                guard pair.items[0].isKind(.str) else { throw typeError("identity must be str or None, not \(typeName(pair.items[0]))") }
                guard identityLimit > 0 else { return 0 }
                let count = try copy(pair.items[0].object(Str.self).buffer, to: identity, limit: identityLimit - 1)
                identity?[Int(count)] = 0
            }
            return try copy(try BufferView(pair.items[1]).octets, to: place, limit: limit)
        } catch {
            tell(function)
            return 0
        }
    }

    private static let serverKey: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, UnsafeMutablePointer<UInt8>?, UInt32) -> UInt32 = {
        pointer, identity, place, limit in
        guard let function = connection(pointer)?.context.onServerKey, !function.isNone else { return 0 }
        do throws(Raised) {
            let given: Value = identity.map { strlen($0) > 0 ? Value(Str.make(String(cString: $0))) : .none } ?? .none
            return try copy(try BufferView(try callValue(function, given)).octets, to: place, limit: limit)
        } catch {
            tell(function)
            return 0
        }
    }

    private static func checked(_ callback: Value) throws(Raised) -> Value {
        guard callback.isNone || callback.cls.has(.call) else { throw typeError("callback must be callable") }
        return callback
    }

    static let callbackMethods: [Native] = [
        Native("set_psk_client_callback(self, callback)", "What a client is asked for a pre-shared key.") { args throws(Raised) in
            let context = try own(args[0])
            guard context.protocol != 17 else { throw TLSError.make(.plain, 0, "Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context") }
            context.onClientKey = try checked(args[1])
            SSL_CTX_set_psk_client_callback(context.context, args[1].isNone ? nil : clientKey)
            return .none
        },
        Native("set_psk_server_callback(self, callback, identity_hint=None)", "What a server is asked for a pre-shared key.") { args throws(Raised) in
            let context = try own(args[0])
            guard context.protocol != 16 else { throw TLSError.make(.plain, 0, "Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context") }
            let callback = try checked(args[1])
            guard args[2].isNone || args[2].isKind(.str) else { throw typeError("identity_hint must be str or None, not \(typeName(args[2]))") }
            let hint: String? = args[2].isNone ? nil : args[2].object(Str.self).string
            guard SSL_CTX_use_psk_identity_hint(context.context, hint) == 1 else { throw TLSError.make(.plain, 0, "failed to set identity hint") }
            context.onServerKey = callback
            SSL_CTX_set_psk_server_callback(context.context, callback.isNone ? nil : serverKey)
            return .none
        },
    ]

    static let callbackSettings: [Accessors] = [
        Accessors("sni_callback", "What is called with the name of the server that a client wants.") { object throws(Raised) in
            try own(object).onServerName
        } set: { object, value throws(Raised) in
            let context = try own(object)
            guard context.protocol != 16 else { throw valueError("sni_callback cannot be set on TLS_CLIENT context") }
            guard value.isNone || value.cls.has(.call) else {
                tiny_tls_on_server_name(context.context, nil, nil)
                context.onServerName = .none
                throw typeError("not a callable object")
            }
            context.onServerName = value
            tiny_tls_on_server_name(context.context, value.isNone ? nil : serverName, Unmanaged.passUnretained(context).toOpaque())
        },
        Accessors("_msg_callback") { object throws(Raised) in
            try own(object).onMessage
        } set: { object, value throws(Raised) in
            let context = try own(object)
            guard value.isNone || value.cls.has(.call) else { throw typeError("not a callable object") }
            context.onMessage = value
            SSL_CTX_set_msg_callback(context.context, value.isNone ? nil : message)
            SSL_CTX_ctrl(context.context, SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, Unmanaged.passUnretained(context).toOpaque())
        },
        Accessors("keylog_filename", "A file that the keys of connections are written to, for those who look at the octets.") { object throws(Raised) in
            try own(object).keyLogName
        } set: { object, value throws(Raised) in
            try own(object).setKeyLog(value)
        },
    ]
}
