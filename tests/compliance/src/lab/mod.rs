//! The laboratory of a scenario: routers A and B and an injector I, each in a network namespace of its own, on one
//! switch in a fourth.

pub mod capture;
pub mod inject;
pub mod mail;
pub mod namespace;
pub mod packet;
pub mod ping;
pub mod sign;
pub mod usage;

use std::net::IpAddr;

use capture::Capture;
use inject::Injector;
use namespace::Namespace;

use crate::outcome::Verdict;

/// A machine of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Router 10.9.0.1, fd09::1, MAC 02:00:00:00:00:01.
    A,
    /// Router 10.9.0.2.
    B,
    /// The injector, 10.9.0.3.
    I,
}

impl Node {
    /// Last octet of all its addresses.
    pub fn number(self) -> u8 {
        match self {
            Self::A => 1,
            Self::B => 2,
            Self::I => 3,
        }
    }

    /// The name of its port on the switch.
    pub fn port(self) -> &'static str {
        match self {
            Self::A => "port-a",
            Self::B => "port-b",
            Self::I => "port-i",
        }
    }

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::I => "i",
        }
    }
}

/// Three machines, a switch, a capture and an injector. Dropping it removes all of them.
#[derive(Debug)]
pub struct Lab {
    pub capture: Capture,
    pub injector: Injector,
    switch: Namespace,
    nodes: [Namespace; 3],
}

impl Lab {
    /// Makes the lab; skips where network namespaces are not to be had.
    pub fn new() -> Verdict<Self> {
        let switch = Namespace::new("switch")?;
        // Silence from the switch itself: it must not take part in neighbour discovery.
        switch.sysctl("ipv6/conf/default/disable_ipv6", "1")?;
        switch.ip(&[
            "link add br0 type bridge mcast_snooping 0 forward_delay 0",
            "link set br0 up",
        ])?;
        let nodes = [
            connect(&switch, Node::A)?,
            connect(&switch, Node::B)?,
            connect(&switch, Node::I)?,
        ];
        let mut ports = Vec::new();
        for node in [Node::A, Node::B, Node::I] {
            ports.push((switch.interface_index(node.port())?, node));
        }
        let capture = Capture::start(&switch, ports)?;
        let injector = Injector::open(&nodes[2])?;
        Ok(Self {
            capture,
            injector,
            switch,
            nodes,
        })
    }

    /// The namespace of a machine.
    pub fn node(&self, node: Node) -> &Namespace {
        &self.nodes[usize::from(node.number()) - 1]
    }

    /// Pulls (false) or plugs (true) the cable of a machine at the switch: it loses its carrier.
    pub fn cable(&self, node: Node, plugged: bool) -> Verdict {
        self.switch.ip(&[&format!(
            "link set dev {} {}",
            node.port(),
            if plugged { "up" } else { "down" }
        )])
    }

    /// Gives a machine another cable to the same switch; its end there is `name`, without addresses and up.
    pub fn another_cable(&self, node: Node, name: &str) -> Verdict {
        let (port, path) = (format!("{}-{name}", node.port()), self.node(node).path());
        self.switch.ip(&[
            &format!("link add {port} type veth peer name {name} netns {path}"),
            &format!("link set {port} master br0 up"),
        ])?;
        self.node(node).ip(&[&format!("link set {name} up")])?;
        self.capture.add_port(self.switch.interface_index(&port)?, node);
        Ok(())
    }

    /// Pulls (false) or plugs (true) a cable made by [`Self::another_cable`].
    pub fn pull_another(&self, node: Node, name: &str, plugged: bool) -> Verdict {
        let state = if plugged { "up" } else { "down" };
        self.switch
            .ip(&[&format!("link set dev {}-{name} {state}", node.port())])
    }

    /// Gives A and B a second interface, `e1` with 10.8.0.1/24 and 10.8.0.2/24, on a switch of its own.
    pub fn second_network(&self) -> Verdict {
        self.switch.ip(&[
            "link add br1 type bridge mcast_snooping 0 forward_delay 0",
            "link set dev br1 up",
        ])?;
        for node in [Node::A, Node::B] {
            let (namespace, n) = (self.node(node), node.number());
            self.switch.ip(&[
                &format!("link add second-{n} type veth peer name e1 netns {}", namespace.path()),
                &format!("link set dev second-{n} master br1 up"),
            ])?;
            namespace.ip(&["link set dev e1 up", &format!("address add 10.8.0.{n}/24 dev e1")])?;
        }
        Ok(())
    }

    /// Pulls (false) or plugs (true) a machine's cable to the second network.
    pub fn second_cable(&self, node: Node, plugged: bool) -> Verdict {
        let state = if plugged { "up" } else { "down" };
        self.switch
            .ip(&[&format!("link set dev second-{} {state}", node.number())])
    }

    /// Disconnects a machine's port without taking its carrier: frames vanish.
    pub fn isolate(&self, node: Node, isolated: bool) -> Verdict {
        let rest = if isolated { "nomaster" } else { "master br0" };
        self.switch.ip(&[&format!("link set dev {} {rest}", node.port())])
    }

    /// Whether a machine has an address now.
    pub fn has_address(&self, node: Node, address: IpAddr) -> Verdict<bool> {
        self.node(node).has_address(address)
    }
}

fn connect(switch: &Namespace, node: Node) -> Verdict<Namespace> {
    let namespace = Namespace::new(node.name())?;
    let (port, n) = (node.port(), node.number());
    for scope in ["all", "default"] {
        namespace.sysctl(&format!("ipv6/conf/{scope}/accept_dad"), "0")?;
        namespace.sysctl(&format!("ipv6/conf/{scope}/accept_ra"), "0")?;
    }
    switch.ip(&[
        &format!(
            "link add {port} type veth peer name e0 address 02:00:00:00:00:0{n} netns {}",
            namespace.path()
        ),
        &format!("link set {port} master br0 up"),
    ])?;
    namespace.ip(&[
        "link set e0 up",
        &format!("address add 10.9.0.{n}/24 dev e0"),
        &format!("address add fd09::{n}/64 dev e0 nodad"),
    ])?;
    Ok(namespace)
}
