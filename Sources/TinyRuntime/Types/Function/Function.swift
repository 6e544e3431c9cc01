// Functions of the script, cells, and bound methods.

/// A function that `def` or `lambda` made.
public struct Function {
    var header: ObjectHeader
    /// `__code__`; a script may exchange it.
    public var code: CodeRef
    var globals: DictRef
    /// Tuple of cells, or None.
    var closure: Value
    /// Tuple of the last positional parameters' defaults, or None.
    var defaults: Value
    /// Dict of keyword-only parameters' defaults, or None.
    var keywordDefaults: Value
    var name: Value
    var qualifiedName: Value
    /// Absent: the first constant of the code (see `documentation`).
    var doc: Value
    var module: Value
    var annotations: Value
    var typeParameters: Value
    /// `__dict__`, made on demand.
    var dictionary: DictRef?

    static let shape = ShapeID(Kind.function.rawValue)
}

/// A function of the script in the heap.
public typealias FunctionRef = UnsafeMutablePointer<Function>

extension Function {
    static func make(_ code: CodeRef, _ globals: DictRef) -> FunctionRef {
        let function = allocateObject(MemoryLayout<Function>.size, .function, shape).assumingMemoryBound(to: Function.self)
        let header = function.pointee.header
        let hasDocumentation = code.codeFlags.contains(.hasDocstring) && code.pointee.constantCount > 0
        function.initialize(
            to: Function(
                header: header, code: code, globals: globals, closure: .none, defaults: .none, keywordDefaults: .none,
                name: code.pointee.name, qualifiedName: code.pointee.qualifiedName,
                doc: hasDocumentation ? .absent : .none, module: .absent, annotations: .absent,
                typeParameters: .absent, dictionary: nil))
        return function
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let function = object.assumingMemoryBound(to: Function.self)
        marker.mark(function.pointee.code)
        marker.mark(function.pointee.globals)
        marker.mark(function.pointee.closure)
        marker.mark(function.pointee.defaults)
        marker.mark(function.pointee.keywordDefaults)
        marker.mark(function.pointee.name)
        marker.mark(function.pointee.qualifiedName)
        marker.mark(function.pointee.doc)
        marker.mark(function.pointee.module)
        marker.mark(function.pointee.annotations)
        marker.mark(function.pointee.typeParameters)
        marker.mark(function.pointee.dictionary)
    }
}

extension UnsafeMutablePointer<Function> {
    /// `__doc__`. Code in an image is not read before it is asked for.
    var documentation: Value {
        if pointee.doc.isAbsent {
            pointee.code.readBody()
            writeBarrier(self)
            pointee.doc = pointee.code.constants[0]
        }
        return pointee.doc
    }
}

/// A variable that an inner function captures.
struct Cell {
    var header: ObjectHeader
    /// Absent while unbound.
    var value: Value

    static func make(_ value: Value) -> UnsafeMutablePointer<Cell> {
        let cell = allocateObject(MemoryLayout<Cell>.size, .cell, ShapeID(Kind.cell.rawValue)).assumingMemoryBound(to: Cell.self)
        cell.pointee.value = value
        return cell
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: Cell.self).pointee.value)
    }
}

extension UnsafeMutablePointer<Cell> {
    /// Binds the variable.
    @inline(__always)
    func set(_ value: Value) {
        writeBarrier(self)
        pointee.value = value
    }
}

/// A function together with the object it was found on.
public struct BoundMethod {
    var header: ObjectHeader
    var function: Value
    var receiver: Value

    /// A method bound to a receiver, neither of them looked at.
    public static func make(_ function: Value, _ receiver: Value) -> UnsafeMutablePointer<BoundMethod> {
        let method = allocateObject(MemoryLayout<BoundMethod>.size, .boundMethod, ShapeID(Kind.boundMethod.rawValue))
            .assumingMemoryBound(to: BoundMethod.self)
        method.pointee.function = function
        method.pointee.receiver = receiver
        return method
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let method = object.assumingMemoryBound(to: BoundMethod.self)
        marker.mark(method.pointee.function)
        marker.mark(method.pointee.receiver)
    }
}
