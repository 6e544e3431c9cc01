// Native functions that hooks of `sys.addaudithook` hear of before they do anything.

extension Native {
    /// The same function, which first tells an event: its name, and the arguments at some places of the signature.
    ///
    /// - Parameters:
    ///   - directories: the places whose None means the present directory: -1 is told, as the system has it.
    ///   - absent: what is told of an argument that was not given.
    public func telling(_ event: StaticString, _ places: Int..., directories: [Int] = [], absent: Value = .none) -> Native {
        let inner = body
        return Native(signature, doc, form) { args throws(Raised) in
            if AuditHooks.listen {
                var told: [Value] = []
                for place in places + directories {
                    let value = args.has(place) ? args[place] : absent
                    told.append(value.isNone && directories.contains(place) ? Value(inline: -1) : value)
                }
                try AuditHooks.tell(Value(StrTables.intern(event)), Value(Tuple.make(told)))
            }
            return try inner(args)
        }
    }
}
