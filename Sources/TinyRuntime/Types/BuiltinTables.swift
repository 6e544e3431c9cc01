// Small class tables: singletons, modules, frames, super, references, proxies.
import TinyCompiler

enum Singletons {
    static let noneClass = NativeClass(
        "NoneType", kind: .immediate, doc: "The type of the None singleton.", methods: [
            Native("__repr__(self, /)", "Return repr(self).") { _ in Value(StrTables.intern("None")) },
            Native("__bool__(self, /)", "True if self else False") { _ in .false },
            Native("__hash__(self, /)", "Return hash(self).") { _ in Value(0xFCA8_6420) },
        ], construct: { args throws(Raised) in try single(.none, args) })
    static let ellipsisClass = NativeClass(
        "ellipsis", kind: .immediate, doc: "The type of the Ellipsis singleton.", methods: [
            Native("__repr__(self, /)", "Return repr(self).") { _ in Value(StrTables.intern("Ellipsis")) },
            Native("__reduce__(self, /)", "") { _ in Value(StrTables.intern("Ellipsis")) },
        ], construct: { args throws(Raised) in try single(.ellipsis, args) })
    static let notImplementedClass = NativeClass(
        "NotImplementedType", kind: .immediate, doc: "The type of the NotImplemented singleton.", methods: [
            Native("__repr__(self, /)", "Return repr(self).") { _ in Value(StrTables.intern("NotImplemented")) },
            Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in
                try warn(.deprecationWarning, "NotImplemented should not be used in a boolean context")
                return .true
            },
            Native("__reduce__(self, /)", "") { _ in Value(StrTables.intern("NotImplemented")) },
        ], construct: { args throws(Raised) in try single(.notImplemented, args) })

    private static func single(_ value: Value, _ args: Arguments) throws(Raised) -> Value {
        guard args[1].object(Tuple.self).count == 0, args[2].isNone else {
            throw typeError("\(args[0].object(ClassObject.self).nameText) takes no arguments")
        }
        return value
    }
}

extension ModuleObject {
    private static func namespace(_ value: Value) -> DictRef { value.object(ModuleObject.self).pointee.namespace }

    static let nativeClass = NativeClass(
        "module", kind: .module, doc: "Create a module object.", flags: [.isBase, .isWeakReferenceable], methods: [
            Native("__init__(self, name, doc=None)", "Initialize self.") { args throws(Raised) in
                guard args[1].isKind(.str) else { throw typeError("module.__init__() argument 1 must be str, not \(typeName(args[1]))") }
                namespace(args[0]).set(Names.name, args[1])
                namespace(args[0]).set(Names.doc, args[2])
                for name in [Names.package, Names.loader, Names.spec] { namespace(args[0]).set(name, .none) }
                return .none
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("<module \(try shown(namespace(args[0])))>"))
            },
            Native("__dir__(self, /)", "__dir__() -> list") { args throws(Raised) in
                guard try getOptionalAttribute(args[0], Names.dict).isKind(.dict) else {
                    throw typeError("\(typeName(args[0])).__dict__ is not a dictionary")
                }
                let own = namespace(args[0]).get(SpecialName.dir.string)
                return own.isAbsent ? Value(try makeList(Value(namespace(args[0])))) : try callValue(own)
            },
        ], attributes: [
            Accessors.member("__dict__") { Value(namespace($0)) },
            Accessors("__annotations__") { object in
                let own = namespace(object).get(Names.annotations)
                if !own.isAbsent { return own }
                let made = Value(Dict.make())
                namespace(object).set(Names.annotations, made)
                return made
            } set: { object, value throws(Raised) in
                if !value.isAbsent {
                    namespace(object).set(Names.annotations, value)
                } else if !namespace(object).remove(Names.annotations) {
                    throw raise(.attributeError, "__annotations__")
                }
            },
        ], construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            // Empty until `__init__`.
            let module = ModuleObject.make(StrTables.intern(""), shape: cls.shapeID)
            module.pointee.namespace.clear()
            return Value(module)
        })

    /// What a module's repr says of it: its name, and where it comes from as far as its spec, file or loader tell.
    private static func shown(_ namespace: DictRef) throws(Raised) -> String {
        func entry(_ name: StrRef) -> Value {
            let value = namespace.get(name)
            return value.isAbsent ? .none : value
        }
        func attribute(_ object: Value, _ name: String) throws(Raised) -> Value {
            try getAttribute(object, StrTables.intern(name), default: .none)
        }
        let spec = entry(Names.spec)
        if !spec.isNone {
            let name = try attribute(spec, "name")
            let text = name.isNone ? "'?'" : try repr(name).string
            let origin = try attribute(spec, "origin")
            let loader = try attribute(spec, "loader")
            if !origin.isNone {
                let hasLocation = try truth(attribute(spec, "has_location"))
                return hasLocation ? "\(text) from \(try repr(origin).string)" : "\(text) (\(try str(origin).string))"
            }
            let places = try attribute(spec, "submodule_search_locations")
            if typeName(loader).hasSuffix("NamespaceLoader") {
                return "\(text) (namespace) from \(try repr(Value(makeList(attribute(loader, "_path")))).string)"
            }
            if loader.isNone, !places.isNone {
                return "\(text) (namespace) from \(try repr(Value(makeList(places))).string)"
            }
            return loader.isNone ? text : "\(text) (\(try repr(loader).string))"
        }
        let name = entry(Names.name)
        let text = name.isNone ? "'?'" : try repr(name).string
        let file = entry(Names.file)
        if !file.isNone { return "\(text) from \(try repr(file).string)" }
        let loader = entry(Names.loader)
        if !loader.isNone { return "\(text) (\(try repr(loader).string))" }
        let isNative = name.isKind(.str)
            && (NativeModules.find(name.object(Str.self)) != nil || name.object(Str.self).equals("sys") || name.object(Str.self).equals("builtins"))
        return isNative ? "\(text) (built-in)" : text
    }
}

