// The instruction set: the one table of opcodes.
//
// A register machine. R is the frame's register file (parameters first, then locals, then temporaries), K the code's
// constant pool; names are interned strings in K. An instruction is one 64-bit word (see Instruction.swift) with an
// 8-bit opcode, an 8-bit operand D, and three 16-bit operands A, B, C; `jump` operands are counted in words from the
// instruction that follows. Words named "cache" follow some instructions; only the runtime reads or writes them.
//
// Why 64-bit words and not 32: 16-bit operands reach every register, constant and name without "wide" twins of each
// opcode, and compare-and-jump fits in one word. Each comment is the meaning, as an equation where it can be one.
//
// To add an opcode: a case here, its row in `form`, a handler (the interpreter's switch won't compile without it) and
// an emit site. Keep the groups contiguous: emitters compute `add + operator`.

/// The opcodes, by the number in the lowest octet of a word.
public enum Opcode: UInt8, CaseIterable, Sendable {
    // MARK: Loads and stores
    /// R[A] = R[B]
    case move
    /// R[A] = K[BC]
    case loadConstant
    /// if R[A] is unbound: raise UnboundLocalError for the name K[B]
    case checkBound
    /// R[A] = unbound; raises UnboundLocalError for K[B] if it was already
    case deleteLocal
    /// R[A] = unbound, without a check (the end of `except … as name`)
    case clearLocal
    /// R[A] = globals[K[B]], else builtins[K[B]], else NameError    · cache
    case loadGlobal
    /// globals[K[B]] = R[A]    · cache
    case storeGlobal
    /// del globals[K[B]]
    case deleteGlobal
    /// R[A] = namespace[K[B]], else globals, else builtins (class and exec bodies)
    case loadName
    /// namespace[K[B]] = R[A]
    case storeName
    /// del namespace[K[B]]
    case deleteName
    /// R[A] = mapping R[B][K[C]], else globals, else builtins
    case loadFromMappingOrGlobal
    /// R[A] = cell(R[A]), where R[A] may be unbound
    case makeCell
    /// R[A] = R[B].cell; if empty, UnboundLocalError for K[C]
    case loadCell
    /// R[A].cell = R[B]
    case storeCell
    /// empty R[A].cell; if it was, UnboundLocalError for K[B]
    case deleteCell
    /// R[A] = closure[B].cell; if empty, NameError ("free variable")
    case loadFree
    /// closure[B].cell = R[A]
    case storeFree
    /// empty closure[A].cell; NameError if it was
    case deleteFree
    /// R[A] = closure[B], the cell itself
    case loadClosureCell
    /// R[A] = namespace[name of closure[B]], else closure[B].cell (class bodies)
    case loadNameOrFree
    /// R[A] = mapping R[C][name of closure[B]], else closure[B].cell
    case loadFromMappingOrFree
    /// R[A] = the frame's namespace
    case loadNamespace

    // MARK: Arithmetic, registers (in the order of BinaryOperator). D = 1: in-place (`+=`)
    /// R[A] = R[B] + R[C]
    case add
    case subtract, multiply, matrixMultiply, divide, floorDivide, modulo, power
    case leftShift, rightShift, bitOr, bitXor, bitAnd
    // MARK: Arithmetic with a constant on the right. D = 2: it stood on the left, of a sum or product
    /// R[A] = R[B] + K[C]
    case addConstant
    case subtractConstant, multiplyConstant, matrixMultiplyConstant, divideConstant, floorDivideConstant
    case moduloConstant, powerConstant
    case leftShiftConstant, rightShiftConstant, bitOrConstant, bitXorConstant, bitAndConstant
    // MARK: Arithmetic with a constant on the left (sums and products: the instructions above, with D = 2)
    /// R[A] = K[C] - R[B]
    case constantSubtract
    /// R[A] = K[C] / R[B]
    case constantDivide
    /// R[A] = -R[B]
    case negate
    /// R[A] = +R[B]
    case positive
    /// R[A] = ~R[B]
    case invert
    /// R[A] = not R[B]
    case not

