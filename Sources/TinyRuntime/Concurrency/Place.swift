// Places in the script for reports: which line a task is at, started at, took a lock at.

/// A place in the code, noted at the cost of two words: what a `Place` is made of when somebody asks. Whoever keeps one marks it.
struct CodeSite {
    var code = Value.absent
    /// Behind the instruction.
    var pc: PC?

    init() {}

    init(_ frame: Registers) {
        code = Value(frame.header.pointee.code)
        pc = frame.header.pointee.pc
    }

    var place: Place? {
        guard code.isKind(.code), let pc else { return nil }
        return Place(code.object(Code.self), pc)
    }
}

/// A line of a file.
struct Place: CustomStringConvertible {
    var file: String
    var line: Int

    init(_ code: CodeRef, _ pc: PC) { self.init(code, offset: code.offset(of: pc)) }

    /// `offset`: behind the instruction.
    init(_ code: CodeRef, offset: Int) {
        let name = code.pointee.fileName.isKind(.str) ? code.pointee.fileName.object(Str.self).string : "?"
        file = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        line = Int(code.range(at: max(0, offset - 1)).line)
    }

    /// Where a task is: the innermost line that is not the library's.
    init?(of task: ScriptTask) {
        guard let site = Place.site(task.state.scriptFrame) else { return nil }
        self.init(site.code.object(Code.self), site.pc.unsafelyUnwrapped)
    }

    var description: String { "\(file):\(line)" }

    static func isLibrary(_ code: CodeRef) -> Bool {
        let name = code.pointee.fileName
        // A task is mostly started from the file that started the one before. (A collection may give the name's place to another.)
        if name == known.name, heap.collections == known.collections { return known.answer }
        guard name.isKind(.str) else { return false }
        let text = name.object(Str.self).buffer
        let answer = text.starts(with: EmbeddedLibrary.prefix.utf8)
            || sourceFolder.withUnsafeBufferPointer { text.find($0, 0, text.count) >= 0 }
        known = (name, heap.collections, answer)
        return answer
    }

    /// The file that was asked for last. With the GIL.
    nonisolated(unsafe) private static var known = (name: Value.none, collections: -1, answer: false)

    /// Where the library lies while it is worked on.
    private static let sourceFolder = Array("/stdlib/".utf8)

    /// The innermost frame of the script that is not the library's, from one on; else that one itself.
    static func site(_ innermost: Registers?) -> CodeSite? {
        var frame = innermost
        while let current = frame {
            if !isLibrary(current.header.pointee.code) { return CodeSite(current) }
            frame = scriptCaller(of: current)
        }
        return innermost.map(CodeSite.init)
    }
}
