// The native halves of modules about the language and its data: a row here is all that a new one needs besides its file.
import TinyRuntime

/// The native halves of this target.
public enum LanguageModules {
    /// For `NativeModules.add`.
    public static let all: [NativeModule] = [
        FunctoolsModule.nativeModule, ItertoolsModule.nativeModule, BisectModule.nativeModule, HeapModule.nativeModule,
        OperatorModule.nativeModule, QueueModule.nativeModule, StructModule.nativeModule,
        JSONModule.nativeModule, GCModule.nativeModule, ImpModule.nativeModule, RegexModule.nativeModule,
        AstModule.nativeModule, DisModule.nativeModule, WeakrefModule.nativeModule, WarningsModule.nativeModule,
        InternalsModule.nativeModule, CodecsModule.nativeModule, StringModule.nativeModule, UnicodeDataModule.nativeModule,
    ]
}