extension FrameObject {
    private static func frame(_ value: Value) -> FrameObjectRef { value.object(FrameObject.self) }

    /// `f_locals`: the namespace of a module, class body or `exec`; for functions a view of the variables.
    static func locals(_ frame: FrameObjectRef) -> Value {
        if frame.hiddenVariables != nil { return FrameLocals.make(frame) }
        if !frame.pointee.namespace.isAbsent { return frame.pointee.namespace }
        guard frame.pointee.code.codeFlags.contains(.optimized) else { return Value(frame.pointee.globals) }
        return FrameLocals.make(frame)
    }

    /// `clear()`: ends a suspended generator, forgets the variables of a frame that has ended.
    private static func clear(_ frame: FrameObjectRef) throws(Raised) {
        guard let registers = frame.pointee.registers else {
            if frame.pointee.variables.isKind(.list) {
                let variables = frame.pointee.variables.object(List.self)
                for index in 0 ..< variables.count { variables.items[index] = .absent }
                frame.pointee.callable = .none
                frame.pointee.extraLocals = .none
            }
            return
        }
        guard registers.header.pointee.flags.contains(.inGenerator) else {
            throw raise(.runtimeError, "cannot clear an executing frame")
        }
        let generator = registers.header.pointee.extra.object(GeneratorObject.self)
        switch generator.pointee.state {
        case .running: throw raise(.runtimeError, "cannot clear an executing frame")
        case .suspended: throw raise(.runtimeError, "cannot clear a suspended frame")
        case .created:
            if generator.pointee.header.shape == GeneratorObject.coroutineShape { try warnUnawaited(generator) }
            generator.pointee.state = .finished
            registers.header.pointee.caller = nil
            detachFrameObject(registers)
            try clear(frame)
        case .finished: break
        }
    }

