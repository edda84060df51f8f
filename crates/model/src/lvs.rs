//! IPVS services, their servers and the checks of those, as the configuration wants them.
//!
//! Values that a check inherits (check, real server, virtual server, built-in default: `lvs.md` 2.10) are filled in.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    script::Command,
    time::Micros,
    units::{Family, IfName, Secret},
};

/// All that the checker process does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lvs {
    /// `virtual_server`, in configuration order.
    pub virtual_servers: Vec<VirtualServer>,
    /// `virtual_server_group`, in configuration order.
    pub groups: Vec<Group>,
    /// `SSL`: what all SSL_GET checks present to servers.
    pub ssl: Option<Ssl>,
}

/// Client side TLS material (`SSL`); the files are opened at run time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ssl {
    /// `password` of the key.
    pub password: Option<Secret>,
    /// `ca`.
    pub ca: Option<Box<str>>,
    /// `certificate`.
    pub certificate: Option<Box<str>>,
    /// `key`.
    pub key: Option<Box<str>>,
}

/// Addresses and marks that services share (`virtual_server_group`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Name of the block.
    pub name: Box<str>,
    /// At least one.
    pub entries: Vec<GroupEntry>,
}

/// One line of a `virtual_server_group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum GroupEntry {
    /// Addresses `first..=last` (equal for a single one), of one family.
    Range {
        /// First address.
        first: IpAddr,
        /// Last address, not before `first`.
        last: IpAddr,
        /// 0 for any.
        port: u16,
    },
    /// `fwmark N [inet|inet6]`.
    Mark {
        /// The mark.
        mark: u32,
        /// Its family, when one was written.
        family: Option<Family>,
    },
}

/// What a service listens to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Endpoint {
    /// Address and port (0 for any).
    Address(IpAddr, u16),
    /// Firewall mark.
    Mark(u32),
    /// Name of a known group.
    Group(Box<str>),
}

/// Layer 4 protocol of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// IPVS scheduler (`lvs_sched`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scheduler {
    /// Round robin.
    Rr,
    /// Weighted round robin.
    Wrr,
    /// Least connections.
    Lc,
    /// Weighted least connections.
    #[default]
    Wlc,
    /// Locality based least connections.
    Lblc,
    /// The same with replication.
    Lblcr,
    /// Source hashing.
    Sh,
    /// Maglev hashing.
    Mh,
    /// Destination hashing.
    Dh,
    /// Weighted failover.
    Fo,
    /// Weighted overflow.
    Ovf,
    /// Shortest expected delay.
    Sed,
    /// Never queue.
    Nq,
    /// Power of two choices.
    Twos,
}

impl Scheduler {
    /// All of them with their names in configuration and kernel.
    pub const ALL: [(&'static str, Self); 14] = [
        ("rr", Self::Rr),
        ("wrr", Self::Wrr),
        ("lc", Self::Lc),
        ("wlc", Self::Wlc),
        ("lblc", Self::Lblc),
        ("lblcr", Self::Lblcr),
        ("sh", Self::Sh),
        ("mh", Self::Mh),
        ("dh", Self::Dh),
        ("fo", Self::Fo),
        ("ovf", Self::Ovf),
        ("sed", Self::Sed),
        ("nq", Self::Nq),
        ("twos", Self::Twos),
    ];

    /// Name in configuration and kernel.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, s)| *s == self).map_or("wlc", |(n, _)| n)
    }

    /// The scheduler of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|(_, s)| *s)
    }
}

/// Flags for the scheduler, as the kernel numbers them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SchedulerFlags {
    /// `flag-1`, `sh-fallback`, `mh-fallback` (0x08).
    pub flag1: bool,
    /// `flag-2`, `sh-port`, `mh-port` (0x10).
    pub flag2: bool,
    /// `flag-3` (0x20).
    pub flag3: bool,
}

/// How packets reach a server (`lvs_method`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Forwarding {
    /// Masquerading.
    #[default]
    Nat,
    /// Direct routing.
    Dr,
    /// Tunnelling.
    Tun(Tunnel),
}

