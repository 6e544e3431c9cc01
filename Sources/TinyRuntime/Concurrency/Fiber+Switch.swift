// Switching fibers.
//
// There are two ways out of a fiber and two ways into one:
//
//     out between instructions   the loop that ran it is free to run another: the switch returns that one's registers
//     out natively               its native stack is left as it is; another stack goes on
//     in between instructions    needs a free loop: the present one, or an idle carrier that is woken for it
//     in natively                its own native stack is switched to
//
// Whoever leaves a carrier for good (its fiber was left between instructions or has ended) makes it idle; an idle carrier
// sleeps in `runNext` and, woken, delivers in its own loop what it was given. So an exception thrown into a fiber is always
// unwound on the stack that will run the fiber.
import CTiny
import TinyCompiler

/// What a switch brings: a value, or an exception to raise.
struct Transfer {
    var value: Value
    var isRaised = false
}

extension ThreadRef {
    /// The fiber that runs, which exists from the first time that somebody asks.
    func currentFiber() -> FiberRef {
        if let fiber = pointee.fiber { return fiber }
        let root = Fiber.make(GreenletModule.cls, parent: nil)
        root.pointee.thread = self
        root.pointee.threadNumber = pointee.taskNumber
        root.pointee.isRoot = true
        root.pointee.state = .current
        pointee.fiber = root
        pointee.rootFiber = root
        return root
    }

    /// Switches from the interpreter's loop; the value that comes back goes to R[destination].
    func switchFiber(to target: FiberRef, _ transfer: Transfer, _ destination: Int, _ r: Registers, _ pc: PC) -> Next {
        let current = currentFiber()
        leave(r, pc)
        if current.pointee.isRoot || pointee.nest > 0 {
            do {
                r[destination] = try switchNatively(to: target, transfer)
                return Next(r, pc)
            } catch { return unwind(r, pc, self) }
        }
        current.save(from: self)
        current.pointee.isSuspendedNatively = false
        current.pointee.destination = UInt16(truncatingIfNeeded: destination)
        return go(to: target, transfer)
    }

    /// Switches from native code, whose stack stays as it is until somebody switches back; what that brings. Throws what it
    /// raises.
    func switchNatively(to target: FiberRef, _ transfer: Transfer) throws(Raised) -> Value {
        let current = currentFiber()
        if target != current {
            current.save(from: self)
            current.pointee.isSuspendedNatively = true
            var native = Fiber.NativeState(
                pointer: nil, carrier: pointee.carrier, nest: pointee.nest, lettingGoAt: pointee.lettingGoAt,
                nativeLimit: pointee.nativeLimit, nativeBase: pointee.nativeBase, scanTop: pointee.scanTop)
            withUnsafeMutablePointer(to: &native) { state in
                current.pointee.saved.native = state
                leaveStack(for: target, transfer, &state.pointee.pointer)
            }
            // Here again: whoever switched back has loaded the state.
        } else {
            current.pointee.transfer = transfer.value
            current.pointee.transferIsRaised = transfer.isRaised
        }
        return try takeTransfer(of: current)
    }

    private func takeTransfer(of fiber: FiberRef) throws(Raised) -> Value {
        if !fiber.pointee.waiting.isNone { HubWaiting.settle(fiber) }
        let value = fiber.pointee.transfer
        let isRaised = fiber.pointee.transferIsRaised
        fiber.pointee.transfer = .none
        fiber.pointee.transferIsRaised = false
        if !pointee.fiberTracer.isNone { try GreenletModule.tellTracer(self, isRaised) }
        guard isRaised else { return value }
        throw raise(value.object(ExceptionObject.self))
    }

