struct MemoryView {
    var header: ObjectHeader
    var start: Int
    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {}
    static func release(_ object: UnsafeMutableRawPointer) {}
    static let nativeClass = NativeClass("memoryview", kind: .memoryview)
}
extension UnsafeMutablePointer<MemoryView> {
    func checkReleased() throws(Raised) {}
    var isContiguous: Bool { false }
    func baseAddress() throws(Raised) -> UnsafePointer<UInt8>? { nil }
    var byteCount: Int { 0 }
    func copied() throws(Raised) -> Value { BytesObject.make([]) }
}
