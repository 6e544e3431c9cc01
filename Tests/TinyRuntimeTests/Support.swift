// What the tests of this target share: the one runtime of the process, on a thread of its own.
//
// Whoever starts the runtime becomes the script's main thread and holds the GIL from then on; the test library calls tests
// from whatever thread it likes. So each test hands its body to that thread, which runs one after the other.
import Foundation
import TinyModules
import TinySystem

@testable import TinyRuntime

enum RuntimeThread {
    nonisolated(unsafe) private static var work: (() -> Void)?
    private static let isWanted = DispatchSemaphore(value: 0)
    private static let isDone = DispatchSemaphore(value: 0)
    /// One body at a time.
    private static let turn = NSLock()

    nonisolated(unsafe) private static let thread: Thread = {
        let thread = Thread {
            NativeModules.add(SystemModules.all + LanguageModules.all)
            Runtime.start()
            while true {
                isWanted.wait()
                work?()
                isDone.signal()
            }
        }
        thread.stackSize = 16 << 20
        thread.start()
        return thread
    }()

    /// Runs a body with the runtime started and the GIL held. Expectations belong outside, where the test is known.
    static func run<Result>(_ body: @escaping () -> Result) -> Result {
        turn.lock()
        defer { turn.unlock() }
        _ = thread
        var result: Result?
        work = { result = body() }
        isWanted.signal()
        isDone.wait()
        work = nil
        return result.unsafelyUnwrapped
    }

    /// What a script prints with `print`-like calls of `note(…)`: the texts that it noted, in order.
    static func notes(of script: String) -> [String] {
        run {
            let globals = Dict.make()
            let notes = List.make()
            globals.set(StrTables.intern("notes"), Value(notes))
            globals.set(StrTables.intern("__builtins__"), Value(Runtime.builtinsModule))
            do throws(Raised) {
                let code = try Runtime.compile(Array(script.utf8), fileName: "<test>", mode: .file, origin: .text)
                _ = try Runtime.execute(code, globals: globals)
            } catch {
                let exception = currentThread().takeRaised()
                return ["raised " + ((try? str(exception).string) ?? "?")]
            }
            return (0 ..< notes.count).map { ((try? str(notes.items[$0]).string) ?? "?") }
        }
    }
}