    /// Goes on in the target; the present stack's pointer is left in `pointer`.
    private func leaveStack(for target: FiberRef, _ transfer: Transfer, _ pointer: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        if target.pointee.state == .suspended, target.pointee.isSuspendedNatively {
            target.pointee.transfer = transfer.value
            target.pointee.transferIsRaised = transfer.isRaised
            // Suspended natively: there is a state.
            let native = target.pointee.saved.native.unsafelyUnwrapped
            target.load(into: self)
            tiny_stack_switch(pointer, native.pointee.pointer)
            return
        }
        let carrier: CarrierRef
        if let idle = pointee.idleCarriers {
            pointee.idleCarriers = idle.pointee.next
            carrier = idle
        } else if let fresh = Carrier.make(runCarrier, UnsafeMutableRawPointer(self)) {
            carrier = fresh
        } else {
            outOfMemory()
        }
        pointee.nextFiber = target
        pointee.nextTransfer = transfer.value
        pointee.nextIsRaised = transfer.isRaised
        pointee.carrier = carrier
        pointee.nativeLimit = carrier.pointee.limit
        pointee.nativeBase = carrier.pointee.highest
        pointee.scanTop = carrier.pointee.highest
        pointee.lettingGoAt = carrier.pointee.lettingGoAt
        tiny_stack_switch(pointer, carrier.pointee.pointer)
    }

    /// The loop's fiber was left between instructions or has ended: goes on in another, in this loop if that can be.
    private func go(to target: FiberRef, _ transfer: Transfer) -> Next {
        // Only carriers run fibers that can be left so.
        guard target.pointee.state == .suspended, target.pointee.isSuspendedNatively, let carrier = pointee.carrier else {
            return enterFiber(target, transfer)
        }
        carrier.pointee.lettingGoAt = pointee.lettingGoAt
        carrier.pointee.next = pointee.idleCarriers
        pointee.idleCarriers = carrier
        leaveStack(for: target, transfer, &carrier.pointee.pointer)
        return runNext()
    }

    /// On a carrier that was woken: what it was woken for.
    fileprivate func runNext() -> Next {
        // Set by whoever woke the carrier.
        let target = pointee.nextFiber.unsafelyUnwrapped
        pointee.nextFiber = nil
        let transfer = Transfer(value: pointee.nextTransfer, isRaised: pointee.nextIsRaised)
        pointee.nextTransfer = .none
        return enterFiber(target, transfer)
    }

    /// Goes on in a fiber that is fresh or was left between instructions, in the loop of this stack.
    private func enterFiber(_ target: FiberRef, _ transfer: Transfer) -> Next {
        if target.pointee.state == .fresh { return begin(target, transfer) }
        var transfer = transfer
        target.load(into: self)
        if !target.pointee.waiting.isNone {
            target.pointee.transfer = transfer.value
            target.pointee.transferIsRaised = transfer.isRaised
            HubWaiting.settle(target)
            transfer = Transfer(value: target.pointee.transfer, isRaised: target.pointee.transferIsRaised)
            target.pointee.transfer = .none
            target.pointee.transferIsRaised = false
        }
        // Left between instructions: in a frame.
        let r = pointee.frame.unsafelyUnwrapped
        let pc = r.header.pointee.pc
        if !pointee.fiberTracer.isNone {
            // The transfer is kept where the collector sees it while the script's function runs.
            target.pointee.transfer = transfer.value
            do { try GreenletModule.tellTracer(self, transfer.isRaised) } catch { return unwind(r, pc, self) }
            target.pointee.transfer = .none
        }
        if transfer.isRaised {
            _ = raise(transfer.value.object(ExceptionObject.self))
            return unwind(r, pc, self)
        }
        r[Int(target.pointee.destination)] = transfer.value
        return Next(r, pc)
    }

