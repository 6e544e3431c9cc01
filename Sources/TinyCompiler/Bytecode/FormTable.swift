// What the operands of each opcode are. One row per opcode, read by the assembler (which operand is the jump?), the
// disassembler (how is it printed?), the verifier (is it in range?) and the runtime (how many words follow?).
//
// The number of cache words of an opcode is decided here and nowhere else; quickened twins share their original's row.

/// What an operand means.
public enum OperandForm: Sendable {
    case unused
    /// A register that is written; read; both.
    case target, source, updated
    /// An index into the constants; the same, where the constant is a string that names something.
    case constant, name
    /// An index into `freeNames`.
    case free
    /// A distance in words from the following instruction.
    case jump
    case count, flag
}

/// Registers beside those that operands name.
public enum RegisterRun: Sendable {
    case none
    /// R[B] … R[B+C-1]; C pairs from R[B]; R[A] … R[A+C-1]; D + 1 + C from R[A].
    case items, pairs, unpacked, starred
    /// R[B] … R[B+C-1] and a header below; one more for self; R[B], R[B+1].
    case arguments, methodArguments, spread
    /// R[B] … R[B+2]; R[C], R[C+1]; R[A], R[A+1]; R[A] … R[A+2].
    case triple, bounds, halves, thirds
    /// As many from R[C] as D has bits.
    case parts
}

/// The operands of an opcode. `bc` excludes `b` and `c`.
public struct OpcodeForm: Sendable {
    /// What operand A is.
    public var a: OperandForm = .unused
    /// What operand B is.
    public var b: OperandForm = .unused
    /// What operand C is.
    public var c: OperandForm = .unused
    /// What B and C are together.
    public var bc: OperandForm = .unused
    /// What operand D is.
    public var d: OperandForm = .unused
    /// What the first word behind the instruction is, if it is an operand.
    public var wordOne: OperandForm = .unused
    /// Words behind the instruction that the runtime uses as an inline cache.
    public var cacheWords = 0

    /// Words behind the instruction.
    public var extraWords: Int {
        if case .unused = wordOne { return cacheWords }
        return cacheWords + 1
    }

    /// Registers beside those that operands name.
    public var run = RegisterRun.none

    /// Control never reaches the following instruction.
    public var endsBlock = false
}

extension Opcode {
    /// Words behind an instruction with this opcode: an operand, or an inline cache.
    public var extraWords: Int { form.extraWords }

