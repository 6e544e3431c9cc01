// In which order dead objects with `__del__` are finalized: who holds others before these.
//
// With counted references an object's `__del__` runs before what it alone refers to is let go: it finds its file open, its parts as they
// were. The collector finds all of them dead at once, so the order is made here, from who refers to whom among the dead. Those of one
// cycle come in any order.
import Glibc

extension Heap {
    /// With more of them, or more of what they reach, they come as they were made.
    private static let mostFinalized = 4096
    private static let mostReached = 100_000
    /// One of the dead that the search has not come to; whatever it has come to.
    private static let wanted: Int32 = 0
    private static let reached: Int32 = 1

    /// The dead, ordered so that each comes behind whatever it refers to: they are taken from the end. Among those that don't know each
    /// other the oldest is taken first. Called after marking; `dead` has no marked object.
    func inOrderOfDeath(_ dead: [UnsafeMutableRawPointer]) -> [UnsafeMutableRawPointer] {
        guard dead.count > 1, dead.count <= Heap.mostFinalized, var states = ObjectTable(self) else { return dead }
        defer { states.dispose() }
        for object in dead { states[object] = Heap.wanted }
        var reached = 0
        var ordered: [UnsafeMutableRawPointer] = []
        ordered.reserveCapacity(dead.count)
        var marker = Marker()
        defer { marker.dispose() }
        // Depth first; an object comes up once more when all that it refers to has been seen.
        var path: [(object: UnsafeMutableRawPointer, isDone: Bool)] = []
        for start in dead.reversed() {
            path.append((start, false))
            while let (object, isDone) = path.popLast() {
                if isDone {
                    ordered.append(object)
                    continue
                }
                let state = states[object]
                guard state == nil || state == Heap.wanted else { continue }
                states[object] = Heap.reached
                reached += 1
                if reached > Heap.mostReached { return dead }
                if state == Heap.wanted { path.append((object, true)) }
                traceReferences(of: object, &marker) { other in
                    if !other.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked) { path.append((other, false)) }
                }
            }
        }
        return ordered
    }
}
