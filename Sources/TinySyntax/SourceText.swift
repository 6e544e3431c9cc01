// Bytes of a file to the text that the lexer reads: UTF-8 with plain newlines and a zero byte at the end.
//
// What may be wrong with the bytes themselves is said here: null bytes, an encoding that is unknown, bytes that it does
// not allow.

struct SourceText {
    /// The text and one zero byte.
    private(set) var bytes: [UInt8]
    var count: Int { bytes.count - 1 }

    /// - Parameter addsNewline: a missing newline at the end is added, as for files.
    init(_ input: [UInt8], name: String, addsNewline: Bool, origin: Parse.Origin = .bytes) throws(SyntaxDiagnostic) {
        var start = 0
        let hasMark = input.count >= 3 && input[0] == 0xEF && input[1] == 0xBB && input[2] == 0xBF
        if hasMark { start = 3 }
        let cookie = origin == .text ? nil : SourceText.declaration(in: input, from: start)
        let encoding = try cookie.map { cookie throws(SyntaxDiagnostic) in
            try SourceText.known(cookie, hasMark: hasMark, isFile: origin == .file)
        } ?? .utf8
        bytes = []
        bytes.reserveCapacity(input.count + 2)
        var isASCII = true
        var hasReturn = false
        for byte in input[start...] {
            if byte >= 0x80 { isASCII = false }
            if byte == 0x0D { hasReturn = true }
            if byte == 0 { throw SourceText.nullByte(in: input[start...], isFile: origin == .file) }
        }
        if !isASCII && encoding == .latin1 {
            for byte in input[start...] {
                if byte < 0x80 {
                    bytes.append(byte)
                } else {
                    bytes.append(0xC0 | byte >> 6)
                    bytes.append(0x80 | byte & 0x3F)
                }
            }
        } else {
            bytes.append(contentsOf: input[start...])
        }
        if !isASCII && encoding != .latin1 {
            try checkEncoding(encoding, origin == .file && cookie == nil ? name : nil)
        }
        if hasReturn { normalizeNewlines() }
        if addsNewline, let last = bytes.last, last != 0x0A { bytes.append(0x0A) }
        bytes.append(0)
    }

    private static func nullByte(in input: ArraySlice<UInt8>, isFile: Bool) -> SyntaxDiagnostic {
        guard isFile else { return .withoutPlace("source code string cannot contain null bytes") }
        let before = input.prefix { $0 != 0 }
        let line = before.split(separator: 0x0A, omittingEmptySubsequences: false).last ?? []
        return SyntaxDiagnostic(
            kind: .encodingError, message: "source code cannot contain null bytes", line: before.count { $0 == 0x0A } + 1,
            text: String(decoding: line, as: UTF8.self) + "\n")
    }

    /// CRLF and CR become LF.
    private mutating func normalizeNewlines() {
        var target = 0
        var source = 0
        while source < bytes.count {
            var byte = bytes[source]
            if byte == 0x0D {
                byte = 0x0A
                if source + 1 < bytes.count && bytes[source + 1] == 0x0A { source += 1 }
            }
            bytes[target] = byte
            target += 1
            source += 1
        }
        bytes.removeSubrange(target...)
    }

    // MARK: Encodings

    private enum Encoding { case utf8, latin1, ascii }

    /// The encoding that a comment in the first two lines names (PEP 263).
    private static func declaration(in input: [UInt8], from start: Int) -> String? {
        var lineStart = start
        for _ in 0..<2 {
            var position = lineStart
            while position < input.count && [0x20, 0x09, 0x0C].contains(input[position]) { position += 1 }
            var stop = position
            while stop < input.count && input[stop] != 0x0A && input[stop] != 0x0D { stop += 1 }
            if position < stop && input[position] == UInt8(ascii: "#") {
                if let cookie = cookie(input[position..<stop]) { return cookie }
            } else if position < stop {
                break
            }
            lineStart = stop + 1
            if stop + 1 < input.count && input[stop] == 0x0D && input[stop + 1] == 0x0A { lineStart += 1 }
            if lineStart >= input.count { break }
        }
        return nil
    }

    /// The encoding that a comment names, if it is none of the three known here.
    static func foreignEncoding(_ input: [UInt8]) -> String? {
        let hasMark = input.count >= 3 && input[0] == 0xEF && input[1] == 0xBB && input[2] == 0xBF
        guard !hasMark, let cookie = declaration(in: input, from: 0), plainEncoding(cookie) == nil else { return nil }
        return cookie
    }

    /// What follows `coding:` or `coding=` in a comment.
    private static func cookie(_ comment: ArraySlice<UInt8>) -> String? {
        let key = Array("coding".utf8)
        var position = comment.startIndex
        while position + key.count < comment.endIndex {
            if comment[position..<position + key.count].elementsEqual(key) {
                var value = position + key.count
                if comment[value] == UInt8(ascii: ":") || comment[value] == UInt8(ascii: "=") {
                    value += 1
                    while value < comment.endIndex && (comment[value] == 0x20 || comment[value] == 0x09) { value += 1 }
                    let rest = comment[value...].prefix { byte in
                        (byte < 0x80 && Lexer.continuesName(byte)) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                    }
                    if !rest.isEmpty { return String(decoding: rest, as: UTF8.self) }
                }
            }
            position += 1
        }
        return nil
    }

