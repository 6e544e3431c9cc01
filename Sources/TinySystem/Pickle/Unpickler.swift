// Reading pickles: a stack machine whose program is the pickle.
//
// The stack is a list of the language's, so that the collector sees it; marks are indices into it. Below the last mark
// nothing may be popped.
import TinyRuntime

final class Unpickler: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    var input: PickleInput?
    var encoding = Value.absent
    var errors = Value.absent
    var fixesImports = true
    /// An iterator of out-of-band buffers.
    var buffers = Value.none
    var persistentLoad = Value.absent
    var memo = List.make()
    /// What has a far higher number than there are objects; made when there is one.
    private var sparseMemo: DictRef?
    private var stack = List.make()
    private var marks: [Int] = []
    /// The last mark, or 0: nothing below may be popped.
    private var fence = 0
    private(set) var version = 0
    /// Hooks of a subclass, while a load runs.
    private var loadHook = Value.absent
    private var findHook = Value.absent

    func trace(_ marker: inout Marker) {
        input?.trace(&marker)
        for value in [encoding, errors, buffers, persistentLoad, loadHook, findHook] { marker.mark(value) }
        marker.mark(memo)
        if let sparseMemo { marker.mark(sparseMemo) }
        marker.mark(stack)
    }

    /// What an idle unpickler keeps of its lists.
    private static let keptCapacity = 4096

    /// The idle unpickler, or a new one, in its box.
    static func take() -> Value {
        let idle = Pickle.spareUnpickler
        Pickle.spareUnpickler = .none
        return idle.isNone ? BoxedObject.make(Unpickler(), cls) : idle
    }

    /// Makes an unpickler that nobody else knows the idle one.
    static func giveBack(_ box: Value, _ own: Unpickler) {
        own.input?.forget()
        own.buffers = .none
        own.sparseMemo = nil
        own.memo = emptied(own.memo)
        own.stack = emptied(own.stack)
        Pickle.spareUnpickler = box
    }

    private static func emptied(_ list: ListRef) -> ListRef {
        if list.pointee.capacity > keptCapacity { return List.make() }
        list.pointee.count = 0
        return list
    }

    /// Takes a pickle that is in a bytes object as the input.
    func read(_ bytes: Value) {
        if let input { input.begin(bytes) } else { input = PickleInput(bytes) }
    }

    static func of(_ value: Value) throws(Raised) -> Unpickler {
        guard let unpickler = value.boxed(Unpickler.self) else { throw typeError("an Unpickler is required") }
        return unpickler
    }

    func configure(fixImports: Value, encoding: Value, errors: Value, buffers: Value) throws(Raised) {
        fixesImports = try truth(fixImports)
        self.encoding = encoding
        self.errors = errors
        self.buffers = buffers.isNone ? buffers : try iterator(buffers)
    }

    // MARK: The stack

    private func underflow() -> Raised {
        Pickle.cannotUnpickle(marks.isEmpty ? "unpickling stack underflow" : "unexpected MARK found")
    }

    @inline(__always)
    private func push(_ value: Value) { stack.append(value) }

    private func pop() throws(Raised) -> Value {
        guard stack.count > fence else { throw underflow() }
        stack.pointee.count -= 1
        return stack.items[stack.count]
    }

    private func top() throws(Raised) -> Value {
        guard stack.count > fence else { throw underflow() }
        return stack.items[stack.count - 1]
    }

    private func popMark() throws(Raised) -> Int {
        guard let mark = marks.popLast() else { throw Pickle.cannotUnpickle("could not find MARK") }
        fence = marks.last ?? 0
        return mark
    }

    /// The items from an index to the top, taken off, as a tuple.
    private func popTuple(_ start: Int) -> Value {
        let tuple = stack.count == start ? Tuple.make() : Tuple.make(stack.items + start, stack.count - start)
        stack.pointee.count = start
        return Value(tuple)
    }

    // MARK: The memo

    private func remember(_ number: Int, _ value: Value) throws(Raised) {
        if number < memo.count {
            memo.put(value, at: number)
        } else if number < memo.count + 4096 {
            while memo.count < number { memo.append(.absent) }
            memo.append(value)
        } else {
            if sparseMemo == nil { sparseMemo = Dict.make() }
            try sparseMemo?.set(Value(number), value)
        }
    }

    private func recall(_ number: Int) throws(Raised) -> Value {
        let value = number >= 0 && number < memo.count ? memo.items[number] : try sparseMemo?.get(Value(number)) ?? .absent
        if value.isAbsent { throw Pickle.cannotUnpickle("Memo value not found at index \(number)") }
        return value
    }

    /// What the memo proxy copies.
    func memoCopy() throws(Raised) -> Value {
        let copy = sparseMemo?.copy() ?? Dict.make()
        for number in 0 ..< memo.count where !memo.items[number].isAbsent { try copy.set(Value(number), memo.items[number]) }
        return Value(copy)
    }

    func setMemo(_ value: Value) throws(Raised) {
        memo = List.make()
        sparseMemo = nil
        if let other = value.boxed(UnpicklerMemo.self) { return try setMemo(try other.owner().memoCopy()) }
        guard value.isKind(.dict) else {
            throw typeError("'memo' attribute must be an UnpicklerMemoProxy object or dict, not \(typeName(value))")
        }
        var position = 0
        while let entry = value.object(Dict.self).next(&position) {
            guard isInteger(entry.pointee.key) else { throw typeError("memo key must be integers") }
            let number = try index(entry.pointee.key)
            guard number >= 0 else { throw valueError("memo key must be positive integers.") }
            try remember(number, entry.pointee.value)
        }
    }

    // MARK: Loading

    /// Reads one object; `own` is the script's object of this unpickler.
    func load(own: Value) throws(Raised) -> Value {
        guard let input else {
            throw Pickle.cannotUnpickle("Unpickler.__init__() was not called by \(own.cls.nameText).__init__()")
        }
        stack.pointee.count = 0
        marks.removeAll(keepingCapacity: true)
        fence = 0
        version = 0
        loadHook = persistentLoad
        findHook = .absent
        if own.cls != Unpickler.cls {
            loadHook = try hook(own, "persistent_load")
            findHook = try hook(own, "find_class")
        }
        defer {
            loadHook = .absent
            findHook = .absent
        }
        while true {
            guard let opcode = try input.opcode() else { throw raise(.eofError, "Ran out of input") }
            if opcode == PickleOpcode.stop { break }
            try step(opcode, input)
        }
        try input.skipUsed()
        return try pop()
    }

    /// A method that the script has put in the place of the own one, or absent.
    private func hook(_ own: Value, _ name: StaticString) throws(Raised) -> Value {
        let found = try getOptionalAttribute(own, StrTables.intern(name.description))
        let isOwn = found.isKind(.native) && found.object(NativeFunction.self).pointee.record.pointee.owner == Unpickler.cls
        return isOwn ? .absent : found
    }

    private func step(_ opcode: UInt8, _ input: PickleInput) throws(Raised) {
        switch opcode {
        case PickleOpcode.none: push(.none)
        case PickleOpcode.newtrue: push(.true)
        case PickleOpcode.newfalse: push(.false)
        case PickleOpcode.binint1: push(Value(inline: try input.number(1)))
        case PickleOpcode.binint2: push(Value(inline: try input.number(2)))
        case PickleOpcode.binint: push(Value(inline: Int(Int32(truncatingIfNeeded: try input.number(4)))))
        case PickleOpcode.int: push(try UnpickleText.int(try input.line()))
        case PickleOpcode.long: push(try UnpickleText.long(try input.line()))
        case PickleOpcode.long1: push(loadLong(try input.take(try input.number(1))))
        case PickleOpcode.long4:
            let size = Int32(truncatingIfNeeded: try input.number(4))
            guard size >= 0 else { throw Pickle.cannotUnpickle("LONG pickle has negative byte count") }
            push(loadLong(try input.take(Int(size))))
        case PickleOpcode.float: push(try UnpickleText.float(try input.line()))
        case PickleOpcode.binfloat:
            var bits: UInt64 = 0
            for octet in try input.take(8) { bits = bits << 8 | UInt64(octet) }
            push(Value(Double(bitPattern: bits)))
        case PickleOpcode.string: push(try decoded(try UnpickleText.quoted(try input.line())))
        case PickleOpcode.binstring:
            let size = Int32(truncatingIfNeeded: try input.number(4))
            guard size >= 0 else { throw Pickle.cannotUnpickle("BINSTRING pickle has negative byte count") }
            push(try decoded(BytesObject.make(try input.take(Int(size)))))
        case PickleOpcode.shortBinstring: push(try decoded(BytesObject.make(try input.take(try input.number(1)))))
        case PickleOpcode.unicode: push(try UnpickleText.rawUnicode(try input.line()))
        case PickleOpcode.shortBinunicode: push(try UnpickleText.utf8(try input.take(try input.number(1))))
        case PickleOpcode.binunicode: push(try UnpickleText.utf8(try input.take(try input.number(4))))
        case PickleOpcode.binunicode8: push(try UnpickleText.utf8(try input.take(try size8(input, "BINUNICODE"))))
        case PickleOpcode.shortBinbytes: push(BytesObject.make(try input.take(try input.number(1))))
        case PickleOpcode.binbytes: push(BytesObject.make(try input.take(try input.number(4))))
        case PickleOpcode.binbytes8: push(BytesObject.make(try input.take(try size8(input, "BINBYTES"))))
        case PickleOpcode.bytearray8: push(Value(ByteArray.make(try input.take(try size8(input, "BYTEARRAY8")))))
        case PickleOpcode.proto:
            version = try input.number(1)
            guard version <= Pickle.highestProtocol else { throw valueError("unsupported pickle protocol: \(version)") }
        case PickleOpcode.frame: try input.enterFrame(try size8(input, "FRAME"))
        case PickleOpcode.mark:
            fence = stack.count
            marks.append(fence)
        case PickleOpcode.pop: try loadPop()
        case PickleOpcode.popMark: stack.pointee.count = try popMark()
        case PickleOpcode.dup: push(try top())
        case PickleOpcode.get: push(try recall(try UnpickleText.index(try input.line())))
        case PickleOpcode.binget: push(try recall(try input.number(1)))
        case PickleOpcode.longBinget: push(try recall(try input.number(4)))
        case PickleOpcode.put:
            let number = try UnpickleText.index(try input.line())
            guard number >= 0 else { throw valueError("negative PUT argument") }
            try remember(number, try top())
        case PickleOpcode.binput: try remember(try input.number(1), try top())
        case PickleOpcode.longBinput: try remember(try input.number(4), try top())
        case PickleOpcode.memoize: try remember(memo.count, try top())
        default: try stepContainer(opcode, input)
        }
    }

    private func size8(_ input: PickleInput, _ what: String) throws(Raised) -> Int {
        let size = try input.number(8)
        if size == .max {
            if what == "FRAME" { throw raise(.overflowError, "FRAME length exceeds system's maximum of \(size) bytes") }
            throw raise(.overflowError, "\(what) exceeds system's maximum size of \(size) bytes")
        }
        if size >= largestBuffer { throw what == "FRAME" || what == "BINUNICODE" ? PickleInput.truncated() : raise(.memoryError) }
        return size
    }

    private func stepContainer(_ opcode: UInt8, _ input: PickleInput) throws(Raised) {
        switch opcode {
        case PickleOpcode.emptyTuple: push(Value(Tuple.make()))
        case PickleOpcode.tuple1, PickleOpcode.tuple2, PickleOpcode.tuple3:
            let count = Int(opcode - PickleOpcode.tuple1) + 1
            guard stack.count - fence >= count else { throw underflow() }
            push(popTuple(stack.count - count))
        case PickleOpcode.tuple: push(popTuple(try popMark()))
        case PickleOpcode.emptyList: push(Value(List.make()))
        case PickleOpcode.list:
            let start = try popMark()
            let list = List.make()
            try extend(list, popTuple(start))
            push(Value(list))
        case PickleOpcode.emptyDict: push(Value(Dict.make()))
        case PickleOpcode.dict:
            let start = try popMark()
            guard (stack.count - start) % 2 == 0 else { throw Pickle.cannotUnpickle("odd number of items for DICT") }
            let dict = Dict.make()
            let items = popTuple(start).object(Tuple.self)
            for index in stride(from: 0, to: items.count, by: 2) { try dict.set(items.items[index], items.items[index + 1]) }
            push(Value(dict))
        case PickleOpcode.emptySet: push(Value(SetObject.make()))
        case PickleOpcode.frozenset:
            let items = popTuple(try popMark())
            push(try callValue(Value(Shapes.table[Int(Kind.frozenset.rawValue)].pointee.cls), items))
        case PickleOpcode.append:
            guard stack.count - 1 > fence else { throw underflow() }
            try append(stack.count - 1)
        case PickleOpcode.appends: try append(try popMark())
        case PickleOpcode.setitem: try setItems(stack.count - 2)
        case PickleOpcode.setitems: try setItems(try popMark())
        case PickleOpcode.additems: try addItems(try popMark())
        default: try stepObject(opcode, input)
        }
    }

    // MARK: Filling containers

    private func loadPop() throws(Raised) {
        if let mark = marks.last, mark == stack.count {
            marks.removeLast()
            fence = marks.last ?? 0
        } else {
            _ = try pop()
        }
    }

    /// The container under the items that begin at an index.
    private func container(_ start: Int) throws(Raised) -> Value {
        guard start <= stack.count, start - 1 >= fence, start >= 1 else { throw underflow() }
        return stack.items[start - 1]
    }

    private func append(_ start: Int) throws(Raised) {
        let target = try container(start)
        if start == stack.count { return }
        if target.isExactly(.list) {
            let list = target.object(List.self)
            let needed = list.count + stack.count - start
            if needed > list.pointee.capacity { list.reserve(max(needed, list.count + list.count >> 1)) }
            for index in start ..< stack.count { list.append(stack.items[index]) }
            stack.pointee.count = start
            return
        }
        let items = popTuple(start)
        let extend = try getOptionalAttribute(target, StrTables.intern("extend"))
        if !extend.isAbsent {
            let list = try makeList(items)
            _ = try callValue(extend, Value(list))
            return
        }
        let append = try getAttribute(target, "append")
        for index in 0 ..< items.object(Tuple.self).count { _ = try callValue(append, items.object(Tuple.self).items[index]) }
    }

    private func setItems(_ start: Int) throws(Raised) {
        let target = try container(start)
        if start == stack.count { return }
        guard (stack.count - start) % 2 == 0 else { throw Pickle.cannotUnpickle("odd number of items for SETITEMS") }
        if target.isExactly(.dict) {
            let dict = target.object(Dict.self)
            if dict.pointee.count == 0 { dict.reserve((stack.count - start) / 2) }
            // A key's hash may be a script's, which may load with this unpickler: the stack is looked at anew.
            var index = start
            while index + 1 < stack.count {
                try dict.set(stack.items[index], stack.items[index + 1])
                index += 2
            }
            stack.pointee.count = min(start, stack.count)
            return
        }
        let items = popTuple(start)
        let tuple = items.object(Tuple.self)
        for index in stride(from: 0, to: tuple.count, by: 2) { try setItem(target, tuple.items[index], tuple.items[index + 1]) }
    }

    private func addItems(_ start: Int) throws(Raised) {
        let target = try container(start)
        if start == stack.count { return }
        let items = popTuple(start).object(Tuple.self)
        if target.isKind(.set) {
            for index in 0 ..< items.count { try target.object(SetObject.self).add(items.items[index]) }
            return
        }
        let add = try getAttribute(target, "add")
        for index in 0 ..< items.count { _ = try callValue(add, items.items[index]) }
    }

    // MARK: Objects

    private func stepObject(_ opcode: UInt8, _ input: PickleInput) throws(Raised) {
        switch opcode {
        case PickleOpcode.global:
            let module = try UnpickleText.utf8(try input.fullLine())
            push(try find(module, try UnpickleText.utf8(try input.fullLine())))
        case PickleOpcode.stackGlobal:
            let name = try pop()
            let module = try pop()
            guard name.isExactly(.str), module.isExactly(.str) else { throw Pickle.cannotUnpickle("STACK_GLOBAL requires str") }
            push(try find(module, name))
        case PickleOpcode.ext1: push(try findExtension(try input.number(1)))
        case PickleOpcode.ext2: push(try findExtension(try input.number(2)))
        case PickleOpcode.ext4: push(try findExtension(Int(Int32(truncatingIfNeeded: try input.number(4)))))
        case PickleOpcode.reduce:
            let arguments = try pop()
            let callable = try top()
            guard arguments.isKind(.tuple) else { throw typeError("argument list must be a tuple, not \(typeName(arguments))") }
            replaceTop(try callValue(callable, arguments.object(Tuple.self)))
        case PickleOpcode.newobj, PickleOpcode.newobjEx: try loadNew(isExtended: opcode == PickleOpcode.newobjEx)
        case PickleOpcode.build: try build()
        case PickleOpcode.inst:
            let module = try UnpickleText.utf8(try input.line())
            let cls = try find(module, try UnpickleText.utf8(try input.line()))
            push(try instantiateOld(cls, popTuple(try popMark())))
        case PickleOpcode.obj:
            let start = try popMark()
            guard stack.count > start else { throw underflow() }
            let arguments = popTuple(start + 1)
            let cls = try pop()
            push(try instantiateOld(cls, arguments))
        case PickleOpcode.persid: try loadPersistent(try UnpickleText.ascii(try input.line()))
        case PickleOpcode.binpersid: try loadPersistent(try pop())
        case PickleOpcode.nextBuffer:
            guard !buffers.isNone else {
                throw Pickle.cannotUnpickle("pickle stream refers to out-of-band data but no *buffers* argument was given")
            }
            let buffer = try next(buffers)
            if buffer.isAbsent { throw Pickle.cannotUnpickle("not enough out-of-band buffers") }
            push(buffer)
        case PickleOpcode.readonlyBuffer:
            let view = try MemoryView.make(try top())
            if !view.pointee.isReadOnly { replaceTop(try callMethod(Value(view), StrTables.intern("toreadonly"))) }
        default:
            let shown = opcode >= 0x20 && opcode < 0x7F && opcode != 0x27 && opcode != 0x5C
                ? String(UnicodeScalar(opcode)) : "\\x" + (opcode < 16 ? "0" : "") + String(opcode, radix: 16)
            throw Pickle.cannotUnpickle("invalid load key, '\(shown)'.")
        }
    }

    private func replaceTop(_ value: Value) {
        if stack.count > 0 { stack.put(value, at: stack.count - 1) }
    }

    private func loadLong(_ octets: UnsafeBufferPointer<UInt8>) -> Value {
        if octets.count > 8 { return IntMethods.fromBytes(octets.reversed(), signed: true) }
        var bits: UInt64 = 0
        for octet in octets.reversed() { bits = bits << 8 | UInt64(octet) }
        // The sign is the highest bit of the last octet.
        let unused = 64 - octets.count * 8
        return Value(Int(Int64(bitPattern: bits << UInt64(unused)) >> Int64(unused)))
    }

    /// Octets of a Python 2 str.
    private func decoded(_ bytes: Value) throws(Raised) -> Value {
        if encoding.isAbsent { return try callMethod(bytes, StrTables.intern("decode"), Value(Str.make("ascii"))) }
        if encoding.isKind(.str), encoding.object(Str.self).equals("bytes") { return bytes }
        return try callMethod(bytes, StrTables.intern("decode"), encoding, errors)
    }

    private func find(_ module: Value, _ name: Value) throws(Raised) -> Value {
        if !findHook.isAbsent { return try callWith(findHook, [module, name]) }
        return try findClass(module, name)
    }

    /// What `find_class` does.
    func findClass(_ moduleName: Value, _ name: Value) throws(Raised) -> Value {
        var (moduleName, name) = (moduleName, name)
        if version < 3, fixesImports {
            let names = try Pickle.table("_compat_pickle", "NAME_MAPPING")
            let known = names.isKind(.dict) ? try names.object(Dict.self).get(Value(Tuple.make(moduleName, name))) : .absent
            if known.isKind(.tuple), known.object(Tuple.self).count == 2 {
                (moduleName, name) = (known.object(Tuple.self).items[0], known.object(Tuple.self).items[1])
            } else {
                let modules = try Pickle.table("_compat_pickle", "IMPORT_MAPPING")
                let renamed = modules.isKind(.dict) ? try modules.object(Dict.self).get(moduleName) : .absent
                if !renamed.isAbsent { moduleName = renamed }
            }
        }
        guard moduleName.isKind(.str), name.isKind(.str) else { throw typeError("find_class() arguments must be str") }
        if AuditHooks.listen { try AuditHooks.tell("pickle.find_class", moduleName, name) }
        if moduleName.object(Str.self).count == 0 { throw valueError("Empty module name") }
        if let found = Unpickler.inModule(moduleName, name) { return found }
        let module = try importModule(moduleName.object(Str.self).string)
        let text = name.object(Str.self).string
        let path = version >= 4 ? text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) } : [text]
        guard !path.dropFirst().contains("<locals>"), let found = try Pickler.resolve(module, path) else {
            throw raise(.attributeError, "Can't get attribute \(try repr(name).string) on \(try repr(module).string)")
        }
        return found.value
    }

    /// What a module that is there has under a name; nil where more is to be done.
    private static func inModule(_ moduleName: Value, _ name: Value) -> Value? {
        let module = Runtime.modules.get(StrTables.intern(moduleName.object(Str.self)))
        guard module.isExactly(.module) else { return nil }
        let found = module.object(ModuleObject.self).pointee.namespace.get(StrTables.intern(name.object(Str.self)))
        return found.isAbsent ? nil : found
    }

    private func findExtension(_ code: Int) throws(Raised) -> Value {
        if code <= 0 { throw Pickle.cannotUnpickle("EXT specifies code <= 0") }
        let cache = try Pickle.table("copyreg", "_extension_cache")
        let registry = try Pickle.table("copyreg", "_inverted_registry")
        guard cache.isKind(.dict), registry.isKind(.dict) else { throw typeError("copyreg's tables must be dicts") }
        let cached = try cache.object(Dict.self).get(Value(code))
        if !cached.isAbsent { return cached }
        let key = try registry.object(Dict.self).get(Value(code))
        if key.isAbsent { throw valueError("unregistered extension code \(code)") }
        guard key.isKind(.tuple), key.object(Tuple.self).count == 2 else {
            throw valueError("_inverted_registry[\(code)] isn't a 2-tuple of strings")
        }
        let value = try find(key.object(Tuple.self).items[0], key.object(Tuple.self).items[1])
        try cache.object(Dict.self).set(Value(code), value)
        return value
    }

    private func loadPersistent(_ id: Value) throws(Raised) {
        guard !loadHook.isAbsent else {
            throw Pickle.cannotUnpickle(
                "A load persistent id instruction was encountered, but no persistent_load function was specified.")
        }
        push(try callValue(loadHook, id))
    }

    /// What INST and OBJ make.
    private func instantiateOld(_ cls: Value, _ arguments: Value) throws(Raised) -> Value {
        let tuple = arguments.object(Tuple.self)
        if tuple.count == 0, cls.isKind(.class), try getOptionalAttribute(cls, StrTables.intern("__getinitargs__")).isAbsent {
            return try callWith(try getAttribute(cls, "__new__"), [cls])
        }
        return try callValue(cls, tuple)
    }

    private func loadNew(isExtended: Bool) throws(Raised) {
        let keywords = isExtended ? try pop() : .none
        let arguments = try pop()
        let cls = try pop()
        let opcode = isExtended ? "NEWOBJ_EX" : "NEWOBJ"
        guard cls.isKind(.class) else {
            throw Pickle.cannotUnpickle("\(opcode) class argument must be a type, not \(typeName(cls))")
        }
        guard arguments.isKind(.tuple) else {
            throw Pickle.cannotUnpickle("\(opcode) args argument must be a tuple, not \(typeName(arguments))")
        }
        guard !isExtended || keywords.isKind(.dict) else {
            throw Pickle.cannotUnpickle("NEWOBJ_EX kwargs argument must be a dict, not \(typeName(keywords))")
        }
        let target = cls.object(ClassObject.self)
        let given = arguments.object(Tuple.self)
        if given.count == 0, !isExtended, target.pointee.instanceKind == .instance, target.special(.new) == Runtime.objectNew,
            !target.pointee.flags.contains(.isAbstract)
        {
            return push(Value(Instance.allocate(target)))
        }
        let new = try getAttribute(cls, SpecialName.new.string)
        let all = Tuple.allocate(given.count + 1)
        all.items[0] = cls
        for index in 0 ..< given.count { all.items[index + 1] = given.items[index] }
        push(try callValue(new, all, keywords.isKind(.dict) ? keywords.object(Dict.self) : nil))
    }

    // MARK: State

    private func build() throws(Raised) {
        var state = try pop()
        let object = try top()
        let setState = try getOptionalAttribute(object, SpecialName.setstate.string)
        if !setState.isAbsent {
            _ = try callValue(setState, state)
            return
        }
        var slots = Value.none
        if state.isKind(.tuple), state.object(Tuple.self).count == 2 {
            slots = state.object(Tuple.self).items[1]
            state = state.object(Tuple.self).items[0]
        }
        if !state.isNone {
            guard state.isKind(.dict) else { throw Pickle.cannotUnpickle("state is not a dictionary") }
            let source = state.object(Dict.self)
            let isPlain = object.isKind(.instance) && object.cls.pointee.slotCount == 0 && object.cls.pointee.flags.contains(.hasDict)
            let target = isPlain ? .none : try getAttribute(object, Names.dict)
            var position = 0
            while let entry = source.next(&position) {
                let (key, value) = (entry.pointee.key, entry.pointee.value)
                if isPlain, key.isExactly(.str) {
                    object.object(Instance.self).set(StrTables.intern(key.object(Str.self)), value)
                } else {
                    try setItem(
                        isPlain ? try getAttribute(object, Names.dict) : target,
                        key.isExactly(.str) ? Value(StrTables.intern(key.object(Str.self))) : key, value)
                }
            }
        }
        if !slots.isNone {
            guard slots.isKind(.dict) else { throw Pickle.cannotUnpickle("slot state is not a dictionary") }
            var position = 0
            while let entry = slots.object(Dict.self).next(&position) {
                try setAttribute(object, try attributeName(entry.pointee.key), entry.pointee.value)
            }
        }
    }
}
