//! `HTTP_GET` and `SSL_GET`.

use super::decl::{
    Block, Kind, Later, Repeat, Status, TIMER_MAX, choice, int, kw, may, must, rest, rest_of, seconds, text, want,
};

/// `virtual_server.real_server.HTTP_GET`.
pub static CHECK_HTTP_GET: Block = Block::new(
    "virtual_server.real_server.HTTP_GET",
    &[
        kw("connect_ip")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Lvs))
            .default("real server address")
            .values("address of the bindto family; else ignored")
            .doc("Address the check connects to."),
        kw("connect_port")
            .slots(&[must(int(1, 65_535))])
            .status(Status::Planned(Later::Lvs))
            .default("real server port")
            .values("1..65535; else ignored")
            .doc("Port the check connects to."),
        kw("bindto")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Lvs))
            .default("kernel choice")
            .values("address of the destination family; else ignored")
            .doc("Local address used."),
        kw("bind_port")
            .slots(&[must(int(1, 65_535))])
            .status(Status::Planned(Later::Lvs))
            .default("kernel choice")
            .values("1..65535; else ignored")
            .doc("Local port used."),
        kw("bind_if")
            .slots(&[must(Kind::Interface)])
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("up to 15 characters; else ignored")
            .doc("Interface used; mandatory for link-local IPv6 destinations (the check is dropped otherwise)."),
        kw("connect_timeout")
            .slots(&[must(seconds(1, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server")
            .values("0.000001..4294.967295 s; else ignored")
            .doc("Connection timeout."),
        kw("fwmark")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("0 (none)")
            .values("0..4294967295; else ignored")
            .doc("Firewall mark put on outgoing packets."),
        kw("retry")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else 1")
            .values("0..4294967295; else ignored")
            .doc("Extra attempts before the check counts as failed."),
        kw("delay_before_retry")
            .slots(&[must(seconds(0, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else 3")
            .values("0..TIMER max; else ignored")
            .doc("Pause before a repeated attempt."),
        kw("warmup")
            .slots(&[must(seconds(0, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else delay_loop")
            .values("0..TIMER max; else ignored")
            .doc("Upper bound of the random start delay."),
        kw("delay_loop")
            .slots(&[must(seconds(1, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server (60)")
            .values("0.000001..TIMER max; else ignored")
            .doc("Interval between checks."),
        kw("alpha")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Start in failed state."),
        kw("log_all_failures")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("checker_log_all_failures")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Log every failed attempt of this check."),
        kw("nb_get_retry")
            .canonical("retry")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .deprecated("retry", true)
            .default("as retry")
            .values("0..4294967295; else ignored")
            .doc("Old spelling of retry; always reported."),
        kw("virtualhost")
            .slots(&[want(text("name"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("value of real or virtual server")
            .values("any word")
            .doc("Host header for all urls of this check."),
        kw("http_protocol")
            .slots(&[want(choice(&["1.0", "1.0C", "1.0c", "1.1"]))])
            .status(Status::Planned(Later::Lvs))
            .default("1.0")
            .values("other word reported, unchanged")
            .doc("Request version; 1.0C adds a Connection: close header."),
        kw("enable_sni")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Send the host name as TLS server name."),
        kw("sni_name")
            .slots(&[may(text("name"))])
            .repeat(Repeat::LastReported)
            .since("post-2.4.3")
            .status(Status::Planned(Later::Lvs))
            .default("virtual host")
            .values("bare keyword only enables SNI")
            .doc("Server name to send; implies enable_sni."),
        kw("fast_recovery")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Check further urls without waiting delay_loop while coming up."),
        kw("url")
            .block(&CHECK_HTTP_GET_URL)
            .repeat(Repeat::Yes)
            .status(Status::Planned(Later::Lvs))
            .doc("One request; dropped with message without path."),
    ],
);

/// `virtual_server.real_server.HTTP_GET.url`.
pub static CHECK_HTTP_GET_URL: Block = Block::new(
    "virtual_server.real_server.HTTP_GET.url",
    &[
        kw("path")
            .slots(&[must(text("text"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none (mandatory)")
            .values("any word")
            .doc("Request target."),
        kw("digest")
            .slots(&[must(Kind::Hex { digits: 32 })])
            .repeat(Repeat::First)
            .status(Status::Planned(Later::Lvs))
            .default("not checked")
            .values("32 hex digits; else ignored")
            .doc("Expected MD5 of the reply body."),
        kw("status_code")
            .slots(&[may(rest("CODE | CODE-CODE ..."))])
            .repeat(Repeat::Merged)
            .status(Status::Planned(Later::Lvs))
            .default("200-299")
            .values("100..599; bad words reported and skipped")
            .doc("Acceptable status codes."),
        kw("virtualhost")
            .slots(&[want(text("name"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("value of the check")
            .values("any word")
            .doc("Host header for this url."),
        kw("regex")
            .slots(&[want(Kind::Script)])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("not checked")
            .values("exactly one (quoted, escaped) word; compile errors only logged")
            .doc("Perl-compatible pattern that must match the body. (build: regex)"),
        kw("regex_no_match")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("Fail if the pattern matches."),
        kw("regex_options")
            .slots(&[may(rest_of("OPTION*", &CHECK_HTTP_GET_URL_REGEX_OPTIONS_ARG))])
            .repeat(Repeat::Merged)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("see regex_options.<arg>; unknown words silently skipped")
            .doc("Pattern compile options."),
        kw("regex_min_offset")
            .slots(&[want(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("0")
            .values("decimal; problems only logged, then 0")
            .doc("First body offset examined."),
        kw("regex_max_offset")
            .slots(&[want(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("unlimited")
            .values("decimal; not below minimum (both dropped, logged)")
            .doc("Last body offset at which a match may start."),
        kw("regex_stack")
            .slots(&[want(int(0, 4_294_967_295)), want(int(0, 4_294_967_295))])
            .repeat(Repeat::Largest)
            .status(Status::Planned(Later::Lvs))
            .default("library default")
            .values("decimal bytes, start not above max; problems only logged")
            .doc("Stack for the pattern matcher. (build: pcre2 JIT)"),
    ],
);

/// `virtual_server.real_server.SSL_GET`.
pub static CHECK_SSL_GET: Block = Block::new(
    "virtual_server.real_server.SSL_GET",
    &[
        kw("connect_ip")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Lvs))
            .default("real server address")
            .values("address of the bindto family; else ignored")
            .doc("Address the check connects to."),
        kw("connect_port")
            .slots(&[must(int(1, 65_535))])
            .status(Status::Planned(Later::Lvs))
            .default("real server port")
            .values("1..65535; else ignored")
            .doc("Port the check connects to."),
        kw("bindto")
            .slots(&[must(Kind::Address)])
            .status(Status::Planned(Later::Lvs))
            .default("kernel choice")
            .values("address of the destination family; else ignored")
            .doc("Local address used."),
        kw("bind_port")
            .slots(&[must(int(1, 65_535))])
            .status(Status::Planned(Later::Lvs))
            .default("kernel choice")
            .values("1..65535; else ignored")
            .doc("Local port used."),
        kw("bind_if")
            .slots(&[must(Kind::Interface)])
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("up to 15 characters; else ignored")
            .doc("Interface used; mandatory for link-local IPv6 destinations (the check is dropped otherwise)."),
        kw("connect_timeout")
            .slots(&[must(seconds(1, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server")
            .values("0.000001..4294.967295 s; else ignored")
            .doc("Connection timeout."),
        kw("fwmark")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("0 (none)")
            .values("0..4294967295; else ignored")
            .doc("Firewall mark put on outgoing packets."),
        kw("retry")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else 1")
            .values("0..4294967295; else ignored")
            .doc("Extra attempts before the check counts as failed."),
        kw("delay_before_retry")
            .slots(&[must(seconds(0, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else 3")
            .values("0..TIMER max; else ignored")
            .doc("Pause before a repeated attempt."),
        kw("warmup")
            .slots(&[must(seconds(0, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else delay_loop")
            .values("0..TIMER max; else ignored")
            .doc("Upper bound of the random start delay."),
        kw("delay_loop")
            .slots(&[must(seconds(1, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server (60)")
            .values("0.000001..TIMER max; else ignored")
            .doc("Interval between checks."),
        kw("alpha")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Start in failed state."),
        kw("log_all_failures")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("checker_log_all_failures")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Log every failed attempt of this check."),
        kw("nb_get_retry")
            .canonical("retry")
            .slots(&[must(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .deprecated("retry", true)
            .default("as retry")
            .values("0..4294967295; else ignored")
            .doc("Old spelling of retry; always reported."),
        kw("virtualhost")
            .slots(&[want(text("name"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("value of real or virtual server")
            .values("any word")
            .doc("Host header for all urls of this check."),
        kw("http_protocol")
            .slots(&[want(choice(&["1.0", "1.0C", "1.0c", "1.1"]))])
            .status(Status::Planned(Later::Lvs))
            .default("1.0")
            .values("other word reported, unchanged")
            .doc("Request version; 1.0C adds a Connection: close header."),
        kw("enable_sni")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Send the host name as TLS server name."),
        kw("sni_name")
            .slots(&[may(text("name"))])
            .repeat(Repeat::LastReported)
            .since("post-2.4.3")
            .status(Status::Planned(Later::Lvs))
            .default("virtual host")
            .values("bare keyword only enables SNI")
            .doc("Server name to send; implies enable_sni."),
        kw("fast_recovery")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Check further urls without waiting delay_loop while coming up."),
        kw("tls_compliant")
            .slots(&[may(Kind::Bool)])
            .since("2.2.8")
            .status(Status::Planned(Later::Lvs))
            .default("false")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Close TLS sessions properly with a close notification."),
        kw("url")
            .block(&CHECK_SSL_GET_URL)
            .repeat(Repeat::Yes)
            .status(Status::Planned(Later::Lvs))
            .doc("One request; dropped with message without path."),
    ],
);

/// `virtual_server.real_server.SSL_GET.url`.
pub static CHECK_SSL_GET_URL: Block = Block::new(
    "virtual_server.real_server.SSL_GET.url",
    &[
        kw("path")
            .slots(&[must(text("text"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none (mandatory)")
            .values("any word")
            .doc("Request target."),
        kw("digest")
            .slots(&[must(Kind::Hex { digits: 32 })])
            .repeat(Repeat::First)
            .status(Status::Planned(Later::Lvs))
            .default("not checked")
            .values("32 hex digits; else ignored")
            .doc("Expected MD5 of the reply body."),
        kw("status_code")
            .slots(&[may(rest("CODE | CODE-CODE ..."))])
            .repeat(Repeat::Merged)
            .status(Status::Planned(Later::Lvs))
            .default("200-299")
            .values("100..599; bad words reported and skipped")
            .doc("Acceptable status codes."),
        kw("virtualhost")
            .slots(&[want(text("name"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("value of the check")
            .values("any word")
            .doc("Host header for this url."),
        kw("regex")
            .slots(&[want(Kind::Script)])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("not checked")
            .values("exactly one (quoted, escaped) word; compile errors only logged")
            .doc("Perl-compatible pattern that must match the body. (build: regex)"),
        kw("regex_no_match")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("Fail if the pattern matches."),
        kw("regex_options")
            .slots(&[may(rest_of("OPTION*", &CHECK_SSL_GET_URL_REGEX_OPTIONS_ARG))])
            .repeat(Repeat::Merged)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("see regex_options.<arg>; unknown words silently skipped")
            .doc("Pattern compile options."),
        kw("regex_min_offset")
            .slots(&[want(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("0")
            .values("decimal; problems only logged, then 0")
            .doc("First body offset examined."),
        kw("regex_max_offset")
            .slots(&[want(int(0, 4_294_967_295))])
            .status(Status::Planned(Later::Lvs))
            .default("unlimited")
            .values("decimal; not below minimum (both dropped, logged)")
            .doc("Last body offset at which a match may start."),
        kw("regex_stack")
            .slots(&[want(int(0, 4_294_967_295)), want(int(0, 4_294_967_295))])
            .repeat(Repeat::Largest)
            .status(Status::Planned(Later::Lvs))
            .default("library default")
            .values("decimal bytes, start not above max; problems only logged")
            .doc("Stack for the pattern matcher. (build: pcre2 JIT)"),
        kw("tls_compliant")
            .slots(&[may(Kind::Bool)])
            .since("2.2.8")
            .status(Status::Planned(Later::Lvs))
            .default("value of the check")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("As the SSL_GET setting, for this url."),
    ],
);

/// `virtual_server.real_server.HTTP_GET.url.regex_options.<arg>`.
pub static CHECK_HTTP_GET_URL_REGEX_OPTIONS_ARG: Block = Block::new(
    "virtual_server.real_server.HTTP_GET.url.regex_options.<arg>",
    &[
        kw("allow_empty_class")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_bsux")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("auto_callout")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("caseless")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dollar_endonly")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dotall")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dupnames")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("extended")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("firstline")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("match_unset_backref")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("multiline")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_ucp")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_utf")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_auto_capture")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_auto_possess")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_dotstar_anchor")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_start_optimize")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("ucp")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("ungreedy")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("utf")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_backslash_c")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_circumflex")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_verbnames")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("use_offset_limit")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
    ],
);

/// `virtual_server.real_server.SSL_GET.url.regex_options.<arg>`.
pub static CHECK_SSL_GET_URL_REGEX_OPTIONS_ARG: Block = Block::new(
    "virtual_server.real_server.SSL_GET.url.regex_options.<arg>",
    &[
        kw("allow_empty_class")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_bsux")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("auto_callout")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("caseless")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dollar_endonly")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dotall")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("dupnames")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("extended")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("firstline")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("match_unset_backref")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("multiline")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_ucp")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_utf")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_auto_capture")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_auto_possess")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_dotstar_anchor")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("no_start_optimize")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("ucp")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("ungreedy")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("utf")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("never_backslash_c")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_circumflex")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("alt_verbnames")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
        kw("use_offset_limit")
            .repeat(Repeat::Flag)
            .status(Status::Planned(Later::Lvs))
            .default("off")
            .doc("PCRE2 compile option of the same name."),
    ],
);
