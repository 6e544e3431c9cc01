// The standard library as data: `embeddedPaths` and `embeddedTexts`, which the build makes from stdlib/ (see EmbedLibraryPlugin).
