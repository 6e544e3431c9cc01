// Names that the runtime itself looks up, interned once.

/// Names in the form that look-ups want: one pointer each, for the whole run.
public enum Names {
    private static func interned(_ text: StaticString) -> StrRef { StrTables.intern(text) }

    /// `__name__`, interned.
    nonisolated(unsafe) public static let name = interned("__name__")
    /// `__qualname__`, interned (PEP 3155).
    nonisolated(unsafe) public static let qualname = interned("__qualname__")
    /// `__module__`: the key under which classes and functions name their module.
    nonisolated(unsafe) public static let module = interned("__module__")
    /// `__doc__`, interned.
    nonisolated(unsafe) public static let doc = interned("__doc__")
    nonisolated(unsafe) static let package = interned("__package__")
    nonisolated(unsafe) static let loader = interned("__loader__")
    nonisolated(unsafe) static let spec = interned("__spec__")
    nonisolated(unsafe) static let file = interned("__file__")
    nonisolated(unsafe) static let cached = interned("__cached__")
    nonisolated(unsafe) static let path = interned("__path__")
    nonisolated(unsafe) static let all = interned("__all__")
    nonisolated(unsafe) static let builtins = interned("__builtins__")
    nonisolated(unsafe) static let buildClass = interned("__build_class__")
    nonisolated(unsafe) static let importName = interned("__import__")
    nonisolated(unsafe) static let annotations = interned("__annotations__")
    nonisolated(unsafe) static let classcell = interned("__classcell__")
    nonisolated(unsafe) static let classdictcell = interned("__classdictcell__")
    nonisolated(unsafe) static let slots = interned("__slots__")
    nonisolated(unsafe) static let metaclass = interned("metaclass")
    nonisolated(unsafe) static let origBases = interned("__orig_bases__")
    nonisolated(unsafe) static let matchArgs = interned("__match_args__")
    nonisolated(unsafe) static let mro = interned("mro")
    nonisolated(unsafe) static let send = interned("send")
    nonisolated(unsafe) static let run = interned("run")
    nonisolated(unsafe) static let loop = interned("loop")
    nonisolated(unsafe) static let throwName = interned("throw")
    nonisolated(unsafe) static let close = interned("close")
    /// `keys`, the method that makes an object a mapping to `dict` and `**`.
    nonisolated(unsafe) public static let keys = interned("keys")
    /// `items`, of mappings.
    nonisolated(unsafe) public static let items = interned("items")
    nonisolated(unsafe) static let get = interned("get")
    /// `write`, of streams.
    nonisolated(unsafe) public static let write = interned("write")
    /// `flush`, of streams.
    nonisolated(unsafe) public static let flush = interned("flush")
    nonisolated(unsafe) static let stdout = interned("stdout")
    /// `stderr`, in the namespace of `sys`.
    nonisolated(unsafe) public static let stderr = interned("stderr")
    nonisolated(unsafe) static let stdin = interned("stdin")
    nonisolated(unsafe) static let displayhook = interned("displayhook")
    nonisolated(unsafe) static let excepthook = interned("excepthook")
    nonisolated(unsafe) static let modules = interned("modules")
    nonisolated(unsafe) static let notes = interned("__notes__")
    /// `__dict__`, interned.
    nonisolated(unsafe) public static let dict = interned("__dict__")
    nonisolated(unsafe) static let `class` = interned("__class__")
    nonisolated(unsafe) static let underscore = interned("_")
}
