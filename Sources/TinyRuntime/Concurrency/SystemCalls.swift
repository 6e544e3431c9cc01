// The shim around calls of the system that may block.
//
// Such a call is made without the GIL, unless it is known to return at once: a descriptor that is ready is read or written
// with the lock held, since letting go would cost more than the call and, beside a busy thread, the turn (the convoy).
// After EINTR the script's signal handlers run and the call is made again.
import CTiny
import Glibc

extension Threads {
    /// Runs `body`, which blocks, without the GIL. `body` touches no values.
    public static func blocking<Result>(_ body: () -> Result) -> Result {
        guard let thread = current() else { return body() }
        return keepingValues(thread.state) {
            leaveForSystem(thread)
            let result = body()
            returnFromSystem(thread)
            return result
        }
    }

    /// Runs `body`, a function of C that may call back, without the GIL or, if it `holdsLock`, with it.
    public static func callingOut<Result>(holdsLock: Bool, _ body: () -> Result) -> Result {
        let outer = tiny_calling_thread()
        tiny_set_calling_thread(current().map { Unmanaged.passUnretained($0).toOpaque() })
        defer { tiny_set_calling_thread(outer) }
        return holdsLock ? body() : blocking(body)
    }

    /// Runs `body` with the GIL inside of what `callingOut` runs: C calls back. Nothing happens in a thread that is not the script's.
    public static func callingBack(_ body: () -> Void) {
        guard let caller = tiny_calling_thread() else { return }
        let thread = Unmanaged<ScriptThread>.fromOpaque(caller).takeUnretainedValue()
        guard thread.wait != nil else { return body() }
        returnFromSystem(thread)
        body()
        leaveForSystem(thread)
    }

    /// Runs `body`, in which others may get the GIL and collect: what the caller has on its stack or in registers is kept, as
    /// in a call back into the script. Never inlined, so that its frame lies above where the scan starts.
    @inline(never)
    static func keepingValues<Result>(_ state: ThreadRef, _ body: () -> Result) -> Result {
        let scanTop = state.pointee.scanTop
        var registers = tiny_registers()
        return withUnsafeMutablePointer(to: &registers) { saved in
            tiny_spill(saved)
            state.pointee.scanTop = UInt(bitPattern: saved)
            defer { state.pointee.scanTop = scanTop }
            return body()
        }
    }

    /// As `blocking`, for reading or writing on a descriptor: keeps the GIL if that would not block.
    static func transferring<Result>(_ descriptor: Int32, _ events: Int32, count: Int = 0, _ body: () -> Result) -> Result {
        // Alone there is nobody to keep waiting: letting go is as cheap as asking.
        guard all.count > 1, policy.keepsLockWhenReady else { return blocking(body) }
        var question = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
        // A pipe that can be written to takes this much; more may block.
        let isSmall = events == POLLIN || count <= 4096
        return isSmall && poll(&question, 1, 0) > 0 ? body() : blocking(body)
    }
}
