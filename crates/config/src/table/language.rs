//! Constructs of the language itself: not keywords, but explained and listed with them.

use super::decl::{Block, Repeat, kw, rest, want};

/// `<script arguments>`.
pub static SCRIPT_ARGUMENTS: Block = Block::new("<script arguments>", &[
    kw("<user> <group>")
        .slots(&[want(rest("<user> [[:]<group> | :]"))])
        .repeat(Repeat::Yes)
        .default("script_user")
        .values("unknown user or group makes the script unset")
        .doc("Words after the script word of every notify-like keyword; a leading colon adds the supplementary groups of the user."),
    kw("<group> starting with :")
        .repeat(Repeat::Yes)
        .since("post-2.4.3")
        .default("off")
        .doc("Colon form of the group argument."),
]);

/// `<language>`.
pub static LANGUAGE: Block = Block::new(
    "<language>",
    &[
        kw("include")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("rest of the line, glob with braces; errors only printed")
            .doc("Read other files at this point."),
        kw("includer")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("adds the read check (each implies read) to the include_check in force")
            .doc("include with stricter error handling."),
        kw("includem")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("adds the match check (each implies read) to the include_check in force")
            .doc("include with stricter error handling."),
        kw("includew")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("adds the wildcard_match check (each implies read) to the include_check in force")
            .doc("include with stricter error handling."),
        kw("includeb")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("adds the brace_match check (each implies read) to the include_check in force")
            .doc("include with stricter error handling."),
        kw("includea")
            .slots(&[want(rest("<pattern>"))])
            .repeat(Repeat::Yes)
            .values("adds the all checks (each implies read) to the include_check in force")
            .doc("include with stricter error handling."),
        kw("@")
            .slots(&[want(rest("<id> <statement>"))])
            .repeat(Repeat::Yes)
            .values("exact match with the configuration id")
            .doc("Keep the rest of the line only for this configuration id."),
        kw("@^")
            .slots(&[want(rest("<id> <statement>"))])
            .repeat(Repeat::Yes)
            .doc("Keep the rest of the line for every other configuration id."),
        kw("$")
            .slots(&[want(rest("NAME=<text>"))])
            .values("letters, digits, _; not starting with a digit; no blank before =")
            .doc("Define a parameter; trailing backslash starts a multi-line value."),
        kw("~SEQ")
            .slots(&[want(rest("(var[, start[, step]], end) <statement>"))])
            .repeat(Repeat::Yes)
            .default("start 1 or -1, step 1 or -1")
            .values("decimal, octal or hex numbers")
            .doc("Repeat the statement over a number range."),
        kw("~SEQx")
            .slots(&[want(rest("(var[, start[, step]], end) <statement>"))])
            .repeat(Repeat::Yes)
            .default("as ~SEQ")
            .values("non-negative")
            .doc("Same with hexadecimal substitution."),
        kw("~LST")
            .slots(&[want(rest("(var|{vars}, value|{values}...) <statement>"))])
            .repeat(Repeat::Yes)
            .values("missing values empty, surplus is an error")
            .doc("Repeat the statement over listed values."),
        kw("${_PWD}")
            .repeat(Repeat::Yes)
            .doc("Predefined parameter: Directory of the file being read."),
        kw("${_INSTANCE}")
            .repeat(Repeat::Yes)
            .doc("Predefined parameter: Configuration id (-i or first label of the host name)."),
        kw("${_RANDOM [min [max]]}")
            .repeat(Repeat::Yes)
            .doc("Predefined parameter: Random integer, 0..32767 by default."),
        kw("${_ENV name}")
            .repeat(Repeat::Yes)
            .since("2.4.0")
            .doc("Predefined parameter: Value of an environment variable, empty when unset."),
        kw("${_HASH}")
            .repeat(Repeat::Yes)
            .doc("Predefined parameter: A # character."),
        kw("${_BANG}")
            .repeat(Repeat::Yes)
            .doc("Predefined parameter: A ! character."),
    ],
);
