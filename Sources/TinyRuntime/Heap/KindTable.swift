// One row per kind of object: how the collector looks into it and what it frees. A kind without a row does not compile.

/// The rows, by raw value of Kind; filled when the runtime starts.
nonisolated(unsafe) let kindTable: UnsafeMutablePointer<KindRow> = {
    let rows = UnsafeMutablePointer<KindRow>.allocate(capacity: Kind.allCases.count)
    for kind in Kind.allCases {
        (rows + Int(kind.rawValue)).initialize(to: row(kind))
        rows[Int(kind.rawValue)].isGuarded = kind.isGuarded
    }
    return rows
}()

/// What refers to nothing but its class (and, for subclasses of the script, its extra word).
private func leaf(_ kind: Kind) -> KindRow {
    KindRow(trace: { object, marker in traceExtra(object, kind, &marker) }, release: nil)
}

private func row(_ kind: Kind) -> KindRow {
    switch kind {
    case .free, .immediate, .storage: KindRow(trace: { _, _ in }, release: nil)
    case .int, .float, .complex, .decimal, .bytes: leaf(kind)
    case .str: KindRow(trace: Str.trace, release: Str.release)
    case .bytearray: KindRow(trace: ByteArray.trace, release: ByteArray.release)
    case .memoryview: KindRow(trace: MemoryView.trace, release: MemoryView.release)
    case .tuple: KindRow(trace: Tuple.trace, release: nil)
    case .list: KindRow(trace: List.trace, release: List.release)
    case .dict:
        KindRow(
            trace: { object, marker in
                Dict.trace(object, &marker)
                traceExtra(object, .dict, &marker)
            }, release: Dict.release)
    case .set, .frozenset: KindRow(trace: SetObject.trace, release: SetObject.release)
    case .range: KindRow(trace: RangeObject.trace, release: nil)
    case .slice: KindRow(trace: SliceObject.trace, release: nil)
    case .instance: KindRow(trace: Instance.trace, release: Instance.release)
    case .class: KindRow(trace: ClassObject.trace, release: ClassObject.release)
    case .module: KindRow(trace: ModuleObject.trace, release: nil)
    case .function: KindRow(trace: Function.trace, release: nil)
    case .boundMethod: KindRow(trace: BoundMethod.trace, release: nil)
    case .native: KindRow(trace: NativeFunction.trace, release: nil)
    case .code: KindRow(trace: Code.trace, release: Code.release)
    case .cell: KindRow(trace: Cell.trace, release: nil)
    case .property: KindRow(trace: Property.trace, release: nil)
    case .classMethod: KindRow(trace: ClassMethod.trace, release: nil)
    case .staticMethod: KindRow(trace: StaticMethod.trace, release: nil)
    case .getSet: KindRow(trace: GetSetDescriptor.trace, release: nil)
    case .member: KindRow(trace: MemberDescriptor.trace, release: nil)
    case .generator: KindRow(trace: GeneratorObject.trace, release: nil)
    case .frame: KindRow(trace: FrameObject.trace, release: nil)
    case .traceback: KindRow(trace: TracebackObject.trace, release: nil)
    case .exception: KindRow(trace: ExceptionObject.trace, release: nil)
    case .sequenceIterator: KindRow(trace: SequenceIterator.trace, release: nil)
    case .rangeIterator: KindRow(trace: { _, _ in }, release: nil)
    case .dictIterator: KindRow(trace: DictIterator.trace, release: nil)
    case .setIterator: KindRow(trace: SetIterator.trace, release: nil)
    case .fiber: KindRow(trace: Fiber.trace, release: Fiber.release)
    case .dictView: KindRow(trace: DictView.trace, release: nil)
    case .mappingProxy: KindRow(trace: MappingProxy.trace, release: nil)
    case .superObject: KindRow(trace: SuperObject.trace, release: nil)
    case .weakReference: KindRow(trace: WeakReference.trace, release: nil)
    case .asyncYield: KindRow(trace: AsyncYield.trace, release: nil)
    case .genericAlias: KindRow(trace: GenericAlias.trace, release: nil)
    case .unionType: KindRow(trace: UnionType.trace, release: nil)
    case .box: KindRow(trace: BoxedObject.trace, release: BoxedObject.release)
    }
}
