// Every native module: a row here is all that a new one needs besides its file.

extension NativeModules {
    /// Every native module but `sys` and `builtins`, which exist from the start.
    nonisolated(unsafe) static let all: [NativeModule] = [
        AtexitModule.nativeModule, CodecsModule.nativeModule, ErrnoModule.nativeModule,
        IOModule.nativeModule, PosixModule.nativeModule, GCModule.nativeModule,
        MathModule.nativeModule, StringModule.nativeModule,
        ThreadModule.nativeModule, TimeModule.nativeModule, WeakrefModule.nativeModule,
    ]
}

enum StringModule {
    static let nativeModule = NativeModule("_string", doc: "string helper module", functions: { Str.stringModuleNatives })
}