    /// The row of this opcode.
    public var form: OpcodeForm {
        switch self {
        case .move, .negate, .positive, .invert, .not, .getIterator, .getDelegate, .getAsyncIterator, .getAsyncNext,
            .wrapAsyncYield, .listToTuple, .matchSequence, .matchMapping, .getLength, .pushHandled:
            OpcodeForm(a: .target, b: .source)
        case .loadConstant, .buildListFromConstant, .buildSetFromConstant: OpcodeForm(a: .target, bc: .constant)
        case .checkBound: OpcodeForm(a: .source, b: .name)
        case .deleteLocal: OpcodeForm(a: .updated, b: .name)
        case .clearLocal, .loadNamespace, .loadAssertionError, .loadBuildClass: OpcodeForm(a: .target)
        case .makeCell: OpcodeForm(a: .updated)
        case .loadGlobal, .loadGlobalModule, .loadGlobalBuiltin: OpcodeForm(a: .target, b: .name, cacheWords: 2)
        case .storeGlobal, .storeGlobalModule: OpcodeForm(a: .source, b: .name, cacheWords: 2)
        case .deleteGlobal, .deleteName: OpcodeForm(b: .name)
        case .loadName: OpcodeForm(a: .target, b: .name)
        case .storeName: OpcodeForm(a: .source, b: .name)
        case .loadFromMappingOrGlobal, .loadCell, .importFrom: OpcodeForm(a: .target, b: .source, c: .name)
        case .storeCell: OpcodeForm(a: .source, b: .source)
        case .deleteCell: OpcodeForm(a: .source, b: .name)
        case .loadFree, .loadClosureCell, .loadNameOrFree: OpcodeForm(a: .target, b: .free)
        case .storeFree: OpcodeForm(a: .source, b: .free)
        case .deleteFree: OpcodeForm(a: .free)
        case .loadFromMappingOrFree: OpcodeForm(a: .target, b: .free, c: .source)
        case .add, .subtract, .multiply, .matrixMultiply, .divide, .floorDivide, .modulo, .power, .leftShift,
            .rightShift, .bitOr, .bitXor, .bitAnd, .multiplyThenAdd, .multiplyThenSubtract, .multiplyThenSubtractFrom,
            .multiplyThenAddConstant, .multiplyThenYield:
            OpcodeForm(a: .target, b: .source, c: .source, d: .flag)
        case .addConstant, .subtractConstant, .multiplyConstant, .matrixMultiplyConstant, .divideConstant,
            .floorDivideConstant, .moduloConstant, .powerConstant, .leftShiftConstant, .rightShiftConstant,
            .bitOrConstant, .bitXorConstant, .bitAndConstant, .multiplyConstantThenAdd, .multiplyConstantThenSubtract,
            .multiplyConstantThenSubtractFrom, .multiplyConstantThenAddConstant, .multiplyConstantThenYield, .constantSubtract,
            .constantDivide:
            OpcodeForm(a: .target, b: .source, c: .constant, d: .flag)
        case .less, .lessEqual, .equal, .notEqual, .greater, .greaterEqual, .isSame, .isNotSame, .contains,
            .notContains, .loadItem, .matchException, .prepareGroupReraise, .matchKeys:
            OpcodeForm(a: .target, b: .source, c: .source)
        case .loadSlice: OpcodeForm(a: .target, b: .source, c: .source, run: .bounds)
        case .matchExceptionGroup: OpcodeForm(a: .target, b: .source, c: .source, run: .halves)
        case .loadExitArguments: OpcodeForm(a: .target, b: .source, run: .thirds)
        case .jump: OpcodeForm(bc: .jump, endsBlock: true)
        case .jumpBack, .jumpBackToIterate: OpcodeForm(bc: .jump, endsBlock: true)
        case .jumpIfTrue, .jumpIfFalse, .jumpIfNone, .jumpIfNotNone: OpcodeForm(a: .source, bc: .jump)
        case .jumpIfLess, .jumpIfLessEqual, .jumpIfEqual, .jumpIfNotEqual, .jumpIfGreater, .jumpIfGreaterEqual:
            OpcodeForm(a: .source, b: .source, c: .jump, d: .flag)
        case .jumpIfLessConstant, .jumpIfLessEqualConstant, .jumpIfEqualConstant, .jumpIfNotEqualConstant,
            .jumpIfGreaterConstant, .jumpIfGreaterEqualConstant:
            OpcodeForm(a: .source, b: .constant, c: .jump, d: .flag)
        case .loadAttribute, .loadAttributeSlot, .loadAttributeClass, .loadAttributeModule:
            OpcodeForm(a: .target, b: .source, c: .name, cacheWords: 2)
        case .storeAttribute, .storeAttributeSlot, .storeAttributeAdd:
            OpcodeForm(a: .source, b: .source, c: .name, cacheWords: 2)
        case .deleteAttribute: OpcodeForm(a: .source, c: .name)
        case .loadMethod, .loadMethodClass, .loadMethodModule: OpcodeForm(a: .target, b: .source, c: .name, cacheWords: 2)
        case .loadSuperAttribute, .loadSuperMethod: OpcodeForm(a: .target, b: .source, c: .name, d: .flag, run: .triple)
        case .loadSpecial: OpcodeForm(a: .target, b: .source, d: .flag)
        case .loadItemConstant: OpcodeForm(a: .target, b: .source, c: .constant)
        case .storeItem, .dictionaryInsert: OpcodeForm(a: .source, b: .source, c: .source)
        case .deleteItem, .listAppend, .setAdd, .setUpdate, .dictionaryUpdate: OpcodeForm(a: .source, b: .source)
        case .listExtend: OpcodeForm(a: .source, b: .source, d: .flag)
        case .dictionaryMerge: OpcodeForm(a: .source, b: .source, c: .source)
        case .buildSlice: OpcodeForm(a: .target, b: .source, run: .triple)
        case .buildTuple, .buildList, .buildSet, .buildString:
            OpcodeForm(a: .target, b: .source, c: .count, run: .items)
        case .buildDictionary: OpcodeForm(a: .target, b: .source, c: .count, run: .pairs)
        case .formatValue: OpcodeForm(a: .target, b: .source, c: .source, d: .flag)
        case .unpack: OpcodeForm(a: .target, b: .source, c: .count, run: .unpacked)
        case .unpackStar: OpcodeForm(a: .target, b: .source, c: .count, d: .count, run: .starred)
        case .call: OpcodeForm(a: .target, b: .source, c: .count, run: .arguments)
        case .callMethod: OpcodeForm(a: .target, b: .source, c: .count, run: .methodArguments)
        case .callKeywords: OpcodeForm(a: .target, b: .source, c: .count, wordOne: .constant, run: .arguments)
        case .callMethodKeywords:
            OpcodeForm(a: .target, b: .source, c: .count, wordOne: .constant, run: .methodArguments)
        case .callSpread: OpcodeForm(a: .target, b: .source, d: .flag, run: .spread)
        case .returnValue: OpcodeForm(a: .source, endsBlock: true)
        case .returnConstant: OpcodeForm(bc: .constant, endsBlock: true)
        case .makeGenerator: OpcodeForm()
        case .leaveLoop, .observe, .readBody: OpcodeForm(endsBlock: true)
        case .settle: OpcodeForm(a: .count, d: .flag)
        case .yieldValue: OpcodeForm(a: .target, b: .source, c: .source, d: .flag)
        case .send: OpcodeForm(a: .target, b: .source, c: .source, wordOne: .jump)
        case .getAwaitable: OpcodeForm(a: .target, b: .source, d: .flag)
        case .endAsyncFor: OpcodeForm(a: .source)
        case .forIterate, .forIterateZip: OpcodeForm(a: .target, b: .source, c: .jump)
        case .raise: OpcodeForm(a: .source, b: .source, d: .flag, endsBlock: true)
        case .reraise: OpcodeForm(a: .source, endsBlock: true)
        case .popHandled: OpcodeForm(a: .source)
        case .makeFunction: OpcodeForm(a: .target, b: .constant, c: .source, d: .flag, run: .parts)
        case .setupAnnotations: OpcodeForm()
        case .importName: OpcodeForm(a: .target, b: .name, c: .constant)
        case .importStar: OpcodeForm(a: .source)
        case .intrinsic: OpcodeForm(a: .target, b: .source, c: .source, d: .flag)
        case .matchClass: OpcodeForm(a: .target, b: .source, c: .source, d: .count, wordOne: .constant)
        }
    }

    /// The opcode that emitters write, of which this is a quickened form.
    public var general: Opcode {
        switch self {
        case .loadAttributeSlot, .loadAttributeClass, .loadAttributeModule: .loadAttribute
        case .storeAttributeSlot, .storeAttributeAdd: .storeAttribute
        case .loadMethodClass, .loadMethodModule: .loadMethod
        case .loadGlobalModule, .loadGlobalBuiltin: .loadGlobal
        case .storeGlobalModule: .storeGlobal
        case .forIterateZip: .forIterate
        default: self
        }
    }

    /// The instruction that two in one begin with.
    public var single: Opcode {
        switch self {
        case .multiplyThenAdd, .multiplyThenSubtract, .multiplyThenSubtractFrom, .multiplyThenAddConstant, .multiplyThenYield:
            .multiply
        case .multiplyConstantThenAdd, .multiplyConstantThenSubtract, .multiplyConstantThenSubtractFrom,
            .multiplyConstantThenAddConstant, .multiplyConstantThenYield:
            .multiplyConstant
        case .jumpBackToIterate: .jumpBack
        default: self
        }
    }
}
