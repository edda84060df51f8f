//! Configurations that many scenarios share.

/// The virtual address of the descriptions.
pub const VIP: &str = "10.9.0.100/24";

/// Instance V1 on e0 with VRID 51. `lines` are its own keywords, `addresses` the lines of its address block.
pub fn instance(lines: &str, addresses: &str) -> String {
    named("V1", 51, lines, addresses)
}

/// An instance of another name and VRID.
pub fn named(name: &str, vrid: u8, lines: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance {name} {{\ninterface e0\nvirtual_router_id {vrid}\n{lines}\nvirtual_ipaddress {{\n{addresses}\n}}\n}}\n"
    )
}
