// `_dis`: what `dis` shows of code: the compiler's listing, one row per instruction, as it was before any quickening.
import TinyCompiler
import TinyRuntime

enum DisModule {
    static let nativeModule = NativeModule("_dis", doc: "Instructions of code objects.", functions: { functions })

    private static let functions: [Native] = [
        Native("instructions(code, /)", "A list of (offset, opcode, operand text, jump target or None, is a jump target, index of a constant or None).") { args throws(Raised) in
            let list = List.make()
            for row in Disassembler.rows(try unit(args[0])) {
                list.append(
                    Value(Tuple.make(
                        Value(row.offset), Value(row.opcode), Value(Str.make(row.operands)),
                        row.jumpTarget.map { Value($0) } ?? .none, Value(row.isTarget), row.constant.map { Value($0) } ?? .none)))
            }
            return Value(list)
        },
        Native("handlers(code, /)", "The table of exception handlers: a list of (start, end, target, register).") { args throws(Raised) in
            let list = List.make()
            for handler in try unit(args[0]).handlers {
                list.append(
                    Value(Tuple.make(
                        Value(Int(handler.start)), Value(Int(handler.end)), Value(Int(handler.target)),
                        Value(Int(handler.exceptionRegister)))))
            }
            return Value(list)
        },
        Native("registers(code, /)", "How many registers a frame of the code has.") { args throws(Raised) in
            Value(try unit(args[0]).registerCount)
        },
        Native("state(code, /)", "All that a code object is, as a tuple of plain values.") { args throws(Raised) in
            guard args[0].isKind(.code) else { throw typeError("a code object is required, not \(typeName(args[0]))") }
            return CodeState.make(args[0].object(Code.self))
        },
        Native("image(code, /)", "What the compiler has made, as bytes; None if the code has been changed since.") { args throws(Raised) in
            guard args[0].isKind(.code) else { throw typeError("a code object is required, not \(typeName(args[0]))") }
            return try CodeState.image(args[0].object(Code.self)).map { BytesObject.make($0) } ?? .none
        },
        Native("code(state, /)", "The code object with a state, or of an image.") { args throws(Raised) in try CodeState.read(args[0]) },
        Native("names()", "The names of all opcodes, by number.") { _ in
            let list = List.make()
            for opcode in Opcode.allCases {
                while list.count < Int(opcode.rawValue) { list.append(Value(Str.make("<\(list.count)>"))) }
                list.append(Value(Str.make("\(opcode)")))
            }
            return Value(list)
        },
    ]

    private static func unit(_ value: Value) throws(Raised) -> CodeUnit {
        guard value.isKind(.code) else { throw typeError("a code object is required, not \(typeName(value))") }
        return value.object(Code.self).unit
    }
}
