// The eval breaker: one word that makes the holder of the GIL look up from its work at the next call or back-edge.
import CTiny

/// Reasons to look up: bits of the breaker's word.
public struct BreakRequest: OptionSet, Sendable {
    /// The reasons as they lie in the word.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A collection is due.
    public static let collect = BreakRequest(rawValue: 1)
    /// Finalisers or callbacks of weak references wait.
    static let finalize = BreakRequest(rawValue: 2)
    /// Another thread wants the GIL.
    static let release = BreakRequest(rawValue: 4)
    /// A signal has arrived, for the main thread to handle.
    static let signal = BreakRequest(rawValue: 8)
    /// Some thread has an asynchronous exception waiting.
    static let exception = BreakRequest(rawValue: 16)
    /// Some thread is traced.
    static let trace = BreakRequest(rawValue: 32)
}

/// Asks the holder of the GIL to look up. Any thread, and signal handlers, may call this.
public func requestBreak(_ request: BreakRequest) { tiny_or(&tiny_hot().unsafelyUnwrapped.pointee.breaker, request.rawValue) }

func withdrawBreak(_ request: BreakRequest) { tiny_and(&tiny_hot().unsafelyUnwrapped.pointee.breaker, ~request.rawValue) }

/// Does what was asked for, then goes on at `pc`: the safepoint of the interpreter.
@inline(never)
func slowBreak(_ r: Registers, _ pc: PC, _ t: ThreadRef, mayAdvance: Bool = true) -> Next {
    t.leave(r, pc)
    var requests = BreakRequest(rawValue: tiny_breaker())
    if requests.contains(.collect) {
        withdrawBreak(.collect)
        if heap.stress > 0 { requestBreak(.collect) }
        if heap.isCollectionDue() { heap.collectAsDue() }
        // A signal may have come meanwhile.
        requests = BreakRequest(rawValue: tiny_breaker())
    }
    do {
        // Before finalisers: what a handler raises would be lost in one.
        if requests.contains(.signal), Threads.isMain(t), !heap.isFinalizing { try Signals.handlePending() }
        if requests.contains(.finalize) {
            withdrawBreak(.finalize)
            try runFinalizers()
        }
        if requests.contains(.release) {
            if Threads.hasTime {
                // Asked early: the request stands.
            } else if t.pointee.lettingGoAt == t.pointee.scanTop {
                // It lets go already, in this very stretch of the loop, after a few instructions more.
                withdrawBreak(.release)
            } else if mayAdvance {
                return letGo(r, pc, t)
            } else if Threads.mustLetGoAtCall() {
                // Whoever enters a frame still has something to write into it.
                Threads.yieldToWaiters(t)
                // Others have run.
                requests = BreakRequest(rawValue: tiny_breaker())
            }
        }
        if requests.contains(.signal), Threads.isMain(t) { try Signals.handlePending() }
        if requests.contains(.exception), !t.pointee.pending.isAbsent {
            withdrawBreak(.exception)
            let exception = t.pointee.pending
            t.pointee.pending = .absent
            throw raise(try exceptionToRaise(exception))
        }
    } catch { return unwind(r, pc + 1, t) }
    if requests.contains(.trace), let next = t.startTracing(r, pc, mayAdvance: mayAdvance) { return next }
    return Next(r, pc)
}

/// Another thread wants the GIL: a number of instructions more, as the policy has it, so that the switch may fall between
/// any two, and then it gets it. (CPython since 3.10 lets go only at back-edges and calls, where `n += 1` can't be torn.)
private func letGo(_ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    withdrawBreak(.release)
    let outer = t.pointee.lettingGoAt
    t.pointee.lettingGoAt = t.pointee.scanTop
    let next = runObserved(t, Next(r, pc), instructions: Threads.instructionsLeft())
    t.pointee.lettingGoAt = outer
    t.leaveAnywhere(next)
    Threads.yieldToWaiters(t)
    return next
}

extension ThreadRef {
    /// As `leave`, also where the next instruction is the one that leaves the loop.
    fileprivate func leaveAnywhere(_ next: Next) {
        if next.pc == leaveLoopWord {
            pointee.frame = next.r
        } else {
            leave(next.r, next.pc)
        }
    }
}
