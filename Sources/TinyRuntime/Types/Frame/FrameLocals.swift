// `f_locals` of a function's frame (PEP 667): a mapping that reads and writes the variables themselves.
//
// A name that is no variable of the function goes to a dict of the frame's own. Of a frame that has ended the copies of
// its variables are meant; what stands in cells is still shared with the functions that close over it.
import TinyCompiler

final class FrameLocals: TracedObject {
    nonisolated(unsafe) static let cls = ClassObject.makeNative(
        "FrameLocalsProxy", kind: .box, bases: [Runtime.objectClass]
    ).filled(nativeClass)

    let frame: FrameObjectRef

    private init(_ frame: FrameObjectRef) { self.frame = frame }

    static func make(_ frame: FrameObjectRef) -> Value { BoxedObject.make(FrameLocals(frame), cls) }

    func trace(_ marker: inout Marker) { marker.mark(frame) }

    private static func own(_ value: Value) throws(Raised) -> FrameLocals {
        guard let locals = value.boxed(FrameLocals.self) else { throw typeError("a FrameLocalsProxy object is required") }
        return locals
    }

    private func set(_ key: Value, _ value: Value) throws(Raised) {
        let place = try frame.variablePlaces.get(key)
        if place.isInlineInt { return frame.setVariable(place.inlineInt, value) }
        if !frame.pointee.extraLocals.isKind(.dict) { frame.pointee.extraLocals = Value(Dict.make()) }
        try frame.pointee.extraLocals.object(Dict.self).set(key, value)
    }

    private func get(_ key: Value) throws(Raised) -> Value { try frame.variables.get(key) }

    private static func update(_ value: Value, _ source: Value) throws(Raised) {
        let own = try own(value)
        guard source.isKind(.dict) || source.boxed(FrameLocals.self) != nil else {
            throw typeError("update() argument must be dict or another FrameLocalsProxy")
        }
        let dict = Dict.make()
        try updateDictionary(dict, from: source)
        var position = 0
        while let entry = dict.next(&position) { try own.set(entry.pointee.key, entry.pointee.value) }
    }

    private static func joined(_ a: Value, _ b: Value) throws(Raised) -> Value {
        for side in [a, b] where !side.isKind(.dict) && side.boxed(FrameLocals.self) == nil { return notImplemented }
        let result = Dict.make()
        try updateDictionary(result, from: a)
        try updateDictionary(result, from: b)
        return Value(result)
    }

    private static func list(_ value: Value, _ part: String) throws(Raised) -> Value {
        Value(try makeList(try callMethod(Value(try own(value).frame.variables), StrTables.intern(part))))
    }

    private static let nativeClass = NativeClass(
        "FrameLocalsProxy", kind: .box, flags: .matchesMapping, methods: [
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
                let value = try own(args[0]).get(args[1])
                if value.isAbsent {
                    throw raise(.keyError, arguments: Value(Str.make("local variable '\(try str(args[1]).string)' is not defined")))
                }
                return value
            },
            Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
                try own(args[0]).set(args[1], args[2])
                return .none
            },
            Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
                throw typeError("cannot remove variables from FrameLocalsProxy")
            },
            Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
                Value(try !own(args[0]).get(args[1]).isAbsent)
            },
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in
                Value(try own(args[0]).frame.variables.pointee.count)
            },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                try iterator(try list(args[0], "keys"))
            },
            Native("__reversed__(self, /)", "Return a reverse iterator over the names.") { args throws(Raised) in
                let keys = try list(args[0], "keys")
                _ = try callMethod(keys, StrTables.intern("reverse"))
                return keys
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let own = try own(args[0])
                let identity = Value(own.frame)
                return Value(try guardingRecursion(identity, "{...}") { () throws(Raised) in try repr(Value(own.frame.variables)) })
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                let own = try own(args[0])
                if let other = args[1].boxed(FrameLocals.self) { return Value(own.frame == other.frame) }
                guard args[1].isKind(.dict) else { return notImplemented }
                return try richCompare(2, Value(own.frame.variables), args[1])
            },
            Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in try joined(args[0], args[1]) },
            Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try joined(args[1], args[0]) },
            Native("__ior__(self, value, /)", "Return self|=value.") { args throws(Raised) in
                try update(args[0], args[1])
                return args[0]
            },
            Native("keys(self, /)", "A list of the names.") { args throws(Raised) in try list(args[0], "keys") },
            Native("values(self, /)", "A list of the values.") { args throws(Raised) in try list(args[0], "values") },
            Native("items(self, /)", "A list of pairs of name and value.") { args throws(Raised) in try list(args[0], "items") },
            Native("copy(self, /)", "A dict of the variables as they are now.") { args throws(Raised) in
                Value(try own(args[0]).frame.variables)
            },
            Native("get(self, key, default=None, /)", "Return the value for key if it is there, else default.") { args throws(Raised) in
                let value = try own(args[0]).get(args[1])
                return value.isAbsent ? args[2] : value
            },
            Native("setdefault(self, key, default=None, /)", "Set key to default if it is not there.") { args throws(Raised) in
                let own = try own(args[0])
                let value = try own.get(args[1])
                if !value.isAbsent { return value }
                try own.set(args[1], args[2])
                return args[2]
            },
            Native("update(self, other, /)", "Set the variables that another mapping names.") { args throws(Raised) in
                try update(args[0], args[1])
                return .none
            },
        ], construct: { args throws(Raised) in
            if args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 {
                throw typeError("FrameLocalsProxy takes no keyword arguments")
            }
            let given = args[1].object(Tuple.self)
            guard given.count == 1 else { throw typeError("FrameLocalsProxy expected 1 argument, got \(given.count)") }
            guard given.items[0].isKind(.frame) else { throw typeError("expect frame, not \(typeName(given.items[0]))") }
            return make(given.items[0].object(FrameObject.self))
        })
}

