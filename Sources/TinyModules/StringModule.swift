// `_string`: what `string.Formatter` needs of the syntax of format strings.
import TinyRuntime

enum StringModule {
    static let nativeModule = NativeModule("_string", doc: "string helper module", functions: { Str.stringModuleNatives })
}
