// How a module written in Swift appears in the language: a table, and a row in the AllModules.swift of its target.

/// A native module: its functions, and what else it holds.
public struct NativeModule: Sendable {
    let name: StaticString
    let doc: StaticString
    let functions: @Sendable () -> [Native]
    /// Adds constants, classes and whatever needs more than a function. Called once, when the module is imported.
    let prepare: (@Sendable (ModuleContents) throws(Raised) -> Void)?

    /// - Parameters:
    ///   - functions: asked for when the module is imported.
    ///   - prepare: adds the rest; called after the functions are in. What it throws, the import raises.
    public init(
        _ name: StaticString, doc: StaticString = "", functions: @escaping @Sendable () -> [Native],
        prepare: (@Sendable (ModuleContents) throws(Raised) -> Void)? = nil
    ) {
        self.name = name
        self.doc = doc
        self.functions = functions
        self.prepare = prepare
    }
}

/// The namespace of a native module under construction.
public struct ModuleContents {
    /// The module's `__dict__`.
    public let namespace: DictRef
    /// The module's full name, for classes and functions that are made for it.
    public let name: StrRef

    /// For who fills a namespace that is no native module's own.
    public init(namespace: DictRef, name: StrRef) {
        self.namespace = namespace
        self.name = name
    }

    /// Sets an attribute of the module.
    public func set(_ name: String, _ value: Value) { namespace.set(StrTables.intern(name), value) }
    /// Sets an attribute of the module to an int of any size.
    public func set(_ name: String, _ int: Int) { set(name, Value(int)) }
    /// Sets an attribute of the module to a str.
    public func set(_ name: String, _ text: String) { set(name, Value(Str.make(text))) }

    /// Adds a class that the table describes and returns it.
    @discardableResult
    public func add(_ table: NativeClass, base: ClassRef? = nil, metaclass: ClassRef? = nil) -> ClassRef {
        let cls = ClassObject.makeNative(
            table.name.description, kind: table.kind, bases: [base ?? Runtime.objectClass], flags: table.flags,
            module: name.string, metaclass: metaclass)
        cls.fill(table)
        set(table.name.description, Value(cls))
        return cls
    }

    /// Adds an exception class.
    @discardableResult
    public func addException(_ name: String, base: ExceptionName = .exception, otherBases: [ClassRef] = []) -> ClassRef {
        let cls = ClassObject.makeNative(
            name, kind: .exception, bases: [base.cls] + otherBases, flags: [.isBase, .isException, .isHeapType, .isWeakReferenceable],
            module: self.name.string)
        set(name, Value(cls))
        return cls
    }
}

/// The modules that are written in Swift, by name.
public enum NativeModules {
    /// Every native module but `sys` and `builtins`, which exist from the start.
    nonisolated(unsafe) private(set) static var all = ofRuntime

    /// Adds the modules of a target above the runtime. Called before `Runtime.start`.
    public static func add(_ modules: [NativeModule]) { all += modules }

    /// The module's table, made or not yet; nil if no module of that name is native.
    public static func find(_ name: StrRef) -> NativeModule? { all.first { name.equals($0.name) } }

    /// What modules held when they were first made, by name: made again (a script took it out of `sys.modules`) a module
    /// is a new object with the same classes, which native code refers to.
    nonisolated(unsafe) private static var contents: DictRef = {
        let dict = Dict.make()
        heap.permanentRoots.append(Value(dict))
        return dict
    }()

    /// Makes the module object.
    public static func make(_ module: NativeModule) throws(Raised) -> Value {
        let name = StrTables.intern(module.name)
        let object = ModuleObject.make(name)
        let namespace = object.pointee.namespace
        let known = contents.get(name)
        if known.isKind(.dict) {
            try updateDictionary(namespace, from: known)
            try Runtime.modules.set(Value(name), Value(object))
            return Value(object)
        }
        if module.doc.utf8CodeUnitCount > 0 { namespace.set(Names.doc, Value(Str.make(module.doc))) }
        for native in module.functions() { native.install(in: namespace, moduleName: Value(name)) }
        // The module is reachable from here on, whatever `prepare` runs.
        try Runtime.modules.set(Value(name), Value(object))
        do {
            try module.prepare?(ModuleContents(namespace: namespace, name: name))
        } catch {
            _ = Runtime.modules.remove(name)
            throw error
        }
        contents.set(name, Value(namespace.copy()))
        return Value(object)
    }
}