    // MARK: Comparison (in the order of ComparisonOperator)
    /// R[A] = R[B] < R[C]
    case less
    case lessEqual, equal, notEqual, greater, greaterEqual
    case isSame, isNotSame
    /// R[A] = R[B] in R[C]
    case contains
    case notContains

    // MARK: Jumps
    /// pc += BC
    case jump
    /// pc += BC, backwards; looks at the eval breaker
    case jumpBack
    /// if R[A]: pc += BC
    case jumpIfTrue
    case jumpIfFalse
    case jumpIfNone
    case jumpIfNotNone
    /// if (R[A] < R[B]) == (D != 0): pc += C
    case jumpIfLess
    case jumpIfLessEqual, jumpIfEqual, jumpIfNotEqual, jumpIfGreater, jumpIfGreaterEqual
    /// if (R[A] < K[B]) == (D != 0): pc += C
    case jumpIfLessConstant
    case jumpIfLessEqualConstant, jumpIfEqualConstant, jumpIfNotEqualConstant
    case jumpIfGreaterConstant, jumpIfGreaterEqualConstant

    // MARK: Attributes and items
    /// R[A] = R[B].K[C]    · cache
    case loadAttribute
    /// R[A].K[C] = R[B]    · cache
    case storeAttribute
    /// del R[A].K[C]
    case deleteAttribute
    /// prepare a method call: callee of the call at A, and R[A] = self or "absent"; object R[B], name K[C]    · cache
    case loadMethod
    /// R[A] = super-attribute K[C]; R[B] = what `super` is, R[B+1] = class, R[B+2] = self. D = 1: the source passes
    /// class and self (if R[B] is not the builtin, it is called with them, else with nothing)
    case loadSuperAttribute
    /// as loadMethod for `super().K[C](…)`; operands as loadSuperAttribute
    case loadSuperMethod
    /// as loadMethod for the special method D (SpecialMethod) of R[B], looked up on the type
    case loadSpecial
    /// R[A] = R[B][R[C]]
    case loadItem
    /// R[A] = R[B][K[C]]
    case loadItemConstant
    /// R[A][R[B]] = R[C]
    case storeItem
    /// del R[A][R[B]]
    case deleteItem
    /// R[A] = slice(R[B], R[B+1], R[B+2])
    case buildSlice
    /// R[A] = R[B][R[C]:R[C+1]]
    case loadSlice

    // MARK: Containers and text
    /// R[A] = (R[B], …, R[B+C-1])
    case buildTuple
    case buildList
    case buildSet
    /// R[A] = {R[B]: R[B+1], …}, C pairs
    case buildDictionary
    /// R[A] = a new list of the items of the tuple K[BC]
    case buildListFromConstant
    /// R[A] = a new set of the items of the frozenset K[BC]
    case buildSetFromConstant
    /// R[A].append(R[B]), R[A] a list of our own
    case listAppend
    /// R[A].add(R[B]), R[A] a set of our own
    case setAdd
    /// R[A][R[B]] = R[C], R[A] a dict of our own
    case dictionaryInsert
    /// R[A].extend(R[B]); D = 1: a call's `*value` (words the error)
    case listExtend
    /// R[A].update(R[B]), a set
    case setUpdate
    /// R[A].update(R[B]), a dict display's `**value`
    case dictionaryUpdate
    /// merge the mapping R[B] into the keyword dict R[A]; a key there already is a TypeError; R[C] = the callable
    case dictionaryMerge
    /// R[A] = tuple(R[B]), R[B] a list of our own
    case listToTuple
    /// R[A] = the concatenation of the strings R[B] … R[B+C-1]
    case buildString
    /// R[A] = format(conversion D of R[B], R[C]); C = 0xFFFF: no format specification. D: 0 none, 1 str, 2 repr, 3 ascii
    case formatValue
    /// R[A] … R[A+C-1] = R[B]
    case unpack
    /// D names before the star, C after it: R[A] … = R[B], the starred one a list at R[A+D]
    case unpackStar

