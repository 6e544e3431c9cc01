// The open blocks of a unit: what `break`, `continue` and `return` have to undo on their way out.

/// An open block, and the handler that was in force around it.
struct Block {
    enum Kind {
        /// `continue` may have to jump back, which only some instructions do. A `for` has an iterator.
        case loop(breakLabel: Label, continueLabel: Label, continuesBackwards: Bool, iterator: Int?)
        /// Nothing to undo but the protection itself.
        case protected
        /// An exception is being handled; the register holds what was handled before. At the end of a `finally` the
        /// exception is raised again.
        case handled(saved: Int, reraised: Int?)
        /// The body of `except … as name`.
        case exceptionName(String)
        /// The body of an `except*`, which must not be left by a jump; the register holds what was handled before.
        case groupHandler(saved: Int)
        case finally([Statement])
        /// The register with `__exit__`, followed by the one with its self.
        case with(exit: Int, isAsync: Bool, range: SourceRange)
    }

    let kind: Kind
    let outerHandler: Int32
    /// The innermost of the unit's frame blocks that this lies in, or is.
    let frameBlock: Int32
}

import TinySyntax

extension Emitter {
    /// Opens a block of the statement at `range`.
    func open(_ kind: Block.Kind, _ range: SourceRange, outerHandler: Int32? = nil) throws(SyntaxDiagnostic) {
        if blocks.count >= Emitter.mostBlocks {
            throw SyntaxDiagnostic("too many statically nested blocks", at: range)
        }
        blocks.append(
            Block(kind: kind, outerHandler: outerHandler ?? currentHandler, frameBlock: frameBlock(for: kind)))
    }

    /// The frame block that a block of this kind is, for jumps of a debugger; the one around if it has none.
    private func frameBlock(for kind: Block.Kind) -> Int32 {
        let outer = blocks.last?.frameBlock ?? -1
        let own: (FrameBlock.Kind, Int)
        switch kind {
        case .loop(_, _, _, let iterator?): own = (.iterator, iterator)
        case .handled(let saved, let reraised):
            own = (.handled, saved)
            if let reraised {
                frameBlocks.append(FrameBlock(kind: .handled, register: UInt16(truncatingIfNeeded: saved), outer: outer))
                frameBlocks.append(FrameBlock(
                    kind: .reraised, register: UInt16(truncatingIfNeeded: reraised), outer: Int32(frameBlocks.count - 1)))
                return Int32(frameBlocks.count - 1)
            }
        case .groupHandler(let saved): own = (.handled, saved)
        case .with(let exit, _, _): own = (.manager, exit)
        case .loop, .protected, .exceptionName, .finally: return outer
        }
        frameBlocks.append(FrameBlock(kind: own.0, register: UInt16(truncatingIfNeeded: own.1), outer: outer))
        return Int32(frameBlocks.count - 1)
    }

    /// As in CPython. Since the bodies of nested `finally` are copied, this also bounds the size of code.
    private static let mostBlocks = 21

    func closeBlock() { blocks.removeLast() }

    /// Emits what leaving the blocks above `depth` takes, then `exit`; afterwards the blocks are as before, for the
    /// code that follows.
    func leave(
        downTo depth: Int, _ range: SourceRange, then exit: () throws(SyntaxDiagnostic) -> Void
    ) throws(SyntaxDiagnostic) {
        let savedBlocks = blocks, savedHandler = currentHandler, mark = nextRegister
        self.range = range
        while blocks.count > depth {
            let block = blocks[blocks.count - 1]
            currentHandler = block.outerHandler
            // until this has run, the exception is still being handled
            if case .handled(let saved, _) = block.kind { emit(.popHandled, a: saved) }
            blocks.removeLast()
            // as in CPython, what comes after the code of a `finally` or `with` has that code's place
            try undo(block)
        }
        try exit()
        blocks = savedBlocks
        currentHandler = savedHandler
        nextRegister = mark
    }

    private func undo(_ block: Block) throws(SyntaxDiagnostic) {
        switch block.kind {
        case .loop, .protected, .groupHandler, .handled: break
        case .exceptionName(let name): try clearName(name)
        case .finally(let body): try emit(body)
        case .with(let exit, let isAsync, let range): try emitExitCall(exit, exception: nil, isAsync, range)
        }
    }

    /// Whether leaving runs code that could change a variable.
    var leavingRunsCode: Bool {
        blocks.contains {
            switch $0.kind {
            case .loop, .protected, .handled, .groupHandler: false
            case .exceptionName, .finally, .with: true
            }
        }
    }

    func refuseInGroupHandler(_ range: SourceRange, downTo depth: Int) throws(SyntaxDiagnostic) {
        for block in blocks[depth...] {
            if case .groupHandler = block.kind {
                throw SyntaxDiagnostic(
                    "'break', 'continue' and 'return' cannot appear in an except* block", at: range)
            }
        }
    }
}