    static let nativeClass = NativeClass(
        "frame", kind: .frame, methods: [
            Native("clear(self, /)", "Clear all references held by the frame.") { args throws(Raised) in
                try clear(frame(args[0]))
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let object = frame(args[0])
                let code = object.pointee.code
                return Value(
                    Str.make(
                        "<frame at \(addressText(args[0])), file '\(code.pointee.fileName.object(Str.self).string)', line \(object.line), code \(code.pointee.name.object(Str.self).string)>"))
            },
        ], attributes: [
            Accessors("f_code") { Value(frame($0).pointee.code) },
            Accessors("f_globals") { Value(frame($0).pointee.globals) },
            Accessors("f_builtins") { builtins(of: frame($0).pointee.globals) },
            Accessors("f_locals") { locals(frame($0)) },
            Accessors("f_lineno") { object in
                let frame = frame(object)
                return frame.lastInstruction < 0 ? Value(frame.line) : shownLine(frame.line)
            } set: { object, value throws(Raised) in
                if value.isAbsent { throw raise(.attributeError, "cannot delete attribute") }
                try frame(object).jump(to: value)
            },
            Accessors("f_lasti") { object in
                let offset = frame(object).lastInstruction
                return Value(offset < 0 ? -1 : offset * Code.octetsPerWord)
            },
            Accessors("f_back") { object in
                if let registers = frame(object).pointee.registers {
                    // A generator that is not running has nobody behind it.
                    if registers.header.pointee.flags.contains(.inGenerator),
                        registers.header.pointee.extra.object(GeneratorObject.self).pointee.state != .running
                    {
                        return .none
                    }
                    return scriptCaller(of: registers).map { Value(frameObject(of: $0)) } ?? .none
                }
                return frame(object).pointee.back.isAbsent ? .none : frame(object).pointee.back
            },
            Accessors("f_trace") { frame($0).pointee.trace } set: { object, value in
                let own = frame(object)
                // A frame that is amid a line has had that line: the next one is told.
                if own.pointee.tracedLine < 0, own.pointee.shownOffset == -2 { own.pointee.tracedLine = own.line }
                own.pointee.trace = value.isAbsent ? .none : value
            },
            Accessors.member("f_trace_lines") { Value(frame($0).pointee.tracesLines) } set: { object, value throws(Raised) in
                guard value.isBool else { throw typeError("attribute value type must be bool") }
                frame(object).pointee.tracesLines = value.isTrue
            },
            Accessors("f_trace_opcodes") { Value(frame($0).pointee.tracesOpcodes) } set: { object, value throws(Raised) in
                guard value.isBool else { throw typeError("attribute value type must be bool") }
                frame(object).pointee.tracesOpcodes = value.isTrue
            },
        ])
}

extension TracebackObject {
    private static func traceback(_ value: Value) -> UnsafeMutablePointer<TracebackObject> { value.object(TracebackObject.self) }

    private static func checkNext(_ value: Value) throws(Raised) {
        guard value.isNone || value.isKind(.traceback) else {
            throw typeError("expected traceback object or None, got '\(typeName(value))'")
        }
    }

    static let nativeClass = NativeClass(
        "traceback", kind: .traceback, methods: [
            Native("__dir__(self, /)", "") { _ in
                let names = List.make()
                for name in ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"] { names.append(Value(StrTables.intern(name))) }
                return Value(names)
            }
        ], attributes: [
            Accessors("tb_next") { traceback($0).pointee.next } set: { object, value throws(Raised) in
                try checkNext(value)
                var link = value
                while link.isKind(.traceback) {
                    if link == object { throw valueError("traceback loop detected") }
                    link = traceback(link).pointee.next
                }
                traceback(object).pointee.next = value
            },
            Accessors.member("tb_frame") { Value(traceback($0).pointee.frame) },
            Accessors.member("tb_lasti") { Value(traceback($0).pointee.offset * Code.octetsPerWord + traceback($0).pointee.octet) },
            Accessors("tb_lineno") { object in
                let traceback = traceback(object)
                if traceback.pointee.givenLine >= 0 { return Value(traceback.pointee.givenLine) }
                return shownLine(Int(traceback.pointee.frame.pointee.code.range(at: traceback.pointee.offset).line))
            },
        ], construct: { args throws(Raised) in
            let values = try bindNames(args, ["tb_next", "tb_frame", "tb_lasti", "tb_lineno"], required: 4, function: "traceback")
            defer { values.deallocate() }
            guard values[1].isKind(.frame) else {
                throw typeError("traceback() argument 'tb_frame' must be frame, not \(typeName(values[1]))")
            }
            try checkNext(values[0])
            let last = max(0, try index(values[2]))
            return TracebackObject.make(
                next: values[0], frame: values[1].object(FrameObject.self), offset: last / Code.octetsPerWord,
                octet: last % Code.octetsPerWord, givenLine: try index(values[3]))
        })
}

