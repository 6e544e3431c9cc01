// How a Swift function appears in the language.
//
// One row is the whole definition:
//
//     Native("sorted(iterable, /, *, key=None, reverse=False)", "A new sorted list.", sorted)
//
// The signature string gives arity checks, keywords, defaults, `help()` and the wording of errors; it is parsed at the
// first call, so that a thousand rows cost nothing at start-up. The body gets its arguments bound: one value per
// parameter, in order, `*args` as a tuple, `**kwargs` as a dict; a parameter written `name=?` is absent if not given.
// The body holds the GIL; values it keeps in Swift variables are safe until it calls back into the script, and across
// such calls if they lie on the native stack (never in a Swift Array or Dictionary).

/// Arguments of a native function, bound to its parameters.
public struct Arguments {
    let base: UnsafeMutablePointer<Value>
    /// Parameters of the function, those not given included.
    public let count: Int

    @inline(__always)
    init(_ base: UnsafeMutablePointer<Value>, _ count: Int) {
        self.base = base
        self.count = count
    }

    /// The argument of a parameter: a default in place of one not given, or absent (`name=?`).
    @inline(__always)
    public subscript(index: Int) -> Value { base[index] }

    /// Whether an optional parameter was given.
    @inline(__always)
    public func has(_ index: Int) -> Bool { !base[index].isAbsent }
}

/// The Swift side of a native function. Called with the GIL; what it returns is the result of the call, None included.
public typealias NativeBody = @Sendable (Arguments) throws(Raised) -> Value

/// The code of a body that captures nothing. Called through it, no reference to what is captured is counted (a fifth of a short call).
///
/// Invariant: a Swift function value is two words, its code and what it has captured (docs/ABI/CallingConvention.rst of Swift), and
/// code that has captured nothing looks at no second word.
struct NativeCode {
    /// In a structure, a function value keeps its own calling convention through a cast.
    private struct Thick { let body: NativeBody }
    private let address: UnsafeRawPointer

    /// Nil: the body has captured something.
    init?(_ body: @escaping NativeBody) {
        let words = unsafeBitCast(Thick(body: body), to: (code: UnsafeRawPointer, captured: UInt).self)
        guard words.captured == 0 else { return nil }
        address = words.code
    }

    @inline(__always)
    func callAsFunction(_ arguments: Arguments) throws(Raised) -> Value {
        try unsafeBitCast((address, 0 as UInt), to: Thick.self).body(arguments)
    }
}

/// A row of a table of native functions.
public struct Native: Sendable {
    let signature: StaticString
    let doc: StaticString
    let form: NativeForm
    let body: NativeBody

    /// - Parameters:
    ///   - signature: parameters as in a `def`, with defaults; parsed at the first call.
    ///   - doc: what `help()` shows below it.
    public init(
        _ signature: StaticString, _ doc: StaticString, _ form: NativeForm = .function, _ body: @escaping NativeBody
    ) {
        self.signature = signature
        self.doc = doc
        self.form = form
        self.body = body
    }
}

/// What kind of callable a row becomes.
public enum NativeForm: UInt8, Sendable {
    /// Of a module; or of a class, where it becomes a method.
    case function
    /// A function that counts positional arguments as functions without keywords do, though it takes some.
    case plainFunction
    /// `list.append`; the first parameter is self.
    case method
    /// `dict.fromkeys`; the first parameter is the class.
    case classMethod
    case staticMethod
    /// `int.__add__` and other special methods.
    case slotWrapper
}

