// Bytes at an address, as a buffer: what `memoryview(x)` of ctypes' objects looks through.
//
// The owner (an object of the script) keeps the memory alive, the block keeps the owner alive, and a view keeps the block.
import TinyRuntime

final class ForeignBlock: TracedObject, BufferExporter {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeClass = NativeClass("Block", kind: .box, doc: "Bytes at an address.", methods: [])

    private let octets: UnsafeMutableBufferPointer<UInt8>
    private let owner: Value
    let exports = ExportCounter()

    init(_ address: UnsafeMutableRawPointer, _ count: Int, _ owner: Value) {
        octets = UnsafeMutableBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: count)
        self.owner = owner
    }

    func trace(_ marker: inout Marker) { marker.mark(owner) }

    func exportedBuffer() -> (octets: UnsafeMutableBufferPointer<UInt8>, format: UInt8, itemSize: Int, isReadOnly: Bool) {
        (octets, 0x42, 1, false)
    }
}
