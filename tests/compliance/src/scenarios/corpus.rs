//! The corpus of configurations: the kernel's state after each, and after its end, is the same with both programs.

use super::Scenario;
use crate::corpus::compare;

/// A file of `corpus/`.
macro_rules! configuration {
    ($name:literal) => {
        Scenario::beside(
            $name,
            "corpus",
            6,
            "the same addresses, links, routes, rules and tables",
            |run| compare(run, include_str!(concat!("../../corpus/", $name, ".conf"))),
        )
    };
}

pub const SCENARIOS: &[Scenario] = &[
    configuration!("01-plain-v2"),
    configuration!("02-plain-v3"),
    configuration!("03-prefix-lengths"),
    configuration!("04-labels"),
    configuration!("05-scopes"),
    configuration!("06-broadcast"),
    configuration!("07-peer"),
    configuration!("08-other-interface"),
    configuration!("09-excluded"),
    configuration!("10-excluded-other-family"),
    configuration!("11-lifetimes"),
    configuration!("12-address-flags"),
    configuration!("13-many-addresses"),
    configuration!("14-plain-v6"),
    configuration!("15-v6-options"),
    configuration!("16-v6-excluded-v4"),
    configuration!("17-owner"),
    configuration!("18-backup"),
    configuration!("19-fault"),
    configuration!("20-track-weight"),
    configuration!("21-route-plain"),
    configuration!("22-route-source"),
    configuration!("23-route-table"),
    configuration!("24-route-multipath"),
    configuration!("25-route-types"),
    configuration!("26-route-metrics"),
    configuration!("27-route-realms"),
    configuration!("28-route-protocol"),
    configuration!("29-route-v6"),
    configuration!("30-route-v6-multipath"),
    configuration!("31-route-v6-options"),
    configuration!("32-route-both"),
    configuration!("33-rule-plain"),
    configuration!("34-rule-interface"),
    configuration!("35-rule-mark"),
    configuration!("36-rule-suppress"),
    configuration!("37-rule-selectors"),
    configuration!("38-rule-actions"),
    configuration!("39-rule-v6"),
    configuration!("40-rule-both"),
    configuration!("41-static-addresses"),
    configuration!("42-static-routes"),
    configuration!("43-static-rules"),
    configuration!("44-static-alone"),
    configuration!("45-static-group"),
    configuration!("46-sync-group"),
    configuration!("47-sync-group-fault"),
    configuration!("48-two-families"),
    configuration!("49-two-instances"),
    configuration!("50-vmac-v4"),
    configuration!("51-vmac-v6"),
    configuration!("52-vmac-named"),
    configuration!("53-vmac-both"),
    configuration!("54-vmac-excluded"),
    configuration!("55-vmac-address"),
    configuration!("56-vmac-addr-all"),
    configuration!("57-vmac-prefix"),
    configuration!("58-vmac-no-accept"),
    configuration!("59-vmac-v6-no-accept"),
    configuration!("60-vmac-backup"),
    configuration!("61-vmac-on-macvlan"),
    configuration!("62-no-accept"),
    configuration!("63-no-accept-v6"),
    configuration!("64-no-accept-v6-global"),
    configuration!("65-no-accept-names"),
    configuration!("66-no-accept-ifindex"),
    configuration!("67-no-accept-settings"),
    configuration!("68-no-accept-owner"),
    configuration!("69-no-accept-mixed"),
    configuration!("70-no-accept-reload"),
    configuration!("71-nftables-unused"),
    configuration!("72-strict"),
    configuration!("73-strict-v6"),
    configuration!("74-unicast"),
    configuration!("75-unicast-v6"),
    configuration!("76-promote-secondaries"),
    configuration!("77-garp"),
    configuration!("78-include"),
    configuration!("79-sequence"),
    configuration!("80-definitions"),
    configuration!("81-conditions"),
    configuration!("82-preempt"),
    configuration!("83-kept"),
    configuration!("84-left-over"),
    configuration!("85-duplicates"),
    configuration!("86-reload"),
    configuration!("87-everything"),
    configuration!("88-then-addresses"),
    configuration!("89-then-prefix"),
    configuration!("90-then-excluded"),
    configuration!("91-then-v6"),
    configuration!("92-then-routes"),
    configuration!("93-then-rules"),
    configuration!("94-then-static"),
    configuration!("95-then-instance"),
    configuration!("96-then-instance-gone"),
    configuration!("97-then-no-accept"),
    configuration!("98-then-no-accept-gone"),
    configuration!("99-then-vmac"),
    configuration!("100-then-vmac-gone"),
];

#[cfg(test)]
mod tests {
    #[test]
    fn every_file_is_used() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .expect("the corpus is there")
            .filter_map(|entry| {
                Some(
                    entry
                        .ok()?
                        .file_name()
                        .to_string_lossy()
                        .strip_suffix(".conf")?
                        .to_owned(),
                )
            })
            .collect();
        files.sort_unstable_by_key(|name| name.split('-').next().and_then(|n| n.parse::<u32>().ok()));
        let names: Vec<&str> = super::SCENARIOS.iter().map(|scenario| scenario.name).collect();
        assert_eq!(names, files);
        assert!(names.len() >= 60);
    }
}