    // MARK: Calls (see CallLayout)
    /// R[A] = callee(R[B], …, R[B+C-1])
    case call
    /// R[A] = callee(self R[B] unless absent, R[B+1], …, R[B+C])
    case callMethod
    /// as call; the last arguments are named by the tuple K[word 1]
    case callKeywords
    /// as callMethod; the last arguments are named by the tuple K[word 1]
    case callMethodKeywords
    /// R[A] = callee(*R[B], **R[B+1]): anything iterable; a dict or None, or if D any mapping
    case callSpread
    /// return R[A]
    case returnValue
    /// return K[BC]
    case returnConstant

    // MARK: Generators and coroutines
    /// first instruction of such a function: move the frame into a new generator object and return that
    case makeGenerator
    /// yield R[B]; on resuming R[A] = what was sent. D = 1: inside a delegation whose sub-iterator is R[C]
    case yieldValue
    /// R[A] = what `yield from R[B]` iterates over
    case getDelegate
    /// send R[C] to the sub-iterator R[B]: R[A] = what it yields; when it ends, R[A] = its result and pc += word 1
    case send
    /// R[A] = the awaitable's iterator of R[B]; D: 0 await, 1 __aenter__, 2 __aexit__ (for the error's text)
    case getAwaitable
    /// R[A] = R[B].__aiter__()
    case getAsyncIterator
    /// R[A] = awaitable of R[B].__anext__()
    case getAsyncNext
    /// R[A] is the exception that ended an `async for`: fall through on StopAsyncIteration, else raise it again
    case endAsyncFor
    /// R[A] = R[B] wrapped as a value that an async generator yields
    case wrapAsyncYield

    // MARK: Iteration
    /// R[A] = iter(R[B])
    case getIterator
    /// R[A] = next(R[B]), or pc += C when it is exhausted
    case forIterate

    // MARK: Exceptions
    /// D = 0: raise again what is being handled; 1: raise R[A]; 2: raise R[A] from R[B]
    case raise
    /// raise R[A] again, as it is (its traceback already holds this frame); B = 1: if the frame is left, it was last here
    case reraise
    /// R[A] = what is being handled; R[B], an exception, is handled from now on
    case pushHandled
    /// R[A] (saved by pushHandled) is handled again
    case popHandled
    /// R[A] = whether the exception R[B] matches the class or tuple R[C]
    case matchException
    /// split the exception (group) R[B] by R[C]: R[A] = matching part or None, R[A+1] = the rest or None
    case matchExceptionGroup
    /// R[A] = what to raise at the end of `except*`, or None: R[B] the original, R[C] a list of raised and unhandled parts
    case prepareGroupReraise
    /// R[A], R[A+1], R[A+2] = class, value and traceback of the exception R[B], whatever attributes of it say: what `__exit__` is told
    case loadExitArguments
    /// R[A] = AssertionError
    case loadAssertionError

    // MARK: Functions, classes, modules
    /// R[A] = function of the code K[B]; D (FunctionParts) says which of defaults tuple, keyword-defaults dict,
    /// annotations dict, closure tuple stand, in this order, in R[C], R[C+1], …
    case makeFunction
    /// R[A] = builtins.__build_class__
    case loadBuildClass
    /// make `__annotations__` exist in the namespace
    case setupAnnotations
    /// R[A] = import of the name K[B]; K[C] is the tuple (level, fromlist)
    case importName
    /// R[A] = from the module R[B] import K[C]
    case importFrom
    /// from the module R[A] import *
    case importStar
    /// R[A] = intrinsic D (Intrinsic) of R[B], R[C]
    case intrinsic

    // MARK: Matching
    /// R[A] = whether R[B] matches a sequence pattern
    case matchSequence
    /// R[A] = whether R[B] matches a mapping pattern
    case matchMapping
    /// R[A] = tuple of the values of R[B] at the keys in tuple R[C], or None
    case matchKeys
    /// R[A] = tuple of the D positional and the named attributes (tuple K[word 1]) of R[B] as class R[C], or None
    case matchClass
    /// R[A] = len(R[B])
    case getLength

