// `_pickle`: the functions, and what the script sees of picklers and unpicklers.
import TinyRuntime

enum PickleModule {
    static let nativeModule = NativeModule(
        "_pickle", doc: "Optimized C implementation for the Python pickle module.", functions: { functions },
        prepare: { contents throws(Raised) in
            Pickle.error = contents.addException("PickleError")
            Pickle.picklingError = subclass("PicklingError", contents)
            Pickle.unpicklingError = subclass("UnpicklingError", contents)
            Pickler.cls = contents.add(Pickler.nativeClass)
            Unpickler.cls = contents.add(Unpickler.nativeClass)
            PickleBuffer.cls = contents.add(PickleBuffer.nativeClass)
            PicklerMemo.cls = contents.add(PicklerMemo.nativeClass)
            UnpicklerMemo.cls = contents.add(UnpicklerMemo.nativeClass)
        })

    private static func subclass(_ name: String, _ contents: ModuleContents) -> ClassRef {
        let cls = ClassObject.makeNative(
            name, kind: .exception, bases: [Pickle.error], flags: [.isBase, .isException, .isHeapType], module: "_pickle")
        contents.set(name, Value(cls))
        return cls
    }

    private static func writeMethod(_ file: Value) throws(Raised) -> Value {
        let write = try getOptionalAttribute(file, Names.write)
        guard !write.isAbsent else { throw typeError("file must have a 'write' attribute") }
        return write
    }

    private static let functions: [Native] = [
        Native("dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None)", "Write a pickled representation of obj to the open file object file.") { args throws(Raised) in
            let pickler = Pickler()
            let box = BoxedObject.make(pickler, Pickler.cls)
            try pickler.configure(protocol: args[2], fixImports: args[3], bufferCallback: args[4])
            pickler.write = try writeMethod(args[1])
            try pickler.dump(args[0], own: box)
            // Mentioned once more, the box stays on the stack while the dump runs.
            return box.boxed(Pickler.self) == nil ? box : .none
        },
        Native("dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None)", "Return the pickled representation of the object as a bytes object.") { args throws(Raised) in
            try dumps(args[0], protocol: args[1], fixImports: args[2], bufferCallback: args[3])
        },
        Native("load(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=None)", "Read and return an object from the pickle data stored in a file.") { args throws(Raised) in
            let unpickler = Unpickler()
            let box = BoxedObject.make(unpickler, Unpickler.cls)
            try unpickler.configure(fixImports: args[1], encoding: args[2], errors: args[3], buffers: args[4])
            unpickler.input = try PickleInput(file: args[0])
            let value = try unpickler.load(own: box)
            _ = try Unpickler.of(box)
            return value
        },
        Native("loads(data, /, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=None)", "Read and return an object from the given pickle data.") { args throws(Raised) in
            let bytes = args[0].isExactly(.bytes) ? args[0] : BytesObject.make(try BufferView(args[0]).octets)
            return try loads(bytes, fixImports: args[1], encoding: args[2], errors: args[3], buffers: args[4])
        },
    ]

    /// The pickle of an object. `extraTable` is asked for reducers before copyreg's.
    static func dumps(
        _ value: Value, protocol version: Value = .none, fixImports: Value = .true, bufferCallback: Value = .none,
        extraTable: Value = .absent
    ) throws(Raised) -> Value {
        let box = Pickler.take()
        let pickler = try Pickler.of(box)
        try pickler.configure(protocol: version, fixImports: fixImports, bufferCallback: bufferCallback)
        pickler.extraTable = extraTable
        try pickler.dump(value, own: box)
        let bytes = BytesObject.make(pickler.output)
        Pickler.giveBack(box, pickler)
        return bytes
    }

    /// The object of a pickle in a bytes object.
    static func loads(
        _ bytes: Value, fixImports: Value = .true, encoding: Value = .absent, errors: Value = .absent, buffers: Value = .none
    ) throws(Raised) -> Value {
        let box = Unpickler.take()
        let unpickler = try Unpickler.of(box)
        try unpickler.configure(fixImports: fixImports, encoding: encoding, errors: errors, buffers: buffers)
        unpickler.read(bytes)
        let value = try unpickler.load(own: box)
        Unpickler.giveBack(box, unpickler)
        return value
    }

