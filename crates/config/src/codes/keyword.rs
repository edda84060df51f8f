//! Codes of keywords and values: `KA1xxx`, and the notes of ours that belong to the keyword table.

codes! {
    /// Unknown keyword.
    UNKNOWN_KEYWORD = "KA1001", Error, UnknownKeyword, "unknown keyword",
        "The word is no keyword of the block in which it stands. The line is ignored; if it opens a block, the whole block is \
         ignored as a unit.\n\nKeywords are case-sensitive. Often the word is misspelt, or it stands in the wrong block because a \
         brace before it is missing or surplus.";
    /// Required argument missing.
    MISSING_PARAMETER = "KA1002", Fatal, MissingParameter, "argument missing",
        "The keyword needs an argument and stands alone. keepalived stops at once with exit code 2 here, both when it starts and \
         under `-t`; this program reports everything else too, and then does the same.";
    /// Argument expected.
    EXPECTED_ARGUMENT = "KA1003", Error, General, "argument expected",
        "The keyword needs an argument and stands alone. The statement is ignored.";
    /// Bad number.
    INVALID_NUMBER = "KA1004", Error, InvalidNumber, "invalid number",
        "The argument is not a number as keepalived reads numbers: decimal digits, with blanks or `+` before them. `010` is ten and \
         `0x10` is not a number, except where C notation is documented. Where keepalived itself uses the digits before the first \
         foreign character, so does this program, after saying so.";
    /// Number outside its range.
    OUT_OF_RANGE = "KA1005", Error, InvalidNumber, "number out of range",
        "The number lies outside what the keyword accepts. What happens then is said in the message: the statement is ignored, or \
         the nearest limit, or a default is used.";
    /// Too many decimals.
    TOO_MANY_DECIMALS = "KA1006", Warning, InvalidNumber, "too many decimal places",
        "Times have at most six decimals of a second (three for `vrrp_script` and for the milliseconds of BFD). The value is rounded.";
    /// Bad boolean.
    INVALID_BOOLEAN = "KA1007", Error, General, "invalid boolean",
        "Yes and no are written `true`, `on`, `yes` and `false`, `off`, `no`, in lower case. Without an argument the keyword means \
         yes. The statement is ignored.";
    /// Bad address.
    INVALID_ADDRESS = "KA1008", Error, General, "invalid address",
        "The word is neither an IPv4 dotted quad nor an IPv6 address. Host names are accepted only by `smtp_server`.";
    /// Bad prefix length.
    INVALID_PREFIX_LENGTH = "KA1009", Error, General, "invalid prefix length",
        "A prefix length is at most 32 for IPv4 and 128 for IPv6. The full length is used.";
    /// Bad port.
    INVALID_PORT = "KA1010", Error, General, "invalid port",
        "A port is a number from 1 to 65535.";
    /// Bad interface name.
    INVALID_INTERFACE = "KA1011", Error, General, "invalid interface name",
        "Names of network interfaces have 1 to 15 characters, without `/` and blanks.";
    /// Not one of the words.
    INVALID_CHOICE = "KA1012", Error, General, "unknown word",
        "The keyword accepts only certain words here; the message names them.";
    /// Too long.
    TOO_LONG = "KA1013", Error, General, "text too long",
        "The text is longer than allowed. The statement is ignored. Where a text is cut instead, that is `KA1023`.";
    /// Surplus words.
    SURPLUS_WORDS = "KA1014", Error, General, "surplus words",
        "There are more words than the keyword takes.";
    /// Extra parameters before a value block.
    EXTRA_PARAMETERS = "KA1015", Error, General, "words before the block",
        "A list in braces takes no words between its keyword and the `{`. They are ignored; the list is used.";
    /// Missing brace.
    MISSING_BEGIN = "KA1016", Error, MissingBegin, "missing '{'",
        "The keyword opens a block, but no `{` follows. A block may be empty, but its braces must be there.";
    /// Brace where none belongs.
    UNEXPECTED_BEGIN = "KA1017", Error, UnexpectedBegin, "unexpected '{'",
        "The keyword takes no block. The braces and what stands between them are ignored.";
    /// Repeated keyword, first wins.
    REPEATED = "KA1018", Error, General, "repeated keyword",
        "The keyword was already given in this block and only the first counts. This one is ignored.";
    /// Repeated keyword, last wins.
    OVERWRITTEN = "KA1019", Warning, General, "earlier value replaced",
        "The keyword was already given in this block; the later value replaces the earlier one.";
    /// Deprecated and reported.
    DEPRECATED = "KA1020", Warning, Deprecated, "deprecated keyword",
        "The keyword is an old spelling or an old way. It still works.";
    /// Deprecated, said by us only.
    OLD_SPELLING = "KA1021", Note, None, "old spelling",
        "The keyword is an old spelling or an old way that keepalived accepts without making it an error. It still works.";
    /// Option of an item unknown.
    UNKNOWN_OPTION = "KA1022", Error, General, "unknown option",
        "The word is no option of this kind of line.";
    /// Value corrected.
    CORRECTED = "KA1023", Warning, General, "value corrected",
        "keepalived turns this value into another one; so does this program.";
    /// Bad hexadecimal text.
    INVALID_HEX = "KA1024", Error, General, "invalid hexadecimal digits",
        "The text must consist of hexadecimal digits, of the number that the keyword asks for.";
    /// Bad script line.
    INVALID_SCRIPT = "KA1025", Error, UnmatchedQuote, "unreadable command",
        "A command is one word - in double quotes when it has arguments - then optionally a user and a group. Both kinds of quotes \
         must be closed.";
    /// Setting cannot be used as written.
    INVALID_SETTING = "KA1026", Error, General, "unusable setting",
        "The value is understood but cannot be used here; the message says why.";
    /// A setting is dropped; keepalived only logs it.
    SETTING_NOTE = "KA1027", Warning, None, "setting not used",
        "The setting cannot be used as written; keepalived only logs this. The message says what happens instead.";
    /// Planned keyword.
    PLANNED = "KA9001", Note, None, "not acting yet",
        "The keyword is read, checked and kept, but this version does nothing with it yet. `docs/compatibility.md` lists the status \
         of every keyword. The note appears once per keyword.";
    /// Keyword without effect.
    NO_EFFECT = "KA9002", Note, None, "no effect",
        "The keyword is accepted because keepalived accepts it, and has no effect, there or here.";
}