extension SuperObject {
    static let nativeClass = NativeClass(
        "super", kind: .superObject, doc: "super() -> same as super(__class__, <first argument>)", flags: .isBase, methods: [
            Native("__init__(self, /, *args, **kwargs)", "Initialize self.  See help(type(self)) for accurate signature.") { _ in .none },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let value = args[0].object(SuperObject.self).pointee
                let start = value.start.isKind(.class) ? value.start.object(ClassObject.self).nameText : "?"
                let shown = value.receiverClass.isKind(.class)
                    ? "<\(value.receiverClass.object(ClassObject.self).nameText) object>" : "NULL"
                return Value(Str.make("<super: <class '\(start)'>, \(shown)>"))
            },
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                let value = args[0].object(SuperObject.self).pointee
                if args[1].isNone || !value.receiver.isNone { return args[0] }
                // A subclass makes its bound objects itself.
                if args[0].cls != Runtime.superClass { return try callValue(Value(args[0].cls), value.start, args[1]) }
                return makeSuper(value.start, args[1], try superReceiverClass(value.start, args[1]))
            },
            Native("__getattribute__(self, name, /)", "") { args throws(Raised) in
                let name = try attributeName(args[1])
                let value = try plainAttribute(args[0], args[0].cls, name)
                if value.isAbsent { throw noAttribute(args[0], name) }
                return value
            },
        ], attributes: [
            Accessors.member("__thisclass__") { $0.object(SuperObject.self).pointee.start },
            Accessors.member("__self__") { $0.object(SuperObject.self).pointee.receiver },
            Accessors.member("__self_class__") { $0.object(SuperObject.self).pointee.receiverClass },
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            let cls = args[0].object(ClassObject.self)
            if args[2].isKind(.dict) { throw typeError("super() takes no keyword arguments") }
            guard positional.count <= 2 else { throw typeError("super() expected at most 2 arguments, got \(positional.count)") }
            if positional.count == 0 { return cast(try implicitSuper(), cls) }
            let start = positional.items[0]
            guard start.isKind(.class) else { throw typeError("super() argument 1 must be a type, not \(typeName(start))") }
            guard positional.count > 1, !positional.items[1].isNone else { return cast(makeSuper(start, .none, nil), cls) }
            return cast(makeSuper(start, positional.items[1], try superReceiverClass(start, positional.items[1])), cls)
        })

    /// The same as an instance of a subclass of `super`.
    private static func cast(_ value: Value, _ cls: ClassRef) -> Value {
        guard cls != Runtime.superClass else { return value }
        let own = value.object(SuperObject.self).pointee
        let object = allocateObject(MemoryLayout<SuperObject>.stride + 8, .superObject, cls.shapeID)
            .assumingMemoryBound(to: SuperObject.self)
        object.pointee.start = own.start
        object.pointee.receiver = own.receiver
        object.pointee.receiverClass = own.receiverClass
        beginExtra(Value(object))
        return Value(object)
    }

    /// `super()` called in another way than the compiler knows: the frame says class and receiver.
    private static func implicitSuper() throws(Raised) -> Value {
        guard let frame = currentThread().scriptFrame else { throw raise(.runtimeError, "super(): no current frame") }
        let code = frame.header.pointee.code
        guard code.pointee.argumentCount > 0 || code.codeFlags.contains(.variadic) else {
            throw raise(.runtimeError, "super(): no arguments")
        }
        var receiver = frame[0]
        if receiver.isKind(.cell), code.unit.cellLocals.contains(0) { receiver = receiver.object(Cell.self).pointee.value }
        guard !receiver.isAbsent else { throw raise(.runtimeError, "super(): arg[0] deleted") }
        let closure = frame.header.pointee.callable.isKind(.function)
            ? frame.header.pointee.callable.object(Function.self).pointee.closure : .none
        for index in 0 ..< code.pointee.freeNames.object(Tuple.self).count where code.freeName(index).equals("__class__") {
            let start = closure.object(Tuple.self).items[index].object(Cell.self).pointee.value
            guard !start.isAbsent else { throw raise(.runtimeError, "super(): empty __class__ cell") }
            return makeSuper(start, receiver, try superReceiverClass(start, receiver))
        }
        throw raise(.runtimeError, "super(): __class__ cell not found")
    }
}

