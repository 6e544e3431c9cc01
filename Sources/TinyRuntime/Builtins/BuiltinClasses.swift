// The built-in classes: which exist, in which order they come to be, and which names `builtins` gives them.
import CTiny

extension Runtime {
    /// `object` and `type`, which need each other.
    static func makeFirstClasses() {
        let empty = Tuple.allocate(0)
        heap.permanentRoots.append(Value(empty))
        Tuple.empty = empty
        SequenceIterator.exhausted = Value(Tuple.allocate(0))
        heap.permanentRoots.append(SequenceIterator.exhausted)
        let type = ClassObject.allocate(ShapeID(Kind.class.rawValue))
        let object = ClassObject.allocate(ShapeID(Kind.class.rawValue))
        typeClass = type
        objectClass = object
        for (cls, name, bases) in [(object, "object", [ClassRef]()), (type, "type", [object])] {
            heap.permanentRoots.append(Value(cls))
            cls.pointee.name = Value(StrTables.intern(name))
            cls.pointee.qualifiedName = cls.pointee.name
            cls.pointee.bases = Value(Tuple.make(bases.map { Value($0) }))
            cls.pointee.base = bases.first
            cls.pointee.mro = Value(Tuple.make(([cls] + bases).map { Value($0) }))
            cls.pointee.flags = .isBase
        }
        object.register(type)
        object.pointee.instanceKind = .instance
        object.pointee.rootShape = Shapes.make(object, id: ShapeID(Kind.instance.rawValue))
        type.pointee.instanceKind = .class
        type.pointee.flags.insert(.isMetaclass)
        type.pointee.rootShape = Shapes.make(type, id: ShapeID(Kind.class.rawValue))
    }

    /// All others, and the tables of these two.
    static func makeBuiltinClasses() {
        // Native methods need their classes' shapes first, those of these five classes too: made empty, then filled.
        let tables = [
            NativeFunction.nativeClass, NativeFunction.methodDescriptorClass, NativeFunction.slotWrapperClass,
            NativeFunction.methodWrapperClass, NativeFunction.classMethodDescriptorClass,
        ]
        let classes = tables.enumerated().map { index, table in
            ClassObject.makeNative(
                table.name.description, kind: table.kind, bases: [objectClass],
                shape: index == 0 ? ShapeID(Kind.native.rawValue) : nil, flags: table.flags)
        }
        NativeShapes.methodDescriptor = classes[1].shapeID
        NativeShapes.slotWrapper = classes[2].shapeID
        NativeShapes.methodWrapper = classes[3].shapeID
        NativeShapes.classMethodDescriptor = classes[4].shapeID
        for (cls, table) in zip(classes, tables) { cls.fill(table) }
        objectClass.fill(ObjectMethods.nativeClass)
        typeClass.fill(TypeMethods.nativeClass)
        rememberObjectMethods()
        for kind in Kind.allCases {
            guard let table = table(for: kind) else { continue }
            let cls = makeClass(table, shape: ShapeID(kind.rawValue))
            if kind == .genericAlias || kind == .unionType {
                let name = kind == .genericAlias ? "GenericAlias" : "UnionType"
                cls.pointee.name = Value(StrTables.intern(name))
                cls.pointee.qualifiedName = cls.pointee.name
                cls.pointee.ownNamespace.set(Names.module, Value(StrTables.intern("types")))
                continue
            }
            if kind == .weakReference { cls.pointee.ownNamespace.set(Names.module, Value(StrTables.intern("weakref"))) }
            let isPublic = table.flags.contains(.isBase) && kind != .module && kind != .weakReference
            if isPublic || [.range, .slice, .memoryview].contains(kind) { export(cls) }
            if kind == .generator { cls.fillLater { markIntrinsic($0.pointee.namespace.get(Names.send), .send) } }
            if kind == .str { cls.fillLater { markIntrinsic($0.pointee.namespace.get(StrTables.intern("join")), .join) } }
            if kind == .str { cls.fillLater { strHash = $0.pointee.namespace.get(SpecialName.hash.string) } }
            if kind == .tuple { cls.fillLater { tupleHash = $0.pointee.namespace.get(SpecialName.hash.string) } }
            if kind == .superObject { superClass = cls }
            if kind == .box { longRangeIterator = cls }
        }
        export(objectClass)
        export(typeClass)
        let int = ClassRef(Shapes.table[Int(Kind.int.rawValue)].pointee.cls)
        export(makeClass(BoolMethods.nativeClass, shape: Shapes.bool, base: int))
        for (table, shape) in [
            (Singletons.noneClass, Shapes.none), (Singletons.ellipsisClass, Shapes.ellipsis),
            (Singletons.notImplementedClass, Shapes.notImplemented),
        ] {
            _ = makeClass(table, shape: shape)
        }
        GeneratorObject.coroutineShape = makeClass(GeneratorObject.coroutineClass).shapeID
        GeneratorObject.asyncGeneratorShape = makeClass(GeneratorObject.asyncGeneratorClass).shapeID
        let iterators = [Enumerate.nativeClass, Zip.nativeClass, MapIterator.nativeClass, FilterIterator.nativeClass].map { makeClass($0) }
        Enumerate.shape = iterators[0].shapeID
        Zip.shape = iterators[1].shapeID
        MapIterator.shape = iterators[2].shapeID
        iterators.forEach(export)
        export(ReverseIterator.cls)
        AliasIterator.cls = makeClass(AliasIterator.nativeClass)
        for (index, name) in (["dict_keys", "dict_values", "dict_items"] as [StaticString]).enumerated() {
            let view = makeClass(DictView.nativeClass(name, index))
            // What compares as a set does is unhashable.
            if index != 1 { view.fillLater { $0.pointee.namespace.set(SpecialName.hash.string, .none) } }
            DictView.shapes[index] = view.shapeID
        }
        for (kind, name) in SequenceIterator.names {
            SequenceIterator.shapes[Int(kind.rawValue)] = makeClass(SequenceIterator.nativeClass(name)).shapeID
        }
        SequenceIterator.textShape = makeClass(SequenceIterator.nativeClass("str_iterator")).shapeID
        let iteratorNames: [StaticString] = [
            "dict_keyiterator", "dict_valueiterator", "dict_itemiterator", "dict_reversekeyiterator",
            "dict_reversevalueiterator", "dict_reverseitemiterator",
        ]
        for (index, name) in iteratorNames.enumerated() { DictIterator.shapes[index] = makeClass(DictIterator.nativeClass(name)).shapeID }
    }

