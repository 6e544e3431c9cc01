// Values of numbers and strings.

import Testing

@testable import TinySyntax

@Suite struct LiteralTests {
    private func constant(_ text: String) throws -> Constant? {
        let module = try Parse.expression(Array(text.utf8), name: "test").module
        if case .expression(let value) = module, case .constant(let constant) = value.node { return constant }
        return nil
    }

    @Test func integers() throws {
        #expect(try constant("1_000") == .integer(1000))
        #expect(try constant("0x_FF") == .integer(255))
        #expect(try constant("0b101") == .integer(5))
        #expect(try constant("9223372036854775807") == .integer(.max))
        #expect(try constant("9223372036854775808") == .bigInteger(digits: "9223372036854775808", radix: 10))
        #expect(try constant("0x1_0000_0000_0000_000F") == .bigInteger(digits: "1000000000000000f", radix: 16))
        #expect(try constant("0000") == .integer(0))
    }

    @Test func floats() throws {
        #expect(try constant("1.") == .float(1))
        #expect(try constant(".5e1") == .float(5))
        #expect(try constant("1.e2") == .float(100))
        #expect(try constant("1e400") == .float(.infinity))
        #expect(try constant("2.5J") == .imaginary(2.5))
    }

    @Test func strings() throws {
        #expect(try constant("'a\\n\\101\\x41'") == .string(Array("a\nAA".utf8)))
        #expect(try constant("r'\\n'") == .string(Array("\\n".utf8)))
        #expect(try constant("'\\ud800'") == .string([0xED, 0xA0, 0x80]))
        #expect(try constant("'\\N{greek small letter alpha}'") == .string(Array("α".utf8)))
        #expect(try constant("b'\\xff' b'a'") == .bytes([0xFF, 0x61]))
        #expect(try constant("'a\\\nb'") == .string(Array("ab".utf8)))
    }

    @Test func namesOfCharacters() {
        #expect(UnicodeNames.scalar(named: "bullet") == 0x2022)
        #expect(UnicodeNames.scalar(named: "CJK UNIFIED IDEOGRAPH-4E00") == 0x4E00)
        #expect(UnicodeNames.scalar(named: "HANGUL SYLLABLE GA") == 0xAC00)
        #expect(UnicodeNames.scalar(named: "no such thing") == nil)
    }
}