extension WeakReference {
    private static func reference(_ value: Value) -> UnsafeMutablePointer<WeakReference> { value.object(WeakReference.self) }

    static let nativeClass = NativeClass(
        "ReferenceType", kind: .weakReference, flags: .isBase, methods: [
            Native("__init__(self, object, callback=None, /)", "Initialize self.") { _ in .none },
            Native("__call__(self, /)", "Call self as a function.") { args throws(Raised) in
                let referent = reference(args[0]).pointee.referent
                return referent.isAbsent ? .none : referent
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let referent = reference(args[0]).pointee.referent
                if referent.isAbsent { return Value(Str.make("<weakref at \(addressText(args[0])); dead>")) }
                return Value(
                    Str.make("<weakref at \(addressText(args[0])); to '\(typeName(referent))' at \(addressText(referent))>"))
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                let own = reference(args[0])
                if own.pointee.hash.isAbsent {
                    guard !own.pointee.referent.isAbsent else { throw typeError("weak object has gone away") }
                    own.pointee.hash = Value(try TinyRuntime.hash(own.pointee.referent))
                }
                return own.pointee.hash
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard args[1].isKind(.weakReference) else { return notImplemented }
                let (a, b) = (reference(args[0]).pointee.referent, reference(args[1]).pointee.referent)
                if a.isAbsent || b.isAbsent { return Value(args[0] == args[1]) }
                return try richCompare(2, a, b)
            },
            Native("__class_getitem__(cls, object, /)", "", .classMethod) { args throws(Raised) in GenericAlias.make(args[0], args[1]) },
        ], attributes: [Accessors.member("__callback__") { reference($0).pointee.referent.isAbsent ? .none : reference($0).pointee.callback }],
        construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            guard positional.count >= 1 else { throw typeError("__new__ expected at least 1 argument, got 0") }
            if !args[0].object(ClassObject.self).pointee.flags.contains(.isHeapType) {
                if args[2].isKind(.dict) { throw typeError("ref() takes no keyword arguments") }
                guard positional.count <= 2 else { throw typeError("__new__ expected at most 2 arguments, got \(positional.count)") }
            }
            let referent = positional.items[0]
            guard isWeakReferenceable(referent) else {
                throw typeError("cannot create weak reference to '\(typeName(referent))' object")
            }
            let callback = positional.count > 1 ? positional.items[1] : .none
            let cls = args[0].object(ClassObject.self)
            // Plain references without callback are shared.
            if callback.isNone, !cls.pointee.flags.contains(.isHeapType) {
                var existing = heap.weakReferences[UInt(bitPattern: referent.address)]
                while let candidate = existing {
                    if candidate.pointee.callback.isNone, candidate.pointee.header.shape == cls.shapeID { return Value(candidate) }
                    existing = candidate.pointee.next
                }
            }
            return WeakReference.make(referent, callback, cls)
        })
}

/// Whether weak references to the object are allowed.
public func isWeakReferenceable(_ value: Value) -> Bool {
    guard value.isPointer else { return false }
    switch value.header.pointee.kind {
    case .function, .class, .module, .generator, .boundMethod, .code, .set, .frozenset, .native, .genericAlias: return true
    default: return value.cls.pointee.flags.contains(.isWeakReferenceable)
    }
}