    private static func known(_ cookie: String, hasMark: Bool, isFile: Bool) throws(SyntaxDiagnostic) -> Encoding {
        let encoding = plainEncoding(cookie)
        // CPython takes no other spelling beside the mark.
        let normal = String(cookie.lowercased().map { $0 == "_" ? "-" : $0 })
        if hasMark && normal != "utf-8" && !normal.hasPrefix("utf-8-") {
            throw SyntaxDiagnostic(
                kind: .encodingError, message: "encoding problem: \(cookie) with BOM", line: 0, offset: -1)
        }
        guard let encoding else {
            if isFile { throw SyntaxDiagnostic.withoutPlace("encoding problem: \(cookie)") }
            throw SyntaxDiagnostic(kind: .encodingError, message: "unknown encoding: \(cookie)", line: 0, offset: -1)
        }
        return encoding
    }

    private static func plainEncoding(_ cookie: String) -> Encoding? {
        let normal = String(cookie.lowercased().map { $0 == "_" ? "-" : $0 })
        switch normal {
        case "utf-8", "utf8", "utf-8-sig", "u8", "utf": return .utf8
        case _ where normal.hasPrefix("utf-8-"): return .utf8
        case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "8859", "cp819", "l1": return .latin1
        case _ where normal.hasPrefix("latin-1-") || normal.hasPrefix("iso-8859-1-"): return .latin1
        case "ascii", "us-ascii", "646": return .ascii
        default: return nil
        }
    }

    /// - Parameter file: the file's name, if nothing says which encoding it has.
    private func checkEncoding(_ encoding: Encoding, _ file: String?) throws(SyntaxDiagnostic) {
        if encoding == .ascii {
            guard let position = bytes.firstIndex(where: { $0 >= 0x80 }) else { return }
            let hex = String(bytes[position], radix: 16)
            throw SyntaxDiagnostic(
                kind: .encodingError,
                message: "'ascii' codec can't decode byte 0x\(hex) in position \(position): "
                    + "ordinal not in range(128)", line: 0, offset: -1)
        }
        var index = 0
        while index < bytes.count {
            let length = SourceText.sequenceLength(bytes, index)
            if length == 0 {
                let line = bytes[..<index].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
                let hex = String(bytes[index], radix: 16)
                if let file {
                    throw SyntaxDiagnostic.withoutPlace(
                        "Non-UTF-8 code starting with '\\x\(hex)' in file \(file) on line \(line), but no encoding "
                            + "declared; see https://peps.python.org/pep-0263/ for details")
                }
                let reason = bytes[index] >= 0xC2 && bytes[index] <= 0xF4 ? "invalid continuation byte" : "invalid start byte"
                let flawed = flawedToken(index)
                throw SyntaxDiagnostic(
                    kind: .encodingError,
                    message: "(unicode error) 'utf-8' codec can't decode byte 0x\(hex) in position \(flawed.position): \(reason)",
                    line: line, offset: flawed.offset, endLine: line, endOffset: flawed.endOffset, text: flawed.text)
            }
            index += length
        }
    }

    /// The token that an octet stands in, as the error names it: the octet's place in it, where on its line it begins and ends, and
    /// that line. A string is looked for on this line only.
    private func flawedToken(_ index: Int) -> (position: Int, offset: Int, endOffset: Int, text: String) {
        let lineStart = bytes[..<index].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let lineEnd = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
        func characters(to end: Int) -> Int { String(decoding: bytes[lineStart ..< end], as: UTF8.self).unicodeScalars.count }
        let text = String(decoding: bytes[lineStart ..< lineEnd], as: UTF8.self)
        var quote: (byte: UInt8, at: Int)?
        var position = lineStart
        while position < index {
            let byte = bytes[position]
            if let open = quote {
                if byte == UInt8(ascii: "\\") { position += 1 } else if byte == open.byte { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = (byte, position)
            }
            position += 1
        }
        if let quote {
            let close = bytes[index ..< lineEnd].firstIndex(of: quote.byte).map { $0 + 1 } ?? lineEnd
            // CPython counts the octets of the token in the line as it is shown, where what is no text takes three.
            let shown = Array(text.utf8).prefix(close - lineStart)
            let whole = shown.lastIndex { $0 & 0xC0 != 0x80 }.map { SourceText.sequenceLength(Array(shown), $0) > 0 ? shown.endIndex : $0 }
            let count = String(decoding: shown[..<(whole ?? shown.endIndex)], as: UTF8.self).unicodeScalars.count
            return (index - quote.at - 1, characters(to: quote.at) + 1, count + 1, text + "\n")
        }
        var start = index
        while start > lineStart, bytes[start - 1] >= 0x80 || Lexer.continuesName(bytes[start - 1]) { start -= 1 }
        return (index - start, characters(to: index) + 1, -1, text + "\n")
    }

    /// The length of the well-formed UTF-8 sequence at `index`, or 0.
    private static func sequenceLength(_ bytes: [UInt8], _ index: Int) -> Int {
        func continues(_ offset: Int, _ low: UInt8 = 0x80, _ high: UInt8 = 0xBF) -> Bool {
            index + offset < bytes.count && bytes[index + offset] >= low && bytes[index + offset] <= high
        }
        let lead = bytes[index]
        switch lead {
        case 0..<0x80: return 1
        case 0xC2...0xDF: return continues(1) ? 2 : 0
        case 0xE0...0xEF:
            return continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF) && continues(2) ? 3 : 0
        case 0xF0...0xF4:
            return continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF) && continues(2) && continues(3)
                ? 4 : 0
        default: return 0
        }
    }
}
