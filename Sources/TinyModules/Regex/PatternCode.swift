// One regular expression compiled by PCRE2, in the forms that its uses ask for.
//
// The text is what `re._translate` made of Python's: valid PCRE2 syntax, groups by number. Up to six compiled forms
// exist, each made at its first use: `search`, `match` (anchored) and `fullmatch` (anchored at both ends), each for
// ASCII subjects (octets, no Unicode tables: 2-3 times faster) and for others. A form that is used often, or on a long
// subject, is compiled to machine code.
//
// PCRE2 gives up after so many steps. A search that does is run again with callouts between the items, which let
// signals through and never give up: catastrophic patterns can be interrupted, as in CPython, and ordinary ones pay
// nothing for it.
import CPCRE2
import Glibc
import TinyRuntime

/// Where a match has to begin and end.
enum MatchForm: Int {
    case search, match, fullmatch
}

/// What a search found.
enum MatchOutcome {
    case found, nothing
}

final class PatternCode {
    private let text: [UInt8]
    private let options: UInt32
    private let isText: Bool
    /// The text that means the same for octets below 128 without Unicode rules, if there is one.
    private let octetText: [UInt8]?
    let groups: Int
    private var forms = [Form?](repeating: nil, count: 6)
    private var spareData: OpaquePointer?

    /// A compiled form and how often it was used.
    private final class Form {
        let code: OpaquePointer
        var uses = 0
        var isMachineCode = false
        init(_ code: OpaquePointer) { self.code = code }
        deinit { pcre2_code_free_8(code) }
    }

    init(_ text: [UInt8], options: UInt32, isText: Bool, octetText: [UInt8]?, groups: Int) {
        self.text = text
        self.options = options
        self.isText = isText
        self.octetText = octetText
        self.groups = groups
    }

    deinit { pcre2_match_data_free_8(spareData) }

    // MARK: Compiling

    /// Compiles the form that `search` uses, so that a faulty text is found at once.
    func check() throws(Raised) { _ = try form(.search, octets: octetText != nil) }

    private func form(_ wanted: MatchForm, octets: Bool) throws(Raised) -> Form {
        let place = wanted.rawValue * 2 + (octets ? 1 : 0)
        if let known = forms[place] { return known }
        let made = Form(try compile(wanted, octets: octets, extra: 0))
        forms[place] = made
        return made
    }

    private func compile(_ wanted: MatchForm, octets: Bool, extra: UInt32) throws(Raised) -> OpaquePointer {
        var options = self.options | PCRE2_ALT_CIRCUMFLEX | extra
        if isText, !octets { options |= PCRE2_UTF | PCRE2_NO_UTF_CHECK } else { options &= ~PCRE2_UCP }
        if wanted != .search { options |= PCRE2_ANCHORED }
        if wanted == .fullmatch { options |= PCRE2_ENDANCHORED }
        var error: Int32 = 0
        var offset = 0
        let code = (octets ? octetText ?? text : text).withUnsafeBufferPointer {
            pcre2_compile_8($0.baseAddress, $0.count, options, &error, &offset, Shared.compileContext)
        }
        if let code { return code }
        var message = [UInt8](repeating: 0, count: 256)
        let length = Int(pcre2_get_error_message_8(error, &message, 256))
        throw valueError(String(decoding: message[0 ..< max(0, min(length, 255))], as: UTF8.self))
    }

    /// Contexts that every pattern uses; the GIL guards them.
    private enum Shared {
        nonisolated(unsafe) static let compileContext: OpaquePointer? = {
            let context = pcre2_compile_context_create_8(nil)
            pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
            pcre2_set_parens_nest_limit_8(context, 1000)
            pcre2_set_compile_extra_options_8(context, PCRE2_EXTRA_ALLOW_SURROGATE_ESCAPES)
            return context
        }()

        nonisolated(unsafe) static let matchContext: OpaquePointer? = {
            let context = pcre2_match_context_create_8(nil)
            pcre2_set_match_limit_8(context, 5_000_000)
            pcre2_set_heap_limit_8(context, 2_000_000)
            pcre2_jit_stack_assign_8(context, nil, pcre2_jit_stack_create_8(64 << 10, 64 << 20, nil).map { UnsafeMutableRawPointer($0) })
            return context
        }()

