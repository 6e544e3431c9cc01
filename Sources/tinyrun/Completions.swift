// What shells and `man` want to know, written from the table of options.
import Glibc

enum Completions {
    /// The completion script of a shell, or nil if it is none of the three.
    static func script(for shell: String) -> String? {
        switch shell {
        case "bash": bash
        case "zsh": zsh
        case "fish": fish
        default: nil
        }
    }

    /// The words that stand for themselves: `timed|io-first` has two, `FILE` none.
    private static func choices(_ option: Option) -> [Substring] {
        guard let argument = option.argument, argument.contains("|") else { return [] }
        return argument.split(separator: "|")
    }

    private static var bash: String {
        let words = Options.all.map { $0.name }.joined(separator: " ")
        var cases = ""
        for option in Options.all where !choices(option).isEmpty {
            cases += "        \(option.name)) COMPREPLY=($(compgen -W '\(choices(option).joined(separator: " "))' -- \"$word\")); return ;;\n"
        }
        return """
            # Completion of tinyrun for bash; written by `tinyrun --completion bash`.
            _tinyrun() {
                local word="${COMP_WORDS[COMP_CWORD]}"
                case "${COMP_WORDS[COMP_CWORD-1]}" in
            \(cases)    esac
                if [[ $word == -* ]]; then
                    COMPREPLY=($(compgen -W '\(words) -c -m -i -q -u -E -I -P -W -X -h -V' -- "$word"))
                else
                    COMPREPLY=($(compgen -f -X '!*.@(tr|py)' -- "$word") $(compgen -d -- "$word"))
                fi
            }
            complete -o filenames -F _tinyrun tinyrun

            """
    }

    private static var zsh: String {
        var rows = ""
        for option in Options.all {
            let help = option.help.filter { !"[]:'".contains($0) }
            switch (option.argument, choices(option)) {
            case (nil, _): rows += "    '\(option.name)[\(help)]' \\\n"
            case (let argument?, let words) where words.isEmpty: rows += "    '\(option.name)=[\(help)]:\(argument):_files' \\\n"
            case (let argument?, let words):
                let name = argument.filter { $0 != "|" }
                rows += "    '\(option.name)=[\(help)]:\(name):(\(words.joined(separator: " ")))' \\\n"
            }
        }
        return """
            #compdef tinyrun
            # Completion of tinyrun for zsh; written by `tinyrun --completion zsh`.
            _arguments \\
            \(rows)    '-c[run a text]:text:' '-m[run a module]:module:' '-i[the prompt when the script has ended]' \\
                '*:script:_files -g "*.(tr|py)"'

            """
    }

    private static var fish: String {
        var rows = "# Completion of tinyrun for fish; written by `tinyrun --completion fish`.\n"
        for option in Options.all {
            let help = option.help.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
            rows += "complete -c tinyrun -l \(option.name.dropFirst(2))"
            if option.argument != nil { rows += choices(option).isEmpty ? " -r" : " -x -a '\(choices(option).joined(separator: " "))'" }
            rows += " -d '\(help)'\n"
        }
        return rows
    }

    /// The manual page, in the `man` macros.
    static var manual: String {
        func escaped(_ text: String) -> String {
            text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\e")
                .split(separator: "-", omittingEmptySubsequences: false).joined(separator: "\\-")
        }
        var text = """
            .TH TINYRUN 1 "" "Tiny 3.13" "User Commands"
            .SH NAME
            tinyrun \\- run programs in the Tiny language, which is Python 3
            .SH SYNOPSIS
            .B tinyrun
            [\\fIoptions\\fR] [\\fB\\-c\\fR \\fItext\\fR | \\fB\\-m\\fR \\fImodule\\fR | \\fIscript\\fR | \\fB\\-\\fR] [\\fIarguments\\fR]
            .SH DESCRIPTION
            Without a script, a prompt. The options are those of python3, and these:
            .SH OPTIONS

            """
        for (letters, meaning) in Options.letterHelp { text += ".TP\n.B \(escaped(letters))\n\(escaped(meaning))\n" }
        for option in Options.all {
            text += ".TP\n.BR \(escaped(option.name))\(option.argument.map { " \" \" \\fI\(escaped($0))\\fR" } ?? "")\n\(escaped(option.help))\n"
        }
        text += """
            .SH ENVIRONMENT
            .TP
            .B TINYPATH
            Folders that are searched for modules after the script's own, with colons between them.
            .TP
            .B TINYSTARTUP
            A script that runs before the first prompt.
            .TP
            .BR TINYUNBUFFERED , \\ TINYINSPECT , \\ TINYHASHSEED
            As \\-u; as \\-i; the seed of the hashes of text. Without TINY… the variable PYTHON… counts, and python3's others do.
            .TP
            .BR TINY_HISTORY , \\ TINY_COLORS , \\ NO_COLOR , \\ FORCE_COLOR
            The file of the prompt's history; whether there is colour.

            """
        return text
    }

    /// Writes the completion of the user's shell to where the shell looks for it. The file's path, or what is wrong.
    static func install() throws(Mistake) -> String {
        func variable(_ name: String) -> String? {
            guard let text = getenv(name), text.pointee != 0 else { return nil }
            return String(cString: text)
        }
        guard let home = variable("HOME") else { throw Mistake("HOME is not set") }
        let shell = variable("SHELL").flatMap { $0.split(separator: "/").last.map { String($0) } } ?? "bash"
        guard let script = script(for: shell) else { throw Mistake("no completion for the shell \(shell)") }
        let data = variable("XDG_DATA_HOME") ?? home + "/.local/share"
        let path =
            switch shell {
            case "zsh": data + "/zsh/site-functions/_tinyrun"
            case "fish": (variable("XDG_CONFIG_HOME") ?? home + "/.config") + "/fish/completions/tinyrun.fish"
            default: data + "/bash-completion/completions/tinyrun"
            }
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            if mkdir(folder, 0o755) != 0, errno != EEXIST { throw Mistake("\(folder): \(String(cString: strerror(errno)))") }
        }
        // Beside the old file first: a full disk must not leave half a script.
        let draft = path + ".new"
        guard let file = fopen(draft, "w") else { throw Mistake("\(draft): \(String(cString: strerror(errno)))") }
        let isWritten = fputs(script, file) >= 0
        guard fclose(file) == 0, isWritten, rename(draft, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw Mistake("\(path): \(reason)")
        }
        return path
    }
}
