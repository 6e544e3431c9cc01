// CPython's flag for `from __future__ import barry_as_FLUFL`: unequal is written `<>`, and `!=` means nothing (PEP 401).

extension Lexer {
    /// Exchanges the two operators; where the first `!=` stands, which nobody may write.
    mutating func swapInequality() -> SourceRange? {
        var refused: SourceRange?
        for index in tokens.indices {
            switch tokens[index].kind {
            case .unknown where bytes[Int(tokens[index].start)] == UInt8(ascii: "<"): tokens[index].kind = .notEqual
            case .notEqual:
                tokens[index].kind = .unknown
                refused = refused ?? tokens[index].range
            default: break
            }
        }
        return refused
    }
}
