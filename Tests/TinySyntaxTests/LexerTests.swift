// Tokens: kinds, places, and names that are stored once.

import Testing

@testable import TinySyntax

@Suite struct LexerTests {
    private func lexed(_ text: String) -> (tokens: [Token], names: [String], failure: LexicalFailure?) {
        let bytes = Array(text.utf8) + [0]
        return bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return ([], [], nil) }
            var lexer = Lexer(bytes: start, count: bytes.count - 1, isInteractive: false)
            lexer.run()
            return (lexer.tokens, lexer.names.names, lexer.failure)
        }
    }

    private func kinds(_ text: String) -> [TokenKind] { lexed(text).tokens.map(\.kind) }

    @Test func blocksBecomeIndents() {
        #expect(
            kinds("if a:\n  b\n\n# c\nd\n") == [
                .kwIf, .name, .colon, .newline, .indent, .name, .newline, .dedent, .name, .newline, .endMarker,
            ])
    }

    @Test func operatorsAreLongestFirst() {
        #expect(
            kinds("**=//=<<=>>=...->:=!=**//<<>>\n").dropLast(2) == [
                .doubleStarEqual, .doubleSlashEqual, .leftShiftEqual, .rightShiftEqual, .ellipsis, .arrow, .colonEqual,
                .notEqual, .doubleStar, .doubleSlash, .leftShift, .rightShift,
            ])
    }

    @Test func namesAreStoredOnce() {
        let (tokens, names, _) = lexed("spam = spam + eggs\n")
        #expect(tokens[0].name == tokens[2].name)
        #expect(names[Int(tokens[4].name)] == "eggs")
    }

    @Test func formattedStringsAreLexedInPlace() {
        #expect(
            kinds("f'a{b:{c}}d'\n").dropLast(2) == [
                .formattedStart, .formattedMiddle, .leftBrace, .name, .colon, .leftBrace, .name, .rightBrace,
                .formattedMiddle, .rightBrace, .formattedMiddle, .formattedEnd,
            ])
    }

    @Test func newlinesInBracketsAreNothing() {
        #expect(kinds("(a\n,\nb)\n") == [.leftParen, .name, .comma, .name, .rightParen, .newline, .endMarker])
    }

    @Test func theFirstErrorEndsTheTokens() {
        let (tokens, _, failure) = lexed("a = 'b\nc\n")
        #expect(tokens.map(\.kind) == [.name, .equal, .error])
        #expect(failure?.diagnostic.message == "unterminated string literal (detected at line 1)")
    }
}
