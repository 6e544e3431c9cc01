// The functions of `builtins`. One row each.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

enum BuiltinFunctions {
    static let all: [Native] = objects + numbers + iteration + namespaces

    private static let objects: [Native] = [
        Native("__build_class__(func, name, /, *bases, **kwds)", "Internal helper function used by the class statement.", .function, buildClass),
        Native("callable(obj, /)", "Return whether the object is callable (i.e., some kind of function).") { args throws(Raised) in
            Value(args[0].cls.has(.call))
        },
        Native("isinstance(obj, class_or_tuple, /)", "Return whether an object is an instance of a class or of a subclass thereof.") { args throws(Raised) in
            Value(try isInstance(args[0], args[1]))
        },
        Native("issubclass(cls, class_or_tuple, /)", "Return whether 'cls' is derived from another class or is the same class.") { args throws(Raised) in
            Value(try isSubclass(args[0], args[1]))
        },
        Native("id(obj, /)", "Return the identity of an object.") { args throws(Raised) in
            args[0].isPointer ? Value(Int(args[0].bits & Value.addressMask)) : identityOfImmediate(args[0])
        },
        Native("hash(obj, /)", "Return the hash value for the given object.") { args throws(Raised) in Value(try hash(args[0])) },
        Native("len(obj, /)", "Return the number of items in a container.") { args throws(Raised) in Value(try length(args[0])) },
        Native("repr(obj, /)", "Return the canonical string representation of the object.") { args throws(Raised) in Value(try repr(args[0])) },
        Native("ascii(obj, /)", "Return an ASCII-only representation of an object.") { args throws(Raised) in Value(try ascii(args[0])) },
        Native("format(value, format_spec='', /)", "Return type(value).__format__(value, format_spec)") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("format() argument 2 must be str, not \(typeName(args[1]))") }
            return Value(try format(args[0], args[1].object(Str.self)))
        },
        Native("getattr(object, name, default=?, /)", "Get a named attribute from an object.") { args throws(Raised) in
            let name = try attributeName(args[1])
            return args.has(2) ? try getAttribute(args[0], name, default: args[2]) : try getAttribute(args[0], name)
        },
        Native("hasattr(obj, name, /)", "Return whether the object has an attribute with the given name.") { args throws(Raised) in
            Value(try !getAttribute(args[0], try attributeName(args[1]), default: .absent).isAbsent)
        },
        Native("setattr(obj, name, value, /)", "Sets the named attribute on the given object to the specified value.") { args throws(Raised) in
            try setAttribute(args[0], try attributeName(args[1]), args[2])
            return .none
        },
        Native("delattr(obj, name, /)", "Deletes the named attribute from the given object.") { args throws(Raised) in
            try deleteAttribute(args[0], try attributeName(args[1]))
            return .none
        },
    ]

    /// Small integers, floats and constants have identities of their own: their bits.
    private static func identityOfImmediate(_ value: Value) -> Value { Value(Int(bitPattern: UInt(value.bits)) & Int.max) }

    private static let numbers: [Native] = [
        Native("abs(x, /)", "Return the absolute value of the argument.") { args throws(Raised) in
            let x = args[0]
            if x.isInlineInt { return Value(abs(x.inlineInt)) }
            if x.isFloat { return Value(abs(x.float)) }
            let method = x.cls.special(.abs)
            guard !method.isAbsent else { throw typeError("bad operand type for abs(): '\(typeName(x))'") }
            return try callUnbound(method, x)
        },
        Native("divmod(x, y, /)", "Return the tuple (x//y, x%y).") { args throws(Raised) in try divmod(args[0], args[1]) },
        Native("pow(base, exp, mod=None)", "Equivalent to base**exp with 2 arguments or base**exp % mod with 3 arguments.") { args throws(Raised) in
            try power(args[0], args[1], modulus: args[2])
        },
        Native("round(number, ndigits=None)", "Round a number to a given precision in decimal digits.") { args throws(Raised) in
            let method = args[0].cls.special(.round)
            guard !method.isAbsent else { throw typeError("type \(typeName(args[0])) doesn't define __round__ method") }
            return args[1].isNone ? try callUnbound(method, args[0]) : try callUnbound(method, args[0], args[1])
        },
        Native("bin(number, /)", "Return the binary representation of an integer.") { args throws(Raised) in try digits(args[0], 2, "0b") },
        Native("oct(number, /)", "Return the octal representation of an integer.") { args throws(Raised) in try digits(args[0], 8, "0o") },
        Native("hex(number, /)", "Return the hexadecimal representation of an integer.") { args throws(Raised) in try digits(args[0], 16, "0x") },
        Native("chr(i, /)", "Return a Unicode string of one character with ordinal i; 0 <= i <= 0x10ffff.") { args throws(Raised) in
            let int = try indexValue(args[0])
            guard let codePoint = machineInt(int), codePoint >= 0, codePoint <= 0x10FFFF else {
                throw valueError("chr() arg not in range(0x110000)")
            }
            return Value(Str.make(codePoint: UInt32(codePoint)))
        },
        Native("ord(c, /)", "Return the Unicode code point for a one-character string.") { args throws(Raised) in
            let value = args[0]
            var count = 0
            if value.isKind(.str) {
                count = value.object(Str.self).count
                if count == 1 { return Value(Int(value.object(Str.self).codePoint(at: 0))) }
            } else if value.isKind(.bytes) {
                count = value.object(BytesObject.self).pointee.count
                if count == 1 { return Value(Int(value.object(BytesObject.self).bytes[0])) }
            } else if value.isKind(.bytearray) {
                count = value.object(ByteArray.self).pointee.count
                if count == 1 { return Value(Int(value.object(ByteArray.self).buffer[0])) }
            } else {
                throw typeError("ord() expected string of length 1, but \(typeName(value)) found")
            }
            throw typeError("ord() expected a character, but string of length \(count) found")
        },
    ]

    private static func digits(_ value: Value, _ radix: Int, _ prefix: StaticString) throws(Raised) -> Value {
        let number = plainInt(try indexValue(value))
        if let machine = machineInt(number) {
            return Value(withIntegerText(machine, radix: radix, prefix: prefix) { Str.make($0) })
        }
        let text = String(decoding: IntObject.text(number, radix: radix), as: UTF8.self)
        return Value(Str.make(text.hasPrefix("-") ? "-\(prefix)\(text.dropFirst())" : "\(prefix)\(text)"))
    }

    private static let iteration: [Native] = [
        Native("iter(object, sentinel=?, /)", "Get an iterator from an object.") { args throws(Raised) in
            guard args.has(1) else { return try iterator(args[0]) }
            guard args[0].cls.has(.call) else { throw typeError("iter(v, w): v must be callable") }
            return BoxedObject.make(CallIterator(args[0], args[1]), CallIterator.cls)
        },
        Native("next(iterator, default=?, /)", "Return the next item from the iterator.") { args throws(Raised) in
            let iterator = args[0]
            guard iterator.cls.has(.next) else { throw typeError("'\(typeName(iterator))' object is not an iterator") }
            if iterator.isKind(.generator) || iterator.isKind(.sequenceIterator) || iterator.isKind(.rangeIterator) {
                let value = try TinyRuntime.next(iterator)
                if !value.isAbsent { return value }
                if args.has(1) { return args[1] }
                throw stopIteration(iterator.isKind(.generator) ? currentThread().pointee.result : .none)
            }
            do throws(Raised) {
                return try callUnbound(iterator.cls.special(.next), iterator)
            } catch {
                guard args.has(1), currentThread().raisedIs(.stopIteration) else { throw error }
                _ = currentThread().takeRaised()
                return args[1]
            }
        },
        Native("aiter(async_iterable, /)", "Return an AsyncIterator for an AsyncIterable object.") { args throws(Raised) in
            let method = args[0].cls.special(.aiter)
            guard !method.isAbsent else { throw typeError("'\(typeName(args[0]))' object is not an async iterable") }
            return try callUnbound(method, args[0])
        },
        Native("anext(async_iterator, default=?, /)", "Return the next item from the async iterator.") { args throws(Raised) in
            let method = args[0].cls.special(.anext)
            guard !method.isAbsent else { throw typeError("'\(typeName(args[0]))' object is not an async iterator") }
            let awaitable = try callUnbound(method, args[0])
            guard args.has(1) else { return awaitable }
            return try callValue(try getAttribute(try importModule("_async_support"), "anext_default"), awaitable, args[1])
        },
        Native("all(iterable, /)", "Return True if bool(x) is True for all values x in the iterable.") { args throws(Raised) in
            var result = true
            try forEach(args[0]) { value throws(Raised) in
                result = try truth(value)
                return result
            }
            return Value(result)
        },
        Native("any(iterable, /)", "Return True if bool(x) is True for any x in the iterable.") { args throws(Raised) in
            var result = false
            try forEach(args[0]) { value throws(Raised) in
                result = try truth(value)
                return !result
            }
            return Value(result)
        },
        Native("sum(iterable, /, start=0)", "Return the sum of a 'start' value (default: 0) plus an iterable of numbers") { args throws(Raised) in
            let items = try iterator(args[0])
            if args[1].isKind(.str) { throw typeError("sum() can't sum strings [use ''.join(seq) instead]") }
            if args[1].isKind(.bytes) { throw typeError("sum() can't sum bytes [use b''.join(seq) instead]") }
            if args[1].isKind(.bytearray) { throw typeError("sum() can't sum bytearray [use b''.join(seq) instead]") }
            return try sum(items, args[1])
        },
        Native("min(*args, key=None, default=?)", "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its smallest item.") { args throws(Raised) in
            try extremum("min", args, operatorIndex: 0)
        },
        Native("max(*args, key=None, default=?)", "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nWith a single iterable argument, return its biggest item.") { args throws(Raised) in
            try extremum("max", args, operatorIndex: 4)
        },
        Native("sorted(iterable, /, *, key=None, reverse=False)", "Return a new list containing all items from the iterable in ascending order.", .plainFunction) { args throws(Raised) in
            let list = try makeList(args[0])
            try sort(list, key: args[1], reverse: try truth(args[2]))
            return Value(list)
        },
    ]

    /// Floats are summed with compensation (Neumaier), as CPython does since 3.12.
    private static func sum(_ iterable: Value, _ start: Value) throws(Raised) -> Value {
        var total = start
        var isFloating = false
        var high = 0.0
        var low = 0.0
        try forEach(iterable) { value throws(Raised) in
            if isFloating {
                if value.isFloat || value.isInlineInt {
                    let x = value.isFloat ? value.float : Double(value.inlineInt)
                    let next = high + x
                    low += abs(high) >= abs(x) ? (high - next) + x : (x - next) + high
                    high = next
                    return true
                }
                isFloating = false
                total = Value(low != 0 && low.isFinite ? high + low : high)
            } else if total.isInlineInt, value.isInlineInt {
                total = Value(total.inlineInt + value.inlineInt)
                return true
            } else if total.isFloat || total.isInlineInt && value.isFloat {
                if value.isFloat || value.isInlineInt {
                    isFloating = true
                    high = total.isFloat ? total.float : Double(total.inlineInt)
                    low = 0
                    let x = value.isFloat ? value.float : Double(value.inlineInt)
                    let next = high + x
                    low += abs(high) >= abs(x) ? (high - next) + x : (x - next) + high
                    high = next
                    return true
                }
            }
            total = try binary(0, total, value)
            return true
        }
        return isFloating ? Value(low != 0 && low.isFinite ? high + low : high) : total
    }

    private static func extremum(_ name: String, _ args: Arguments, operatorIndex: Int) throws(Raised) -> Value {
        let positional = args[0].object(Tuple.self)
        guard positional.count > 0 else { throw typeError("\(name) expected at least 1 argument, got 0") }
        if positional.count > 1, args.has(2) {
            throw typeError("Cannot specify a default for \(name)() with multiple positional arguments")
        }
        let source = positional.count == 1 ? positional.items[0] : args[0]
        let key = args[1]
        var best = Value.absent
        var bestKey = Value.absent
        try forEach(source) { value throws(Raised) in
            let candidate = key.isNone ? value : try callValue(key, value)
            if best.isAbsent {
                best = value
                bestKey = candidate
            } else if try compareTruth(operatorIndex, candidate, bestKey) {
                best = value
                bestKey = candidate
            }
            return true
        }
        if !best.isAbsent { return best }
        if args.has(2) { return args[2] }
        throw valueError("\(name)() iterable argument is empty")
    }

    private static let namespaces: [Native] = [
        Native("globals()", "Return the dictionary containing the current scope's global variables.") { args throws(Raised) in
            guard let frame = currentThread().scriptFrame else { return Value(Dict.make()) }
            return Value(frame.header.pointee.globals)
        },
        Native("locals()", "Return a dictionary containing the current scope's local variables.") { args throws(Raised) in
            guard let frame = currentThread().scriptFrame else { return Value(Dict.make()) }
            return frameLocals(frame)
        },
        Native("vars(object=?, /)", "Without arguments, equivalent to locals(). With an argument, equivalent to object.__dict__.") { args throws(Raised) in
            guard args.has(0) else { return currentThread().scriptFrame.map { frameLocals($0) } ?? Value(Dict.make()) }
            let own = try getAttribute(args[0], Names.dict, default: .absent)
            if own.isAbsent { throw typeError("vars() argument must have __dict__ attribute") }
            return own
        },
        Native("dir(object=?, /)", "If called without an argument, return the names in the current scope.") { args throws(Raised) in
            let names: ListRef
            if args.has(0) {
                let method = args[0].cls.special(.dir)
                let own = args[0].isKind(.module)
                    ? args[0].object(ModuleObject.self).pointee.namespace.get(SpecialName.dir.string) : .absent
                names = try makeList(own.isAbsent ? try callUnbound(method, args[0]) : try callValue(own))
            } else {
                let scope = currentThread().scriptFrame.map { frameLocals($0) } ?? Value(Dict.make())
                names = try makeList(scope.isExactly(.dict) ? scope : try callMethod(scope, Names.keys))
            }
            try sort(names, key: .none, reverse: false)
            return Value(names)
        },
        Native("compile(source, filename, mode, flags=0, dont_inherit=False, optimize=-1)", "Compile source into a code object.", .function, compileSource),
        Native("exec(source, /, globals=None, locals=None, *, closure=None)", "Execute the given source in the context of globals and locals.") { args throws(Raised) in
            _ = try evaluate(args, mode: .file)
            return .none
        },
        Native("eval(source, /, globals=None, locals=None)", "Evaluate the given source in the context of globals and locals.") { args throws(Raised) in
            try evaluate(args, mode: .expression)
        },
        Native("__import__(name, globals=None, locals=None, fromlist=(), level=0)", "Import a module.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("module name must be a string") }
            let level = try index(args[4])
            if level > 0, !args[1].isNone, !args[1].isKind(.dict) { throw typeError("globals must be a dict") }
            return try importByName(
                args[0].object(Str.self), globals: args[1].isKind(.dict) ? args[1].object(Dict.self) : nil,
                fromList: args[3], level: level)
        },
        Native("print(*args, sep=' ', end='\\n', file=None, flush=False)", "Prints the values to a stream, or to sys.stdout by default.", .function, printValues),
        Native("breakpoint(*args, **kws)", "Call sys.breakpointhook(*args, **kws).") { args throws(Raised) in
            let hook = Runtime.sysModule.pointee.namespace.get(StrTables.intern("breakpointhook"))
            if hook.isAbsent { throw raise(.runtimeError, "lost sys.breakpointhook") }
            return try callValue(hook, args[0].object(Tuple.self), args[1].object(Dict.self))
        },
    ]

    private static func sourceBytes(_ source: Value, _ function: String) throws(Raised) -> [UInt8] {
        switch source.kind {
        case .str:
            let text = source.object(Str.self)
            if text.hasSurrogates { _ = try Codecs.encode(text, .utf8, .strict) }
            return Array(text.buffer)
        case .bytes: return Array(source.object(BytesObject.self).buffer)
        case .bytearray: return Array(source.object(ByteArray.self).buffer)
        default:
            if let view = try BufferView.view(source) { return Array(view.octets) }
            throw typeError("\(function)() arg 1 must be a string, bytes or \(function == "compile" ? "AST" : "code") object")
        }
    }

    private static func compileSource(_ args: Arguments) throws(Raised) -> Value {
        if args[0].isKind(.code) { return args[0] }
        var path = try SystemPath.fspath(args[1])
        if path.isKind(.bytes) { path = try SystemPath.decode(path.object(BytesObject.self).buffer as Octets) }
        let fileName = try str(path).string
        let mode: Parse.Mode
        switch try str(args[2]).string {
        case "exec": mode = .file
        case "eval": mode = .expression
        case "single": mode = .interactive
        default: throw valueError("compile() mode must be 'exec', 'eval' or 'single'")
        }
        var options = Runtime.compileOptions
        options.usesNamespace = true
        options.isInteractive = mode == .interactive
        let flags = try index(args[3])
        guard flags & ~0x1FF_F610 == 0 else { throw valueError("compile(): unrecognised flags") }
        if let made = try compileTree(args, fileName: fileName, onlyTree: flags & 0x400 != 0) { return made }
        options.allowsTopLevelAwait = flags & 0x2000 != 0
        inherit(CodeFlags(rawValue: UInt32(truncatingIfNeeded: flags)), &options)
        if try !truth(args[4]) { inheritFeatures(&options) }
        let level = try index(args[5])
        if level >= 0 { options.optimizationLevel = level }
        if AuditHooks.listen { try AuditHooks.tell("compile", args[0], Value(Str.make(fileName))) }
        let origin: Parse.Origin = args[0].isKind(.str) ? .text : .bytes
        var text = try sourceBytes(args[0], "compile")
        // A prompt asks with PyCF_DONT_IMPLY_DEDENT whether a block could go on; else the end of the text ends an
        // indented one.
        if mode == .interactive, flags & 0x200 == 0, text.last != 0x0A, text.contains(0x0A) { text.append(0x0A) }
        return Value(
            try Runtime.compile(
                text, fileName: fileName, mode: mode, origin: origin, options: options))
    }

    /// A text takes over what the script that has it compiled imported from `__future__`.
    private static func inheritFeatures(_ options: inout CompileOptions) {
        guard let frame = currentThread().scriptFrame else { return }
        inherit(frame.header.pointee.code.codeFlags, &options)
    }

    private static func inherit(_ flags: CodeFlags, _ options: inout CompileOptions) {
        if flags.contains(.futureAnnotations) { options.inheritedFeatures.insert(.annotations) }
        if flags.contains(.futureBarryAsFLUFL) { options.inheritedFeatures.insert(.barryAsFLUFL) }
    }

    /// Trees, as source or as what is wanted, are the business of `ast`.
    private static func compileTree(_ args: Arguments, fileName: String, onlyTree: Bool) throws(Raised) -> Value? {
        let name = Value(Str.make(fileName))
        let known = Runtime.modules.get(StrTables.intern("ast"))
        if args[0].isKind(.instance), !known.isAbsent {
            let base = try getAttribute(known, "AST")
            guard base.isKind(.class), args[0].cls.isSubclass(of: base.object(ClassObject.self)) else { return nil }
            return try callWith(try getAttribute(known, "_compile"), [args[0], name, args[2], args[3], args[5]])
        }
        guard onlyTree, !args[0].isKind(.instance) else { return nil }
        let folds = try index(args[3]) & 0x8000 != 0
        return try callWith(
            try getAttribute(try importModule("ast"), "_tree"), [args[0], name, args[2], Value(folds), args[5]])
    }

    private static func evaluate(_ args: Arguments, mode: Parse.Mode) throws(Raised) -> Value {
        let name = mode == .file ? "exec" : "eval"
        let t = currentThread()
        let globals: DictRef
        if args[1].isNone {
            guard let frame = t.scriptFrame else { throw raise(.systemError, "globals and locals cannot be NULL") }
            globals = frame.header.pointee.globals
        } else {
            guard args[1].isKind(.dict) else {
                throw typeError(
                    name == "exec" ? "exec() globals must be a dict, not \(typeName(args[1]))" : "globals must be a dict")
            }
            globals = args[1].object(Dict.self)
        }
        var locals = args[2]
        if locals.isNone, args[1].isNone, let frame = t.scriptFrame {
            let found = frameLocals(frame)
            locals = found == Value(globals) ? .none : found
        } else if !locals.isNone, !locals.cls.has(.getitem) {
            throw typeError(
                name == "exec" ? "locals must be a mapping or None, not \(typeName(locals))" : "locals must be a mapping")
        }
        let code: CodeRef
        if args[0].isKind(.code) {
            code = args[0].object(Code.self)
        } else {
            var bytes = try sourceBytes(args[0], name)
            if mode == .expression { bytes = Array(bytes.drop { $0 == 0x20 || $0 == 0x09 }) }
            var options = Runtime.compileOptions
            options.usesNamespace = true
            inheritFeatures(&options)
            if AuditHooks.listen { try AuditHooks.tell("compile", args[0], Value(StrTables.intern("<string>"))) }
            let origin: Parse.Origin = args[0].isKind(.str) ? .text : .bytes
            code = try Runtime.compile(bytes, fileName: "<string>", mode: mode, origin: origin, options: options)
        }
        let closure = mode == .file ? args[3] : .none
        try checkClosure(closure, of: code, isSource: !args[0].isKind(.code), name)
        if AuditHooks.listen { try AuditHooks.tell("exec", Value(code)) }
        return try Runtime.execute(code, globals: globals, locals: locals.isNone ? Value(globals) : locals, closure: closure)
    }

    /// What `exec` is given as the cells of a code object's free variables must fit; `eval` takes none.
    private static func checkClosure(_ closure: Value, of code: CodeRef, isSource: Bool, _ name: String) throws(Raised) {
        let free = code.pointee.freeNames.object(Tuple.self).count
        if isSource, !closure.isNone { throw typeError("closure can only be used when source is a code object") }
        guard free > 0 else {
            if !closure.isNone { throw typeError("cannot use a closure with this code object") }
            return
        }
        if name == "eval" { throw typeError("code object passed to eval() may not contain free variables") }
        guard closure.isExactly(.tuple), closure.object(Tuple.self).count == free,
            (0 ..< free).allSatisfy({ closure.object(Tuple.self).items[$0].isKind(.cell) })
        else { throw typeError("code object requires a closure of exactly length \(free)") }
    }

    private static func printValues(_ args: Arguments) throws(Raised) -> Value {
        let values = args[0].object(Tuple.self)
        var file = args[3]
        if file.isNone {
            file = Runtime.sysModule.pointee.namespace.get(Names.stdout)
            if file.isAbsent { throw raise(.runtimeError, "lost sys.stdout") }
            if file.isNone { return .none }
        }
        if !args[1].isNone, !args[1].isKind(.str) { throw notSeparator(args[1], "sep") }
        if !args[2].isNone, !args[2].isKind(.str) { throw notSeparator(args[2], "end") }
        if IOClasses.takesWholeLines(file) {
            try printLine(values, args, file)
        } else {
            try printPieces(values, args, file)
        }
        if try truth(args[4]) { _ = try callMethod(file, Names.flush) }
        return .none
    }

    @inline(never)
    private static func notSeparator(_ value: Value, _ name: String) -> Raised {
        typeError("\(name) must be None or a string, not \(typeName(value))")
    }

    /// To any object with a `write`: a call for each value, for each separator and for the end, as whoever counts them expects.
    private static func printPieces(_ values: TupleRef, _ args: Arguments, _ file: Value) throws(Raised) {
        for index in 0 ..< values.count {
            if index > 0 { try writePiece(file, args[1].isNone ? Value(StrTables.intern(" ")) : args[1]) }
            try writePiece(file, Value(try str(values.items[index])))
        }
        try writePiece(file, args[2].isNone ? Value(StrTables.intern("\n")) : args[2])
    }

    private static func writePiece(_ file: Value, _ text: Value) throws(Raised) { _ = try callMethod(file, Names.write, text) }

    /// To a stream of our own: one write, so that lines of several threads don't mix.
    private static func printLine(_ values: TupleRef, _ args: Arguments, _ file: Value) throws(Raised) {
        var text = TextBuilder(capacity: 120)
        for index in 0 ..< values.count {
            if index > 0 { if args[1].isNone { text.append(" ") } else { text.append(args[1].object(Str.self)) } }
            text.append(try str(values.items[index]))
        }
        if args[2].isNone { text.append("\n") } else { text.append(args[2].object(Str.self)) }
        try writeText(file, text.bytes)
    }
}

