//! Names of VMACs and ipvlans that have none in the configuration (`vrrp.md` 11.1).

use std::collections::HashMap;

use keepalived_model::units::{Family, IfName, Vrid};

/// Longest name the kernel takes, octets.
const LONGEST: usize = 15;

/// Gives out names, none of them twice.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The number to try next for a prefix and VRID: with 255 interfaces that all have VRID 51, looking from 1 each time would
    /// cost the square of them.
    next: HashMap<(Box<str>, Vrid), u32>,
}

impl Names {
    /// `PREFIX.VRID`; when that is taken, `PREFIX6.VRID` for IPv6, then `PREFIX1.VRID`, `PREFIX2.VRID` and so on. A prefix that is too
    /// long is cut. `None` when all are taken.
    pub(super) fn generate(
        &mut self,
        prefix: &str,
        vrid: Vrid,
        family: Family,
        taken: impl Fn(&IfName) -> bool,
    ) -> Option<IfName> {
        let free = |number: Option<u32>| name(prefix, number, vrid).filter(|name| !taken(name));
        let plain = free(None).or_else(|| (family == Family::V6).then(|| free(Some(6))).flatten());
        if plain.is_some() {
            return plain;
        }
        let next = self.next.entry((prefix.into(), vrid)).or_insert(1);
        // Every number is looked at once, and there are fewer interfaces than numbers.
        while *next < u32::from(u16::MAX) * 2 {
            let number = *next;
            *next += 1;
            if let Some(name) = free(Some(number)) {
                return Some(name);
            }
        }
        None
    }
}

fn name(prefix: &str, number: Option<u32>, vrid: Vrid) -> Option<IfName> {
    let number = number.map(|n| n.to_string()).unwrap_or_default();
    let tail = format!("{number}.{vrid}");
    let mut room = LONGEST.saturating_sub(tail.len()).min(prefix.len());
    while !prefix.is_char_boundary(room) {
        room -= 1;
    }
    let (head, _) = prefix.split_at(room);
    IfName::new(&format!("{head}{tail}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn vrid(n: u8) -> Vrid {
        Vrid::new(n).expect("valid")
    }

    /// Takes as many names as there are families, as the original was seen to.
    fn names(prefix: &str, n: u8, families: &[Family], foreign: &[&str]) -> Vec<String> {
        let mut names = Names::default();
        let mut taken: HashSet<IfName> = foreign.iter().filter_map(|name| IfName::new(name)).collect();
        families
            .iter()
            .map(|family| {
                let name = names
                    .generate(prefix, vrid(n), *family, |name| taken.contains(name))
                    .expect("one is free");
                assert!(taken.insert(name), "{name} was given out twice");
                name.to_string()
            })
            .collect()
    }

    use Family::{V4, V6};

    #[test]
    fn a_taken_name_gets_a_number_and_ipv6_the_six_first() {
        let all = names("vrrp", 51, &[V4, V4, V6, V6, V4], &[]);
        assert_eq!(all, ["vrrp.51", "vrrp1.51", "vrrp6.51", "vrrp2.51", "vrrp3.51"]);
        assert_eq!(names("vrrp", 52, &[V6, V4], &[]), ["vrrp.52", "vrrp1.52"]);
        assert_eq!(
            names("vrrp", 51, &[V4, V4], &["vrrp.51", "vrrp1.51"]),
            ["vrrp2.51", "vrrp3.51"]
        );
    }

    #[test]
    fn a_number_that_reaches_six_is_not_given_twice() {
        let all = names("v", 1, &[V6, V6, V4, V4, V4, V4, V4, V4], &[]);
        assert_eq!(all, ["v.1", "v6.1", "v1.1", "v2.1", "v3.1", "v4.1", "v5.1", "v7.1"]);
    }

    #[test]
    fn a_long_prefix_is_cut() {
        let all = names("averyveryverylong", 151, &[V4, V4], &[]);
        assert_eq!(all, ["averyveryve.151", "averyveryv1.151"]);
        assert_eq!(names("größergrößer", 5, &[V4], &[]), ["größergrö.5"]);
    }

    #[test]
    fn two_hundred_and_fifty_five_of_one_vrid_get_names() {
        let all = names("vrrp", 7, &[V4; 255], &[]);
        assert_eq!(all.last().map(String::as_str), Some("vrrp254.7"));
    }
}
