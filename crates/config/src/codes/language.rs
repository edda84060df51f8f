//! KA0xxx: files and the language around the keywords (`config-language.md` 2 to 9).

codes! {
    /// Main configuration file missing.
    MAIN_MISSING = "KA0001", Fatal, FileNotFound, "main configuration file missing",
        "No file matches the name given with `-f` (or the default name). The daemon does not start (exit code 6) and `-t` ends with 4; \
         the original `-t` ends with 0, which hides a mistyped name.\n\nCheck the name; a pattern may hold `*`, `?`, `[...]` and `{a,b}`.";
    /// Main configuration file unusable.
    MAIN_UNUSABLE = "KA0002", Fatal, FileNotFound, "main configuration file unusable",
        "A configuration file must be a readable regular file without execute permission for anybody. \
         One match that is not makes the whole configuration unusable.\n\nMend it with `chmod a-x FILE`, or name another file.";
    /// Several main configuration files.
    SEVERAL_MAIN_FILES = "KA0003", Warning, MultipleFiles, "several main configuration files",
        "The pattern given with `-f` matches several files. They are read one after the other, in sorted order, which is seldom meant.\n\n\
         Name one file and use `include` for the others.";
    /// Included file missing.
    FILE_MISSING = "KA0004", Warning, None, "included file missing",
        "An `include` names a file that does not exist. Without include checks this is only noted. `includem`, `includea` or \
         `include_check match` make it an error.";
    /// Include check failed.
    INCLUDE_FAILED = "KA0005", Fatal, ConfigFile, "include check failed",
        "An include check (`include_check` in `global_defs`, a variant such as `includea`, or option `-e`) found a file missing, \
         unreadable, executable or not regular. The daemon does not start (exit code 6).";
    /// Included file skipped.
    FILE_UNUSABLE = "KA0006", Warning, None, "included file skipped",
        "An `include` matches a directory, something that is not a regular file, a file with execute permission or one that \
         cannot be read. It is skipped. `includer` makes it an error.";
    /// File includes itself.
    INCLUDE_CYCLE = "KA0007", Error, General, "file includes itself",
        "The file is being read already, so that including it once more would never end. The include is ignored.";
    /// Too many included files.
    TOO_MANY_FILES = "KA0008", Fatal, General, "too many included files",
        "More files were included than anybody can mean. Reading stops here.";
    /// Unknown include check.
    INCLUDE_CHECK_WORD = "KA0009", Error, General, "unknown include check",
        "The words of `include_check` are `read`, `match`, `wildcard_match` and `brace_match`, the first one with or without `+` or `-`, \
         later ones with a sign. Older manuals say `readable`; the word is `read`.";
    /// Line too long.
    LINE_TOO_LONG = "KA0010", Error, General, "line too long",
        "A line may have 1022 characters. The first 1023 characters of a longer one are dropped and what follows is read as a line \
         of its own, exactly as the original does. Break the line up.";
    /// NUL in line.
    EMBEDDED_NUL = "KA0011", Error, General, "NUL in line",
        "The line holds a NUL character and is ignored. Perhaps the file is not a text file, or is encoded in UTF-16.";
    /// Byte order mark.
    BYTE_ORDER_MARK = "KA0012", Warning, UnknownKeyword, "byte order mark",
        "The file starts with a byte order mark. The original takes it for a part of the first keyword and does not know that word. \
         Here it is skipped. Save the file without it.";
    /// Quote without its partner.
    UNTERMINATED_QUOTE = "KA0013", Error, UnmatchedQuote, "quote without its partner",
        "A double quote has no partner on the same line; the unfinished word is dropped. A quoted word cannot hold a double quote.";
    /// Not UTF-8.
    NOT_UTF8 = "KA0014", Note, None, "not UTF-8",
        "Some bytes of the file are not UTF-8 and are shown as U+FFFD. It matters where a path or password holds them.";
    /// Parameter refers to itself.
    REFERENCE_CYCLE = "KA0015", Error, General, "parameter refers to itself",
        "The value of the parameter leads back to the parameter. The original never ends here; the inner reference is left as it is.";
    /// Expanded line too long.
    EXPANSION_TOO_LONG = "KA0016", Warning, None, "expanded line too long",
        "Substituting parameters makes the line longer than 1022 characters. Substitution stops and the partly expanded text is used, \
         as in the original.";
    /// Bad arguments of a predefined parameter.
    BAD_PREDEFINED = "KA0017", Error, General, "bad arguments of a predefined parameter",
        "`${_RANDOM}`, `${_RANDOM MIN}` and `${_RANDOM MIN MAX}` take decimal digits, `${_ENV NAME}` takes one name; arguments are \
         separated by blanks, with no blank before `}`. The reference is left as it is.";
    /// Minimum above maximum.
    RANDOM_RANGE = "KA0018", Error, General, "minimum above maximum",
        "In `${_RANDOM MIN MAX}` MIN is above MAX. MIN is used.";
    /// Invalid ~SEQ.
    BAD_SEQUENCE = "KA0019", Error, General, "invalid ~SEQ",
        "`~SEQ(VAR, END) TEXT`, `~SEQ(VAR, START, END) TEXT` or `~SEQ(VAR, START, STEP, END) TEXT`. Numbers are decimal, octal with a \
         leading 0 or hexadecimal with 0x; STEP must lead from START to END; `~SEQx` takes no negative bounds; the text from the second \
         element to the parenthesis may have 63 characters. The line is ignored.";
    /// Invalid ~LST.
    BAD_LIST = "KA0020", Error, General, "invalid ~LST",
        "`~LST(VAR, VALUE, ...) TEXT` or `~LST({VAR, ...}, {VALUE, ...}, ...) TEXT`. Values hold no blanks, commas, braces or \
         parentheses, and no set has more values than there are variables. The line is ignored.";
    /// Too many generated lines.
    TOO_MANY_LINES = "KA0021", Fatal, General, "too many generated lines",
        "Sequences, lists and parameters produced more lines than anybody can mean. Reading stops here.";
    /// Unexpected {.
    UNEXPECTED_BEGIN = "KA0022", Error, UnexpectedBegin, "unexpected {",
        "An opening brace follows nothing that could have a body. It is ignored, together with the brace that closes it.";
    /// Unexpected }.
    UNEXPECTED_END = "KA0023", Error, UnexpectedEnd, "unexpected }",
        "A closing brace closes nothing. It is ignored; probably an opening brace before it is missing, or there is one `}` too many.";
    /// Closing brace missing.
    MISSING_END = "KA0024", Error, MissingEnd, "closing brace missing",
        "At the end of the configuration a block is still open. It is closed there. Often the missing brace belongs much earlier: \
         look for the first line that is indented deeper than it should be.";
    /// Blocks nested too deeply.
    TOO_DEEP = "KA0025", Error, UnexpectedBegin, "blocks nested too deeply",
        "No block of the language is nested this deeply. The brace and its partner are ignored.";
    /// TOML syntax error.
    TOML_SYNTAX = "KA0026", Fatal, General, "TOML syntax error",
        "The text is not TOML. See docs/toml.md for how a configuration is written in TOML.";
    /// TOML value of the wrong shape.
    TOML_SHAPE = "KA0027", Error, General, "TOML value of the wrong shape",
        "A value stands where the configuration has no place for it: for example a number where a block is needed, or a date. \
         See docs/toml.md.";
    /// Text that no line can hold.
    TOML_TEXT = "KA0028", Error, General, "text that no line can hold",
        "A string is a piece of a line: it cannot hold line ends or NUL, its double quotes must be paired, and braces must stand in \
         double quotes.";
    /// Too many substitutions in a line.
    DEFINITION_BUDGET = "KA0029", Error, General, "too many substitutions in a line",
        "More than 4096 references were replaced within one line. Substitution stops and the partly expanded text is used.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_in_range() {
        let ids: BTreeSet<_> = ALL.iter().map(|code| code.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.iter().all(|id| id.starts_with("KA0") && id.len() == 6));
    }
}