/// Tunnel options of `lvs_method TUN`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Tunnel {
    /// IP in IP.
    #[default]
    Ipip,
    /// Generic UDP encapsulation.
    Gue {
        /// Destination port, 1..=65535.
        port: u16,
        /// Checksum of the outer header.
        checksum: TunnelChecksum,
    },
    /// Generic routing encapsulation; never with remote checksums.
    Gre {
        /// Checksum of the outer header.
        checksum: TunnelChecksum,
    },
}

/// `nocsum`, `csum`, `remcsum`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TunnelChecksum {
    /// None.
    #[default]
    None,
    /// With checksum.
    Checksum,
    /// Remote checksum offload.
    Remote,
}

/// Client grouping of a persistent service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Persistence {
    /// `persistence_timeout`, seconds, 1..=2,678,400.
    pub timeout: u32,
    /// `persistence_granularity`.
    pub granularity: Option<Granularity>,
    /// `persistence_engine`, at most 16 bytes.
    pub engine: Option<Box<str>>,
}

/// `persistence_granularity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Granularity {
    /// IPv4 mask, not necessarily contiguous.
    Mask(std::net::Ipv4Addr),
    /// IPv6 prefix length, 1..=128.
    Prefix(u8),
}

/// One IPVS service (`virtual_server`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualServer {
    /// What it listens to.
    pub endpoint: Endpoint,
    /// Number among the services of the same group, from 0.
    pub ordinal: u32,
    /// Family of its addresses; `None` only for a group of both families with tunnelled servers.
    pub family: Option<Family>,
    /// `None` for a pure mark service.
    pub protocol: Option<Protocol>,
    /// `lvs_sched`.
    pub scheduler: Scheduler,
    /// Scheduler flags.
    pub flags: SchedulerFlags,
    /// `ops`.
    pub one_packet: bool,
    /// `lvs_method`: what servers use that say nothing.
    pub forwarding: Forwarding,
    /// `persistence_*`.
    pub persistence: Option<Persistence>,
    /// `alpha`.
    pub alpha: bool,
    /// `omega`.
    pub omega: bool,
    /// `ha_suspend`.
    pub ha_suspend: bool,
    /// `inhibit_on_failure`.
    pub inhibit_on_failure: bool,
    /// `delay_loop`, default 60 s.
    pub delay_loop: Micros,
    /// `quorum`, normalised.
    pub quorum: u32,
    /// `hysteresis`, below the quorum.
    pub hysteresis: u32,
    /// `quorum_up`.
    pub quorum_up: Option<Box<Command>>,
    /// `quorum_down`.
    pub quorum_down: Option<Box<Command>>,
    /// `smtp_alert`, normalised.
    pub smtp_alert: bool,
    /// `virtualhost`.
    pub virtualhost: Option<Box<str>>,
    /// `snmp_name`.
    pub snmp_name: Option<Box<str>>,
    /// `sorry_server`.
    pub sorry_server: Option<SorryServer>,
    /// In configuration order; at least one.
    pub real_servers: Vec<RealServer>,
}

/// The server of last resort (`sorry_server`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SorryServer {
    /// Its address.
    pub address: IpAddr,
    /// Its port, normalised; 0 means that of each address of the group.
    pub port: u16,
    /// `sorry_server_lvs_method`, else that of the service.
    pub forwarding: Forwarding,
    /// `sorry_server_inhibit`, or that of the real server with the same address.
    pub inhibit: bool,
}

/// One pool member (`real_server`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RealServer {
    /// Its address.
    pub address: IpAddr,
    /// Its port, normalised; 0 means that of each address of the group, or any for a mark.
    pub port: u16,
    /// `weight`, at most 2,147,483,647.
    pub weight: u32,
    /// `lvs_method`.
    pub forwarding: Forwarding,
    /// `uthreshold`, 0 for none.
    pub upper_threshold: u32,
    /// `lthreshold`, 0 for none.
    pub lower_threshold: u32,
    /// `inhibit_on_failure`.
    pub inhibit_on_failure: bool,
    /// `alpha`.
    pub alpha: bool,
    /// `smtp_alert`, normalised.
    pub smtp_alert: bool,
    /// `notify_up`.
    pub notify_up: Option<Box<Command>>,
    /// `notify_down`.
    pub notify_down: Option<Box<Command>>,
    /// `virtualhost`, its own only.
    pub virtualhost: Option<Box<str>>,
    /// `snmp_name`.
    pub snmp_name: Option<Box<str>>,
    /// In configuration order.
    pub checks: Vec<Check>,
}

