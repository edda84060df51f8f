//! Configurations of unusual size.

use std::fmt::Write as _;

/// The example of the manual that makes 65,024 instances of one line, on interfaces that need not exist.
pub(crate) fn manual_sequence() -> String {
    "global_defs {\n    dynamic_interfaces\n}\n\
     $VI4= \\\n\
     track_file offset_instance_4.${IF}.${NUM}.${ID} { \\\n\
         file \"${_PWD}/679/track_files/4.${IF}.${NUM}.${ID}\" \\\n\
         weight -100 \\\n\
     } \\\n\
     vrrp_instance vrrp4.${IF}.${NUM}.${ID} { \\\n\
         interface bond${IF}.${NUM} \\\n\
         use_vmac vrrp4.${IF}.${NUM}.${ID} \\\n\
         virtual_router_id ${ID} \\\n\
         priority 130 \\\n\
         virtual_ipaddress { \\\n\
             10.${IF}.${NUM}.${ID}/24 \\\n\
         } \\\n\
         track_file { \\\n\
             offset_instance_4.${IF}.${NUM}.${ID} \\\n\
         } \\\n\
     }\n\n\
     ~SEQ(IF,0,7) ~SEQ(NUM,0,31) ~SEQ(ID,1,254) $VI4\n"
        .to_owned()
}

/// Instances written out one by one, 250 an interface.
pub(crate) fn written_out(count: usize) -> String {
    let mut text = "global_defs {\n    dynamic_interfaces\n}\n".to_owned();
    for i in 0..count {
        let (interface, vrid) = (i / 250, i % 250 + 1);
        let _ = write!(
            text,
            "vrrp_instance V{i} {{\n    interface eth{interface}\n    virtual_router_id {vrid}\n    priority 100\n    \
             advert_int 1\n    virtual_ipaddress {{\n        10.{}.{}.{vrid}/24\n    }}\n}}\n",
            interface / 256,
            interface % 256
        );
    }
    text
}

/// Virtual servers with TCP checks.
pub(crate) fn virtual_servers(services: usize, servers: usize) -> String {
    let mut text = String::new();
    for service in 1..=services {
        let _ = write!(
            text,
            "virtual_server 10.1.{}.{} 80 {{\n    delay_loop 6\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n",
            service / 256,
            service % 256
        );
        for server in 1..=servers {
            let _ = write!(
                text,
                "    real_server 10.2.{}.{} 80 {{\n        weight 1\n        TCP_CHECK {{\n            connect_timeout 3\n        }}\n    }}\n",
                service % 256,
                server % 256
            );
        }
        text += "}\n";
    }
    text
}

/// Many instances of version 3, the same number on each of the interfaces `e1`, `e2`, ...
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) interfaces: usize,
    pub(crate) each: usize,
    pub(crate) priority: u8,
    pub(crate) interval: &'static str,
}

impl Shape {
    /// A thousand instances on four cables.
    pub(crate) const fn thousand(priority: u8, interval: &'static str) -> Self {
        Self {
            interfaces: 4,
            each: 250,
            priority,
            interval,
        }
    }

    pub(crate) const fn instances(&self) -> usize {
        self.interfaces * self.each
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for interface in 1..=self.interfaces {
            let (high, low) = (interface / 256, interface % 256);
            for vrid in 1..=self.each {
                let _ = write!(
                    text,
                    "vrrp_instance V{interface}_{vrid} {{\n    version 3\n    interface e{interface}\n    virtual_router_id {vrid}\n    \
                     priority {}\n    advert_int {}\n    garp_master_delay 0\n    garp_master_repeat 1\n    \
                     virtual_ipaddress {{\n        10.{high}.{low}.{vrid}/32\n    }}\n}}\n",
                    self.priority, self.interval
                );
            }
        }
        text
    }
}
