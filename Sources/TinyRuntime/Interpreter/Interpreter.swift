// The interpreter's loop.
//
// One `switch` over the opcodes; each case is one call of a handler in Handlers/, which is inlined. A handler gets the
// instruction, the registers, the pc behind the instruction and the thread, and returns where to go on. Whatever is slow
// is out of line (`slow…`) and returns registers and pc in machine registers, so that neither ever needs an address.
//
// A frame is entered by returning its registers and first instruction; the loop is left by the instruction
// `leaveLoop`, to which a frame that native code called returns.
import CTiny
import TinyCompiler

/// Where the interpreter goes on.
struct Next {
    var r: Registers
    var pc: PC

    @inline(__always)
    init(_ r: Registers, _ pc: PC) {
        self.r = r
        self.pc = pc
    }
}

/// The instruction that leaves the loop; made when the runtime starts (what needs an initialiser is reached through a once-check).
nonisolated(unsafe) private(set) var leaveLoopWord = PC(bitPattern: 8).unsafelyUnwrapped

func makeLeaveLoopWord() {
    let word = PC.allocate(capacity: 1)
    word.initialize(to: Instruction(.leaveLoop).word)
    leaveLoopWord = word
}

/// Runs from an instruction until the frame whose action is `exit` returns or raises: the plain loop.
@inline(never)
func run(_ t: ThreadRef, _ next: Next) throws(Raised) -> Value {
    _ = interpret(t, t.isTraced ? runTraced(t, next) : next, isObserved: false, instructions: 0)
    guard t.pointee.raised.isAbsent else { throw Raised() }
    return t.pointee.result
}

/// Runs so many instructions, one by one, then stops: the observed loop. A thread that has been asked to let go of the
/// GIL runs a few more here, so that a switch may fall between any two instructions and not only at back-edges.
@inline(never)
func runObserved(_ t: ThreadRef, _ next: Next, instructions count: Int) -> Next {
    count > 0 ? interpret(t, next, isObserved: true, instructions: count) : next
}

