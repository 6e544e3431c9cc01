// The open blocks of a unit: what `break`, `continue` and `return` have to undo on their way out.

/// An open block, and the handler that was in force around it.
struct Block {
    enum Kind {
        /// `continue` may have to jump back, which only some instructions do.
        case loop(breakLabel: Label, continueLabel: Label, continuesBackwards: Bool)
        /// Nothing to undo but the protection itself.
        case protected
        /// An exception is being handled; the register holds what was handled before.
        case handled(saved: Int)
        /// The body of `except … as name`.
        case exceptionName(String)
        /// The body of an `except*`, which must not be left by a jump.
        case groupHandler
        case finally([Statement])
        /// The register with `__exit__`, followed by the one with its self.
        case with(exit: Int, isAsync: Bool, range: SourceRange)
    }

    let kind: Kind
    let outerHandler: Int32
}

import TinySyntax

extension Emitter {
    /// Opens a block of the statement at `range`.
    func open(_ kind: Block.Kind, _ range: SourceRange, outerHandler: Int32? = nil) throws(SyntaxDiagnostic) {
        if blocks.count >= Emitter.mostBlocks {
            throw SyntaxDiagnostic("too many statically nested blocks", at: range)
        }
        blocks.append(Block(kind: kind, outerHandler: outerHandler ?? currentHandler))
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
            let block = blocks.removeLast()
            currentHandler = block.outerHandler
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
        case .loop, .protected, .groupHandler: break
        case .handled(let saved): emit(.popHandled, a: saved)
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