/// One check of a real server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// When it runs and what counts as failure.
    pub timing: CheckTiming,
    /// What it does.
    pub kind: CheckKind,
}

/// Common settings of checks, after inheritance (`lvs.md` 2.10). FILE_CHECK and BFD_CHECK look only at `alpha`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CheckTiming {
    /// Pause between runs, more than 0.
    pub delay_loop: Micros,
    /// Upper bound of the random delay of the first run; 0 for none.
    pub warmup: Micros,
    /// Further attempts before a check counts as failed.
    pub retry: u32,
    /// Pause before a further attempt.
    pub delay_before_retry: Micros,
    /// Failed until it succeeded once.
    pub alpha: bool,
    /// `log_all_failures`.
    pub log_all_failures: bool,
}

/// Where a check connects to and from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Connection {
    /// `connect_ip`, else the address of the server.
    pub address: IpAddr,
    /// `connect_port`, else the port of the server.
    pub port: u16,
    /// `bindto`, of the same family.
    pub bind_address: Option<IpAddr>,
    /// `bind_port`, 1..=65535.
    pub bind_port: Option<u16>,
    /// `bind_if`.
    pub bind_interface: Option<IfName>,
    /// `connect_timeout`, default 5 s.
    pub timeout: Micros,
    /// `fwmark`, 0 for none.
    pub fwmark: u32,
}

/// The kinds of check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CheckKind {
    /// `TCP_CHECK`.
    Tcp(Connection),
    /// `HTTP_GET`.
    Http(Box<HttpCheck>),
    /// `SSL_GET`.
    Ssl(Box<HttpCheck>),
    /// `SMTP_CHECK`.
    Smtp {
        /// Where to.
        connection: Connection,
        /// `helo_name`.
        helo_name: Box<str>,
    },
    /// `DNS_CHECK`.
    Dns {
        /// Where to.
        connection: Connection,
        /// `type`.
        record: DnsType,
        /// `name`; `.` is the root.
        name: Box<str>,
    },
    /// `PING_CHECK`.
    Ping(Connection),
    /// `UDP_CHECK`.
    Udp(Box<UdpCheck>),
    /// `MISC_CHECK`.
    Misc(Box<MiscCheck>),
    /// `FILE_CHECK`.
    File {
        /// Name of a known `track_file`.
        track_file: Box<str>,
        /// -2,147,483,647..=2,147,483,647.
        weight: i32,
        /// `reverse`.
        reverse: bool,
    },
    /// `BFD_CHECK`.
    Bfd {
        /// Name of a known `bfd_instance`.
        session: Box<str>,
    },
}

/// `DNS_CHECK` `type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DnsType {
    /// 1.
    A,
    /// 2.
    Ns,
    /// 5.
    Cname,
    /// 6.
    #[default]
    Soa,
    /// 15.
    Mx,
    /// 16.
    Txt,
    /// 28.
    Aaaa,
    /// 46.
    Rrsig,
    /// 48.
    Dnskey,
}

impl DnsType {
    /// All of them with name and number.
    pub const ALL: [(&'static str, Self, u16); 9] = [
        ("A", Self::A, 1),
        ("NS", Self::Ns, 2),
        ("CNAME", Self::Cname, 5),
        ("SOA", Self::Soa, 6),
        ("MX", Self::Mx, 15),
        ("TXT", Self::Txt, 16),
        ("AAAA", Self::Aaaa, 28),
        ("RRSIG", Self::Rrsig, 46),
        ("DNSKEY", Self::Dnskey, 48),
    ];

    /// The type of this name, in any case of letters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(n, ..)| n.eq_ignore_ascii_case(name))
            .map(|(_, t, _)| *t)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, t, _)| *t == self).map_or("SOA", |(n, ..)| n)
    }

    /// Its number in the question.
    #[must_use]
    pub fn code(self) -> u16 {
        Self::ALL.iter().find(|(_, t, _)| *t == self).map_or(6, |(.., c)| *c)
    }
}

