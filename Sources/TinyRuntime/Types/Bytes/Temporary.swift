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
enum Codecs {
    static func encode(_ s: StrRef, _ e: StrRef?, _ h: StrRef?) throws(Raised) -> Value { BytesObject.make(s.buffer) }
    static func decode(_ v: BufferView, _ e: StrRef?, _ h: StrRef?) throws(Raised) -> StrRef { Str.make(v.octets) }
}

extension UnsafeMutablePointer<ByteArray> {
    func reserve(_ c: Int) { try? replace(pointee.count, pointee.count, UnsafeBufferPointer(start: allocateBuffer(c).assumingMemoryBound(to: UInt8.self), count: c)) }
}
extension ByteArray { static let nativeClass = NativeClass("bytearray", kind: .bytearray, flags: .isBase) }
extension BytesObject { static let nativeClass = NativeClass("bytes", kind: .bytes, flags: .isBase) }
