//! Codes KA2xxx (VRRP), KA3xxx (virtual servers), KA4xxx (BFD) and KA5xxx (scripts and security).

use crate::diag::{Class, Code, Severity};

macro_rules! codes {
    ($($name:ident = $id:literal, $title:literal, $severity:ident, $class:ident, $explanation:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $title, ".")]
            pub static $name: Code = Code {
                id: $id,
                title: $title,
                explanation: $explanation,
                severity: Severity::$severity,
                class: Class::$class,
            };
        )*
        /// All codes of this file, in the order of their numbers.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    // --- items of value blocks, common
    MISSING_INTERFACE = "KA2001", "interface does not exist", Fatal, General,
        "A named interface does not exist. keepalived refuses to start with such a configuration, because it could not know where to send adverts or put addresses. Correct the name (`ip link` lists the interfaces), create the interface before the daemon starts, or set `dynamic_interfaces` in `global_defs` when interfaces come later.";
    BAD_INTERFACE_NAME = "KA2002", "not an interface name", Error, General,
        "An interface name has 1 to 15 characters and contains neither `/` nor white space. The statement or item is ignored.";
    UNKNOWN_INTERFACE_ITEM = "KA2003", "unknown interface in a list", Error, Fatal,
        "A line of `linkbeat_interfaces` or `interface_up_down_delays` names an interface that does not exist. The line is ignored and the daemon starts.";
    BAD_ADDRESS = "KA2004", "not an IP address", Error, General,
        "Addresses are written as numbers (`192.0.2.1`, `2001:db8::1`). Host names are only looked up for `smtp_server`. The item or statement is ignored.";
    BAD_PREFIX_LENGTH = "KA2005", "bad prefix length", Error, InvalidNumber,
        "A prefix length is at most 32 for IPv4 and 128 for IPv6. The full length is used instead, so the address gets no connected subnet.";
    OPTION_WITHOUT_VALUE = "KA2006", "option without its value", Error, General,
        "The last word of the line is an option that needs a value after it.";
    UNKNOWN_ITEM_OPTION = "KA2007", "unknown option in a list item", Error, General,
        "The word is no option of this kind of line and is ignored. Value blocks hold one item a line, so a second item on the same line is such a word too.";
    BAD_ITEM_NUMBER = "KA2008", "bad number in a list item", Error, InvalidNumber,
        "The number is malformed or out of range; the option is ignored.";
    UNKNOWN_IPROUTE_NAME = "KA2009", "unknown iproute2 name", Error, General,
        "Routing tables, protocols, scopes, realms, types of service and interface groups may be written as numbers or as names of the iproute2 tables (`rt_tables`, `rt_protos`, ...; see `iproute_etc_dir`). The route or rule is dropped, an address option is ignored.";
    SURPLUS_NOTE = "KA2010", "surplus words in a line", Note, None,
        "Words after the last one with a meaning are ignored.";
    BAD_DELAY_NOTE = "KA2011", "bad delay of an interface", Warning, None,
        "A line of `interface_up_down_delays` is `INTERFACE DOWN [UP]` with seconds from 0 to 255. keepalived only logs this, so it does not change the exit code of `-t`.";
    MISSING_DEFAULT_INTERFACE = "KA2012", "no interface for a static address", Fatal, Fatal,
        "A static address needs `dev INTERFACE`; without it `default_interface` (or eth0) is used, and that does not exist.";

    // --- instances
    INSTANCE_DUPLICATE = "KA2101", "instance defined twice", Error, General,
        "A `vrrp_instance` of this name exists already; the later block is ignored. Names must be unique because groups, trackers and status refer to them.";
    VRID_MISSING = "KA2103", "no virtual router id", Fatal, General,
        "Every instance needs `virtual_router_id` (1 to 255). Routers that back each other up use the same one; two instances on one interface and of one address family must use different ones.";
    NO_INTERFACE = "KA2104", "instance without interface", Fatal, General,
        "An instance needs `interface`, unless it has unicast peers and a source address.";
    UNICAST_STRICT = "KA2105", "unicast peers in strict mode", Fatal, General,
        "RFC 9568 knows only multicast. With `strict_mode` (or `vrrp_strict`) unicast peers are refused on an interface that can do multicast.";
    UNICAST_WITHOUT_SOURCE = "KA2106", "unicast without interface and source", Fatal, General,
        "Without `interface` the source address of adverts must be written as `unicast_src_ip`.";
    LINK_LOCAL_WITHOUT_INTERFACE = "KA2107", "link-local source without interface", Fatal, General,
        "A link-local IPv6 address is only meaningful together with an interface.";
    NO_VIP_FATAL = "KA2108", "no virtual address", Fatal, General,
        "Version 3 and strict mode need at least one address in `virtual_ipaddress`. Write `no_virtual_ipaddress` when the instance is used for its notifications only (not in strict mode).";
    NO_VIP = "KA2109", "no virtual address", Warning, Warning,
        "The instance has no address in `virtual_ipaddress`. Write `no_virtual_ipaddress` when that is intended.";
    VRID_CONFLICT = "KA2110", "VRID used twice", Fatal, General,
        "Two instances of one address family use the same `virtual_router_id` on the same interface and would take each other's adverts for their own. Give one of them another id.";
    LOOPBACK = "KA2111", "loopback interface", Error, General,
        "VRRP cannot run on a loopback interface; the statement is ignored.";
    BAD_STATE = "KA2112", "unknown initial state", Error, General,
        "`state` is MASTER or BACKUP in upper case. BACKUP is used.";
    STATE_CORRECTED = "KA2113", "initial state corrected", Warning, General,
        "The initial state does not fit the rest of the instance and was corrected.";
    VERSION_CONFLICT = "KA2114", "version contradicts the family", Error, General,
        "IPv6 needs version 3; `version 2` is ignored once the instance is known to be IPv6.";
    FAMILY_CONFLICT = "KA2115", "address of the other family", Error, General,
        "All virtual addresses, peers and source addresses of an instance are of one family. The first that is written decides; the others are ignored. Use a second instance for the other family, or `virtual_ipaddress_excluded`.";
    VIP_DUPLICATE = "KA2116", "virtual address twice", Warning, General,
        "The same address is listed twice; the later one is ignored.";
    VIP_EXCESS = "KA2117", "too many virtual addresses for one advert", Warning, General,
        "An advert holds at most 255 addresses and must fit the MTU of the interface. The rest moves to the excluded addresses: they come and go with the state, but are not advertised.";
    VIP_WITHOUT_INTERFACE = "KA2118", "address without interface", Error, General,
        "The instance has no interface and the address has no `dev`; it is dropped.";
    AUTH_DROPPED = "KA2119", "authentication has no effect", Warning, General,
        "The authentication of RFC 2338 exists only in version 2 and outside strict mode, and AH only for IPv4. It never protected against anybody who can read the network. For version 3 use `auth_hmac`.";
    HMAC_DISABLED = "KA2122", "auth_hmac is disabled", Error, General,
        "`active_key` must name a key that is defined, otherwise the extension is disabled and adverts are sent without protection.";
    HMAC_KEY = "KA2123", "bad HMAC key", Error, General,
        "A key is `key ID VALUE` with an id from 1 to 255 that is used once, and a value of 32 to 64 bytes: plain text, `hex:DIGITS`, or `file:PATH`.";
    NO_PEERS = "KA2125", "unicast keyword without peers", Warning, Deprecated,
        "A unicast keyword was written but no `unicast_peer` is left, so multicast is used. Add peers, or remove the keyword. With `unicast_fault_no_peer` the instance goes to FAULT instead.";
    UNICAST_OPTION = "KA2126", "option does not fit the transport", Warning, General,
        "`mcast_dst_ip` has no effect with unicast peers, `unicast_ttl` none without.";
    PEER_TTL = "KA2127", "TTL limits exclude everything", Error, General,
        "`min_ttl` is above `max_ttl`.";
    PEER_DUPLICATE = "KA2128", "peer twice", Warning, General,
        "The same unicast peer is listed twice; the later one is ignored.";
    XMIT_BASE_SET = "KA2129", "adverts leave from the base interface", Warning, General,
        "Unicast adverts cannot leave from a virtual MAC interface, so `vmac_xmit_base` is set. Write it.";
    VMAC_OPTION = "KA2130", "VMAC option has no effect", Warning, General,
        "The option contradicts another setting of the instance and was cleared.";
    LINK_OPTION = "KA2131", "surplus word of use_vmac or use_ipvlan", Error, General,
        "`use_vmac [[name] NAME] [MAC] [group GROUP] [netlink_notify_msg]` and `use_ipvlan [[name] NAME] [ADDRESS[/LENGTH]] [bridge|private|vepa] [group GROUP]` take each part once.";
    BAD_MAC = "KA2132", "bad MAC address", Error, General,
        "A MAC address for `use_vmac` is unicast, has five or six octets (the VRID completes five) and lies outside 00:00:5e:00:01:xx and 00:00:5e:00:02:xx.";
    VRF_DROPPED = "KA2133", "vrf has no effect", Warning, General,
        "`vrf` is for unicast instances without `interface`.";
    PREEMPT_CLEARED = "KA2134", "preemption setting cleared", Warning, General,
        "The address owner (priority 255) and an instance with `state MASTER` always preempt; `preempt_delay` needs preemption and initial state BACKUP.";
    TIMER_EXPIRED_CLEARED = "KA2135", "timer_expired_backup needs nopreempt", Warning, General,
        "`timer_expired_backup` only means something together with `nopreempt`.";
    STRICT_RESET = "KA2136", "setting reset by strict mode", Warning, General,
        "Strict mode follows RFC 9568 to the letter, and this setting departs from it.";
    ADVERT_ROUNDED = "KA2137", "advert interval adjusted", Warning, General,
        "Version 2 counts whole seconds from 1 to 255, version 3 counts 10 ms from 0.01 s to 40.95 s.";
    OWNER_IGNORE = "KA2138", "owner_ignore_adverts reset", Warning, General,
        "An address owner ignores adverts of others; `owner_ignore_adverts no` is overruled for priority 255.";
    CONFIG_FAULT = "KA2139", "instance can never run", Error, General,
        "The instance stays in FAULT until the configuration or the machine changes.";
    CONFIG_FAULT_NOTE = "KA2140", "instance can never run", Warning, None,
        "The instance stays in FAULT, as `unicast_fault_no_peer` asks.";
    OWN_INTERFACE_TRACKED = "KA2141", "own interface tracked", Warning, General,
        "An instance always tracks its own interface; listing it has no effect.";
    VIP_NOT_LINK_LOCAL = "KA2142", "first IPv6 address is not link-local", Warning, None,
        "RFC 9568 section 5.2.9 wants the first IPv6 address of an advert to be link-local.";
    VIP_NOT_LINK_LOCAL_STRICT = "KA2143", "first IPv6 address is not link-local", Warning, General,
        "RFC 9568 section 5.2.9 wants the first IPv6 address of an advert to be link-local; strict mode insists.";
    DEPRECATED_KEYWORD = "KA2144", "deprecated setting", Warning, Deprecated,
        "The setting still works, but there is a better one.";
    MCAST_GROUP = "KA2145", "not a usable multicast group", Error, General,
        "`mcast_dst_ip` is a multicast address of the instance's family, for IPv6 of link-local scope (ff02::/16).";
    VMAC_CLASH = "KA2146", "virtual MAC used twice", Error, General,
        "Two instances outside a common sync group would use the same generated virtual MAC on the same interface.";
    VMAC_NAME_CLASH = "KA2147", "interface name taken", Warning, General,
        "The name asked for belongs to another instance or to a foreign interface and was dropped; a name is generated.";
    HMAC_KEY_FILE = "KA2148", "key file is not private", Error, Security,
        "A file with an HMAC key must be readable by its owner only (`chmod 600 FILE`).";
    LATE_VERSION = "KA2149", "version written twice", Error, General,
        "A later `version` that contradicts an earlier one is ignored.";
    SYNC_DAEMON_INSTANCE = "KA2150", "instance of lvs_sync_daemon unknown", Warning, None,
        "`lvs_sync_daemon` names a `vrrp_instance` that does not exist; the setting is cleared. keepalived only logs this.";

    // --- sync groups, trackers
    GROUP_DUPLICATE = "KA2201", "group defined twice", Error, General,
        "A group of this name exists already; the later block is ignored.";
    GROUP_EMPTY = "KA2202", "group without members", Error, General,
        "The group has no members that exist and is removed.";
    GROUP_MEMBER = "KA2203", "member ignored", Error, General,
        "A member of a sync group must be a `vrrp_instance` that exists and that is in no other sync group.";
    GROUP_SINGLE = "KA2204", "group with one member", Warning, General,
        "A sync group keeps instances together; with one member it does nothing.";
    GROUP_MIXED_OWNERS = "KA2206", "owners and others in one group", Warning, General,
        "Some members are address owners (priority 255) and some are not, so the group cannot settle.";
    TRACK_GROUP_UNKNOWN = "KA2207", "unknown track group", Error, General,
        "A `track_group` must be defined before the static item that names it; it is ignored.";
    TRACK_GROUP_MEMBER = "KA2208", "unknown member of a track group", Warning, None,
        "The instance does not exist and is skipped. keepalived only logs this.";
    TRACK_GROUP_EMPTY = "KA2209", "track group without members", Warning, None,
        "The track group has no members that exist and is removed. keepalived only logs this.";
    TRACK_GROUP_WITHOUT_INTERFACE = "KA2210", "track_group without interface", Error, General,
        "A track group follows the interface of the item, so the item must name one.";
    TRACKER_UNKNOWN = "KA2301", "tracked object not found", Error, General,
        "`vrrp_script`, `vrrp_track_process`, `track_file` and `bfd_instance` must be defined above the block that tracks them. The entry is ignored.";
    TRACKER_DUPLICATE = "KA2302", "tracked twice", Warning, General,
        "The same object is tracked twice here; the later entry is ignored.";
    TRACKER_DROPPED = "KA2303", "tracker dropped", Error, General,
        "A tracker line is `NAME [weight N [reverse|noreverse]]`, one a line.";
    BAD_WEIGHT = "KA2304", "bad weight", Error, InvalidNumber,
        "Weights of interfaces, scripts and BFD sessions are -253 to 253, those of files and processes -254 to 254.";
    WEIGHT_NEUTRALISED = "KA2305", "weight has no effect", Warning, General,
        "Members of a sync group (without `sync_group_tracking_weight`) and address owners cannot change their priority, so weighted trackers are dropped or become unweighted.";
    SCRIPT_EMPTY = "KA2306", "script block without script", Error, General,
        "The block has no `script` and is removed.";
    SCRIPT_UNUSED = "KA2307", "script not used", Warning, None,
        "Nothing refers to this `vrrp_script`, so it never runs. keepalived tells so only in the daemon's log.";
    TRACKED_WITHOUT_TARGET = "KA2308", "tracker without target", Error, General,
        "A `track_file` needs `file`, a `vrrp_track_process` needs `process`; without it the block is removed.";
    TRACK_BOTH = "KA2310", "tracked by group and member", Note, None,
        "The sync group tracks the same object; its entry takes over.";
    NAME_TWICE = "KA2312", "name defined twice", Note, None,
        "Two blocks of this kind have the same name; references find the first.";
    PROCESS_QUORUM = "KA2313", "quorum does not fit quorum_max", Error, General,
        "`quorum_max` must not be below `quorum`; the later of the two is ignored.";
    FILE_UNWATCHABLE = "KA2314", "tracked file cannot be watched", Error, None,
        "The directory of a `track_file` must exist on a file system that tells of changes and can be written; else nothing tracks the file. keepalived only logs this.";

    // --- addresses, routes, rules
    ADDRESS_OPTION = "KA2401", "bad option of an address", Error, General,
        "An address line is `ADDRESS[/LENGTH] [dev INTERFACE] [scope SCOPE] [brd +|-|ADDRESS] [label LABEL] [peer ADDRESS[/LENGTH]] [home] [-nodad] [mngtmpaddr] [noprefixroute] [autojoin] [no_track] [preferred_lft SECONDS|forever]`.";
    ROUTE_DROPPED = "KA2501", "route dropped", Error, General,
        "The route cannot be understood as a whole and is dropped. Lines are those of `ip route add`.";
    ROUTE_OPTION = "KA2502", "option of a route ignored", Error, General,
        "The option is ignored or corrected; the route stays.";
    ROUTE_ENCAP = "KA2503", "bad encapsulation", Error, General,
        "The encapsulation is dropped; the route stays. Possible are `encap ip`, `ip6`, `mpls` and `ila`.";
    PROTOCOL_RESET = "KA2504", "protocol reset", Warning, General,
        "Routes and rules that are tracked carry protocol 18, by which they are recognised as ours.";
    RULE_DROPPED = "KA2601", "rule dropped", Error, General,
        "The rule cannot be understood as a whole and is dropped. Lines are those of `ip rule add`.";
    RULE_OPTION = "KA2602", "option of a rule ignored", Error, General,
        "The option is ignored; the rule stays.";
    RULE_WITHOUT_PREFERENCE = "KA2603", "rule without preference", Warning, General,
        "Rules without `preference` get 16384, 16383, ... in configuration order.";
    GARP_GROUP = "KA2701", "garp_group ignored", Error, General,
        "A `garp_group` needs an interval and interfaces that are in no other group and are no virtual MACs.";

    // --- virtual servers
    VS_HEADER = "KA3001", "virtual server skipped", Error, General,
        "A block is `virtual_server ADDRESS [PORT]`, `virtual_server fwmark MARK` or `virtual_server group NAME`. It is skipped as a whole.";
    VS_EMPTY = "KA3002", "virtual server without real servers", Error, General,
        "A virtual server without a `real_server` is dropped.";
    VS_GROUP = "KA3003", "virtual server dropped", Warning, None,
        "The group is not defined or of another family. keepalived drops the virtual server and only logs it, so `-t` exits with 0.";
    GROUP_ENTRY = "KA3004", "group entry dropped", Error, General,
        "Entries are `ADDRESS [PORT]`, `FIRST-LAST [PORT]`, `NETWORK/LENGTH [PORT]` (without host bits) or `fwmark MARK [inet|inet6]`.";
    GROUP_REMOVED = "KA3005", "group removed", Error, General,
        "A `virtual_server_group` without entries, or with IPv4 and IPv6 entries and a mark without family, is removed.";
    BAD_PORT = "KA3006", "bad port", Error, InvalidNumber,
        "Ports are 1 to 65535; 0 or nothing means any.";
    BAD_MARK = "KA3007", "bad firewall mark", Error, InvalidNumber,
        "A firewall mark is a decimal number from 0 to 4294967295.";
    VS_DEFAULT = "KA3008", "default applied to a virtual server", Warning, General,
        "`protocol`, `lvs_sched` and `lvs_method` should be written; the defaults are UDP, wlc and NAT.";
    VS_CLEARED = "KA3009", "setting of a virtual server cleared", Warning, General,
        "The setting does not fit the kind of service and was cleared.";
    VS_PORT_ZERO = "KA3010", "port 0 needs persistence", Warning, General,
        "A service for all ports only works with persistence; `persistence_timeout 360` is set.";
    VS_QUORUM = "KA3011", "quorum corrected", Warning, General,
        "The quorum cannot exceed the total weight of the real servers, and the hysteresis must be below the quorum.";
    RS_FAMILY = "KA3012", "server of another family", Error, General,
        "Real and sorry servers have the family of the service, unless they are tunnelled (`lvs_method TUN`). It is skipped.";
    RS_DUPLICATE = "KA3013", "real server twice", Error, General,
        "The same address and port is listed twice; the later one is dropped.";
    RS_PORT = "KA3014", "port of a real server reset", Warning, General,
        "With direct routing and tunnelling packets are not rewritten, so the server must use the port of the service.";
    SORRY_SERVER = "KA3015", "sorry server setting", Error, General,
        "`sorry_server_inhibit` and `sorry_server_lvs_method` must follow `sorry_server`.";
    TUNNEL_OPTION = "KA3016", "bad tunnel options", Error, General,
        "`lvs_method TUN [type ipip|gue|gre] [port N] [nocsum|csum|remcsum]`: gue needs a port and nothing else may have one; ipip takes no checksum option; gre takes no remcsum. The statement has no effect.";
    SCHEDULER_FLAG = "KA3018", "scheduler flag without its scheduler", Error, General,
        "`sh-port` and `sh-fallback` must follow `lvs_sched sh`, `mh-port` and `mh-fallback` must follow `lvs_sched mh`.";
    VS_OPTION = "KA3019", "bad value in a virtual server", Error, General,
        "The value is not possible here; the statement is ignored.";
    CHECK_DROPPED = "KA3020", "check dropped", Error, General,
        "A check without its mandatory part is dropped: `misc_path`, `url` with `path`, `track_file`, `name`.";
    CHECK_OPTION = "KA3021", "bad value in a check", Error, General,
        "The value is not possible here; the statement is ignored.";
    CHECK_LINK_LOCAL = "KA3022", "link-local target without bind_if", Error, General,
        "A link-local IPv6 address needs `bind_if INTERFACE`; the check is dropped.";
    CHECK_NOTE = "KA3023", "setting of a check ignored", Warning, None,
        "keepalived only logs this, so it does not change the exit code of `-t`.";
    SSL_TWICE = "KA3024", "SSL written twice", Warning, General,
        "There is one `SSL` block; a second one replaces the first.";
    REPEATED = "KA3025", "setting overwritten", Warning, General,
        "The setting was already written; the later value is used.";
    SMTP_HOST = "KA3026", "host block of SMTP_CHECK", Warning, None,
        "The `host` block is deprecated and its options apply to the check itself. Write them there, or use several SMTP_CHECK blocks.";
    HASHED = "KA3027", "hashed has no effect", Warning, General,
        "`hashed` never did anything. Use `lvs_sched sh` or `mh`.";

    // --- BFD
    BFD_NAME = "KA4001", "BFD instance skipped", Error, General,
        "The name of a `bfd_instance` has at most 31 characters and is used once.";
    BFD_NEIGHBOUR = "KA4002", "BFD instance dropped", Error, General,
        "A `bfd_instance` needs `neighbor_ip`, of the same family as `source_ip`.";
    BFD_DUPLICATE = "KA4003", "BFD session twice", Error, General,
        "Another `bfd_instance` has the same neighbour and source; the later one is dropped.";
    BFD_HOPS = "KA4004", "max_hops reduced", Warning, General,
        "`max_hops` cannot exceed the TTL of sent packets.";
    BFD_LARGE = "KA4005", "interval is very long", Warning, None,
        "Intervals above 10 seconds are hardly what BFD is for.";

    // --- scripts and security
    SCRIPT_SECURITY_OFF = "KA5001", "scripts run without script security", Warning, Security,
        "Scripts run as root although nobody checks that only root can change them. Set `enable_script_security` in `global_defs`, and `script_user` to a user without privileges.";
    SCRIPT_INSECURE = "KA5002", "script could be changed by others", Error, General,
        "The script would run as root, but somebody else than root can change it or a directory on the way to it. With `enable_script_security` it is disabled.";
    SCRIPT_MISSING = "KA5003", "script cannot be run", Error, General,
        "The script is not there, or not executable, or not reachable for the user it would run as. It is disabled.";
    SCRIPT_MISSING_NOTE = "KA5004", "script cannot be run", Warning, None,
        "The script is not there, or not executable, or not reachable for the user it would run as. It is disabled; keepalived only logs this for notification scripts.";
    SCRIPT_USER = "KA5005", "unknown user or group of a script", Error, General,
        "The user or group does not exist; the script or check is removed.";
    SCRIPT_USER_NOTE = "KA5006", "unknown user or group of a script", Warning, None,
        "The user or group does not exist; the script is dropped. keepalived only logs this for notification scripts.";
    SCRIPT_INSECURE_NOTE = "KA5008", "script could be changed by others", Warning, None,
        "The script would run as root, but somebody else than root can change it or a directory on the way to it. It runs nevertheless, because `enable_script_security` is not set.";
    SCRIPT_QUOTE = "KA5010", "quote without its partner in a script line", Error, UnmatchedQuote,
        "Script lines know both kinds of quotes, and each needs its partner. The script is ignored.";
    SCRIPT_SEARCHED = "KA5011", "script found by searching PATH", Warning, None,
        "The script has no slash, so what runs depends on the PATH that the daemon was started with. keepalived only logs this.";
    FIFO_EQUAL = "KA5009", "FIFO used twice", Warning, None,
        "The FIFO of the specific notifications equals the general one and is dropped.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_our_ranges() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ALL {
            assert!(seen.insert(code.id), "{} is used twice", code.id);
            assert!(("KA2000".."KA6000").contains(&code.id), "{}", code.id);
            assert!(!code.explanation.is_empty());
        }
    }
}
