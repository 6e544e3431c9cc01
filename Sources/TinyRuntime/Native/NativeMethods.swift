// What a script sees of native functions and methods.

extension NativeFunction {
    static let nativeClass = NativeClass(
        "builtin_function_or_method", kind: .native, methods: common + [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let native = args[0].object(NativeFunction.self)
                let name = native.pointee.record.pointee.name.string
                let receiver = native.ownReceiver
                if receiver.isAbsent || receiver.isNone || receiver.isKind(.module) { return Value(Str.make("<built-in function \(name)>")) }
                return Value(Str.make("<built-in method \(name) of \(typeName(receiver)) object at \(addressText(receiver))>"))
            }
        ], attributes: attributes)

    static let methodDescriptorClass = NativeClass(
        "method_descriptor", kind: .native, methods: common + binding + [
            Native("__repr__(self, /)", "") { args throws(Raised) in Value(shown(args[0], "method")) }
        ], attributes: attributes)

    static let slotWrapperClass = NativeClass(
        "wrapper_descriptor", kind: .native, methods: common + binding + [
            Native("__repr__(self, /)", "") { args throws(Raised) in Value(shown(args[0], "slot wrapper")) }
        ], attributes: attributes)

    static let classMethodDescriptorClass = NativeClass(
        "classmethod_descriptor", kind: .native, methods: common + binding + [
            Native("__repr__(self, /)", "") { args throws(Raised) in Value(shown(args[0], "method")) },
            Native("__reduce__(self, /)", "") { args throws(Raised) in
                throw typeError("cannot pickle 'classmethod_descriptor' object")
            },
        ], attributes: attributes)

    static let methodWrapperClass = NativeClass(
        "method-wrapper", kind: .native, methods: common + [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let native = args[0].object(NativeFunction.self)
                let receiver = native.pointee.receiver
                return Value(
                    Str.make(
                        "<method-wrapper '\(native.pointee.record.pointee.name.string)' of \(typeName(receiver)) object at \(addressText(receiver))>"))
            }
        ], attributes: attributes)

    private static func shown(_ value: Value, _ noun: String) -> StrRef {
        let record = value.object(NativeFunction.self).pointee.record
        let owner = record.pointee.owner?.nameText ?? "?"
        return Str.make("<\(noun) '\(record.pointee.name.string)' of '\(owner)' objects>")
    }

    private static let common: [Native] = [
        Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
            try callValue(args[0], args[1].object(Tuple.self), args[2].object(Dict.self))
        },
        Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
            guard args[1].isKind(.native) else { return notImplemented }
            let (a, b) = (args[0].object(NativeFunction.self), args[1].object(NativeFunction.self))
            return Value(a.pointee.record == b.pointee.record && a.pointee.receiver == b.pointee.receiver)
        },
        Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
            Value(Int(bitPattern: args[0].object(NativeFunction.self).pointee.record) >> 4)
        },
        Native("__reduce__(self, /)", "") { args throws(Raised) in
            let native = args[0].object(NativeFunction.self)
            let name = Value(native.pointee.record.pointee.name)
            let receiver = native.ownReceiver
            if receiver.isAbsent, native.pointee.record.pointee.owner == nil { return name }
            let target = receiver.isAbsent || receiver.isNone ? native.pointee.record.pointee.owner.map { Value($0) } ?? .none : receiver
            return Value(
                Tuple.make(try Runtime.builtin("getattr"), Value(Tuple.make(target, name))))
        },
    ]

    private static let binding: [Native] = [
        Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
            if args[1].isNone, !args[2].isKind(.class) { return args[0] }
            let owner = args[2].isKind(.class) ? args[2].object(ClassObject.self) : args[1].cls
            return try getDescriptor(args[0], args[1].isNone ? .absent : args[1], owner)
        }
    ]

    private static let attributes: [Accessors] = [
        Accessors("__name__") { Value($0.object(NativeFunction.self).pointee.record.pointee.name) },
        Accessors("__qualname__") { object throws(Raised) in
            let record = object.object(NativeFunction.self).pointee.record
            let name = record.pointee.name.string
            guard let owner = record.pointee.owner else { return Value(record.pointee.name) }
            return Value(Str.make("\(owner.nameText).\(name)"))
        },
        Accessors("__module__") { object throws(Raised) in
            let native = object.object(NativeFunction.self)
            return native.pointee.module
        },
        Accessors("__doc__") { object throws(Raised) in
            let doc = object.object(NativeFunction.self).pointee.record.pointee.doc
            return doc.utf8CodeUnitCount == 0 ? .none : Value(Str.make(doc))
        },
        Accessors("__text_signature__") { object throws(Raised) in
            let text = object.object(NativeFunction.self).pointee.record.pointee.signature.description
            guard let open = text.firstIndex(of: "(") else { return .none }
            return Value(Str.make(String(text[open...]).replacingUnknown))
        },
        Accessors("__self__") { object throws(Raised) in
            let native = object.object(NativeFunction.self)
            if !native.ownReceiver.isAbsent { return native.ownReceiver }
            if native.pointee.record.pointee.owner != nil {
                throw noAttribute(object, StrTables.intern("__self__"))
            }
            let module = try Runtime.modules.get(native.pointee.module)
            return module.isAbsent ? .none : module
        },
        Accessors.member("__objclass__") { object throws(Raised) in
            guard let owner = object.object(NativeFunction.self).pointee.record.pointee.owner else {
                throw noAttribute(object, StrTables.intern("__objclass__"))
            }
            return Value(owner)
        },
    ]
}

extension UnsafeMutablePointer<NativeFunction> {
    /// `__self__`: what the function is bound to, of a `__new__` its class, of other static methods None; absent if there is nothing.
    fileprivate var ownReceiver: Value {
        guard pointee.record.pointee.form == .staticMethod, let owner = pointee.record.pointee.owner else { return pointee.receiver }
        return pointee.record.pointee.name == SpecialName.new.string ? Value(owner) : .none
    }
}

extension String {
    /// `=?` in a signature shows as an unrepresentable default.
    fileprivate var replacingUnknown: String {
        var result = ""
        var previous: Character = " "
        for character in self {
            result += character == "?" && previous == "=" ? "<unrepresentable>" : String(character)
            previous = character
        }
        return result
    }
}