extension FrameObjectRef {
    /// The names of all variables, those of enclosing functions last, and their places.
    fileprivate var variablePlaces: DictRef {
        let code = pointee.code
        let places = Dict.make()
        let own = Int(code.pointee.localCount)
        for slot in 0 ..< own {
            let name = code.localName(slot)
            guard name.pointee.byteCount > 0, name.bytes[0] != 0x2E else { continue }
            // The variable of a comprehension hides one of the same name as long as it has a value.
            if !places.get(name).isAbsent, self.slot(slot)?.pointee.isAbsent ?? true { continue }
            places.set(name, Value(slot))
        }
        guard let closure else { return places }
        for index in 0 ..< closure.count { places.set(code.freeName(index), Value(own + index)) }
        return places
    }

    private var closure: TupleRef? {
        guard pointee.callable.isKind(.function) else { return nil }
        let closure = pointee.callable.object(Function.self).pointee.closure
        return closure.isKind(.tuple) ? closure.object(Tuple.self) : nil
    }

    /// Where a variable's value lies: in its cell, a register, or an item of the copies of a frame that has ended.
    private func slot(_ place: Int) -> UnsafeMutablePointer<Value>? {
        if let cell = cell(at: place) { return contents(of: cell) }
        guard place < Int(pointee.code.pointee.localCount) else { return nil }
        return base(for: place).map { $0 + place }
    }

    /// The registers, or the copies, if they have this place.
    private func base(for place: Int) -> UnsafeMutablePointer<Value>? {
        if let registers = pointee.registers { return registers }
        guard pointee.variables.isKind(.list), place < pointee.variables.object(List.self).count else { return nil }
        return pointee.variables.object(List.self).items
    }

    /// The cell that a variable lies in, if it does.
    private func cell(at place: Int) -> Value? {
        let own = Int(pointee.code.pointee.localCount)
        if place >= own {
            guard let closure, place - own < closure.count, closure.items[place - own].isKind(.cell) else { return nil }
            return closure.items[place - own]
        }
        guard let base = base(for: place), base[place].isKind(.cell), pointee.code.unit.cellLocals.contains(place) else { return nil }
        return base[place]
    }

    private func contents(of cell: Value) -> UnsafeMutablePointer<Value> {
        let offset = MemoryLayout<Cell>.offset(of: \.value) ?? 8
        return (UnsafeMutableRawPointer(cell.object(Cell.self)) + offset).assumingMemoryBound(to: Value.self)
    }

    fileprivate func setVariable(_ place: Int, _ value: Value) {
        guard let slot = slot(place) else { return }
        if let cell = cell(at: place) { writeBarrier(cell.address) } else if pointee.registers == nil { writeBarrier(pointee.variables.address) }
        slot.pointee = value
    }

    /// The variables of the comprehensions that run in the frame of a module or class body, if there are any.
    var hiddenVariables: DictRef? {
        guard pointee.code.pointee.localCount > 0, !pointee.code.codeFlags.contains(.optimized) else { return nil }
        let result = Dict.make()
        for place in 0 ..< Int(pointee.code.pointee.localCount) {
            let name = pointee.code.localName(place)
            let isClassCell = pointee.code.unit.cellLocals.contains(place)
                && (name.string == "__class__" || name.string == "__classdict__")
            guard name.pointee.byteCount > 0, name.bytes[0] != 0x2E, !isClassCell else { continue }
            let value = slot(place)?.pointee ?? .absent
            if !value.isAbsent { result.set(name, value) }
        }
        return result.pointee.count > 0 ? result : nil
    }

    /// A dict of the variables that are bound, and of what a script has added through `f_locals`.
    var variables: DictRef {
        let result = Dict.make()
        let places = variablePlaces
        var position = 0
        while let entry = places.next(&position) {
            let value = slot(entry.pointee.value.inlineInt)?.pointee ?? .absent
            if !value.isAbsent { result.set(entry.pointee.key.object(Str.self), value) }
        }
        guard pointee.extraLocals.isKind(.dict) else { return result }
        let extra = pointee.extraLocals.object(Dict.self)
        position = 0
        while let entry = extra.next(&position) { result.append(entry.pointee.key, entry.pointee.hash, entry.pointee.value) }
        return result
    }
}
