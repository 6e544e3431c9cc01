// What a collection notes about single objects.
import Glibc

/// A number, 0 or more, for some of the objects: how often each of the dead is referred to, whether the search for an order has come by.
/// Those in the heap's region are found by their place (in a dictionary it took 220 instructions of the processor per object, and most
/// collections ask for some).
struct ObjectTable {
    private let region: UnsafeMutableRawPointer
    private let size: Int
    /// For each 16 bytes of the region, the number and one more; 0: none. (Fresh memory, of which only what is touched comes to be.)
    private let places: UnsafeMutablePointer<Int32>
    /// Of those with memory of their own.
    private var large: [UnsafeMutableRawPointer: Int32] = [:]

    /// Nil: there is no memory for it.
    init?(_ heap: Heap) {
        region = heap.region
        size = heap.pagesInUse << Heap.pageShift
        guard let memory = calloc(size >> 4, MemoryLayout<Int32>.stride) else { return nil }
        places = memory.bindMemory(to: Int32.self, capacity: size >> 4)
    }

    func dispose() { free(places) }

    /// Nil: it has none, or none any more.
    subscript(object: UnsafeMutableRawPointer) -> Int32? {
        get {
            let distance = object - region
            guard distance >= 0, distance < size else { return large[object] }
            let place = places[distance >> 4]
            return place == 0 ? nil : place - 1
        }
        set {
            let distance = object - region
            if distance >= 0, distance < size {
                places[distance >> 4] = newValue.map { $0 + 1 } ?? 0
            } else {
                large[object] = newValue
            }
        }
    }
}