extension MappingProxy {
    private static func mapping(_ value: Value) -> Value { value.object(MappingProxy.self).pointee.mapping }
    private static func forward(_ name: StaticString) -> NativeBody {
        { args throws(Raised) in try callMethod(mapping(args[0]), StrTables.intern(name)) }
    }

    static let nativeClass = NativeClass(
        "mappingproxy", kind: .mappingProxy, flags: .matchesMapping, methods: [
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in try getItem(mapping(args[0]), args[1]) },
            Native("__contains__(self, key, /)", "Return key in self.") { args throws(Raised) in Value(try contains(mapping(args[0]), args[1])) },
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try length(mapping(args[0]))) },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in try iterator(mapping(args[0])) },
            Native("__reversed__(self, /)", "") { args throws(Raised) in try callMethod(mapping(args[0]), SpecialName.reversed.string) },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("mappingproxy(\(try repr(mapping(args[0])).string))"))
            },
            Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in Value(try str(mapping(args[0]))) },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                let other = args[1].isKind(.mappingProxy) ? mapping(args[1]) : args[1]
                return try richCompare(2, mapping(args[0]), other)
            },
            Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in
                let other = args[1].isKind(.mappingProxy) ? mapping(args[1]) : args[1]
                return try binary(10, mapping(args[0]), other)
            },
            Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try binary(10, args[1], mapping(args[0])) },
            Native("__ior__(self, value, /)", "Return self|=value.") { args throws(Raised) in
                throw typeError("'|=' is not supported by \(typeName(args[0])); use '|' instead")
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in Value(try hash(mapping(args[0]))) },
            Native("get(self, key, default=None, /)", "Return the value for key if key is in the mapping, else default.") { args throws(Raised) in
                try callMethod(mapping(args[0]), Names.get, args[1], args[2])
            },
            Native("keys(self, /)", "", .function, forward("keys")),
            Native("values(self, /)", "", .function, forward("values")),
            Native("items(self, /)", "", .function, forward("items")),
            Native("copy(self, /)", "", .function, forward("copy")),
            Native("__class_getitem__(cls, object, /)", "", .classMethod) { args throws(Raised) in GenericAlias.make(args[0], args[1]) },
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            guard positional.count == 1 else { throw typeError("mappingproxy() missing required argument 'mapping' (pos 1)") }
            let source = positional.items[0]
            guard source.cls.has(.getitem), !source.isKind(.list), !source.isKind(.tuple) else {
                throw typeError("mappingproxy() argument must be a mapping, not \(typeName(source))")
            }
            return MappingProxy.make(source)
        })
}

extension BigRangeIterator {
    static let nativeClass = NativeClass(
        "longrange_iterator", kind: .box, methods: nativeIteratorMethods + [
            Native("__length_hint__(self, /)", "", .method) { args throws(Raised) in
                args[0].boxed(BigRangeIterator.self)?.hint ?? Value(inline: 0)
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                guard let own = args[0].boxed(BigRangeIterator.self) else { return .none }
                let iter = try Runtime.builtin("iter")
                return Value(Tuple.make(iter, Value(Tuple.make(try own.rest())), .none))
            },
            Native("__setstate__(self, state, /)", "", .method) { args throws(Raised) in
                try args[0].boxed(BigRangeIterator.self)?.skip(try indexValue(args[1]))
                return .none
            },
        ])
}

extension SequenceIterator {
    static func nativeClass(_ name: StaticString) -> NativeClass {
        NativeClass(name, kind: .sequenceIterator, methods: methods)
    }

