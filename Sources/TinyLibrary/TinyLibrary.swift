// The standard library as data: `embeddedFiles`, which the build makes from stdlib/ (see EmbedLibraryPlugin).
