// `readline`: GNU readline's line editor, with CPython's functions.
//
// A line is read through the library's callback interface: `_begin(prompt)`, then `_wait()` and `_step()` for every key, so that
// other threads (and whatever the caller of `_wait` runs) go on while the prompt stands. The library is only ever called with
// the GIL held, since it has no locks; only the wait for a key is without. Ctrl-C ends the wait with KeyboardInterrupt, and
// the caller says `_abort()`. `input()` reads like this too, once the module has been imported and both ends are a terminal.
import CReadline
import CTiny
import Glibc

enum ReadlineModule {
    static let nativeModule = NativeModule(
        "readline", doc: "Importing this module enables command line editing using GNU readline.", functions: { functions },
        prepare: { contents throws(Raised) in
            guard !isActive else { return }
            isActive = true
            heap.permanentRoots.append(Value(hooks))
            for _ in Hook.allCases { hooks.append(.none) }
            tiny_rl_prepare(strdup("tiny"))
            if isatty(0) == 1 { keyFile = open("/proc/self/fd/0", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
            tiny_rl_set_getc { stream in
                let key = ReadlineModule.key
                ReadlineModule.key = -1
                return key >= 0 ? key : rl_getc(stream)
            }
            tiny_rl_set_delimiters(strdup(" \t\n`~!@#$%^&*()-=+[{]}\\|;:'\",<>/?"))
            tiny_rl_set_hooks(
                { text, start, end in ReadlineModule.complete(text, Int(start), Int(end)) },
                { ReadlineModule.call(.startup) }, { ReadlineModule.call(.preInput) })
            contents.set("backend", "readline")
            contents.set("_READLINE_VERSION", Int(RL_READLINE_VERSION))
            // The library is linked statically: what was compiled against is what runs.
            contents.set("_READLINE_RUNTIME_VERSION", Int(RL_READLINE_VERSION))
            contents.set("_READLINE_LIBRARY_VERSION", "\(RL_READLINE_VERSION >> 8).\(RL_READLINE_VERSION & 0xFF)")
        })

    /// The module has been imported: `input()` edits.
    nonisolated(unsafe) private(set) static var isActive = false

    // MARK: The script's functions

    private enum Hook: Int, CaseIterable { case completer, startup, preInput, display }

    /// By Hook.rawValue; None where there is none.
    nonisolated(unsafe) private static let hooks: ListRef = List.make()
    nonisolated(unsafe) private static var wordStart = 0
    nonisolated(unsafe) private static var wordEnd = 0

    private static func hook(_ which: Hook) -> Value { hooks.items[which.rawValue] }

    private static func setHook(_ which: Hook, _ function: Value, _ name: String) throws(Raised) -> Value {
        guard function.isNone || function.cls.has(.call) else { throw typeError("\(name)(func): argument not callable") }
        hooks.put(function, at: which.rawValue)
        return .none
    }

    /// Called by the library: an error in the script's function can't go through it and is dropped, as in CPython.
    private static func call(_ which: Hook) -> Int32 {
        let function = hook(which)
        guard !function.isNone else { return 0 }
        do throws(Raised) {
            return Int32(truncatingIfNeeded: machineInt(try callValue(function)) ?? 0)
        } catch {
            _ = currentThread().takeRaised()
            return 0
        }
    }

    private static func complete(_ text: UnsafePointer<CChar>?, _ start: Int, _ end: Int)
        -> UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    {
        guard !hook(.completer).isNone else { return nil }
        // Positions in the language are those of characters.
        let line = UnsafeBufferPointer(start: tiny_rl_line(), count: end).lazy.map { UInt8(bitPattern: $0) }
        wordStart = line.prefix(start).count { $0 & 0xC0 != 0x80 }
        wordEnd = line.count { $0 & 0xC0 != 0x80 }
        tiny_rl_end_completion()
        return rl_completion_matches(text) { text, state in ReadlineModule.candidate(text, Int(state)) }
    }

    private static func candidate(_ text: UnsafePointer<CChar>?, _ state: Int) -> UnsafeMutablePointer<CChar>? {
        guard let text else { return nil }
        do throws(Raised) {
            let found = try callValue(hook(.completer), Value(Str.make(String(cString: text))), Value(state))
            guard found.isKind(.str) else { return nil }
            return strdup(found.object(Str.self).string)
        } catch {
            _ = currentThread().takeRaised()
            return nil
        }
    }

    private static func display(_ matches: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int, _ longest: Int) {
        guard let matches, count > 0 else { return }
        let list = List.make()
        for index in 1 ... count { if let text = matches[index] { list.append(Value(Str.make(String(cString: text)))) } }
        let word = matches[0].map { String(cString: $0) } ?? ""
        do throws(Raised) {
            _ = try callValue(hook(.display), Value(Str.make(word)), Value(list), Value(longest))
        } catch { _ = currentThread().takeRaised() }
        rl_forced_update_display()
    }

    // MARK: Reading a line

    nonisolated(unsafe) private static var isReading = false
    nonisolated(unsafe) private static var isFinished = false
    nonisolated(unsafe) private static var line: UnsafeMutablePointer<CChar>?
    /// The process was stopped and goes on: the terminal has lost its mode.
    nonisolated(unsafe) private static var wasStopped: UInt32 = 0

    private static func begin(_ prompt: String) throws(Raised) {
        guard !isReading else { throw raise(.runtimeError, "a line is being read already") }
        isReading = true
        isFinished = false
        signal(SIGCONT) { _ in ReadlineModule.noteContinued() }
        rl_callback_handler_install(prompt) { line in
            ReadlineModule.isFinished = true
            ReadlineModule.line = line
            rl_callback_handler_remove()
        }
    }

    private static func noteContinued() { tiny_or(&wasStopped, 1) }

    private static func abort() {
        guard isReading else { return }
        isReading = false
        tiny_rl_abort()
    }

    /// True when there is a key to read; false after `milliseconds`. The script's signal handlers run.
    private static func wait(_ milliseconds: Int32) throws(Raised) -> Bool {
        while true {
            showAgainIfStopped()
            let count = Threads.blocking { awaitKey(milliseconds) }
            if count > 0 {
                tiny_rl_follow_window()
                return true
            }
            try Signals.handleArrived()
            showAgainIfStopped()
            rl_check_signals()
            if count == 0 { return false }
        }
    }

    /// Waits until standard input can be read: 1, 0 if it can't in time, -1 for a signal; one that came before the wait begins ends it, too.
    private static func awaitKey(_ milliseconds: Int32) -> Int32 {
        var all = sigset_t(), previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        if Signals.hasArrived || tiny_load(&wasStopped) != 0 { return -1 }
        var limit = timespec(tv_sec: Int(milliseconds) / 1000, tv_nsec: Int(milliseconds) % 1000 * 1_000_000)
        return milliseconds < 0 ? tiny_await_key(nil, &previous) : tiny_await_key(&limit, &previous)
    }

    /// The terminal, opened once more to look for keys without waiting (which is a property of the open file that other processes
    /// share), or -1.
    nonisolated(unsafe) private static var keyFile: Int32 = -1
    /// The key that the library is about to take in, or -1.
    nonisolated(unsafe) private static var key: Int32 = -1

    /// False if there is no key.
    private static func takeKey() -> Bool {
        guard keyFile >= 0, key < 0 else { return true }
        var octet: UInt8 = 0
        let count = Glibc.read(keyFile, &octet, 1)
        if count < 0, errno == EAGAIN || errno == EINTR { return false }
        if count == 1 { key = Int32(octet) }
        return true
    }

    /// The process was stopped (Ctrl-Z) and goes on: the terminal is another's, or as another left it.
    private static func showAgainIfStopped() {
        guard tiny_take(&wasStopped) != 0, isReading else { return }
        rl_prep_terminal(1)
        rl_forced_update_display()
    }

    /// Takes in a key; the line once it is whole, nil before. EOFError at its end.
    private static func step() throws(Raised) -> Value? {
        guard isReading else { throw raise(.runtimeError, "no line is being read") }
        // Ctrl-C throws away what was typed: the key that was waited for may be gone.
        guard takeKey() else { return nil }
        rl_callback_read_char()
        guard isFinished else { return nil }
        isReading = false
        guard let text = line else { throw raise(.eofError) }
        defer { free(text) }
        line = nil
        return Value(Str.make(String(cString: text)))
    }

    /// `input()` on a terminal.
    static func read(_ prompt: String) throws(Raised) -> Value {
        try begin(prompt)
        do {
            while true {
                _ = try wait(-1)
                if let line = try step() { return line }
            }
        } catch {
            abort()
            throw error
        }
    }

    // MARK: The module

    private static func path(_ value: Value) throws(Raised) -> String? { value.isNone ? nil : try str(value).string }

    private static func check(_ code: Int32) throws(Raised) -> Value {
        guard code == 0 else { throw osError(code) }
        return .none
    }

    private static func position(_ value: Value, _ name: String) throws(Raised) -> Int32 {
        let number = try index(value)
        guard number >= 0 else { throw valueError("History index cannot be negative") }
        guard number < Int(tiny_rl_history_length()) else { throw valueError("No history item at position \(number)") }
        return Int32(number)
    }

    private static let functions: [Native] = [
        Native("parse_and_bind(string, /)", "Execute the init line provided in the string argument.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("parse_and_bind() argument must be str, not \(typeName(args[0]))") }
            // The library writes into what it reads.
            let copy = strdup(args[0].object(Str.self).string)
            rl_parse_and_bind(copy)
            free(copy)
            return .none
        },
        Native("read_init_file(filename=None, /)", "Execute a readline initialization file.") { args throws(Raised) in
            try check(rl_read_init_file(try path(args[0])))
        },
        Native("get_line_buffer()", "Return the current contents of the line buffer.") { _ in
            Value(Str.make(String(cString: tiny_rl_line())))
        },
        Native("insert_text(string, /)", "Insert text into the line buffer at the cursor position.") { args throws(Raised) in
            rl_insert_text(try str(args[0]).string)
            return .none
        },
        Native("redisplay()", "Change what's displayed on the screen to reflect contents of the line buffer.") { _ in
            rl_redisplay()
            return .none
        },
        Native("set_completer(function=None, /)", "Set or remove the completer function.") { args throws(Raised) in
            try setHook(.completer, args[0], "set_completer")
        },
        Native("get_completer()", "Get the current completer function.") { _ in hook(.completer) },
        Native("set_startup_hook(function=None, /)", "Set or remove the function invoked by the rl_startup_hook callback.") { args throws(Raised) in
            try setHook(.startup, args[0], "set_startup_hook")
        },
        Native("set_pre_input_hook(function=None, /)", "Set or remove the function invoked by the rl_pre_input_hook callback.") { args throws(Raised) in
            try setHook(.preInput, args[0], "set_pre_input_hook")
        },
        Native("set_completion_display_matches_hook(function=None, /)", "Set or remove the completion display function.") { args throws(Raised) in
            _ = try setHook(.display, args[0], "set_completion_display_matches_hook")
            if args[0].isNone {
                tiny_rl_set_display_hook(nil)
            } else {
                tiny_rl_set_display_hook { ReadlineModule.display($0, Int($1), Int($2)) }
            }
            return .none
        },
        Native("get_completer_delims()", "Get the word delimiters for completion.") { _ in
            Value(Str.make(String(cString: tiny_rl_delimiters())))
        },
        Native("set_completer_delims(string, /)", "Set the word delimiters for completion.") { args throws(Raised) in
            // The library may still hold the old text: it stays.
            tiny_rl_set_delimiters(strdup(try str(args[0]).string))
            return .none
        },
        Native("get_completion_type()", "Get the type of completion being attempted.") { _ in Value(Int(tiny_rl_completion_type())) },
        Native("get_begidx()", "Get the beginning index of the completion scope.") { _ in Value(wordStart) },
        Native("get_endidx()", "Get the ending index of the completion scope.") { _ in Value(wordEnd) },
        Native("add_history(string, /)", "Add an item to the history buffer.") { args throws(Raised) in
            add_history(try str(args[0]).string)
            return .none
        },
        Native("clear_history()", "Clear the current readline history.") { _ in
            clear_history()
            return .none
        },
        Native("get_current_history_length()", "Return the current (not the maximum) length of history.") { _ in
            Value(Int(tiny_rl_history_length()))
        },
        Native("get_history_item(index, /)", "Return the current contents of history item at one-based index.") { args throws(Raised) in
            let number = try index(args[0])
            guard 1 ... max(1, Int(tiny_rl_history_length())) ~= number, let entry = history_get(Int32(number) - 1 + tiny_rl_history_base()),
                let text = entry.pointee.line
            else { return .none }
            return Value(Str.make(String(cString: text)))
        },
        Native("remove_history_item(pos, /)", "Remove history item given by its zero-based position.") { args throws(Raised) in
            free_history_entry(remove_history(try position(args[0], "remove_history_item")))
            return .none
        },
        Native("replace_history_item(pos, line, /)", "Replaces history item given by its position with contents of line.") { args throws(Raised) in
            let place = try position(args[0], "replace_history_item")
            free_history_entry(replace_history_entry(place, try str(args[1]).string, nil))
            return .none
        },
        Native("read_history_file(filename=None, /)", "Load a readline history file.") { args throws(Raised) in
            try check(read_history(try path(args[0])))
        },
        Native("write_history_file(filename=None, /)", "Save a readline history file.") { args throws(Raised) in
            let code = write_history(try path(args[0]))
            if code == 0, maximumLength >= 0 { history_truncate_file(try path(args[0]), Int32(clamping: maximumLength)) }
            return try check(code)
        },
        Native("append_history_file(nelements, filename=None, /)", "Append the last nelements items of the history list to file.") { args throws(Raised) in
            let count = try index(args[0])
            guard count >= 0 else { throw valueError("nelements must be positive") }
            return try check(append_history(Int32(clamping: count), try path(args[1])))
        },
        Native("set_history_length(length, /)", "Set the maximal number of lines which will be written to the history file.") { args throws(Raised) in
            maximumLength = try index(args[0])
            return .none
        },
        Native("get_history_length()", "Return the maximum number of lines that will be written to the history file.") { _ in
            Value(maximumLength)
        },
        Native("set_auto_history(enabled, /)", "Enables or disables automatic history.") { args throws(Raised) in
            addsLines = try truth(args[0])
            return .none
        },
        Native("_begin(prompt, /)", "Show the prompt; the line is read by _wait and _step.") { args throws(Raised) in
            try begin(try str(args[0]).string)
            return .none
        },
        Native("_wait(milliseconds=-1, /)", "Wait for a key, other threads running; False if none came in time.") { args throws(Raised) in
            .init(try wait(Int32(clamping: try index(args[0]))))
        },
        Native("_step()", "Take in a key: the line once it is whole, else None.") { _ throws(Raised) in try step() ?? .none },
        Native("_abort()", "Give up the line that is being read.") { _ in
            abort()
            return .none
        },
        Native("_hide()", "Wipe prompt and line off the screen, to write something above them.") { _ in
            if isReading { rl_clear_visible_line() }
            return .none
        },
        Native("_show()", "Show prompt and line again.") { _ in
            guard isReading else { return .none }
            rl_on_new_line()
            rl_redisplay()
            return .none
        },
    ]

    /// Of history files; negative: any.
    nonisolated(unsafe) private static var maximumLength = -1
    /// Whether the lines that `input()` reads go to the history.
    nonisolated(unsafe) static var addsLines = true

    static func remember(_ line: Value) {
        if addsLines, line.isKind(.str), line.object(Str.self).pointee.byteCount > 0 { add_history(line.object(Str.self).string) }
    }
}
