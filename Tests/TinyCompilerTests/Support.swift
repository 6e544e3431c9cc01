// What the tests of this target share.
import Testing

@testable import TinyCompiler
@testable import TinySyntax

enum Source {
    /// The code of a text.
    static func compiled(
        _ text: String, mode: Parse.Mode = .file, options: CompileOptions = CompileOptions()
    ) throws -> CodeUnit {
        try Compile.text(Array(text.utf8), fileName: "test", mode: mode, options: options).code
    }

    /// The code of the first function or class in a text.
    static func inner(_ text: String) throws -> CodeUnit {
        let unit = try compiled(text)
        for case .code(let inner) in unit.constants { return inner }
        throw Missing()
    }

    struct Missing: Error {}

    /// The names of a unit's opcodes, in order.
    static func opcodes(_ unit: CodeUnit) -> [Opcode] { Disassembler.instructions(unit).compactMap(\.opcode) }
}

/// A small generator (SplitMix64), the same on every machine.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
