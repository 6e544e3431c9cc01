// `__text_signature__` of native classes: what calling them takes, for `inspect.signature`.

enum ClassSignatures {
    /// A class's name (with its module, where two share it) and its signature on each line.
    private static let text = """
        object()
        NoneType()
        ellipsis()
        NotImplementedType()
        bool(object=False, /)
        float(x=0, /)
        complex(real=0, imag=0)
        list(iterable=(), /)
        tuple(iterable=(), /)
        set(iterable=(), /)
        frozenset(iterable=(), /)
        memoryview(object)
        enumerate(iterable, start=0)
        reversed(sequence, /)
        filter(function, iterable, /)
        map(function, iterable, /, *iterables)
        zip(*iterables, strict=False)
        property(fget=None, fset=None, fdel=None, doc=None)
        classmethod(function, /)
        staticmethod(function, /)
        function(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)
        method(function, instance, /)
        module(name, doc=None)
        mappingproxy(mapping)
        GenericAlias(origin, args, /)
        SimpleNamespace(mapping_or_iterable=(), /, **kwargs)
        traceback(tb_next, tb_frame, tb_lasti, tb_lineno)
        attrgetter(attr, /, *attrs)
        itemgetter(item, /, *items)
        methodcaller(name, /, *args, **kwargs)
        partial(func, /, *args, **keywords)
        accumulate(iterable, func=None, *, initial=None)
        batched(iterable, n, *, strict=False)
        chain(*iterables)
        combinations(iterable, r)
        combinations_with_replacement(iterable, r)
        compress(data, selectors)
        count(start=0, step=1)
        cycle(iterable, /)
        dropwhile(predicate, iterable, /)
        filterfalse(function, iterable, /)
        groupby(iterable, key=None)
        pairwise(iterable, /)
        permutations(iterable, r=None)
        product(*iterables, repeat=1)
        starmap(function, iterable, /)
        takewhile(predicate, iterable, /)
        zip_longest(*iterables, fillvalue=None)
        BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)
        BufferedRandom(raw, buffer_size=DEFAULT_BUFFER_SIZE)
        BufferedReader(raw, buffer_size=DEFAULT_BUFFER_SIZE)
        BufferedWriter(raw, buffer_size=DEFAULT_BUFFER_SIZE)
        BytesIO(initial_bytes=b'')
        FileIO(file, mode='r', closefd=True, opener=None)
        IncrementalNewlineDecoder(decoder, translate, errors='strict')
        StringIO(initial_value='', newline='\\n')
        TextIOWrapper(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)
        lock()
        decimal.Decimal(value='0', context=None)
        decimal.Context(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)
        Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)
        Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())
        """

    /// Name to signature, filled when somebody asks.
    private static let known: [Substring: Substring] = {
        var found: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let open = line.firstIndex(of: "(") else { continue }
            found[line[..<open]] = line[open...]
        }
        return found
    }()

    /// The signature of a native class, None if it has none to show.
    static func of(_ cls: ClassRef) -> Value {
        guard !cls.pointee.flags.contains(.isHeapType), let signature = known[Substring(qualifiedClassName(cls))] ?? known[Substring(cls.nameText)] else { return .none }
        return Value(Str.make(String(signature)))
    }
}
