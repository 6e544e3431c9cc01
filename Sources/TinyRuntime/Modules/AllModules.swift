// Every native module: a row here is all that a new one needs besides its file.

extension NativeModules {
    /// Every native module but `sys` and `builtins`, which exist from the start.
    static let all: [NativeModule] = [
        CollectionsModule.nativeModule, FunctoolsModule.nativeModule, ItertoolsModule.nativeModule,
        BisectModule.nativeModule, HeapModule.nativeModule, OperatorModule.nativeModule, RandomModule.nativeModule,
        QueueModule.nativeModule, ContextModule.nativeModule, StructModule.nativeModule, JSONModule.nativeModule,
        AtexitModule.nativeModule, ErrnoModule.nativeModule, GCModule.nativeModule,
        MathModule.nativeModule, ImpModule.nativeModule, RegexModule.nativeModule, PickleModule.nativeModule,
        ForeignModule.nativeModule, HashModule.nativeModule, TLSModule.nativeModule, Blake2.nativeModule, ZlibModule.nativeModule, SQLiteModule.nativeModule, TermiosModule.nativeModule, SyslogModule.nativeModule, CallProfiler.nativeModule, Bzip2Module.nativeModule, LzmaModule.nativeModule, ExpatModule.nativeModule,
        LocaleModule.nativeModule, CmathModule.nativeModule, DecimalModule.nativeModule,
        FcntlModule.nativeModule, SystemFaults.nativeModule, ResourceModule.nativeModule, AstModule.nativeModule, ArrayModule.nativeModule,
        GreenletModule.nativeModule, HubModule.nativeModule, HubSockets.nativeModule, SocketModule.nativeModule, SelectModule.nativeModule,
        IOModule.nativeModule, PosixModule.nativeModule, ReadlineModule.nativeModule, DisModule.nativeModule, SignalModule.nativeModule, PasswordModule.users, PasswordModule.groups,
        ThreadModule.nativeModule, FaultHandlerModule.nativeModule, TimeModule.nativeModule, WeakrefModule.nativeModule, WarningsModule.nativeModule,
        ProcessStartModule.nativeModule, InternalsModule.nativeModule, MultiprocessingModule.nativeModule, MultiprocessingModule.sharedMemory, MemoryMap.nativeModule,
    ] + TextModules.all
}
