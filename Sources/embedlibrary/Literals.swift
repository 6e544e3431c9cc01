import Dispatch

/// A text as a string literal of one line.
func literal(_ text: String) -> String {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    result.reserveCapacity(text.utf8.count + text.utf8.count / 8)
    for octet in text.utf8 {
        switch octet {
        case UInt8(ascii: "\\"): result += "\\\\".utf8
        case UInt8(ascii: "\""): result += "\\\"".utf8
        case UInt8(ascii: "\n"): result += "\\n".utf8
        case UInt8(ascii: "\r"): result += "\\r".utf8
        case UInt8(ascii: "\t"): result += "\\t".utf8
        case 0 ..< 0x20, 0x7F: result += "\\u{\(String(octet, radix: 16))}".utf8
        default: result.append(octet)
        }
    }
    result.append(UInt8(ascii: "\""))
    return String(decoding: result, as: UTF8.self)
}

/// What `make` returns for 0 ..< count, in order; it runs on as many threads as there are cores.
func onAllCores<Result: Sendable>(_ count: Int, _ make: @Sendable (Int) -> Result) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, filled in
        // Each place is written by one thread, and read after all have ended.
        nonisolated(unsafe) let places = buffer
        DispatchQueue.concurrentPerform(iterations: count) { places.initializeElement(at: $0, to: make($0)) }
        filled = count
    }
}
