// `binascii`: octets as hexadecimal digits, Base64 and quoted-printable text, and checksums.
import CZlib
import TinyRuntime

enum BinasciiModule {
    static let nativeModule = NativeModule(
        "binascii", doc: "Conversion between binary data and ASCII.", functions: { natives },
        prepare: { contents throws(Raised) in
            error = contents.addException("Error", base: .valueError)
            heap.permanentRoots.append(error.map { Value($0) } ?? .none)
            contents.addException("Incomplete")
        })

    /// binascii.Error.
    nonisolated(unsafe) private static var error: ClassRef?

    private static func failure(_ message: String) -> Raised {
        guard let error else { return valueError(message) }
        return raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(message)))))
    }

    /// The octets of a bytes-like object or of an ASCII string.
    private static func source(_ value: Value) throws(Raised) -> Octets {
        if value.isKind(.str) {
            guard value.object(Str.self).isASCII else {
                throw valueError("string argument should contain only ASCII characters")
            }
            return value.object(Str.self).buffer
        }
        guard let view = try BufferView.view(value) else {
            throw typeError("argument should be bytes, buffer or ASCII string, not '\(typeName(value))'")
        }
        return view.octets
    }

    private static func hexlify(_ a: Arguments) throws(Raised) -> Value {
        let octets = try BufferView(contiguous: a[0]).octets
        guard a[1].isAbsent, octets.count > 0, octets.count < largestBuffer / 2 else {
            return BytesObject.make(try BytesText.hexText(octets, a[1], a[2]).buffer)
        }
        _ = try index(a[2])
        let result = BytesObject.allocate(2 * octets.count)
        BytesText.writeHex(octets, to: result.bytes)
        return Value(result)
    }

    /// The value of each octet as a hexadecimal digit; 255: it is none.
    private static let hexValues: [UInt8] = (0 ... 255).map { ASCII.hexValue($0) ?? 255 }

    private static func unhexlify(_ a: Arguments) throws(Raised) -> Value {
        let digits = try source(a[0])
        guard digits.count % 2 == 0 else { throw failure("Odd-length string") }
        let result = BytesObject.allocate(digits.count / 2)
        let target = result.bytes
        let isFine = hexValues.withUnsafeBufferPointer { values in
            var flaws: UInt8 = 0
            for index in 0 ..< digits.count / 2 {
                let high = values[Int(digits[2 &* index])], low = values[Int(digits[2 &* index &+ 1])]
                flaws |= high | low
                target[index] = high << 4 | low
            }
            return flaws < 16
        }
        guard isFine else { throw failure("Non-hexadecimal digit found") }
        return Value(result)
    }

    private static let natives: [Native] = [
        Native("hexlify(data, sep=?, bytes_per_sep=1)", "Octets as hexadecimal digits.") { a throws(Raised) in
            try hexlify(a)
        },
        Native("b2a_hex(data, sep=?, bytes_per_sep=1)", "Octets as hexadecimal digits.") { a throws(Raised) in
            try hexlify(a)
        },
        Native("unhexlify(hexstr, /)", "Octets from hexadecimal digits.") { a throws(Raised) in try unhexlify(a) },
        Native("a2b_hex(hexstr, /)", "Octets from hexadecimal digits.") { a throws(Raised) in try unhexlify(a) },
        Native("b2a_base64(data, /, *, newline=True)", "Octets as a line of Base64.") { a throws(Raised) in
            let newline = try truth(a[1])
            return BytesObject.make(Base64.encode(try BufferView(a[0]).octets, newline: newline))
        },
        Native("a2b_base64(data, /, *, strict_mode=False)", "Octets of Base64 text.") { a throws(Raised) in
            let isStrict = try truth(a[1])
            switch Base64.decode(try source(a[0]), strict: isStrict) {
            case .success(let octets): return BytesObject.make(octets)
            case .failure(let flaw): throw failure(flaw.message)
            }
        },
        Native("crc32(data, crc=0, /)", "The CRC-32 of octets.") { a throws(Raised) in
            let start = UInt32(truncatingIfNeeded: machineInt(try indexValue(a[1])) ?? 0)
            let octets = try BufferView(a[0]).octets
            return Value(Int(crc32_z(UInt(start), octets.baseAddress ?? ZlibModule.nowhere, octets.count)))
        },
        Native("crc_hqx(data, crc, /)", "The CRC-CCITT of octets.") { a throws(Raised) in
            var crc = UInt16(truncatingIfNeeded: machineInt(try indexValue(a[1])) ?? 0)
            for byte in try BufferView(a[0]).octets {
                crc ^= UInt16(byte) << 8
                for _ in 0 ..< 8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
            }
            return Value(inline: Int(crc))
        },
        Native("b2a_qp(data, quotetabs=False, istext=True, header=False)", "Octets as quoted-printable text.") {
            a throws(Raised) in
            let octets = try BufferView(a[0]).octets
            return BytesObject.make(
                QuotedPrintable.encode(octets, quoteTabs: try truth(a[1]), isText: try truth(a[2]), header: try truth(a[3])))
        },
        Native("b2a_uu(data, /, *, backtick=False)", "A uuencoded line of at most 45 octets.") { a throws(Raised) in
            let octets = try BufferView(a[0]).octets
            guard octets.count <= 45 else { throw failure("At most 45 bytes at once") }
            return BytesObject.make(Uuencode.encode(octets, backtick: try truth(a[1])))
        },
        Native("a2b_uu(data, /)", "The octets of a uuencoded line.") { a throws(Raised) in
            let line = try source(a[0])
            let octets: [UInt8]
            do throws(Uuencode.Failure) { octets = try Uuencode.decode(line) } catch { throw failure(error.rawValue) }
            return BytesObject.make(octets)
        },
        Native("a2b_qp(data, header=False)", "Octets of quoted-printable text.") { a throws(Raised) in
            BytesObject.make(QuotedPrintable.decode(try source(a[0]), header: try truth(a[1])))
        },
    ]
}
