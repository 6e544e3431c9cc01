// Which dead objects are garbage in CPython's sense: in a cycle, or referred to by such a one.
//
// Reference counting would have freed the others long before. So their freeing is played through: the dead that no other dead object
// refers to go first, then those that only these referred to, and so on. What is left is garbage. Only a collection that the
// script asks for pays for this, and only if not too much has died.

/// What a collection is to find out, and has found.
public struct GarbageWatch {
    /// Whether garbage is to be kept alive (gc.DEBUG_SAVEALL).
    let saves: Bool
    /// Objects that were garbage.
    public var count = 0
    /// Those of them that the collection has kept alive, if `saves`.
    public var saved: [Value] = []
    /// It has found out: what is dead and no garbage, counted references would have freed.
    var isKnown = false

    /// What a collection gets in `Heap.garbage`, from whoever wants to know.
    public init(saves: Bool) { self.saves = saves }
}

extension Heap {
    /// While automatic collections are switched off, what is in a cycle lives on where somebody could tell: as with counted references,
    /// where then nothing looks for cycles. (All else is freed, or a program that says `gc.disable()` would run out of memory.) In a
    /// collection of all, before anything of the dead is touched: pages that were not swept since an earlier one hold what refers to
    /// nothing any more.
    mutating func keepGarbageIfDisabled() {
        guard mustKeepGarbage else { return }
        garbage = GarbageWatch(saves: true)
        noteGarbage()
        garbage = nil
    }

    /// After marking: whether automatic collections are switched off and something has died of which somebody could tell.
    var mustKeepGarbage: Bool {
        guard !isEnabled, garbage == nil else { return false }
        func isDead(_ object: UnsafeMutableRawPointer) -> Bool { !object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked) }
        return finalizable.contains(where: isDead)
            || weakReferences.contains(where: { UnsafeMutableRawPointer(bitPattern: $0.key).map(isDead) ?? false })
    }

    /// With more dead objects than these nobody waits for the count.
    private static let mostCounted = 400_000

    /// After marking, before anything of the dead is touched.
    mutating func noteGarbage() {
        guard var watch = garbage, var references = ObjectTable(self) else { return }
        defer { references.dispose() }
        var dead: [UnsafeMutableRawPointer] = []
        var isTooMuch = false
        forEachObject { object in
            guard !isTooMuch, !object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked) else { return }
            references[object] = 0
            dead.append(object)
            isTooMuch = dead.count > Heap.mostCounted
        }
        if isTooMuch { return }
        var marker = Marker()
        defer { marker.dispose() }
        for object in dead {
            traceReferences(of: object, &marker) { if let count = references[$0] { references[$0] = count + 1 } }
        }
        var freed = dead.filter { references[$0] == 0 }
        while let object = freed.popLast() {
            references[object] = nil
            traceReferences(of: object, &marker) { reached in
                guard let count = references[reached] else { return }
                references[reached] = count - 1
                if count == 1 { freed.append(reached) }
            }
        }
        for object in dead where references[object] != nil && HeapWalk.isTracked(Value(address: object)) {
            watch.count += 1
            if watch.saves { watch.saved.append(Value(address: object)) }
        }
        for object in watch.saved { self.marker.mark(object) }
        self.marker.drain()
        // Of garbage its finalizers see no weak references any more, which is so in CPython too.
        if !watch.saves { clearReferences { references[$0] != nil } }
        watch.isKnown = true
        garbage = watch
    }

    /// What an object refers to, each as often as it does; marks stay as they are. Called while a collection is under way, with a marker
    /// that is used for nothing else.
    func traceReferences(of object: UnsafeMutableRawPointer, _ marker: inout Marker, _ body: (UnsafeMutableRawPointer) -> Void) {
        kindTable[Int(Value(address: object).kind.rawValue)].trace(object, &marker)
        marker.takeFresh(body)
    }
}
