// Code is sound, whatever the text: the verifier finds nothing in the goldens, in mutations of them, in trees as high
// as the parser lets them be, and in CPython's library where there is one.
import Foundation
import Testing

@testable import TinyCompiler
@testable import TinySyntax

@Suite struct SoundnessTests {
    static let seeds: [[UInt8]] = GoldenTests.names.compactMap { try? Array(GoldenTests.source($0).source.utf8) }

    /// Nil if it was refused.
    static func problems(_ text: [UInt8]) -> [String]? {
        guard let compilation = try? Compile.text(text, fileName: "test", mode: .file) else { return nil }
        return CodeVerifier.problems(in: compilation.code)
    }

    @Test func goldensAreSound() {
        for seed in SoundnessTests.seeds { #expect(SoundnessTests.problems(seed) == []) }
    }

    /// What embedlibrary puts into the binary: an image read back, at once or unit by unit, is the code that was written.
    @Test func imagesOfTheLibraryAreWhatWasWritten() throws {
        let folder = GoldenTests.folder.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("stdlib")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        let sources = files.filter { $0.pathExtension == "tr" }
        #expect(sources.count > 500)
        for file in sources {
            let unit = try Compile.text(Array(String(contentsOf: file, encoding: .utf8).utf8), fileName: "test", mode: .file).code
            let written = Disassembler.text(unit)
            CodeImage.write(unit).withUnsafeBufferPointer { octets in
                #expect(CodeImage.read(octets, fileName: "test").map(Disassembler.text) == written, "\(file.path)")
                #expect(CodeImage.open(octets, fileName: "test").map(Disassembler.text) == written, "\(file.path)")
            }
        }
    }

    @Test func mutationsAreSound() {
        var generator = SeededGenerator(state: 7)
        // whole lines and words change places: many of these programs are still valid
        let lines = SoundnessTests.seeds.flatMap { $0.split(separator: 10, omittingEmptySubsequences: false) }
        let words = ["return", "break", "continue", "yield", "await x", "del a", "x = 1", "global x", "nonlocal x", "a"]
        var accepted = 0
        for round in 0 ..< 6_000 {
            var text = SoundnessTests.seeds[round % SoundnessTests.seeds.count]
                .split(separator: 10, omittingEmptySubsequences: false)
            for _ in 0 ... round % 3 {
                let place = Int.random(in: 0 ..< text.count, using: &generator)
                let indent = text[place].prefix { $0 == 32 }
                switch Int.random(in: 0 ..< 4, using: &generator) {
                case 0: text.remove(at: place)
                case 1: text.insert(lines.randomElement(using: &generator) ?? [], at: place)
                case 2: text[place] = indent + Array((words.randomElement(using: &generator) ?? "a").utf8)
                default: text.insert(indent + Array((words.randomElement(using: &generator) ?? "a").utf8), at: place)
                }
                if text.isEmpty { text.append([]) }
            }
            let program = Array(text.joined(separator: [10]))
            guard let problems = SoundnessTests.problems(program) else { continue }
            accepted += 1
            #expect(problems == [], "\(String(decoding: program, as: UTF8.self))")
        }
        #expect(accepted > 300)
    }

    @Test(arguments: [
        ("-", "a", ""), ("not ", "a", ""), ("[", "a", "]"), ("(", "a", ",)"), ("f(", "a", ")"), ("", "a", ".b"),
        ("", "a", "[0]"), ("a if b else ", "c", ""), ("a ** ", "b", ""), ("a and (b or ", "c", ")"),
        ("lambda: ", "a", ""), ("[", "a", " for b in c]"), ("f'{", "a", "}'"), ("", "a", "()"),
    ])
    func highTreesAreSound(_ before: String, _ middle: String, _ after: String) {
        for height in [50, 150, 1_900] {
            let text = String(repeating: before, count: height) + middle + String(repeating: after, count: height)
            #expect(SoundnessTests.problems(Array(text.utf8)) ?? [] == [])
        }
    }

    @Test func wideTextsAreSoundOrRefused() {
        let many = { (count: Int, piece: (Int) -> String) in (0 ..< count).map(piece).joined(separator: ", ") }
        let texts = [
            "f(" + many(1_000) { "a\($0)" } + ")", "f(" + many(1_000) { "a\($0)=b" } + ")",
            "x = [" + many(5_000) { "a\($0)" } + "]", "x = {" + many(5_000) { "\($0): a" } + "}",
            "x = (" + many(70_000) { _ in "a" } + ")", many(70_000) { "a\($0)" } + " = x",
            "def f(" + many(5_000) { "a\($0)=1" } + "): pass", "print(f'" + String(repeating: "{a}", count: 3_000) + "')",
            (0 ..< 70_000).map { "x.a\($0)\n" }.joined(), "x = " + many(300) { "*a\($0)" } + ", = y",
        ]
        for text in texts { #expect(SoundnessTests.problems(Array(text.utf8)) ?? [] == []) }
    }

    static let library = "/root/.pyenv/versions/3.13.0/lib/python3.13"

    @Test(.enabled(if: FileManager.default.fileExists(atPath: library)))
    func libraryIsSound() {
        guard let files = FileManager.default.enumerator(atPath: SoundnessTests.library) else { return }
        var count = 0
        for case let name as String in files where name.hasSuffix(".py") && !name.contains("lib2to3/tests/data") {
            guard let data = FileManager.default.contents(atPath: SoundnessTests.library + "/" + name) else { continue }
            guard let problems = SoundnessTests.problems(Array(data)) else { continue }
            count += 1
            #expect(problems == [], "\(name)")
        }
        #expect(count > 500)
    }
}
