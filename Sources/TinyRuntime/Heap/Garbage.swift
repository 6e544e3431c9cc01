// Which dead objects are garbage in CPython's sense: in a cycle, or referred to by such a one.
//
// Reference counting would have freed the others long before. So their freeing is played through: the dead that no other dead object
// refers to go first, then those that only these referred to, and so on. What is left is garbage. Only a collection that the
// script asks for pays for this, and only if not too much has died.

/// What a collection is to find out, and has found.
struct GarbageWatch {
    /// Whether garbage is to be kept alive (gc.DEBUG_SAVEALL).
    let saves: Bool
    var count = 0
    var saved: [Value] = []

    init(saves: Bool) { self.saves = saves }
}

extension Heap {
    /// With more dead objects than these nobody waits for the count.
    private static let mostCounted = 400_000

    /// After marking, before anything of the dead is touched.
    mutating func noteGarbage() {
        guard var watch = garbage else { return }
        var references: [UnsafeMutableRawPointer: Int32] = [:]
        var isTooMuch = false
        forEachObject { object in
            guard !isTooMuch, !object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked) else { return }
            references[object] = 0
            isTooMuch = references.count > Heap.mostCounted
        }
        if isTooMuch { return }
        var marker = Marker()
        defer { marker.dispose() }
        for object in references.keys {
            trace(object, &marker) { if let count = references[$0] { references[$0] = count + 1 } }
        }
        var freed = references.filter { $0.value == 0 }.map(\.key)
        while let object = freed.popLast() {
            references[object] = nil
            trace(object, &marker) { reached in
                guard let count = references[reached] else { return }
                references[reached] = count - 1
                if count == 1 { freed.append(reached) }
            }
        }
        for object in references.keys where HeapWalk.isTracked(Value(address: object)) {
            watch.count += 1
            if watch.saves { watch.saved.append(Value(address: object)) }
        }
        for object in watch.saved { self.marker.mark(object) }
        self.marker.drain()
        garbage = watch
    }

    private func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker, _ body: (UnsafeMutableRawPointer) -> Void) {
        kindTable[Int(Value(address: object).kind.rawValue)].trace(object, &marker)
        marker.takeFresh(body)
    }
}
