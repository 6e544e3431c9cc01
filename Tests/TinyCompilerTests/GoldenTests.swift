// The goldens in Tests/Bytecode: a source text, a line of dashes, and the code it is compiled to. They are examples to
// read as much as tests. TINY_REGENERATE=1 writes what the compiler does now; look at the difference before keeping it.
import Foundation
import Testing

@testable import TinyCompiler

@Suite struct GoldenTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Bytecode")

    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { $0.hasSuffix(".golden") }.sorted()

    static func source(_ name: String) throws -> (source: String, listing: String) {
        let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
        guard let mark = text.range(of: "-----\n") else { return (text, "") }
        return (String(text[..<mark.lowerBound]), String(text[mark.upperBound...]))
    }

    @Test(arguments: names) func codeIsAsRecorded(_ name: String) throws {
        let golden = try GoldenTests.source(name)
        let listing = Disassembler.text(try Source.compiled(golden.source)) + "\n"
        if ProcessInfo.processInfo.environment["TINY_REGENERATE"] != nil {
            try (golden.source + "-----\n" + listing)
                .write(to: GoldenTests.folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        } else {
            #expect(listing == golden.listing)
        }
    }

    @Test func thereAreGoldens() { #expect(GoldenTests.names.count > 15) }
}