/// `HTTP_GET` and `SSL_GET`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpCheck {
    /// Where to.
    pub connection: Connection,
    /// `http_protocol`.
    pub protocol: HttpProtocol,
    /// `virtualhost` of check, real server or virtual server.
    pub virtualhost: Option<Box<str>>,
    /// `fast_recovery`.
    pub fast_recovery: bool,
    /// `enable_sni` or `sni_name`.
    pub sni: bool,
    /// `sni_name`.
    pub sni_name: Option<Box<str>>,
    /// `tls_compliant` (SSL_GET).
    pub tls_compliant: bool,
    /// At least one.
    pub urls: Vec<Url>,
}

/// `http_protocol`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HttpProtocol {
    /// `1.0`.
    #[default]
    V1_0,
    /// `1.0C`: with `Connection: close`.
    V1_0Close,
    /// `1.1`.
    V1_1,
}

/// `url`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Url {
    /// `path`.
    pub path: Box<str>,
    /// `digest`: MD5 of the body.
    pub digest: Option<[u8; 16]>,
    /// `status_code`: ranges within 100..=599, merged and sorted; 200..=299 when none was written.
    pub status: Vec<(u16, u16)>,
    /// `virtualhost`.
    pub virtualhost: Option<Box<str>>,
    /// `regex` and its options.
    pub regex: Option<Box<Regex>>,
    /// `tls_compliant`, its own or that of the check.
    pub tls_compliant: bool,
}

/// `regex*` of a `url`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regex {
    /// The pattern, PCRE2.
    pub pattern: Box<str>,
    /// `regex_no_match`.
    pub no_match: bool,
    /// `regex_options`: names of [`Regex::OPTIONS`], in the order of that table.
    pub options: Vec<Box<str>>,
    /// `regex_min_offset`, bytes.
    pub min_offset: usize,
    /// `regex_max_offset`, bytes; not below the minimum.
    pub max_offset: Option<usize>,
    /// `regex_stack`: start and maximum, bytes.
    pub stack: Option<(usize, usize)>,
}

impl Regex {
    /// The option words, named as the compile options of PCRE2.
    pub const OPTIONS: [&'static str; 24] = [
        "allow_empty_class",
        "alt_bsux",
        "auto_callout",
        "caseless",
        "dollar_endonly",
        "dotall",
        "dupnames",
        "extended",
        "firstline",
        "match_unset_backref",
        "multiline",
        "never_ucp",
        "never_utf",
        "no_auto_capture",
        "no_auto_possess",
        "no_dotstar_anchor",
        "no_start_optimize",
        "ucp",
        "ungreedy",
        "utf",
        "never_backslash_c",
        "alt_circumflex",
        "alt_verbnames",
        "use_offset_limit",
    ];
}

/// `UDP_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UdpCheck {
    /// Where to.
    pub connection: Connection,
    /// `payload`; the built-in text when `None`.
    pub payload: Option<Box<[u8]>>,
    /// `require_reply`: `None` when no reply is needed; an empty pattern when any reply will do.
    pub reply: Option<ReplyPattern>,
    /// `min_reply_length`, bytes.
    pub min_reply: u16,
    /// `max_reply_length`, bytes.
    pub max_reply: u16,
}

/// `require_reply`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReplyPattern {
    /// Value of each byte.
    pub value: Box<[u8]>,
    /// Bits of each byte that count.
    pub mask: Box<[u8]>,
}

/// `MISC_CHECK`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MiscCheck {
    /// `misc_path` and `user`.
    pub command: Command,
    /// `misc_timeout`, else the `delay_loop` of the service.
    pub timeout: Micros,
    /// `misc_dynamic`.
    pub dynamic: bool,
}
