//! The options, one row each (`runtime.md` 1.2).

/// Does an option take a value?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument {
    /// No.
    None,
    /// Attached or in the next word.
    Required,
    /// Only attached.
    Optional,
}

/// Which option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Id {
    UseFile,
    Vrrp,
    Check,
    NoBfd,
    All,
    LogConsole,
    LogDetail,
    LogFacility,
    LogFile,
    FlushLogFile,
    NoSyslog,
    Umask,
    ReleaseVips,
    DontReleaseVrrp,
    DontReleaseIpvs,
    DontRespawn,
    DontFork,
    DumpConf,
    Pid,
    VrrpPid,
    CheckersPid,
    BfdPid,
    AddressMonitoring,
    Genhash,
    Snmp,
    SnmpAgentSocket,
    Namespace,
    CoreDump,
    CoreDumpPattern,
    AllConfig,
    Identity,
    IgnoreSigint,
    Signum,
    ConfigTest,
    Strict,
    Diagnostics,
    Version,
    Help,
}

/// One option.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) short: Option<char>,
    pub(super) long: &'static str,
    pub(super) argument: Argument,
    /// Name of the value in the usage text.
    pub(super) value: &'static str,
    pub(super) help: &'static str,
}

const fn flag(id: Id, short: char, long: &'static str, help: &'static str) -> Row {
    Row {
        id,
        short: Some(short),
        long,
        argument: Argument::None,
        value: "",
        help,
    }
}

const fn long_flag(id: Id, long: &'static str, help: &'static str) -> Row {
    Row {
        id,
        short: None,
        long,
        argument: Argument::None,
        value: "",
        help,
    }
}

const fn takes(id: Id, short: char, long: &'static str, value: &'static str, help: &'static str) -> Row {
    Row {
        id,
        short: Some(short),
        long,
        argument: Argument::Required,
        value,
        help,
    }
}

const fn long_takes(id: Id, long: &'static str, value: &'static str, help: &'static str) -> Row {
    Row {
        id,
        short: None,
        long,
        argument: Argument::Required,
        value,
        help,
    }
}

const fn may_take(id: Id, short: char, long: &'static str, value: &'static str, help: &'static str) -> Row {
    Row {
        id,
        short: Some(short),
        long,
        argument: Argument::Optional,
        value,
        help,
    }
}

/// All options, in the order of the usage text.
pub(super) const TABLE: &[Row] = &[
    takes(
        Id::UseFile,
        'f',
        "use-file",
        "FILE",
        "read this configuration (pattern; a name in .toml is read as TOML)",
    ),
    flag(Id::Vrrp, 'P', "vrrp", "do not run the health checkers"),
    flag(Id::Check, 'C', "check", "do not run VRRP"),
    flag(Id::NoBfd, 'B', "no_bfd", "do not run BFD"),
    long_flag(Id::All, "all", "run every process, also without configuration for it"),
    flag(Id::LogConsole, 'l', "log-console", "log to stderr as well (with -n)"),
    flag(Id::LogDetail, 'D', "log-detail", "detailed log; twice for more"),
    takes(
        Id::LogFacility,
        'S',
        "log-facility",
        "FACILITY",
        "syslog facility: 0-7, local0-local7, user, daemon",
    ),
    may_take(Id::LogFile, 'g', "log-file", "FILE", "log to this file as well"),
    long_flag(Id::FlushLogFile, "flush-log-file", "flush the log file after each line"),
    flag(Id::NoSyslog, 'G', "no-syslog", "do not log to syslog"),
    takes(Id::Umask, 'u', "umask", "MASK", "umask of all processes, in C notation"),
    flag(
        Id::ReleaseVips,
        'X',
        "release-vips",
        "delete addresses on leaving MASTER even if they seem not to be set",
    ),
    flag(
        Id::DontReleaseVrrp,
        'V',
        "dont-release-vrrp",
        "leave addresses, routes and rules in place at stop",
    ),
    flag(
        Id::DontReleaseIpvs,
        'I',
        "dont-release-ipvs",
        "leave IPVS services in place at stop",
    ),
    flag(
        Id::DontRespawn,
        'R',
        "dont-respawn",
        "end when a process dies instead of starting it again",
    ),
    flag(Id::DontFork, 'n', "dont-fork", "stay in the foreground"),
    flag(
        Id::DumpConf,
        'd',
        "dump-conf",
        "write the configuration as understood to the log",
    ),
    takes(Id::Pid, 'p', "pid", "FILE", "pid file of the supervisor"),
    takes(Id::VrrpPid, 'r', "vrrp_pid", "FILE", "pid file of the VRRP process"),
    takes(
        Id::CheckersPid,
        'c',
        "checkers_pid",
        "FILE",
        "pid file of the checker process",
    ),
    takes(Id::BfdPid, 'b', "bfd_pid", "FILE", "pid file of the BFD process"),
    flag(
        Id::AddressMonitoring,
        'a',
        "address-monitoring",
        "log addresses that come and go on any interface",
    ),
    flag(
        Id::Genhash,
        'T',
        "genhash",
        "act as genhash with the remaining arguments",
    ),
    flag(Id::Snmp, 'x', "snmp", "enable the SNMP agent"),
    takes(
        Id::SnmpAgentSocket,
        'A',
        "snmp-agent-socket",
        "SOCKET",
        "address of the AgentX master",
    ),
    takes(Id::Namespace, 's', "namespace", "NAME", "run in this network namespace"),
    flag(Id::CoreDump, 'm', "core-dump", "let core files be of any size"),
    may_take(
        Id::CoreDumpPattern,
        'M',
        "core-dump-pattern",
        "PATTERN",
        "also set the kernel's core pattern until exit",
    ),
    flag(
        Id::AllConfig,
        'e',
        "all-config",
        "every include must match a readable file",
    ),
    takes(
        Id::Identity,
        'i',
        "config-id",
        "ID",
        "id that @ID lines of the configuration are compared with",
    ),
    long_flag(Id::IgnoreSigint, "ignore-sigint", "ignore SIGINT"),
    long_takes(
        Id::Signum,
        "signum",
        "NAME",
        "print the signal for STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON",
    ),
    may_take(
        Id::ConfigTest,
        't',
        "config-test",
        "FILE",
        "test the configuration, messages to stderr or FILE",
    ),
    long_flag(
        Id::Strict,
        "strict",
        "refuse a configuration with any warning (-t) or error (start, reload)",
    ),
    long_takes(
        Id::Diagnostics,
        "diagnostics",
        "FORM",
        "form of the messages of -t: human, line, json or sarif",
    ),
    flag(Id::Version, 'v', "version", "report version and features"),
    flag(Id::Help, 'h', "help", "show this text"),
];
