// The native modules about text and octets, for NativeModules.all.

enum TextModules {
    static let all = [
        CodecsModule.nativeModule, StringModule.nativeModule, UnicodeDataModule.nativeModule, BinasciiModule.nativeModule,
    ]
}