    /// The write method of a file, for `Pickler(file)`.
    fileprivate static func method(of file: Value) throws(Raised) -> Value { try writeMethod(file) }
}

extension Pickler {
    static let nativeClass = NativeClass(
        "Pickler", kind: .box, doc: "This takes a binary file for writing a pickle data stream.",
        flags: [.isBase, .isWeakReferenceable], methods: [
            Native("__init__(self, file, protocol=None, fix_imports=True, buffer_callback=None)", "Initialize self.") { args throws(Raised) in
                let own = try of(args[0])
                try own.configure(protocol: args[2], fixImports: args[3], bufferCallback: args[4])
                own.write = try PickleModule.method(of: args[1])
                own.memo.clear()
                return .none
            },
            Native("dump(self, obj, /)", "Write a pickled representation of the given object to the open file.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.write.isAbsent else {
                    throw Pickle.cannotPickle("Pickler.__init__() was not called by \(args[0].cls.nameText).__init__()")
                }
                own.startOutput()
                try own.dump(args[1], own: args[0])
                return .none
            },
            Native("clear_memo(self, /)", "Clears the pickler's \"memo\".", .method) { args throws(Raised) in
                try of(args[0]).memo.clear()
                return .none
            },
            Native("persistent_id(self, obj, /)", "", .method) { _ in .none },
        ],
        attributes: [
            Accessors("bin") { object throws(Raised) in Value(try of(object).isBinary ? 1 : 0) } set: { object, value throws(Raised) in
                try of(object).isBinary = value.isAbsent ? true : try truth(value)
            },
            Accessors("fast") { object throws(Raised) in Value(try of(object).isFast ? 1 : 0) } set: { object, value throws(Raised) in
                try of(object).isFast = value.isAbsent ? false : try truth(value)
            },
            Accessors("dispatch_table") { object throws(Raised) in
                let table = try of(object).dispatchTable
                if table.isAbsent { throw noAttribute(object, StrTables.intern("dispatch_table")) }
                return table
            } set: { object, value throws(Raised) in try of(object).dispatchTable = value },
            Accessors("memo") { object throws(Raised) in
                _ = try of(object)
                return BoxedObject.make(PicklerMemo(object), PicklerMemo.cls)
            } set: { object, value throws(Raised) in
                let own = try of(object)
                if value.isAbsent { throw typeError("attribute deletion is not supported") }
                if let other = value.boxed(PicklerMemo.self) {
                    own.memo.take(from: try other.owner().memo)
                    return
                }
                guard value.isKind(.dict) else {
                    throw typeError("'memo' attribute must be a PicklerMemoProxy object or dict, not \(typeName(value))")
                }
                try own.fillMemo(value.object(Dict.self))
            },
        ],
        construct: { args throws(Raised) in BoxedObject.make(Pickler(), args[0].object(ClassObject.self)) })

    /// A memo as its proxy shows it: id to (number, object).
    fileprivate func fillMemo(_ dict: DictRef) throws(Raised) {
        var ordered = [Int?](repeating: nil, count: dict.pointee.count)
        var position = 0
        var entry = 0
        let items = List.make()
        while let next = dict.next(&position) {
            let pair = next.pointee.value
            guard pair.isKind(.tuple), pair.object(Tuple.self).count == 2 else {
                throw typeError("'memo' values must be 2-item tuples")
            }
            let number = try index(pair.object(Tuple.self).items[0])
            guard number >= 0, number < ordered.count else { throw valueError("memo numbers must count from 0") }
            items.append(pair.object(Tuple.self).items[1])
            ordered[number] = entry
            entry += 1
        }
        memo.clear()
        for case let place? in ordered { _ = memo.add(items.items[place]) }
    }

    fileprivate func memoCopy() throws(Raised) -> Value {
        let dict = Dict.make()
        for number in 0 ..< memo.count {
            let value = memo.objects.items[number]
            try dict.set(Value(Int(truncatingIfNeeded: value.bits & Value.addressMask)), Value(Tuple.make(Value(number), value)))
        }
        return Value(dict)
    }
}

