// Frame and traceback objects: what a script sees of frames.
//
// A frame object points at the living frame; when that ends it keeps a copy of the variables.
import TinyCompiler

/// A frame as the script sees it; made when somebody asks.
public struct FrameObject {
    var header: ObjectHeader
    /// The living frame's registers; nil once it has ended.
    var registers: Registers?
    var code: CodeRef
    var globals: DictRef
    var callable: Value
    /// Frame object of the caller, filled in when the frame ends or on demand.
    var back: Value
    /// Namespace of a class body or exec, or absent.
    var namespace: Value
    /// Copies of the variables of an ended frame: a list, or absent.
    var variables: Value
    /// Word offset of the last instruction, once the frame has ended.
    var offset: Int
    /// The function of `f_trace`, and what else the script has set on it.
    var trace: Value
    var extraLocals: Value
    /// Which events the script wants, the last line told, and the instruction shown meanwhile: -1 the frame's
    /// beginning, -2 none.
    var tracesLines = true
    var tracesOpcodes = false
    var tracedLine = -1
    var shownOffset = -2
    /// Where a tracing function wants the frame to go on, and where that jump starts; -1: it goes on as it is.
    var jumpTarget = -1
    var jumpSource = -1
}

/// A frame object in the heap.
public typealias FrameObjectRef = UnsafeMutablePointer<FrameObject>

extension FrameObject {
    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let frame = object.assumingMemoryBound(to: FrameObject.self)
        marker.mark(frame.pointee.code)
        marker.mark(frame.pointee.globals)
        marker.mark(frame.pointee.callable)
        marker.mark(frame.pointee.back)
        marker.mark(frame.pointee.namespace)
        marker.mark(frame.pointee.variables)
        marker.mark(frame.pointee.trace)
        marker.mark(frame.pointee.extraLocals)
    }
}

/// The object of a living frame, made at the first call.
func frameObject(of r: Registers) -> FrameObjectRef {
    let header = r.header
    if header.pointee.flags.contains(.hasFrameObject) { return header.pointee.frameObject.object(FrameObject.self) }
    let frame = allocateObject(MemoryLayout<FrameObject>.size, .frame, ShapeID(Kind.frame.rawValue))
        .assumingMemoryBound(to: FrameObject.self)
    let own = frame.pointee.header
    frame.initialize(
        to: FrameObject(
            header: own, registers: r, code: header.pointee.code, globals: header.pointee.globals,
            callable: header.pointee.callable, back: .absent,
            namespace: header.pointee.flags.contains(.hasNamespace) ? header.pointee.extra : .absent,
            variables: .absent, offset: 0, trace: .none, extraLocals: .none))
    header.pointee.frameObject = Value(frame)
    header.pointee.flags.insert(.hasFrameObject)
    return frame
}

/// Gives a frame's object, if it has one, its own copy of the variables: the frame is about to end.
@inline(__always)
func detachFrameObject(_ r: Registers) {
    if r.header.pointee.flags.contains(.hasFrameObject) { slowDetach(r) }
}

@inline(never)
private func slowDetach(_ r: Registers) {
    let frame = r.header.pointee.frameObject.object(FrameObject.self)
    frame.pointee.offset = frame.instructionOffset
    frame.pointee.variables = Value(List.make(r, Int(frame.pointee.code.pointee.localCount)))
    if let caller = scriptCaller(of: r) { frame.pointee.back = Value(frameObject(of: caller)) } else { frame.pointee.back = .none }
    frame.pointee.registers = nil
    r.header.pointee.flags.remove(.hasFrameObject)
}

/// The next frame of the script below a frame, native stand-ins left out.
public func scriptCaller(of r: Registers) -> Registers? {
    var caller = r.header.pointee.caller
    while let frame = caller, frame.header.pointee.code.isStandIn { caller = frame.header.pointee.caller }
    return caller
}

extension CodeRef {
    /// Code of a frame that no script wrote.
    var isStandIn: Bool { self == Runtime.nativeCode || self == Runtime.fiberCode }
}

extension ThreadRef {
    /// The innermost frame of the script.
    public var scriptFrame: Registers? {
        guard let frame = pointee.frame else { return nil }
        return frame.header.pointee.code.isStandIn ? scriptCaller(of: frame) : frame
    }
}

extension FrameObjectRef {
    /// Word offset of the instruction that the frame is at.
    var instructionOffset: Int {
        guard let registers = pointee.registers else { return pointee.offset }
        return Swift.max(0, pointee.code.offset(of: registers.header.pointee.pc) - 1)
    }

    /// As above, but -1 in a frame that has not run its first instruction.
    var lastInstruction: Int {
        if pointee.shownOffset > -2 { return pointee.shownOffset }
        guard let registers = pointee.registers else { return pointee.offset }
        return pointee.code.offset(of: registers.header.pointee.pc) - 1
    }

    var line: Int {
        let offset = lastInstruction
        return offset < 0 ? pointee.code.unit.definitionLine : Int(pointee.code.range(at: offset).line)
    }
}

struct TracebackObject {
    var header: ObjectHeader
    /// The traceback of the frame that this one called, or None.
    var next: Value
    var frame: FrameObjectRef
    /// Word offset of the instruction that raised.
    var offset: Int
    /// By how many octets what a script has said that `tb_lasti` is lies behind that.
    var octet: Int
    /// What a script has said that `tb_lineno` is; -1: it goes by the instruction.
    var givenLine: Int

    static func make(next: Value, frame: FrameObjectRef, offset: Int, octet: Int = 0, givenLine: Int = -1) -> Value {
        let traceback = allocateObject(MemoryLayout<TracebackObject>.size, .traceback, ShapeID(Kind.traceback.rawValue))
            .assumingMemoryBound(to: TracebackObject.self)
        traceback.pointee.next = next
        traceback.pointee.frame = frame
        traceback.pointee.offset = offset
        traceback.pointee.octet = octet
        traceback.pointee.givenLine = givenLine
        return Value(traceback)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let traceback = object.assumingMemoryBound(to: TracebackObject.self)
        marker.mark(traceback.pointee.next)
        marker.mark(traceback.pointee.frame)
    }
}

/// A line as the script sees it: None for code that stands nowhere.
func shownLine(_ line: Int) -> Value { line > 0 ? Value(line) : .none }
