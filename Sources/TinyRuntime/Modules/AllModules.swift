// The modules that the machine itself leans on: files, threads, greenlets and their hub, and types that handlers know.

extension NativeModules {
    static let ofRuntime: [NativeModule] = [
        IOModule.nativeModule, ErrnoModule.nativeModule, CollectionsModule.nativeModule, ArrayModule.nativeModule,
        ThreadModule.nativeModule, GreenletModule.nativeModule, HubModule.nativeModule, HubSockets.nativeModule,
        ContextModule.nativeModule, AtexitModule.nativeModule, ReadlineModule.nativeModule, SystemFaults.nativeModule, CallProfiler.nativeModule,
        TraceMallocModule.nativeModule,
    ]
}