extension Unpickler {
    static let nativeClass = NativeClass(
        "Unpickler", kind: .box, doc: "This takes a binary file for reading a pickle data stream.",
        flags: [.isBase, .isWeakReferenceable], methods: [
            Native("__init__(self, file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=None)", "Initialize self.") { args throws(Raised) in
                let own = try of(args[0])
                own.input = nil
                try own.configure(fixImports: args[2], encoding: args[3], errors: args[4], buffers: args[5])
                own.input = try PickleInput(file: args[1])
                return .none
            },
            Native("load(self, /)", "Load a pickle.", .method) { args throws(Raised) in try of(args[0]).load(own: args[0]) },
            Native("find_class(self, module_name, global_name, /)", "Return an object from a specified module.", .method) { args throws(Raised) in
                try of(args[0]).findClass(args[1], args[2])
            },
            Native("persistent_load(self, pid, /)", "", .method) { args throws(Raised) in
                throw Pickle.cannotUnpickle(
                    "A load persistent id instruction was encountered, but no persistent_load function was specified.")
            },
        ],
        attributes: [
            Accessors("memo") { object throws(Raised) in
                _ = try of(object)
                return BoxedObject.make(UnpicklerMemo(object), UnpicklerMemo.cls)
            } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("attribute deletion is not supported") }
                try of(object).setMemo(value)
            },
        ],
        construct: { args throws(Raised) in BoxedObject.make(Unpickler(), args[0].object(ClassObject.self)) })
}

/// `Pickler.memo`.
final class PicklerMemo: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let object: Value

    init(_ object: Value) { self.object = object }
    func trace(_ marker: inout Marker) { marker.mark(object) }
    func owner() throws(Raised) -> Pickler { try Pickler.of(object) }

    private static func own(_ value: Value) throws(Raised) -> Pickler {
        guard let memo = value.boxed(PicklerMemo.self) else { throw typeError("a PicklerMemoProxy is required") }
        return try memo.owner()
    }

    static let nativeClass = NativeClass("PicklerMemoProxy", kind: .box, methods: [
        Native("clear(self, /)", "Remove all items from memo.", .method) { args throws(Raised) in
            try own(args[0]).memo.clear()
            return .none
        },
        Native("copy(self, /)", "Copy the memo to a new object.", .method) { args throws(Raised) in try own(args[0]).memoCopy() },
        Native("__reduce__(self, /)", "Implement pickle support.", .method) { args throws(Raised) in
            let cls = Value(Shapes.table[Int(Kind.dict.rawValue)].pointee.cls)
            return Value(Tuple.make(cls, Value(Tuple.make(try own(args[0]).memoCopy()))))
        },
    ])
}

/// `Unpickler.memo`.
final class UnpicklerMemo: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let object: Value

    init(_ object: Value) { self.object = object }
    func trace(_ marker: inout Marker) { marker.mark(object) }
    func owner() throws(Raised) -> Unpickler { try Unpickler.of(object) }

    private static func own(_ value: Value) throws(Raised) -> Unpickler {
        guard let memo = value.boxed(UnpicklerMemo.self) else { throw typeError("an UnpicklerMemoProxy is required") }
        return try memo.owner()
    }

    static let nativeClass = NativeClass("UnpicklerMemoProxy", kind: .box, methods: [
        Native("clear(self, /)", "Remove all items from memo.", .method) { args throws(Raised) in
            try own(args[0]).setMemo(Value(Dict.make()))
            return .none
        },
        Native("copy(self, /)", "Copy the memo to a new object.", .method) { args throws(Raised) in try own(args[0]).memoCopy() },
        Native("__reduce__(self, /)", "Implement pickle support.", .method) { args throws(Raised) in
            let cls = Value(Shapes.table[Int(Kind.dict.rawValue)].pointee.cls)
            return Value(Tuple.make(cls, Value(Tuple.make(try own(args[0]).memoCopy()))))
        },
    ])
}
