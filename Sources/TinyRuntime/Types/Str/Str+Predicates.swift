// What kind of characters a string has: isalpha, isdigit, isupper … Each answers False for the empty string, save
// isascii and isprintable.

extension Str {
    static let predicateMethods: [Native] = [
        Native("isalnum(self, /)", "Whether all characters are letters or numbers.") { a throws(Raised) in
            Value(all(a, CodePoint.isAlphanumeric))
        },
        Native("isalpha(self, /)", "Whether all characters are letters.") { a throws(Raised) in
            Value(all(a, CodePoint.isAlphabetic))
        },
        Native("isascii(self, /)", "Whether all characters are ASCII.") { a throws(Raised) in
            Value(a[0].object(Str.self).isASCII)
        },
        Native("isdecimal(self, /)", "Whether all characters are decimal digits.") { a throws(Raised) in
            Value(all(a) { CodePoint.decimal($0) != nil })
        },
        Native("isdigit(self, /)", "Whether all characters are digits.") { a throws(Raised) in
            Value(all(a) { CodePoint.digit($0) != nil })
        },
        Native("isnumeric(self, /)", "Whether all characters have a numeric value.") { a throws(Raised) in
            Value(all(a) { CodePoint.numeric($0) != nil })
        },
        Native("isspace(self, /)", "Whether all characters are spaces.") { a throws(Raised) in
            Value(all(a, CodePoint.isSpace))
        },
        Native("isprintable(self, /)", "Whether repr shows all characters as they are.") { a throws(Raised) in
            Value(a[0].object(Str.self).pointee.byteCount == 0 || all(a, CodePoint.isPrintable))
        },
        Native("isidentifier(self, /)", "Whether the text could be a name.") { a throws(Raised) in
            Value(a[0].object(Str.self).isIdentifier)
        },
        Native("islower(self, /)", "Whether there are letters with case and all of them are lower case.") {
            a throws(Raised) in
            Value(hasCase(a, CodePoint.isLower) { CodePoint.isUpper($0) || CodePoint.isTitle($0) })
        },
        Native("isupper(self, /)", "Whether there are letters with case and all of them are upper case.") {
            a throws(Raised) in
            Value(hasCase(a, CodePoint.isUpper) { CodePoint.isLower($0) || CodePoint.isTitle($0) })
        },
        Native("istitle(self, /)", "Whether upper case starts every word and stands nowhere else.") { a throws(Raised) in
            Value(a[0].object(Str.self).isTitleCased)
        },
    ]

    private static func all(_ a: Arguments, _ test: (UInt32) -> Bool) -> Bool {
        let text = a[0].object(Str.self)
        guard text.pointee.byteCount > 0 else { return false }
        var offset = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = decode(text.bytes + offset)
            guard test(codePoint) else { return false }
            offset += length
        }
        return true
    }

    /// Whether some character passes and none is refused.
    private static func hasCase(_ a: Arguments, _ test: (UInt32) -> Bool, _ refuse: (UInt32) -> Bool) -> Bool {
        let text = a[0].object(Str.self)
        var found = false
        var offset = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = decode(text.bytes + offset)
            if refuse(codePoint) { return false }
            if !found { found = test(codePoint) }
            offset += length
        }
        return found
    }
}

extension StrRef {
    var isIdentifier: Bool {
        guard pointee.byteCount > 0 else { return false }
        var offset = 0
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            guard offset == 0 ? CodePoint.isIdentifierStart(codePoint) : CodePoint.isIdentifierPart(codePoint) else {
                return false
            }
            offset += length
        }
        return true
    }

    fileprivate var isTitleCased: Bool {
        var found = false
        var previousIsCased = false
        var offset = 0
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            offset += length
            if CodePoint.isUpper(codePoint) || CodePoint.isTitle(codePoint) {
                if previousIsCased { return false }
                previousIsCased = true
                found = true
            } else if CodePoint.isLower(codePoint) {
                if !previousIsCased { return false }
                found = true
            } else {
                previousIsCased = false
            }
        }
        return found
    }
}
