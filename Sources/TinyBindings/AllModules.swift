// The native halves of modules that stand on a C library: a row here is all that a new one needs besides its file.
import TinyRuntime

/// The native halves of this target.
public enum BindingModules {
    /// For `NativeModules.add`.
    public static let all: [NativeModule] = [
        HashModule.nativeModule, Blake2.nativeModule, ZlibModule.nativeModule, BinasciiModule.nativeModule,
        Bzip2Module.nativeModule, LzmaModule.nativeModule, ExpatModule.nativeModule, SQLiteModule.nativeModule,
        TLSModule.nativeModule, ForeignModule.nativeModule,
    ]
}