    private static func makeClass(_ table: NativeClass, shape: ShapeID? = nil, base: ClassRef? = nil) -> ClassRef {
        let cls = ClassObject.makeNative(
            table.name.description, kind: table.kind, bases: [base ?? objectClass], shape: shape, flags: table.flags)
        cls.fill(table)
        return cls
    }

    /// Classes that wait to become entries of `builtins`, which does not exist yet.
    nonisolated(unsafe) private static var exported: [ClassRef] = []

    static func export(_ cls: ClassRef) { exported.append(cls) }

    static func exportClasses(to namespace: DictRef) {
        for cls in exported { namespace.set(cls.pointee.name.object(Str.self), Value(cls)) }
    }

    private static func rememberObjectMethods() {
        func own(_ name: SpecialName) -> Value { objectClass.pointee.namespace.get(name.string) }
        objectGetattribute = own(.getattribute)
        objectSetattr = own(.setattr)
        objectDelattr = own(.delattr)
        objectHash = own(.hash)
        objectStr = own(.str)
        objectInit = own(.`init`)
        objectNew = own(.new)
        markIntrinsic(objectNew, .newObject)
        typeCall = typeClass.pointee.namespace.get(SpecialName.call.string)
        typeGetattribute = typeClass.pointee.namespace.get(SpecialName.getattribute.string)
    }

    /// The table of the class that exactly the objects of a kind have.
    private static func table(for kind: Kind) -> NativeClass? {
        switch kind {
        case .free, .storage, .immediate, .instance, .class, .native, .fiber, .decimal: return nil
        case .int: return IntMethods.nativeClass
        case .float: return FloatMethods.nativeClass
        case .complex: return ComplexMethods.nativeClass
        case .str: return Str.nativeClass
        case .bytes: return BytesObject.nativeClass
        case .bytearray: return ByteArray.nativeClass
        case .memoryview: return MemoryView.nativeClass
        case .tuple: return Tuple.nativeClass
        case .list: return List.nativeClass
        case .dict: return Dict.nativeClass
        case .set: return SetObject.nativeClass
        case .frozenset: return SetObject.frozenClass
        case .range: return RangeObject.nativeClass
        case .slice: return SliceObject.nativeClass
        case .module: return ModuleObject.nativeClass
        case .function: return Function.nativeClass
        case .boundMethod: return BoundMethod.nativeClass
        case .code: return Code.nativeClass
        case .cell: return Cell.nativeClass
        case .property: return Property.nativeClass
        case .classMethod: return ClassMethod.nativeClass
        case .staticMethod: return StaticMethod.nativeClass
        case .getSet: return GetSetDescriptor.nativeClass
        case .member: return MemberDescriptor.nativeClass
        case .generator: return GeneratorObject.nativeClass
        case .frame: return FrameObject.nativeClass
        case .traceback: return TracebackObject.nativeClass
        case .exception: return NativeClass("BaseException layout", kind: .exception)
        case .sequenceIterator: return SequenceIterator.nativeClass("iterator")
        case .rangeIterator: return RangeIterator.nativeClass
        case .dictIterator: return DictIterator.nativeClass("dict_iterator")
        case .setIterator: return SetIterator.nativeClass
        case .dictView: return NativeClass("dict_view", kind: .dictView)
        case .mappingProxy: return MappingProxy.nativeClass
        case .superObject: return SuperObject.nativeClass
        case .weakReference: return WeakReference.nativeClass
        case .asyncYield: return NativeClass("async_generator_wrapped_value", kind: .asyncYield)
        case .genericAlias: return GenericAlias.nativeClass
        case .unionType: return UnionType.nativeClass
        case .box: return BigRangeIterator.nativeClass
        }
    }
}

extension ClassRef {
    /// The shape of new instances.
    public var shapeID: ShapeID { pointee.rootShape.map { $0.pointee.id } ?? 0 }
}

/// A method table's usual way to say that an operand is not for it.
let notImplemented = Value.notImplemented
