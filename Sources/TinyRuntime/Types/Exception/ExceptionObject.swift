// Exceptions: the object, and the hierarchy of the built-in classes.

/// An exception of any class.
public struct ExceptionObject {
    var header: ObjectHeader
    /// Tuple.
    public var args: Value
    var traceback: Value
    var cause: Value
    /// `__context__`: the exception that was being handled when this one was raised, or None.
    public var context: Value
    var dictionary: DictRef?
    /// What the class keeps besides `args` (OSError's errno, StopIteration's value …): a list indexed by its members.
    var fields: ListRef?
    /// `raise … from …` hides the context.
    var suppressesContext: Bool
}

/// An exception in the heap.
public typealias ExceptionRef = UnsafeMutablePointer<ExceptionObject>

extension ExceptionObject {
    /// An exception of a class that needs no initialisation beyond its arguments.
    public static func make(_ cls: ClassRef, _ args: TupleRef) -> ExceptionRef {
        // The root shape of a ready class exists.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let exception = allocateObject(MemoryLayout<ExceptionObject>.size, .exception, shape)
            .assumingMemoryBound(to: ExceptionObject.self)
        let header = exception.pointee.header
        exception.initialize(
            to: ExceptionObject(
                header: header, args: Value(args), traceback: .none, cause: .none, context: .none,
                dictionary: nil, fields: nil, suppressesContext: false))
        if cls.pointee.flags.contains(.hasDel) { heap.finalizeInTime(UnsafeMutableRawPointer(exception)) }
        return exception
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let exception = object.assumingMemoryBound(to: ExceptionObject.self)
        marker.mark(exception.pointee.args)
        marker.mark(exception.pointee.traceback)
        marker.mark(exception.pointee.cause)
        marker.mark(exception.pointee.context)
        marker.mark(exception.pointee.dictionary)
        marker.mark(exception.pointee.fields)
    }
}

extension ExceptionRef {
    /// Sets the context unless that would make a cycle.
    func setContext(_ handled: Value) {
        guard handled.isKind(.exception), handled != Value(self) else { return }
        // A script may have made a cycle: a second pointer at half the speed meets the first in it.
        var link = handled
        var slow = handled
        var isOddStep = false
        while link.isKind(.exception) {
            let next = link.object(ExceptionObject.self).pointee.context
            if next == Value(self) {
                link.object(ExceptionObject.self).pointee.context = .none
                break
            }
            link = next
            if link == slow { break }
            if isOddStep { slow = slow.object(ExceptionObject.self).pointee.context }
            isOddStep.toggle()
        }
        pointee.context = handled
    }

    /// The first argument, or None.
    var firstArgument: Value {
        let args = pointee.args.object(Tuple.self)
        return args.count > 0 ? args.items[0] : .none
    }
}

/// The built-in exception classes, in an order in which each follows its base.
public enum ExceptionName: Int, CaseIterable, Sendable {
    case baseException, exception, baseExceptionGroup, systemExit, keyboardInterrupt, generatorExit
    case stopIteration, stopAsyncIteration, arithmeticError, floatingPointError, overflowError, zeroDivisionError
    case assertionError, attributeError, bufferError, eofError, importError, moduleNotFoundError, lookupError
    case indexError, keyError, memoryError, nameError, unboundLocalError, osError, blockingIOError, childProcessError
    case connectionError, brokenPipeError, connectionAbortedError, connectionRefusedError, connectionResetError
    case fileExistsError, fileNotFoundError, interruptedError, isADirectoryError, notADirectoryError
    case permissionError, processLookupError, timeoutError, referenceError, runtimeError, notImplementedError
    case recursionError, pythonFinalizationError, deadlockError, syntaxError, incompleteInputError, indentationError, tabError
    case systemError
    case typeError, valueError, unicodeError, unicodeDecodeError, unicodeEncodeError, unicodeTranslateError
    case exceptionGroup
    case warning, bytesWarning, deprecationWarning, encodingWarning, futureWarning, importWarning
    case pendingDeprecationWarning, resourceWarning, runtimeWarning, syntaxWarning, unicodeWarning, userWarning

