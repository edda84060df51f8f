//! `keepalived_check.data`: what is configured (`runtime.md` 7.2).

use std::fmt::{self, Write};

use keepalived_model::{
    config::Config,
    lvs::{Check, CheckKind, Endpoint, Forwarding, Group, GroupEntry, Lvs, Protocol, RealServer, Ssl, VirtualServer},
};

/// Writes the sections of the checker, without the global definitions.
///
/// # Errors
/// What writing to `out` reports.
pub(super) fn write(out: &mut dyn Write, config: &Config) -> fmt::Result {
    let lvs = &config.lvs;
    if let Some(ssl) = &lvs.ssl {
        self::ssl(out, ssl)?;
    }
    if !lvs.virtual_servers.is_empty() {
        writeln!(out, "------< LVS Topology >------")?;
        topology(out, lvs)?;
    }
    let checks = || {
        lvs.virtual_servers
            .iter()
            .flat_map(|service| &service.real_servers)
            .any(|real| !real.checks.is_empty())
    };
    if checks() {
        writeln!(out, "------< Health checkers >------")?;
        for service in &lvs.virtual_servers {
            for real in &service.real_servers {
                for check in &real.checks {
                    health_check(out, service, real, check)?;
                }
            }
        }
    }
    Ok(())
}

fn ssl(out: &mut dyn Write, ssl: &Ssl) -> fmt::Result {
    writeln!(out, "------< SSL definitions >------")?;
    if ssl.password.is_some() {
        writeln!(out, " Password = ********")?;
    }
    for (name, value) in [
        ("CA-file", &ssl.ca),
        ("Certificate file", &ssl.certificate),
        ("Key file", &ssl.key),
    ] {
        if let Some(value) = value {
            writeln!(out, " {name} = {value}")?;
        }
    }
    Ok(())
}

fn topology(out: &mut dyn Write, lvs: &Lvs) -> fmt::Result {
    for group in &lvs.groups {
        writeln!(out, " ------< Virtual server group >------")?;
        virtual_server_group(out, group)?;
    }
    for service in &lvs.virtual_servers {
        writeln!(out, " ------< Virtual server >------")?;
        virtual_server(out, service)?;
        for real in &service.real_servers {
            writeln!(out, "   ------< Real server >------")?;
            real_server(out, real)?;
        }
    }
    Ok(())
}

fn virtual_server_group(out: &mut dyn Write, group: &Group) -> fmt::Result {
    writeln!(out, " Virtual Server Group = {}", group.name)?;
    for entry in &group.entries {
        match entry {
            GroupEntry::Range { first, last, port } if first == last => {
                writeln!(out, "   VIP = {first}, VPORT = {port}")?
            }
            GroupEntry::Range { first, last, port } => writeln!(out, "   VIP Range = {first}-{last}, VPORT = {port}")?,
            GroupEntry::Mark { mark, .. } => writeln!(out, "   FWMARK = {mark}")?,
        }
    }
    Ok(())
}

fn virtual_server(out: &mut dyn Write, service: &VirtualServer) -> fmt::Result {
    writeln!(out, " VS {}", Name(&service.endpoint))?;
    writeln!(out, "   delay_loop = {}", Seconds(service.delay_loop.as_micros()))?;
    writeln!(out, "   lvs_sched = {}", service.scheduler.name())?;
    if let Some(persistence) = &service.persistence {
        writeln!(out, "   persistence timeout = {}", persistence.timeout)?;
    }
    if let Some(protocol) = service.protocol {
        writeln!(out, "   protocol = {}", protocol_name(protocol))?;
    }
    writeln!(
        out,
        "   alpha is {}, omega is {}",
        switch(service.alpha),
        switch(service.omega)
    )?;
    writeln!(out, "   inhibit on failure is {}", switch(service.inhibit_on_failure))?;
    writeln!(
        out,
        "   quorum = {}, hysteresis = {}",
        service.quorum, service.hysteresis
    )?;
    writeln!(out, "   lvs_method = {}", method(service.forwarding))?;
    if let Some(name) = &service.virtualhost {
        writeln!(out, "   VirtualHost = {name}")?;
    }
    if let Some(sorry) = &service.sorry_server {
        writeln!(out, "   sorry server = [{}]:{}", sorry.address, sorry.port)?;
    }
    Ok(())
}