    private static let methods: [Native] = plainIteratorMethods + [
        Native("__length_hint__(self, /)", "", .method) { args throws(Raised) in
            let iterator = args[0].object(SequenceIterator.self)
            if iterator.pointee.isExhausted { return Value(inline: 0) }
            guard iterator.pointee.sequence.cls.has(.len) else { return .notImplemented }
            return Value(max(0, try length(iterator.pointee.sequence) - iterator.pointee.index))
        },
        Native("__setstate__(self, state, /)", "", .method) { args throws(Raised) in
            let iterator = args[0].object(SequenceIterator.self)
            if iterator.pointee.isExhausted { return .none }
            iterator.pointee.index = max(0, try TinyRuntime.index(args[1]))
            if iterator.pointee.sequence.isKind(.str) {
                let str = iterator.pointee.sequence.object(Str.self)
                iterator.pointee.offset = str.byteOffset(min(iterator.pointee.index, str.count))
            }
            return .none
        },
        Native("__reduce__(self, /)", "") { args throws(Raised) in
            let iterator = args[0].object(SequenceIterator.self)
            let iter = try Runtime.builtin("iter")
            if iterator.pointee.isExhausted {
                // What is left of it: an empty sequence of its kind.
                let shape = args[0].header.pointee.shape
                let isText = shape == textShape || shape == shapes[Int(Kind.str.rawValue)]
                let isList = shape == shapes[Int(Kind.list.rawValue)]
                let empty = isText ? Value(StrTables.intern("")) : isList ? Value(List.make()) : Value(Tuple.make())
                return Value(Tuple.make(iter, Value(Tuple.make(empty))))
            }
            return Value(Tuple.make(iter, Value(Tuple.make(iterator.pointee.sequence)), Value(iterator.pointee.index)))
        },
    ]
}

extension RangeIterator {
    static let nativeClass = NativeClass("range_iterator", kind: .rangeIterator, methods: plainIteratorMethods + [
        Native("__length_hint__(self, /)", "", .method) { args throws(Raised) in Value(args[0].object(RangeIterator.self).pointee.remaining) },
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            let own = args[0].object(RangeIterator.self).pointee
            let range = try RangeObject.make(
                Value(own.current), Value(own.current &+ own.remaining &* own.step), Value(own.step == 0 ? 1 : own.step))
            return Value(
                Tuple.make(
                    try Runtime.builtin("iter"), Value(Tuple.make(range)), Value(inline: 0)))
        },
        Native("__setstate__(self, state, /)", "", .method) { args throws(Raised) in
            let own = args[0].object(RangeIterator.self)
            let skipped = min(max(0, try index(args[1])), own.pointee.remaining)
            own.pointee.current &+= skipped &* own.pointee.step
            own.pointee.remaining -= skipped
            return .none
        },
    ])
}

extension DictIterator {
    static func nativeClass(_ name: StaticString) -> NativeClass {
        NativeClass(name, kind: .dictIterator, methods: plainIteratorMethods + [
            Native("__length_hint__(self, /)", "", .method) { args throws(Raised) in
                Value(args[0].object(DictIterator.self).remaining)
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                // The items to come, from a copy so that the iterator itself stays where it is.
                let copy = allocateObject(MemoryLayout<DictIterator>.size, .dictIterator, args[0].header.pointee.shape)
                    .assumingMemoryBound(to: DictIterator.self)
                let header = copy.pointee.header
                copy.pointee = args[0].object(DictIterator.self).pointee
                copy.pointee.header = header
                return try reducedIterator(Value(copy))
            },
        ])
    }
}

extension SetIterator {
    static let nativeClass = NativeClass("set_iterator", kind: .setIterator, methods: plainIteratorMethods + [
        Native("__length_hint__(self, /)", "", .method) { args throws(Raised) in
            Value(args[0].object(SetIterator.self).remaining)
        },
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            let own = args[0].object(SetIterator.self)
            guard let set = own.pointee.set else { return try reducedIterator(Value(List.make())) }
            let copy = SetIterator.make(set)
            copy.object(SetIterator.self).pointee.position = own.pointee.position
            return try reducedIterator(copy)
        },
    ])
}

/// How an iterator is pickled by what is still to come.
func reducedIterator(_ rest: Value) throws(Raised) -> Value {
    let items = try makeList(rest)
    return Value(Tuple.make(try Runtime.builtin("iter"), Value(Tuple.make(Value(items)))))
}

/// `__iter__` and `__next__` of the iterators that the runtime knows by kind.
private let plainIteratorMethods: [Native] = [
    Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in args[0] },
    Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
        let value = try next(args[0])
        if value.isAbsent { throw raise(.stopIteration) }
        return value
    },
]
