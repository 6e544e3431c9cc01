// swift-tools-version: 6.0
import PackageDescription

// The floors of the house, bottom to top; each target knows only those it lists. README has the map.

/// The interpreter switches native stacks; the runtime's list of open accesses lives on the stack it would leave. Below the
/// runtime the checks only cost (measured: 5 % of compiling).
let exclusivity: SwiftSetting = .unsafeFlags(["-enforce-exclusivity=unchecked"])
/// Optimised in debug builds too, if file by file: an unoptimised interpreter is 50 times slower. (A release build compiles a module as
/// a whole, as Swift's package manager does by itself.)
let optimised: SwiftSetting = .unsafeFlags(["-O"])

/// Every handler ends in its own indirect jump, which the branch predictor needs: LLVM duplicates the dispatch into them
/// only if told that the switch is not too large for that (its limit of 16 predecessors came with LLVM 20).
let replicatedDispatch: SwiftSetting = .unsafeFlags([
    "-Xllvm", "-tail-dup-pred-size=100000", "-Xllvm", "-tail-dup-succ-size=100000",
])

/// What is small in the runtime is compiled into the targets above it, which read and make its objects all the time. By default
/// the compiler does so only with what touches nothing internal.
let shared: SwiftSetting = .unsafeFlags(["-cross-module-optimization"])

/// The tests of each floor look at what is not public. (Measured: the interpreter is as fast with it as without.)
let testable: SwiftSetting = .unsafeFlags(["-enable-testing"])

/// Each function in a section of its own, which the linker can put in order or leave out (see `oneFile`).
let sections: SwiftSetting = .unsafeFlags(["-Xfrontend", "-function-sections"])

/// The libraries go into the binary: it must run where they are not installed, and start before they could be found,
/// mapped and relocated (measured: `-c pass` takes 5 ms instead of 12).
func archives(_ names: String...) -> LinkerSetting { .unsafeFlags(names.flatMap { ["-Xlinker", "-l:lib\($0).a"] }) }
/// So do Swift's own library and that of C++ (see Sources/Linking). At a fixed address, without a table of its symbols,
/// the binary needs no relocation. What start-up and most programs run lies together (Sources/Linking/order.tr): the system
/// reads 16 pages at a time.
/// Not so with a sanitizer (README's commands set TINY_SANITIZER, a manifest is not told): the C library must find its `malloc`.
let oneFile: LinkerSetting = Context.environment["TINY_SANITIZER"] != nil ? .unsafeFlags([]) : .unsafeFlags(
    ["-static-stdlib", "-L\(Context.packageDirectory)/Sources/Linking"]
        + ["-static-libgcc", "-no-pie"].flatMap { ["-Xclang-linker", $0] }
        + [
            "--gc-sections", "--no-export-dynamic", "-l:libstdc++.a",
            "--section-ordering-file=\(Context.packageDirectory)/Sources/Linking/order.txt",
        ].flatMap { ["-Xlinker", $0] })

let package = Package(
    name: "Tiny",
    products: [.executable(name: "tinyrun", targets: ["tinyrun"])],
    targets: [
        .target(name: "CTiny"),
        .systemLibrary(name: "CFFI", providers: [.apt(["libffi-dev"])]),
        .systemLibrary(name: "CGMP", providers: [.apt(["libgmp-dev"])]),
        .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(name: "CLzma", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CExpat", providers: [.apt(["libexpat1-dev"])]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "TinySyntax", swiftSettings: [optimised, exclusivity, testable, sections]),
        .target(name: "TinyCompiler", dependencies: ["TinySyntax"], swiftSettings: [optimised, exclusivity, testable, sections]),
        .target(
            name: "TinyRuntime", dependencies: ["TinySyntax", "TinyCompiler", "CTiny", "CGMP", "CReadline"],
            swiftSettings: [optimised, exclusivity, replicatedDispatch, shared, testable, sections],
            linkerSettings: [archives("gmp", "readline", "tinfo")]),
        .target(
            name: "TinyModules", dependencies: ["TinyRuntime", "TinySyntax", "TinyCompiler", "CTiny", "CPCRE2"],
            swiftSettings: [optimised, exclusivity, sections], linkerSettings: [archives("pcre2-8")]),
        .target(
            name: "TinyNumbers", dependencies: ["TinyRuntime", "CTiny", "CGMP"], swiftSettings: [optimised, exclusivity, sections]),
        .target(
            name: "TinySystem", dependencies: ["TinyRuntime", "CTiny"], swiftSettings: [optimised, exclusivity, sections]),
        .target(
            name: "TinyBindings",
            dependencies: ["TinyRuntime", "CTiny", "CCrypto", "CZlib", "CBzip2", "CLzma", "CExpat", "CSQLite", "CFFI"],
            swiftSettings: [optimised, exclusivity, sections],
            linkerSettings: [archives("ssl", "crypto", "z", "bz2", "lzma", "expat", "sqlite3", "ffi")]),
        .executableTarget(name: "embedlibrary", dependencies: ["TinyCompiler"], swiftSettings: [optimised]),
        .plugin(
            name: "EmbedLibraryPlugin", capability: .buildTool(), dependencies: ["embedlibrary"],
            path: "Sources/EmbedLibraryPlugin"),
        .target(name: "TinyLibrary", swiftSettings: [sections], plugins: ["EmbedLibraryPlugin"]),
        .executableTarget(
            name: "tinyrun", dependencies: ["TinyRuntime", "TinyModules", "TinyNumbers", "TinySystem", "TinyBindings", "TinyLibrary"],
            swiftSettings: [optimised, exclusivity, sections], linkerSettings: [oneFile]),
        .executableTarget(name: "tinybench"),
        .testTarget(name: "TinySyntaxTests", dependencies: ["TinySyntax"]),
        // It runs the built tinyrun; a dependency would link the tests as tinyrun is linked.
        .testTarget(name: "ScriptTests"),
        .testTarget(
            name: "TinyRuntimeTests", dependencies: ["TinyRuntime", "TinyModules", "TinySystem"], swiftSettings: [exclusivity]),
        .testTarget(name: "TinyCompilerTests", dependencies: ["TinyCompiler", "TinySyntax"]),
    ]
)
