// Whatever the text, the lexer and the parser return or throw; they never trap.
//
// Programs of the tables are mutated by a generator with a fixed seed, for a minute in all.

import Testing

@testable import TinySyntax

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

@Suite struct FuzzTests {
    static let corpus: [[UInt8]] = {
        var result: [[UInt8]] = []
        for table in [ValidPrograms.table, WrongPrograms.expressions, WrongPrograms.statements, WrongPrograms.lines] {
            for row in table.split(separator: "\n") {
                let fields = WrongPrograms.fields(row)
                let program = fields.count == 3 ? fields[1] : fields[0]
                result.append(Array(WrongPrograms.unescaped(Substring(program)).utf8))
            }
        }
        return result
    }()

    static func mutated(_ text: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var text = text
        let pieces = [
            "(", ")", "[", "]", "{", "}", "'", "\"", "'''", "f'", "f'''{", "\\", "\n", "\n  ", "\t", ":", ",", "=", ":=", "*",
            "**", " if ", " else ", " for ", " in ", "lambda ", "\0", "\r", "é", "\u{FEFF}", "0x", "1_", "1e", "!", "#", ";",
            " match x:\n case ", "def f(", "@", "\\N{", "\\x", "async ", "await ", "type X[", "except* ", "\u{C}",
        ]
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                text.insert(contentsOf: pieces.randomElement(using: &generator)?.utf8.map { $0 } ?? [], at: place)
            case 1 where place < text.count: text.remove(at: place)
            case 2 where place < text.count: text[place] = UInt8.random(in: 0...255, using: &generator)
            case 3: text.removeSubrange(place...)
            default:
                let other = corpus.randomElement(using: &generator) ?? []
                let cut = Int.random(in: 0...other.count, using: &generator)
                text.replaceSubrange(place..., with: other[cut...])
            }
        }
        return text
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func neverTraps(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        while clock.now - start < .seconds(15) {
            let text = FuzzTests.mutated(FuzzTests.corpus.randomElement(using: &generator) ?? [], &generator)
            for mode in [Parse.Mode.file, .expression, .interactive] {
                if let result = try? Parse.parse(text, name: "fuzz", mode: mode) {
                    _ = TreePrinter.dump(result.module, includesPlaces: true)
                }
            }
            count += 1
        }
        #expect(count > 0)
    }
}