/// The runtime's record of a row; immortal.
public struct NativeRecord {
    var body: NativeBody
    /// The name that the signature begins with.
    public var name: StrRef
    var signature: StaticString
    var doc: StaticString
    var form: NativeForm
    /// The kind that self must have; nil: any (or checked through `owner`).
    var selfKind: Kind?
    /// The class that it is a method of; nil for a function of a module.
    public var owner: ClassRef?
    /// The module that it is a function of (which the function object keeps alive); nil for a method.
    var module: StrRef?
    /// Set by the first call.
    public var binding: UnsafeMutablePointer<NativeBinding>?
    /// How many positional arguments a plain call may have: one that binds without a look at names, by filling in
    /// `plainDefaults`. No count is plain before the first call, nor where there are `*args` or `**kwargs`.
    var plainMinimum: Int32 = .max
    var plainMaximum: Int32 = -1
    /// Parameters in all, and the default of each (absent where there is none).
    var plainTotal: Int32 = 0
    var plainDefaults: UnsafeMutablePointer<Value>?
    /// Where there are `*args` behind at least `plainMinimum` parameters, but none that must be named: how many those are. (-1: not so,
    /// or not known before the first call.)
    var gathersBehind: Int32 = -1
    /// With so many arguments, all by position, there is nothing to bind. (-1: always something.)
    var quickCount: Int32 = -1
    /// The body, to be called quickly.
    let code: NativeCode?
    /// What `self` must be for a call to be plain.
    var receiverCheck: ReceiverCheck
    /// Set for the few functions that a call from the script runs as frames or in the loop itself.
    var intrinsic: NativeIntrinsic = .none
}

extension UnsafeMutablePointer<NativeRecord> {
    /// Runs the body on bound arguments.
    @inline(__always)
    func call(_ arguments: Arguments) throws(Raised) -> Value {
        if let code = pointee.code { return try code(arguments) }
        return try pointee.body(arguments)
    }
}

extension NativeRecord {
    /// Where the next records go: they live for ever, so many are taken from the system at once.
    nonisolated(unsafe) private static var free = UnsafeMutableBufferPointer<NativeRecord>(start: nil, count: 0)

    static func allocate() -> UnsafeMutablePointer<NativeRecord> {
        if free.isEmpty { free = .allocate(capacity: 64) }
        defer { free = UnsafeMutableBufferPointer(rebasing: free.dropFirst()) }
        return free.baseAddress.unsafelyUnwrapped
    }
}

/// Which receivers of a native method need no further look.
enum ReceiverCheck {
    /// There is none, or any will do.
    case any
    /// Those of a kind of object of its own.
    case kind(Kind)
    /// Instances of the owner, by the class.
    case owner
    /// The owner and classes derived from it: the first argument of a classmethod.
    case subclass
}

/// Native functions that the interpreter knows by sight.
enum NativeIntrinsic: UInt8 {
    case none
    /// `next` and `__next__`, `send` of a generator: frames instead of native calls.
    case next, send
    /// `object.__new__(cls)`.
    case newObject
    /// What uses up a generator (Fold).
    case sum, any, all, sorted, join
    /// Of two small integers or two floats: a comparison.
    case min, max
    /// `greenlet.switch`, `greenlet.throw`: a jump in the loop where it can be.
    case switchFiber, throwFiber
    /// What waits in gevent's hub, and the call of a Greenlet's function: the same.
    case hubSleep, hubWait, hubWaitFor, waiterGet, callRun
    /// A link by which one waits for many; known to who calls links.
    case gather
    /// What gevent's sockets do: tried at once, waited for as a jump (HubSockets).
    case socketReceive, socketSend, socketSendAll
}

/// A parsed signature.
public struct NativeBinding {
    var names: [StrRef]
    /// Absent: required, or `=?`.
    var defaults: [Value]
    var isRequired: [Bool]
    /// Positional parameters; of these the first `positionalOnly` have no keyword.
    var positional: Int
    var positionalOnly: Int
    var required: Int
    var keywordOnly: Int
    var variadicSlot: Int?
    var keywordsSlot: Int?
    var total: Int
    /// Texts of the defaults as written, for signatures shown to people.
    var defaultTexts: [String]
}

/// A native function or method of the heap.
public struct NativeFunction {
    var header: ObjectHeader
    /// What the row says; an unbound method and all that are bound from it share one.
    public var record: UnsafeMutablePointer<NativeRecord>
    /// What it is bound to; absent for a function of a module and for an unbound method.
    var receiver: Value
    /// Module name, or None.
    var module: Value

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let native = object.assumingMemoryBound(to: NativeFunction.self)
        marker.mark(native.pointee.receiver)
        marker.mark(native.pointee.module)
    }

    static func make(
        _ record: UnsafeMutablePointer<NativeRecord>, receiver: Value = .absent, module: Value = .none,
        shape: ShapeID = ShapeID(Kind.native.rawValue)
    ) -> UnsafeMutablePointer<NativeFunction> {
        let native = allocateObject(MemoryLayout<NativeFunction>.size, .native, shape)
            .assumingMemoryBound(to: NativeFunction.self)
        native.pointee.record = record
        native.pointee.receiver = receiver
        native.pointee.module = module
        return native
    }
}

