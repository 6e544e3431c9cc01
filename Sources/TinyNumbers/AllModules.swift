// The native halves of modules about numbers: a row here is all that a new one needs besides its file.
import TinyRuntime

/// The native halves of this target.
public enum NumberModules {
    /// For `NativeModules.add`.
    public static let all: [NativeModule] = [
        MathModule.nativeModule, CmathModule.nativeModule, RandomModule.nativeModule, DecimalModule.nativeModule,
    ]
}
