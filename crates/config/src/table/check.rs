//! Health checks other than HTTP.

use super::decl::{
    Block, Kind, Later, Repeat, Status, Surplus, TIMER_MAX, choice, choice_any_case, int, kw, may, must, rest, seconds,
    text, want,
};

/// `virtual_server.real_server.MISC_CHECK`.
pub static CHECK_MISC_CHECK: Block = Block::new("virtual_server.real_server.MISC_CHECK", &[
    kw("retry")
        .slots(&[must(int(0, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the real server, else 0")
        .values("0..4294967295; else ignored")
        .doc("Extra attempts before the check counts as failed."),
    kw("delay_before_retry")
        .slots(&[must(seconds(0, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the real server, else 1")
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
    kw("misc_path")
        .slots(&[want(Kind::Script)])
        .status(Status::Planned(Later::Lvs))
        .default("none (mandatory)")
        .values("one (quoted) word: command with arguments; further words ignored")
        .doc("Command to run; exit 0 = success."),
    kw("misc_timeout")
        .slots(&[must(int(0, 4_294)).unit("s")])
        .status(Status::Planned(Later::Lvs))
        .default("delay_loop of the virtual server")
        .values("0..4294 s; else ignored")
        .doc("Seconds before the script is terminated and counts as failed; 0 = default."),
    kw("misc_dynamic")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Use exit codes 2..255 as success and set the weight from them (code minus 2, relative to the configured weight)."),
    kw("user")
        .slots(&[want(text("user")), may(text("group"))])
        .status(Status::Planned(Later::Lvs))
        .default("script_user")
        .values("group may be : or :group; unknown user drops the check")
        .doc("Identity to run as."),
]);

/// `virtual_server.real_server.SMTP_CHECK`.
pub static CHECK_SMTP_CHECK: Block = Block::new(
    "virtual_server.real_server.SMTP_CHECK",
    &[
        kw("helo_name")
            .slots(&[want(text("name"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("smtpchecker.keepalived.org")
            .values("any word")
            .doc("Name used in HELO."),
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
            .default("value of the real server, else 1")
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
        kw("host")
            .block(&CHECK_SMTP_CHECK_HOST)
            .repeat(Repeat::Yes)
            .status(Status::Planned(Later::Lvs))
            .deprecated("", false)
            .doc("Old way of listing additional destinations; each becomes a further check; logs a deprecation note."),
    ],
);

/// `virtual_server.real_server.SMTP_CHECK.host`.
pub static CHECK_SMTP_CHECK_HOST: Block = Block::new(
    "virtual_server.real_server.SMTP_CHECK.host",
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
            .default("value of the real server, else 1")
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
    ],
);

/// `virtual_server.real_server.TCP_CHECK`.
pub static CHECK_TCP_CHECK: Block = Block::new(
    "virtual_server.real_server.TCP_CHECK",
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
            .default("value of the real server, else 1")
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
    ],
);

/// `virtual_server.real_server.PING_CHECK`.
pub static CHECK_PING_CHECK: Block = Block::new(
    "virtual_server.real_server.PING_CHECK",
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
            .default("value of the real server, else 1")
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
    ],
);

/// `virtual_server.real_server.UDP_CHECK`.
pub static CHECK_UDP_CHECK: Block = Block::new(
    "virtual_server.real_server.UDP_CHECK",
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
            .default("value of the real server, else 1")
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
        kw("payload")
            .slots(&[want(rest("HEX..."))])
            .status(Status::Planned(Later::Lvs))
            .default("random data")
            .values("pairs of hex digits, blanks free; invalid reported and dropped")
            .doc("Data to send."),
        kw("require_reply")
            .slots(&[may(rest("HEX..."))])
            .status(Status::Planned(Later::Lvs))
            .default("no reply needed")
            .values("hex digits, x/X = any nibble; invalid reported")
            .doc("Demand a reply, optionally matching this data up to the shorter length."),
        kw("min_reply_length")
            .slots(&[must(int(0, 65_535)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("0")
            .values("0..65535; else ignored; larger than maximum reported")
            .doc("Smallest acceptable reply."),
        kw("max_reply_length")
            .slots(&[must(int(0, 65_535)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("255")
            .values("0..65535; else ignored")
            .doc("Largest acceptable reply."),
    ],
);

/// `virtual_server.real_server.DNS_CHECK`.
pub static CHECK_DNS_CHECK: Block = Block::new(
    "virtual_server.real_server.DNS_CHECK",
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
            .default("value of the real server, else 3")
            .values("0..4294967295; else ignored")
            .doc("Extra attempts before the check counts as failed."),
        kw("delay_before_retry")
            .slots(&[must(seconds(0, TIMER_MAX))])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server, else delay_loop")
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
        kw("type")
            .slots(&[must(choice_any_case(&[
                "A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY",
            ]))])
            .status(Status::Planned(Later::Lvs))
            .default("SOA")
            .values("A NS CNAME SOA MX TXT AAAA RRSIG DNSKEY, case-insensitive; else ignored")
            .doc("Record type asked for."),
        kw("name")
            .slots(&[must(text("domain"))])
            .repeat(Repeat::First)
            .status(Status::Planned(Later::Lvs))
            .default(". (root)")
            .values("no empty label; else ignored")
            .doc("Name asked for."),
    ],
);

/// `virtual_server.real_server.FILE_CHECK`.
pub static CHECK_FILE_CHECK: Block = Block::new(
    "virtual_server.real_server.FILE_CHECK",
    &[
        kw("track_file")
            .slots(&[must(text("name"))])
            .status(Status::Planned(Later::Lvs))
            .default("none (mandatory)")
            .values("earlier track_file; else reported and check dropped")
            .doc("File to follow."),
        kw("weight")
            .slots(&[
                want(int(-2_147_483_647, 2_147_483_647)),
                may(choice(&["reverse", "noreverse"])),
            ])
            .status(Status::Planned(Later::Lvs))
            .default("weight of the track_file")
            .values("-2147483647..2147483647; else ignored")
            .doc("Multiplier for the value read."),
    ],
);

/// `virtual_server.real_server.BFD_CHECK`.
pub static CHECK_BFD_CHECK: Block = Block::new(
    "virtual_server.real_server.BFD_CHECK",
    &[
        kw("name")
            .slots(&[want(text("bfd instance"))])
            .surplus(Surplus::Refused)
            .repeat(Repeat::First)
            .status(Status::Planned(Later::Lvs))
            .default("none (mandatory)")
            .values("exactly one word, earlier bfd_instance, not already used by this server; else check dropped")
            .doc("Session to follow."),
        kw("alpha")
            .slots(&[may(Kind::Bool)])
            .status(Status::Planned(Later::Lvs))
            .default("value of the real server")
            .values("true/on/yes, false/off/no (case sensitive); else ignored")
            .doc("Start in failed state."),
    ],
);
