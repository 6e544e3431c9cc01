// Runs `embedlibrary` whenever a file of stdlib/ has changed, so that the binary carries the library inside.
import Foundation
import PackagePlugin

@main
struct EmbedLibraryPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "stdlib")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        let enumerator = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let files = (enumerator?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "tr" }
        return [
            .buildCommand(
                displayName: "Embedding stdlib", executable: try context.tool(named: "embedlibrary").url,
                arguments: [folder.path, output.path], inputFiles: files.sorted { $0.path < $1.path } + [folder],
                outputFiles: [output])
        ]
    }
}
