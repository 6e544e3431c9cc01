// Upper, lower, title case and case folding.
//
// ASCII is mapped byte by byte; other text by Unicode's full mappings, where one letter may become three ("ß" → "SS")
// and a capital sigma's lower case depends on its neighbours.
import Glibc

extension Str {
    static let caseMethods: [Native] = [
        Native("upper(self, /)", "A copy in upper case.") { a throws(Raised) in
            Value(a[0].object(Str.self).mapped(.upper))
        },
        Native("lower(self, /)", "A copy in lower case.") { a throws(Raised) in
            Value(a[0].object(Str.self).mapped(.lower))
        },
        Native("casefold(self, /)", "A copy for comparison without regard to case.") { a throws(Raised) in
            Value(a[0].object(Str.self).mapped(.fold))
        },
        Native("capitalize(self, /)", "A copy with its first character in title case, the others in lower case.") {
            a throws(Raised) in
            Value(a[0].object(Str.self).cased { index, _, _ in index == 0 ? .title : .lower })
        },
        Native("title(self, /)", "A copy in which words start in title case.") { a throws(Raised) in
            Value(a[0].object(Str.self).cased { _, _, previousIsCased in previousIsCased ? .lower : .title })
        },
        Native("swapcase(self, /)", "A copy with upper and lower case exchanged.") { a throws(Raised) in
            Value(a[0].object(Str.self).cased { _, codePoint, _ in
                CodePoint.isUpper(codePoint) ? .lower : CodePoint.isLower(codePoint) ? .upper : nil
            })
        },
    ]
}

extension StrRef {
    func mapped(_ mapping: CodePoint.CaseMapping) -> StrRef {
        guard isASCII else { return slowMapped(mapping) }
        let size = pointee.byteCount
        if size == 0 { return Str.empty }
        let result = Str.allocate(byteCount: size, count: size)
        let first: UInt8 = mapping == .upper ? 0x61 : 0x41
        let source = bytes
        let target = result.bytes
        for index in 0 ..< size {
            let byte = source[index]
            target[index] = byte &- first < 26 ? byte ^ 0x20 : byte
        }
        return result
    }

    private func slowMapped(_ mapping: CodePoint.CaseMapping) -> StrRef {
        var text = TextBuffer(capacity: pointee.byteCount + 8)
        var offset = 0
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            if mapping == .lower, codePoint == 0x3A3 {
                text.append(codePoint: isFinalSigma(offset) ? 0x3C2 : 0x3C3)
            } else {
                CodePoint.map(codePoint, mapping) { text.append(codePoint: $0) }
            }
            offset += length
        }
        return text.makeStr()
    }

    /// A copy in which `choose` says, from index, code point and whether the character before has case, how each
    /// character is mapped.
    func cased(_ choose: (Int, UInt32, Bool) -> CodePoint.CaseMapping?) -> StrRef {
        if isASCII { return casedASCII(choose) }
        var text = TextBuffer(capacity: pointee.byteCount)
        var offset = 0
        var index = 0
        var previousIsCased = false
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            let mapping = choose(index, codePoint, previousIsCased)
            if let mapping {
                if mapping == .lower, codePoint == 0x3A3 {
                    text.append(codePoint: isFinalSigma(offset) ? 0x3C2 : 0x3C3)
                } else {
                    CodePoint.map(codePoint, mapping) { text.append(codePoint: $0) }
                }
            } else {
                text.append(codePoint: codePoint)
            }
            previousIsCased = CodePoint.isCased(codePoint)
            offset += length
            index += 1
        }
        return text.makeStr()
    }

    private func casedASCII(_ choose: (Int, UInt32, Bool) -> CodePoint.CaseMapping?) -> StrRef {
        let size = pointee.byteCount
        if size == 0 { return Str.empty }
        let result = Str.allocate(byteCount: size, count: size)
        let source = bytes
        let target = result.bytes
        var previousIsCased = false
        for index in 0 ..< size {
            let byte = source[index]
            let isLetter = (byte | 0x20) &- 0x61 < 26
            var mapped = byte
            if isLetter, let mapping = choose(index, UInt32(byte), previousIsCased) {
                mapped = mapping == .upper || mapping == .title ? byte & ~0x20 : byte | 0x20
            }
            target[index] = mapped
            previousIsCased = isLetter
        }
        return result
    }

    /// Whether a sigma ends a word: a cased letter before it and none behind, ignoring what has no case.
    private func isFinalSigma(_ offset: Int) -> Bool {
        var before = offset
        var found = false
        while before > 0 {
            let (codePoint, length) = codePoint(before: before)
            before -= length
            if CodePoint.isCaseIgnorable(codePoint) { continue }
            found = CodePoint.isCased(codePoint)
            break
        }
        guard found else { return false }
        var behind = offset + 2
        while behind < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + behind)
            behind += length
            if CodePoint.isCaseIgnorable(codePoint) { continue }
            return !CodePoint.isCased(codePoint)
        }
        return true
    }
}