fn real_server(out: &mut dyn Write, real: &RealServer) -> fmt::Result {
    writeln!(
        out,
        "   RIP = {}, RPORT = {}, WEIGHT = {}",
        real.address, real.port, real.weight
    )?;
    writeln!(out, "     lvs_method = {}", method(real.forwarding))?;
    writeln!(out, "     inhibit on failure is {}", switch(real.inhibit_on_failure))?;
    if real.upper_threshold > 0 || real.lower_threshold > 0 {
        writeln!(
            out,
            "     upper threshold = {}, lower threshold = {}",
            real.upper_threshold, real.lower_threshold
        )?;
    }
    for (what, command) in [("notify_up", &real.notify_up), ("notify_down", &real.notify_down)] {
        if let Some(command) = command {
            writeln!(out, "     {what} script = {}", quoted(&command.argv))?;
        }
    }
    Ok(())
}

fn health_check(out: &mut dyn Write, service: &VirtualServer, real: &RealServer, check: &Check) -> fmt::Result {
    writeln!(
        out,
        " Real server [{}]:{} of {}",
        real.address,
        real.port,
        Name(&service.endpoint)
    )?;
    writeln!(out, "   Keepalive method = {}", check_name(&check.kind))?;
    writeln!(out, "   Delay loop = {}", Seconds(check.timing.delay_loop.as_micros()))?;
    writeln!(out, "   Retry count = {}", check.timing.retry)?;
    writeln!(
        out,
        "   Retry delay = {}",
        Seconds(check.timing.delay_before_retry.as_micros())
    )?;
    writeln!(out, "   Alpha is {}", switch(check.timing.alpha))
}

const fn check_name(kind: &CheckKind) -> &'static str {
    match kind {
        CheckKind::Tcp(_) => "TCP_CHECK",
        CheckKind::Http(_) => "HTTP_GET",
        CheckKind::Ssl(_) => "SSL_GET",
        CheckKind::Smtp { .. } => "SMTP_CHECK",
        CheckKind::Dns { .. } => "DNS_CHECK",
        CheckKind::Ping(_) => "PING_CHECK",
        CheckKind::Udp(_) => "UDP_CHECK",
        CheckKind::Misc(_) => "MISC_CHECK",
        CheckKind::File { .. } => "FILE_CHECK",
        CheckKind::Bfd { .. } => "BFD_CHECK",
    }
}

const fn protocol_name(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    }
}

const fn method(forwarding: Forwarding) -> &'static str {
    match forwarding {
        Forwarding::Nat => "NAT",
        Forwarding::Dr => "DR",
        Forwarding::Tun(_) => "TUN",
    }
}

const fn switch(on: bool) -> &'static str {
    if on { "ON" } else { "OFF" }
}

fn quoted(words: &[Box<str>]) -> String {
    words
        .iter()
        .map(|word| format!("'{word}'"))
        .collect::<Vec<_>>()
        .join(" ")
}

struct Name<'a>(&'a Endpoint);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Endpoint::Address(address, port) => write!(f, "VIP = {address}, VPORT = {port}"),
            Endpoint::Mark(mark) => write!(f, "FWMARK = {mark}"),
            Endpoint::Group(group) => write!(f, "GROUP = {group}"),
        }
    }
}

/// Microseconds as seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 / 1_000_000)?;
        match self.0 % 1_000_000 {
            0 => Ok(()),
            rest => f.write_str(format!(".{rest:06}").trim_end_matches('0')),
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::facts::Machine;

    #[test]
    fn services_servers_and_checks_are_listed() {
        let text = "virtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method DR\n protocol TCP\n delay_loop 2.5\n \
                    real_server 192.0.2.10 8080 {\n weight 3\n TCP_CHECK {\n connect_timeout 1\n }\n }\n}\n";
        let options = keepalived_config::Options {
            main: "x".into(),
            config_id: None,
            all_config: false,
        };
        let loaded = keepalived_config::load_text("x", text, &options, &Machine::default());
        let mut out = String::new();
        write(&mut out, &loaded.config).unwrap();
        for line in [
            "------< LVS Topology >------",
            " ------< Virtual server >------",
            " VS VIP = 192.0.2.1, VPORT = 80",
            "   delay_loop = 2.5",
            "   lvs_sched = rr",
            "   protocol = TCP",
            "   quorum = 1, hysteresis = 0",
            "   ------< Real server >------",
            "   RIP = 192.0.2.10, RPORT = 80, WEIGHT = 3",
            "------< Health checkers >------",
            "   Keepalive method = TCP_CHECK",
        ] {
            assert!(out.lines().any(|other| other == line), "{line:?} in\n{out}");
        }
        let mut nothing = String::new();
        write(&mut nothing, &Config::default()).unwrap();
        assert_eq!(nothing, "");
    }
}