    /// The first frame of a fiber: it calls the fiber's function with the values that the first switch brought (a tuple and
    /// a dict or None, as `GreenletModule.arguments` packs them).
    private func begin(_ fiber: FiberRef, _ transfer: Transfer) -> Next {
        let words = fiber.pointee.hasFields
            ? Fiber.greenletSegmentWords : fiber == pointee.hub ? Fiber.hubSegmentWords : Fiber.firstSegmentWords
        let segment = ThreadState.makeSegment(words: words, previous: nil)
        let base = segment.pointee.start + CallLayout.headerWords
        let code = Runtime.fiberCode
        base.header.pointee = FrameHeader(
            callable: .absent, code: code, pc: code.pointee.words, caller: nil, destination: 0, action: .fiber,
            flags: .none, spare: 0, extra: .absent, frameObject: .absent, globals: Runtime.builtins)
        let window = base + Runtime.fiberWindow
        window.header.pointee.callable = fiber.pointee.function
        let pair = transfer.value.object(Tuple.self)
        window[0] = pair.items[0]
        window[1] = pair.items[1]
        base[0] = .none
        fiber.pointee.function = .absent
        let context = fiber.pointee.saved.contextVariables
        fiber.pointee.saved = Fiber.SavedState(
            frame: base, top: base + Int(code.pointee.registerCount), segments: segment, contextVariables: context, depth: 1)
        heap.finalizeInTime(UnsafeMutableRawPointer(fiber))
        fiber.load(into: self)
        if !pointee.fiberTracer.isNone {
            do { try GreenletModule.tellTracer(self, false) } catch { return unwind(base, code.pointee.words + 1, self) }
        }
        return Next(base, code.pointee.words)
    }

    // MARK: The end

    /// The function of the running fiber has returned: its parent gets the value.
    func endFiber(_ value: Value) -> Next { end(Transfer(value: value)) }

    /// An exception has left the running fiber: GreenletExit becomes its value, any other goes on in the parent.
    func failFiber() -> Next {
        let exception = takeRaised()
        return end(Transfer(value: exception, isRaised: !exception.cls.isSubclass(of: GreenletModule.exit)))
    }

    private func end(_ transfer: Transfer) -> Next {
        // Only a fiber that runs can end.
        let fiber = pointee.fiber.unsafelyUnwrapped
        var (target, transfer) = heir(of: fiber, transfer)
        if target.pointee.state == .fresh { transfer = Transfer(value: GreenletModule.arguments(transfer.value)) }
        fiber.pointee.saved.segments = pointee.segments
        fiber.releaseSegments()
        fiber.pointee.saved.contextVariables = pointee.contextVariables
        fiber.pointee.state = .dead
        if !pointee.fiberTracer.isNone { pointee.previousFiber = fiber }
        // The state is nobody's until the target's is loaded; the collector must not look at what is gone.
        pointee.top = pointee.segmentStart
        return go(to: target, transfer)
    }

    /// Who gets what a fiber ended with. A parent that has not begun begins with the value; if it can't, its own parent is told
    /// why. One that is given an exception ends without having run.
    private func heir(of fiber: FiberRef, _ transfer: Transfer) -> (FiberRef, Transfer) {
        var transfer = transfer
        var target = fiber.livingParent
        while target.pointee.state == .fresh {
            if !transfer.isRaised {
                // The collector sees it here while the script is asked for `run`.
                fiber.pointee.transfer = transfer.value
                defer { fiber.pointee.transfer = .none }
                do {
                    try GreenletModule.findFunction(target, self)
                    if target.pointee.state == .fresh { break }
                } catch { transfer = Transfer(value: takeRaised(), isRaised: true) }
            } else {
                target.pointee.state = .dead
            }
            target = target.livingParent
        }
        return (target, transfer)
    }
}

extension FiberRef {
    /// The nearest ancestor that has not ended: in the end the thread's first fiber.
    var livingParent: FiberRef {
        var fiber = self
        while let parent = fiber.pointee.parent {
            if parent.pointee.state != .dead { return parent }
            fiber = parent
        }
        return fiber
    }
}

/// What a new native stack runs: one loop, for ever. Its fibers come and go; nothing in it needs to be undone.
private func runCarrier(_ argument: UnsafeMutableRawPointer?) {
    guard let argument else { return }
    let t = argument.assumingMemoryBound(to: ThreadState.self)
    while true { _ = try? run(t, t.runNext()) }
}