        /// Never gives up; looks for signals now and then.
        nonisolated(unsafe) static let patientContext: OpaquePointer? = {
            let context = pcre2_match_context_create_8(nil)
            pcre2_set_match_limit_8(context, UInt32.max)
            pcre2_set_depth_limit_8(context, UInt32.max)
            pcre2_set_heap_limit_8(context, 2_000_000)
            pcre2_set_callout_8(context, { _, _ in PatternCode.lookUp() }, nil)
            return context
        }()

        nonisolated(unsafe) static var callouts: UInt32 = 0
    }

    /// Called between the items of a patient match; anything but 0 ends it.
    private static func lookUp() -> Int32 {
        Shared.callouts &+= 1
        guard Shared.callouts & 0xFFF == 0, Signals.hasArrived, Threads.isMain(currentThread()) else { return 0 }
        do throws(Raised) {
            try Signals.handlePending()
            return 0
        } catch { return interrupted }
    }

    private static let interrupted: Int32 = -9999

    // MARK: Matching

    /// Looks for a match from a byte offset and writes the byte offsets of the groups, -1 for those without.
    /// - Parameter notEmptyAtStart: a match must not be empty at `start` itself.
    /// - Parameter mark: the number that the last mark on the way held.
    func run(
        _ form: MatchForm, _ subject: UnsafeBufferPointer<UInt8>, isASCII: Bool, start: Int, notEmptyAtStart: Bool,
        into registers: UnsafeMutablePointer<Int>, mark: UnsafeMutablePointer<Int>? = nil
    ) throws(Raised) -> MatchOutcome {
        let octets = octetText != nil && isASCII || !isText
        let compiled = try self.form(form, octets: octets)
        compiled.uses += 1
        if !compiled.isMachineCode, compiled.uses > 10 || subject.count - start > 2000 {
            compiled.isMachineCode = true
            // Where there is no machine code for a pattern, or no memory for it, PCRE2 goes on interpreting.
            pcre2_jit_compile_8(compiled.code, UInt32(PCRE2_JIT_COMPLETE))
        }
        // A signal's handler may use this very pattern while it matches, so the block is taken out meanwhile.
        guard let data = spareData ?? pcre2_match_data_create_8(UInt32(groups + 1), nil) else { throw raise(.memoryError) }
        spareData = nil
        defer {
            if spareData == nil { spareData = data } else { pcre2_match_data_free_8(data) }
        }
        var options: UInt32 = isText && !octets ? PCRE2_NO_UTF_CHECK : 0
        if notEmptyAtStart { options |= PCRE2_NOTEMPTY_ATSTART }
        let base = subject.baseAddress ?? PatternCode.nowhere
        var result = pcre2_match_8(compiled.code, base, subject.count, start, options, data, Shared.matchContext)
        if result == PCRE2_ERROR_JIT_STACKLIMIT {
            result = pcre2_match_8(
                compiled.code, base, subject.count, start, options | PCRE2_NO_JIT, data, Shared.matchContext)
        }
        if result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT {
            let patient = try compile(form, octets: octets, extra: PCRE2_AUTO_CALLOUT)
            defer { pcre2_code_free_8(patient) }
            result = pcre2_match_8(patient, base, subject.count, start, options, data, Shared.patientContext)
        }
        if result == PCRE2_ERROR_NOMATCH { return .nothing }
        guard result >= 0 else { throw PatternCode.failure(result) }
        guard let offsets = pcre2_get_ovector_pointer_8(data) else { return .nothing }
        for index in 0 ..< (groups + 1) * 2 { registers[index] = Int(truncatingIfNeeded: offsets[index]) }
        if let mark { mark.pointee = PatternCode.number(pcre2_get_mark_8(data)) }
        return .found
    }

    nonisolated(unsafe) private static let nowhere = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

    private static func number(_ text: UnsafePointer<UInt8>?) -> Int {
        guard var text else { return 0 }
        var number = 0
        while text.pointee != 0 {
            number = number * 10 + Int(text.pointee &- 0x30)
            text += 1
        }
        return number
    }

    private static func failure(_ code: Int32) -> Raised {
        // The handler of a signal has raised: its exception is the thread's.
        if code == interrupted { return Raised() }
        if code == PCRE2_ERROR_NOMEMORY || code == PCRE2_ERROR_HEAPLIMIT { return raise(.memoryError) }
        var message = [UInt8](repeating: 0, count: 256)
        let length = Int(pcre2_get_error_message_8(code, &message, 256))
        return raise(.runtimeError, "internal error in regular expression engine: " + String(decoding: message[0 ..< max(0, min(length, 255))], as: UTF8.self))
    }
}