/// The local variables of a frame as `locals()` gives them: a snapshot for functions, the namespace itself elsewhere.
func frameLocals(_ r: Registers) -> Value {
    let header = r.header
    let code = header.pointee.code
    if code.pointee.localCount > 0, !code.codeFlags.contains(.optimized), let hidden = frameObject(of: r).hiddenVariables {
        return Value(hidden)
    }
    if header.pointee.flags.contains(.hasNamespace) { return header.pointee.extra }
    guard code.codeFlags.contains(.optimized) else { return Value(header.pointee.globals) }
    return Value(frameObject(of: r).variables)
}

/// `iter(function, sentinel)`.
final class CallIterator: IteratorObject {
    private var function: Value
    private let sentinel: Value

    init(_ function: Value, _ sentinel: Value) {
        self.function = function
        self.sentinel = sentinel
    }

    /// How it is pickled: by its function and sentinel, or as the end of an empty iterator.
    func reduce() throws(Raised) -> Value {
        let iter = try Runtime.builtin("iter")
        let rest = function.isNone ? Tuple.make(Value(Tuple.make())) : Tuple.make(function, sentinel)
        return Value(Tuple.make(iter, Value(rest)))
    }

    override func next() throws(Raised) -> Value {
        if function.isNone { return .absent }
        let value: Value
        do {
            value = try callValue(function)
        } catch {
            guard currentThread().raisedIs(.stopIteration) else { throw error }
            _ = currentThread().takeRaised()
            function = .none
            return .absent
        }
        // The call may have exhausted this very iterator.
        if function.isNone { return .absent }
        if try equal(value, sentinel) {
            function = .none
            return .absent
        }
        return value
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(sentinel)
    }

    nonisolated(unsafe) static let cls = ClassObject.makeNative(
        "callable_iterator", kind: .box, bases: [Runtime.objectClass]
    ).filled(NativeClass("callable_iterator", kind: .box, methods: nativeIteratorMethods + [
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            guard let own = args[0].boxed(CallIterator.self) else { return .none }
            return try own.reduce()
        }
    ]))
}

/// `__iter__` and `__next__` of every class whose instances box an IteratorObject.
public let nativeIteratorMethods: [Native] = [
    Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in args[0] },
    Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
        guard args[0].isKind(.box), args[0].object(BoxedObject.self).isIteratorObject else { throw typeError("not an iterator") }
        let value = try args[0].object(BoxedObject.self).withIterator { native throws(Raised) in try native.next() }
        if value.isAbsent { throw raise(.stopIteration) }
        return value
    },
]