    // MARK: Two in one: written by the assembler over the first of two instructions that often come together. The second
    // stays where it is, and runs by itself where the two are not what they mostly are, and in the observed loop.
    /// jumpBack to the `forIterate` of a loop
    case jumpBackToIterate
    /// R[A] = R[B] * R[C], then the `add` that follows
    case multiplyThenAdd
    /// then `subtract` R[A] - …; … - R[A]; `addConstant`
    case multiplyThenSubtract, multiplyThenSubtractFrom, multiplyThenAddConstant
    /// R[A] = R[B] * K[C], then the `add` that follows
    case multiplyConstantThenAdd
    case multiplyConstantThenSubtract, multiplyConstantThenSubtractFrom, multiplyConstantThenAddConstant
    /// R[A] = R[B] * R[C], then the `yieldValue` of R[A] that follows
    case multiplyThenYield
    /// R[A] = R[B] * K[C], then the `yieldValue` of R[A] that follows
    case multiplyConstantThenYield

    // MARK: Written by the runtime over others (quickening); emitters never use them
    /// loadAttribute: an instance's slot at a fixed offset
    case loadAttributeSlot
    /// loadAttribute: a value found on the class
    case loadAttributeClass
    /// loadAttribute: a module's entry
    case loadAttributeModule
    /// storeAttribute: an instance's slot at a fixed offset
    case storeAttributeSlot
    /// storeAttribute: a slot that the instance gains (shape transition)
    case storeAttributeAdd
    /// loadMethod: a function found on the class
    case loadMethodClass
    /// loadMethod: a module's entry, called without self
    case loadMethodModule
    /// loadGlobal: an entry of the module's globals at a fixed index
    case loadGlobalModule
    /// loadGlobal: an entry of builtins at a fixed index
    case loadGlobalBuiltin
    /// storeGlobal: an existing entry at a fixed index
    case storeGlobalModule
    /// forIterate, with an `unpack` of two behind it: a zip of two lists or tuples
    case forIterateZip
    /// leave the interpreter's loop: a frame that native code called has returned or raised
    case leaveLoop
    /// Goes on at the frame's first instruction, traced. Written by the runtime only.
    case observe
    /// read the frame's code from its image, go on at its first instruction (what code in an image begins with; runtime only)
    case readBody
    /// a place where something may have lost its last reference, on purpose if D = 1 (2: only clear; 3: an exception was swallowed); nothing lives in R[A] and above
    case settle
}

/// Special methods that `loadSpecial` looks up.
public enum SpecialMethod: UInt8, CaseIterable, Sendable { case enter, exit, asyncEnter, asyncExit }

/// What `makeFunction` finds in registers, in the order of the bits.
public struct FunctionParts: OptionSet, Sendable {
    /// The bits, as operand D has them.
    public let rawValue: UInt8
    @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A tuple of defaults.
    @inlinable public static var defaults: FunctionParts { FunctionParts(rawValue: 1) }
    /// A dict of the defaults of keyword-only parameters.
    @inlinable public static var keywordDefaults: FunctionParts { FunctionParts(rawValue: 2) }
    /// A dict of annotations.
    @inlinable public static var annotations: FunctionParts { FunctionParts(rawValue: 4) }
    /// A tuple of cells.
    @inlinable public static var closure: FunctionParts { FunctionParts(rawValue: 8) }
}

/// Rare operations that share one opcode.
public enum Intrinsic: UInt8, CaseIterable, Sendable {
    /// Show the value R[B] of an expression statement at the prompt (sys.displayhook).
    case display
    /// R[A] = type variable named by string R[B], without bound.
    case typeVariable
    /// R[A] = type variable R[B] with the bound computed by function R[C].
    case typeVariableWithBound
    /// R[A] = type variable R[B] with the constraints computed by function R[C].
    case typeVariableWithConstraints
    case typeVariableTuple
    case parameterSpecification
    /// set the default of type parameter R[B] to the function R[C]; R[A] = R[B].
    case setTypeParameterDefault
    /// R[A] = Generic[...] for the tuple of type parameters R[B].
    case subscriptGeneric
    /// R[A] = type alias: R[B] = tuple (name, type parameters or None, function computing the value).
    case typeAlias
    /// set `__type_params__` of the function R[B] to the tuple R[C]; R[A] = R[B].
    case setFunctionTypeParameters
    /// R[A] = dict(R[B]), a copy for `**rest` patterns.
    case copyMapping
}