/// The loop, in two variants of one text: `isObserved` is a constant where this is inlined. The way out is a case of the
/// switch like any other: a test before the switch would keep the compiler from giving each handler a jump of its own.
@inline(__always)
private func interpret(_ t: ThreadRef, _ start: Next, isObserved: Bool, instructions: Int) -> Next {
    var next = start
    var left = instructions
    while true {
        let i = Instruction(word: next.pc.pointee)
        let r = next.r
        let pc = next.pc + 1
        // Every byte at an instruction start was written by the assembler or by quickening.
        switch unsafeBitCast(i.opcodeByte, to: Opcode.self) {
        case .move: next = move(i, r, pc)
        case .loadConstant: next = loadConstant(i, r, pc)
        case .checkBound: next = checkBound(i, r, pc, t)
        case .deleteLocal: next = deleteLocal(i, r, pc, t)
        case .clearLocal: next = clearLocal(i, r, pc)
        case .loadGlobal: next = slowLoadGlobal(i, r, pc, t)
        case .loadGlobalModule: next = loadGlobalModule(i, r, pc, t)
        case .loadGlobalBuiltin: next = loadGlobalBuiltin(i, r, pc, t)
        case .storeGlobal: next = slowStoreGlobal(i, r, pc, t)
        case .storeGlobalModule: next = storeGlobalModule(i, r, pc, t)
        case .deleteGlobal: next = slowDeleteGlobal(i, r, pc, t)
        case .loadName: next = slowLoadName(i, r, pc, t)
        case .storeName: next = slowStoreName(i, r, pc, t)
        case .deleteName: next = slowDeleteName(i, r, pc, t)
        case .loadFromMappingOrGlobal: next = slowLoadFromMappingOrGlobal(i, r, pc, t)
        case .makeCell: next = makeCell(i, r, pc)
        case .loadCell: next = loadCell(i, r, pc, t)
        case .storeCell: next = storeCell(i, r, pc)
        case .deleteCell: next = deleteCell(i, r, pc, t)
        case .loadFree: next = loadFree(i, r, pc, t)
        case .storeFree: next = storeFree(i, r, pc)
        case .deleteFree: next = deleteFree(i, r, pc, t)
        case .loadClosureCell: next = loadClosureCell(i, r, pc)
        case .loadNameOrFree: next = slowLoadNameOrFree(i, r, pc, t)
        case .loadFromMappingOrFree: next = slowLoadFromMappingOrFree(i, r, pc, t)
        case .loadNamespace: next = loadNamespace(i, r, pc)

        case .add: next = add(i, r, pc, t, r[i.c])
        case .subtract: next = subtract(i, r, pc, t, from: r[i.b], r[i.c])
        case .multiply: next = multiply(i, r, pc, t, r[i.c])
        case .matrixMultiply: next = slowBinary(3, i, r[i.b], r[i.c], r, pc, t)
        case .divide: next = divide(i, r, pc, t, r[i.b], by: r[i.c])
        case .floorDivide: next = floorDivide(i, r, pc, t, r[i.c])
        case .modulo: next = modulo(i, r, pc, t, r[i.c])
        case .power: next = slowBinary(7, i, r[i.b], r[i.c], r, pc, t)
        case .leftShift: next = leftShift(i, r, pc, t, r[i.c])
        case .rightShift: next = rightShift(i, r, pc, t, r[i.c])
        case .bitOr: next = bitOr(i, r, pc, t, r[i.c])
        case .bitXor: next = bitXor(i, r, pc, t, r[i.c])
        case .bitAnd: next = bitAnd(i, r, pc, t, r[i.c])
        case .addConstant: next = add(i, r, pc, t, r.constants[i.c])
        case .subtractConstant: next = subtract(i, r, pc, t, from: r[i.b], r.constants[i.c])
        case .multiplyConstant: next = multiply(i, r, pc, t, r.constants[i.c])
        case .matrixMultiplyConstant: next = slowBinary(3, i, r[i.b], r.constants[i.c], r, pc, t)
        case .divideConstant: next = divide(i, r, pc, t, r[i.b], by: r.constants[i.c])
        case .floorDivideConstant: next = floorDivide(i, r, pc, t, r.constants[i.c])
        case .moduloConstant: next = modulo(i, r, pc, t, r.constants[i.c])
        case .powerConstant: next = slowBinary(7, i, r[i.b], r.constants[i.c], r, pc, t)
        case .leftShiftConstant: next = leftShift(i, r, pc, t, r.constants[i.c])
        case .rightShiftConstant: next = rightShift(i, r, pc, t, r.constants[i.c])
        case .bitOrConstant: next = bitOr(i, r, pc, t, r.constants[i.c])
        case .bitXorConstant: next = bitXor(i, r, pc, t, r.constants[i.c])
        case .bitAndConstant: next = bitAnd(i, r, pc, t, r.constants[i.c])
        case .multiplyThenAdd: next = isObserved ? multiply(i, r, pc, t, r[i.c]) : multiplyThen(.add, i, r, pc, t, r[i.c])
        case .multiplyThenSubtract: next = isObserved ? multiply(i, r, pc, t, r[i.c]) : multiplyThen(.subtract, i, r, pc, t, r[i.c])
        case .multiplyThenSubtractFrom: next = isObserved ? multiply(i, r, pc, t, r[i.c]) : multiplyThen(.subtractFrom, i, r, pc, t, r[i.c])
        case .multiplyThenAddConstant: next = isObserved ? multiply(i, r, pc, t, r[i.c]) : multiplyThen(.addConstant, i, r, pc, t, r[i.c])
        case .multiplyConstantThenAdd: next = isObserved ? multiply(i, r, pc, t, r.constants[i.c]) : multiplyThen(.add, i, r, pc, t, r.constants[i.c])
        case .multiplyConstantThenSubtract: next = isObserved ? multiply(i, r, pc, t, r.constants[i.c]) : multiplyThen(.subtract, i, r, pc, t, r.constants[i.c])
        case .multiplyConstantThenSubtractFrom: next = isObserved ? multiply(i, r, pc, t, r.constants[i.c]) : multiplyThen(.subtractFrom, i, r, pc, t, r.constants[i.c])
        case .multiplyConstantThenAddConstant: next = isObserved ? multiply(i, r, pc, t, r.constants[i.c]) : multiplyThen(.addConstant, i, r, pc, t, r.constants[i.c])
        case .multiplyThenYield: next = isObserved ? multiply(i, r, pc, t, r[i.c]) : multiplyThenYield(i, r, pc, t, r[i.c])
        case .multiplyConstantThenYield: next = isObserved ? multiply(i, r, pc, t, r.constants[i.c]) : multiplyThenYield(i, r, pc, t, r.constants[i.c])
        case .constantSubtract: next = subtract(i, r, pc, t, from: r.constants[i.c], r[i.b])
        case .constantDivide: next = divide(i, r, pc, t, r.constants[i.c], by: r[i.b])
        case .negate: next = negate(i, r, pc, t)
        case .positive: next = slowUnary(.pos, i, r, pc, t)
        case .invert: next = slowUnary(.invert, i, r, pc, t)
        case .not: next = not(i, r, pc, t)

        case .less: next = compare(i, r, pc, t, 0, <, <)
        case .lessEqual: next = compare(i, r, pc, t, 1, <=, <=)
        case .equal: next = compare(i, r, pc, t, 2, ==, ==)
        case .notEqual: next = compare(i, r, pc, t, 3, !=, !=)
        case .greater: next = compare(i, r, pc, t, 4, >, >)
        case .greaterEqual: next = compare(i, r, pc, t, 5, >=, >=)
        case .isSame: next = isSame(i, r, pc)
        case .isNotSame: next = isNotSame(i, r, pc)
        case .contains: next = slowContains(i, r, pc, t, wanted: true)
        case .notContains: next = slowContains(i, r, pc, t, wanted: false)

        case .jump: next = Next(r, pc + i.bc)
        case .jumpBack: next = jumpBack(i, r, pc, t)
        case .jumpBackToIterate: next = isObserved ? jumpBack(i, r, pc, t) : jumpBackToIterate(i, r, pc, t)
        case .jumpIfTrue: next = jumpIf(i, r, pc, t, true)
        case .jumpIfFalse: next = jumpIf(i, r, pc, t, false)
        case .jumpIfNone: next = r[i.a].isNone ? jumpTo(pc + i.bc, r, t) : Next(r, pc)
        case .jumpIfNotNone: next = r[i.a].isNone ? Next(r, pc) : jumpTo(pc + i.bc, r, t)
        case .jumpIfLess: next = jumpIfCompare(i, r, pc, t, r[i.b], 0, <, <)
        case .jumpIfLessEqual: next = jumpIfCompare(i, r, pc, t, r[i.b], 1, <=, <=)
        case .jumpIfEqual: next = jumpIfCompare(i, r, pc, t, r[i.b], 2, ==, ==)
        case .jumpIfNotEqual: next = jumpIfCompare(i, r, pc, t, r[i.b], 3, !=, !=)
        case .jumpIfGreater: next = jumpIfCompare(i, r, pc, t, r[i.b], 4, >, >)
        case .jumpIfGreaterEqual: next = jumpIfCompare(i, r, pc, t, r[i.b], 5, >=, >=)
        case .jumpIfLessConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 0, <, <)
        case .jumpIfLessEqualConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 1, <=, <=)
        case .jumpIfEqualConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 2, ==, ==)
        case .jumpIfNotEqualConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 3, !=, !=)
        case .jumpIfGreaterConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 4, >, >)
        case .jumpIfGreaterEqualConstant: next = jumpIfCompare(i, r, pc, t, r.constants[i.b], 5, >=, >=)

        case .loadAttribute: next = slowLoadAttribute(i, r, pc, t)
        case .loadAttributeSlot: next = loadAttributeSlot(i, r, pc, t)
        case .loadAttributeClass: next = loadAttributeClass(i, r, pc, t)
        case .loadAttributeModule: next = loadAttributeModule(i, r, pc, t)
        case .storeAttribute: next = slowStoreAttribute(i, r, pc, t)
        case .storeAttributeSlot: next = storeAttributeSlot(i, r, pc, t)
        case .storeAttributeAdd: next = storeAttributeAdd(i, r, pc, t)
        case .deleteAttribute: next = slowDeleteAttribute(i, r, pc, t)
        case .loadMethod: next = slowLoadMethod(i, r, pc, t)
        case .loadMethodClass: next = loadMethodClass(i, r, pc, t)
        case .loadMethodModule: next = loadMethodModule(i, r, pc, t)
        case .loadSuperAttribute: next = slowLoadSuperAttribute(i, r, pc, t)
        case .loadSuperMethod: next = slowLoadSuperMethod(i, r, pc, t)
        case .loadSpecial: next = slowLoadSpecial(i, r, pc, t)
        case .loadItem: next = loadItem(i, r, pc, t, r[i.c])
        case .loadItemConstant: next = loadItem(i, r, pc, t, r.constants[i.c])
        case .storeItem: next = storeItem(i, r, pc, t)
        case .deleteItem: next = slowDeleteItem(i, r, pc, t)
        case .buildSlice: next = buildSlice(i, r, pc)
        case .loadSlice: next = slowLoadSlice(i, r, pc, t)

        case .buildTuple: next = buildTuple(i, r, pc)
        case .buildList: next = buildList(i, r, pc)
        case .buildSet: next = slowBuildSet(i, r, pc, t)
        case .buildDictionary: next = slowBuildDictionary(i, r, pc, t)
        case .buildListFromConstant: next = buildListFromConstant(i, r, pc)
        case .buildSetFromConstant: next = slowBuildSetFromConstant(i, r, pc, t)
        case .listAppend: next = listAppend(i, r, pc)
        case .setAdd: next = slowSetAdd(i, r, pc, t)
        case .dictionaryInsert: next = slowDictionaryInsert(i, r, pc, t)
        case .listExtend: next = slowListExtend(i, r, pc, t)
        case .setUpdate: next = slowSetUpdate(i, r, pc, t)
        case .dictionaryUpdate: next = slowDictionaryUpdate(i, r, pc, t)
        case .dictionaryMerge: next = slowDictionaryMerge(i, r, pc, t)
        case .listToTuple: next = listToTuple(i, r, pc)
        case .buildString: next = slowBuildString(i, r, pc, t)
        case .formatValue: next = slowFormatValue(i, r, pc, t)
        case .unpack: next = unpack(i, r, pc, t)
        case .unpackStar: next = slowUnpackStar(i, r, pc, t)

        case .call: next = call(i, r, pc, t)
        case .callMethod: next = callMethod(i, r, pc, t)
        case .callKeywords: next = slowCallKeywords(i, r, pc, t)
        case .callMethodKeywords: next = slowCallMethodKeywords(i, r, pc, t)
        case .callSpread: next = slowCallSpread(i, r, pc, t)
        case .returnValue: next = returnValue(r[i.a], r, pc, t)
        case .returnConstant: next = returnValue(r.constants[i.bc], r, pc, t)

        case .makeGenerator: next = slowMakeGenerator(i, r, pc, t)
        case .yieldValue: next = yieldValue(r[i.b], i, r, pc, t, isObserved: isObserved)
        case .getDelegate: next = slowGetDelegate(i, r, pc, t)
        case .send: next = slowSend(i, r, pc, t)
        case .getAwaitable: next = slowGetAwaitable(i, r, pc, t)
        case .getAsyncIterator: next = slowGetAsyncIterator(i, r, pc, t)
        case .getAsyncNext: next = slowGetAsyncNext(i, r, pc, t)
        case .endAsyncFor: next = slowEndAsyncFor(i, r, pc, t)
        case .wrapAsyncYield: next = wrapAsyncYield(i, r, pc, t)

        case .getIterator: next = slowGetIterator(i, r, pc, t)
        case .forIterate: next = forIterate(i, r, pc, t)
        case .forIterateZip: next = forIterateZip(i, r, pc, t)

        case .raise: next = slowRaise(i, r, pc, t)
        case .reraise: next = slowReraise(i, r, pc, t)
        case .pushHandled: next = pushHandled(i, r, pc, t)
        case .popHandled: next = popHandled(i, r, pc, t)
        case .matchException: next = slowMatchException(i, r, pc, t)
        case .matchExceptionGroup: next = slowMatchExceptionGroup(i, r, pc, t)
        case .prepareGroupReraise: next = slowPrepareGroupReraise(i, r, pc, t)
        case .loadExitArguments: next = loadExitArguments(i, r, pc)
        case .loadAssertionError: next = loadAssertionError(i, r, pc)

        case .makeFunction: next = makeFunction(i, r, pc)
        case .loadBuildClass: next = slowLoadBuildClass(i, r, pc, t)
        case .setupAnnotations: next = slowSetupAnnotations(i, r, pc, t)
        case .importName: next = slowImportName(i, r, pc, t)
        case .importFrom: next = slowImportFrom(i, r, pc, t)
        case .importStar: next = slowImportStar(i, r, pc, t)
        case .intrinsic: next = slowIntrinsic(i, r, pc, t)

        case .matchSequence: next = matchSequence(i, r, pc)
        case .matchMapping: next = matchMapping(i, r, pc)
        case .matchKeys: next = slowMatchKeys(i, r, pc, t)
        case .matchClass: next = slowMatchClass(i, r, pc, t)
        case .getLength: next = slowGetLength(i, r, pc, t)

        case .leaveLoop: return next
        case .observe: next = slowObserve(r, t)
        case .readBody: next = slowReadBody(r)
        case .settle: next = PromptCollection.settle(i, r, pc, t)
        }
        if isObserved {
            left &-= 1
            if left == 0 { return next }
        }
    }
}
