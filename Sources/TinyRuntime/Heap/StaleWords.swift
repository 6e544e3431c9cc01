// Words in the registers of a thread that nothing will read any more, but that still refer to what earlier calls left there.
//
// The collector takes every word below `top` for a value. Mostly what is left over is soon written over; but where a script asks
// whether something is dead (gc.collect), or waits for what only its end can bring, one word that is forgotten decides. So
// these words are cleared first: above and below the arguments of a native call, in headers that use only some of their
// fields, in registers that wait for a result. Only words that no frame can read: a frame whose instruction isn't known
// to be a plain call is left as it is.
import TinyCompiler

extension ThreadRef {
    /// Clears them in all frames of the thread. With the GIL.
    public func clearStaleWords() {
        // Whoever waits does so within a call; a thread that was made to let go in between has ended its last one.
        let isWithinCall = self == currentThread() || pointee.owner?.takeUnretainedValue().wait != nil
        if isWithinCall { pointee.result = .none }
        var inner: Registers?
        var frame = pointee.frame
        while let current = frame {
            let header = current.header
            if !header.pointee.code.isStandIn {
                if isWithinCall || inner != nil { clearNativeCall(of: current, inner) }
                clearUnusedFields(of: current)
            }
            frame = header.pointee.caller
            if header.pointee.action == .store, let caller = frame {
                clearResult(Int(header.pointee.destination), in: caller, unless: current, Int(header.pointee.code.pointee.registerCount))
            }
            inner = current
        }
    }

    /// If a frame is calling a native function, all of its registers from the call's window on but the arguments are stale.
    private func clearNativeCall(of frame: Registers, _ inner: Registers?) {
        let code = frame.header.pointee.code
        let end = frame + Int(code.pointee.registerCount)
        // Another frame may have its header in the window.
        if let inner, inner >= frame, inner < end + CallLayout.headerWords { return }
        guard let i = code.instruction(before: frame.header.pointee.pc), i.opcode == .call || i.opcode == .callMethod else { return }
        var base = frame + i.b
        var count = i.c
        if i.opcode == .callMethod { if base[0].isAbsent { base += 1 } else { count += 1 } }
        let callable = base.header.pointee.callable
        guard base + count <= end, callable.isKind(.native) else { return }
        let record = callable.object(NativeFunction.self).pointee.record
        // next() and send() have gone on in the generator, whose frame lies elsewhere; what else is intrinsic keeps notes in its window.
        let isResuming = record.pointee.intrinsic == .next || record.pointee.intrinsic == .send
        guard isResuming || record.pointee.intrinsic == .none && record.pointee.binding != nil else { return }
        for word in 0 ..< CallLayout.headerWords { (base - CallLayout.headerWords)[word] = .absent }
        base.header.pointee.callable = callable
        // Bound, they are as many as the function has parameters, its receiver among them.
        var stale = base + Swift.max(count, record.pointee.binding?.pointee.total ?? 0)
        while stale < end {
            stale.pointee = .absent
            stale += 1
        }
        if inner == nil { clearResult(i.a, in: frame, unless: base, count) }
    }

    /// The fields of a frame's header that only some frames use.
    private func clearUnusedFields(of frame: Registers) {
        let header = frame.header
        if !header.pointee.flags.contains(.hasFrameObject) { header.pointee.frameObject = .absent }
        if header.pointee.action == .store, header.pointee.flags.isDisjoint(with: [.inGenerator, .hasNamespace]) {
            header.pointee.extra = .absent
        }
    }

    /// A register that waits for the result of a call holds nothing yet, unless it is a variable, or among those of the call
    /// itself (a decorator's result goes where its argument is). What the frame is doing must name the register, too: a
    /// generator that natives have thrown into still has the destination of an earlier resumption.
    private func clearResult(_ register: Int, in frame: Registers, unless window: Registers, _ count: Int) {
        let code = frame.header.pointee.code
        guard register >= Int(code.pointee.localCount), let i = code.instruction(before: frame.header.pointee.pc), i.a == register
        else { return }
        let place = frame + register
        if place < window - CallLayout.headerWords || place >= window + count { place.pointee = .absent }
    }
}

extension CodeRef {
    /// The instruction that a pc points behind.
    func instruction(before pc: PC) -> Instruction? {
        let target = offset(of: pc) - 1
        guard target >= 0, target < Int(pointee.wordCount) else { return nil }
        var start = startOfRange(at: target)
        while start <= target {
            let i = Instruction(word: pointee.words[start])
            guard let opcode = i.opcode else { return nil }
            let next = start + 1 + opcode.extraWords
            if next > target { return i }
            start = next
        }
        return nil
    }
}
