// The native halves of modules that leave the process: files, processes, sockets, signals, clocks, pickles: a row here is all that a new one needs besides its file.
import TinyRuntime

/// The native halves of this target.
public enum SystemModules {
    /// For `NativeModules.add`.
    public static let all: [NativeModule] = [
        PosixModule.nativeModule, TimeModule.nativeModule, SignalModule.nativeModule, PickleModule.nativeModule,
        SocketModule.nativeModule, SelectModule.nativeModule, ProcessStartModule.nativeModule,
        MultiprocessingModule.nativeModule, MultiprocessingModule.sharedMemory, MemoryMap.nativeModule,
        FcntlModule.nativeModule, ResourceModule.nativeModule, TermiosModule.nativeModule, SyslogModule.nativeModule,
        LocaleModule.nativeModule, FaultHandlerModule.nativeModule, PasswordModule.users, PasswordModule.groups,
        DatePartsModule.nativeModule,
    ]
}