/// A native function in the heap.
public typealias NativeRef = UnsafeMutablePointer<NativeFunction>

/// Shapes of the classes that native functions appear as.
enum NativeShapes {
    nonisolated(unsafe) static var methodDescriptor: ShapeID = 0
    nonisolated(unsafe) static var slotWrapper: ShapeID = 0
    nonisolated(unsafe) static var methodWrapper: ShapeID = 0
    nonisolated(unsafe) static var classMethodDescriptor: ShapeID = 0
}

extension Native {
    /// Special methods that stand for a slot of CPython's classes: they appear as slot wrappers, all others as methods.
    nonisolated(unsafe) private static let slotNames: [StrRef] = {
        let operators = SpecialName.allCases.filter { name in
            name.rawValue >= SpecialName.lt.rawValue && name.rawValue <= SpecialName.ixor.rawValue
                || name.rawValue >= SpecialName.neg.rawValue && name.rawValue <= SpecialName.index.rawValue
                    && name != .complex
        }
        let others: [SpecialName] = [
            .divmod, .rdivmod, .`init`, .del, .repr, .str, .hash, .bool, .len, .getattr, .getattribute, .setattr,
            .delattr, .get, .set, .delete, .call, .getitem, .setitem, .delitem, .contains, .iter, .next, .await, .aiter,
            .anext, .buffer,
        ]
        return (operators + others).map { $0.string } + [StrTables.intern("__release_buffer__")]
    }()

    /// The name at the head of the signature.
    private var name: StrRef {
        var length = 0
        while length < signature.utf8CodeUnitCount, signature.utf8Start[length] != 0x28 { length += 1 }
        return StrTables.intern(Str.make(UnsafeBufferPointer(start: signature.utf8Start, count: length)))
    }

    private func makeRecord(
        _ name: StrRef, owner: ClassRef?, selfKind: Kind?, form: NativeForm
    ) -> UnsafeMutablePointer<NativeRecord> {
        let record = NativeRecord.allocate()
        let check: ReceiverCheck
        switch form {
        case .staticMethod: check = .any
        case .classMethod: check = .subclass
        default: check = selfKind.map { $0 == .immediate ? .owner : .kind($0) } ?? (owner == nil ? .any : .owner)
        }
        record.initialize(
            to: NativeRecord(
                body: body, name: name, signature: signature, doc: doc, form: form, selfKind: selfKind, owner: owner, module: nil,
                code: NativeCode(body), receiverCheck: check))
        return record
    }

    /// Puts the function into a module's namespace.
    func install(in module: DictRef, moduleName: Value) {
        let record = makeRecord(name, owner: nil, selfKind: nil, form: form == .plainFunction ? form : .function)
        if moduleName.isKind(.str) { record.pointee.module = moduleName.object(Str.self) }
        module.set(record.pointee.name, Value(NativeFunction.make(record, module: moduleName)))
    }

    /// Puts the method into a class. `selfKind`: the kind that instances have, if the class has one of its own.
    public func install(in cls: ClassRef, selfKind: Kind?) {
        var form = self.form
        let text = signature.utf8Start
        let name = self.name
        if form == .function {
            form = text[0] == 0x5F && text[1] == 0x5F && Self.slotNames.contains(name) ? .slotWrapper : .method
        }
        let record = makeRecord(name, owner: cls, selfKind: selfKind, form: form)
        let value: Value
        switch form {
        // `__new__` lies bare in the namespace: the look-up of a class's constructor is none of an attribute.
        case .staticMethod where name == SpecialName.new.string:
            value = Value(NativeFunction.make(record))
        case .staticMethod:
            value = StaticMethod.make(Value(NativeFunction.make(record)))
        case .classMethod:
            value = Value(NativeFunction.make(record, shape: NativeShapes.classMethodDescriptor))
        case .slotWrapper:
            value = Value(NativeFunction.make(record, shape: NativeShapes.slotWrapper))
        case .function, .plainFunction, .method:
            value = Value(NativeFunction.make(record, shape: NativeShapes.methodDescriptor))
        }
        cls.pointee.namespace.set(record.pointee.name, value)
    }
}