    /// The classes' names in the language, in the order of the cases (written out: reflection is slow).
    static let names: [StaticString] = [
        "BaseException", "Exception", "BaseExceptionGroup", "SystemExit", "KeyboardInterrupt", "GeneratorExit",
        "StopIteration", "StopAsyncIteration", "ArithmeticError", "FloatingPointError", "OverflowError",
        "ZeroDivisionError", "AssertionError", "AttributeError", "BufferError", "EOFError", "ImportError",
        "ModuleNotFoundError", "LookupError", "IndexError", "KeyError", "MemoryError", "NameError",
        "UnboundLocalError", "OSError", "BlockingIOError", "ChildProcessError", "ConnectionError", "BrokenPipeError",
        "ConnectionAbortedError", "ConnectionRefusedError", "ConnectionResetError", "FileExistsError",
        "FileNotFoundError", "InterruptedError", "IsADirectoryError", "NotADirectoryError", "PermissionError",
        "ProcessLookupError", "TimeoutError", "ReferenceError", "RuntimeError", "NotImplementedError",
        "RecursionError", "PythonFinalizationError", "DeadlockError", "SyntaxError", "_IncompleteInputError", "IndentationError", "TabError",
        "SystemError", "TypeError", "ValueError", "UnicodeError", "UnicodeDecodeError", "UnicodeEncodeError",
        "UnicodeTranslateError", "ExceptionGroup", "Warning", "BytesWarning", "DeprecationWarning", "EncodingWarning",
        "FutureWarning", "ImportWarning", "PendingDeprecationWarning", "ResourceWarning", "RuntimeWarning",
        "SyntaxWarning", "UnicodeWarning", "UserWarning",
    ]

    /// The class's name in the language.
    var name: StaticString { Self.names[rawValue] }

    var base: ExceptionName? {
        switch self {
        case .baseException: nil
        case .exception, .baseExceptionGroup, .systemExit, .keyboardInterrupt, .generatorExit: .baseException
        case .floatingPointError, .overflowError, .zeroDivisionError: .arithmeticError
        case .moduleNotFoundError: .importError
        case .indexError, .keyError: .lookupError
        case .unboundLocalError: .nameError
        case .blockingIOError, .childProcessError, .connectionError, .fileExistsError, .fileNotFoundError,
            .interruptedError, .isADirectoryError, .notADirectoryError, .permissionError, .processLookupError,
            .timeoutError:
            .osError
        case .brokenPipeError, .connectionAbortedError, .connectionRefusedError, .connectionResetError: .connectionError
        case .notImplementedError, .recursionError, .pythonFinalizationError, .deadlockError: .runtimeError
        case .incompleteInputError, .indentationError: .syntaxError
        case .tabError: .indentationError
        case .unicodeError: .valueError
        case .unicodeDecodeError, .unicodeEncodeError, .unicodeTranslateError: .unicodeError
        case .exceptionGroup: .baseExceptionGroup
        case .bytesWarning, .deprecationWarning, .encodingWarning, .futureWarning, .importWarning,
            .pendingDeprecationWarning, .resourceWarning, .runtimeWarning, .syntaxWarning, .unicodeWarning,
            .userWarning:
            .warning
        case .stopIteration, .stopAsyncIteration, .arithmeticError, .assertionError, .attributeError, .bufferError,
            .eofError, .importError, .lookupError, .memoryError, .nameError, .osError, .referenceError, .runtimeError,
            .syntaxError, .systemError, .typeError, .valueError, .warning:
            .exception
        }
    }

    /// The class of that name. Once the runtime has started.
    @inline(__always)
    public var cls: ClassRef { ExceptionName.classes[rawValue] }

    /// Filled when the runtime starts.
    nonisolated(unsafe) static let classes = UnsafeMutablePointer<ClassRef>.allocate(capacity: allCases.count)
}
