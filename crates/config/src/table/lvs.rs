//! `virtual_server`, `real_server`, groups and `SSL`.

use super::{
    check::{
        CHECK_BFD_CHECK, CHECK_DNS_CHECK, CHECK_FILE_CHECK, CHECK_MISC_CHECK, CHECK_PING_CHECK, CHECK_SMTP_CHECK,
        CHECK_TCP_CHECK, CHECK_UDP_CHECK,
    },
    decl::{
        Block, Kind, Later, OnBad, Repeat, Status, Surplus, TIMER_MAX, choice, choice_any_case, int, kw, may, must,
        rest_of, seconds, text, text_cut, want,
    },
    http::{CHECK_HTTP_GET, CHECK_SSL_GET},
};

/// `SSL`.
pub static SSL: Block = Block::new(
    "SSL",
    &[
        kw("password")
            .slots(&[want(text("text"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("any word")
            .doc("Pass phrase of the private key."),
        kw("ca")
            .slots(&[want(text("path"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("any word")
            .doc("File with trusted CA certificates."),
        kw("certificate")
            .slots(&[want(text("path"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("any word")
            .doc("Client certificate chain file."),
        kw("key")
            .slots(&[want(text("path"))])
            .repeat(Repeat::LastReported)
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("any word")
            .doc("Private key file."),
    ],
);

/// `virtual_server`.
pub static VIRTUAL_SERVER: Block = Block::new("virtual_server", &[
    kw("ip_family")
        .slots(&[must(choice(&["inet", "inet6"]))])
        .status(Status::Planned(Later::Lvs))
        .default("family of the address, else of the real servers, else inet")
        .values("conflict with a known family reported and ignored; other word reported")
        .doc("Address family of a firewall-mark service whose servers are all tunnelled."),
    kw("retry")
        .slots(&[must(int(1, 4_294_967_295)).strict()])
        .status(Status::Planned(Later::Lvs))
        .default("per checker (1; MISC 0; DNS 3)")
        .values("1..4294967295; else ignored")
        .doc("Default number of extra attempts before a check counts as failed."),
    kw("delay_before_retry")
        .slots(&[must(seconds(0, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("per checker (1; HTTP/SSL 3; DNS delay_loop)")
        .values("0..TIMER max; else ignored")
        .doc("Default pause before a repeated attempt."),
    kw("warmup")
        .slots(&[must(seconds(0, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("delay_loop")
        .values("0..TIMER max; else ignored")
        .doc("Default upper bound of the random start delay of checks; 0 disables it."),
    kw("connect_timeout")
        .slots(&[must(seconds(1, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("5")
        .values("0.000001..4294.967295 s; else ignored")
        .doc("Default connection timeout of checks."),
    kw("delay_loop")
        .slots(&[must(seconds(1, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("60")
        .values("0.000001..TIMER max; else ignored")
        .doc("Default interval between checks."),
    kw("inhibit_on_failure")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .values("flag, argument ignored")
        .doc("Default: set weight 0 on failure instead of removing the real server."),
    kw("lb_algo")
        .canonical("lvs_sched")
        .slots(&[must(choice(&["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos"]))])
        .status(Status::Planned(Later::Lvs))
        .default("wlc (reported when missing)")
        .values("rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos; else ignored")
        .doc("IPVS scheduler (older spelling, no message)."),
    kw("lvs_sched")
        .slots(&[must(choice(&["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "mh", "dh", "fo", "ovf", "sed", "nq", "twos"]))])
        .status(Status::Planned(Later::Lvs))
        .default("wlc (reported when missing)")
        .values("rr wrr lc wlc lblc lblcr sh mh dh fo ovf sed nq twos; else ignored")
        .doc("IPVS scheduler."),
    kw("hashed")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .doc("Historic flag without effect; reported unless the scheduler already chosen is sh or mh."),
    kw("ops")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("One-packet scheduling; reset with message unless the service is UDP or a firewall mark."),
    kw("flag-1")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Scheduler flag 1 passed to the kernel."),
    kw("flag-2")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Scheduler flag 2 passed to the kernel."),
    kw("flag-3")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Scheduler flag 3 passed to the kernel."),
    kw("sh-port")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Option of the sh scheduler; must follow the scheduler line: with another scheduler than sh/mh it is reported and ignored, with the wrong one of the two silently ignored."),
    kw("sh-fallback")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Option of the sh scheduler; must follow the scheduler line: with another scheduler than sh/mh it is reported and ignored, with the wrong one of the two silently ignored."),
    kw("mh-port")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Option of the mh scheduler; must follow the scheduler line: with another scheduler than sh/mh it is reported and ignored, with the wrong one of the two silently ignored."),
    kw("mh-fallback")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Option of the mh scheduler; must follow the scheduler line: with another scheduler than sh/mh it is reported and ignored, with the wrong one of the two silently ignored."),
    kw("lb_kind")
        .canonical("lvs_method")
        .slots(&[must(rest_of("NAT | DR | TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]", &VIRTUAL_SERVER_LVS_METHOD_ARG))])
        .status(Status::Planned(Later::Lvs))
        .default("NAT (reported when nothing is set)")
        .values("gue requires port 1..65535, other types refuse it; ipip takes no checksum option; gre takes no remcsum; any error leaves the previous setting")
        .doc("Default forwarding method (older spelling, no message)."),
    kw("lvs_method")
        .slots(&[must(rest_of("NAT | DR | TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]", &VIRTUAL_SERVER_LVS_METHOD_ARG))])
        .status(Status::Planned(Later::Lvs))
        .default("NAT (reported when nothing is set)")
        .values("gue requires port 1..65535, other types refuse it; ipip takes no checksum option; gre takes no remcsum; any error leaves the previous setting")
        .doc("Default forwarding method and tunnel parameters."),
    kw("persistence_engine")
        .slots(&[must(text_cut("name", 16))])
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .values("up to 16 characters, longer cut with message")
        .doc("Persistence engine (kernel knows sip)."),
    kw("persistence_timeout")
        .slots(&[may(int(1, 2_678_400)).strict().unit("s")])
        .status(Status::Planned(Later::Lvs))
        .default("off; bare keyword = 360")
        .values("1..2678400 s; else ignored")
        .doc("Makes the service persistent."),
    kw("persistence_granularity")
        .slots(&[must(text("netmask or prefix length"))])
        .status(Status::Planned(Later::Lvs))
        .default("255.255.255.255 or 128")
        .values("IPv4: anything the resolver takes as numeric address; IPv6: 1..128; else ignored")
        .doc("Client grouping for persistence; also sets the timeout to 360 when it is unset and fixes an unknown family."),
    kw("protocol")
        .slots(&[must(choice_any_case(&["TCP", "UDP", "SCTP"]))])
        .status(Status::Planned(Later::Lvs))
        .default("UDP (reported) for address services")
        .values("case-insensitive; else reported and ignored")
        .doc("Layer 4 protocol; reported and dropped for firewall-mark services."),
    kw("ha_suspend")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Run checks only while the virtual address is present on this host; cleared with message for firewall marks."),
    kw("smtp_alert")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("smtp_alert_checker, else smtp_alert, else false")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Mail on quorum transitions."),
    kw("virtualhost")
        .slots(&[want(text("name"))])
        .repeat(Repeat::LastReported)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .values("any word")
        .doc("Default Host header for HTTP_GET/SSL_GET."),
    kw("snmp_name")
        .slots(&[want(text("name"))])
        .surplus(Surplus::Refused)
        .repeat(Repeat::LastReported)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .values("exactly one word; else ignored")
        .doc("Label returned by SNMP. (build: snmp)"),
    kw("alpha")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .values("flag, argument ignored")
        .doc("Default: treat checks as failed until they succeeded once."),
    kw("omega")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .values("flag, argument ignored")
        .doc("Run down notifications at shutdown."),
    kw("quorum_up")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .doc("Script run when the quorum is gained."),
    kw("quorum_down")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .doc("Script run when the quorum is lost."),
    kw("quorum")
        .slots(&[must(int(1, 4_294_967_295)).bad(OnBad::Use(1))])
        .status(Status::Planned(Later::Lvs))
        .default("1")
        .values("1..4294967295; else 1 with message; reduced to the total weight with message")
        .doc("Total live weight needed for the service to be up."),
    kw("hysteresis")
        .slots(&[must(int(0, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("0")
        .values("0..4294967295; else ignored; reduced to quorum-1 with message")
        .doc("Tolerance around the quorum when deciding gain or loss."),
    kw("weight")
        .slots(&[must(int(1, 2_147_483_647))])
        .status(Status::Planned(Later::Lvs))
        .default("1")
        .values("1..2147483647; else ignored")
        .doc("Default weight of real servers."),
    kw("sorry_server")
        .slots(&[must(Kind::Address), may(Kind::Port)])
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .values("port 1..65535 (0 or absent = service port); malformed ignored; family must match unless TUN")
        .doc("Server used while the quorum is lost."),
    kw("sorry_server_inhibit")
        .repeat(Repeat::Flag)
        .status(Status::Planned(Later::Lvs))
        .default("off")
        .doc("Inhibit behaviour for the sorry server; reported and ignored before sorry_server; overridden when the same address is also a real server."),
    kw("sorry_server_lvs_method")
        .slots(&[want(rest_of("NAT | DR | TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]", &VIRTUAL_SERVER_LVS_METHOD_ARG))])
        .status(Status::Planned(Later::Lvs))
        .default("method of the virtual server")
        .values("gue requires port 1..65535, other types refuse it; ipip takes no checksum option; gre takes no remcsum; any error leaves the previous setting")
        .doc("Forwarding method of the sorry server; must follow sorry_server (otherwise reported)."),
    kw("real_server")
        .slots(&[must(Kind::Address), may(Kind::Port)])
        .block(&REAL_SERVER)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("port 1..65535 (0 or absent = service port); malformed skips the block")
        .doc("Pool member; dropped with message when its family differs (unless TUN) or it repeats an earlier one; port forced to the service port unless NAT."),
]);

/// `virtual_server.real_server`.
pub static REAL_SERVER: Block = Block::new("virtual_server.real_server", &[
    kw("weight")
        .slots(&[must(int(0, 2_147_483_647))])
        .status(Status::Planned(Later::Lvs))
        .default("weight of the virtual server")
        .values("0..2147483647; else ignored")
        .doc("Relative weight."),
    kw("lvs_method")
        .slots(&[must(rest_of("NAT | DR | TUN [type ipip|gue|gre] [port PORT] [nocsum|csum|remcsum]", &VIRTUAL_SERVER_LVS_METHOD_ARG))])
        .status(Status::Planned(Later::Lvs))
        .default("method of the virtual server")
        .values("gue requires port 1..65535, other types refuse it; ipip takes no checksum option; gre takes no remcsum; any error leaves the previous setting")
        .doc("Forwarding method for this server."),
    kw("uthreshold")
        .slots(&[must(int(0, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("0 (none)")
        .values("0..4294967295; else ignored")
        .doc("Connection count above which no new ones are scheduled."),
    kw("lthreshold")
        .slots(&[must(int(0, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("0 (none)")
        .values("0..4294967295; else ignored")
        .doc("Connection count below which scheduling resumes."),
    kw("inhibit_on_failure")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Set weight 0 on failure instead of removing."),
    kw("notify_up")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .doc("Script run when the server becomes usable."),
    kw("notify_down")
        .slots(&[must(Kind::Script)])
        .repeat(Repeat::First)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .doc("Script run when the server fails."),
    kw("alpha")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Start in failed state."),
    kw("retry")
        .slots(&[must(int(1, 4_294_967_295)).strict()])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("1..4294967295; else ignored")
        .doc("Default for checks of this server."),
    kw("delay_before_retry")
        .slots(&[must(seconds(0, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("0..TIMER max; else ignored")
        .doc("Default for checks of this server."),
    kw("warmup")
        .slots(&[must(seconds(0, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("0..TIMER max; else ignored")
        .doc("Default for checks of this server."),
    kw("connect_timeout")
        .slots(&[must(seconds(1, 4_294_967_295))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("0.000001..4294.967295 s; else ignored")
        .doc("Default for checks of this server."),
    kw("delay_loop")
        .slots(&[must(seconds(1, TIMER_MAX))])
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("0.000001..TIMER max; else ignored")
        .doc("Default for checks of this server."),
    kw("smtp_alert")
        .slots(&[may(Kind::Bool)])
        .status(Status::Planned(Later::Lvs))
        .default("smtp_alert_checker, else smtp_alert, else true")
        .values("true/on/yes, false/off/no (case sensitive); else ignored")
        .doc("Mail on transitions of this server (note the default differs from other objects)."),
    kw("virtualhost")
        .slots(&[want(text("name"))])
        .repeat(Repeat::LastReported)
        .status(Status::Planned(Later::Lvs))
        .default("value of the virtual server")
        .values("any word")
        .doc("Default Host header for checks."),
    kw("snmp_name")
        .slots(&[want(text("name"))])
        .surplus(Surplus::Refused)
        .repeat(Repeat::LastReported)
        .status(Status::Planned(Later::Lvs))
        .default("none")
        .values("exactly one word; else ignored")
        .doc("Label returned by SNMP. (build: snmp)"),
    kw("MISC_CHECK")
        .block(&CHECK_MISC_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by running a script; without misc_path it is dropped with a message."),
    kw("SMTP_CHECK")
        .block(&CHECK_SMTP_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by SMTP greeting and HELO."),
    kw("TCP_CHECK")
        .block(&CHECK_TCP_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by TCP connect."),
    kw("PING_CHECK")
        .block(&CHECK_PING_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by ICMP echo; widens the kernel ping group range if necessary."),
    kw("UDP_CHECK")
        .block(&CHECK_UDP_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by sending a datagram."),
    kw("HTTP_GET")
        .block(&CHECK_HTTP_GET)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by HTTP requests for one or more urls; without a usable url it is dropped with a message."),
    kw("SSL_GET")
        .block(&CHECK_SSL_GET)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by HTTPS requests for one or more urls; without a usable url it is dropped with a message."),
    kw("DNS_CHECK")
        .block(&CHECK_DNS_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Check by DNS query over UDP."),
    kw("FILE_CHECK")
        .block(&CHECK_FILE_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("Weight or state taken from a track_file."),
    kw("BFD_CHECK")
        .block(&CHECK_BFD_CHECK)
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .values("needs a { } block")
        .doc("State taken from a BFD session. (build: bfd)"),
]);

/// `virtual_server_group.<item>`.
pub static VIRTUAL_SERVER_GROUP_ITEM: Block = Block::new("virtual_server_group.<item>", &[
    kw("<address>")
        .slots(&[want(text("address, range or prefix")), may(Kind::Port)])
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .default("port 0 (any)")
        .values("end must not precede start (short form: must exceed it); prefix must have no host bits set; else line skipped")
        .doc("Single address, range by last octet (hex group for IPv6), range by full address, or prefix; optional port."),
    kw("fwmark")
        .slots(&[want(int(0, 4_294_967_295)).bad(OnBad::Drop), may(choice(&["inet", "inet6"]))])
        .repeat(Repeat::Yes)
        .status(Status::Planned(Later::Lvs))
        .default("no family")
        .values("0..4294967295; else line skipped")
        .doc("Firewall mark entry; the family is needed when the group mixes families."),
]);

/// `virtual_server.lvs_method.<arg>`.
pub static VIRTUAL_SERVER_LVS_METHOD_ARG: Block = Block::new(
    "virtual_server.lvs_method.<arg>",
    &[
        kw("type")
            .slots(&[want(choice(&["ipip", "gue", "gre"]))])
            .status(Status::Planned(Later::Lvs))
            .default("ipip")
            .values("other word reported, setting unchanged")
            .doc("Tunnel type; the same options apply to lb_kind, sorry_server_lvs_method and real_server lvs_method."),
        kw("port")
            .slots(&[want(int(1, 65_535)).strict()])
            .status(Status::Planned(Later::Lvs))
            .default("none")
            .values("1..65535")
            .doc("Destination port of GUE tunnels."),
        kw("nocsum")
            .status(Status::Planned(Later::Lvs))
            .default("nocsum")
            .values("gue: all; gre: nocsum, csum; ipip: none")
            .doc("Tunnel encapsulation with no checksum."),
        kw("csum")
            .status(Status::Planned(Later::Lvs))
            .default("nocsum")
            .values("gue: all; gre: nocsum, csum; ipip: none")
            .doc("Tunnel encapsulation with checksum."),
        kw("remcsum")
            .status(Status::Planned(Later::Lvs))
            .default("nocsum")
            .values("gue: all; gre: nocsum, csum; ipip: none")
            .doc("Tunnel encapsulation with remote checksum offload."),
    ],
);
