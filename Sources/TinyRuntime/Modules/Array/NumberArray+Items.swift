// Items of arrays for the interpreter's own handlers: `array[i]` and `array[i] = x` with a machine integer that is in range, of the
// types that need no text and no big integer. Everything else takes the general way.

extension NumberArray {
    /// The array's own class (and no subclass of the script) has this shape; 0 until the module is imported.
    nonisolated(unsafe) static var shape: ShapeID = 0

    @inline(__always)
    private static func withItem<Result>(_ array: Value, _ index: Int, _ body: (UInt8, UnsafeMutableRawPointer) -> Result?) -> Result? {
        array.object(BoxedObject.self).withBorrowed(NumberArray.self) { own in
            guard let index = place(index, among: own.count), let octets = own.octets else { return nil }
            return body(own.code, UnsafeMutableRawPointer(octets + index * own.size))
        }
    }

    /// - Parameter array: an object with `shape`.
    static func loadQuickly(_ array: Value, _ index: Int) -> Value? {
        withItem(array, index) { code, item in
            switch code {
            case 0x64: Value(item.load(as: Double.self)) // d
            case 0x66: Value(Double(item.load(as: Float.self))) // f
            case 0x6C, 0x71: Value(item.load(as: Int.self)) // l q
            case 0x69: Value(inline: Int(item.load(as: Int32.self))) // i
            case 0x49: Value(inline: Int(item.load(as: UInt32.self))) // I
            case 0x68: Value(inline: Int(item.load(as: Int16.self))) // h
            case 0x48: Value(inline: Int(item.load(as: UInt16.self))) // H
            case 0x62: Value(inline: Int(item.load(as: Int8.self))) // b
            case 0x42: Value(inline: Int(item.load(as: UInt8.self))) // B
            default: nil
            }
        }
    }

    /// - Returns: whether it was stored.
    static func storeQuickly(_ array: Value, _ index: Int, _ value: Value) -> Bool {
        withItem(array, index) { code, item -> Bool? in
            func keep<Number: FixedWidthInteger>(_: Number.Type) -> Bool? {
                guard value.isInlineInt, let number = Number(exactly: value.inlineInt) else { return nil }
                item.storeBytes(of: number, as: Number.self)
                return true
            }
            switch code {
            case 0x64:
                guard value.isFloat else { return nil }
                item.storeBytes(of: value.float, as: Double.self)
                return true
            case 0x6C, 0x71: return keep(Int.self)
            case 0x69: return keep(Int32.self)
            case 0x49: return keep(UInt32.self)
            case 0x68: return keep(Int16.self)
            case 0x48: return keep(UInt16.self)
            case 0x62: return keep(Int8.self)
            case 0x42: return keep(UInt8.self)
            default: return nil
            }
        } ?? false
    }
}
