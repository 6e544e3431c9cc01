// The names of `builtins` that people type at a prompt: exit, quit, help, copyright, credits, license. They are native because
// every script has them and an import at each start would cost a millisecond; `help` imports `pydoc` when it is called.
import Glibc

final class SiteBuiltin: UntracedObject {
    let name: String
    let text: String

    init(_ name: String, _ text: String) {
        self.name = name
        self.text = text
    }

    private static func own(_ value: Value) throws(Raised) -> SiteBuiltin {
        guard let own = value.boxed(SiteBuiltin.self) else { throw typeError("an object of the prompt is required") }
        return own
    }

    private static let show = Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
        Value(Str.make(try own(args[0]).text))
    }

    private static let leave = Native("__call__(self, /, code=None)", "Ends the session.") { args throws(Raised) in
        // Shells like IDLE ask before they let a session end when its standard input closes.
        let input = Runtime.sysModule.pointee.namespace.get(Names.stdin)
        do throws(Raised) {
            if !input.isAbsent, !input.isNone { _ = try callMethod(input, StrTables.intern("close")) }
        } catch { _ = currentThread().takeRaised() }
        throw raise(.systemExit, arguments: args[1])
    }

    private static let tell = Native("__call__(self, /)", "Prints the text.") { args throws(Raised) in
        try writeText(Runtime.sysModule.pointee.namespace.get(Names.stdout), Array((try own(args[0]).text + "\n").utf8))
        return .none
    }

    private static let help = Native("__call__(self, /, *args, **kwds)", "Shows what is documented.") { args throws(Raised) in
        try callValue(try getAttribute(try importModule("pydoc"), "help"), args[1].object(Tuple.self), args[2].object(Dict.self))
    }

    /// Puts them into `builtins`; `-S` leaves them out.
    static func install() {
        func add(_ className: StaticString, _ call: Native, _ rows: [(name: String, text: String)]) {
            let cls = ClassObject.makeNative(className.description, kind: .box, bases: [Runtime.objectClass], module: "_sitebuiltins")
                .filled(NativeClass(className, kind: .box, methods: [show, call]))
            for row in rows { Runtime.builtins.set(StrTables.intern(row.name), BoxedObject.make(SiteBuiltin(row.name, row.text), cls)) }
        }
        add("Quitter", leave, ["exit", "quit"].map { ($0, "Use \($0)() or Ctrl-D (i.e. EOF) to exit") })
        add("_Helper", help, [("help", "Type help() for interactive help, or help(object) for help about object.")])
        add("_Printer", tell, [
            ("copyright", "Tiny: a small interpreter of the Python language."),
            ("credits", "Tiny owes its language to the Python community, its engine to the ideas of Lua, LuaJIT and Wren."),
            ("license", "The sources of Tiny say under which licence they may be used."),
        ])
    }
}
