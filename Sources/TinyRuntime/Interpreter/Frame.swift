// Frames: eight words below a code's registers, on chained segments that never move.
//
//     | header (8 words) | R0 R1 … parameters, locals | temporaries | header of a callee | its R0 …
//
// A callee's frame begins inside its caller's temporaries, where the arguments were placed (CallLayout): calls copy
// nothing. A generator's frame lies in the generator's own block instead; what it calls is placed on top of the segment (`pushWindow`).
// Script calls never recurse in Swift: a call pushes a frame, and `action` says what its return means to the caller.
import CTiny
import TinyCompiler

/// The eight words before a frame's registers.
public struct FrameHeader {
    /// The function or other callable; written by the caller as its callee operand.
    var callable: Value
    /// What runs in the frame; a stand-in for native code has a code too.
    public var code: CodeRef
    /// Where the frame goes on when what it called returns: behind the instruction that called.
    public var pc: PC
    /// Registers of the frame that called; nil for the first of a native stretch.
    var caller: Registers?
    /// Register of the caller that gets the result.
    var destination: UInt16
    var action: ReturnAction
    var flags: FrameFlags
    var spare: UInt32
    /// Depends on what is running: namespace of a class body or of exec, generator that owns the frame, instance under
    /// construction.
    var extra: Value
    /// The frame's object (`sys._getframe`), if `flags` says that there is one.
    var frameObject: Value
    var globals: DictRef
}

/// What the result of a frame is for.
enum ReturnAction: UInt8 {
    /// A generator whose items a native function uses up (FoldHandlers). The first, which the comparisons of a yield begin with.
    case fold
    /// R[destination] of the caller.
    case store
    /// Leave the interpreter's loop: native code called.
    case exit
    /// `__init__`: must be None; the instance in `extra` is the result.
    case construct
    /// Nothing: `__setattr__`, `__setitem__`, …
    case discard
    /// The truth of the result decides the jump of the caller's instruction.
    case test
    /// `__bool__`, whose result must be a truth value: it decides the jump of the caller's jumpIfTrue or jumpIfFalse.
    case jump
    /// R[destination] = truth of the result (`in`), or its opposite.
    case truth, untruth
    /// A binary operator: on NotImplemented go on with the reflected one.
    case binary
    /// A comparison stored in a register, and one that decides a jump.
    case compare, compareTest
    /// The result must be an iterator, or an asynchronous one.
    case iterator, asyncIterator
    /// `__next__` of forIterate: StopIteration ends the loop.
    case next
    /// `send` to a sub-iterator: its return is the result of the delegation and jumps by word 1.
    case sendDelegate
    /// The same to an asynchronous generator that `async for` steps: a wrapped yield ends the step, as its result.
    case asyncStep
    /// The first frame of a fiber: what it returns or raises is its parent's.
    case fiber
}

struct FrameFlags: OptionSet {
    let rawValue: UInt8
    static let none: FrameFlags = []
    /// The registers lie in a generator's block.
    static let inGenerator = FrameFlags(rawValue: 1)
    /// `extra` is a namespace (class body, exec).
    static let hasNamespace = FrameFlags(rawValue: 2)
    /// It is not in its caller's window, which was elsewhere or too small, but on top of the segment (`pushWindow`).
    static let onTop = FrameFlags(rawValue: 4)
    /// `frameObject` holds the frame's object, which must get a copy of the variables when the frame ends.
    static let hasFrameObject = FrameFlags(rawValue: 8)
}

extension Registers {
    /// The header of the frame that has these registers.
    @inline(__always)
    public var header: UnsafeMutablePointer<FrameHeader> {
        UnsafeMutableRawPointer(self - CallLayout.headerWords).assumingMemoryBound(to: FrameHeader.self)
    }

    @inline(__always)
    var constants: UnsafeMutablePointer<Value> { header.pointee.code.constants }

    /// The interned name K[index].
    @inline(__always)
    func name(_ index: Int) -> StrRef { constants[index].object(Str.self) }
}

extension ThreadRef {
    /// Notes where the frame is, so that tracebacks, the collector and calls back into the script find it.
    @inline(__always)
    func leave(_ r: Registers, _ pc: PC) {
        r.header.pointee.pc = pc
        pointee.frame = r
        pointee.top = topOf(r)
    }

    /// The first register above everything that a frame uses.
    @inline(__always)
    func topOf(_ r: Registers) -> Registers {
        let header = r.header
        if header.pointee.flags.contains(.inGenerator) { return slowTopOf(r) }
        return r + Int(header.pointee.code.pointee.registerCount)
    }

    /// Where the frame of what is called begins, with its arguments at `base`: there, but above all that runs below a generator, whose own
    /// registers end where its code needs no more.
    @inline(__always)
    func calleeWindow(_ base: Registers, _ r: Registers) -> Registers {
        r.header.pointee.flags.contains(.inGenerator) ? slowTopOf(r) + CallLayout.headerWords : base
    }

    @inline(never)
    private func slowTopOf(_ r: Registers) -> Registers {
        r.header.pointee.extra.object(GeneratorObject.self).pointee.entryTop
    }
}
