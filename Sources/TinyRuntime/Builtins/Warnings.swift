// Warnings that native code gives, through the `warnings` module: its filters say what becomes of them.
import TinySyntax

/// Warns about what the running script does. Throws the warning where a filter makes it an error.
public func warn(_ category: ExceptionName, _ message: String, stackLevel: Int = 1) throws(Raised) {
    let warnings = try importModule("warnings")
    _ = try callValue(
        try getAttribute(warnings, "warn"), Value(Str.make(message)), Value(category.cls), Value(inline: stackLevel))
}

extension Runtime {
    /// Warns about a text that has been compiled. A filter that makes errors of such warnings makes SyntaxErrors of them.
    public static func report(_ diagnostics: [SyntaxDiagnostic], fileName: String) throws(Raised) {
        guard !diagnostics.isEmpty else { return }
        let warnings = try importModule("warnings")
        let warnExplicit = try getAttribute(warnings, "warn_explicit")
        for diagnostic in diagnostics {
            let message = Value(Str.make(diagnostic.message))
            do {
                _ = try callValue(
                    warnExplicit, message, Value(ExceptionName.syntaxWarning.cls), Value(Str.make(fileName)),
                    Value(Int(diagnostic.line)))
            } catch {
                guard currentThread().raisedIs(.syntaxWarning) else { throw error }
                _ = currentThread().takeRaised()
                var error = diagnostic
                error.kind = .syntaxError
                throw raiseSyntaxError(error, fileName: fileName)
            }
        }
    }
}

extension Runtime {
    /// A name of `builtins`, which a script may have deleted.
    public static func builtin(_ name: StaticString) throws(Raised) -> Value {
        let value: Value
        if let frame = currentThread().scriptFrame {
            value = try TinyRuntime.builtin(StrTables.intern(name), for: frame.header.pointee.globals)
        } else {
            value = builtins.get(StrTables.intern(name))
        }
        if value.isAbsent { throw raise(.attributeError, name.description) }
        return value
    }
}
